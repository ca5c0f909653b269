"""Logging a call by hand: ten seconds of typing, and it is a call like any other."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from ringbook.desk.annotations import by_hand, reading
from ringbook.desk.annotations.edit import By
from ringbook.desk.annotations.entry import Entry
from ringbook.desk.annotations.models import LoggedCall, Tag
from ringbook.desk.governance.models import AuditEntry
from ringbook.desk.people.models import Seat
from ringbook.model.call import Call, Direction
from ringbook.model.scope import Scope
from ringbook.runtime.home import Home
from ringbook.search import pages
from ringbook.web.pages.log_call.forms import seconds

from ..house import People

pytestmark = pytest.mark.django_db
EVERYTHING = Scope("main")
HTMX: Any = {"HTTP_HX_REQUEST": "true"}
TALK = {
    "party": "(512) 555-0142",
    "direction": "inbound",
    "outcome": "answered",
    "medium": "mobile",
    "talk": "5",
}
As = Callable[[Any], Client]


def found(house: Home, query: str, scope: Scope = EVERYTHING) -> list[Call]:
    return pages.list_calls(house.ledger, scope, query, now=time.time_ns() // 1000).items


def test_it_is_found_at_once_and_marked_as_entered(house: Home, people: People, as_: As) -> None:
    Tag.objects.create(name="mobile-talk")
    bo = as_(people.agent)
    answer = bo.post(reverse("log-call"), {**TALK, "note": "narwhal, ask @cy", "tags": "Mobile-Talk"}, **HTMX)
    assert answer.status_code == 204
    assert "@cy may not see it" in answer["HX-Trigger"].encode().decode("unicode_escape")
    call = found(house, "note:narwhal tag:mobile-talk entered-by:bo")[0]
    assert (call.caller.number, call.talk_s) == ("+15125550142", 300.0)
    assert [(one.extension, one.name) for one in call.agents] == [("101", "Bo Dahl")]
    assert house.ledger.calls(By.of(people.agent).scope, [call.id])
    assert not house.ledger.calls(By.of(people.other).scope, [call.id])
    text = bo.get(reverse("call", args=[call.id])).content.decode()
    assert "Entered by hand" in text
    assert AuditEntry.objects.filter(action="call:logged", subject=f"call:{call.id}").count() == 1


def test_somebody_without_an_extension_sees_their_own(house: Home, people: People, as_: As) -> None:
    Seat.objects.all().delete()
    as_(people.agent).post(reverse("log-call"), {**TALK, "party": "Max <b>Muster</b>", "medium": "in-person"})
    call = found(house, 'name:"Max <b>Muster</b>"', By.of(people.agent).scope)[0]
    assert (call.agents[0].extension, call.caller.number) == ("@bo", "")
    text = as_(people.agent).get(reverse("call", args=[call.id])).content.decode()
    assert "<b>Muster" not in text
    assert "Face to face" in text


def test_sending_the_form_twice_logs_one_call(house: Home, people: People, as_: As) -> None:
    fields = {**TALK, "party": "+15125550143", "note": "once", "key": by_hand.new_key()}
    for _ in range(2):
        as_(people.agent).post(reverse("log-call"), fields, **HTMX)
    calls = found(house, "number:+15125550143")
    assert len(calls) == 1
    assert len(reading.of_calls(EVERYTHING, [calls[0].id])[calls[0].id].notes) == 1


def test_a_correction_is_the_next_revision_of_the_same_call(house: Home, people: People, as_: As) -> None:
    bo = as_(people.agent)
    bo.post(reverse("log-call"), {**TALK, "party": "+442079460984"}, **HTMX)
    call = found(house, "number:+442079460984")[0]
    place = reverse("log-call") + f"?call={call.id}"
    form = bo.get(place, **HTMX).content.decode()
    assert 'value="+442079460984"' in form
    answer = bo.post(place, {**TALK, "party": "+442079460985", "talk": "", "version": 1}, **HTMX)
    assert answer["HX-Redirect"] == reverse("call", args=[call.id])
    again = found(house, "number:+442079460985")[0]
    assert (again.id, again.revision, again.talk_s) == (call.id, 2, None)
    assert found(house, "number:+442079460984") == []
    stale = bo.post(place, {**TALK, "party": "+442079460986", "version": 1}, **HTMX)
    assert stale.status_code == 422
    assert 'value="+442079460986"' in stale.content.decode()
    assert as_(people.supervisor).get(place).status_code == 403
    assert as_(people.other).get(place).status_code == 404
    assert as_(people.owner).get(place).status_code == 200
    assert LoggedCall.objects.get(call_id=call.id).version == 2


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"party": ""}, "required"),
        ({"at": "2031-01-01T10:00"}, "future"),
        ({"talk": "a while"}, "minutes and seconds"),
        ({"tags": "no such tag"}, "no tag"),
        ({"note": "x" * 100_001}, "100,000"),
        ({"outcome": "happy"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_is_refused_and_stays_in_the_form(
    house: Home, people: People, as_: As, changes: dict[str, str], said: str
) -> None:
    before = house.ledger.count(EVERYTHING)
    answer = as_(people.agent).post(reverse("log-call"), {**TALK, "note": "kept text", **changes}, **HTMX)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert said in text
    assert changes.get("note", "kept text") in text
    assert house.ledger.count(EVERYTHING) == before


def test_an_auditor_logs_nothing(people: People, as_: As) -> None:
    assert as_(people.auditor).get(reverse("log-call")).status_code == 403
    assert as_(people.auditor).post(reverse("log-call"), TALK).status_code == 403


def test_programs_log_calls_for_people(house: Home, people: People) -> None:
    by = By.of(people.administrator)
    entry = Entry(direction=Direction.OUTBOUND, outcome="missed", agent="101", number="+15125550150", at=None)
    told = by_hand.log_call(by, entry, key="crm-1")
    again = by_hand.log_call(by, entry, key="crm-1")
    assert (again.call_id, again.created, told.created) == (told.call_id, False, True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("5", 300),
        ("1,5", 90),
        ("1:30", 90),
        ("1:02:03", 3723),
        ("90s", 90),
        ("1h 5m", 3900),
        ("7 min", 420),
    ],
)
def test_lengths_are_read_as_people_write_them(text: str, expected: float | None) -> None:
    assert seconds(text) == expected
