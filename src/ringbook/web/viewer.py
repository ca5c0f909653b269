"""The viewer: who asks, what they may do and see, and how they read times."""

from __future__ import annotations

import time
from zoneinfo import ZoneInfo

import msgspec
from django.http import HttpRequest

from ringbook.desk.governance.audit import Actor
from ringbook.desk.organisation.models import organisation
from ringbook.desk.people.access import rights_of, scope_of
from ringbook.desk.people.models import Person
from ringbook.desk.people.roles import Right, Role
from ringbook.model.instant import Instant
from ringbook.model.scope import Scope


class Viewer(msgspec.Struct, frozen=True, kw_only=True):
    """A person with a session, or a program with a token."""

    role: Role
    rights: frozenset[Right]
    scope: Scope
    zone_name: str
    language: str
    country: str = ""
    now: Instant
    name: str
    handle: str = ""
    person: Person | None = None
    token_id: str = ""
    address: str = ""

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which the viewer reads times."""
        return ZoneInfo(self.zone_name)

    @property
    def actor(self) -> Actor:
        """The viewer as the audit log names them."""
        kind = (
            f"token:{self.token_id}" if self.token_id else f"person:{self.person.pk if self.person else ''}"
        )
        return Actor(kind, self.name, self.scope.tenant, self.address)

    def may(self, right: Right) -> bool:
        """Whether the viewer has a right."""
        return right in self.rights


class Asking(HttpRequest):
    """A request whose viewer is known: what guarded views are given."""

    viewer: Viewer


def viewer_of(person: Person, address: str = "") -> Viewer:
    """The viewer that a signed-in person is."""
    house = organisation(person.tenant)
    return Viewer(
        role=Role(person.role),
        rights=rights_of(person),
        scope=scope_of(person),
        zone_name=person.zone or house.zone or "UTC",
        language=person.language or house.language,
        country=house.country,
        now=time.time_ns() // 1000,
        name=person.name or person.email,
        handle=person.handle,
        person=person,
        address=address,
    )


def address_of(request: HttpRequest) -> str:
    """Where a request came from."""
    return str(request.META.get("REMOTE_ADDR", ""))
