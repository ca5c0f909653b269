"""The readable side of a call told by segments: the time of each party and the timeline."""

from __future__ import annotations

from collections.abc import Sequence

from ringbook.correlate.segments_moves import FORWARD, PARK, PICKUP
from ringbook.correlate.segments_timing import Stretch, label, rang_s
from ringbook.model.call import HangupBy, Leg, Outcome, Step, StepKind, Transfer
from ringbook.model.instant import Instant
from ringbook.model.party import Endpoint, EndpointKind
from ringbook.model.statement import PathResult


def legs(
    parts: Sequence[Stretch], caller: Endpoint | None, started_at: Instant | None, ended_at: Instant | None
) -> tuple[Leg, ...]:
    """The caller's time on the call, then that of everything that it reached or rang."""
    found = []
    if caller is not None:
        found.append(
            Leg(
                kind=caller.kind,
                number=label(caller),
                name=caller.name,
                role="caller",
                started_at=started_at,
                ended_at=ended_at,
                channel=caller.device or caller.channel,
            )
        )
    return (*found, *(_leg(part) for part in parts if part.said.reached != Endpoint()))


def _leg(part: Stretch) -> Leg:
    said, end = part.said, part.said.reached
    people = end.kind in (EndpointKind.PERSON, EndpointKind.OUTSIDE, EndpointKind.UNKNOWN)
    rings = people or end.kind is EndpointKind.GROUP
    return Leg(
        kind=end.kind,
        number=label(end),
        name=end.name,
        role="agent" if end.kind is EndpointKind.PERSON else "called" if people else "system",
        started_at=part.started_at,
        rang_at=part.started_at if rings else None,
        answered_at=part.answered_at,
        ended_at=part.ended_at,
        talk_s=part.talk_s if part.person else None,
        ring_s=rang_s(part) if rings else None,
        hold_s=said.hold_s,
        outcome=_leg_outcome(part),
        cause=said.cause,
        channel=end.device or end.channel,
    )


def _leg_outcome(part: Stretch) -> Outcome:
    if part.person:
        return Outcome.ANSWERED
    if part.answered:
        voicemail = part.kind is EndpointKind.VOICEMAIL or part.said.result is PathResult.VOICEMAIL
        return Outcome.VOICEMAIL if voicemail else Outcome.MACHINE
    return _LEG_OUTCOMES.get(part.said.result, Outcome.UNKNOWN)


_LEG_OUTCOMES = {
    PathResult.NO_ANSWER: Outcome.MISSED,
    PathResult.BUSY: Outcome.BUSY,
    PathResult.REJECTED: Outcome.REJECTED,
    PathResult.CANCELLED: Outcome.CANCELLED,
    PathResult.ELSEWHERE: Outcome.CANCELLED,
    PathResult.CONGESTION: Outcome.FAILED,
    PathResult.FAILED: Outcome.FAILED,
}

_ARRIVALS = {
    EndpointKind.QUEUE: StepKind.QUEUED,
    EndpointKind.IVR: StepKind.MENU,
    EndpointKind.ANNOUNCEMENT: StepKind.ANNOUNCEMENT,
    EndpointKind.VOICEMAIL: StepKind.VOICEMAIL,
    EndpointKind.CONFERENCE: StepKind.CONFERENCE,
    EndpointKind.PARK: StepKind.PARKED,
}


def steps(
    parts: Sequence[Stretch],
    moves: Sequence[Transfer | None],
    ended_at: Instant | None,
    hangup_by: HangupBy,
) -> tuple[Step, ...]:
    """The timeline, in order of time."""
    first, last = parts[0], parts[-1]
    found = [_step(StepKind.STARTED, first, first.started_at, first.said.caller, first.said.dialled)]
    for made, part in zip(moves, parts, strict=True):
        if made is not None:
            found.append(_moved(made, part))
        found += _happened(part)
    by = "" if hangup_by is HangupBy.UNKNOWN else f"by {hangup_by}"
    found.append(Step(StepKind.ENDED, ended_at, detail=by, frame=last.said.frame.hex()))
    return tuple(sorted(found, key=lambda step: _when(step, first.started_at)))


def _moved(made: Transfer, part: Stretch) -> Step:
    frame = part.said.frame.hex()
    if made.kind == PICKUP:
        return Step(StepKind.PICKED_UP, part.started_at, made.to, detail=f"from {made.by}", frame=frame)
    if made.kind == PARK:
        return Step(StepKind.RETRIEVED, part.started_at, made.to, detail=f"parked by {made.by}", frame=frame)
    kind = StepKind.FORWARDED if made.kind == FORWARD else StepKind.TRANSFERRED
    detail = " ".join(word for word in (made.kind, "to", made.to) if word)
    return Step(kind, part.started_at, made.by, detail=detail, frame=frame)


def _when(step: Step, start: Instant | None) -> tuple[bool, Instant]:
    """Steps of unknown time stand at the end (the end itself) in the order in which they were told."""
    if step.kind is StepKind.ENDED:
        return (True, step.at or 0)
    return (False, step.at if step.at is not None else start or 0)


def _happened(part: Stretch) -> list[Step]:
    end, said = part.said.reached, part.said
    if end.kind is EndpointKind.PLUMBING or (end == Endpoint() and not part.answered):
        return []
    arrival = _ARRIVALS.get(part.kind)
    if arrival is not None:
        return [_step(arrival, part, part.started_at, end, said.queue)]
    found = [_step(StepKind.RANG, part, part.started_at, end)]
    if part.answered:
        found.append(_step(StepKind.ANSWERED, part, part.answered_at, end))
    elif said.result in _LEG_OUTCOMES:
        detail = "answered elsewhere" if said.result is PathResult.ELSEWHERE else str(said.result)
        found.append(_step(StepKind.RANG_NO_ANSWER, part, part.ended_at, end, detail))
    if said.hold_s:
        found.append(_step(StepKind.HELD, part, part.answered_at, end, f"{said.hold_s:g} s in all"))
    return found


def _step(kind: StepKind, part: Stretch, at: Instant | None, end: Endpoint, detail: str = "") -> Step:
    return Step(kind, at, label(end), end.name, detail, part.said.frame.hex())
