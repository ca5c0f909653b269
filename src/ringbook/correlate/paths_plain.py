"""The short way for the commonest call of all: one Dial of one phone or line, with or without a passing hangup extension.

It tells exactly what ``paths`` tells for such rows (a test says so), without looking for what they cannot hold.
"""

from __future__ import annotations

from ringbook.correlate.account import Account
from ringbook.correlate.paths_outcome import unanswered
from ringbook.correlate.paths_rows import Cast, Row, extension_of, is_full_number, is_number, timed
from ringbook.correlate.paths_story import LEG_OUTCOMES, UNKNOWN_MOMENT
from ringbook.correlate.paths_talk import start_of
from ringbook.model.call import AgentTalk, Direction, Leg, Outcome, Recording, Step, StepKind
from ringbook.model.instant import SECOND, Instant
from ringbook.model.party import Endpoint, EndpointKind, Number
from ringbook.model.statement import Path, PathResult


def plain(paths: tuple[Path, ...]) -> Account | None:
    """The account of such a call; None if the rows are anything else."""
    if len(paths) > 2:
        return None
    path = paths[0]
    last = path
    if len(paths) == 2:
        last = paths[1]
        if last.dst != "h" or last.b.channel or last.a.channel != path.a.channel or last.billed_s:
            return None
        if last.app != "NoOp" or last.at is None or last.at < (path.at or 0):
            return None
        if (last.recording and last.recording != path.recording) or (last.did and last.did != path.did):
            return None
        if last.at == path.at and last.order < path.order:
            return None
    direction = _DIRECTIONS.get((path.a.kind, path.b.kind)) if path.app == "Dial" else None
    if direction is None or not path.b.channel or path.a.channel == path.b.channel:
        return None
    if path.result is PathResult.ANSWERED:
        return _answered(path, last, direction)
    return _in_vain(path, last, direction)


def _answered(path: Path, last: Path, direction: Direction) -> Account:
    row = timed(path)
    start, known = start_of(row)
    ended, ending = row.end, path
    if last is not path:
        gone = timed(last).end
        if gone > ended:
            ended, ending = gone, last
    caller, called = path.a, path.b
    person = caller if direction is Direction.OUTBOUND else called
    talk_s = round((row.end - start) / SECOND, 3) if known else None
    shown = caller.kind is EndpointKind.PERSON and caller.extension and caller.number.raw == caller.extension
    own_name = caller.name if shown else ""
    agents: tuple[AgentTalk, ...] = ()
    if person.kind is EndpointKind.PERSON:
        named = own_name if person is caller or person.extension == caller.extension else ""
        agents = (AgentTalk(extension_of(person), named, talk_s),)
    recordings = (Recording(path.recording, evidence="cdr"),) if path.recording else ()
    frame, dialled = path.frame, _dialled(path, direction)
    return Account(
        started_at=row.start,
        answered_at=start if known else None,
        ended_at=ended,
        direction=direction,
        outcome=Outcome.ANSWERED,
        caller=caller,
        called=_called(path, direction),
        dialled=dialled,
        agents=agents,
        ring_s=round(((row.answered or 0) - row.start) / SECOND, 3)
        if known and row.answered is not None
        else None,
        talk_s=talk_s,
        transfers=(),
        legs=_legs(row, path.b, start, known, talk_s, ended, own_name),
        steps=_steps(row, path.b, person, start, known, ended, ending.frame),
        recordings=recordings,
        account=path.account,
        why=_why(frame, ending.frame, bool(dialled)),
    )


def _in_vain(path: Path, last: Path, direction: Direction) -> Account:
    row = timed(path)
    rows = [row] if last is path else [row, timed(last)]
    outcome, decided = unanswered(rows, Cast(row, path.a, direction, ()))
    ending = max(rows, key=lambda one: one.end)
    up = [one.answered for one in rows if one.answered is not None]
    frame, dialled = path.frame, _dialled(path, direction)
    why = dict.fromkeys(("started_at", "direction", "caller", "account"), frame)
    why["outcome"] = why["called"] = decided.path.frame
    why["ended_at"] = ending.path.frame
    if dialled:
        why["dialled"] = frame
    begin, rang, stopped, end = _vain_steps(row, outcome, ending)
    return Account(
        started_at=row.start,
        ended_at=ending.end,
        direction=direction,
        outcome=outcome,
        caller=path.a,
        called=_called(path, direction),
        dialled=dialled,
        agents=(),
        ring_s=None if row.answered is not None else round((row.end - row.start) / SECOND, 3),
        talk_s=0.0,
        transfers=(),
        legs=_vain_legs(row, ending.end, min(up, default=None)),
        steps=(begin, rang, stopped, end),
        recordings=(Recording(path.recording, evidence="cdr"),) if path.recording else (),
        account=path.account,
        why=why,
    )


def _vain_steps(row: Row, outcome: Outcome, ending: Row) -> tuple[Step, Step, Step, Step]:
    path, called = row.path, _who(row.path.b)
    frame = path.frame.hex()
    last = frame if ending is row else ending.path.frame.hex()
    return (
        Step(StepKind.STARTED, row.start, _who(path.a), "", "", frame),
        Step(StepKind.RANG, row.start, called, "", "", frame),
        Step(StepKind.RANG_NO_ANSWER, row.end, called, "", path.result.value, frame),
        Step(StepKind.ENDED, ending.end, "", "", outcome.value, last),
    )


def _vain_legs(row: Row, ended: Instant, up: Instant | None) -> tuple[Leg, Leg]:
    caller, called = row.path.a, row.path.b
    shown = caller.kind is EndpointKind.PERSON and caller.extension and caller.number.raw == caller.extension
    own = shown and called.kind is EndpointKind.PERSON and called.extension == caller.extension
    return (
        Leg(
            kind=caller.kind,
            number=_who(caller),
            name=caller.name,
            role="caller",
            started_at=row.start,
            answered_at=up,
            ended_at=ended,
            channel=caller.channel,
        ),
        Leg(
            kind=called.kind,
            number=_who(called),
            name=caller.name if own and caller.name else called.name,
            role="agent" if called.kind is EndpointKind.PERSON else "called",
            started_at=row.start,
            ended_at=row.end,
            outcome=LEG_OUTCOMES.get(row.path.result, Outcome.UNKNOWN),
            channel=called.channel,
        ),
    )


def _called(path: Path, direction: Direction) -> Endpoint:
    called = path.b
    if direction is Direction.OUTBOUND and not called.number.raw and is_number(path.dst):
        return Endpoint(called.kind, Number(path.dst), called.name, "", called.channel, called.device)
    return called


def _dialled(path: Path, direction: Direction) -> str:
    if path.did:
        return path.did
    dst = path.dst
    fits = is_full_number(dst) if direction is Direction.INBOUND else is_number(dst)
    return dst if fits else ""


def _who(end: Endpoint) -> str:
    return extension_of(end) if end.kind is EndpointKind.PERSON else end.number.best


def _legs(
    row: Row,
    called: Endpoint,
    start: Instant,
    known: bool,
    talk_s: float | None,
    ended: Instant,
    own_name: str,
) -> tuple[Leg, ...]:
    caller = row.path.a
    ours = called.kind is EndpointKind.PERSON
    name = own_name if ours and called.extension == caller.extension and own_name else called.name
    return (
        Leg(
            kind=caller.kind,
            number=_who(caller),
            name=caller.name,
            role="caller",
            started_at=row.start,
            answered_at=row.answered,
            ended_at=ended,
            channel=caller.channel,
        ),
        Leg(
            kind=called.kind,
            number=_who(called),
            name=name,
            role="agent" if ours else "called",
            started_at=row.start,
            answered_at=start if known else None,
            ended_at=row.end,
            talk_s=talk_s,
            outcome=Outcome.ANSWERED,
            channel=called.channel,
        ),
    )


def _steps(
    row: Row, called: Endpoint, person: Endpoint, start: Instant, known: bool, ended: Instant, ending: bytes
) -> tuple[Step, ...]:
    frame = row.path.frame.hex()
    answering = Step(StepKind.ANSWERED, start, _who(person), "", "" if known else UNKNOWN_MOMENT, frame)
    begin = Step(StepKind.STARTED, row.start, _who(row.path.a), "", "", frame)
    end = Step(
        StepKind.ENDED,
        ended,
        "",
        "",
        Outcome.ANSWERED.value,
        frame if ending == row.path.frame else ending.hex(),
    )
    if known and start <= row.start:
        return (begin, answering, end)
    return (begin, Step(StepKind.RANG, row.start, _who(called), "", "", frame), answering, end)


def _why(frame: bytes, ending: bytes, dialled: bool) -> dict[str, bytes]:
    why = dict.fromkeys(_FIELDS, frame)
    why["ended_at"] = ending
    if dialled:
        why["dialled"] = frame
    return why


_FIELDS = (
    "started_at", "direction", "caller", "account", "outcome", "called", "answered_at", "talk_s", "agents", "ring_s",
)  # fmt: skip
_DIRECTIONS = {
    (EndpointKind.OUTSIDE, EndpointKind.PERSON): Direction.INBOUND,
    (EndpointKind.PERSON, EndpointKind.OUTSIDE): Direction.OUTBOUND,
    (EndpointKind.PERSON, EndpointKind.PERSON): Direction.INTERNAL,
}
