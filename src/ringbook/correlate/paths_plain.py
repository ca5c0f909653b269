"""The short way for the commonest calls: one channel's way past phones, lines, queues and mailboxes, talking with one at most.

It tells exactly what ``paths`` tells for such rows (a test says so), without looking for what they cannot hold: hand-overs,
Local channels, conferences, parked calls.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ringbook.correlate.account import Account
from ringbook.correlate.paths_facts import lines, queue, rang, recordings, waited, why
from ringbook.correlate.paths_outcome import cause_of, unanswered
from ringbook.correlate.paths_rows import Cast, Row, extension_of, is_full_number, is_number, timed
from ringbook.correlate.paths_story import LEG_OUTCOMES, UNKNOWN_MOMENT, add_row, names_of, order, who
from ringbook.correlate.paths_talk import ADJACENT, GOES_ON, Link, start_of
from ringbook.model.call import AgentTalk, Direction, Leg, Outcome, Step
from ringbook.model.dialplan import AppKind
from ringbook.model.instant import Instant, seconds
from ringbook.model.members import (
    APP_QUEUE,
    DIRECTION_INBOUND,
    DIRECTION_OUTBOUND,
    END_PERSON,
    END_UNKNOWN,
    OUTCOME_ANSWERED,
    OUTCOME_UNKNOWN,
    STEP_ANSWERED,
    STEP_ENDED,
    STEP_STARTED,
)
from ringbook.model.party import Endpoint, EndpointKind, Number
from ringbook.model.statement import Path


class Way(msgspec.Struct, frozen=True):
    """The rows of one channel's way: ``rung`` are those with a channel B, ``up`` the one on which both ends were connected."""

    rows: list[Row]
    rung: list[Row]
    up: Row | None
    direction: Direction


def plain(paths: Sequence[Path]) -> Account | None:
    """The account of such a call; None if the rows are anything else."""
    way = way_of(paths)
    return None if way is None else _account(way)


def way_of(paths: Sequence[Path]) -> Way | None:
    """The way of the channel on which all rows begin; None where they may hold more than one channel's way."""
    first = paths[0]
    channel, kind = first.a.channel, first.a.kind
    if not channel or len(paths) > _MOST or kind not in _SIDES:
        return None
    direction = None if kind is END_PERSON else DIRECTION_INBOUND
    rows, rung, reached = [], [], {channel}
    up: Row | None = None
    for path in paths:
        row = timed(path)
        rows.append(row)
        if row.a.channel != channel or row.a.kind is not kind or row.app in _ELSEWHERE:
            return None
        if path.uniqueid != first.uniqueid or path.linkedid != first.linkedid:
            return None
        if not row.b.channel:
            continue
        towards = _DIRECTIONS.get((kind, row.b.kind))
        if (
            towards is None
            or row.b.channel in reached
            or (direction is not None and towards is not direction)
        ):
            return None
        if row.up and up is not None:
            return None
        direction, up = towards, row if row.up else up
        rung.append(row)
        reached.add(row.b.channel)
    if direction is None or (up is not None and len(rows) > 1 and _goes_on(rows, up)):
        return None
    return Way(rows, rung, up, direction)


def _goes_on(rows: Sequence[Row], up: Row) -> bool:
    """Whether another row may show that the party served was handed on when the talk ended."""
    path = up.path
    for row in rows:
        if row is up or row.app not in GOES_ON or abs(row.start - up.end) > ADJACENT:
            continue
        if row.path.app_data != path.app_data or row.app is not up.app:
            return True
    return False


def _account(way: Way) -> Account:
    rows, up, direction = way.rows, way.up, way.direction
    first = rows[0]
    entry = first.path
    cast = Cast(first, first.a, direction, ())
    link = None
    if up is None:
        outcome, decided = unanswered(rows, cast)
    else:
        outcome, decided = OUTCOME_ANSWERED, up
        link = _link(up, outbound=direction is DIRECTION_OUTBOUND)
    names = names_of(rows) if entry.a.kind is END_PERSON else {}
    talk_s: float | None = 0.0
    agents: tuple[AgentTalk, ...] | None = ()
    if link is not None:
        talk_s = seconds(link.end - link.start) if link.known else None
        person = extension_of(link.other)
        agents = (AgentTalk(person, names.get(person, ""), talk_s),)
    last = _last(way)
    ended = last.end
    dialled, did = _dialled(rows, direction)
    queued = [row for row in rows if row.app is APP_QUEUE]
    cause, caused = cause_of(rows)
    trunks = lines(rows)
    known = outcome is not OUTCOME_UNKNOWN
    return Account(
        started_at=first.start,
        answered_at=link.start if link is not None and link.known else None,
        ended_at=ended,
        direction=direction,
        outcome=outcome,
        cause=cause,
        caller=entry.a,
        called=_called(way),
        dialled=dialled,
        agents=agents if known else None,
        queue=queue(queued[-1]) if queued else "",
        trunks=tuple(trunks),
        wait_s=waited(queued, link, rows, outcome, ended) if queued else None,
        ring_s=rang(rows, link, outcome),
        talk_s=talk_s if known else None,
        transfers=(),
        legs=_legs(way, link, talk_s, names),
        steps=_steps(way, link, outcome, last),
        recordings=recordings(rows),
        account=entry.account,
        why=why(cast, decided, link, last, did, caused, queued, trunks),
    )


def _link(up: Row, *, outbound: bool) -> Link:
    start, known = start_of(up)
    if outbound:
        return Link(up.b.channel, up.a, start, up.end, known, up, up)
    return Link(up.a.channel, up.b, start, up.end, known, up, up)


def _last(way: Way) -> Row:
    """The row with the last end; of several the first, and for a call to outside one on which a line was called."""
    if len(way.rows) == 1:
        return way.rows[0]
    rows = way.rows
    if way.direction is DIRECTION_OUTBOUND:
        rows = way.rung + [row for row in rows if not row.b.channel]
    return max(rows, key=_end)


def _end(row: Row) -> Instant:
    return row.end


def _dialled(rows: Sequence[Row], direction: Direction) -> tuple[str, Row | None]:
    for row in rows:
        if row.path.did:
            return row.path.did, row
    for row in rows:
        dst = row.path.dst
        if is_full_number(dst) if direction is DIRECTION_INBOUND else is_number(dst):
            return dst, row
    return "", None


def _called(way: Way) -> Endpoint:
    """Who was reached, else who was tried first, else what the switch did with the call."""
    if not way.rung:
        return next((row.b for row in way.rows if row.b.kind is not END_UNKNOWN), _NOBODY)
    end = (way.up or way.rung[0]).b
    dst = way.rows[0].path.dst
    if way.direction is DIRECTION_OUTBOUND and not end.number.raw and is_number(dst):
        return Endpoint(end.kind, Number(dst), end.name, "", end.channel, end.device)
    return end


def _legs(way: Way, link: Link | None, talk_s: float | None, names: dict[str, str]) -> tuple[Leg, ...]:
    rows = way.rows
    first, answered, ended = rows[0], rows[0].answered, rows[0].end
    for row in rows:
        if row.answered is not None and (answered is None or row.answered < answered):
            answered = row.answered
        ended = max(ended, row.end)
    caller = first.a
    legs = [
        Leg(
            caller.kind, who(caller), caller.name, "caller", first.start, None, answered, ended,
            channel=caller.channel,
        )
    ]  # fmt: skip
    for row in way.rung:
        end, up = row.b, row is way.up
        legs.append(
            Leg(
                end.kind,
                who(end),
                names.get(end.extension, end.name) if names else end.name,
                "agent" if end.kind is END_PERSON else "called",
                row.start,
                None,
                link.start if up and link is not None and link.known else None,
                row.end,
                talk_s if up else None,
                outcome=OUTCOME_ANSWERED if up else LEG_OUTCOMES.get(row.path.result, OUTCOME_UNKNOWN),
                channel=end.channel,
            )
        )
    return tuple(legs)


def _steps(way: Way, link: Link | None, outcome: Outcome, last: Row) -> tuple[Step, ...]:
    rows = way.rows
    first = rows[0]
    steps = [Step(STEP_STARTED, first.start, who(first.a), "", "", first.path.frame.hex())]
    for row in rows:
        joined = link is not None and row is link.row and link.known and link.start <= row.start
        add_row(steps, rows, row, joined=joined)
    if link is not None:
        detail = "" if link.known else UNKNOWN_MOMENT
        steps.append(Step(STEP_ANSWERED, link.start, who(link.other), "", detail, link.row.path.frame.hex()))
    order(steps)
    steps.append(Step(STEP_ENDED, last.end, "", "", str(outcome), last.path.frame.hex()))
    return tuple(steps)


_NOBODY = Endpoint()
_MOST = 8
"""Rows from which on the long way is as good."""

_SIDES = (EndpointKind.PERSON, EndpointKind.OUTSIDE)
_ELSEWHERE = frozenset((AppKind.CALLED, AppKind.CONFERENCE, AppKind.PARK))
"""What puts a channel together with others that have not been dialled on its way."""

_DIRECTIONS = {
    (EndpointKind.OUTSIDE, EndpointKind.PERSON): Direction.INBOUND,
    (EndpointKind.PERSON, EndpointKind.OUTSIDE): Direction.OUTBOUND,
    (EndpointKind.PERSON, EndpointKind.PERSON): Direction.INTERNAL,
}
