"""People for the command line: the set-up link of a new home, adding and listing, the people of the demonstration.

Only the store of the desk is opened, not the ledger: these work beside a running ``serve`` and without one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from ringbook.config import load
from ringbook.config.settings import Settings
from ringbook.parse.registry import formats
from ringbook.runtime import desk
from ringbook.runtime.simulation.company import northwind


class Added(msgspec.Struct, frozen=True):
    """Somebody who was added, with the link to choose a password if they were given none."""

    email: str
    link: str = ""


class Staff:
    """The people of a home whose ``serve`` may be running."""

    def __init__(self, folder: Path) -> None:
        self._settings = load(folder, formats=formats())
        desk.prepare(folder, self._settings)

    def add(self, email: str, role: str, name: str, extensions: Sequence[str], password: str | None) -> Added:
        """Add somebody. Raises ``staff.RefusedError``."""
        from ringbook.desk.people import staff

        person = staff.add(
            staff.COMMAND_LINE,
            email=email,
            role=staff.role_named(role),
            name=name,
            extensions=extensions,
            password=password,
        )
        if password is not None:
            return Added(person.email)
        return Added(person.email, self._entry(staff.invite(staff.COMMAND_LINE, person)))

    def list(self) -> Iterator[dict[str, Any]]:
        """Everybody, by address."""
        from allauth.mfa.models import Authenticator

        from ringbook.desk.people.models import Person

        protected = set(Authenticator.objects.values_list("user_id", flat=True))
        for person in Person.objects.prefetch_related("seats").order_by("email"):
            yield {
                "id": str(person.pk),
                "email": person.email,
                "name": person.name,
                "handle": person.handle,
                "role": person.role,
                "active": person.is_active,
                "second_factor": person.pk in protected,
                "last_sign_in_at": _told(person.last_login),
                "extensions": sorted({seat.extension for seat in person.seats.all() if seat.until is None}),
            }

    def disable(self, email: str) -> None:
        """Switch somebody off; their sessions end."""
        from ringbook.desk.people import staff

        staff.disable(staff.COMMAND_LINE, staff.person_with(email))

    def enable(self, email: str) -> None:
        """Switch somebody on again."""
        from ringbook.desk.people import staff

        staff.enable(staff.COMMAND_LINE, staff.person_with(email))

    def link(self, email: str, *, forget_second_factor: bool) -> str:
        """A link with which somebody chooses a password; earlier ones end."""
        from ringbook.desk.people import staff

        person = staff.person_with(email)
        if forget_second_factor:
            staff.forget_second_factor(staff.COMMAND_LINE, person)
        return self._entry(staff.invite(staff.COMMAND_LINE, person))

    def _entry(self, secret: str) -> str:
        return f"{base(self._settings)}/enter/{secret}"


def base(settings: Settings, address: str = "") -> str:
    """The address under which people reach the pages, without a slash at its end.

    On this machine it has a name: browsers allow passkeys at ``localhost``, not at 127.0.0.1.
    """
    if settings.desk.public_url:
        return settings.desk.public_url.rstrip("/")
    parts = urlsplit(address or f"http://{settings.server.host}:{settings.server.port}")
    host = parts.hostname or ""
    here = host in ("127.0.0.1", "0.0.0.0", "::1", "::", "localhost")
    return f"http://{'localhost' if here else host}:{parts.port}"


def set_up_link(settings: Settings, address: str) -> str:
    """The link with which a home that nobody can sign in to is set up; empty once somebody can. Earlier ones end."""
    from ringbook.desk.people import links, staff

    if not staff.nobody_yet():
        return ""
    return f"{base(settings, address)}/set-up/{links.make(staff.COMMAND_LINE.actor, links.Purpose.SETUP)}"


def demo_links(address: str) -> dict[str, str]:
    """Links that sign in once as somebody of the simulated company, by role. Its people are made if there is nobody yet."""
    from ringbook.desk.people import links, staff
    from ringbook.desk.people.models import Person
    from ringbook.desk.people.roles import Role

    if staff.nobody_yet():
        _make_demo_people()
    made: dict[str, str] = {}
    for role in (Role.OWNER, Role.SUPERVISOR, Role.AGENT):
        person = Person.objects.filter(role=role, is_active=True).order_by("joined_at", "email").first()
        if person:
            secret = links.make(staff.COMMAND_LINE.actor, links.Purpose.ENTER, person)
            made[role.value] = f"{address}/enter/{secret}"
    return made


def _make_demo_people() -> None:
    """An owner, a supervisor of each queue's team, and the company's people at their extensions. Nobody has a password."""
    from django.db import transaction

    from ringbook.desk.organisation.models import Organisation
    from ringbook.desk.people import staff
    from ringbook.desk.people.models import Seat
    from ringbook.desk.people.roles import Role

    company = northwind()
    with transaction.atomic():
        Organisation.objects.create(name=company.name, zone=company.zone, country="US")

        def made(name: str, role: Role) -> Any:
            email = f"{name.lower().replace(' ', '.')}@northwind.example"
            return staff.add(staff.COMMAND_LINE, email=email, name=name, role=role)

        made("Dana Whitfield", Role.OWNER)
        leads = [made("Ruth Amsel", Role.SUPERVISOR), made("Victor Lindgren", Role.SUPERVISOR)]
        agents = {}
        for person in company.people:
            agents[person.extension] = made(person.name, Role.AGENT)
            Seat.objects.create(extension=person.extension, person=agents[person.extension])
        for lead, queue in zip(leads, company.queues, strict=True):
            staff.save_team(
                staff.COMMAND_LINE,
                None,
                1,
                name=queue.name.title(),
                leads=[lead],
                members=[agents[member.extension] for member in queue.members],
                queues=[queue.name],
            )


def _told(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds")
