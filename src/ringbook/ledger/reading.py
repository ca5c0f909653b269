"""Calls and frames from the engine's answers: what a reader selects, and what it makes of it."""

from __future__ import annotations

import msgspec

from ringbook.ledger.detail import unpacked
from ringbook.model.call import (
    AgentTalk,
    Call,
    CallId,
    CallQuality,
    Cause,
    Direction,
    HangupBy,
    Outcome,
)
from ringbook.model.frame import FrameKind, FrameRow
from ringbook.model.party import EndpointKind, Party

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
    legs, steps, transfers, recordings = unpacked(row.detail, row.started_at, row.frames)
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
        transfers=transfers,
        legs=legs,
        steps=steps,
        recordings=recordings,
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
_FRAME_DECODER = msgspec.json.Decoder(_FrameRecord)
