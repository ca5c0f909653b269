"""The ``detail`` column: a call as one short JSON text, all but what has to be a column (:class:`Columns`).

A list of values in the order of :class:`_Detail`; legs and steps are lists of values too. Instants are microseconds after the
call's ``started_at``, spans that columns hold are milliseconds; a step's frame is its place in the call's ``frames``. One
column is what makes a call quick to read, short text what keeps it small: ``docs/decisions/how-rows-reach-the-engine.md``.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

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
    StepKind,
    Transfer,
)
from ringbook.model.instant import Instant
from ringbook.model.party import EndpointKind, Party


class _Leg(msgspec.Struct, array_like=True):
    kind: EndpointKind
    number: str
    name: str
    role: str
    started: int | None
    rang: int | None
    answered: int | None
    ended: int | None
    talk_s: float | None
    ring_s: float | None
    hold_s: float | None
    outcome: Outcome
    channel: str
    q850: int | None
    sip: int | None
    cause_text: str


class _Step(msgspec.Struct, array_like=True):
    kind: StepKind
    at: int | None
    who: str
    name: str
    detail: str
    frame: int | str


class _Detail(msgspec.Struct, array_like=True):
    # The order is known to the table, too: sql/migrations/0004_whole_calls.sql and 0008_trunks.sql take columns from it.
    answered: int | None
    ended: int | None
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
    agents: list[tuple[str, str, int | None]]
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
    legs: list[_Leg]
    steps: list[_Step]
    transfers: tuple[Transfer, ...]
    recordings: tuple[Recording, ...]
    trunks: tuple[str, ...] = ()


class Columns(msgspec.Struct, frozen=True, kw_only=True):
    """What of a call its detail does not repeat."""

    id: CallId
    tenant: str
    started_at: Instant
    sources: tuple[str, ...]
    keys: tuple[str, ...]
    frames: tuple[bytes, ...]
    revision: int
    rules: int


def packed(call: Call) -> bytes:
    """All of a call but its :class:`Columns`."""
    start, cause, caller, called, quality = (
        call.started_at,
        call.cause,
        call.caller,
        call.called,
        call.quality,
    )
    return _ENCODER.encode(
        (
            _offset(call.answered_at, start),
            _offset(call.ended_at, start),
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
            [(agent.extension, agent.name, _ms(agent.talk_s)) for agent in call.agents],
            call.queue,
            call.account,
            call.cost,
            _ms(call.duration_s),
            _ms(call.wait_s),
            _ms(call.ring_s),
            _ms(call.talk_s),
            _ms(call.hold_s),
            quality.mos,
            quality.pdd_s,
            quality.jitter_ms,
            quality.loss_pct,
            _packed_legs(call),
            _packed_steps(call),
            call.transfers,
            call.recordings,
            call.trunks,
        )
    )


def _packed_legs(call: Call) -> list[tuple[object, ...]]:
    start = call.started_at
    legs: list[tuple[object, ...]] = []
    for leg in call.legs:
        began, rang, answered, ended, cause = (
            leg.started_at,
            leg.rang_at,
            leg.answered_at,
            leg.ended_at,
            leg.cause,
        )
        legs.append(
            (
                leg.kind,
                leg.number,
                leg.name,
                leg.role,
                None if began is None else began - start,
                None if rang is None else rang - start,
                None if answered is None else answered - start,
                None if ended is None else ended - start,
                leg.talk_s,
                leg.ring_s,
                leg.hold_s,
                leg.outcome,
                leg.channel,
                cause.q850,
                cause.sip,
                cause.text,
            )
        )
    return legs


def _packed_steps(call: Call) -> list[tuple[object, ...]]:
    start = call.started_at
    places = {frame.hex(): place for place, frame in enumerate(call.frames)}
    steps: list[tuple[object, ...]] = []
    for step in call.steps:
        at, frame = step.at, step.frame
        when = None if at is None else at - start
        steps.append((step.kind, when, step.who, step.name, step.detail, places.get(frame, frame)))
    return steps


def unpacked(text: str, columns: Columns) -> Call:
    """The call of which :func:`packed` packed the rest."""
    found, start, frames = _DECODER.decode(text), columns.started_at, columns.frames
    return Call(
        id=columns.id,
        tenant=columns.tenant,
        started_at=start,
        answered_at=_after(start, found.answered),
        ended_at=_after(start, found.ended),
        direction=found.direction,
        outcome=found.outcome,
        hangup_by=found.hangup_by,
        cause=Cause(found.q850, found.sip, found.cause_text),
        caller=Party(found.from_number, found.from_raw, found.from_name, found.from_kind),
        called=Party(found.to_number, found.to_raw, found.to_name, found.to_kind),
        dialled=found.dialled,
        agents=tuple(AgentTalk(extension, name, _s(talk)) for extension, name, talk in found.agents),
        queue=found.queue,
        trunks=found.trunks,
        duration_s=_s(found.duration_ms),
        wait_s=_s(found.wait_ms),
        ring_s=_s(found.ring_ms),
        talk_s=_s(found.talk_ms),
        hold_s=_s(found.hold_ms),
        transfers=found.transfers,
        legs=tuple(_leg(leg, start) for leg in found.legs),
        steps=tuple(_step(step, start, frames) for step in found.steps),
        recordings=found.recordings,
        quality=CallQuality(found.mos, found.pdd_s, found.jitter_ms, found.loss_pct),
        cost=found.cost,
        account=found.account,
        sources=columns.sources,
        keys=columns.keys,
        frames=frames,
        revision=columns.revision,
        rules=columns.rules,
    )


def _leg(leg: _Leg, start: Instant) -> Leg:
    return Leg(
        leg.kind,
        leg.number,
        leg.name,
        leg.role,
        _after(start, leg.started),
        _after(start, leg.rang),
        _after(start, leg.answered),
        _after(start, leg.ended),
        leg.talk_s,
        leg.ring_s,
        leg.hold_s,
        leg.outcome,
        Cause(leg.q850, leg.sip, leg.cause_text),
        leg.channel,
    )


def _step(step: _Step, start: Instant, frames: Sequence[bytes]) -> Step:
    frame = frames[step.frame].hex() if isinstance(step.frame, int) else step.frame
    return Step(step.kind, _after(start, step.at), step.who, step.name, step.detail, frame)


def _offset(at: Instant | None, start: Instant) -> int | None:
    return None if at is None else at - start


def _after(start: Instant, offset: int | None) -> Instant | None:
    return None if offset is None else start + offset


def _ms(span_s: float | None) -> int | None:
    return None if span_s is None else round(span_s * 1000)


def _s(span_ms: int | None) -> float | None:
    return None if span_ms is None else span_ms / 1000


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(_Detail)
