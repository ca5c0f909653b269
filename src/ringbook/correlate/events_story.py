"""A call's legs and timeline from its channel events."""

from __future__ import annotations

from collections.abc import Iterable

from ringbook.correlate.account import Evidence
from ringbook.correlate.events_bridges import clipped, length_s
from ringbook.correlate.events_channels import Channel, Use
from ringbook.correlate.events_outcome import queues, rang
from ringbook.correlate.events_trace import Talk, Trace
from ringbook.model.call import AgentTalk, Leg, Outcome, Step, StepKind, Transfer
from ringbook.model.instant import seconds
from ringbook.model.party import EndpointKind, trunk
from ringbook.model.statement import EventKind, QueueEvent

_ELSEWHERE = frozenset((26, 127))


def agents(call: Trace, talk: Talk, evidence: Evidence) -> tuple[AgentTalk, ...]:
    """Everybody of ours who talked with the other party, in the order in which they came on."""
    names = _member_names(call, evidence)
    found: dict[str, list[str]] = {}
    for channel in talk.ours:
        found.setdefault(call.channels[channel].who or channel, []).append(channel)
    told = []
    for who, mine in found.items():
        first = call.channels[mine[0]]
        spans = [span for channel in mine for span in talk.ours[channel]]
        name = next((names[channel] for channel in mine if channel in names), "") or first.end.name
        told.append(AgentTalk(who if first.who else "", name, length_s(spans)))
    return tuple(told)


def _member_names(call: Trace, evidence: Evidence) -> dict[str, str]:
    """Names of queue members by channel, where the queue's log tells a name and not an interface."""
    names: dict[str, str] = {}
    for step in evidence.steps:
        if step.event is QueueEvent.CONNECTED and step.agent and "/" not in step.agent:
            member = call.channels.get(step.agent_channel)
            if member is None:
                continue
            if member.real:
                names[member.id] = step.agent
                continue
            other = next(
                (c for c in call.channels.values() if c.pair == member.pair and c.id != member.id), None
            )
            since = other.started_at if other else member.started_at
            phone = next((c for c in call.legs if c.person and c.started_at >= since and c.answered_at), None)
            if phone is not None:
                names[phone.id] = step.agent
    return names


def legs(call: Trace, talk: Talk) -> tuple[Leg, ...]:
    """One leg for each phone and trunk, in order."""
    ringing = {channel.id: span for channel, span in rang(call)}
    music = {c.id: c.music for c in call.channels.values()}
    members = {event.channel for event in call.events if event.app == "AppQueue"}
    told = []
    for channel in call.channels.values():
        if not channel.real:
            continue
        spans = talk.ours.get(channel.id) or talk.outside.get(channel.id) or ()
        if channel.id in talk.party:
            spans = tuple(talk.spans)
        span = ringing.get(channel.id)
        rang_s = None if span is None or span.until is None else seconds(span.until - span.since)
        told.append(
            Leg(
                kind=channel.end.kind,
                number=channel.who,
                name=channel.end.name,
                role=_role(call, channel, members),
                started_at=channel.started_at,
                rang_at=span.since if span else None,
                answered_at=channel.answered_at,
                ended_at=channel.ended_at,
                talk_s=length_s(spans) if spans else None,
                ring_s=rang_s,
                hold_s=length_s(clipped(music[channel.id], spans)) if music[channel.id] and spans else None,
                outcome=_leg_outcome(channel),
                cause=channel.cause,
                channel=channel.name,
            )
        )
    return tuple(told)


def lines(call: Trace) -> dict[str, bytes]:
    """The lines to those outside, in order, each with the frame that names it first.

    A line that the switch dialled without getting a channel on it counts where no other was called.
    """
    found: dict[str, bytes] = {}
    for channel in call.channels.values():
        found.setdefault(trunk(channel.end), channel.frames.get("created", b""))
    if not any(channel.outside and channel.placed for channel in call.channels.values()):
        for event in call.events:
            found.setdefault(trunk(event.target), event.frame)
    found.pop("", None)
    return found


def _role(call: Trace, channel: Channel, members: set[str]) -> str:
    if channel.id == call.first.id:
        return "caller"
    if channel.id in members:
        return "agent"
    return "called" if channel.placed else "target"


def _leg_outcome(channel: Channel) -> Outcome:
    if channel.answered_at is not None:
        return Outcome.ANSWERED
    if channel.ended_at is None or not channel.placed:
        return Outcome.UNKNOWN
    cause = channel.cause.q850
    if cause == 17:
        return Outcome.BUSY
    if cause == 21:
        return Outcome.REJECTED
    if cause in _ELSEWHERE:
        return Outcome.CANCELLED
    return Outcome.MISSED if cause in (None, 0, 16, 18, 19) else Outcome.FAILED


_PLACES = {
    EndpointKind.IVR: StepKind.MENU,
    EndpointKind.ANNOUNCEMENT: StepKind.ANNOUNCEMENT,
    EndpointKind.VOICEMAIL: StepKind.VOICEMAIL,
    EndpointKind.CONFERENCE: StepKind.CONFERENCE,
}


def steps(call: Trace, talk: Talk, moves: tuple[Transfer, ...]) -> tuple[Step, ...]:
    """What happened, in order of time."""
    first = call.first
    told = [
        Step(
            StepKind.STARTED,
            first.started_at,
            first.who,
            first.end.name,
            call.dialled,
            _hex(first, "created"),
        )
    ]
    for channel in call.channels.values():
        for use in channel.uses:
            told += _use(call, channel, use)
        if channel.real:
            told += _life(call, talk, channel)
    for stay in queues(call):
        told.append(Step(StepKind.QUEUED, stay.since, first.who, stay.name, frame=stay.frame.hex()))
        taken = any(stay.since <= span.since <= (stay.until or span.since) for span in talk.spans)
        if stay.until is not None and not taken:
            told.append(Step(StepKind.LEFT_QUEUE, stay.until, first.who, stay.name))
    for span in talk.held:
        told.append(Step(StepKind.HELD, span.since, call.channels[talk.party[0]].who))
        if span.until is not None:
            told.append(Step(StepKind.RESUMED, span.until, call.channels[talk.party[0]].who))
    told += _moved(call, moves)
    return tuple(sorted(told, key=lambda step: (step.at or 0, _LATE.get(step.kind, 1))))


def _use(call: Trace, channel: Channel, use: Use) -> Iterable[Step]:
    kind = _PLACES.get(use.target.kind)
    if kind is not None:
        detail = use.app if kind is not StepKind.VOICEMAIL else _message(call, channel, use)
        yield Step(kind, use.at, channel.who, use.target.name or use.context, detail, use.frame.hex())


def _message(call: Trace, channel: Channel, use: Use) -> str:
    """Whether a message was left: the mailbox beeps before it records. The application's name where no sounds are told."""
    sounds = [
        e.extra["sound"]
        for e in call.events
        if e.channel == channel.id and "sound" in e.extra and (e.at or 0) >= use.at
    ]
    if not sounds:
        return use.app
    return "message" if "beep" in sounds else "no message"


def _life(call: Trace, talk: Talk, channel: Channel) -> Iterable[Step]:
    who, name = channel.who, channel.end.name
    if channel.placed:
        yield Step(StepKind.RANG, channel.started_at, who, name, frame=_hex(channel, "created"))
        if channel.answered_at is None and channel.ended_at is not None:
            detail = f"cause {channel.cause.q850}" if channel.cause.q850 else ""
            yield Step(StepKind.RANG_NO_ANSWER, channel.ended_at, who, name, detail, _hex(channel, "ended"))
    for spans in (talk.ours.get(channel.id, ()), talk.outside.get(channel.id, ())):
        if spans:
            yield Step(StepKind.ANSWERED, spans[0].since, who, name, frame=_hex(channel, "answered"))
        if spans and spans[-1].until is not None and channel.id != call.first.id:
            yield Step(StepKind.LEFT, spans[-1].until, who, name, frame=_hex(channel, "ended"))
    if channel.id == call.first.id and channel.ended_at is not None:
        yield Step(StepKind.ENDED, channel.ended_at, who, name, channel.by, _hex(channel, "ended"))


_MOVES = {
    "blind": StepKind.TRANSFERRED,
    "attended": StepKind.TRANSFERRED,
    "forward": StepKind.FORWARDED,
    "pickup": StepKind.PICKED_UP,
    "park": StepKind.PARKED,
}


def _moved(call: Trace, moves: tuple[Transfer, ...]) -> Iterable[Step]:
    frames = {event.at: event.frame for event in reversed(call.events) if event.event in _MOVING}
    for move in moves:
        yield Step(_MOVES[move.kind], move.at, move.by, move.to, move.kind, frames.get(move.at, b"").hex())
    for event in call.events:
        if event.event is EventKind.PARK_END:
            taker = call.named(event.extra.get("retriever", ""))
            if taker is not None:
                yield Step(StepKind.RETRIEVED, event.at, taker.who, taker.end.name, frame=event.frame.hex())


def _hex(channel: Channel, what: str) -> str:
    return channel.frames.get(what, b"").hex()


_LATE = {
    StepKind.STARTED: 0,
    StepKind.LEFT: 2,
    StepKind.LEFT_QUEUE: 2,
    StepKind.RANG_NO_ANSWER: 2,
    StepKind.ENDED: 3,
}
_MOVING = frozenset(
    (
        EventKind.BLIND_TRANSFER,
        EventKind.ATTENDED_TRANSFER,
        EventKind.FORWARD,
        EventKind.PICKUP,
        EventKind.PARK_START,
    )
)
