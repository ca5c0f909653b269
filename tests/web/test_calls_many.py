"""What is done with many calls at once: tags and outcome codes, in the scope only, and taken back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from django.test import Client

from ringbook.desk.annotations import reading
from ringbook.desk.annotations.models import OutcomeCode
from ringbook.desk.people.access import scope_of
from ringbook.desk.people.models import Person
from ringbook.desk.workspace import runner
from ringbook.desk.workspace.models import Job
from ringbook.runtime.home import Home
from ringbook.search import pages
from ringbook.web.pages.calls import many

from ..house import People

As = Callable[[Person], Client]
HTMX = {"HX-Request": "true"}


def ids(house: Home, person: Person, query: str = "") -> list[str]:
    page = pages.list_calls(house.ledger, scope_of(person), query, limit=1000, now=10**16)
    return [call.id for call in page.items]


def tagged(person: Person, calls: list[str]) -> list[str]:
    added = reading.of_calls(scope_of(person), calls)
    return [call for call in calls if any(tag.name == "vip" for tag in added[call].tags)]


def test_chosen_calls_are_tagged_and_untagged_with_a_way_back(house: Home, people: People, as_: As) -> None:
    client, calls = as_(people.agent), ids(house, people.agent)[:3]
    asked = client.post("/calls/-/chosen/tag", {"call": calls}, headers=HTMX).content.decode()
    assert "Tag 3 calls" in asked
    assert all(f'value="{call}"' in asked for call in calls)
    done = client.post("/calls/-/chosen/tag", {"call": calls, "apply": "1", "new": "vip"}, headers=HTMX)
    assert done.status_code == 204
    assert tagged(people.agent, calls) == calls
    told = json.loads(done.headers["HX-Trigger"])
    assert told["toast"]["text"] == "Tagged 3 calls."
    assert client.post(told["toast"]["undo"], headers=HTMX).status_code == 204
    assert tagged(people.agent, calls) == []


def test_nobody_tags_calls_that_they_may_not_see(house: Home, people: People, as_: As) -> None:
    own, everything = ids(house, people.agent), ids(house, people.owner)
    foreign = next(call for call in everything if call not in own)
    as_(people.agent).post(
        "/calls/-/chosen/tag", {"call": [own[0], foreign], "apply": "1", "new": "vip"}, headers=HTMX
    )
    assert tagged(people.owner, [own[0], foreign]) == [own[0]]


def test_an_auditor_changes_nothing(house: Home, people: People, as_: As) -> None:
    calls = ids(house, people.auditor)[:1]
    answer = as_(people.auditor).post(
        "/calls/-/chosen/tag", {"call": calls, "apply": "1", "new": "vip"}, headers=HTMX
    )
    assert "may not change" in answer.headers["HX-Trigger"]
    assert tagged(people.owner, calls) == []


def test_all_of_a_large_result_is_tagged_in_the_background_and_taken_back(
    monkeypatch: pytest.MonkeyPatch, house: Home, people: People, as_: As
) -> None:
    monkeypatch.setattr(many, "AT_ONCE", 20)
    client, calls = as_(people.owner), ids(house, people.owner, "outcome:missed")
    assert len(calls) > 20
    started = client.post(
        "/calls/-/chosen/tag",
        {"everything": "on", "q": "outcome:missed", "apply": "1", "new": "vip"},
        headers=HTMX,
    )
    assert "hx-swap-oob" in started.content.decode()
    assert tagged(people.owner, calls) == []
    runner.run_waiting()
    assert tagged(people.owner, calls) == calls
    row = Job.objects.get()
    assert row.message == f"Tagged {len(calls)} calls."
    undo = re.search(r'hx-post="(/calls/-/undo/[^"]+)"', client.get(f"/jobs/{row.pk}").content.decode())
    assert undo
    client.post(undo[1], headers=HTMX)
    runner.run_waiting()
    assert tagged(people.owner, calls) == []


def test_an_outcome_code_is_set_on_chosen_calls(house: Home, people: People, as_: As) -> None:
    OutcomeCode.objects.create(key="sale", label="Sale")
    client, calls = as_(people.agent), ids(house, people.agent)[:2]
    assert "Sale" in client.post("/calls/-/chosen/outcome", {"call": calls}, headers=HTMX).content.decode()
    client.post("/calls/-/chosen/outcome", {"call": calls, "apply": "1", "value": "sale"}, headers=HTMX)
    added = reading.of_calls(scope_of(people.agent), calls)
    assert {one.outcome.key for one in added.values() if one.outcome} == {"sale"}


def test_too_many_or_nothing_is_refused_and_asked_again(house: Home, people: People, as_: As) -> None:
    client = as_(people.owner)
    assert client.post("/calls/-/chosen/fly", {}, headers=HTMX).status_code == 404
    calls = ids(house, people.owner)[:2]
    again = client.post("/calls/-/chosen/tag", {"call": calls, "apply": "1"}, headers=HTMX)
    assert again.status_code == 422
    assert "Choose a tag" in again.content.decode()
    much = client.post("/calls/-/chosen/tag", {"call": [str(n) for n in range(501)]}, headers=HTMX)
    assert "At most 500" in much.headers["HX-Trigger"]
