"""Removing for good: calls with all that hangs on them, raw records, rows of the catalogue, whose numbers are.

Only a warrant opens this door. What was removed, and under what, is written down first (the table ``erasures``: ids, never
content); then the rows are hidden, which readers see at once; :func:`purge` later rewrites what holds them, so that the bytes are
off the disk. A removal that was cut short is taken again from its plan and comes to the same end.

What was removed is told by ``ledger/erased.py``. Frames that were removed count as known: the same record brought again is a
repetition and brings nothing back, unless what was removed was an import that was undone.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import msgspec
import pyarrow as pa

from ringbook.ledger import lookups
from ringbook.ledger.engines.engine import HIDING, MASKING
from ringbook.ledger.errors import LedgerAddressError, LedgerRefusedError
from ringbook.ledger.ledger import Ledger, batched
from ringbook.ledger.recordings import Catalogue
from ringbook.ledger.rows import encoded, opened_ms
from ringbook.ledger.scoping import scoped
from ringbook.ledger.statements import statement
from ringbook.model.call import CallId
from ringbook.model.instant import Instant
from ringbook.model.recording import KeptRecording, RecordingId
from ringbook.model.scope import Scope
from ringbook.model.warrant import Warrant

AT_ONCE = 2_000
"""Ids that one statement names."""
WAIT_S = 300.0
"""How long a purge waits for the engine to let go of what it replaced."""

_TEXT, _BIG = pa.string(), pa.uint64()
ERASURES = pa.schema(
    {
        "tenant": _TEXT,
        "kind": _TEXT,
        "id": _TEXT,
        "source": _TEXT,
        "opened_at": pa.timestamp("ms"),
        "warrant": _TEXT,
        "ground": _TEXT,
        "reference": _TEXT,
        "by": _TEXT,
        "count": _BIG,
        "at": pa.timestamp("us"),
    }
)


class Removal(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be removed of a warrant's tenant, by id.

    ``calls`` go with all their revisions, the ids that lead to them, their keys, what people added to them (its search copy) and
    the frames that they rest on: a frame left behind would tell the call again. ``frames`` go alone: calls that rest on them stay
    as they are told, and still name them. Of ``recordings`` a row without name and numbers stays.
    """

    calls: list[CallId] = []
    frames: list[bytes] = []
    recordings: list[RecordingId] = []
    notes: list[CallId] = []
    numbers: list[str] = []


class Removed(msgspec.Struct, frozen=True, kw_only=True):
    """How many things went; what was not there counts for nothing."""

    calls: int = 0
    frames: int = 0
    recordings: int = 0
    notes: int = 0
    numbers: int = 0


class OriginRead(msgspec.Struct, frozen=True):
    """A file as it was read for a source. ``lost`` of its frames had been removed before; ``undone`` names it in what stays."""

    source: str
    origin: str
    mark: str
    undone: str
    lost: int = 0


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A removal with all that it comes to, so that it can be carried out again when it was cut short."""

    warrant: Warrant
    calls: list[CallId] = []
    joined: list[CallId] = []  # ids that lead to those calls
    frames: list[tuple[bytes, str]] = []  # with their sources
    recordings: list[RecordingId] = []
    notes: list[CallId] = []
    numbers: list[int] = []  # hashed as the engine does
    named: int = 0
    unkeyed: list[CallId] = []  # calls that lose their keys only, and are given others
    retold: list[bytes] = []  # frames that are nobody's repetition any more
    origins: list[OriginRead] = []
    comes_back: bool = False  # an import that is undone: what people wrote and recorded waits for the calls

    @property
    def removed(self) -> Removed:
        """What it comes to, in numbers."""
        return Removed(
            calls=len(self.calls),
            frames=len(self.frames),
            recordings=len(self.recordings),
            notes=len(self.notes),
            numbers=self.named,
        )


class Physical(msgspec.Struct, frozen=True):
    """Where removed rows still lie: ``hidden_rows`` cannot be read but are on the disk, as are ``lingering`` parts of tables."""

    hidden_rows: int = 0
    lingering: int = 0
    tables: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        """``gone`` from the disk, or only ``hidden``."""
        return "hidden" if self.hidden_rows or self.lingering else "gone"


def remove(ledger: Ledger, warrant: Warrant, removal: Removal) -> Removed:
    """Remove, and say how much went. Whoever has a home does it through its intake, which finishes what a crash cuts short."""
    plan = planned(ledger, warrant, removal)
    carry_out(ledger, plan)
    return plan.removed


def planned(ledger: Ledger, warrant: Warrant, removal: Removal) -> Plan:
    """What a removal comes to: only what is there now is in it."""
    scope = Scope(warrant.tenant)
    ends = ledger.ends(scope, removal.calls)
    live = _live(ledger, scope, sorted(set(ends.values())))
    frames = {*removal.frames, *frames_of(ledger, scope, live)}
    notes = annotated(ledger, scope, [*live, *removal.notes])
    numbers = _hashes(ledger, scope, removal.numbers)
    return Plan(
        warrant=warrant,
        calls=live,
        joined=leading_to(ledger, scope, live),
        frames=sources_of(ledger, scope, frames),
        recordings=[one.id for one in _catalogue(ledger, scope, removal.recordings) if not one.gone],
        notes=notes,
        numbers=numbers,
        named=_named(ledger, scope, numbers),
    )


def carry_out(ledger: Ledger, plan: Plan) -> None:
    """Do what a plan says; done again, it changes nothing more."""
    with ledger.stamped() as at:
        ledger.insert("erasures", ERASURES, encoded(ERASURES, list(_tombstones(plan, at))))
    ledger.epoch_passed(at)
    scope = Scope(plan.warrant.tenant)
    _hide_frames(ledger, scope, [frame for frame, _ in plan.frames], plan.retold)
    calls = [*plan.calls, *plan.joined]
    if plan.comes_back:
        Catalogue(ledger).part(scope, calls)
    for ids in batched([*calls, *plan.unkeyed], AT_ONCE):
        _hide(ledger, scope, "delete_keys", ids=ids)
    for ids in batched(calls, AT_ONCE):
        _hide(ledger, scope, "delete_aliases", ids=ids)
    for ids in batched([] if plan.comes_back else sorted({*plan.notes, *calls}), AT_ONCE):
        _hide(ledger, scope, "delete_annotations", ids=ids)
    _empty_catalogue(ledger, scope, plan.recordings, {*calls})
    for hashes in batched(plan.numbers, AT_ONCE):
        _hide(ledger, scope, "delete_numbers", numbers=hashes)
    for origin in plan.origins:
        for name in ("delete_tallies", "delete_positions", "delete_retold_by"):
            _hide(ledger, scope, name, source=origin.source, origin=origin.origin, mark=origin.mark)
    # Last: as long as they are there, a removal without a plan can be asked for again.
    for ids in batched(sorted(calls), AT_ONCE):
        _hide(ledger, scope, "delete_calls", ids=ids, **_opened(ids))


def _tombstones(plan: Plan, at: Instant) -> Iterator[tuple[Any, ...]]:
    warrant = plan.warrant
    under = (warrant.id, warrant.ground.value, warrant.reference, warrant.by)

    def row(kind: str, name: str, source: str = "", opened: int = 0, count: int = 1) -> tuple[Any, ...]:
        return (warrant.tenant, kind, name, source, opened, *under, count, at)

    yield from (row("call", call, opened=opened_ms(call)) for call in [*plan.calls, *plan.joined])
    yield from (row("frame", frame.hex(), source) for frame, source in plan.frames)
    yield from (row("recording", recording) for recording in plan.recordings)
    yield from (row("note", call) for call in plan.notes if not plan.comes_back)
    yield from (row("import", one.undone, one.source, count=one.lost) for one in plan.origins)
    if plan.named:
        yield row("number", f"{warrant.id}.{at}", count=plan.named)
    yield row("removal", warrant.id)  # so that each removal has a time of its own: see Ledger.epoch_passed


def _hide_frames(ledger: Ledger, scope: Scope, frames: Sequence[bytes], retold: Sequence[bytes]) -> None:
    for run in lookups.by_time(frames):
        for ids in batched(run, AT_ONCE):
            sql = statement("erasing", "delete_frames").replace("{ids}", lookups.literals(ids))
            _change(ledger, scope, sql, lookups.span(ids))
    for ids in batched(sorted({*frames, *retold}), AT_ONCE):
        sql = statement("erasing", "delete_retellings").replace("{ids}", lookups.literals(ids))
        _change(ledger, scope, sql, {})


def _hide(ledger: Ledger, scope: Scope, name: str, **params: object) -> None:
    # The place of a row is the number itself where numbers are the key: a patch would hold it.
    settings = MASKING if name == "delete_numbers" else HIDING
    _change(ledger, scope, statement("erasing", name), params, settings)


def _change(
    ledger: Ledger,
    scope: Scope,
    sql: str,
    params: Mapping[str, object],
    settings: Mapping[str, object] = HIDING,
) -> None:
    text, bound = scoped(sql, scope)
    ledger.engine.change(text, {**params, **bound}, settings)


def _empty_catalogue(
    ledger: Ledger, scope: Scope, recordings: Iterable[RecordingId], calls: set[CallId]
) -> None:
    """Leave of recordings what :func:`_bare` says; not the call, if that goes, too."""
    catalogue = Catalogue(ledger)
    for ids in batched(recordings, AT_ONCE):
        bare = [_bare(one, None if one.call in calls else one.call) for one in catalogue.get(scope, ids)]
        catalogue.keep(scope.tenant, bare)
        _hide(ledger, scope, "delete_recordings", ids=ids)


def _bare(recording: KeptRecording, call: CallId | None) -> KeptRecording:
    """What stays of a destroyed recording: enough to know the same file again, and that the call was recorded."""
    return KeptRecording(
        id=recording.id,
        tenant=recording.tenant,
        source=recording.source,
        name="",
        received_at=recording.received_at,
        size=recording.size,
        sha256=recording.sha256,
        call=call,
        problem="it could not be played" if recording.problem else "",
        gone=True,
        version=recording.version if recording.gone else recording.version + 1,
    )


# What there is


def frames_of(ledger: Ledger, scope: Scope, calls: Sequence[CallId]) -> set[bytes]:
    """The frames that some calls rest on, as they stand."""
    found: set[bytes] = set()
    for ids in batched(sorted(calls), AT_ONCE):
        rows = ledger.query_rows(scope, statement("erasing", "frames_of"), {"ids": ids, **_opened(ids)})
        found.update(bytes.fromhex(row[0]) for row in rows)
    return found


def sources_of(ledger: Ledger, scope: Scope, frames: Iterable[bytes]) -> list[tuple[bytes, str]]:
    """Those of some frames that are there, with their sources."""
    found: list[tuple[bytes, str]] = []
    for run in lookups.by_time(frames):
        for ids in batched(run, AT_ONCE):
            sql = statement("erasing", "sources_of").replace("{ids}", lookups.literals(ids))
            rows = ledger.query_rows(scope, sql, lookups.span(ids))
            found += [(bytes.fromhex(frame), source) for frame, source in rows]
    return sorted(found)


def leading_to(ledger: Ledger, scope: Scope, calls: Sequence[CallId]) -> list[CallId]:
    """The ids that lead to some calls, by whatever way."""
    found: set[CallId] = set()
    ahead = list(calls)
    while ahead:
        step: set[CallId] = set()
        for ids in batched(ahead, AT_ONCE):
            rows = ledger.query_rows(scope, statement("recordings", "joined_into"), {"calls": ids})
            step |= {CallId(row[0]) for row in rows}
        ahead = sorted(step - found - set(calls))
        found.update(ahead)
    return sorted(found)


def _live(ledger: Ledger, scope: Scope, calls: Sequence[CallId]) -> list[CallId]:
    found: list[CallId] = []
    for ids in batched(calls, AT_ONCE):
        rows = ledger.query_rows(scope, statement("erasing", "live"), {"ids": ids, **_opened(ids)})
        found += [CallId(row[0]) for row in rows]
    return sorted(found)


def annotated(ledger: Ledger, scope: Scope, calls: Sequence[CallId]) -> list[CallId]:
    """Those of some calls that somebody added something to."""
    found: list[CallId] = []
    for ids in batched(sorted(set(calls)), AT_ONCE):
        found += [
            CallId(row[0])
            for row in ledger.query_rows(scope, statement("erasing", "annotated"), {"ids": ids})
        ]
    return sorted(found)


def _catalogue(ledger: Ledger, scope: Scope, ids: Sequence[RecordingId]) -> list[KeptRecording]:
    return Catalogue(ledger).get(scope, ids) if ids else []


def _hashes(ledger: Ledger, scope: Scope, numbers: Sequence[str]) -> list[int]:
    if not numbers:
        return []
    [(hashes,)] = ledger.query_rows(scope, statement("erasing", "hashes"), {"numbers": list(numbers)})
    return [int(one) for one in hashes]


def _named(ledger: Ledger, scope: Scope, hashes: Sequence[int]) -> int:
    if not hashes:
        return 0
    return int(ledger.query_rows(scope, statement("erasing", "named"), {"numbers": list(hashes)})[0][0])


def _opened(ids: Sequence[CallId]) -> dict[str, object]:
    opened = [opened_ms(call) for call in ids]
    return {"since": min(opened), "until": max(opened)}


# Off the disk


def purge(ledger: Ledger, warrant: Warrant) -> Physical:
    """Have the engine rewrite whatever holds removed rows, and wait until what it replaced is off the disk.

    Takes seconds, minutes where there is much to rewrite: once at the end of a run. What was removed before it began is ``gone``
    when it says so.
    """
    with ledger.stamped() as at:
        pass
    for step in ("APPLY PATCHES", "APPLY DELETED MASK"):
        for table in _hiding(ledger):
            ledger.engine.change(f"ALTER TABLE {table} {step}", {}, {"mutations_sync": 2})
    left = _wait(ledger, _replaced(ledger))
    hidden = physical(ledger)
    found = Physical(hidden.hidden_rows, left, hidden.tables)
    if found.state == "gone":
        under = (warrant.id, warrant.ground.value, warrant.reference, warrant.by)
        row = (warrant.tenant, "purged", warrant.id, "", 0, *under, 1, at)
        ledger.insert("erasures", ERASURES, encoded(ERASURES, [row]))
    return found


def physical(ledger: Ledger) -> Physical:
    """How many rows are hidden and still on the disk, and in which tables."""
    hidden: dict[str, int] = {}
    for table in _TABLES:
        for answer in ledger.engine.each(_HIDDEN.replace("{table}", table)):
            there = int(answer.strip() or 0)
            if there:
                hidden[table] = hidden.get(table, 0) + there
    return Physical(sum(hidden.values()), 0, tuple(sorted(hidden)))


def _hiding(ledger: Ledger) -> tuple[str, ...]:
    return physical(ledger).tables


def _replaced(ledger: Ledger) -> list[set[str]]:
    """For each node the parts of tables that are of no use any more, and wait to be removed from the disk."""
    return [set(answer.decode().splitlines()) for answer in ledger.engine.each(_INACTIVE)]


def _wait(ledger: Ledger, parts: list[set[str]]) -> int:
    """How many of these parts are still there in the end."""
    deadline = time.monotonic() + WAIT_S
    while True:
        left = [was & now for was, now in zip(parts, _replaced(ledger), strict=True)]
        if not any(left) or time.monotonic() > deadline:
            return sum(map(len, left))
        _clean_up(ledger, sorted({part.partition(" ")[0] for some in left for part in some}))
        time.sleep(_LOOK_S)


def _clean_up(ledger: Ledger, tables: Sequence[str]) -> None:
    """Have the engine look now for what it does not need any more; by itself it does so after half a minute to five."""
    for table in tables:
        # Told that it may, it looks at once, though nobody had forbidden it. A server that refuses this gets there by itself.
        with suppress(LedgerRefusedError, LedgerAddressError):
            ledger.engine.change(f"SYSTEM START CLEANUP {table}", {})


_LOOK_S = 0.2
_TABLES = (
    "calls",
    "frames",
    "retellings",
    "keys",
    "aliases",
    "annotations",
    "named_numbers",
    "recordings",
    "tallies",
    "positions",
)
_HIDDEN = (
    "SELECT (SELECT sum(rows) FROM system.parts WHERE active AND database = currentDatabase() AND table = '{table}'"
    " AND NOT startsWith(name, 'patch')) - (SELECT count() FROM {table}) SETTINGS final = 0"
)
_INACTIVE = (
    # Patches hold the places of the rows that they hid, and nothing else.
    f"SELECT concat(table, ' ', name) FROM system.parts WHERE database = currentDatabase() AND table IN {_TABLES}"
    " AND NOT active AND NOT startsWith(name, 'patch') SETTINGS final = 0"
)
