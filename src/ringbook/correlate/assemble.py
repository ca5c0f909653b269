"""The fold: all statements about one call → the call.

Each shape of evidence has a view that tells what it can (``events``, ``channels``, ``segments``, ``paths``, ``queues``).
For every field the strongest view that knows it decides: ``ORDER`` for most, ``STRONGER`` where another one knows better.
Bump ``RULES`` whenever the same statements would give another call than before; ``ringbook rederive`` then rebuilds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, TypeVar

import msgspec

from ringbook.correlate import channels, events, paths, queues, segments
from ringbook.correlate.account import Account, Evidence
from ringbook.model.call import (
    AgentTalk,
    Call,
    CallId,
    CallQuality,
    Direction,
    HangupBy,
    Outcome,
    Recording,
    Step,
)
from ringbook.model.instant import SECOND, Instant
from ringbook.model.party import Endpoint, EndpointKind, Party, party
from ringbook.model.statement import (
    AnyStatement,
    ChannelEvent,
    ChannelRecord,
    Path,
    Quality,
    QueueStep,
    RecordingMade,
    Segment,
    Statement,
)

S = TypeVar("S", bound=msgspec.Struct)

RULES = 1
"""Version of the correlation rules."""

ORDER = ("events", "channels", "segments", "paths", "queues")
"""Views from strongest to weakest."""

STRONGER: dict[str, tuple[str, ...]] = {
    "queue": ("queues", *ORDER[:-1]),
    "account": ("paths", "channels", "segments", "events", "queues"),
}
"""Fields for which another order holds, and why: a queue's own log names the queue; CDRs carry the account code."""


class Told(msgspec.Struct, frozen=True):
    """A call and, for each of its fields, the view and the frame that decided it."""

    call: Call
    why: dict[str, tuple[str, bytes]]


def assemble(
    tenant: str, source: str, call_id: CallId, statements: Iterable[AnyStatement], *, revision: int = 1
) -> Call:
    """The call that these statements are about. Pure; order and repetition of the statements do not matter."""
    return tell(tenant, source, call_id, statements, revision=revision).call


def tell(
    tenant: str, source: str, call_id: CallId, statements: Iterable[AnyStatement], *, revision: int = 1
) -> Told:
    """The call with the evidence for each of its values."""
    given = list(statements)
    evidence = _sorted(given)
    accounts = _accounts(evidence)
    chosen, why = _choose(accounts)
    started = chosen.started_at if chosen.started_at is not None else _earliest(given)
    if chosen.answered_at is not None:  # a view that came in late may know the answer and not the beginning
        started = min(started, chosen.answered_at)
    ended = chosen.ended_at
    if ended is not None and started - SECOND < ended < started:
        ended = started  # one view tells whole seconds, the other parts of them
    call = Call(
        id=call_id,
        tenant=tenant,
        started_at=started,
        answered_at=chosen.answered_at,
        ended_at=ended,
        direction=chosen.direction
        if chosen.direction is not Direction.UNKNOWN
        else _direction(chosen, accounts),
        outcome=chosen.outcome,
        hangup_by=chosen.hangup_by,
        cause=chosen.cause,
        caller=party(chosen.caller) if chosen.caller else Party(),
        called=party(chosen.called) if chosen.called else Party(),
        dialled=chosen.dialled,
        agents=_agents(chosen.agents or (), accounts.get("queues")),
        queue=chosen.queue,
        duration_s=_span(started, ended),
        wait_s=chosen.wait_s,
        ring_s=chosen.ring_s,
        talk_s=chosen.talk_s,
        hold_s=chosen.hold_s,
        transfers=chosen.transfers or (),
        legs=chosen.legs,
        steps=_steps(chosen.steps, accounts),
        recordings=_recordings(accounts, evidence),
        quality=_quality(evidence, chosen.quality),
        cost=chosen.cost,
        account=chosen.account,
        sources=(source,),
        keys=tuple(sorted({key for s in given for key in s.keys})),
        frames=tuple(sorted({s.frame for s in given})),
        revision=revision,
        rules=RULES,
    )
    return Told(call, why)


def _sorted(statements: Iterable[AnyStatement]) -> Evidence:
    groups: dict[type[Statement], dict[object, Any]] = {}
    twins: dict[tuple[type[Statement], object], list[Statement]] = {}
    for statement in statements:
        rows = groups.setdefault(type(statement), {})
        name = statement.identity or statement.frame + statement.order.to_bytes(8, "big", signed=True)
        twin = rows.setdefault(name, statement)
        if twin is not statement:
            twins.setdefault((type(statement), name), [twin]).append(statement)
    for (shape, twin_name), told in twins.items():
        groups[shape][twin_name] = _same(told)

    def ordered(kind: type[Statement]) -> tuple[Any, ...]:
        rows = groups.get(kind)
        return tuple(sorted(rows.values(), key=_place)) if rows else ()

    return Evidence(
        ordered(ChannelEvent),
        ordered(QueueStep),
        ordered(ChannelRecord),
        ordered(Segment),
        ordered(Path),
        ordered(Quality),
        ordered(RecordingMade),
    )


def _place(statement: Statement) -> tuple[int, int, bytes]:
    return (statement.at or 0, statement.order, statement.frame)


def _same(told: Sequence[Statement]) -> Statement:
    """One row told several times: the finest (times with more decimals, then the earlier frame id), its gaps filled."""
    first, *others = sorted(told, key=lambda s: (-_fineness(s), s.frame))
    for other in others:
        first = _filled(first, other)
    return first


def _filled(first: S, second: S) -> S:
    """The first with what only the second says; of an endpoint too, unless the two name different numbers."""
    gaps: dict[str, object] = {}
    for field in msgspec.structs.fields(first):
        ours, theirs = getattr(first, field.name), getattr(second, field.name)
        if field.name == "frame" or ours == theirs or theirs in (field.default, {}):
            continue
        if ours in (field.default, {}):
            gaps[field.name] = theirs
        elif isinstance(ours, Endpoint) and (not ours.number.raw or ours.number == theirs.number):
            gaps[field.name] = _filled(ours, theirs)
    return msgspec.structs.replace(first, **gaps) if gaps else first


def _fineness(statement: Statement) -> int:
    return 1 if statement.at is not None and statement.at % SECOND else 0


def _accounts(evidence: Evidence) -> dict[str, Account]:
    told: dict[str, Account] = {}
    if evidence.events:
        told["events"] = events.tell(evidence)
    if evidence.records:
        told["channels"] = channels.tell(evidence)
    if evidence.segments:
        told["segments"] = segments.tell(evidence)
    if evidence.paths:
        told["paths"] = paths.tell(evidence)
    if evidence.steps:
        told["queues"] = queues.tell(evidence)
    return told


_UNTOLD = Account()
_NOTHING: dict[str, object] = {
    field.name: getattr(_UNTOLD, field.name) for field in msgspec.structs.fields(Account)
}
_FIELDS = tuple(name for name in _NOTHING if name != "why")


def _choose(accounts: dict[str, Account]) -> tuple[Account, dict[str, tuple[str, bytes]]]:
    why: dict[str, tuple[str, bytes]] = {}
    if len(accounts) == 1:
        [(name, only)] = accounts.items()
        return only, {field: (name, frame) for field, frame in only.why.items()}
    values: dict[str, Any] = {}
    for field in _FIELDS:
        for view in STRONGER.get(field, ORDER):
            account = accounts.get(view)
            if account is not None and getattr(account, field) != _NOTHING[field]:
                values[field] = getattr(account, field)
                why[field] = (view, account.why.get(field, b""))
                break
    return Account(**values), why


def _direction(chosen: Account, accounts: dict[str, Account]) -> Direction:
    """Who rang whom, seen from the company: by the sides on which caller and called stand.

    Between two full numbers of which no device or channel says where they stand, either may be ours: that stays unknown.
    """
    caller = chosen.caller.kind if chosen.caller else EndpointKind.UNKNOWN
    called = chosen.called.kind if chosen.called else EndpointKind.UNKNOWN
    if caller is EndpointKind.OUTSIDE:
        told_by_digits = set(accounts) == {"segments"} and not _located(chosen.caller)
        guess = called is EndpointKind.OUTSIDE and told_by_digits
        return Direction.UNKNOWN if guess else Direction.INBOUND
    if caller is EndpointKind.PERSON and called is EndpointKind.OUTSIDE:
        return Direction.OUTBOUND
    if caller is EndpointKind.PERSON and called is not EndpointKind.UNKNOWN:
        return Direction.INTERNAL
    return Direction.UNKNOWN


def _located(end: Endpoint | None) -> bool:
    return end is not None and bool(end.device or end.channel)


def _earliest(statements: Sequence[AnyStatement]) -> Instant:
    return min((s.at for s in statements if s.at is not None), default=0)


def _span(start: Instant, end: Instant | None) -> float | None:
    return None if end is None else round(max(0, end - start) / SECOND, 3)


def _agents(chosen: tuple[AgentTalk, ...], queue: Account | None) -> tuple[AgentTalk, ...]:
    """The strongest view's agents; a lone agent gets from the queue's own log the name or talk that the view lacks."""
    told = queue.agents if queue is not None and queue.agents else ()
    if len(chosen) != 1 or len(told) != 1 or (told[0].extension and told[0].extension != chosen[0].extension):
        return chosen
    [one], [other] = chosen, told
    spoken = one.talk_s if one.talk_s is not None else other.talk_s
    return (AgentTalk(one.extension, one.name or other.name, spoken),)


def _steps(chosen: tuple[Step, ...], accounts: dict[str, Account]) -> tuple[Step, ...]:
    """The strongest view's timeline; a queue's own log adds the kinds of step that it lacks."""
    queue = accounts.get("queues")
    if queue is None and all(_told_in_order(one, two) for one, two in pairwise(chosen)):
        return chosen
    steps = list(chosen)
    if queue is not None and queue.steps is not chosen:
        told = {step.kind for step in steps}
        steps += [step for step in queue.steps if step.kind not in told]
    return tuple(_in_time(steps))


def _told_in_order(one: Step, two: Step) -> bool:
    return one.at is not None and two.at is not None and one.at <= two.at


def _in_time(steps: Sequence[Step]) -> list[Step]:
    """Steps in order of time; one whose time is not known stays behind the step that it was told after."""
    reach = 0
    placed = []
    for step in steps:
        reach = step.at if step.at is not None else reach
        placed.append((reach, step))
    return [step for _, step in sorted(placed, key=lambda pair: pair[0])]


def _recordings(accounts: dict[str, Account], evidence: Evidence) -> tuple[Recording, ...]:
    if not evidence.recordings and not any(account.recordings for account in accounts.values()):
        return ()
    named: dict[str, Recording] = {}
    for made in evidence.recordings:
        named[made.name or made.path] = Recording(
            made.name or made.path, started_at=made.started_at, duration_s=made.duration_s, evidence="record"
        )
    for view in ORDER:
        account = accounts.get(view)
        for recording in account.recordings if account else ():
            named.setdefault(recording.name, recording)
    return tuple(named[name] for name in sorted(named))


def _quality(evidence: Evidence, chosen: CallQuality | None) -> CallQuality:
    """The worst of what was measured."""
    if not evidence.qualities:
        return chosen or CallQuality()

    def worst(values: list[float | None], pick: Any) -> float | None:
        known = [value for value in values if value is not None]
        return pick(known) if known else None

    rows = evidence.qualities
    return CallQuality(
        mos=worst([q.mos for q in rows], min),
        pdd_s=worst([q.pdd_s for q in rows], max),
        jitter_ms=worst([q.jitter_ms for q in rows], max),
        loss_pct=worst([q.loss_pct for q in rows], max),
    )


__all__ = ["RULES", "Endpoint", "HangupBy", "Outcome", "Told", "assemble", "tell"]
