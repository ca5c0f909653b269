"""A call's hand-overs, legs and timeline, read off the places of its channels."""

from __future__ import annotations

from ringbook.correlate.channels_talk import Cast, Stretch, placed_by_switch
from ringbook.model.call import HangupBy, Leg, Outcome, Step, StepKind, Transfer
from ringbook.model.instant import SECOND, Instant
from ringbook.model.party import Endpoint, EndpointKind
from ringbook.model.statement import ChannelRecord


def transfers(people: Cast) -> tuple[Transfer, ...]:
    """The hand-overs of the customer, in order: blind, attended, picked up, forwarded outside."""
    told = [t for r in (people.customer, people.lead) for t in r.transfers]
    blind = [
        Transfer("blind", _label(_who(people, t.by)), t.to, t.at)
        for place, t in enumerate(told)
        if t not in told[:place]
    ]
    blind += _sent_on(people)
    return tuple(sorted([*blind, *_attended(people, blind), *_others(people)], key=lambda t: t.at or 0))


def legs(people: Cast) -> tuple[Leg, ...]:
    """One leg for each channel of somebody, the leading one first."""
    ordered = [people.lead, *(r for r in people.records if r is not people.lead)]
    return tuple(
        _leg(people, record) for record in ordered if people.kind(record) is not EndpointKind.PLUMBING
    )


def steps(
    people: Cast, moved: tuple[Transfer, ...], ended_at: Instant | None, outcome: Outcome, hangup: HangupBy
) -> tuple[Step, ...]:
    """What happened, in order."""
    lead = people.lead
    frame = lead.frame.hex()
    caller = people.caller
    found = [Step(StepKind.STARTED, lead.at, _label(caller), caller.name, lead.dialled, frame)]
    found += _in_the_switch(lead, outcome)
    for record in people.others:
        if placed_by_switch(record):
            found += _rang(people, record)
    for one in people.stretches:
        by_lead = one.record is lead  # seen from the customer who answered it
        end = people.ends[people.customer.channel] if by_lead else one.end
        source = (people.customer if by_lead or one.record is None else one.record).frame.hex()
        found.append(Step(StepKind.ANSWERED, one.from_at, _label(end), end.name, "", source))
    for record in people.records:
        for since, until in record.holds:
            who, source = _label(people.ends[record.channel]), record.frame.hex()
            found.append(Step(StepKind.HELD, since, who, "", "", source))
            found.append(Step(StepKind.RESUMED, until, who, "", "", source))
    for one_move in moved:
        kind = {"forward": StepKind.FORWARDED, "pickup": StepKind.PICKED_UP}.get(
            one_move.kind, StepKind.TRANSFERRED
        )
        detail = f"{one_move.kind} to {one_move.to}"
        found.append(Step(kind, one_move.at, one_move.by, "", detail, people.customer.frame.hex()))
    found.sort(key=lambda step: step.at or 0)
    by = "" if hangup is HangupBy.UNKNOWN else str(hangup)
    return (*found, Step(StepKind.ENDED, ended_at, by, "", lead.cause.text, frame))


def _sent_on(people: Cast) -> list[Transfer]:
    """By rows that tell of no transfer: the customer's destination was rewritten to the phone that was called when the talk
    with another ended."""
    found = []
    target = people.customer.extra.get("called", "")
    for one, after in zip(people.stretches, people.stretches[1:], strict=False):
        record = after.record
        if record is None or record.at is None or one.to_at is None or not target:
            continue
        if record.extra.get("called") == target and 0 <= record.at - one.to_at <= 2 * SECOND:
            found.append(Transfer("blind", _label(one.end), target, one.to_at))
    return found


def _attended(people: Cast, blind: list[Transfer]) -> list[Transfer]:
    """One person of ours after another without a blind transfer between them: the first consulted the second."""
    found = []
    for one, after in zip(people.stretches, people.stretches[1:], strict=False):
        if one.to_at is None or _same(one.end, after.end) or after.from_at < one.to_at - SECOND:
            continue
        between = [
            t for t in blind if t.at is not None and one.to_at - 2 * SECOND <= t.at <= after.from_at + SECOND
        ]
        if not between and _consulted(one, after):
            found.append(Transfer("attended", _label(one.end), _label(after.end), one.to_at))
    return found


def _consulted(one: Stretch, after: Stretch) -> bool:
    """Whether the later phone was called before the earlier talk ended; without its record, whether it took over at once."""
    if one.to_at is None:
        return False
    if after.record is None or after.record.at is None:
        return after.from_at - one.to_at <= 2 * SECOND
    return after.record.at <= one.to_at


def _others(people: Cast) -> list[Transfer]:
    """Calls that somebody else's phone took: by picking up, or by forwarding outside."""
    found = []
    dodged = [r for r in people.others if r.cause.text == "PICKED_OFF"]
    picked_off = dodged or people.lead.extra.get("originate_disposition") == "PICKED_OFF"
    for number, one in enumerate(people.stretches):
        if picked_off and number == 0:
            rung = _label(people.ends[dodged[0].channel]) if dodged else ""
            found.append(Transfer("pickup", rung, _label(one.end), one.from_at))
        outside = one.end.kind is EndpointKind.OUTSIDE and people.caller.kind is EndpointKind.OUTSIDE
        if outside and number == 0 and people.customer is people.lead:
            at = one.record.at if one.record is not None else one.from_at
            found.append(Transfer("forward", people.lead.dialled, one.end.number.raw, at))
    return found


def _who(people: Cast, channel: str) -> Endpoint:
    if channel in people.ends:
        return people.ends[channel]
    met = (bridge.end for record in people.records for bridge in record.bridges if bridge.peer == channel)
    return next(met, Endpoint())


def _leg(people: Cast, record: ChannelRecord) -> Leg:
    end = people.ends[record.channel]
    mine = [s for s in people.stretches if s.record is record]
    other = "agent" if end.kind is EndpointKind.PERSON and mine else "called"
    role = "caller" if record is people.lead else other
    until = record.answered_at or record.ended_at
    rang = record.rang_at
    talk = [s for s in people.stretches if record in (people.customer, people.lead)] or mine
    return Leg(
        kind=end.kind,
        number=end.extension or end.number.best,
        name=end.name,
        role=role,
        started_at=record.at,
        rang_at=rang,
        answered_at=record.answered_at,
        ended_at=record.ended_at,
        talk_s=_sum(talk),
        ring_s=None if rang is None or until is None else round(max(0, until - rang) / SECOND, 3),
        hold_s=record.hold_s,
        outcome=_leg_outcome(record),
        cause=record.cause,
        channel=record.channel,
    )


def _leg_outcome(record: ChannelRecord) -> Outcome:
    if record.answered_at is not None:
        return Outcome.ANSWERED if record.peers or record.originated else Outcome.UNKNOWN
    return _LEGS.get(record.cause.text, Outcome.UNKNOWN)


def _in_the_switch(lead: ChannelRecord, outcome: Outcome) -> list[Step]:
    """What the switch itself did with the caller."""
    frame = lead.frame.hex()
    found = []
    if lead.queue_joined_at is not None and lead.queue_side != "agent":
        found.append(Step(StepKind.QUEUED, lead.queue_joined_at, lead.queue, "", "", frame))
        if lead.queue_left_at is not None:
            found.append(
                Step(StepKind.LEFT_QUEUE, lead.queue_left_at, lead.queue, "", lead.queue_result, frame)
            )
    apps = lead.extra.get("apps", "").split()
    if lead.answered_at is not None and not lead.originated:
        if any(app in _MENUS for app in apps):
            found.append(Step(StepKind.MENU, lead.answered_at, lead.dialled, "", "", frame))
        if outcome is Outcome.VOICEMAIL:
            length = lead.extra.get("voicemail_message_len", "")
            detail = f"message of {length}" if length else ""
            found.append(
                Step(StepKind.VOICEMAIL, lead.queue_left_at or lead.answered_at, "", "", detail, frame)
            )
        if outcome is Outcome.MACHINE:
            found.append(
                Step(StepKind.ANNOUNCEMENT, lead.answered_at, lead.dialled, "", " ".join(apps), frame)
            )
    return found


def _rang(people: Cast, record: ChannelRecord) -> list[Step]:
    end, frame = people.ends[record.channel], record.frame.hex()
    who = _label(end)
    found = []
    if record.rang_at is not None:
        found.append(Step(StepKind.RANG, record.rang_at, who, end.name, "", frame))
    if record.answered_at is None:
        found.append(Step(StepKind.RANG_NO_ANSWER, record.ended_at, who, end.name, record.cause.text, frame))
    return found


def _label(end: Endpoint) -> str:
    return end.extension or end.number.best


def _same(one: Endpoint, two: Endpoint) -> bool:
    return _label(one) == _label(two)


def _sum(stretches: list[Stretch]) -> float | None:
    spans = [one.span_s for one in stretches]
    return None if not spans or None in spans else round(sum(span or 0.0 for span in spans), 3)


_MENUS = frozenset({"play_and_get_digits", "read", "ivr", "play_and_detect_speech"})
_LEGS = {
    "NO_ANSWER": Outcome.MISSED,
    "NO_USER_RESPONSE": Outcome.MISSED,
    "USER_BUSY": Outcome.BUSY,
    "CALL_REJECTED": Outcome.REJECTED,
    "ORIGINATOR_CANCEL": Outcome.CANCELLED,
    "LOSE_RACE": Outcome.CANCELLED,
    "PICKED_OFF": Outcome.CANCELLED,
    "UNALLOCATED_NUMBER": Outcome.FAILED,
    "NORMAL_TEMPORARY_FAILURE": Outcome.FAILED,
}
