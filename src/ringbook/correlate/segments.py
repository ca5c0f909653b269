"""The call as told by segments that the source itself explains (SMDR, CUCM, 3CX, phone logs, mapped files).

The segments are put in order (``segments_timing``), then each fact is read off them: the first segment names the caller, who
stays the caller through all transfers; a person's answer is one by a phone of ours or by somebody outside, never that of a
queue, menu or mailbox; what no segment states stays unknown.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ringbook.correlate.account import Account, Evidence
from ringbook.correlate.segments_moves import ATTENDED, BLIND, moves
from ringbook.correlate.segments_story import legs, steps
from ringbook.correlate.segments_timing import Stretch, label, rang_s, span_s, stretches, union_s
from ringbook.model.call import AgentTalk, Cause, Direction, HangupBy, Outcome, Recording
from ringbook.model.instant import SECOND, Instant
from ringbook.model.party import Endpoint, EndpointKind, trunk
from ringbook.model.statement import PathResult, Segment

_NOBODY = Endpoint()
_UNTOLD = (None, "", (), Cause(), Direction.UNKNOWN, Outcome.UNKNOWN, HangupBy.UNKNOWN)


def tell(evidence: Evidence) -> Account:
    """What this evidence tells about the call."""
    parts = stretches(evidence.segments)
    if not parts:
        return Account()
    return _with_why(_account(_Story(parts)))


def _with_why(told: tuple[Account, dict[str, bytes]]) -> Account:
    """The account with the frames that decided those of its fields that have a value."""
    account, frames = told
    known = {name: frame for name, frame in frames.items() if getattr(account, name) not in _UNTOLD}
    return msgspec.structs.replace(account, why=known)


def _account(story: _Story) -> tuple[Account, dict[str, bytes]]:
    parts = story.parts
    talked = story.talked()
    outcome = story.outcome()
    hangup = story.hangup_by()
    account = Account(
        started_at=story.started_at,
        answered_at=story.answered_at(),
        ended_at=story.ended_at,
        direction=story.direction,
        outcome=outcome,
        hangup_by=hangup,
        cause=story.cause(),
        caller=story.caller,
        called=story.called(),
        dialled=next((p.said.dialled for p in parts if p.said.dialled), ""),
        agents=story.agents(),
        queue=story.queue(),
        trunks=tuple(story.lines()),
        wait_s=story.wait_s(),
        ring_s=story.ring_s(),
        talk_s=union_s(talked) if talked else _zero(outcome),
        hold_s=_total([p.said.hold_s for p in talked]),
        transfers=tuple(made for made in story.moves if made is not None),
        legs=legs(parts, story.caller, story.started_at, story.ended_at),
        steps=steps(parts, story.moves, story.ended_at, hangup),
        recordings=_recordings(parts),
        cost=_last([p.said.cost for p in parts]),
        account=_last([p.said.account for p in parts]),
    )
    return account, story.why()


class _Story:
    """The stretches of one call and what is read off them."""

    def __init__(self, parts: Sequence[Stretch]) -> None:
        self.parts = parts
        first = parts[0].said
        self.started_at = min((p.started_at for p in parts if p.started_at is not None), default=None)
        self.ended_at = _call_end(parts)
        self.direction = _direction(parts)
        self.caller = next((p.said.caller for p in parts if p.said.caller != _NOBODY), None)
        self._first = first
        self._customer = _customer(parts)
        self.moves = moves(parts)
        consults = _consultations(parts, self._customer)
        talked = [p for p in parts if p.person and p not in consults]
        self.with_customer = sorted(talked, key=lambda p: p.answered_at or p.started_at or 0)
        self.conference = _conference(parts, self.with_customer)

    def outcome(self) -> Outcome:
        """What became of the call."""
        if self.with_customer or self.conference:
            return Outcome.ANSWERED
        if any(_left_message(p) for p in self.parts):
            return Outcome.VOICEMAIL
        if self._queued():
            return Outcome.ABANDONED
        rung = _unanswered([p for p in self.parts if p.kind in _RINGS], self.direction, self.caller)
        if rung is not Outcome.UNKNOWN:
            return rung
        if any(p.kind is EndpointKind.IVR for p in self.parts):
            left = self.hangup_by() in (HangupBy.CALLER, HangupBy.UNKNOWN)
            return Outcome.ABANDONED if left else Outcome.MACHINE
        if any(
            p.kind in (EndpointKind.ANNOUNCEMENT, EndpointKind.PLUMBING) and p.answered for p in self.parts
        ):
            return Outcome.MACHINE
        return _unanswered(self.parts, self.direction, self.caller)

    def answered_at(self) -> Instant | None:
        """When the first person answered; in a conference room, when a second one came in."""
        if self.with_customer:
            return self.with_customer[0].answered_at
        came = sorted(p.answered_at for p in self.conference if p.answered_at is not None)
        return came[1] if len(came) > 1 else None

    def talked(self) -> list[Stretch]:
        """The stretches on which the customer was connected with people."""
        own = [p for p in self.conference if self._customer and self._customer in _labels(p)]
        return [*self.with_customer, *(own or self.conference)]

    def _queued(self) -> list[Stretch]:
        return [p for p in self.parts if p.kind is EndpointKind.QUEUE or p.said.queue or p.said.wait_s]

    def called(self) -> Endpoint | None:
        """Who answered first; without an answer the queue, group or phone that it was for."""
        if self.with_customer:
            first = self.with_customer[0]
            return self._shared().get(id(first), first.said.reached)
        for kinds in (
            (EndpointKind.QUEUE, EndpointKind.GROUP),
            (EndpointKind.PERSON, EndpointKind.OUTSIDE, EndpointKind.UNKNOWN),
        ):
            for part in self.parts:
                if part.kind in kinds and part.said.reached != _NOBODY:
                    return part.said.reached
        senders = [p.said.transferred_by for p in self.parts]
        forwarded = next((end for end in senders if end.kind is EndpointKind.PERSON and label(end)), None)
        reached = next((p.said.reached for p in reversed(self.parts) if p.said.reached != _NOBODY), None)
        return forwarded or reached

    def agents(self) -> tuple[AgentTalk, ...] | None:
        """Those of ours who talked with the customer, in the order in which they came on."""
        talks: dict[str, list[Stretch]] = {}
        ends: dict[str, Endpoint] = {}
        shared = self._shared()
        for part in (*self.with_customer, *self.conference):
            for end in (shared.get(id(part)), self._ours(part)):
                if end is not None:
                    talks.setdefault(label(end), []).append(part)
                    if not ends.get(label(end), _NOBODY).name:
                        ends[label(end)] = end
        return tuple(
            AgentTalk(
                ends[who].extension or ends[who].number.best,
                ends[who].name,
                None if any(id(p) in shared for p in parts) else self._shared_s(parts),
            )
            for who, parts in talks.items()
        )

    def _shared(self) -> dict[int, Endpoint]:
        """Stretches that two of ours shared, with the first: they had answered it, and transferred it under way."""
        known = {name for p in self.with_customer for name in _labels(p)}
        found = {}
        for part in self.with_customer:
            by = part.said.transferred_by
            spoke = part.said.transfer_kind in (BLIND, ATTENDED, "")
            if spoke and by.kind is EndpointKind.PERSON and by.extension and label(by) not in known:
                found[id(part)] = by
        return found

    def _shared_s(self, parts: list[Stretch]) -> float | None:
        """How long one of ours talked; unknown when the call went on in a conference that does not name them."""
        unnamed = self.conference and not any(p in self.conference for p in parts)
        return None if unnamed else union_s(parts)

    def _ours(self, part: Stretch) -> Endpoint | None:
        """Whoever of ours is on the stretch, other than the customer."""
        said = part.said
        if part.kind is EndpointKind.PERSON and label(said.reached) != self._customer:
            return said.reached
        if part.kind is EndpointKind.UNKNOWN and self.direction is Direction.INBOUND:
            return said.reached if label(said.reached) else None
        if said.caller.kind is EndpointKind.PERSON and label(said.caller) not in (
            self._customer,
            self._gone(part),
        ):
            return said.caller
        return None

    def _gone(self, part: Stretch) -> str:
        """Who sent the call on to this stretch, and so is no longer on it."""
        return next(
            (made.by for made, p in zip(self.moves, self.parts, strict=True) if made and p is part), ""
        )

    def queue(self) -> str:
        """The queue that the call was answered from, else the last one it waited in."""
        answered_at = self.with_customer[0].answered_at if self.with_customer else None
        names = [
            (p.started_at, p.said.queue or p.said.reached.name or label(p.said.reached))
            for p in self._queued()
            if p.said.queue or p.kind is EndpointKind.QUEUE
        ]
        before = [n for at, n in names if answered_at is None or at is None or at <= answered_at]
        return next((n for n in reversed(before or [n for _, n in names]) if n), "")

    def lines(self) -> dict[str, bytes]:
        """The lines to those outside, in order, each with the frame that names it first."""
        found: dict[str, bytes] = {}
        for part in self.parts:
            said = part.said
            for name in (trunk(said.caller), trunk(said.reached), said.trunk):
                found.setdefault(name, said.frame)
        found.pop("", None)
        return found

    def wait_s(self) -> float | None:
        """From entering the first queue to the next answer by a person, or the end."""
        queued = self._queued()
        stated = [p.said.wait_s for p in queued if p.said.wait_s is not None]
        if stated:
            return round(sum(stated), 3)
        if not queued:
            return None
        entered = queued[0].started_at
        after = [p.answered_at for p in self.with_customer if (p.started_at or 0) >= (entered or 0)]
        return span_s(entered, after[0] if after else self.ended_at)

    def ring_s(self) -> float | None:
        """How long the phone that answered rang; if none did, the longest ring."""
        if self.with_customer:
            return rang_s(self.with_customer[0])
        rings = [rang_s(p) for p in self.parts if p.kind in _RINGS and not p.answered]
        return max((r for r in rings if r is not None), default=None)

    def hangup_by(self) -> HangupBy:
        """Who ended the call, from the segment that ended last; sides are those of the whole call."""
        said = _ending(self.parts).said
        by = said.hangup_by
        if by not in (HangupBy.CALLER, HangupBy.CALLEE) or self.caller is None or not self._customer:
            return by
        who = said.caller if by is HangupBy.CALLER else said.reached
        by_customer = label(who) == self._customer
        customer_called = label(self.caller) == self._customer
        return HangupBy.CALLER if by_customer == customer_called else HangupBy.CALLEE

    def cause(self) -> Cause:
        """Why the segment that ended last did so, or the last one to give a reason."""
        last = _ending(self.parts).said.cause
        if last != Cause():
            return last
        return next((p.said.cause for p in reversed(self.parts) if p.said.cause != Cause()), Cause())

    def why(self) -> dict[str, bytes]:
        """The frames that decided the fields."""
        frame = self._first.frame
        told = {"started_at": frame, "direction": frame, "caller": frame, "dialled": frame}
        last = _ending(self.parts).said.frame
        told |= {"ended_at": last, "hangup_by": last, "cause": last, "outcome": last}
        if self.with_customer:
            answer = self.with_customer[0].said.frame
            told |= dict.fromkeys(("answered_at", "outcome", "called", "agents", "ring_s"), answer)
        queued = self._queued()
        if queued:
            told |= {"queue": queued[-1].said.frame, "wait_s": queued[-1].said.frame}
        talked = self.with_customer[-1].said.frame if self.with_customer else last
        told |= {"talk_s": talked, "hold_s": talked}
        moved = next((p.said.frame for made, p in zip(self.moves, self.parts, strict=True) if made), b"")
        told["transfers"] = moved
        told["trunks"] = next(iter(self.lines().values()), b"")
        return told


_RINGS = frozenset(
    {EndpointKind.PERSON, EndpointKind.OUTSIDE, EndpointKind.UNKNOWN, EndpointKind.GROUP, EndpointKind.QUEUE}
)


def _direction(parts: Sequence[Stretch]) -> Direction:
    return next(
        (p.said.direction for p in parts if p.said.direction is not Direction.UNKNOWN), Direction.UNKNOWN
    )


def _call_end(parts: Sequence[Stretch]) -> Instant | None:
    """The end of the last stretch; unknown if one that may have lasted longest does not tell its end."""
    if any(p.ended_at is None and (p.answered or p.said.result is PathResult.UNKNOWN) for p in parts):
        return None
    return max((p.ended_at for p in parts if p.ended_at is not None), default=None)


def _ending(parts: Sequence[Stretch]) -> Stretch:
    """The stretch with which the call ended: a lost fork or a poll that ended with it does not tell why."""
    real = [p for p in parts if p.said.result not in (PathResult.ELSEWHERE, PathResult.TRANSFERRED)] or parts
    talked = [p for p in real if p.person]
    if talked:
        real = [p for p in real if p.answered]
    latest = max(p.ended_at or p.started_at or 0 for p in real)
    together = [p for p in real if (p.ended_at or p.started_at or 0) >= latest - SECOND]
    return max(
        enumerate(together), key=lambda pair: (pair[1].said.hangup_by is not HangupBy.UNKNOWN, pair[0])
    )[1]


def _labels(part: Stretch) -> tuple[str, str]:
    return (label(part.said.caller), label(part.said.reached))


def _customer(parts: Sequence[Stretch]) -> str:
    """Whom the call is about: the first party outside, else whoever placed it."""
    for part in parts:
        for end in (part.said.caller, part.said.reached):
            if end.kind is EndpointKind.OUTSIDE and label(end):
                return label(end)
    return next((label(p.said.caller) for p in parts if label(p.said.caller)), "")


def _consultations(parts: Sequence[Stretch], customer: str) -> list[Stretch]:
    """Talk between two of ours while the customer, already on the call, was on hold."""
    there = False
    found = []
    for part in parts:
        kinds = (part.said.caller.kind, part.kind)
        moved = part.said.transfer_kind or label(part.said.transferred_by)
        if EndpointKind.OUTSIDE in kinds or (customer and customer in _labels(part)):
            there = True
        elif there and not moved and kinds == (EndpointKind.PERSON, EndpointKind.PERSON):
            found.append(part)
    return found


def _conference(parts: Sequence[Stretch], talked: Sequence[Stretch]) -> list[Stretch]:
    """The stretches in a conference where people are known to have met: after they had talked, or two came in."""
    inside = [p for p in parts if p.answered and EndpointKind.CONFERENCE in (p.kind, p.said.caller.kind)]
    inside = [p for p in inside if p not in talked]
    met = {label(p.said.caller) for p in inside}
    return inside if talked or len(met) > 1 else []


def _left_message(part: Stretch) -> bool:
    if part.said.result is PathResult.VOICEMAIL:
        return True
    return part.kind is EndpointKind.VOICEMAIL and part.answered


def _unanswered(parts: Sequence[Stretch], direction: Direction, caller: Endpoint | None) -> Outcome:
    """What became of a call that nobody answered: ringing out weighs more than a busy or refusing phone beside it."""
    results = {p.said.result for p in parts}
    if PathResult.NO_ANSWER in results:
        return Outcome.MISSED
    if PathResult.CANCELLED in results:
        ours = direction in (Direction.OUTBOUND, Direction.INTERNAL) or (
            direction is Direction.UNKNOWN and caller is not None and caller.kind is EndpointKind.PERSON
        )
        return Outcome.CANCELLED if ours else Outcome.MISSED
    for result, outcome in _RESULTS:
        if result in results:
            return outcome
    return Outcome.UNKNOWN


_RESULTS = (
    (PathResult.BUSY, Outcome.BUSY),
    (PathResult.REJECTED, Outcome.REJECTED),
    (PathResult.FAILED, Outcome.FAILED),
    (PathResult.CONGESTION, Outcome.FAILED),
)


def _zero(outcome: Outcome) -> float | None:
    """Nobody talked: zero where the outcome is known, else unknown."""
    return None if outcome in (Outcome.UNKNOWN, Outcome.ANSWERED) else 0.0


def _total(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(sum(known), 3) if known else None


def _last(values: Sequence[str]) -> str:
    return next((value for value in reversed(values) if value), "")


def _recordings(parts: Sequence[Stretch]) -> tuple[Recording, ...]:
    names: dict[str, Segment] = {p.said.recording: p.said for p in parts if p.said.recording}
    return tuple(Recording(name, evidence="record") for name in names)
