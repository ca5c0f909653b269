"""Writing the audit log, and proving that it is whole."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec
from django.db import connection, transaction

from ringbook.desk.governance import head
from ringbook.desk.governance.models import AuditEntry
from ringbook.model.scope import MAIN_TENANT

GENESIS = "0" * 64
_LOCK = 0x52494E47  # any number of our own: PostgreSQL's name for the lock


class Actor(msgspec.Struct, frozen=True):
    """Who did it: ``id`` is ``person:UUID``, ``token:UUID``, ``system`` or ``nobody``; ``address`` where they came from."""

    id: str
    name: str = ""
    tenant: str = MAIN_TENANT
    address: str = ""


SYSTEM = Actor("system")


class Broken(msgspec.Struct, frozen=True):
    """An entry of the log that is not as it was written."""

    seq: int
    problem: str


def record(actor: Actor, action: str, subject: str = "", **detail: Any) -> AuditEntry:
    """The entry that was added; durable when this returns (with the transaction around it, if there is one)."""
    text = json.dumps(detail, sort_keys=True, ensure_ascii=False, default=str) if detail else ""
    salt = secrets.token_hex(16)
    with transaction.atomic():
        _one_at_a_time()
        last = AuditEntry.objects.order_by("-seq").values_list("hash", flat=True).first()
        entry = AuditEntry(
            tenant=actor.tenant,
            at=datetime.now(UTC),
            actor=actor.id,
            actor_name=actor.name,
            action=action,
            subject=subject,
            address=actor.address,
            detail=text,
            salt=salt,
            detail_hash=_sealed(salt, text),
            previous=last or GENESIS,
        )
        entry.hash = _hash(entry)
        entry.save(force_insert=True)
        transaction.on_commit(partial(head.advance, entry.seq, entry.hash, first=last is None))
    return entry


def faults() -> Iterator[Broken]:
    """What is not as it was written, the end of the log included; nothing when all is."""
    yield from _faults(_Kept())


def verify() -> Iterator[Broken]:
    """Each entry that was changed, or before which one was taken out. Does not know where the log should end: :func:`faults`."""
    yield from _faults(None)


def _faults(kept: _Kept | None) -> Iterator[Broken]:
    previous, last = GENESIS, 0
    for entry in AuditEntry.objects.order_by("seq").iterator(chunk_size=2_000):
        if entry.previous != previous:
            yield Broken(entry.seq, "the entry before it is missing or was changed")
        if entry.hash != _hash(entry):
            yield Broken(entry.seq, "it was changed after it was written")
        elif (entry.detail or entry.salt) and entry.detail_hash != _sealed(entry.salt, entry.detail):
            yield Broken(entry.seq, "its detail was changed after it was written")
        if kept:
            kept.pass_by(entry)
        previous, last = entry.hash, entry.seq
    if kept:
        yield from kept.faults(last)


class _Kept:
    """Compares the log with what stands in the home about its end, as it was when the look at the log began."""

    def __init__(self) -> None:
        self._found = False
        self._forged = False
        try:
            self._head = head.read()
        except head.ForgedHeadError:
            self._head, self._forged = None, True

    def pass_by(self, entry: AuditEntry) -> None:
        """Take note of an entry."""
        if self._head and entry.seq == self._head.seq:
            self._found = entry.hash == self._head.hash

    def faults(self, last: int) -> Iterator[Broken]:
        """What is wrong at the end of the log."""
        if self._forged:
            yield Broken(
                last, f"the file {head.FILE} in the home, which says where the log ends, was changed"
            )
        elif self._head is None and last:
            yield Broken(last, f"the file {head.FILE} in the home, which says where the log ends, is missing")
        elif self._head and not self._found:
            yield Broken(
                self._head.seq,
                "it is missing or another stands in its place: the log was cut off or replaced",
            )


def told(entry: AuditEntry) -> dict[str, Any]:
    """An entry as it leaves the program."""
    return {
        "seq": entry.seq,
        "at": entry.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "actor": entry.actor,
        "actor_name": entry.actor_name,
        "action": entry.action,
        "subject": entry.subject,
        "address": entry.address,
        "detail": json.loads(entry.detail) if entry.detail else {},
        "hash": entry.hash,
    }


def _sealed(salt: str, text: str) -> str:
    return hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest()


def _hash(entry: AuditEntry) -> str:
    told = [
        entry.previous,
        entry.tenant,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        *(entry.actor, entry.actor_name, entry.action, entry.subject, entry.address, entry.detail_hash),
    ]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def _one_at_a_time() -> None:
    """Two entries never follow the same one. SQLite's transactions are immediate: the first to write is alone already."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
