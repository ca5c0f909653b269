"""The ``detail`` column: a call's legs, steps, transfers and recordings as one short JSON text.

``[[leg…], [step…], [transfer…], [recording…]]``, each a list of values in the order of the structs below. Instants are
microseconds after the call's ``started_at``; a step's frame is its place in the call's ``frames``. Short text is what keeps
a call under 200 bytes on disk: ``docs/decisions/how-rows-reach-the-engine.md``.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ringbook.model.call import Call, Cause, Leg, Outcome, Recording, Step, StepKind, Transfer
from ringbook.model.instant import Instant
from ringbook.model.party import EndpointKind


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
    legs: list[_Leg]
    steps: list[_Step]
    transfers: tuple[Transfer, ...]
    recordings: tuple[Recording, ...]


def packed(call: Call) -> bytes:
    """A call's legs, steps, transfers and recordings."""
    start, frames = call.started_at, call.frames
    places = {frame.hex(): place for place, frame in enumerate(frames)}
    legs = []
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
    steps = []
    for step in call.steps:
        at, frame = step.at, step.frame
        when = None if at is None else at - start
        steps.append((step.kind, when, step.who, step.name, step.detail, places.get(frame, frame)))
    return _ENCODER.encode((legs, steps, call.transfers, call.recordings))


def unpacked(
    text: str, start: Instant, frames: Sequence[bytes]
) -> tuple[tuple[Leg, ...], tuple[Step, ...], tuple[Transfer, ...], tuple[Recording, ...]]:
    """What :func:`packed` packed."""
    if not text:
        return (), (), (), ()
    found = _DECODER.decode(text)
    legs = tuple(_leg(leg, start) for leg in found.legs)
    steps = tuple(
        Step(
            step.kind,
            _after(start, step.at),
            step.who,
            step.name,
            step.detail,
            frames[step.frame].hex() if isinstance(step.frame, int) else step.frame,
        )
        for step in found.steps
    )
    return legs, steps, found.transfers, found.recordings


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


def _after(start: Instant, offset: int | None) -> Instant | None:
    return None if offset is None else start + offset


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(_Detail)
