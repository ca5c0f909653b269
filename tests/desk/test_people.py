"""Who may do what to whom."""

from __future__ import annotations

from typing import Any

import pytest

from ringbook.desk.governance.audit import Actor
from ringbook.desk.governance.models import AuditEntry
from ringbook.desk.people import staff
from ringbook.desk.people.models import Person, Seat, Team
from ringbook.desk.people.roles import PERSONAL, Role
from ringbook.desk.people.staff import By, RefusedError, StaleError

from ..house import People


def by(person: Person) -> By:
    """Somebody as one who changes people."""
    return By(Actor(f"person:{person.pk}", str(person)), Role(person.role))


def test_somebody_is_added_with_a_seat_and_on_record(people: People) -> None:
    person = staff.add(by(people.administrator), email=" New@Example.COM ", name=" Nia ", extensions=["107"])
    assert (person.email, person.name, person.handle, person.role) == (
        "new@example.com",
        "Nia",
        "new",
        "agent",
    )
    assert not person.has_usable_password()
    assert Seat.objects.get(person=person).extension == "107"
    assert list(AuditEntry.objects.values_list("action", "actor")) == [
        ("person:added", f"person:{people.administrator.pk}"),
        ("seat:added", f"person:{people.administrator.pk}"),
    ]


@pytest.mark.parametrize(
    "email", ["", "x", "bo@example.com", "BO@example.com", "a@b@c", "x" * 300 + "@example.com"]
)
def test_an_address_that_is_none_or_taken_is_refused(people: People, email: str) -> None:
    with pytest.raises(RefusedError):
        staff.add(by(people.owner), email=email)


@pytest.mark.parametrize("role", ["supervisor", "auditor", "agent"])
def test_who_does_not_manage_people_changes_nobody(people: People, role: str) -> None:
    hand = by(getattr(people, role))
    for attempt in (
        lambda: staff.add(hand, email="new@example.com"),
        lambda: staff.change(hand, people.other, 1, name="x", role=Role.AGENT),
        lambda: staff.change(hand, people.agent, 1, name="x", role=Role.OWNER),
        lambda: staff.disable(hand, people.other),
        lambda: staff.invite(hand, people.other),
        lambda: staff.forget_second_factor(hand, people.other),
        lambda: staff.save_team(hand, None, 0, name="x", leads=[], members=[], queues=[]),
    ):
        with pytest.raises(RefusedError):
            attempt()


def test_an_administrator_makes_no_owners_and_touches_none(people: People) -> None:
    hand = by(people.administrator)
    for attempt in (
        lambda: staff.add(hand, email="new@example.com", role=Role.OWNER),
        lambda: staff.change(hand, people.administrator, 1, name="x", role=Role.OWNER),
        lambda: staff.change(hand, people.owner, 1, name="x", role=Role.AGENT),
        lambda: staff.disable(hand, people.owner),
        lambda: staff.invite(hand, people.owner),
        lambda: staff.forget_second_factor(hand, people.owner),
    ):
        with pytest.raises(RefusedError, match="Only an owner"):
            attempt()
    assert Role.OWNER not in staff.roles_to_give(hand)
    assert staff.roles_to_give(by(people.owner)) == PERSONAL


def test_nobody_is_given_the_role_of_a_program(people: People) -> None:
    with pytest.raises(RefusedError, match="API token"):
        staff.add(by(people.owner), email="new@example.com", role=Role.INTEGRATION)


def test_the_last_owner_stays(people: People) -> None:
    hand = by(people.owner)
    with pytest.raises(RefusedError, match="last owner"):
        staff.disable(hand, people.owner)
    with pytest.raises(RefusedError, match="last owner"):
        staff.change(hand, people.owner, 1, name="Olga", role=Role.ADMINISTRATOR)
    second = staff.add(hand, email="second@example.com", role=Role.OWNER)
    staff.disable(hand, second)
    with pytest.raises(RefusedError, match="last owner"):
        staff.disable(hand, people.owner)
    staff.enable(hand, second)
    staff.disable(by(second), people.owner)
    assert not Person.objects.get(pk=people.owner.pk).is_active


def test_two_who_change_one_person_are_told_of_each_other(people: People) -> None:
    staff.change(by(people.owner), people.agent, 1, name="Bo D.", role=Role.AGENT)
    with pytest.raises(StaleError):
        staff.change(by(people.administrator), people.agent, 1, name="Bo", role=Role.SUPERVISOR)
    now = Person.objects.get(pk=people.agent.pk)
    assert (now.name, now.role, now.version) == ("Bo D.", "agent", 2)


def test_a_role_change_is_on_record_with_both_roles(people: People) -> None:
    staff.change(by(people.owner), people.agent, 1, name="Bo Dahl", role=Role.SUPERVISOR)
    [entry] = AuditEntry.objects.all()
    assert (entry.action, entry.detail) == (
        "person:role-changed",
        '{"after": "supervisor", "before": "agent"}',
    )


def test_teams_are_saved_changed_and_removed(people: People) -> None:
    def told(**more: Any) -> dict[str, Any]:
        return {
            "name": "Night",
            "leads": [people.supervisor],
            "members": [people.other],
            "queues": ["night"],
        } | more

    team = staff.save_team(by(people.owner), None, 0, **told())
    assert [team.version, list(team.members.all()), team.queues] == [1, [people.other], ["night"]]
    staff.save_team(by(people.owner), team, 1, **told(members=[]))
    with pytest.raises(StaleError):
        staff.save_team(by(people.administrator), team, 1, **told(name="Other"))
    staff.remove_team(by(people.owner), team)
    assert not Team.objects.filter(name="Night").exists()
    assert list(AuditEntry.objects.values_list("action", flat=True)) == [
        "team:added",
        "team:changed",
        "team:removed",
    ]


@pytest.mark.parametrize("password", ["short", "password123", "84629374659", "bo@example.com", "Bo Dahl"])
def test_a_password_that_is_easily_guessed_is_refused(people: People, password: str) -> None:
    with pytest.raises(RefusedError):
        staff.choose_password(Actor("nobody"), people.agent, password)


def test_roles_are_read_by_name_and_refused_with_a_list() -> None:
    assert staff.role_named(" Agent") is Role.AGENT
    for word in ("boss", "integration", ""):
        with pytest.raises(RefusedError, match="owner, administrator, supervisor, agent, auditor"):
            staff.role_named(word)
