"""The fold: all statements about one call → the call.

Each shape of evidence has a view that tells what it can (``events``, ``channels``, ``segments``, ``paths``, ``queues``).
For every field the strongest view that knows it decides: ``ORDER`` for most, ``STRONGER`` where another one knows better.
Bump ``RULES`` whenever the same statements would give another call than before; ``ringbook rederive`` then rebuilds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import msgspec

from ringbook.correlate import channels, events, paths, queues, segments
from ringbook.correlate.account import Account, Evidence
from ringbook.correlate.paths_story import UNKNOWN_MOMENT
from ringbook.model.call import (
    AgentTalk,
    Call,
    CallId,
    CallQuality,
    Direction,
    Recording,
    Step,
)
from ringbook.model.instant import SECOND, Instant, seconds
from ringbook.model.members import (
    DIRECTION_INBOUND,
    DIRECTION_INTERNAL,
    DIRECTION_OUTBOUND,
    DIRECTION_UNKNOWN,
    END_OUTSIDE,
    END_PERSON,
    END_UNKNOWN,
)
from ringbook.model.party import Endpoint, Party, party
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

_NOBODY, _UNMEASURED = Party(), CallQuality()

RULES = 2
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
    return _told(tenant, source, call_id, list(statements), revision)[0]


def tell(
    tenant: str, source: str, call_id: CallId, statements: Iterable[AnyStatement], *, revision: int = 1
) -> Told:
    """The call with the evidence for each of its values."""
    call, accounts = _told(tenant, source, call_id, list(statements), revision)
    return Told(call, _why(accounts))


def _told(
    tenant: str, source: str, call_id: CallId, given: Sequence[AnyStatement], revision: int
) -> tuple[Call, dict[str, Account]]:
    evidence = _sorted(given)
    accounts = _accounts(evidence)
    chosen = _choose(accounts)
    caller, called = chosen.caller, chosen.called
    started = chosen.started_at if chosen.started_at is not None else _earliest(given)
    if chosen.answered_at is not None:  # a view that came in late may know the answer and not the beginning
        started = min(started, chosen.answered_at)
    ended = chosen.ended_at
    if ended is not None and started - SECOND < ended < started:
        ended = started  # one view tells whole seconds, the other parts of them
    direction = chosen.direction
    call = Call(
        id=call_id,
        tenant=tenant,
        started_at=started,
        answered_at=chosen.answered_at,
        ended_at=ended,
        direction=direction if direction is not DIRECTION_UNKNOWN else _direction(chosen, accounts),
        outcome=chosen.outcome,
        hangup_by=chosen.hangup_by,
        cause=chosen.cause,
        caller=party(caller) if caller is not None else _NOBODY,
        called=party(called) if called is not None else _NOBODY,
        dialled=chosen.dialled,
        agents=_agents(chosen.agents or (), accounts.get("queues")),
        queue=chosen.queue,
        trunks=chosen.trunks,
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
        keys=_all_keys(given),
        frames=tuple(sorted({s.frame for s in given})) if len(given) != 1 else (given[0].frame,),
        revision=revision,
        rules=RULES,
    )
    return call, accounts


def _all_keys(given: Sequence[AnyStatement]) -> tuple[str, ...]:
    """The keys of all statements, each once, in order."""
    if len(given) == 1 and len(given[0].keys) == 1:
        return given[0].keys
    return tuple(sorted({key for s in given for key in s.keys}))


def _sorted(statements: Sequence[AnyStatement]) -> Evidence:
    groups: dict[type[Statement], list[Any]] = {}
    for statement in statements:
        groups.setdefault(type(statement), []).append(statement)
    shapes: dict[str, tuple[Any, ...]] = {}
    for kind, rows in groups.items():
        shape = _SHAPES.get(kind)
        if shape is not None:
            shapes[shape] = (rows[0],) if len(rows) == 1 else tuple(sorted(_each_once(rows), key=_place))
    return Evidence(**shapes)


def _each_once(rows: list[Any]) -> list[Any]:
    """The rows of one shape, one that is told several times as one row."""
    found: dict[object, list[Any]] = {}
    for row in rows:
        found.setdefault(row.identity or (row.frame, row.order), []).append(row)
    if len(found) == len(rows):
        return rows
    return [told[0] if len(told) == 1 else _same(told) for told in found.values()]


_SHAPES: dict[type[Statement], str] = {
    ChannelEvent: "events",
    QueueStep: "steps",
    ChannelRecord: "records",
    Segment: "segments",
    Path: "paths",
    Quality: "qualities",
    RecordingMade: "recordings",
}
"""Where the statements of each shape stand among the evidence."""


def _place(statement: Statement) -> tuple[int, int, bytes]:
    return (statement.at or 0, statement.order, statement.frame)


def _same(told: Sequence[Statement]) -> Statement:
    """One row told several times: the finest (times with more decimals, then the earlier frame id), its gaps filled.

    Of a row that its source corrected, only the last correction counts.
    """
    last = max(s.version for s in told)
    first, *others = sorted([s for s in told if s.version == last], key=lambda s: (-_fineness(s), s.frame))
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


def _choose(accounts: dict[str, Account]) -> Account:
    """What is told: a lone view's account as it is, else for each field what the strongest view says that knows it."""
    if len(accounts) == 1:
        return next(iter(accounts.values()))
    deciding = _deciding(accounts)
    return Account(**{field: getattr(accounts[view], field) for field, view in deciding.items()})


def _deciding(accounts: dict[str, Account]) -> dict[str, str]:
    """For each field that is known, the view that decides it."""
    views: dict[str, str] = {}
    for field in _FIELDS:
        nothing = _NOTHING[field]
        for view in STRONGER.get(field, ORDER):
            account = accounts.get(view)
            if account is not None and getattr(account, field) != nothing:
                views[field] = view
                break
    return views


def _why(accounts: dict[str, Account]) -> dict[str, tuple[str, bytes]]:
    """For each field that is known, the view and the frame that decided it."""
    if len(accounts) == 1:
        [(name, only)] = accounts.items()
        return {field: (name, frame) for field, frame in only.why.items()}
    return {field: (view, accounts[view].why.get(field, b"")) for field, view in _deciding(accounts).items()}


def _direction(chosen: Account, accounts: dict[str, Account]) -> Direction:
    """Who rang whom, seen from the company: by the sides on which caller and called stand.

    Between two full numbers of which no device or channel says where they stand, either may be ours: that stays unknown.
    """
    caller = chosen.caller.kind if chosen.caller else END_UNKNOWN
    called = chosen.called.kind if chosen.called else END_UNKNOWN
    if caller is END_OUTSIDE:
        told_by_digits = set(accounts) == {"segments"} and not _located(chosen.caller)
        guess = called is END_OUTSIDE and told_by_digits
        return DIRECTION_UNKNOWN if guess else DIRECTION_INBOUND
    if caller is END_PERSON and called is END_OUTSIDE:
        return DIRECTION_OUTBOUND
    if caller is END_PERSON and called is not END_UNKNOWN:
        return DIRECTION_INTERNAL
    return DIRECTION_UNKNOWN


def _located(end: Endpoint | None) -> bool:
    return end is not None and bool(end.device or end.channel)


def _earliest(statements: Sequence[AnyStatement]) -> Instant:
    return min((s.at for s in statements if s.at is not None), default=0)


def _span(start: Instant, end: Instant | None) -> float | None:
    return None if end is None else seconds(max(0, end - start))


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
    if queue is None and _told_in_order(chosen):
        return chosen
    steps = list(chosen)
    if queue is not None and queue.steps is not chosen:
        exact = {step.kind for step in queue.steps}
        steps = [step for step in steps if step.detail != UNKNOWN_MOMENT or step.kind not in exact]
        told = {step.kind for step in steps}
        steps += [step for step in queue.steps if step.kind not in told]
    return tuple(_in_time(steps))


def _told_in_order(steps: Sequence[Step]) -> bool:
    """Whether the steps stand in order of time already, and the time of each is known."""
    if len(steps) < 2:
        return True
    before = steps[0].at
    for step in steps:
        at = step.at
        if at is None or before is None or at < before:
            return False
        before = at
    return True


def _in_time(steps: Sequence[Step]) -> list[Step]:
    """Steps in order of time; one whose time is not known stays behind the step that it was told after."""
    reach = 0
    placed = []
    for step in steps:
        reach = step.at if step.at is not None else reach
        placed.append((reach, step))
    return [step for _, step in sorted(placed, key=lambda pair: pair[0])]


def _recordings(accounts: dict[str, Account], evidence: Evidence) -> tuple[Recording, ...]:
    if not evidence.recordings:
        told = [account.recordings for account in accounts.values() if account.recordings]
        if not told:
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
        return chosen or _UNMEASURED

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
