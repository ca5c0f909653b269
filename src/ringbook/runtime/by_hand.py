"""Calls entered by hand: each becomes a record like any other, is taken in, and is a call when this returns.

The records are a stream of their own, source ``by-hand``, so that they are kept, replayed and rebuilt as those of phone systems
are. A correction is a further record of the same id; the call keeps its id and gets its next revision.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import msgspec

from ringbook.desk.annotations.entry import Entry, EntryError, RepeatedKeyError, StaleEntryError, checked
from ringbook.ledger.batch import Position
from ringbook.ledger.rows import opened_ms
from ringbook.model.call import Call, CallId
from ringbook.model.errors import AskError
from ringbook.model.instant import DAY, Instant, iso
from ringbook.model.public import public
from ringbook.model.scope import MAIN_TENANT, Scope
from ringbook.parse.format import Piece, Rejected
from ringbook.parse.formats.ringbook_by_hand import LAYOUT
from ringbook.runtime.home import Home
from ringbook.runtime.importing import now
from ringbook.runtime.intake import WINDOW, Portion
from ringbook.runtime.result import key_hash
from ringbook.runtime.understand import Block

SOURCE = "by-hand"
FORMAT = "ringbook_by_hand"
ORIGIN = "desk"
MOVES = WINDOW - DAY
"""How far a correction may move a call: records of one call are looked for in that time."""

_KEYS = uuid.UUID("7a1f2f4e-2f3c-5b0e-9d3a-6f6f2b1c9a10")


class _Kept(msgspec.Struct, frozen=True):
    """A record as it was written, as far as it is asked for again."""

    version: int
    entered_by: str


def log(
    home: Home,
    entry: Entry,
    by: str,
    *,
    key: str = "",
    record: str = "",
    version: int | None = None,
) -> Iterator[dict[str, Any]]:
    """The call that was entered: ``{"id", "record", "version", "created", "call"}``.

    ``key`` makes a repetition of the same request give the same call. ``record`` names the record that this one corrects,
    ``version`` the one that was looked at.
    """
    with home.intake.writing:
        yield _log(home, checked(entry), by, key, record, version)


def _log(home: Home, entry: Entry, by: str, key: str, record: str, version: int | None) -> dict[str, Any]:
    known = record or (str(uuid.uuid5(_KEYS, f"{by}\0{key}")) if key else "")
    before = _call(home, known) if known else None
    kept = _records(home, before, known) if before else []
    if record and not kept:
        raise AskError("There is no such call entered by hand.")
    if key and not record and kept and before is not None:
        return _again(entry, by, known, kept, before)
    if version is not None and kept and kept[-1][0].version != version:
        raise StaleEntryError("Somebody else corrected this call meanwhile; look at it again.")
    number = kept[-1][0].version + 1 if kept else 1
    at = entry.at if entry.at is not None else now()
    if before is not None and abs(at - opened_ms(before.id) * 1000) > MOVES:
        raise EntryError(
            "at", "A correction moves a call by up to six days. Log it as a call of its own instead."
        )
    record_id = known or str(uuid.uuid4())
    _commit(home, _line(entry, by, record_id, number, at))
    call = _call(home, record_id)
    assert call is not None  # it was committed under the lock
    return _answer(call, record_id, number, created=not kept)


def _again(
    entry: Entry, by: str, record: str, kept: list[tuple[_Kept, dict[str, Any]]], call: Call
) -> dict[str, Any]:
    """The answer to a request that was made before."""
    first = kept[0][1]
    at = entry.at if entry.at is not None else None
    told = msgspec.json.decode(_line(entry, by, record, 1, at or 0))
    ignored = {"entered_at", "zone"} | (set() if at is not None else {"at"})
    if any(told.get(name) != first.get(name) for name in {*told, *first} - ignored):
        raise RepeatedKeyError("This idempotency key was used for another call. Use a new key for each call.")
    return _answer(call, record, kept[-1][0].version, created=False)


def _answer(call: Call, record: str, version: int, *, created: bool) -> dict[str, Any]:
    return {"id": call.id, "record": record, "version": version, "created": created, "call": public(call)}


def _line(entry: Entry, by: str, record: str, version: int, at: Instant) -> bytes:
    told = {
        "ringbook_by_hand": LAYOUT,
        "id": record,
        "version": version,
        "entered_by": by,
        "entered_at": iso(now()),
        "zone": entry.zone,
        "at": iso(at),
        "direction": entry.direction.value,
        "outcome": entry.outcome,
        "agent": entry.agent,
        "agent_name": entry.agent_name,
        "number": entry.number,
        "name": entry.name,
        "talk_s": None if entry.talk_s is None else float(entry.talk_s),
        "medium": entry.medium,
    }
    return (
        msgspec.json.encode({name: value for name, value in told.items() if value not in (None, "")}) + b"\n"
    )


def _commit(home: Home, line: bytes) -> None:
    """Take the record in: durable, and its call found, when this returns."""
    scope = Scope(MAIN_TENANT)
    reader = home.readers.reader(SOURCE, FORMAT)
    refused = reader.parse(Piece(line))
    if isinstance(refused, Rejected):
        raise EntryError("", f"This call cannot be kept: {refused.detail or refused.reason}.")
    home.intake.settle()
    kept = home.ledger.positions_of(scope, SOURCE, [ORIGIN])
    start = max((position.offset for position in kept), default=0)
    block = Block(
        source=reader.source,
        format=FORMAT,
        origin=ORIGIN,
        start=start,
        pieces=[Piece(line)],
        received_at=now(),
    )
    position = Position(SOURCE, ORIGIN, "by-hand", start + len(line), b"", FORMAT)
    home.intake.commit(MAIN_TENANT, SOURCE, [Portion(reader.block(block), start, position)], now())


def _call(home: Home, record: str) -> Call | None:
    """The call of a record; None when there is none of that id."""
    scope, hashed = Scope(MAIN_TENANT), key_hash(SOURCE, f"by-hand:{record}")
    owner = home.ledger.owners(scope, [hashed], None, None).get(hashed)
    found = home.ledger.calls(scope, [CallId(owner)]) if owner else []
    return found[0] if found else None


def _records(home: Home, call: Call, record: str) -> list[tuple[_Kept, dict[str, Any]]]:
    """The versions of a record that a call rests on, in order."""
    found = []
    for row in home.ledger.frames(Scope(MAIN_TENANT), call.frames):
        if row.format == FORMAT:
            told: dict[str, Any] = msgspec.json.decode(row.data)
            if told.get("id") == record:
                found.append((_Kept(int(told.get("version", 1)), str(told.get("entered_by", ""))), told))
    return sorted(found, key=lambda pair: pair[0].version)
