"""The overview in the page: for whom it is, what its numbers lead to, and what it never shows."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from html import unescape

from django.test import Client

from ringbook.desk.organisation.models import Organisation
from ringbook.desk.people.models import Person
from ringbook.model.call import AgentTalk, Direction, Outcome
from ringbook.model.instant import SECOND
from ringbook.runtime.home import Home

from ..analyse.calls import call, outside
from ..house import People, write_calls
from ..search.calls import inside

As = Callable[[Person], Client]
NUMBER = "+15125550177"


def ring(home: Home) -> None:
    """Three calls of the last minutes, two of them answered by Bo."""
    now = time.time_ns() // 1000
    made = [
        call(
            70_000 + number,
            now - (number + 1) * SECOND,
            "main",
            direction=Direction.INBOUND,
            outcome=outcome,
            caller=outside(NUMBER),
            called=inside("101", "Bo Dahl"),
            agents=(AgentTalk("101", "Bo Dahl", 60.0),) if outcome is Outcome.ANSWERED else (),
            wait_s=5.0,
        )
        for number, outcome in enumerate([Outcome.ANSWERED, Outcome.ANSWERED, Outcome.MISSED])
    ]
    write_calls(home, made)


def text_of(client: Client) -> str:
    answer = client.get("/overview/")
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def test_every_number_leads_to_its_calls_and_says_its_formula(as_: As, people: People, house: Home) -> None:
    ring(house)
    client = as_(people.owner)
    text = text_of(client)
    links = re.findall(r'class="stat-value" href="([^"]+)"', text)
    assert len(links) == 5
    assert text.count("How it is counted") == 5
    for link in links:
        assert client.get(link).status_code == 200
    assert "Bo Dahl" in text
    assert "hidden from you" not in text


def test_masked_people_see_no_callers(as_: As, people: People, house: Home) -> None:
    ring(house)
    Organisation.objects.update(masked_roles=["auditor"])
    text = text_of(as_(people.auditor))
    assert "Telephone numbers are hidden from you" in text
    assert not re.search(r"5550177|555.?0177", text)


def test_a_supervisor_has_the_overview_of_the_team(as_: As, people: People, house: Home) -> None:
    ring(house)
    supervisor = people.supervisor

    def calls_of(client: Client) -> int:
        found = re.search(r'class="stat-value" href="[^"]+">([\d,]+)', text_of(client))
        assert found
        return int(found[1].replace(",", ""))

    assert 3 <= calls_of(as_(supervisor)) <= calls_of(as_(people.owner))


def test_the_charts_are_drawn_by_a_library_of_our_own(as_: As, people: People, house: Home) -> None:
    ring(house)
    client = as_(people.owner)
    address = re.search(r'src="(/overview/charts-[^"]+)"', text_of(client))
    assert address
    answer = client.get(address[1])
    assert answer.status_code == 200
    assert answer["Content-Encoding"] == "gzip"
    assert answer["Content-Type"].startswith("text/javascript")
    assert len(answer.content) > 100_000
    assert client.get("/overview/charts-0.js").status_code == 404
