"""The worklist: who waits, who was called back, who takes care; within the scope, and settled until they try again."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Callable

from django.core.cache import cache
from django.test import Client

from ringbook.desk.directory.models import Callback
from ringbook.desk.governance.models import AuditEntry
from ringbook.desk.people.models import Person
from ringbook.model.call import AgentTalk, Direction, Outcome
from ringbook.model.instant import SECOND
from ringbook.runtime.home import Home

from ..analyse.calls import call, outside
from ..house import People, write_calls
from ..search.calls import inside

As = Callable[[Person], Client]
_PLACES = itertools.count(50_000)
MINUTE = 60 * SECOND


def rang(
    home: Home, number: str, outcome: str, *, ago: int, extension: str = "101", out: bool = False
) -> str:
    """A call some minutes ago, theirs unless ``out``."""
    ours = inside(extension, "Bo Dahl")
    made = call(
        next(_PLACES),
        time.time_ns() // 1000 - ago * MINUTE,
        "main",
        direction=Direction.OUTBOUND if out else Direction.INBOUND,
        outcome=Outcome(outcome),
        caller=ours if out else outside(number),
        called=outside(number) if out else ours,
        agents=(AgentTalk(extension, "Bo Dahl", 60.0),) if outcome == "answered" else (),
        wait_s=None if out else 30.0,
    )
    write_calls(home, [made])
    return made.id


def text(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined,no-any-return]


def row_of(client: Client, call_id: str, state: str = "all") -> str:
    """The row of a caller by the last lost call; empty when it is not on the list."""
    page = text(client.get(f"/missed/?state={state}"))
    return next(
        (row for row in page.split("<tr ") if f"/missed/{call_id}/" in row or f"/calls/{call_id}" in row), ""
    )


def test_a_missed_caller_waits_until_somebody_talks_to_them(house: Home, people: People, as_: As) -> None:
    client = as_(people.owner)
    rang(house, "+15125550401", "missed", ago=60)
    last = rang(house, "+15125550401", "abandoned", ago=30)
    row = row_of(client, last, "open")
    assert "Waiting" in row and "<b>2</b>" in row and "tel:+15125550401" in row
    rang(house, "+15125550401", "missed", ago=20, out=True)
    assert "Tried" in row_of(client, last, "open")
    back = rang(house, "+15125550401", "answered", ago=10, out=True)
    assert row_of(client, last, "open") == ""
    row = row_of(client, last, "returned")
    assert "Called back" in row and back in row and "Bo Dahl" in row and "50 min" in row


def test_any_number_of_a_contact_counts_as_called_back(house: Home, people: People, as_: As) -> None:
    client = as_(people.owner)
    last = rang(house, "+15125550411", "missed", ago=60)
    rang(house, "+15125550412", "answered", ago=30, out=True)
    assert "Waiting" in row_of(client, last)
    client.post("/contacts/new", {"name": "Two Lines", "number": ["+15125550411", "+15125550412"]})
    row = row_of(client, last)
    assert "Called back" in row and "Two Lines" in row


def test_taking_settling_undoing_and_trying_again(house: Home, people: People, as_: As) -> None:
    client = as_(people.agent)
    last = rang(house, "+15125550421", "missed", ago=60)
    assert client.post(f"/missed/{last}/assign", {"owner": "me", "version": "0"}).status_code == 302
    assert (
        "Bo Dahl" in row_of(client, last) and Callback.objects.get(party="+15125550421").owner == people.agent
    )
    done = client.post(f"/missed/{last}/settle", {"state": "ignored", "reason": "advert", "version": "1"})
    assert done.status_code == 302
    undo = re.search(r"/missed/undo/[\w:\-.]+", text(client.get("/missed/")))
    assert row_of(client, last, "open") == "" and "advert" in row_of(client, last, "settled")
    assert undo and client.post(undo[0]).status_code == 302
    assert "Waiting" in row_of(client, last, "open")
    client.post(f"/missed/{last}/settle", {"state": "done", "version": "3"})
    assert row_of(client, last, "open") == ""
    again = rang(house, "+15125550421", "missed", ago=5)
    assert "Waiting" in row_of(client, again, "open")
    actions = AuditEntry.objects.filter(action__startswith="callback:").values_list("action", "detail")
    assert [action for action, _ in actions] == [
        "callback:assigned",
        "callback:ignored",
        "callback:undone",
        "callback:done",
    ]
    assert not any("0421" in detail or "advert" in detail for _, detail in actions)


def test_whoever_is_late_changes_nothing(house: Home, people: People, as_: As) -> None:
    last = rang(house, "+15125550431", "missed", ago=60)
    as_(people.owner).post(f"/missed/{last}/assign", {"owner": str(people.owner.pk), "version": "0"})
    late = as_(people.agent).post(f"/missed/{last}/assign", {"owner": "me", "version": "0"}, follow=True)
    assert "Olga Orr" in text(late) and Callback.objects.get(party="+15125550431").owner == people.owner


def test_people_see_and_act_on_callers_of_their_own_calls_only(house: Home, people: People, as_: As) -> None:
    mine = rang(house, "+15125550441", "missed", ago=60)
    theirs = rang(house, "+15125550442", "missed", ago=60, extension="102")
    bo, sam = as_(people.agent), as_(people.supervisor)
    for client in (bo, sam):
        assert row_of(client, mine) and not row_of(client, theirs)
        assert client.post(f"/missed/{theirs}/assign", {"owner": "me"}).status_code == 404
        assert client.post(f"/missed/{theirs}/settle", {"state": "done"}).status_code == 404
        assert client.get(f"/missed/{theirs}/more").status_code == 404
    assert as_(people.auditor).post(f"/missed/{mine}/assign", {"owner": "me"}).status_code == 403
    assert not Callback.objects.exists()


def test_the_count_is_of_those_one_may_see(house: Home, people: People, as_: As) -> None:
    cache.clear()
    before = text(as_(people.other).get("/missed/count"))
    rang(house, "+15125550451", "missed", ago=60, extension="102")
    rang(house, "+15125550452", "missed", ago=60, extension="101")
    cache.clear()
    after = text(as_(people.other).get("/missed/count"))

    def number(body: str) -> int:
        found = re.search(r">(\d+)<", body)
        return int(found[1]) if found else 0

    assert number(after) == number(before) + 1


def test_filters_write_the_same_list(house: Home, people: People, as_: As) -> None:
    client = as_(people.owner)
    voice = rang(house, "+15125550461", "voicemail", ago=60)
    old = rang(house, "+15125550462", "missed", ago=60 * 24 * 20)
    page = text(client.get("/missed/?kind=voicemail&state=all"))
    assert f"/calls/{voice}" in page
    assert row_of(client, old) == ""
    assert f"/calls/{old}" in text(client.get("/missed/?state=all&days=30"))
    assert f"/calls/{voice}" not in text(client.get("/missed/?kind=missed&state=all"))
    client.post(f"/missed/{voice}/assign", {"owner": "me", "version": "0"})
    assert f"/calls/{voice}" in text(client.get("/missed/?owner=me"))
    assert f"/calls/{voice}" not in text(client.get("/missed/?owner=nobody&kind=voicemail"))
    for hostile in (
        "?days=-1",
        "?owner=%27",
        "?state=x",
        "?offset=9999999999",
        "?queue=%00%27",
        "?kind=busy",
        "?hours=x",
    ):
        assert client.get("/missed/" + hostile).status_code == 200, hostile


def test_what_is_new_comes_by_itself(house: Home, people: People, as_: As) -> None:
    client = as_(people.owner)
    last = rang(house, "+15125550471", "missed", ago=60)
    since = re.search(r'data-live-since="([^"]+)"', text(client.get("/missed/")))
    assert since
    assert client.get(f"/missed/live?since={since[1]}").status_code == 204
    # It began before the page was drawn, and is told of only now.
    rang(house, "+15125550471", "answered", ago=30)
    answer = client.get(f"/missed/live?since={since[1]}")
    assert answer.status_code == 200 and "Called back" in text(answer) and last in text(answer)
    fresh = rang(house, "+15125550472", "missed", ago=20)
    after = client.get(f"/missed/live?since={answer.headers['X-Live-Since']}")
    assert fresh in text(after) and last not in text(after)
    assert client.get("/missed/live?since=nonsense").headers["X-Live-Since"]


def test_the_calls_behind_a_caller_are_what_their_question_finds(
    house: Home, people: People, as_: As
) -> None:
    client = as_(people.owner)
    first = rang(house, "+15125550481", "missed", ago=90)
    last = rang(house, "+15125550481", "abandoned", ago=60)
    link = re.search(r'href="(/calls/\?q=[^"]+)"', row_of(client, last))
    assert link
    there = text(client.get(link[1].replace("&amp;", "&")))
    assert first in there and last in there


def test_withheld_numbers_say_so_and_offer_no_call(house: Home, people: People, as_: As) -> None:
    last = rang(house, "", "missed", ago=60)
    row = row_of(as_(people.owner), last)
    assert "Number withheld" in row and "tel:" not in row
