"""Which calls people see: by role, seat and team."""

from __future__ import annotations

from datetime import UTC, datetime

from ringbook.desk.organisation.models import Organisation
from ringbook.desk.people.access import rights_of, scope_of
from ringbook.desk.people.models import Seat
from ringbook.desk.people.roles import RIGHTS, Right, Role
from ringbook.model.scope import Reach, Scope

from ..house import People

SINCE = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1e6)


def test_owner_administrator_and_auditor_see_every_call(people: People) -> None:
    for person in (people.owner, people.administrator, people.auditor):
        assert scope_of(person) == Scope("main")


def test_an_agent_sees_calls_of_their_seat_in_its_time_and_those_logged_by_hand(people: People) -> None:
    assert set(scope_of(people.agent).reaches or ()) == {
        Reach(extensions=("@bo",)),
        Reach(extensions=("101",), since=SINCE),
    }


def test_a_seat_that_ended_reaches_no_further(people: People) -> None:
    seat = Seat.objects.get(extension="101")
    seat.until = datetime(2026, 6, 1, tzinfo=UTC)
    seat.save()
    until = int(seat.until.timestamp() * 1e6)
    assert Reach(extensions=("101",), since=SINCE, until=until) in (scope_of(people.agent).reaches or ())


def test_a_supervisor_sees_the_calls_of_the_teams_they_lead(people: People) -> None:
    reaches = scope_of(people.supervisor).reaches or ()
    assert set(reaches) == {
        Reach(extensions=("@bo", "@sam"), queues=("support",)),
        Reach(extensions=("101",), since=SINCE),
    }


def test_somebody_who_was_switched_off_sees_and_may_nothing(people: People) -> None:
    people.owner.is_active = False
    assert scope_of(people.owner).reaches == ()
    assert rights_of(people.owner) == frozenset()


def test_masking_goes_by_role(people: People) -> None:
    Organisation.objects.update(masked_roles=["agent"])
    assert scope_of(people.agent).masked
    assert not scope_of(people.owner).masked


def test_no_role_changes_what_it_may_only_read() -> None:
    changes = {
        Right.ANNOTATE,
        Right.LOG_CALLS,
        Right.EDIT_CONTACTS,
        Right.MANAGE_SOURCES,
        Right.MANAGE_SETTINGS,
    }
    assert not RIGHTS[Role.AUDITOR] & (
        changes | {Right.MANAGE_PEOPLE, Right.MANAGE_TOKENS, Right.SHARE_VIEWS}
    )
