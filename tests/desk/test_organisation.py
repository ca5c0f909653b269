"""The organisation: seats that do not overlap, changes under a version, removals that can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from ringbook.desk.governance.audit import SYSTEM, verify
from ringbook.desk.governance.models import AuditEntry
from ringbook.desk.organisation.changes import StaleError, UndoError, add, change, put_back, remove
from ringbook.desk.organisation.models import Holiday, OurNumber, QueueName
from ringbook.desk.organisation.seats import SeatSpanError, SeatTakenError, change_seat, seat_person
from ringbook.desk.people.models import Seat

from ..house import People

pytestmark = pytest.mark.django_db


def at(month: int, day: int = 1) -> datetime:
    return datetime(2026, month, day, tzinfo=UTC)


def test_a_change_takes_the_next_version_and_is_audited() -> None:
    number = add(OurNumber(number="+15550100", label="Main"), SYSTEM, "number:added")
    changed = change(number, 1, SYSTEM, "number:changed", label="Reception")
    assert (changed.label, changed.version) == ("Reception", 2)
    assert [entry.action for entry in AuditEntry.objects.all()] == ["number:added", "number:changed"]
    assert list(verify()) == []


def test_a_change_of_an_old_version_is_refused_and_shows_the_present_one() -> None:
    number = add(OurNumber(number="+15550100", label="Main"), SYSTEM, "number:added")
    change(OurNumber.objects.get(), 1, SYSTEM, "number:changed", label="Theirs")
    with pytest.raises(StaleError) as stale:
        change(number, 1, SYSTEM, "number:changed", label="Mine")
    assert stale.value.current is not None
    assert stale.value.current.label == "Theirs"  # type: ignore[attr-defined]
    assert OurNumber.objects.get().label == "Theirs"


def test_a_change_of_what_was_removed_says_so() -> None:
    number = add(OurNumber(number="+15550100", label="Main"), SYSTEM, "number:added")
    remove(OurNumber.objects.get(), SYSTEM, "number:removed")
    with pytest.raises(StaleError) as stale:
        change(number, 1, SYSTEM, "number:changed", label="Mine")
    assert stale.value.current is None


@pytest.mark.parametrize(
    "make",
    [
        lambda: OurNumber(number="+15550100", label="Main", purpose="Printed on letters"),
        lambda: QueueName(queue="700", name="Support", service_level_s=30, version=4),
        lambda: Holiday(date=at(12, 24).date(), name="Christmas Eve", spans=[[540, 720]]),
    ],
)
def test_what_was_removed_comes_back_as_it_was(make: Callable[[], Any]) -> None:
    record = add(make(), SYSTEM, "thing:added")
    before = {field.name: getattr(record, field.name) for field in record._meta.fields}
    token = remove(record, SYSTEM, "thing:removed")
    assert not type(record).objects.exists()
    put_back(token, SYSTEM)
    there = type(record).objects.get()
    assert {field.name: getattr(there, field.name) for field in there._meta.fields} == before


def test_nothing_comes_back_over_what_took_its_place() -> None:
    token = remove(add(OurNumber(number="+15550100", label="Old"), SYSTEM, "a"), SYSTEM, "b")
    add(OurNumber(number="+15550100", label="New"), SYSTEM, "a")
    with pytest.raises(UndoError):
        put_back(token, SYSTEM)
    assert OurNumber.objects.get().label == "New"


def test_a_forged_undo_brings_nothing() -> None:
    with pytest.raises(UndoError):
        put_back("forged:token", SYSTEM)


@pytest.mark.parametrize(
    ("since", "until", "taken"),
    [
        (None, None, True),
        (at(3), None, True),
        (None, at(3), True),
        (at(4), at(5), True),
        (None, at(2), False),
        (at(6), None, False),
        (at(6), at(7), False),
        (at(1), at(2), False),
    ],
)
def test_nobody_sits_where_somebody_sits(
    people: People, since: datetime | None, until: datetime | None, taken: bool
) -> None:
    """Bo sits at 150 from February until June."""
    seat_person(SYSTEM, "150", people.agent, at(2), at(6))
    if taken:
        with pytest.raises(SeatTakenError, match="Bo Dahl sits at 150 since 2026-02-01 until 2026-06-01"):
            seat_person(SYSTEM, "150", people.other, since, until)
    else:
        seat_person(SYSTEM, "150", people.other, since, until)
    assert Seat.objects.filter(extension="150").count() == (1 if taken else 2)


def test_a_seat_can_be_ended_and_given_on(people: People) -> None:
    seat = seat_person(SYSTEM, "150", people.agent, at(2), None)
    change_seat(SYSTEM, seat, at(2), at(6))
    seat_person(SYSTEM, "150", people.other, at(6), None)
    with pytest.raises(SeatTakenError):
        change_seat(SYSTEM, seat, at(2), at(7))


def test_a_seat_does_not_end_before_it_begins(people: People) -> None:
    with pytest.raises(SeatSpanError):
        seat_person(SYSTEM, "150", people.agent, at(3), at(2))
