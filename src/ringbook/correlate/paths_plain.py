"""The short way for the commonest call of all: one Dial, one phone, answered; with or without a passing hangup extension.

It tells exactly what ``paths`` tells for such rows (a test says so), without looking for what they cannot hold.
"""

from __future__ import annotations

from ringbook.correlate.account import Account
from ringbook.correlate.paths_rows import Row, extension_of, is_full_number, is_number, timed
from ringbook.correlate.paths_story import UNKNOWN_MOMENT
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
    if path.result is not PathResult.ANSWERED or path.app != "Dial":
        return None
    direction = _DIRECTIONS.get((path.a.kind, path.b.kind))
    if direction is None or not path.b.channel or path.a.channel == path.b.channel:
        return None
    return _account(path, last, direction)


def _account(path: Path, last: Path, direction: Direction) -> Account:
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
    if direction is Direction.OUTBOUND and not called.number.raw and is_number(path.dst):
        called = Endpoint(called.kind, Number(path.dst), called.name, "", called.channel, called.device)
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
        called=called,
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
