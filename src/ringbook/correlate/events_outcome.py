"""What became of a call, who ended it and why, from its channel events."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from ringbook.correlate.events_bridges import union
from ringbook.correlate.events_channels import Channel, Span, Use, brief
from ringbook.correlate.events_trace import Talk, Trace
from ringbook.model.call import Cause, Direction, HangupBy, Outcome
from ringbook.model.instant import SECOND, Instant
from ringbook.model.party import EndpointKind
from ringbook.model.statement import EventKind

_BUSY, _NO_USER, _REJECTED, _NORMAL = 17, 19, 21, 16
_ELSEWHERE = 26
_RANG_OUT = frozenset((None, 0, _NORMAL, 18, _NO_USER, _ELSEWHERE, 31, 127))
"""Q.850 causes of a leg that rang until somebody stopped it; all others but busy and rejected mean it never got through."""


class Ending(msgspec.Struct, frozen=True):
    """How a call ended, with the frame that decided it."""

    outcome: Outcome
    frame: bytes = b""


class QueueStay(msgspec.Struct, frozen=True):
    """A caller's time in a queue, talk included."""

    name: str
    since: Instant
    until: Instant | None
    frame: bytes
    to_the_end: bool  # the caller was still in it at the end


def answered_at(call: Trace, talk: Talk) -> tuple[Instant, bytes] | None:
    """When a person answered and was connected with the party, and the frame that says so."""
    spans = [(span.since, name) for name, mine in (talk.ours or talk.outside).items() for span in mine]
    if spans:
        since, name = min(spans)
        answered = call.channels[name].frames.get("answered", b"")
        entered = next(
            (s.frame for s in call.stays if s.channel == name and s.since <= since <= s.until), b""
        )
        return since, entered or answered
    for leg in call.legs:  # gone in the very moment of the answer, before any bridge
        wanted = leg.outside if call.direction is Direction.OUTBOUND else True
        if leg.answered_at is not None and wanted and brief(leg) and not queues(call):
            return leg.answered_at, leg.frames["answered"]
    return None


def outcome(call: Trace, talk: Talk) -> Ending:
    """What became of the call."""
    answered = answered_at(call, talk)
    if answered is not None:
        return Ending(Outcome.ANSWERED, answered[1])
    mailbox = _use(call, EndpointKind.VOICEMAIL)
    if mailbox is not None:
        return Ending(Outcome.VOICEMAIL, mailbox.frame)
    last = ender(call, talk)
    ended = last.frames.get("ended", b"")
    if last.ended_at is None:
        return Ending(Outcome.UNKNOWN)
    waited = queues(call)
    if waited and waited[-1].to_the_end:
        left = hangup_by(call, talk) is HangupBy.CALLER
        return Ending(Outcome.ABANDONED if left else Outcome.MISSED, ended)
    if call.first.placed and call.first.answered_at is None:
        return Ending(_leg(call, call.first), ended)
    if call.legs:
        return Ending(Outcome.UNKNOWN if _went_on(call) else _unanswered(call), ended)
    if waited:
        return Ending(Outcome.MISSED, ended)
    return Ending(_alone(call, talk), ended)


def _went_on(call: Trace) -> bool:
    """Whether the caller, answered by the switch, stayed on after the last phone, and nothing tells what for: a mailbox?"""
    first, last = call.first, max((leg.ended_at or 0) for leg in call.legs)
    stayed = (
        first.answered_at is not None and first.ended_at is not None and first.ended_at - last > _RETRY // 3
    )
    return stayed and not any(use.until is None or use.until > last for use in first.uses)


def _unanswered(call: Trace) -> Outcome:
    """The outcome of a call whose legs all rang or failed in vain: by the caller's dial status, else by the legs."""
    legs = call.legs
    status = call.first.dial_status
    if status == "BUSY":
        return Outcome.BUSY
    if status == "CANCEL":
        return _gave_up(call)
    told = [_leg(call, leg) for leg in legs]
    for one in (Outcome.MISSED, Outcome.CANCELLED, Outcome.BUSY, Outcome.REJECTED):
        if one in told:
            return one
    return Outcome.FAILED


def _leg(call: Trace, leg: Channel) -> Outcome:
    cause = leg.cause.q850
    if cause == _BUSY:
        return Outcome.BUSY
    if cause == _REJECTED:
        # A network that refuses says so at once; a person who declines needs a moment.
        instant = leg.outside and (leg.ended_at or leg.started_at) - leg.started_at < SECOND
        return Outcome.FAILED if instant else Outcome.REJECTED
    if cause in _RANG_OUT:
        return _gave_up(call) if call.first.by == call.first.name else Outcome.MISSED
    return Outcome.FAILED


def _gave_up(call: Trace) -> Outcome:
    """Who began the call hung up before an answer: a caller from outside was missed, one of ours cancelled."""
    return Outcome.MISSED if call.direction is Direction.INBOUND else Outcome.CANCELLED


def _alone(call: Trace, talk: Talk) -> Outcome:
    """The outcome of a call on which no phone was rung."""
    first = call.first
    if first.dial_status in ("CHANUNAVAIL", "CONGESTION") and first.answered_at is None:
        return Outcome.FAILED  # the phones could not even be rung
    if not first.outside or first.placed:
        if first.answered_at is not None:
            return Outcome.MACHINE
        if first.by == first.name:
            return Outcome.CANCELLED
        if first.cause.q850 == _BUSY:
            return Outcome.BUSY
        barred = first.cause.q850 == _REJECTED or call.direction is not Direction.OUTBOUND
        return Outcome.REJECTED if barred else Outcome.FAILED
    if _use(call, EndpointKind.IVR) is not None or any(_MENU(e.context) for e in call.events):
        return Outcome.ABANDONED
    if first.uses:
        return Outcome.MACHINE
    if first.answered_at is not None:
        return (
            Outcome.UNKNOWN
        )  # the switch answered; whether a menu, a mailbox or an announcement is not said
    if first.cause.q850 == _BUSY:
        return Outcome.BUSY
    return Outcome.MISSED if hangup_by(call, talk) is HangupBy.CALLER else Outcome.REJECTED


def ender(call: Trace, talk: Talk) -> Channel:
    """The channel whose hang-up ended the call: the other party's, if anybody was reached; else that which began it."""
    for name in reversed(talk.party):
        if talk.spans or not call.first.person:
            return call.channels[name]
    return call.first


def ended_at(call: Trace, talk: Talk) -> tuple[Instant, bytes] | None:
    """When the outside party was gone, or of a call without one, the last channel; None while anything is missing."""
    spoke = {*talk.party, *talk.outside} if talk.spans else {call.first.id}
    last = [call.channels[name] for name in spoke if call.channels[name].outside]
    if not last:
        last = [c for c in call.channels.values() if c.real] or [call.first]
    ends = [(c.ended_at, c.frames.get("ended", b"")) for c in last if c.ended_at is not None]
    return max(ends) if len(ends) == len(last) else None


def hangup_by(call: Trace, talk: Talk) -> HangupBy:
    """Who ended the call, as the hang-up of its last party says."""
    by = ender(call, talk).by or call.first.by
    if not by:
        return HangupBy.SYSTEM if _stopped(call, talk) else HangupBy.UNKNOWN
    source = call.named(by)
    if source is None or not source.real:
        return HangupBy.SYSTEM if by.startswith("dialplan") else HangupBy.UNKNOWN
    return HangupBy.CALLER if source.id == call.first.id else HangupBy.CALLEE


def _stopped(call: Trace, talk: Talk) -> bool:
    """Whether the switch itself ended the talk: channels that know their source otherwise, and no hang-up names one."""
    bridged = any(event.bridge for event in call.events)
    real = [c for c in call.channels.values() if c.real]
    return bridged and bool(talk.spans) and all(c.ended_at is not None and not c.by for c in real)


def cause(call: Trace, talk: Talk) -> Cause:
    """Why it ended: the party's own cause, else that of the leg which failed."""
    own = ender(call, talk).cause
    if own.q850 is not None:
        return own
    return next((leg.cause for leg in call.legs if leg.cause.q850 is not None), Cause())


def queues(call: Trace) -> list[QueueStay]:
    """The queues that the party was in, in order."""
    found: list[QueueStay] = []
    for channel in call.channels.values():
        for use in channel.uses:
            if use.target.kind is EndpointKind.QUEUE:
                over = (
                    use.until is None or channel.ended_at is None or use.until >= channel.ended_at - _MOMENT
                )
                found.append(QueueStay(use.target.name, use.at, use.until, use.frame, over))
    if not found and any(event.app == "AppQueue" for event in call.events):
        first = next(event for event in call.events if event.app == "AppQueue")
        made = call.channels[first.channel].started_at
        found.append(QueueStay("", made, None, first.frame, _still_queued(call)))
    return sorted(found, key=lambda stay: stay.since)


def queue(call: Trace, talk: Talk) -> QueueStay | None:
    """The queue that the call was answered from, else the last that it was in."""
    stays = queues(call)
    answered = answered_at(call, talk)
    before = [stay for stay in stays if answered is None or stay.since <= answered[0]]
    chosen = before or stays[:1]
    return chosen[-1] if chosen else None


def _still_queued(call: Trace) -> bool:
    """Whether the caller hung up while the queue still rang phones, or between two attempts."""
    gone = call.first.ended_at
    if gone is None:
        return True
    reach = _RETRY if call.first.by == call.first.name else _MOMENT
    return any(abs(gone - (leg.ended_at or gone)) < reach for leg in call.legs)


def wait(call: Trace, talk: Talk) -> float | None:
    """Seconds from entering a queue, or from the first phone's ringing, to the answer or the end. Inbound calls and queues."""
    answered = answered_at(call, talk)
    waited = [stay for stay in queues(call) if answered is None or stay.since <= answered[0]]
    asked = [leg.started_at for leg in call.legs if leg.person]
    if not waited and (call.direction is not Direction.INBOUND or not asked):
        return None
    since = min([stay.since for stay in waited] or asked)
    if answered is not None:
        until: Instant | None = answered[0]
    elif waited:
        until = waited[-1].until if waited[-1].until is not None else call.first.ended_at
    else:
        ends = [leg.ended_at for leg in call.legs if leg.person and leg.ended_at is not None]
        until = max(ends) if ends else None
    return None if until is None else round(max(0, until - since) / SECOND, 3)


def rang(call: Trace) -> Iterable[tuple[Channel, Span]]:
    """When the phones that the call was for rang: ours, or of a call to outside those there."""
    asked = (
        call.first.placed and call.first.answered_at is None
    )  # click-to-call that our own phone did not answer
    for leg in [call.first, *call.legs] if asked else call.legs:
        if leg.outside and call.direction is Direction.INBOUND and any(one.person for one in call.legs):
            continue
        until = leg.answered_at if leg.answered_at is not None else leg.ended_at
        if leg.answered_at is None and leg.cause.q850 not in _RANG_OUT and _short(leg):
            continue
        yield leg, Span(leg.started_at, until)


def ring(call: Trace, talk: Talk) -> float | None:
    """Seconds for which a person's phone rang before the answer; None where none did, or it still does."""
    answered = answered_at(call, talk)
    limit = answered[0] if answered else None
    spans = []
    for _, span in rang(call):
        if limit is not None and span.since >= limit:
            continue
        until = span.until if limit is None else min(span.until or limit, limit)
        spans.append(Span(span.since, until))
    if not spans or any(span.until is None for span in spans):
        return None
    total = sum((span.until or 0) - span.since for span in union(spans))
    return round(total / SECOND, 3)


def _short(leg: Channel) -> bool:
    return (leg.ended_at or leg.started_at) - leg.started_at < SECOND


def _use(call: Trace, kind: EndpointKind) -> Use | None:
    for channel in call.channels.values():
        for use in channel.uses:
            if use.target.kind is kind:
                return use
    if kind is EndpointKind.VOICEMAIL:
        for event in call.events:
            if event.event is not EventKind.CREATED and _MAILBOX(event.exten):
                return Use(
                    event.at or 0, None, event.target, event.app, event.exten, event.context, event.frame
                )
    return None


_MOMENT = SECOND // 4
_RETRY = 6 * SECOND
"""Longer than a queue usually pauses between two attempts (5 s unless told otherwise)."""
_MENU = re.compile(r"(?:.*[-_])?ivr(?:[-_].*)?", re.IGNORECASE).fullmatch
_MAILBOX = re.compile(r"vm[bnsu]?-?(?:NOANSWER|BUSY|UNAVAIL|\d+)", re.IGNORECASE).fullmatch
