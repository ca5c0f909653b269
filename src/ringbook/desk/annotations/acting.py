"""Who changes something on a call, what can go wrong, and a change as it is written down."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

import msgspec
from django.utils import timezone
from django.utils.translation import gettext as _

from ringbook.desk.annotations.models import Change
from ringbook.desk.governance.audit import Actor
from ringbook.desk.people.access import scope_of
from ringbook.desk.people.models import Person
from ringbook.desk.people.roles import Role
from ringbook.model.errors import AskError
from ringbook.model.scope import Scope

AT_ONCE = 500
"""Calls that are changed in one transaction."""

T = TypeVar("T")


class By(msgspec.Struct, frozen=True):
    """Who acts: as the audit log names them, what they may see, and the person if it is one."""

    actor: Actor
    scope: Scope
    person: Person | None = None

    @classmethod
    def of(cls, person: Person, address: str = "") -> By:
        """A person."""
        actor = Actor(f"person:{person.pk}", person.name or person.email, person.tenant, address)
        return cls(actor, scope_of(person), person)

    @property
    def name(self) -> str:
        """How they are called."""
        return self.actor.name

    @property
    def keeps_order(self) -> bool:
        """Whether they may change what somebody else wrote."""
        return self.person is not None and self.person.role in (Role.OWNER, Role.ADMINISTRATOR)


class Many(msgspec.Struct, frozen=True):
    """How many calls were changed, and the token to take that back with."""

    changed: int
    batch: uuid.UUID


class EmptyError(AskError):
    """Nothing was written."""


class TooLongError(AskError):
    """More text than is kept."""


class UnknownError(AskError, LookupError):
    """There is no such note, task, tag, outcome code or field."""


class RefusedError(AskError):
    """It is somebody else's to change."""


class FieldValueError(AskError):
    """A value that its field cannot hold."""


class TakenError(AskError):
    """Another one has that name already."""


class ConflictError(AskError):
    """Somebody else changed it meanwhile; both texts are here, so that nothing is lost."""

    def __init__(self, mine: str, theirs: str, theirs_by: str, version: int) -> None:
        super().__init__(_("%(name)s changed it meanwhile.") % {"name": theirs_by or _("Somebody else")})
        self.mine = mine
        self.theirs = theirs
        self.theirs_by = theirs_by
        self.version = version


def now() -> datetime:
    """The present moment."""
    return timezone.now()


def chunks(items: Iterable[T], size: int = AT_ONCE) -> Iterator[list[T]]:
    """The items in runs of a size."""
    waiting = iter(items)
    while some := list(islice(waiting, size)):
        yield some


def change(  # one argument for each column
    by: By,
    call_id: str,
    kind: str,
    object_id: uuid.UUID,
    verb: str,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    batch: uuid.UUID,
) -> Change:
    """A change, to be saved."""
    return Change(
        tenant=by.scope.tenant,
        call_id=call_id,
        kind=kind,
        object_id=object_id,
        verb=verb,
        at=now(),
        by_actor=by.actor.id,
        by_name=by.name,
        before=before,
        after=after,
        batch=batch,
    )
