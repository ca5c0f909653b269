"""The call as told by whole-channel records (FreeSWITCH).

``channels_talk`` finds the leading channel, the customer's, and with whom it was connected; each fact is read off them here. A
person's answer is a connection with another channel: a queue, a menu or a mailbox answers without one. What no record states
stays unknown.
"""

from __future__ import annotations

from collections.abc import Sequence

from ringbook.correlate.account import Account, Evidence
from ringbook.correlate.channels_story import legs, steps, transfers
from ringbook.correlate.channels_talk import NOBODY, Cast, Stretch, cast, union_s
from ringbook.model.call import AgentTalk, Cause, Direction, HangupBy, Outcome, Recording
from ringbook.model.instant import SECOND, Instant
from ringbook.model.party import Endpoint, EndpointKind, Number, trunk
from ringbook.model.statement import ChannelRecord


def tell(evidence: Evidence) -> Account:
    """What this evidence tells about the call."""
    if not evidence.records:
        return Account()
    people = cast(evidence.records)
    story = _Story(people)
    outcome = story.outcome()
    hangup = story.hangup_by()
    moved = transfers(people)
    talked = people.stretches
    return Account(
        started_at=story.started_at,
        answered_at=talked[0].from_at if talked and talked[0].sure else None,
        ended_at=story.ended_at,
        direction=story.direction,
        outcome=outcome,
        hangup_by=hangup,
        cause=story.cause(),
        caller=story.caller(),
        called=story.called(),
        dialled=story.dialled(),
        agents=story.agents(),
        queue=story.queue(),
        trunks=tuple(story.lines()),
        wait_s=story.wait_s(),
        ring_s=story.ring_s(),
        talk_s=_none(outcome) if not talked else union_s(talked) if people.timed else None,
        hold_s=story.hold_s(),
        transfers=moved,
        legs=legs(people),
        steps=steps(people, moved, story.ended_at, outcome, hangup),
        recordings=_recordings(people),
        account=next((r.account for r in (people.lead, *people.records) if r.account), ""),
        why=story.why(),
    )


class _Story:
    """What is read off the channels of one call."""

    def __init__(self, people: Cast) -> None:
        self._people = people
        self._lead = people.lead
        self._talked = people.stretches
        # the leading channel was placed for one whose own record is not here (not yet, or its switch was killed)
        self._orphan = bool(self._lead.originated) and (
            bool(self._lead.originator) or self._lead.queue_side == "agent"
        )
        self.started_at = min((r.at for r in people.records if r.at is not None), default=None)
        self.ended_at = self._ended_at()
        self.direction = self._direction()

    def _ended_at(self) -> Instant | None:
        """When the customer was gone; of an internal call, when the last who talked was."""
        customer = self._people.customer
        if self._people.kind(customer) is EndpointKind.OUTSIDE:
            return customer.ended_at
        ends = [s.to_at for s in self._talked] + [self._lead.ended_at, customer.ended_at]
        return max((end for end in ends if end is not None), default=None)

    def _direction(self) -> Direction:
        if self._orphan:
            return self._orphans_direction()
        kind = self._people.caller.kind
        if kind is EndpointKind.OUTSIDE:
            return Direction.OUTBOUND if self._lead.originated else Direction.INBOUND
        if kind is not EndpointKind.PERSON:
            return _DIRECTIONS.get(self._lead.extra.get("call_direction", ""), Direction.UNKNOWN)
        rung = {end.kind for end in (*self._people.rung(), *(s.end for s in self._talked))}
        rung -= {EndpointKind.UNKNOWN}
        if EndpointKind.OUTSIDE in rung and EndpointKind.PERSON not in rung - self._own():
            return Direction.OUTBOUND
        if not rung:
            if sum(char.isdigit() for char in self.dialled()) >= _FULL_NUMBER:
                return Direction.OUTBOUND
            if self._lead.originated:
                return Direction.UNKNOWN  # placed by the switch, and nobody else was called
        return Direction.INTERNAL

    def _orphans_direction(self) -> Direction:
        """By who called the channel and who was on it, when the caller's own channel has no record."""
        caller, end = self._lead.caller.kind, self._lead.end.kind
        peers = {b.end.kind for b in self._lead.bridges if b.from_at is not None}
        if end is EndpointKind.PERSON:
            if EndpointKind.OUTSIDE in {caller, *peers}:
                return Direction.INBOUND
            return Direction.INTERNAL if caller is EndpointKind.PERSON else Direction.UNKNOWN
        if end is EndpointKind.OUTSIDE:
            if EndpointKind.PERSON in {caller, *peers}:
                return Direction.OUTBOUND
            return Direction.INBOUND if EndpointKind.OUTSIDE in peers else Direction.UNKNOWN
        return Direction.UNKNOWN

    def _own(self) -> set[EndpointKind]:
        """The kinds that stand in the stretches only because the caller does."""
        customer = self._people.customer
        return {EndpointKind.PERSON} if customer is not self._lead else set()

    def caller(self) -> Endpoint | None:
        """Who placed the call; of a call that a dialler placed outside, the first of ours who took it."""
        if self._orphan:
            phones = [b.end for b in self._lead.bridges if b.from_at and b.end.kind is EndpointKind.PERSON]
            return phones[0] if phones and self.direction is Direction.OUTBOUND else self._lead.caller
        if self._lead.originated and self._people.caller.kind is EndpointKind.OUTSIDE:
            ours = [s.end for s in self._talked if s.end.kind is EndpointKind.PERSON]
            return ours[0] if ours else self._lead.caller
        caller = self._people.caller
        if caller.kind is EndpointKind.OUTSIDE and not caller.number.raw:
            told = [r.caller for r in self._people.others if r.caller.kind is EndpointKind.OUTSIDE]
            return next((one for one in told if one.number.raw), caller)
        return caller if caller != NOBODY else None

    def called(self) -> Endpoint | None:
        """Whom it reached first; without an answer whom it rang, else the queue, else what was dialled."""
        if self._orphan or (self._lead.originated and self._people.caller.kind is EndpointKind.OUTSIDE):
            return self._people.caller
        customer = self._people.customer
        if customer is not self._lead:
            return self._people.ends[customer.channel]
        met = [one.end for one in self._talked if one.end.number.raw or one.end.extension]
        if met:
            return met[0]
        rung = self._people.rung()
        outside = [end for end in rung if end.kind is EndpointKind.OUTSIDE]
        if self.direction is Direction.OUTBOUND and outside:
            return outside[0]
        queue = self.queue()
        if queue:
            return Endpoint(EndpointKind.QUEUE, Number(queue), queue)
        if rung:
            return rung[0]
        dialled = self.dialled()
        kind = EndpointKind.OUTSIDE if self.direction is Direction.OUTBOUND else EndpointKind.UNKNOWN
        return Endpoint(kind, Number(dialled)) if dialled else None

    def dialled(self) -> str:
        """The caller's digits; of a click-to-call the number that it was to reach."""
        if not self._lead.originated or self._orphan:
            return self._lead.dialled
        if self._people.caller.kind is EndpointKind.OUTSIDE:
            return self._people.caller.number.raw
        rung = [r for r in self._people.others if r.originator == self._lead.channel]
        met = [b.end for b in self._lead.bridges]
        ends = [self._people.ends[r.channel] for r in rung] + met
        if self._people.customer is not self._lead:
            ends.insert(0, self._people.ends[self._people.customer.channel])
        shown = self._lead.extra.get("origination_caller_id_number", "")
        meant = shown if len(shown) >= _FULL_NUMBER and not self._lead.queue_side else ""
        return next((end.number.raw for end in ends if end.number.raw), meant)

    def outcome(self) -> Outcome:
        """What became of the call."""
        lead = self._lead
        if self._talked:
            return Outcome.ANSWERED
        if lead.answered_at is not None and not lead.originated:
            return self._machine()
        return self._unanswered()

    def _machine(self) -> Outcome:
        """The switch answered, nobody else did."""
        lead, apps = self._lead, self._apps()
        if "voicemail" in apps and "mailbox_check" not in lead.extra:
            return Outcome.VOICEMAIL
        if lead.queue_side == "member" and lead.queue_result:
            left = "BREAK_OUT" in lead.queue_result or lead.hangup_by is HangupBy.CALLER
            return Outcome.ABANDONED if left else Outcome.MISSED
        if lead.originated is None and not apps and not lead.app:
            return Outcome.UNKNOWN
        if self._people.rung():
            return self._unanswered()
        if _MENUS.intersection((lead.app, *apps[-1:])) and lead.hangup_by is HangupBy.CALLER:
            return Outcome.ABANDONED
        return Outcome.MACHINE

    def _apps(self) -> list[str]:
        """What ran on the leading channel, and on the half channels that the switch put behind it."""
        half = [r for r in self._people.records if self._people.kind(r) is EndpointKind.PLUMBING]
        return [app for r in (*half, self._lead) for app in r.extra.get("apps", "").split()]

    def _unanswered(self) -> Outcome:
        """Nobody answered: why, by the strongest cause."""
        cause = self._effective_cause()
        outbound = self.direction in (Direction.OUTBOUND, Direction.INTERNAL)
        if cause in _LEFT:
            return Outcome.CANCELLED if outbound else Outcome.MISSED
        rang = any(r.rang_at for r in (self._lead, *self._people.others))
        if any(r.cause.text in _RANG and r.rang_at for r in self._people.others):
            return Outcome.MISSED  # one phone rang out, whatever the others did
        refused = self._lead.extra.get("sip_hangup_disposition") == "send_refuse" and not self._people.rung()
        if self.direction is Direction.INBOUND and refused and cause in (*_NOWHERE, *_CLEARED):
            return Outcome.REJECTED  # the switch itself would not have it
        if cause == "CALL_REJECTED" and self._status(cause) in _FORBIDDEN:
            return Outcome.FAILED
        if (
            cause in _UNREACHED
            and self.direction is Direction.OUTBOUND
            and not rang
            and self._lead.originated is False
        ):
            return Outcome.FAILED
        if cause in _OUTCOMES:
            return _OUTCOMES[cause]
        if cause in _CLEARED:
            lasted = (self._lead.ended_at or 0) - (self._lead.at or 0) >= _RINGING
            if self._people.rung() or rang or (lasted and self._lead.answered_at is None):
                return Outcome.MISSED
            return Outcome.UNKNOWN
        return Outcome.FAILED if cause else Outcome.UNKNOWN

    def _status(self, cause: str) -> int | None:
        """The SIP status behind a cause, from the leg that got it or from what the caller's channel keeps of it."""
        told = [r.cause.sip for r in self._people.others if r.cause.text == cause and r.cause.sip]
        kept = self._lead.extra.get("last_bridge_proto_specific_hangup_cause", "").removeprefix("sip:")
        return told[0] if told else int(kept) if kept.isascii() and kept.isdigit() else None

    def _effective_cause(self) -> str:
        """The cause that says why nobody answered; the caller's own channel often only says that it was cleared."""
        lead = self._lead
        if lead.cause.text not in _CLEARED:
            return lead.cause.text
        tried = lead.extra.get("originate_failed_cause") or lead.extra.get("originate_disposition", "")
        if tried and tried != "SUCCESS" and tried not in _CLEARED:
            return tried
        others = [r.cause.text for r in self._people.others if r.answered_at is None]
        return min(
            others, key=lambda text: (text in _CLEARED, text not in _RANG, text), default=lead.cause.text
        )

    def hangup_by(self) -> HangupBy:
        """Who hung up: by what SIP said on the leading channel, else on the last channel connected with it."""
        lead, customer = self._lead, self._people.customer
        if self._orphan:
            return (
                HangupBy.CALLEE
                if lead.hangup_by is HangupBy.CALLEE and self._stayed(lead)
                else HangupBy.UNKNOWN
            )
        if lead.hangup_by in (HangupBy.CALLER, HangupBy.CALLEE):
            return HangupBy.CALLER if self._stayed(lead) else self._customer_hangup(customer)
        if not self._talked:
            return self._refused_by()
        last = self._talked[-1].record if customer is lead else customer
        if last is not None and self._stayed(last) and last.hangup_by is HangupBy.CALLEE:
            return HangupBy.CALLEE
        if last is not None and self._stayed(last) and last.hangup_by is HangupBy.CALLER:
            return HangupBy.CALLEE if last is not lead else HangupBy.CALLER
        if lead.hangup_by is HangupBy.SYSTEM and self._stayed(lead):
            other_left = last is None and lead.extra.get("last_bridge_hangup_cause") == "NORMAL_CLEARING"
            return HangupBy.CALLEE if other_left else HangupBy.UNKNOWN if last is None else HangupBy.SYSTEM
        return self._customer_hangup(customer)

    def _customer_hangup(self, customer: ChannelRecord) -> HangupBy:
        """The leading channel was gone before (it transferred the call): who ended what remained."""
        return HangupBy.CALLEE if customer.hangup_by is HangupBy.CALLEE else HangupBy.UNKNOWN

    def _stayed(self, record: ChannelRecord) -> bool:
        """Whether a channel was there to the end of the call."""
        if record.ended_at is None or self.ended_at is None:
            return False
        return record.ended_at >= self.ended_at - SECOND

    def _refused_by(self) -> HangupBy:
        if any(r.hangup_by is HangupBy.CALLEE and r.answered_at is None for r in self._people.others):
            return HangupBy.CALLEE
        return self._lead.hangup_by

    def cause(self) -> Cause:
        """Why it ended: the leading channel's cause; of an unanswered call the one that says why."""
        lead = self._lead
        if self._talked or lead.answered_at is not None:
            return lead.cause
        text = self._effective_cause()
        same = [r.cause for r in (lead, *self._people.others) if r.cause.text == text]
        return max(same, key=lambda c: (c.sip or 0, c.q850 or 0), default=Cause(text=text))

    def agents(self) -> tuple[AgentTalk, ...] | None:
        """Those of ours who talked with the customer, in the order in which they came on."""
        talks: dict[str, list[Stretch]] = {}
        names: dict[str, str] = {}
        caller = self._people.caller
        for one in self._talked:
            end = one.end
            if end.kind is EndpointKind.UNKNOWN and not end.number.raw:
                if self.direction is Direction.OUTBOUND and caller.kind is EndpointKind.PERSON:
                    end = caller
                else:
                    return None  # somebody talked, and no record says who
            mine = self._orphan and self._people.customer is self._lead
            if (mine or end.kind is EndpointKind.OUTSIDE) and self._called_out():
                end = caller  # seen from the phone that called outside
            if end.kind is not EndpointKind.PERSON:
                continue
            who = end.extension or end.number.best
            talks.setdefault(who, []).append(one)
            names[who] = names.get(who) or end.name
        if not talks and self.outcome() is Outcome.UNKNOWN:
            return None
        return tuple(
            AgentTalk(who, names[who], union_s(parts) if self._people.timed else None)
            for who, parts in talks.items()
        )

    def _called_out(self) -> bool:
        """Whether whoever is on the leading channel is one of ours and was there to talk."""
        return self._people.caller.kind is EndpointKind.PERSON and self._lead.answered_at is not None

    def queue(self) -> str:
        """The queue, as the caller's channel names it, else the agents'."""
        return next((r.queue for r in (self._lead, *self._people.records) if r.queue), "")

    def lines(self) -> dict[str, bytes]:
        """The lines to those outside, in order, each with the frame that names it first.

        A channel without a record of its own is known by the others; without any, the gateway that was to be called counts.
        """
        people = self._people
        found: dict[str, bytes] = {}
        for record in people.records:
            found.setdefault(trunk(people.ends[record.channel]), record.frame)
        for record in people.records:
            for bridge in record.bridges:
                if bridge.peer not in people.ends:
                    found.setdefault(trunk(bridge.end), record.frame)
        found.pop("", None)
        if self.direction is Direction.OUTBOUND and not found:
            found = {r.extra["gateway"]: r.frame for r in people.records if "gateway" in r.extra}
        return found

    def wait_s(self) -> float | None:
        """From entering the queue to a person's answer, else to leaving it."""
        joined = next((r.queue_joined_at for r in self._waiting() if r.queue_joined_at), None)
        if joined is None:
            return None
        answers = [s.from_at for s in self._talked if s.from_at >= joined - SECOND]
        left = next((r.queue_left_at for r in self._waiting() if r.queue_left_at), None)
        until = answers[0] if answers else left or self._lead.ended_at
        return None if until is None else round(max(0, until - joined) / SECOND, 3)

    def _waiting(self) -> list[ChannelRecord]:
        return [r for r in (self._lead, *self._people.records) if r.queue]

    def ring_s(self) -> float | None:
        """How long people's phones rang before the first answer; pauses between attempts are not in it."""
        answered = self._talked[0].from_at if self._talked else None
        rings = []
        for record in self._people.others:
            until = record.answered_at or record.ended_at
            if record.rang_at is not None and until is not None and record.originated:
                until = until if answered is None else min(until, answered)
                if until >= record.rang_at:
                    rings.append(Stretch(NOBODY, record.rang_at, until))
        if rings:
            return union_s(rings)
        lead = self._lead
        until = answered or lead.ended_at
        if lead.rang_at is None or until is None or lead.queue or lead.answered_at != answered:
            return None
        return round(max(0, until - lead.rang_at) / SECOND, 3)

    def hold_s(self) -> float | None:
        """How long somebody held while they talked; None unless every channel's own record is there to say so."""
        if not self._talked:
            return None
        customer = self._people.customer
        records = [customer, *(s.record for s in self._talked)]
        if any(r is None or (r.hold_s is None and not r.holds) for r in records):
            return None
        known = [r for r in records if r is not None]
        spans = [span for r in known for span in r.holds]
        if spans:
            return union_s(
                Stretch(NOBODY, max(a, s.from_at), min(b, s.to_at or b))
                for a, b in spans
                for s in self._talked
                if a < (s.to_at or b) and b > s.from_at
            )
        return round(sum(r.hold_s or 0.0 for r in {r.channel: r for r in known}.values()), 3)

    def why(self) -> dict[str, bytes]:
        """The frames that decided each fact."""
        lead, customer = self._lead, self._people.customer
        first = self._talked[0].record if self._talked else None
        last = self._talked[-1].record if self._talked else None
        by_lead = dict.fromkeys(_LEADS, lead.frame)
        answer = (first or customer).frame
        queue = next((r.frame for r in self._waiting()), lead.frame)
        ended = (customer if self._talked else lead).frame
        named = next(iter(self.lines().values()), lead.frame)
        return {
            **by_lead,
            "answered_at": answer,
            "talk_s": customer.frame,
            "agents": answer,
            "called": answer,
            "ended_at": ended,
            "queue": queue,
            "trunks": named,
            "wait_s": queue,
            "hold_s": (last or customer).frame,
            "transfers": customer.frame,
        }


def _none(outcome: Outcome) -> float | None:
    return None if outcome is Outcome.UNKNOWN else 0.0


def _recordings(people: Cast) -> tuple[Recording, ...]:
    """The recordings that the records name; nothing is recorded of a call that nobody answered."""
    names: Sequence[str] = [r.recording for r in people.records if r.recording]
    return tuple(Recording(name, evidence="record") for name in dict.fromkeys(names))


_FULL_NUMBER = 7
_RINGING = 2 * SECOND
"""An unanswered call that lasted so long and was cleared normally rang somewhere; what is refused is so at once."""
_DIRECTIONS = {
    "inbound": Direction.INBOUND,
    "outbound": Direction.OUTBOUND,
    "local": Direction.INTERNAL,
    "internal": Direction.INTERNAL,
}
_MENUS = frozenset({"play_and_get_digits", "read", "ivr", "play_and_detect_speech", "bind_digit_action"})
_CLEARED = ("", "NONE", "SUCCESS", "NORMAL_CLEARING", "NORMAL_UNSPECIFIED")
_LEFT = ("ORIGINATOR_CANCEL",)
_NOWHERE = (
    "UNALLOCATED_NUMBER",
    "NO_ROUTE_DESTINATION",
    "NO_ROUTE_TRANSIT_NET",
    "INVALID_NUMBER_FORMAT",
    "CALL_REJECTED",
)
_FORBIDDEN = (401, 402, 403, 407)
"""SIP statuses that FreeSWITCH calls CALL_REJECTED like 603, though no person declined: the far switch forbids the call."""
_UNREACHED = ("NO_USER_RESPONSE", "RECOVERY_ON_TIMER_EXPIRE")
_RANG = ("NO_ANSWER", "NO_USER_RESPONSE", "ALLOTTED_TIMEOUT", "PROGRESS_TIMEOUT", "MEDIA_TIMEOUT")
_OUTCOMES = {
    **dict.fromkeys((*_RANG, "RECOVERY_ON_TIMER_EXPIRE", "PICKED_OFF", "LOSE_RACE"), Outcome.MISSED),
    "USER_BUSY": Outcome.BUSY,
    "CALL_REJECTED": Outcome.REJECTED,
    "BLIND_TRANSFER": Outcome.UNKNOWN,
    "ATTENDED_TRANSFER": Outcome.UNKNOWN,
}
_LEADS = (
    "started_at",
    "direction",
    "outcome",
    "hangup_by",
    "cause",
    "caller",
    "dialled",
    "ring_s",
    "account",
)
