"""Rows of the store's tables as bytes, and back.

Rows travel as MessagePack: one flat run of values, encoded in one go by msgspec, read by the engine's ``MsgPack`` input
(why: ``docs/decisions/how-rows-reach-the-engine.md``). The functions are pure, so that worker processes can encode and the
process that owns the engine only hands on bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, islice
from typing import Any

import msgspec

from ringbook.ledger.batch import Gone, KeyRow, Position, Tally
from ringbook.model.call import (
    AgentTalk,
    Call,
    CallId,
    CallQuality,
    Cause,
    Direction,
    HangupBy,
    Leg,
    Outcome,
    Recording,
    Step,
    Transfer,
)
from ringbook.model.frame import FrameKind, FrameRow
from ringbook.model.instant import Instant
from ringbook.model.party import EndpointKind, Party

TAIL_DIGITS = 7
#: A tombstone is a row of the highest revision: nothing that was joined into another call comes back to life by itself.
LAST_REVISION = 2**32 - 1

CALL_COLUMNS = (
    "tenant id opened_at revision gone rules started_at answered_at ended_at direction outcome hangup_by "
    "cause_q850 cause_sip cause_text from_number from_raw from_name from_kind to_number to_raw to_name to_kind dialled "
    "agent_extensions agent_names agent_talk_ms queue account cost duration_ms wait_ms ring_ms talk_ms hold_ms "
    "transfer_count recording_count mos pdd_s jitter_ms loss_pct sources keys frames "
    "numbers tails extensions names detail"
).split()
FRAME_COLUMNS = (
    "tenant source id revision gone stated_at format kind about_call reason detail data context origin offset received_at"
).split()
KEY_COLUMNS = "tenant at key call".split()
ALIAS_COLUMNS = "tenant id leads_to revision".split()
TALLY_COLUMNS = "tenant source origin mark start stop size frames stated rejected noise repeated at".split()
POSITION_COLUMNS = "tenant source origin mark offset format context written_at".split()


class Detail(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a call's row keeps in its ``detail`` column, as JSON."""

    legs: tuple[Leg, ...] = ()
    steps: tuple[Step, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    recordings: tuple[Recording, ...] = ()


def opened_ms(call: CallId) -> int:
    """The milliseconds that a call's id carries: its place in the store."""
    return int(call[:8] + call[9:13], 16)


def tail(number: str) -> str:
    """The last 7 digits of a number, by which it is found however it is written; what is not a number, in lower case."""
    digits = number.lstrip("+")
    return digits[-TAIL_DIGITS:] if digits.isdigit() else number.lower()


def encode_calls(calls: Iterable[Call]) -> bytes:
    """The rows of calls for the table ``calls``. The rows of several encodings may be put one after the other."""
    return _packed(_call_values(call) for call in calls)


def encode_tombstones(tenant: str, gone: Iterable[Gone]) -> bytes:
    """Rows for the table ``calls`` that end calls which were joined into others."""
    ended = (Call(id=g.id, tenant=tenant, started_at=g.started_at, revision=LAST_REVISION) for g in gone)
    return _packed(_call_values(call, gone=1) for call in ended)


def _ms(span_s: float | None) -> int | None:
    return None if span_s is None else round(span_s * 1000)


def _call_values(call: Call, gone: int = 0) -> tuple[Any, ...]:
    caller, called, cause, quality = call.caller, call.called, call.cause, call.quality
    agents = call.agents
    numbers, extensions, names = _mentioned(call)
    detail = _JSON.encode(
        Detail(legs=call.legs, steps=call.steps, transfers=call.transfers, recordings=call.recordings)
    )
    # In the order of CALL_COLUMNS.
    return (
        call.tenant,
        call.id,
        opened_ms(call.id),
        call.revision,
        gone,
        call.rules,
        call.started_at,
        call.answered_at,
        call.ended_at,
        call.direction,
        call.outcome,
        call.hangup_by,
        cause.q850,
        cause.sip,
        cause.text,
        caller.number,
        caller.raw,
        caller.name,
        caller.kind,
        called.number,
        called.raw,
        called.name,
        called.kind,
        call.dialled,
        [agent.extension for agent in agents],
        [agent.name for agent in agents],
        [_ms(agent.talk_s) for agent in agents],
        call.queue,
        call.account,
        call.cost,
        _ms(call.duration_s),
        _ms(call.wait_s),
        _ms(call.ring_s),
        _ms(call.talk_s),
        _ms(call.hold_s),
        len(call.transfers),
        len(call.recordings),
        quality.mos,
        quality.pdd_s,
        quality.jitter_ms,
        quality.loss_pct,
        call.sources,
        call.keys,
        call.frames,
        numbers,
        list(dict.fromkeys(map(tail, numbers))),
        extensions,
        names,
        detail,
    )


def _mentioned(call: Call) -> tuple[list[str], list[str], str]:
    """All numbers, all extensions of ours and all names (lower case, one a line) on a call."""
    caller, called = call.caller, call.called
    numbers = {caller.number: 0, called.number: 0, call.dialled: 0}
    extensions: dict[str, int] = {}
    names = {caller.name: 0, called.name: 0}
    for side in (caller, called):
        if side.kind is EndpointKind.PERSON:
            extensions[side.number] = 0
    for leg in call.legs:
        numbers[leg.number] = 0
        names[leg.name] = 0
        if leg.kind is EndpointKind.PERSON:
            extensions[leg.number] = 0
    for agent in call.agents:
        extensions[agent.extension] = 0
        numbers[agent.extension] = 0
        names[agent.name] = 0
    for transfer in call.transfers:
        numbers[transfer.by] = 0
        numbers[transfer.to] = 0
    for found in (numbers, extensions, names):
        found.pop("", None)
    return list(numbers), list(extensions), "\n".join(names).lower()


def encode_aliases(tenant: str, gone: Iterable[Gone]) -> bytes:
    """Rows for the table ``aliases``: where joined calls lead."""
    return _packed((tenant, g.id, g.leads_to, g.revision) for g in gone)


def encode_keys(tenant: str, keys: Iterable[KeyRow]) -> bytes:
    """Rows for the table ``keys``."""
    return _packed((tenant, row.at // 1000, row.key, row.call) for row in keys)


def encode_tallies(tenant: str, tallies: Iterable[Tally]) -> bytes:
    """Rows for the table ``tallies``."""
    return _packed((tenant, *msgspec.structs.astuple(tally)) for tally in tallies)


def encode_positions(tenant: str, positions: Iterable[Position], written_at: Instant) -> bytes:
    """Rows for the table ``positions``."""
    return _packed(
        (tenant, p.source, p.origin, p.mark, p.offset, p.format, p.context, written_at) for p in positions
    )


def encode_frames(frames: Iterable[FrameRow]) -> bytes:
    """Rows for the table ``frames``."""
    return _packed(_frame_values(row) for row in frames)


def encode_restated(frames: Iterable[FrameRow], revision: int) -> bytes:
    """Rows of ``frames`` that take the place of earlier ones of the same ids."""
    return _packed(_frame_values(row, revision) for row in frames)


def encode_replaced(frames: Iterable[FrameRow]) -> bytes:
    """Rows of ``frames`` that end those of the same ids."""
    return _packed(_frame_values(row, LAST_REVISION, gone=1) for row in frames)


def _frame_values(row: FrameRow, revision: int = 1, gone: int = 0) -> tuple[Any, ...]:
    # In the order of FRAME_COLUMNS.
    return (
        row.tenant,
        row.source,
        row.id,
        revision,
        gone,
        row.stated_at,
        row.format,
        row.kind,
        int(row.about_call),
        row.reason,
        row.detail,
        row.data,
        row.context,
        row.origin,
        row.offset,
        row.received_at,
    )


def _packed(rows: Iterable[tuple[Any, ...]]) -> bytes:
    """The values of rows one after the other: encoded some hundred rows at a time, as lists, without the lists' headers."""
    parts: list[bytes] = []
    rest = iter(rows)
    while chunk := list(islice(rest, 500)):
        packed = _encoded(list(chain.from_iterable(chunk)))
        first = packed[0]
        parts.append(packed[1:] if first < 0xA0 else packed[3:] if first == 0xDC else packed[5:])
    return b"".join(parts)


def _encoded(values: list[Any]) -> bytes:
    try:
        return _MSGPACK.encode(values)
    except UnicodeEncodeError:  # half a surrogate pair in somebody's name
        return _MSGPACK.encode([_encodable(value) for value in values])


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, (list, tuple)):
        return [_encodable(item) for item in value]
    return value


_JSON = msgspec.json.Encoder()
_MSGPACK = msgspec.msgpack.Encoder()


#: What a reader selects to make a call of, in the order of _CallRecord.
CALL_FIELDS = (
    "id, tenant, toUnixTimestamp64Micro(started_at), toUnixTimestamp64Micro(answered_at), toUnixTimestamp64Micro(ended_at),"
    " direction, outcome, hangup_by, cause_q850, cause_sip, cause_text, from_number, from_raw, from_name, from_kind,"
    " to_number, to_raw, to_name, to_kind, dialled, agent_extensions, agent_names, agent_talk_ms, queue, account, cost,"
    " duration_ms, wait_ms, ring_ms, talk_ms, hold_ms, mos, pdd_s, jitter_ms, loss_pct, sources, keys,"
    " arrayMap(x -> base64Encode(x), frames), revision, rules, detail"
)


class _CallRecord(msgspec.Struct, array_like=True):
    """A call's row as the engine gives it back."""

    id: CallId
    tenant: str
    started_at: int
    answered_at: int | None
    ended_at: int | None
    direction: Direction
    outcome: Outcome
    hangup_by: HangupBy
    q850: int | None
    sip: int | None
    cause_text: str
    from_number: str
    from_raw: str
    from_name: str
    from_kind: EndpointKind
    to_number: str
    to_raw: str
    to_name: str
    to_kind: EndpointKind
    dialled: str
    agent_extensions: list[str]
    agent_names: list[str]
    agent_talk_ms: list[int | None]
    queue: str
    account: str
    cost: str
    duration_ms: int | None
    wait_ms: int | None
    ring_ms: int | None
    talk_ms: int | None
    hold_ms: int | None
    mos: float | None
    pdd_s: float | None
    jitter_ms: float | None
    loss_pct: float | None
    sources: tuple[str, ...]
    keys: tuple[str, ...]
    frames: tuple[bytes, ...]
    revision: int
    rules: int
    detail: str


def decode_calls(lines: bytes) -> list[Call]:
    """Calls from the engine's answer to CALL_FIELDS in ``JSONCompactEachRow``."""
    return [_call(row) for row in _CALL_DECODER.decode_lines(lines)]


def _call(row: _CallRecord) -> Call:
    detail = _DETAIL_DECODER.decode(row.detail or "{}")
    talks = zip(row.agent_extensions, row.agent_names, row.agent_talk_ms, strict=True)
    return Call(
        id=row.id,
        tenant=row.tenant,
        started_at=row.started_at,
        answered_at=row.answered_at,
        ended_at=row.ended_at,
        direction=row.direction,
        outcome=row.outcome,
        hangup_by=row.hangup_by,
        cause=Cause(row.q850, row.sip, row.cause_text),
        caller=Party(row.from_number, row.from_raw, row.from_name, row.from_kind),
        called=Party(row.to_number, row.to_raw, row.to_name, row.to_kind),
        dialled=row.dialled,
        agents=tuple(AgentTalk(extension, name, _s(talk)) for extension, name, talk in talks),
        queue=row.queue,
        duration_s=_s(row.duration_ms),
        wait_s=_s(row.wait_ms),
        ring_s=_s(row.ring_ms),
        talk_s=_s(row.talk_ms),
        hold_s=_s(row.hold_ms),
        transfers=detail.transfers,
        legs=detail.legs,
        steps=detail.steps,
        recordings=detail.recordings,
        quality=CallQuality(row.mos, row.pdd_s, row.jitter_ms, row.loss_pct),
        cost=row.cost,
        account=row.account,
        sources=row.sources,
        keys=row.keys,
        frames=row.frames,
        revision=row.revision,
        rules=row.rules,
    )


def _s(span_ms: int | None) -> float | None:
    return None if span_ms is None else span_ms / 1000


FRAME_FIELDS = (
    "base64Encode(id), tenant, source, format, kind, toUnixTimestamp64Micro(stated_at), about_call = 1, reason, detail,"
    " base64Encode(data), base64Encode(context), origin, offset, toUnixTimestamp64Micro(received_at)"
)


class _FrameRecord(msgspec.Struct, array_like=True):
    """A frame's row as the engine gives it back."""

    id: bytes
    tenant: str
    source: str
    format: str
    kind: FrameKind
    stated_at: int
    about_call: int
    reason: str
    detail: str
    data: bytes
    context: bytes
    origin: str
    offset: int
    received_at: int


def decode_frames(lines: bytes) -> list[FrameRow]:
    """Frames from the engine's answer to FRAME_FIELDS in ``JSONCompactEachRow``."""
    return [
        FrameRow(
            id=row.id,
            tenant=row.tenant,
            source=row.source,
            format=row.format,
            kind=row.kind,
            stated_at=row.stated_at,
            about_call=bool(row.about_call),
            reason=row.reason,
            detail=row.detail,
            data=row.data,
            context=row.context,
            origin=row.origin,
            offset=row.offset,
            received_at=row.received_at,
        )
        for row in _FRAME_DECODER.decode_lines(lines)
    ]


_CALL_DECODER = msgspec.json.Decoder(_CallRecord)
_DETAIL_DECODER = msgspec.json.Decoder(Detail)
_FRAME_DECODER = msgspec.json.Decoder(_FrameRecord)
