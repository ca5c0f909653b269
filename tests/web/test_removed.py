"""A call that was removed for good: who may see every call learns when and under what, everybody else nothing."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest
from django.test import Client

from ringbook.desk.people.models import Person
from ringbook.ledger.erasing import Removal
from ringbook.model.warrant import Ground
from ringbook.runtime.home import Home

from ..house import People, write_calls
from ..search.calls import HAND_MADE, at, identity
from ..warrants import a_warrant

pytestmark = pytest.mark.django_db


def test_a_removed_call_says_when_and_under_what_it_went(
    house: Home, people: People, as_: Callable[[Person], Client]
) -> None:
    began = at("2025-02-03T10:00")
    call = msgspec.structs.replace(
        next(iter(HAND_MADE.values())), id=identity(began, 0x410), started_at=began, tenant="main"
    )
    write_calls(house, [call])
    owner, agent = as_(people.owner), as_(people.agent)
    page, api = f"/calls/{call.id}/", f"/api/v1/calls/{call.id}"
    assert owner.get(page).status_code == owner.get(api).status_code == 200
    house.intake.remove(a_warrant(Ground.RETENTION, reference="rule:two-years"), Removal(calls=[call.id]))
    shown = owner.get(page)
    assert shown.status_code == 410
    assert "rule:two-years" in shown.content.decode()
    assert "kept long enough" in shown.content.decode()
    told = owner.get(api)
    assert told.status_code == 410
    assert told.headers["Content-Type"] == "application/problem+json"
    problem = told.json()
    assert (problem["ground"], problem["reference"]) == ("retention", "rule:two-years")
    assert problem["removed_at"].startswith("20")
    # An agent sees some calls only, and cannot know whether this was one of them.
    assert agent.get(page).status_code == agent.get(api).status_code == 404
    changes = owner.get("/api/v1/calls/changes", {"limit": 1000}).json()
    while call.id not in {item["id"] for item in changes["items"] if item["call"] is None}:
        assert changes["more"]
        changes = owner.get("/api/v1/calls/changes", {"since": changes["next_cursor"], "limit": 1000}).json()
