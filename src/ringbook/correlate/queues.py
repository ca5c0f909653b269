"""The call as told by a queue's own log: its stays in queues, who took it, and no more.

What happened before the queue (the number dialled, a menu) and after it (voicemail, a third party after a transfer) is not in
the log: then the end, the outcome and the talk are unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from ringbook.correlate.account import Account, Evidence
from ringbook.model.call import AgentTalk, Direction, HangupBy, Leg, Outcome, Step, StepKind, Transfer
from ringbook.model.instant import SECOND, Instant
from ringbook.model.party import Endpoint, EndpointKind
from ringbook.model.statement import QueueEvent, QueueStep

_COMPLETED = frozenset((QueueEvent.COMPLETED_BY_CALLER, QueueEvent.COMPLETED_BY_AGENT))
_TRANSFERRED = {QueueEvent.BLIND_TRANSFER: "blind", QueueEvent.ATTENDED_TRANSFER: "attended"}
_LEFT = frozenset((QueueEvent.TIMED_OUT, QueueEvent.LEFT_EMPTY, QueueEvent.LEFT_WITH_KEY))


class Stay(msgspec.Struct, frozen=True):
    """A caller's time in one queue. ``over`` is the step that ended it, ``taken`` the agent's answer."""

    queue: str
    entered: QueueStep
    taken: QueueStep | None = None
    over: QueueStep | None = None
    rings: tuple[QueueStep, ...] = ()


def tell(evidence: Evidence) -> Account:
    """What the queue's log tells about the call."""
    stays = _stays(evidence.steps)
    first, last = stays[0], stays[-1]
    taken = [stay for stay in stays if stay.taken is not None]
    outcome = _outcome(stays)
    answer = taken[0].taken if taken else None
    ended = _ended(last)
    caller = next((stay.entered.caller for stay in stays if stay.entered.caller.number.raw), None)
    why = {"queue": first.entered.frame, "caller": first.entered.frame, "started_at": first.entered.frame}
    if answer is not None:
        why |= dict.fromkeys(("answered_at", "outcome", "agents", "ring_s"), answer.frame)
    if last.over is not None:
        why |= dict.fromkeys(("ended_at", "hangup_by", "talk_s", "wait_s"), last.over.frame)
        why.setdefault("outcome", last.over.frame)
    return Account(
        started_at=_since(first),
        answered_at=answer.at if answer else None,
        ended_at=ended,
        direction=Direction.UNKNOWN,
        outcome=outcome,
        hangup_by=_hangup_by(last),
        caller=caller,
        called=Endpoint(EndpointKind.QUEUE, name=(taken[0] if taken else last).queue),
        agents=tuple(_agents(taken)) if outcome is not Outcome.UNKNOWN else None,
        queue=(taken[0] if taken else last).queue,
        wait_s=_wait(stays),
        ring_s=answer.ring_s if answer else _rang(stays),
        talk_s=_talk(stays, outcome),
        transfers=tuple(_transfers(stays)) or None,
        legs=tuple(_legs(stays)),
        steps=tuple(_timeline(stays)),
        why=why,
    )


def _stays(steps: Sequence[QueueStep]) -> list[Stay]:
    """The stays in order. A step that comes without its ENTERQUEUE (a log cut at the front) begins one itself.

    Leaving one queue and entering the next fall within one second, so a step belongs to the oldest stay of its queue that is
    not over.
    """
    done: list[Stay] = []
    for step in steps:
        mine = [number for number, stay in enumerate(done) if stay.over is None and stay.queue == step.queue]
        if step.event is QueueEvent.ENTERED or not mine:
            done.append(Stay(step.queue, step))
            mine = [len(done) - 1]
        stay = done[mine[0]]
        if step.event is QueueEvent.CONNECTED:
            done[mine[0]] = msgspec.structs.replace(stay, taken=step)
        elif step.event in (QueueEvent.RANG_NO_ANSWER, QueueEvent.RING_CANCELLED):
            done[mine[0]] = msgspec.structs.replace(stay, rings=(*stay.rings, step))
        elif step.event is not QueueEvent.ENTERED:
            done[mine[0]] = msgspec.structs.replace(stay, over=step)
    return done


def _since(stay: Stay) -> Instant | None:
    """When the caller entered, also where only a later step of the stay is there and says how long it had lasted."""
    first = stay.entered
    if first.event is QueueEvent.ENTERED or first.at is None:
        return first.at
    lasted = (first.wait_s or 0.0) + (first.talk_s or 0.0)
    return first.at - round(lasted * SECOND)


def _outcome(stays: Sequence[Stay]) -> Outcome:
    last = stays[-1]
    if any(stay.taken is not None or (stay.over and stay.over.event in _COMPLETED) for stay in stays):
        return Outcome.ANSWERED
    if last.over is not None and last.over.event is QueueEvent.ABANDONED:
        return Outcome.ABANDONED
    return Outcome.UNKNOWN


def _ended(last: Stay) -> Instant | None:
    """When the call ended: only the caller's or the agent's hang-up says so."""
    over = last.over
    if over is None or over.event in _LEFT or over.event in _TRANSFERRED:
        return None
    return over.at


def _hangup_by(last: Stay) -> HangupBy:
    match last.over.event if last.over else None:
        case QueueEvent.ABANDONED | QueueEvent.COMPLETED_BY_CALLER:
            return HangupBy.CALLER
        case QueueEvent.COMPLETED_BY_AGENT:
            return HangupBy.CALLEE
        case _:
            return HangupBy.UNKNOWN


def _wait(stays: Sequence[Stay]) -> float | None:
    """Seconds in queues until somebody answered or the caller left; None while it lasts."""
    total = 0.0
    for stay in stays:
        end = stay.taken or stay.over
        if end is None:
            return None
        told = end.wait_s
        total += told if told is not None else ((end.at or 0) - (_since(stay) or 0)) / SECOND
        if stay.taken is not None:
            break
    return round(total, 3)


def _rang(stays: Sequence[Stay]) -> float | None:
    """Seconds that phones rang in vain: known only if each of them says so and rang after the other."""
    rings = [ring for stay in stays for ring in stay.rings]
    if not rings or any(ring.ring_s is None for ring in rings):
        return None
    spans = sorted(((ring.at or 0) - round((ring.ring_s or 0) * SECOND), ring.at or 0) for ring in rings)
    total, reached = 0, 0
    for since, until in spans:
        total += max(0, until - max(since, reached))
        reached = max(reached, until)
    return round(total / SECOND, 3)


def _talk(stays: Sequence[Stay], outcome: Outcome) -> float | None:
    """Seconds of talk; None after a transfer, whose further talk is not in the log."""
    if outcome is not Outcome.ANSWERED:
        return 0.0 if outcome is Outcome.ABANDONED else None
    spoken = [_spoken(stay) for stay in stays if stay.taken is not None or stay.over is not None]
    last = stays[-1].over
    if last is None or last.event not in _COMPLETED or any(one is None for one in spoken):
        return None
    return round(sum(one or 0.0 for one in spoken), 3)


def _spoken(stay: Stay) -> float | None:
    if stay.taken is None and (stay.over is None or stay.over.event not in _COMPLETED):
        return 0.0
    return stay.over.talk_s if stay.over is not None else None


def _agents(taken: Sequence[Stay]) -> Iterable[AgentTalk]:
    found: dict[str, float | None] = {}
    for stay in taken:
        member = stay.taken.agent if stay.taken else ""
        spoken = _spoken(stay)
        if member in found:
            before = found[member]
            found[member] = None if before is None or spoken is None else before + spoken
        else:
            found[member] = spoken
    for member, spoken in found.items():
        extension = extension_of(member)
        yield AgentTalk(extension, "" if extension or "/" in member else member, spoken)


def extension_of(member: str) -> str:
    """The extension that a member's interface names (``PJSIP/101``, ``Local/101@from-queue/n``); a name has none."""
    technology, slash, rest = member.partition("/")
    number = rest.partition("@")[0].partition("/")[0].partition("-")[0]
    return number if slash and technology and number.isdecimal() else ""


def _transfers(stays: Sequence[Stay]) -> Iterable[Transfer]:
    for stay in stays:
        if stay.over is not None and stay.over.event in _TRANSFERRED:
            by = stay.over.agent or (stay.taken.agent if stay.taken else "")
            yield Transfer(
                _TRANSFERRED[stay.over.event], extension_of(by) or by, stay.over.target, stay.over.at
            )


def _legs(stays: Sequence[Stay]) -> Iterable[Leg]:
    for stay in stays:
        for step in (*stay.rings, *filter(None, (stay.taken,))):
            answered = step.event is QueueEvent.CONNECTED
            ring = None if step.ring_s is None or step.at is None else step.at - round(step.ring_s * SECOND)
            extension = extension_of(step.agent)
            yield Leg(
                kind=EndpointKind.PERSON,
                number=extension,
                name="" if extension or "/" in step.agent else step.agent,
                role="agent",
                started_at=ring,
                rang_at=ring,
                answered_at=step.at if answered else None,
                ended_at=_ended(stay) if answered else step.at,
                talk_s=_spoken(stay) if answered else None,
                ring_s=step.ring_s,
                outcome=Outcome.ANSWERED if answered else _missed(step),
                channel=step.agent_channel,
            )


def _missed(step: QueueStep) -> Outcome:
    return Outcome.CANCELLED if step.event is QueueEvent.RING_CANCELLED else Outcome.MISSED


def _timeline(stays: Sequence[Stay]) -> Iterable[Step]:
    for stay in stays:
        entered = stay.entered
        yield _step(StepKind.QUEUED, entered, entered.caller.number.best, stay.queue)
        for ring in stay.rings:
            yield _step(StepKind.RANG_NO_ANSWER, ring, extension_of(ring.agent), ring.agent)
        if stay.taken is not None:
            yield _step(StepKind.ANSWERED, stay.taken, extension_of(stay.taken.agent), stay.taken.agent)
        over = stay.over
        if over is None:
            continue
        if over.event in _TRANSFERRED:
            by = extension_of(over.agent) or over.agent
            yield _step(StepKind.TRANSFERRED, over, by, over.target, _TRANSFERRED[over.event])
        elif over.event in _LEFT:
            yield _step(StepKind.LEFT_QUEUE, over, entered.caller.number.best, stay.queue, over.event.value)
        else:
            yield _step(StepKind.ENDED, over, "", "", over.event.value)


def _step(kind: StepKind, of: QueueStep, who: str, name: str, detail: str = "") -> Step:
    return Step(kind, of.at, who, name, detail, of.frame.hex())
