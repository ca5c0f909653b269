"""Changing people and teams: every rule of who may do what to whom, for the pages and the command line alike."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from zoneinfo import available_timezones

import msgspec
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from ringbook.desk.governance import audit
from ringbook.desk.governance.audit import SYSTEM, Actor
from ringbook.desk.organisation.models import Organisation
from ringbook.desk.people import links
from ringbook.desk.people.models import Person, Seat, Team
from ringbook.desk.people.roles import PERSONAL, RIGHTS, Right, Role
from ringbook.model.errors import AskError
from ringbook.model.scope import MAIN_TENANT


class RefusedError(AskError):
    """The change is not allowed, or cannot be made as asked."""


class StaleError(AskError):
    """Somebody else has changed the same thing in the meantime."""


class By(msgspec.Struct, frozen=True):
    """Who makes a change: how the audit log names them, and the role by which they are judged."""

    actor: Actor
    role: Role


_LONGEST_EMAIL = 254
_LONGEST_NAME = 120

COMMAND_LINE = By(Actor(SYSTEM.id, "command line"), Role.OWNER)
"""Whoever may run commands in the home has its files, and so can do what an owner can."""


def nobody_yet() -> bool:
    """Whether a home has no people: it has to be set up."""
    return not Person.objects.exists()


def set_up(
    secret: str, address: str, *, organisation_name: str, zone: str, name: str, email: str, password: str
) -> Person:
    """The first owner, made with the set-up link. Raises :class:`links.LinkError` or :class:`RefusedError`."""
    if zone not in available_timezones():
        raise RefusedError(_("“%(zone)s” is not a time zone.") % {"zone": zone})
    with transaction.atomic():
        links.use(links.look(secret, links.Purpose.SETUP), Actor("nobody", address=address))
        if not nobody_yet():
            raise links.LinkError("somebody was made already; ask them for an invitation")
        house = Organisation.objects.filter(tenant=MAIN_TENANT).first() or Organisation()
        house.name, house.zone = organisation_name, zone
        house.save()
        by = By(Actor("nobody", address=address), Role.OWNER)
        return add(by, email=email, name=name, role=Role.OWNER, password=password)


def add(
    by: By,
    *,
    email: str,
    name: str = "",
    role: Role = Role.AGENT,
    password: str | None = None,
    extensions: Iterable[str] = (),
) -> Person:
    """Somebody new, seated at extensions from now on. Without a password they need a link to come in."""
    _may_give(by, role)
    email, name = plain_email(email), _name(name)
    if Person.objects.filter(email=email).exists():
        raise RefusedError(_("There is somebody with the address %(email)s already.") % {"email": email})
    if password is not None:
        check_password(password, Person(email=email, name=name))
    with transaction.atomic():
        person = Person.objects.create_user(email, password, name=name, role=role, tenant=by.actor.tenant)
        audit.record(by.actor, "person:added", _subject(person), role=role.value)
        for extension in extensions:
            Seat.objects.create(
                tenant=person.tenant, extension=extension, person=person, since=datetime.now(UTC)
            )
            audit.record(by.actor, "seat:added", _subject(person))
    return person


def change(by: By, person: Person, version: int, *, name: str, role: Role) -> Person:
    """The person with another name or role. Raises :class:`StaleError` when ``version`` is not the present one."""
    _may_touch(by, person)
    was, name = Role(person.role), _name(name)
    if role != was:
        _may_give(by, role)
    with transaction.atomic():
        if was is Role.OWNER and role is not Role.OWNER:
            _not_the_last_owner(person)
        if not Person.objects.filter(pk=person.pk, version=version).update(
            name=name, role=role, version=version + 1
        ):
            raise StaleError(_("Somebody else has changed this person in the meantime."))
        if role != was:
            audit.record(
                by.actor, "person:role-changed", _subject(person), before=was.value, after=role.value
            )
        if name != person.name:
            audit.record(by.actor, "person:renamed", _subject(person))
    person.refresh_from_db()
    return person


def disable(by: By, person: Person) -> None:
    """Switch somebody off: sessions and links end at once, calls and notes keep their name."""
    _may_touch(by, person)
    with transaction.atomic():
        _not_the_last_owner(person)
        if not Person.objects.filter(pk=person.pk, is_active=True).update(
            is_active=False, version=person.version + 1
        ):
            return
        links.end(person)
        audit.record(by.actor, "person:disabled", _subject(person))
        end_sessions(by.actor, person)
    person.refresh_from_db()


def enable(by: By, person: Person) -> None:
    """Switch somebody on again."""
    _may_touch(by, person)
    with transaction.atomic():
        if Person.objects.filter(pk=person.pk, is_active=False).update(
            is_active=True, version=person.version + 1
        ):
            audit.record(by.actor, "person:enabled", _subject(person))
    person.refresh_from_db()


def end_sessions(actor: Actor, person: Person, *, but: str | None = None) -> int:
    """How many sessions were ended: all of the person's, or all but one key."""
    ended = 0
    for session in UserSession.objects.filter(user_id=person.pk).exclude(session_key=but or ""):
        session.end()
        ended += 1
    if ended:
        audit.record(actor, "session:ended", _subject(person), sessions=ended)
    return ended


def invite(by: By, person: Person) -> str:
    """The secret of a link with which the person chooses a password; an earlier one ends."""
    _may_touch(by, person)
    if not person.is_active:
        raise RefusedError(_("%(name)s is switched off; switch them on first.") % {"name": person})
    return links.make(by.actor, links.Purpose.INVITE, person)


def forget_second_factor(by: By, person: Person) -> None:
    """Take away the second factor and passkeys of somebody who lost them; their sessions end."""
    _may_touch(by, person)
    with transaction.atomic():
        Authenticator.objects.filter(user_id=person.pk).delete()
        audit.record(by.actor, "person:second-factor-removed", _subject(person))
        end_sessions(by.actor, person)


def choose_password(actor: Actor, person: Person, password: str) -> None:
    """Give a person another password, which ends their sessions."""
    check_password(password, person)
    person.set_password(password)
    with transaction.atomic():
        person.save(update_fields=["password"])
        audit.record(actor, "person:password-changed", _subject(person))
        end_sessions(actor, person)


def check_password(password: str, person: Person) -> None:
    """Raises :class:`RefusedError` with every reason why a password will not do."""
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise RefusedError(" ".join(error.messages)) from None


def save_team(
    by: By,
    team: Team | None,
    version: int,
    *,
    name: str,
    leads: Iterable[Person],
    members: Iterable[Person],
    queues: Iterable[str],
) -> Team:
    """The team, new or changed. Raises :class:`StaleError` when ``version`` is not the present one."""
    _may_manage(by)
    with transaction.atomic():
        if team is None:
            team = Team.objects.create(tenant=by.actor.tenant, name=name, queues=list(queues))
            action = "team:added"
        else:
            if not Team.objects.filter(pk=team.pk, version=version).update(
                name=name, queues=list(queues), version=version + 1
            ):
                raise StaleError(_("Somebody else has changed this team in the meantime."))
            team.refresh_from_db()
            action = "team:changed"
        team.leads.set(leads)
        team.members.set(members)
        counts = {"leads": team.leads.count(), "members": team.members.count(), "queues": len(team.queues)}
        audit.record(by.actor, action, f"team:{team.pk}", **counts)
    return team


def remove_team(by: By, team: Team) -> None:
    """Take a team away; its people stay."""
    _may_manage(by)
    with transaction.atomic():
        audit.record(by.actor, "team:removed", f"team:{team.pk}")
        team.delete()


def may_touch(by: By, person: Person) -> bool:
    """Whether they may change this person at all."""
    return Right.MANAGE_PEOPLE in RIGHTS[by.role] and (person.role != Role.OWNER or by.role is Role.OWNER)


def roles_to_give(by: By) -> tuple[Role, ...]:
    """The roles that they may give to people."""
    return tuple(role for role in PERSONAL if role is not Role.OWNER or by.role is Role.OWNER)


def role_named(word: str) -> Role:
    """The role of people with that name. Raises :class:`RefusedError` that lists them."""
    try:
        role = Role(word.strip().lower())
    except ValueError:
        role = Role.INTEGRATION
    if role not in PERSONAL:
        raise RefusedError(f"“{word}” is not a role of people; choose one of {', '.join(PERSONAL)}")
    return role


def person_with(email: str) -> Person:
    """The person with an address. Raises :class:`RefusedError`."""
    person = Person.objects.filter(email=email.strip().lower()).first()
    if person is None:
        raise RefusedError(f"there is nobody with the address {email}; see 'ringbook people list'")
    return person


def plain_email(text: str) -> str:
    """An address as it is kept. Raises :class:`RefusedError` if it is none."""
    email = text.strip().lower()
    try:
        validate_email(email)
        if len(email) > _LONGEST_EMAIL:
            raise ValidationError("too long")
    except ValidationError:
        raise RefusedError(_("“%(email)s” is not an e-mail address.") % {"email": text}) from None
    return email


def _name(text: str) -> str:
    name = text.strip()
    if len(name) > _LONGEST_NAME:
        raise RefusedError(_("A name has at most %(most)d characters.") % {"most": _LONGEST_NAME})
    return name


def _may_manage(by: By) -> None:
    if Right.MANAGE_PEOPLE not in RIGHTS[by.role]:
        raise RefusedError(_("Your role does not manage people."))


def _may_give(by: By, role: Role) -> None:
    _may_manage(by)
    if role not in PERSONAL:
        raise RefusedError(_("A person cannot have this role; make an API token instead."))
    if role not in roles_to_give(by):
        raise RefusedError(_("Only an owner makes owners."))


def _may_touch(by: By, person: Person) -> None:
    _may_manage(by)
    if not may_touch(by, person):
        raise RefusedError(_("Only an owner changes owners."))


def _not_the_last_owner(person: Person) -> None:
    """Refuse when nobody else owns. All owners are held meanwhile, so that two cannot step down at once."""
    owners = Person.objects.select_for_update().filter(tenant=person.tenant, role=Role.OWNER, is_active=True)
    if [owner.pk for owner in owners] == [person.pk]:
        raise RefusedError(_("This is the last owner. Make somebody else an owner first."))


def _subject(person: Person) -> str:
    key: uuid.UUID = person.pk
    return f"person:{key}"
