"""The call as told by pairs of channels (Asterisk CDR).

A CDR row is one path between two channels, or between a channel and the switch. Which rows are a person's conversation, and
which a queue, a menu, a mailbox, a Local channel's other half or a leg that rang in vain, follows from the application, the
kinds of the channels, and how the rows lie in time; see ``paths_talk`` and ``paths_outcome``. Who hung up and who was on hold is
in no CDR.
"""

from __future__ import annotations

from collections.abc import Sequence

from ringbook.correlate.account import Account, Evidence
from ringbook.correlate.paths_facts import lines, queue, rang, recordings, waited, why
from ringbook.correlate.paths_outcome import cause_of, unanswered
from ringbook.correlate.paths_plain import plain
from ringbook.correlate.paths_rows import (
    Cast,
    Row,
    cast_of,
    ends_behind,
    extension_of,
    is_full_number,
    is_number,
    rows_of,
)
from ringbook.correlate.paths_story import legs_of, names_of, steps_of
from ringbook.correlate.paths_talk import Link, Talk, talk_of, union_s
from ringbook.model.call import AgentTalk
from ringbook.model.instant import SECOND, Instant
from ringbook.model.members import (
    APP_CALLED,
    APP_QUEUE,
    DIRECTION_INBOUND,
    DIRECTION_OUTBOUND,
    END_OUTSIDE,
    END_PERSON,
    END_UNKNOWN,
    OUTCOME_ANSWERED,
    OUTCOME_UNKNOWN,
)
from ringbook.model.party import Endpoint, Number


def tell(evidence: Evidence) -> Account:
    """The best call that CDRs can give."""
    return plain(evidence.paths) or tell_any(evidence)


def tell_any(evidence: Evidence) -> Account:
    """The same, for whatever rows there are."""
    rows = rows_of(evidence.paths)
    if len(rows) > _MANY or not (rows[0].a.channel or any(row.a.channel for row in rows)):
        return _bare(rows)
    cast = cast_of(rows)
    talk = talk_of(rows, cast)
    people = [link for link in talk.links if link.other.kind is END_PERSON]
    talked = people or [link for link in talk.links if link.other.kind is END_OUTSIDE]
    cause, caused = cause_of(rows)
    if talked:
        outcome, decided = OUTCOME_ANSWERED, talked[0].row
    else:
        outcome, decided = unanswered(rows, cast)
    ended, last = _ended(rows, cast)
    dialled, did = _dialled(rows, cast, talk)
    queued = [row for row in rows if row.app is APP_QUEUE]
    first = talked[0] if talked else None
    names = names_of(rows)
    transfers = talk.transfers
    trunks = lines(rows)
    return Account(
        started_at=rows[0].start,
        answered_at=first.start if first and first.known else None,
        ended_at=ended,
        direction=cast.direction,
        outcome=outcome,
        cause=cause,
        caller=cast.caller,
        called=_called(rows, cast, talked),
        dialled=dialled,
        agents=_agents(people, names) if outcome is not OUTCOME_UNKNOWN else None,
        queue=queue(queued[-1]) if queued else "",
        trunks=tuple(trunks),
        wait_s=waited(queued, first, rows, outcome, ended),
        ring_s=rang(rows, first, outcome),
        talk_s=union_s(talked) if outcome is not OUTCOME_UNKNOWN else None,
        transfers=transfers,
        legs=legs_of(rows, cast, talk.links, names),
        steps=steps_of(rows, cast, talk, outcome, ended, last),
        recordings=recordings(rows),
        account=cast.entry.path.account,
        why=why(cast, decided, first, last, did, caused, queued, trunks),
    )


def _bare(rows: Sequence[Row]) -> Account:
    """What rows without channels tell: times, and the numbers where there are any."""
    first = rows[0].path
    end = max(rows, key=lambda row: row.end)
    why = {"started_at": first.frame, "ended_at": end.path.frame}
    return Account(
        started_at=rows[0].start,
        ended_at=end.end,
        caller=first.a if first.a.number.raw else None,
        dialled=first.did or (first.dst if is_full_number(first.dst) else ""),
        recordings=recordings(rows),
        why=why,
    )


def _ended(rows: Sequence[Row], cast: Cast) -> tuple[Instant, Row]:
    """When the party served was gone: the last end of any row of its channel."""
    customers = cast.customers
    own = [row for row in rows if row.a.channel in customers or row.b.channel in customers]
    if cast.direction is DIRECTION_OUTBOUND:
        own += [row for row in rows if row.a.channel == cast.entry.a.channel and not row.b.channel]
    last = max(own or rows, key=lambda row: row.end)
    return last.end, last


def _dialled(rows: Sequence[Row], cast: Cast, talk: Talk) -> tuple[str, Row | None]:
    """What the caller dialled, and the row that says so; "" where the dialplan or a transfer has overwritten it.

    From outside, only a whole number is believed: a short one is where the dialplan has led the call since.
    """
    mine = [row for row in rows if row.a.channel == cast.entry.a.channel]
    for row in mine:
        if row.path.did:
            return row.path.did, row
    rewritten = talk.rewritten
    moved = (
        min((link.row.end for link in talk.links if link.row in rewritten), default=None)
        if rewritten
        else None
    )
    for row in mine:
        if moved is not None and (row in rewritten or row.start >= moved - SECOND):
            continue
        dst = row.path.dst
        if row.app is APP_CALLED or not is_number(dst):
            continue
        if cast.direction is not DIRECTION_INBOUND or is_full_number(dst):
            return dst, row
    return "", None


def _called(rows: Sequence[Row], cast: Cast, talked: Sequence[Link]) -> Endpoint:
    """Who was reached, else who was tried first, else what the switch did with the call."""
    entry = cast.entry
    if entry.app is APP_CALLED and not entry.b.channel and cast.direction is DIRECTION_OUTBOUND:
        return Endpoint(END_OUTSIDE, entry.a.number, entry.a.name)
    if talked and cast.direction is not DIRECTION_OUTBOUND:
        return _numbered(rows, talked[0].other)
    mine = [row for row in rows if row.a.channel in (entry.a.channel, cast.caller.channel)]
    ends = [end for row in mine if row.b.channel for end in ends_behind(rows, row.b)]
    if cast.direction is DIRECTION_OUTBOUND:
        ends = [end for end in ends if end.kind is END_OUTSIDE]
        reached = [end for end in ends if any(link.channel == end.channel for link in talked)]
        end = (reached or ends or [Endpoint(END_OUTSIDE)])[0]
        end = _numbered(rows, end)
        if not end.number.raw and is_number(entry.path.dst):
            return Endpoint(end.kind, Number(entry.path.dst), end.name, "", end.channel, end.device)
        return end
    if ends:
        return _numbered(rows, ends[0])
    return next((row.b for row in mine if row.b.kind is not END_UNKNOWN), Endpoint())


def _numbered(rows: Sequence[Row], end: Endpoint) -> Endpoint:
    """The end with its number, where another row of its channel says it."""
    if end.number.raw or not end.channel:
        return end
    for row in rows:
        if row.b.channel == end.channel and row.b.number.raw:
            return row.b
    return end


def _agents(people: Sequence[Link], names: dict[str, str]) -> tuple[AgentTalk, ...]:
    """Our people who talked, in the order in which they came on."""
    links: dict[str, list[Link]] = {}
    for link in people:
        links.setdefault(extension_of(link.other), []).append(link)
    return tuple(AgentTalk(who, names.get(who, ""), union_s(own)) for who, own in links.items())


_MANY = 1000
"""Rows above which they are not one conversation (an id that a dialplan sets to the same value for every call)."""
