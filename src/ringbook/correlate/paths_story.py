"""The legs and the timeline of a call told by CDR rows."""

from __future__ import annotations

from collections.abc import Sequence

from ringbook.correlate.paths_rows import Cast, Row, extension_of
from ringbook.correlate.paths_talk import Link, Talk, union_s
from ringbook.model.call import Leg, Outcome, Step, StepKind, Transfer
from ringbook.model.dialplan import AppKind
from ringbook.model.instant import Instant
from ringbook.model.members import (
    APP_CONFERENCE,
    APP_QUEUE,
    END_PERSON,
    END_PLUMBING,
    OUTCOME_ANSWERED,
    OUTCOME_UNKNOWN,
    STEP_ANSWERED,
    STEP_ENDED,
    STEP_FORWARDED,
    STEP_PICKED_UP,
    STEP_QUEUED,
    STEP_RANG,
    STEP_RANG_NO_ANSWER,
    STEP_RETRIEVED,
    STEP_STARTED,
    STEP_TRANSFERRED,
)
from ringbook.model.party import Endpoint
from ringbook.model.statement import PathResult


def names_of(rows: Sequence[Row]) -> dict[str, str]:
    """The names of our people, by extension, where a phone showed its own number beside its name."""
    names: dict[str, str] = {}
    for row in rows:
        end = row.a
        if end.kind is END_PERSON and end.name and end.extension and end.number.raw == end.extension:
            names.setdefault(end.extension, end.name)
    return names


def who(end: Endpoint) -> str:
    """How an end is called in legs and steps: our extension, or the outside number."""
    return extension_of(end) if end.kind is END_PERSON else end.number.best


def legs_of(rows: Sequence[Row], cast: Cast, links: Sequence[Link], names: dict[str, str]) -> tuple[Leg, ...]:
    """The caller's leg, then one for each phone or line that was rung."""
    end = cast.caller
    channel = end.channel
    mine = [row for row in rows if row.a.channel == channel or row.b.channel == channel] or [cast.entry]
    up = [row.answered for row in mine if row.answered is not None]
    legs = [
        Leg(
            end.kind,
            who(end),
            end.name,
            "caller",
            min([row.start for row in mine]),
            answered_at=min(up, default=None),
            ended_at=max([row.end for row in mine]),
            channel=channel,
        )
    ]
    rung: dict[str, list[Row]] = {}
    for row in rows:
        end = row.b
        if end.channel and end.kind is not END_PLUMBING and end.channel != channel:
            rung.setdefault(end.channel, []).append(row)
    for own in rung.values():
        legs.append(_leg(own, links, names))
    return tuple(legs)


def _leg(own: Sequence[Row], links: Sequence[Link], names: dict[str, str]) -> Leg:
    end = own[0].b
    talked = [link for link in links if end.channel in (link.other.channel, link.channel)]
    known = talked[0].start if talked and talked[0].known else None
    role = "called" if end.kind is not END_PERSON else "agent"
    return Leg(
        end.kind,
        who(end),
        names.get(end.extension, end.name),
        role,
        own[0].start,
        answered_at=known,
        ended_at=max([row.end for row in own] + [link.end for link in talked]),
        talk_s=union_s(talked) if talked else None,
        outcome=OUTCOME_ANSWERED if talked else LEG_OUTCOMES.get(own[-1].path.result, OUTCOME_UNKNOWN),
        channel=end.channel,
    )


def steps_of(
    rows: Sequence[Row], cast: Cast, talk: Talk, outcome: Outcome, ended: Instant, last: Row
) -> tuple[Step, ...]:
    """What happened, in order."""
    first = cast.entry
    steps = [Step(STEP_STARTED, rows[0].start, who(cast.caller), "", "", first.path.frame.hex())]
    for row in rows:
        add_row(steps, rows, row, joined=row.up and _joined(row, talk))
    for link in talk.links:
        detail = "" if link.known else UNKNOWN_MOMENT
        frame = link.inner.path.frame.hex()
        steps.append(Step(STEP_ANSWERED, link.start, who(link.other), "", detail, frame))
    for transfer in talk.transfers:
        steps.append(_moved(transfer))
    order(steps)
    steps.append(Step(STEP_ENDED, ended, "", "", str(outcome), last.path.frame.hex()))
    return tuple(steps)


def order(steps: list[Step]) -> None:
    """Put the steps in order of time; those of one instant as they must have come."""
    rang = [(step.at, step.who) for step in steps if step.kind is STEP_RANG]
    before: tuple[Instant, int] = (0, 0)
    for step in steps:
        place = (step.at or 0, _rank(step, rang))
        if place < before:
            steps.sort(key=lambda step: (step.at or 0, _rank(step, rang)))
            return
        before = place


def _rank(step: Step, rang: Sequence[tuple[Instant | None, str]]) -> int:
    """Order within one second: a phone that stopped ringing goes before the next one, unless it only just began."""
    if step.kind is STEP_RANG_NO_ANSWER and (step.at, step.who) in rang:
        return _ANY_RANK
    return _RANK.get(step.kind, _ANY_RANK)


def _moved(transfer: Transfer) -> Step:
    """A hand-over as a step: told of whoever took the call back or picked it up, else of whoever sent it on."""
    if transfer.kind == "pickup":
        return Step(STEP_PICKED_UP, transfer.at, transfer.to, detail=f"ringing at {transfer.by}")
    if transfer.kind == "park":
        return Step(STEP_RETRIEVED, transfer.at, transfer.to, detail=f"parked by {transfer.by}")
    kind = STEP_FORWARDED if transfer.kind == "forward" else STEP_TRANSFERRED
    return Step(kind, transfer.at, transfer.by, detail=f"{transfer.kind} to {transfer.to}")


def add_row(steps: list[Step], rows: Sequence[Row], row: Row, *, joined: bool) -> None:
    """Add what one row tells; nothing rang on one that ``joined``, that is, began connected."""
    frame = row.path.frame.hex()
    if row.app is APP_QUEUE and row.a.kind is not END_PLUMBING and _first_of(rows, row):
        name = row.path.app_data.partition(",")[0]
        steps.append(Step(STEP_QUEUED, row.start, row.a.number.best, "", name, frame))
    if not row.b.channel:
        kind = _APP_STEPS.get(row.app)
        if kind is not None and row.answered is not None:
            detail = row.path.app_data or row.path.app
            steps.append(Step(kind, row.start, row.a.number.best, "", detail, frame))
        return
    if row.app is APP_CONFERENCE or row.b.kind is END_PLUMBING or joined:
        return
    called = who(row.b)
    steps.append(Step(STEP_RANG, row.start, called, "", "", frame))
    if not row.up:
        steps.append(Step(STEP_RANG_NO_ANSWER, row.end, called, "", str(row.path.result), frame))


def _joined(row: Row, talk: Talk) -> bool:
    """Whether the row began connected (after a hand-over), so that nothing rang on it."""
    return any(link.row is row and link.known and link.start <= row.start for link in talk.links)


def _first_of(rows: Sequence[Row], row: Row) -> bool:
    """Whether it is the first row of that queue: each agent who is rung has one."""
    for other in rows:
        if other.app is APP_QUEUE and other.path.app_data == row.path.app_data:
            return other is row
    return False


UNKNOWN_MOMENT = "the moment of the answer is not in the records; this is the earliest"

_APP_STEPS = {
    AppKind.VOICEMAIL: StepKind.VOICEMAIL,
    AppKind.IVR: StepKind.MENU,
    AppKind.ANNOUNCEMENT: StepKind.ANNOUNCEMENT,
    AppKind.CONFERENCE: StepKind.CONFERENCE,
    AppKind.PARK: StepKind.PARKED,
    AppKind.SPY: StepKind.NOTED,
}
_RANK = {
    StepKind.STARTED: 0,
    StepKind.QUEUED: 1,
    StepKind.RANG_NO_ANSWER: 2,
    StepKind.TRANSFERRED: 3,
    StepKind.FORWARDED: 3,
    StepKind.PICKED_UP: 3,
    StepKind.RETRIEVED: 3,
    StepKind.RANG: 4,
}
_ANY_RANK = 5
LEG_OUTCOMES = {
    PathResult.NO_ANSWER: Outcome.MISSED,
    PathResult.BUSY: Outcome.BUSY,
    PathResult.CANCELLED: Outcome.MISSED,
    PathResult.FAILED: Outcome.FAILED,
    PathResult.CONGESTION: Outcome.FAILED,
}
