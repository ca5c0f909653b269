"""Logging a call by hand: what was entered becomes a call of the ledger, with its note and tags, marked as entered by whom."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from ringbook.desk.annotations import marks, notes, sync
from ringbook.desk.annotations.acting import By, RefusedError, now
from ringbook.desk.annotations.entry import Entry, checked
from ringbook.desk.annotations.models import LoggedCall
from ringbook.desk.directory.names import normalised
from ringbook.desk.governance import audit
from ringbook.desk.organisation.models import organisation
from ringbook.desk.people.models import Person, Seat
from ringbook.desk.wiring import operations
from ringbook.model.instant import Instant, to_datetime


class Logged(msgspec.Struct, frozen=True):
    """A call that was logged: ``created`` is False for a correction, or a request that was made before."""

    call_id: str
    record: str
    version: int
    created: bool
    unheard: tuple[str, ...] = ()


def log_call(
    by: By,
    entry: Entry,
    *,
    note: str = "",
    tags: Sequence[str] = (),
    create_tags: bool = False,
    key: str = "",
    corrects: LoggedCall | None = None,
    version: int | None = None,
) -> Logged:
    """Log a call, or correct one; it is found by searches when this returns. What is wrong is said before anything is kept.

    :raises EntryError: it cannot have happened so.
    """
    if corrects is not None and not may_correct(by, corrects):
        raise RefusedError(_("Only who entered a call, an administrator or an owner corrects it."))
    entry = checked(_spelled(by, entry))
    if note.strip():
        notes.checked(note)
    wanted = [marks.known_tag(by, name, create=create_tags) for name in tags]
    answer = next(
        operations().run(
            "calls.log",
            {
                "record": {**msgspec.to_builtins(entry), "direction": entry.direction.value},
                "by": corrects.handle if corrects else handle_of(by),
                "idempotency_key": "" if corrects or not key else f"{by.actor.id} {key}",
                "corrects": corrects.record_id if corrects else "",
                "version": version,
            },
        )
    )
    logged = Logged(answer["id"], answer["record"], answer["version"], answer["created"])
    _remember(by, entry, logged)
    unheard: tuple[str, ...] = ()
    if logged.created or corrects is not None:
        if note.strip():
            unheard = notes.add_note(by, logged.call_id, note).unheard
        if wanted:
            marks.tag(by, [logged.call_id], [str(one.pk) for one in wanted])
    return msgspec.structs.replace(logged, unheard=unheard)


def may_correct(by: By, logged: LoggedCall) -> bool:
    """Whether they may correct that entry: their own, or anybody's for those who keep order."""
    return by.keeps_order or (bool(logged.handle) and logged.handle == handle_of(by))


def handle_of(by: By) -> str:
    """How calls name whoever entered them: a person's handle, a program's name."""
    return by.person.handle if by.person else by.name


def agent_of(person: Person, at: Instant) -> str:
    """The extension at which somebody sat then, so that their scope shows the call; ``@handle`` if at none."""
    moment = to_datetime(at)
    seat = (
        Seat.objects.filter(person=person)
        .filter(Q(since=None) | Q(since__lte=moment), Q(until=None) | Q(until__gt=moment))
        .order_by("extension")
        .first()
    )
    return seat.extension if seat else person.at_handle


def _spelled(by: By, entry: Entry) -> Entry:
    """The entry with its number as calls have it, and with who talked."""
    country = organisation(by.scope.tenant).country
    number = normalised(country, entry.number) or entry.number
    at = entry.at if entry.at is not None else int(datetime.now(UTC).timestamp()) * 1_000_000
    changes: dict[str, object] = {"number": number, "at": at if entry.at is not None else None}
    if not entry.agent and by.person is not None:
        changes |= {"agent": agent_of(by.person, at), "agent_name": entry.agent_name or str(by.person)}
    return msgspec.structs.replace(entry, **changes)


def _remember(by: By, entry: Entry, logged: Logged) -> None:
    """Write down who entered the call, so that it is found by them and can be corrected."""
    told = {**msgspec.to_builtins(entry), "direction": entry.direction.value}
    with transaction.atomic():
        row, new = LoggedCall.objects.get_or_create(
            record_id=logged.record,
            defaults={
                "tenant": by.scope.tenant,
                "call_id": logged.call_id,
                "handle": handle_of(by),
                "by_name": by.name,
                "at": now(),
                "version": logged.version,
                "entry": told,
            },
        )
        if not new and row.version < logged.version:
            row.version, row.entry = logged.version, told
            row.save(update_fields=["version", "entry"])
        elif not new:
            return
        audit.record(
            by.actor,
            "call:logged" if new else "call:corrected",
            f"call:{logged.call_id}",
            record=logged.record,
        )
        sync.mark(by.scope.tenant, [logged.call_id])
    sync.put(by.scope.tenant, [logged.call_id])


def logged_of(by: By, call_id: str) -> LoggedCall | None:
    """The entry of a call that was entered by hand."""
    return LoggedCall.objects.within(by.scope).filter(call_id=call_id).first()


def new_key() -> str:
    """A key for a form, so that sending it twice logs one call."""
    return str(uuid.uuid4())
