"""The ledger: the calls, the frames they were made of, what could not be understood, and the accounts."""

from __future__ import annotations

import base64
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from itertools import islice
from typing import Any, TypeVar

import msgspec
import pyarrow as pa
import xxhash

from ringbook.ledger import lookups, reading, rows
from ringbook.ledger.address import EmbeddedAddress, parse_address
from ringbook.ledger.annotations import ANNOTATIONS, NAMED_NUMBERS, encode_annotations, encode_named
from ringbook.ledger.batch import Batch, Gone, Position, Tally
from ringbook.ledger.engines.engine import Engine
from ringbook.ledger.scoping import scoped
from ringbook.ledger.stamps import OTHERS_LAG, Stamps
from ringbook.ledger.statements import migrations, statement
from ringbook.model.annotation import CallNotes, NamedNumber
from ringbook.model.call import Call, CallId
from ringbook.model.frame import FrameRow
from ringbook.model.instant import DAY, LATEST, SECOND, Instant
from ringbook.model.scope import Scope

_T = TypeVar("_T")
NEWEST_FIRST = "started_at DESC, id DESC"
PAGE = 500
"""So many calls are a page, of which only the places are sorted."""
CHUNK = 5_000
"""Rows fetched at a time by walks over many."""


class Encoded(msgspec.Struct, frozen=True):
    """Rows that a worker process has made ready: see ``rows.encode_calls`` and ``rows.encode_frames``."""

    calls: bytes = b""
    frames: bytes = b""
    keys: bytes = b""


class RejectPage(msgspec.Struct, frozen=True):
    """Some rejects, the last received first, and the cursor to go on with; empty when there are no more."""

    rows: list[FrameRow]
    cursor: str = ""


class ReasonCount(msgspec.Struct, frozen=True):
    """How many frames of a source were rejected, or noise, for one reason."""

    source: str
    kind: str
    reason: str
    count: int


class SourceStatus(msgspec.Struct, frozen=True, kw_only=True):
    """What the ledger has of one source."""

    source: str
    formats: tuple[str, ...] = ()
    frames: int = 0
    rejected: int = 0
    noise: int = 0
    calls: int = 0
    last_received_at: Instant | None = None
    last_stated_at: Instant | None = None
    last_call_at: Instant | None = None
    frames_last_hour: int = 0
    frames_last_day: int = 0


def open_ledger(address: str) -> Ledger:
    """The ledger at an address, its tables brought up to date.

    ``chdb:///absolute/path`` is the engine in this process; ``http(s)://user:password@host:port/database`` is ClickHouse.
    Raises LedgerAddressError, LedgerBusyError, LedgerUnavailableError or LedgerUnwritableError.
    """
    place = parse_address(address)
    engine: Engine
    if isinstance(place, EmbeddedAddress):
        from ringbook.ledger.engines.embedded import (
            EmbeddedEngine,
        )  # loads half a gigabyte: only when asked for

        engine = EmbeddedEngine(place.path)
    else:
        from ringbook.ledger.engines.cluster import ClusterEngine

        engine = ClusterEngine(place)
    try:
        engine.migrate(migrations())
    except BaseException:
        engine.close()
        raise
    return Ledger(engine, sole_writer=isinstance(place, EmbeddedAddress))


class Ledger:
    """Reads and writes the call store. Safe to use from several threads; one writer at a time."""

    def __init__(self, engine: Engine, *, sole_writer: bool = False) -> None:
        self._engine = engine
        self._stamps = Stamps(self._last_stamp, 0 if sole_writer else OTHERS_LAG)
        self._sole_writer = sole_writer
        self._epoch: Instant | None = None

    def _last_stamp(self) -> Instant:
        sql = "SELECT toUnixTimestamp64Micro(max(written_at)) FROM calls"
        return max(int(self._engine.raw(sql, {}, "TSV", {"final": 0})), self._removed_at())

    def _removed_at(self) -> Instant:
        """When something was last removed for good; 0 when nothing was."""
        if self._epoch is None or not self._sole_writer:
            sql = "SELECT toUnixTimestamp64Micro(max(at)) FROM erasures"
            self._epoch = int(self._engine.raw(sql, {}, "TSV", {"final": 0}))
        return self._epoch

    def stamped(self) -> AbstractContextManager[Instant]:
        """A stamp for rows that are inserted within, as rows of calls have one: see ``ledger.stamps``."""
        return self._stamps.stamp()

    def epoch_passed(self, at: Instant) -> None:
        """Take note that rows were removed: the same rows may now be inserted again, and are no repetition of an insert."""
        self._epoch = at

    @property
    def engine(self) -> Engine:
        """The engine beneath, for ``ledger.probe``."""
        return self._engine

    def horizon(self) -> Instant:
        """The instant before which all rows of calls that were ever stamped can be seen: see ``ledger.stamps``."""
        return self._stamps.horizon()

    def close(self) -> None:
        """Let the store go."""
        self._engine.close()

    # Writing

    def write(self, batch: Batch, encoded: Encoded | None = None) -> None:
        """Add a batch; durable when it returns. Repeating a batch, whole or after a crash in the middle, changes nothing.

        ``encoded`` holds further rows of the batch's calls and frames that are already bytes.
        """
        more = encoded or Encoded()
        tenant = batch.tenant
        calls, revived = self._revived(Scope(tenant), batch.calls)
        frames = rows.encode_frames(batch.frames) + more.frames
        frames += rows.encode_restated(batch.restated, int(time.time()))
        self.insert("frames", rows.FRAMES, frames + rows.encode_replaced(batch.replaced))
        self.insert("keys", rows.KEYS, rows.encode_keys(tenant, batch.keys) + more.keys)
        self.insert("aliases", rows.ALIASES, rows.encode_aliases(tenant, batch.gone))
        told = rows.encode_calls(calls) + rows.encode_tombstones(tenant, batch.gone) + more.calls
        self._insert_calls(told)
        # Only now: a repetition finds by the old alias that such a call has to be raised.
        self.insert("aliases", rows.ALIASES, rows.encode_aliases(tenant, revived))
        self.insert("retellings", rows.RETELLINGS, rows.encode_retold(tenant, batch.retold))
        self.insert("tallies", rows.TALLIES, rows.encode_tallies(tenant, batch.tallies))
        self.insert(
            "positions",
            rows.POSITIONS,
            rows.encode_positions(tenant, batch.positions, time.time_ns() // 1000),
        )

    def annotate(self, tenant: str, notes: Iterable[CallNotes]) -> None:
        """Keep what people added to calls, to be searched by; durable when it returns, and may be repeated."""
        for some in batched(notes, CHUNK):
            data = encode_annotations(tenant, some, time.time_ns() // 1000)
            self.insert("annotations", ANNOTATIONS, data)

    def name_numbers(self, tenant: str, numbers: Iterable[NamedNumber]) -> None:
        """Keep whose numbers are, to be searched by; durable when it returns, and may be repeated."""
        for some in batched(numbers, CHUNK):
            self.insert("named_numbers", NAMED_NUMBERS, encode_named(tenant, some, time.time_ns() // 1000))

    def insert(self, table: str, schema: pa.Schema, data: bytes) -> None:
        """Add encoded rows to a table of the ledger's; durable when this returns, and may be repeated."""
        if data:
            whole = rows.stream(schema, data)
            self._engine.insert(table, schema.names, whole, self._token(data))

    def _token(self, data: bytes) -> str:
        """What an insert is recognised by when it is repeated, until something is removed."""
        epoch = self._removed_at()
        return f"{xxhash.xxh3_128_hexdigest(data)}{f' {epoch}' if epoch else ''}"

    def _insert_calls(self, data: bytes) -> None:
        """Insert rows of calls under a stamp; again under another if it took so long that readers may have gone past it."""
        token = self._token(data)
        late = bool(data)
        while late:
            with self._stamps.stamp() as at:
                whole = rows.stream(rows.CALLS_STAMPED, rows.stamped(data, at))
                self._engine.insert("calls", rows.CALLS_STAMPED.names, whole, token)
                late = self._stamps.late(at)
            token = f"{token} again"

    def _revived(self, scope: Scope, calls: list[Call]) -> tuple[list[Call], list[Gone]]:
        """The calls, those raised above their tombstones that were joined into others and are told apart again.

        From now on such a call leads to itself.
        """
        ask = self._rows_of(scope)
        born = [call.id for call in calls if call.revision == 1]
        joined = {call for call, into in lookups.leads_to(ask, born).items() if call != into}
        if not joined:
            return calls, []
        last = lookups.last_revisions(ask, joined)
        raised = [
            msgspec.structs.replace(call, revision=last.get(call.id, 0) + 1) if call.id in joined else call
            for call in calls
        ]
        own = [Gone(c.id, c.started_at, c.revision - 1, c.id) for c in raised if c.id in joined]
        return raised, own

    # Correlation

    def owners(
        self, scope: Scope, keys: Iterable[int], since: Instant | None, until: Instant | None
    ) -> dict[int, CallId]:
        """Which call each of these key hashes belongs to, among calls that started in that time; joined calls resolved."""
        found = lookups.owners(self._rows_of(scope), keys, since or 0, LATEST if until is None else until)
        leads = self._leads(scope, {call for _, call in found})
        owners: dict[int, CallId] = {}
        for key, call in found:
            final = leads.get(call, call)
            owners[key] = min(final, owners.get(key, final))
        return owners

    def known_frames(self, scope: Scope, source: str, ids: Iterable[bytes]) -> set[bytes]:
        """Which of these frames of a source the ledger has had, also those that were since replaced, or removed for good."""
        asked = set(ids)
        known = lookups.known_frames(self._rows_of(scope), source, asked)
        if self._removed_at():
            known |= lookups.removed_frames(self._rows_of(scope), source, asked - known)
        return known

    def ends(self, scope: Scope, ids: Iterable[CallId]) -> dict[CallId, CallId]:
        """Where each of some ids leads in the end: itself, unless it was joined into another."""
        wanted = {call for call in ids if _is_id(call)}
        return {call: call for call in wanted} | self._leads(scope.whole(), wanted)

    def _leads(self, scope: Scope, ids: Iterable[CallId]) -> dict[CallId, CallId]:
        """Where those of the ids that were joined into other calls lead in the end."""
        leads: dict[CallId, CallId] = {}
        ahead = set(ids)
        while ahead:
            step = lookups.leads_to(self._rows_of(scope), ahead)
            leads.update(step)
            ahead = set(step.values()) - leads.keys()
        return {start: _end(leads, start) for start in leads}

    # Calls

    def calls(self, scope: Scope, ids: Iterable[CallId]) -> list[Call]:
        """The calls of these ids, oldest first; an id that was joined into another gives that other, once."""
        wanted = {call for call in ids if _is_id(call)}
        # Where ids lead is the tenant's; what is shown of it is the reader's.
        leads = self._leads(scope.whole(), wanted)
        found = self.those(scope, (leads.get(call, call) for call in wanted))
        return sorted(found, key=lambda call: (call.started_at, call.id))

    def those(
        self,
        scope: Scope,
        ids: Iterable[CallId],
        condition: str = "1",
        params: Mapping[str, object] | None = None,
    ) -> list[Call]:
        """Those of the calls of these very ids that satisfy a condition as they are now, in no order."""
        found: list[Call] = []
        sql = _filled(statement("calls", "by_id"), condition, "").replace("{fields}", reading.CALL_FIELDS)
        for run in lookups.places(ids):
            text = sql.replace("{ids}", ",".join(f"'{call}'" for call in run.ids))
            # The few revisions of a call are told apart here: for the engine to do it costs more than to read them.
            answer = self._raw(scope, text, {**(params or {}), **run.params()}, {"final": 0})
            found += reading.decode_newest(answer)
        return found

    def select(
        self,
        scope: Scope,
        condition: str = "1",
        params: Mapping[str, object] | None = None,
        *,
        order: str = NEWEST_FIRST,
        limit: int = 50,
    ) -> list[Call]:
        """Full calls that satisfy a condition over the columns of ``calls``, with its values bound as ``{name:Type}``."""
        bound = {**(params or {}), "limit": limit}
        if limit <= PAGE:
            # A page's places first, from few columns, then its rows: six times as fast as sorting whole rows.
            sql = _filled(statement("calls", "places_where"), condition, order)
            for _ in range(3):  # a call may be joined into another between the two
                ids = [CallId(row[0]) for row in _table(self._raw(scope, sql, bound))]
                found = {call.id: call for call in self.those(scope, ids)}
                if len(found) == len(ids):
                    break
            return [found[call] for call in ids if call in found]
        sql = _filled(statement("calls", "calls_where"), condition, order).replace(
            "{fields}", reading.CALL_FIELDS
        )
        return reading.decode_calls(self._raw(scope, sql, bound))

    def count(self, scope: Scope, condition: str = "1", params: Mapping[str, object] | None = None) -> int:
        """How many calls satisfy a condition."""
        sql = _filled(statement("calls", "count_where"), condition, "")
        return int(_table(self._raw(scope, sql, params or {}))[0][0])

    def query_rows(
        self,
        scope: Scope,
        sql: str,
        params: Mapping[str, object] | None = None,
        settings: Mapping[str, object] | None = None,
    ) -> list[tuple[Any, ...]]:
        """The rows that a SELECT gives, as JSON values (times as text: select ``toUnixTimestamp64Micro(…)`` for instants).

        A statement over calls must restrict itself to ``{scope}``, any other to ``{tenant:String}``: both are put in here.
        """
        return _table(self._raw(scope, sql, params or {}, settings))

    def arrow(
        self, scope: Scope, sql: str, params: Mapping[str, object], settings: Mapping[str, object]
    ) -> bytes:
        """The rows that a SELECT gives, as a stream of Arrow; restricted to a scope as ``query_rows`` says."""
        text, bound = scoped(sql, scope)
        return self._engine.raw(text, {**params, **bound}, "ArrowStream", settings)

    def call_days(self, scope: Scope, source: str, since: Instant, until: Instant) -> list[Instant]:
        """The UTC midnights of the days on which calls of a source began, in a period, oldest first."""
        params = {"source": source, "since": since, "until": until}
        return [row[0] for row in self._rows(scope, "calls", "days", params)]

    def calls_between(self, scope: Scope, source: str, since: Instant, until: Instant) -> list[Call]:
        """The calls of a source that began in a period, oldest first."""
        condition = (
            "has(sources, {source:String}) AND started_at >= fromUnixTimestamp64Micro({since:Int64}, 'UTC')"
            " AND started_at < fromUnixTimestamp64Micro({until:Int64}, 'UTC')"
        )
        params = {"source": source, "since": since, "until": until}
        return self.select(scope, condition, params, order="started_at, id", limit=_ALL)

    # Frames

    def frames(self, scope: Scope, ids: Iterable[bytes]) -> list[FrameRow]:
        """The frames of these ids, in order of the time they state."""
        found: list[FrameRow] = []
        for run in lookups.by_time(ids):
            some = lookups.frames_condition(self._rows_of(scope), run)
            sql = (
                statement("frames", "by_id").replace("{fields}", reading.FRAME_FIELDS).replace("{some}", some)
            )
            wanted = set(run)
            rows_found = reading.decode_frames(self._raw(scope, sql, lookups.span(run)))
            found += [row for row in rows_found if row.id in wanted]
        return sorted(found, key=lambda row: row.id)

    def frames_between(
        self, scope: Scope, source: str | None, since: Instant, until: Instant
    ) -> Iterator[FrameRow]:
        """The frames of a source (or of all) that state a time in that period, by source and time."""
        sql = statement("frames", "between").replace("{fields}", reading.FRAME_FIELDS)
        after_source, after = "", b"\0" * 16
        while True:
            params = {
                "source": source or "",
                "since": since,
                "until": until,
                "after_source": after_source,
                "after": _b64(after),
                "limit": CHUNK,
            }
            chunk = reading.decode_frames(self._raw(scope, sql, params))
            yield from chunk
            if len(chunk) < CHUNK:
                return
            after_source, after = chunk[-1].source, chunk[-1].id

    def rejects(
        self,
        scope: Scope,
        source: str | None = None,
        reason: str | None = None,
        limit: int = 50,
        cursor: str = "",
    ) -> RejectPage:
        """What could not be understood, the last received first."""
        before, _, before_id = cursor.partition(".")
        params = {
            "source": source or "",
            "reason": reason or "",
            "before": int(before) if before else LATEST,
            "before_id": _b64(bytes.fromhex(before_id) if before_id else b"\xff" * 16),
            "limit": limit,
        }
        sql = statement("frames", "rejects").replace("{fields}", reading.FRAME_FIELDS)
        found = reading.decode_frames(self._raw(scope, sql, params))
        last = found[-1] if len(found) == limit else None
        return RejectPage(found, f"{last.received_at}.{last.id.hex()}" if last else "")

    def reject(self, scope: Scope, frame: bytes) -> FrameRow | None:
        """One reject; None when there is none of that id."""
        found = [row for row in self.frames(scope, [frame]) if row.kind == "rejected"]
        return found[0] if found else None

    def reasons(self, scope: Scope) -> list[ReasonCount]:
        """How many frames were rejected, or noise, by source and reason."""
        return [ReasonCount(*row) for row in self._rows(scope, "frames", "reasons", {})]

    # Accounts

    def position(self, scope: Scope, source: str, origin: str, mark: str) -> Position | None:
        """How far an origin has been read; None when it never was."""
        found = self._rows(scope, "accounts", "position", {"source": source, "origin": origin, "mark": mark})
        return _position(found[0]) if found else None

    def positions(self, scope: Scope, source: str | None = None, beginning: str = "") -> list[Position]:
        """How far each origin of a source (or of all) has been read; ``beginning`` ``/`` restricts them to files."""
        params = {"source": source or "", "beginning": beginning}
        return [_position(row) for row in self._rows(scope, "accounts", "positions", params)]

    def positions_of(self, scope: Scope, source: str, origins: Sequence[str]) -> list[Position]:
        """How far these origins of a source have been read, in one question for all of them."""
        if not origins:
            return []
        params = {"source": source, "origins": list(origins)}
        return [_position(row) for row in self._rows(scope, "accounts", "positions_of", params)]

    def tallies(self, scope: Scope) -> list[Tally]:
        """The accounts of all batches, by origin and place."""
        return [Tally(*row) for row in self._rows(scope, "accounts", "tallies", {})]

    def throughput(self, scope: Scope, since: Instant, step_s: int) -> list[tuple[str, Instant, int, int]]:
        """Source, beginning of a step, records and rejects in it: each step since an instant in which records came."""
        rows = self._rows(scope, "accounts", "throughput", {"since": since, "step": step_s})
        return [
            (source, int(step) * SECOND, int(frames), int(rejected))
            for source, step, frames, rejected in rows
        ]

    def source_status(self, scope: Scope, now: Instant | None = None) -> list[SourceStatus]:
        """What the ledger has of each source and how much of it came lately (seen from ``now``, the clock unless given)."""
        at = time.time_ns() // 1000 if now is None else now
        told = self._rows(
            scope, "frames", "per_source", {"hour_ago": at - 3600 * SECOND, "day_ago": at - DAY}
        )
        calls = {row[0]: row for row in self._rows(scope, "calls", "per_source", {})}
        return [
            SourceStatus(
                source=source,
                formats=tuple(sorted(formats)),
                frames=frames,
                rejected=rejected,
                noise=noise,
                calls=calls[source][1] if source in calls else 0,
                last_received_at=received or None,
                last_stated_at=stated or None,
                last_call_at=calls[source][2] if source in calls else None,
                frames_last_hour=hour,
                frames_last_day=day,
            )
            for source, frames, rejected, noise, received, stated, hour, day, formats in told
        ]

    # Asking the engine

    def _rows(
        self, scope: Scope, file: str, name: str, params: Mapping[str, object]
    ) -> list[tuple[Any, ...]]:
        return _table(self._raw(scope, statement(file, name), params))

    def _rows_of(self, scope: Scope) -> lookups.Ask:
        """How lookups ask, bound to a scope: raw bytes of rows, repetitions of a row included."""

        def ask(sql: str, params: Mapping[str, object]) -> bytes:
            text, bound = scoped(sql, scope)
            return self._engine.raw(text, {**params, **bound}, "RowBinary", {"final": 0})

        return ask

    def _raw(
        self,
        scope: Scope,
        sql: str,
        params: Mapping[str, object],
        settings: Mapping[str, object] | None = None,
    ) -> bytes:
        text, bound = scoped(sql, scope)
        return self._engine.raw(text, {**params, **bound}, "JSONCompactEachRow", settings)


def batched(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """The items in lists of at most that size."""
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some


def _table(lines: bytes) -> list[tuple[Any, ...]]:
    return _ROWS.decode_lines(lines)


def _filled(sql: str, condition: str, order: str) -> str:
    return sql.replace("{condition}", condition).replace("{order}", order)


def _end(leads: Mapping[CallId, CallId], start: CallId) -> CallId:
    seen = {start}
    while (ahead := leads.get(start)) is not None and ahead not in seen:
        seen.add(ahead)
        start = ahead
    return start


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _is_id(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


def _position(row: tuple[Any, ...]) -> Position:
    source, origin, mark, offset, context, form = row
    return Position(source, origin, mark, offset, base64.b64decode(context), form)


_ALL = 2**62
_ROWS = msgspec.json.Decoder(tuple[Any, ...])
