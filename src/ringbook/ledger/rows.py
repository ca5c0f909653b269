"""Rows of the store's tables as bytes.

Rows travel as Arrow record batches, without the schema that goes before them: so encodings may be put one after the other,
and worker processes can make them while the process that owns the engine only hands on bytes (measured:
``docs/decisions/how-rows-reach-the-engine.md``). All functions are pure.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import islice
from typing import Any

import msgspec
import pyarrow as pa

from ringbook.ledger.batch import Gone, KeyRow, Position, Retelling, Tally
from ringbook.ledger.detail import packed
from ringbook.model.call import Call, CallId
from ringbook.model.frame import FrameRow
from ringbook.model.instant import Instant
from ringbook.model.party import EndpointKind, Party

#: That of a frame for which another stands for good.
LAST_REVISION = 2**32 - 1
ROWS_AT_ONCE = 2_000

_TEXT, _INT, _REAL, _BYTES = pa.string(), pa.int64(), pa.float64(), pa.binary()
_TEXTS, _BYTE, _SHORT, _LONG = pa.list_(_TEXT), pa.uint8(), pa.uint16(), pa.uint32()
_BIG, _MS, _US = pa.uint64(), pa.timestamp("ms"), pa.timestamp("us")

CALLS = pa.schema(
    {
        "tenant": _TEXT,
        "id": _TEXT,
        "opened_at": _MS,
        "revision": _LONG,
        "gone": _BYTE,
        "rules": _SHORT,
        "started_at": _US,
        "answered_at": _US,
        "ended_at": _US,
        "direction": _TEXT,
        "outcome": _TEXT,
        "hangup_by": _TEXT,
        "cause_q850": _SHORT,
        "cause_sip": _SHORT,
        "cause_text": _TEXT,
        "from_number": _TEXT,
        "from_name": _TEXT,
        "to_number": _TEXT,
        "to_name": _TEXT,
        "dialled": _TEXT,
        "agent_extensions": _TEXTS,
        "agent_names": _TEXTS,
        "agent_talk_ms": pa.list_(_INT),
        "queue": _TEXT,
        "account": _TEXT,
        "cost": _TEXT,
        "duration_ms": _INT,
        "wait_ms": _INT,
        "ring_ms": _INT,
        "talk_ms": _INT,
        "hold_ms": _INT,
        "transfer_count": _SHORT,
        "recording_count": _SHORT,
        "mos": _REAL,
        "pdd_s": _REAL,
        "jitter_ms": _REAL,
        "loss_pct": _REAL,
        "sources": _TEXTS,
        "keys": _TEXTS,
        "frames": pa.list_(pa.binary(16)),
        "numbers": _TEXTS,
        "extensions": _TEXTS,
        "names": _TEXT,
        "detail": _BYTES,
    }
)
CALLS_STAMPED = CALLS.append(pa.field("written_at", _US))
ALIASES = pa.schema({"tenant": _TEXT, "id": _TEXT, "leads_to": _TEXT, "revision": _LONG})
KEYS = pa.schema({"tenant": _TEXT, "at": _MS, "key": _BIG, "call": _TEXT})
FRAMES = pa.schema(
    {
        "tenant": _TEXT,
        "source": _TEXT,
        "id": pa.binary(16),
        "revision": _LONG,
        "gone": _BYTE,
        "stated_at": _US,
        "format": _TEXT,
        "kind": _TEXT,
        "about_call": _BYTE,
        "reason": _TEXT,
        "detail": _TEXT,
        "data": _BYTES,
        "context": _BYTES,
        "origin": _TEXT,
        "offset": _BIG,
        "received_at": _US,
    }
)
TALLIES = pa.schema(
    {
        "tenant": _TEXT,
        "source": _TEXT,
        "origin": _TEXT,
        "mark": _TEXT,
        **dict.fromkeys("start stop size frames stated rejected noise repeated".split(), _BIG),
        "at": _US,
    }
)
RETELLINGS = pa.schema(
    {
        "tenant": _TEXT,
        "source": _TEXT,
        "id": pa.binary(16),
        "origin": _TEXT,
        "mark": _TEXT,
        "start": _BIG,
        "offset": _BIG,
        "received_at": _US,
    }
)
POSITIONS = pa.schema(
    {
        "tenant": _TEXT,
        "source": _TEXT,
        "origin": _TEXT,
        "mark": _TEXT,
        "offset": _BIG,
        "context": _BYTES,
        "format": _TEXT,
        "written_at": _US,
    }
)


def stream(schema: pa.Schema, rows: bytes) -> bytes:
    """Encoded rows as a whole Arrow stream, as the engine reads it."""
    return bytes(schema.serialize().to_pybytes() + rows + b"\xff\xff\xff\xff\0\0\0\0")


def opened_ms(call: CallId) -> int:
    """The milliseconds that a call's id carries: its place in the store."""
    return int(call[:8] + call[9:13], 16)


def encode_calls(calls: Iterable[Call]) -> bytes:
    """Rows for the table ``calls``."""
    return _encoded(CALLS, calls, _call_columns)


def encode_tombstones(tenant: str, gone: Iterable[Gone]) -> bytes:
    """Rows for the table ``calls`` that end calls which were joined into others."""
    ended = [Call(id=g.id, tenant=tenant, started_at=g.started_at, revision=g.revision + 1) for g in gone]
    return _encoded(CALLS, ended, lambda some: _call_columns(some, gone=1))


def _call_columns(calls: Sequence[Call], gone: int = 0) -> list[Sequence[Any]]:
    # In the order of CALLS.
    ids = [c.id for c in calls]
    causes = [c.cause for c in calls]
    callers, called = [c.caller for c in calls], [c.called for c in calls]
    agents = [c.agents for c in calls]
    quality = [c.quality for c in calls]
    numbers, extensions, names = _mentioned(calls)
    return [
        [c.tenant for c in calls],
        ids,
        [opened_ms(call) for call in ids],
        [c.revision for c in calls],
        [gone] * len(calls),
        [c.rules for c in calls],
        [c.started_at for c in calls],
        [c.answered_at for c in calls],
        [c.ended_at for c in calls],
        [c.direction for c in calls],
        [c.outcome for c in calls],
        [c.hangup_by for c in calls],
        [cause.q850 for cause in causes],
        [cause.sip for cause in causes],
        [cause.text for cause in causes],
        *_party_columns(callers),
        *_party_columns(called),
        [c.dialled for c in calls],
        [[agent.extension for agent in some] for some in agents],
        [[agent.name for agent in some] for some in agents],
        [_ms([agent.talk_s for agent in some]) for some in agents],
        [c.queue for c in calls],
        [c.account for c in calls],
        [c.cost for c in calls],
        _ms([c.duration_s for c in calls]),
        _ms([c.wait_s for c in calls]),
        _ms([c.ring_s for c in calls]),
        _ms([c.talk_s for c in calls]),
        _ms([c.hold_s for c in calls]),
        [len(c.transfers) for c in calls],
        [len(c.recordings) for c in calls],
        [q.mos for q in quality],
        [q.pdd_s for q in quality],
        [q.jitter_ms for q in quality],
        [q.loss_pct for q in quality],
        [c.sources for c in calls],
        [c.keys for c in calls],
        [c.frames for c in calls],
        numbers,
        extensions,
        names,
        [packed(c) for c in calls],
    ]


def _party_columns(parties: Sequence[Party]) -> list[list[str]]:
    return [
        [party.number for party in parties],
        [party.name for party in parties],
    ]


def _ms(spans_s: Sequence[float | None]) -> list[int | None]:
    return [None if span is None else round(span * 1000) for span in spans_s]


def _mentioned(calls: Sequence[Call]) -> tuple[list[list[str]], list[list[str]], list[str]]:
    """For each call: all numbers, all extensions of ours, and all names (lower case, one a line)."""
    person = EndpointKind.PERSON
    all_numbers, all_extensions, all_names = [], [], []
    for call in calls:
        caller, called = call.caller, call.called
        numbers = [caller.number, called.number, call.dialled]
        extensions = [side.number for side in (caller, called) if side.kind is person]
        names = [caller.name, called.name]
        for leg in call.legs:
            numbers.append(leg.number)
            names.append(leg.name)
            if leg.kind is person:
                extensions.append(leg.number)
        for agent in call.agents:
            numbers.append(agent.extension)
            extensions.append(agent.extension)
            names.append(agent.name)
        for transfer in call.transfers:
            numbers += (transfer.by, transfer.to)
        all_numbers.append([number for number in dict.fromkeys(numbers) if number])
        all_extensions.append([extension for extension in dict.fromkeys(extensions) if extension])
        all_names.append("\n".join([name for name in dict.fromkeys(names) if name]).lower())
    return all_numbers, all_extensions, all_names


def without(schema: pa.Schema, encoded: bytes, drop: Collection[int]) -> bytes:
    """The encoded rows but for those at some indexes."""
    if not drop or not encoded:
        return encoded
    parts: list[bytes] = []
    source, first = pa.BufferReader(encoded), 0
    while source.tell() < len(encoded):
        message = pa.ipc.read_message(source)
        batch = pa.ipc.read_record_batch(message, schema)
        keep = [index not in drop for index in range(first, first + batch.num_rows)]
        kept = batch if all(keep) else batch.filter(pa.array(keep, pa.bool_()))
        parts.append(bytes(kept.serialize().to_pybytes()))
        first += batch.num_rows
    return b"".join(parts)


def stamped(calls: bytes, written_at: Instant) -> bytes:
    """Encoded rows of calls under ``CALLS_STAMPED``: with the instant at which they are written."""
    parts: list[bytes] = []
    source = pa.BufferReader(calls)
    while source.tell() < len(calls):
        batch = pa.ipc.read_record_batch(pa.ipc.read_message(source), CALLS)
        stamps = pa.repeat(pa.scalar(written_at, _US), batch.num_rows)
        whole = pa.record_batch([*batch.columns, stamps], schema=CALLS_STAMPED)
        parts.append(bytes(whole.serialize().to_pybytes()))
    return b"".join(parts)


def encoded(schema: pa.Schema, rows: Sequence[tuple[Any, ...]]) -> bytes:
    """Rows of values in the order of a schema."""
    return _encoded(schema, rows, _transposed)


def encode_aliases(tenant: str, gone: Iterable[Gone]) -> bytes:
    """Rows for the table ``aliases``: where joined calls lead."""
    return _encoded(ALIASES, [(tenant, g.id, g.leads_to, g.revision + 1) for g in gone], _transposed)


def encode_keys(tenant: str, keys: Iterable[KeyRow]) -> bytes:
    """Rows for the table ``keys``."""
    return _encoded(KEYS, [(tenant, row.at // 1000, row.key, row.call) for row in keys], _transposed)


def encode_tallies(tenant: str, tallies: Iterable[Tally]) -> bytes:
    """Rows for the table ``tallies``."""
    return _encoded(TALLIES, [(tenant, *msgspec.structs.astuple(tally)) for tally in tallies], _transposed)


def encode_positions(tenant: str, positions: Iterable[Position], written_at: Instant) -> bytes:
    """Rows for the table ``positions``."""
    rows = [(tenant, *msgspec.structs.astuple(position), written_at) for position in positions]
    return _encoded(POSITIONS, rows, _transposed)


def encode_retold(tenant: str, retold: Iterable[Retelling]) -> bytes:
    """Rows for the table ``retellings``."""
    return _encoded(RETELLINGS, [(tenant, *msgspec.structs.astuple(one)) for one in retold], _transposed)


def encode_frames(frames: Iterable[FrameRow]) -> bytes:
    """Rows for the table ``frames``."""
    return _encoded(FRAMES, frames, _frame_columns)


def encode_restated(frames: Iterable[FrameRow], revision: int) -> bytes:
    """Rows for the table ``frames`` that take the place of earlier ones of the same ids."""
    return _encoded(FRAMES, frames, lambda some: _frame_columns(some, revision))


def encode_replaced(frames: Iterable[FrameRow]) -> bytes:
    """Rows for the table ``frames`` that hide frames which stand there under another id now."""
    return _encoded(FRAMES, frames, lambda some: _frame_columns(some, LAST_REVISION, 1))


def _frame_columns(frames: Sequence[FrameRow], revision: int = 1, gone: int = 0) -> list[Sequence[Any]]:
    # In the order of FRAMES.
    return [
        [f.tenant for f in frames],
        [f.source for f in frames],
        [f.id for f in frames],
        [revision] * len(frames),
        [gone] * len(frames),
        [f.stated_at for f in frames],
        [f.format for f in frames],
        [f.kind for f in frames],
        [int(f.about_call) for f in frames],
        [f.reason for f in frames],
        [f.detail for f in frames],
        [f.data for f in frames],
        [f.context for f in frames],
        [f.origin for f in frames],
        [f.offset for f in frames],
        [f.received_at for f in frames],
    ]


def _transposed(rows: Sequence[tuple[Any, ...]]) -> list[Sequence[Any]]:
    return list(zip(*rows, strict=True))


def _encoded(
    schema: pa.Schema, rows: Iterable[Any], columns: Callable[[Sequence[Any]], list[Sequence[Any]]]
) -> bytes:
    parts: list[bytes] = []
    rest = iter(rows)
    while some := list(islice(rest, ROWS_AT_ONCE)):
        try:
            parts.append(_message(schema, columns(some)))
        except UnicodeEncodeError:  # half a surrogate pair in somebody's name
            parts.append(_message(schema, columns([_encodable(row) for row in some])))
    return b"".join(parts)


def _message(schema: pa.Schema, columns: Sequence[Sequence[Any]]) -> bytes:
    arrays = [pa.array(values, kind) for values, kind in zip(columns, schema.types, strict=True)]
    return bytes(pa.record_batch(arrays, schema=schema).serialize().to_pybytes())


def _encodable(value: Any) -> Any:
    """The same with replacement characters for what UTF-8 cannot write."""
    match value:
        case str():
            return type(value)(value.encode("utf-8", "replace").decode())
        case tuple():
            return tuple(_encodable(item) for item in value)
        case msgspec.Struct():
            fields = {name: _encodable(getattr(value, name)) for name in value.__struct_fields__}
            return msgspec.structs.replace(value, **fields)
        case _:
            return value
