"""Who talked with whom, when: the channels of one call put in their places.

A record tells a whole channel. Of the channels of a call one *leads* (the caller's, or the one that a click or a dialler placed
first) and one is the *customer's* (the party outside; of an internal call the caller). What the customer's channel was
connected with, stretch by stretch, is the call's talk.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest

import msgspec

from ringbook.model.instant import SECOND, Instant
from ringbook.model.party import Endpoint, EndpointKind
from ringbook.model.statement import Bridge, ChannelRecord

NOBODY = Endpoint()
_HUMAN = (EndpointKind.PERSON, EndpointKind.OUTSIDE, EndpointKind.UNKNOWN)


class Stretch(msgspec.Struct, frozen=True):
    """The customer's channel connected with somebody. ``record`` is that one's own record, if there is one."""

    end: Endpoint
    from_at: Instant
    to_at: Instant | None
    record: ChannelRecord | None = None
    sure: bool = True  # False: they talked, but from when is not known

    @property
    def span_s(self) -> float | None:
        """Its length."""
        return None if self.to_at is None else round((self.to_at - self.from_at) / SECOND, 3)


class Cast(msgspec.Struct, frozen=True):
    """The channels of one call in their places; ``stretches`` in time order, of the customer's channel."""

    lead: ChannelRecord
    customer: ChannelRecord
    records: tuple[ChannelRecord, ...]
    ends: dict[str, Endpoint]  # who is on each channel
    stretches: tuple[Stretch, ...]

    @property
    def caller(self) -> Endpoint:
        """Who is on the leading channel."""
        return self.ends[self.lead.channel]

    @property
    def others(self) -> list[ChannelRecord]:
        """The channels of people besides the leading one, in the order in which they came about."""
        return [r for r in self.records if r is not self.lead and self.kind(r) in _HUMAN]

    def kind(self, record: ChannelRecord) -> EndpointKind:
        """What stands on a channel."""
        return self.ends[record.channel].kind

    @property
    def timed(self) -> bool:
        """Whether it is known from when to when each talked."""
        return all(one.sure for one in self.stretches)

    def rung(self) -> list[Endpoint]:
        """Everyone whom the call rang, by their own records or by those of the channels that called them."""
        found: dict[str, Endpoint] = {
            r.channel: self.ends[r.channel] for r in self.others if placed_by_switch(r)
        }
        for record in self.records:
            for bridge in record.bridges:
                if bridge.peer and bridge.peer not in self.ends and bridge.from_at is None:
                    found.setdefault(bridge.peer, bridge.end)
        return list(found.values())


def cast(records: Sequence[ChannelRecord]) -> Cast:
    """The channels in their places."""
    records = _named_once(records)
    lead = _lead(records)
    ends = {record.channel: _end(record, record is lead) for record in records}
    customer = _customer(records, lead, ends)
    told = _by_rows if all(_bare(record) for record in records) else _stretches
    stretches = told(customer, records, ends)
    return Cast(lead, customer, tuple(records), ends, tuple(stretches))


def placed_by_switch(record: ChannelRecord) -> bool:
    """Whether the switch placed this channel, as far as is known."""
    return record.originated is not False


def union_s(stretches: Iterable[Stretch]) -> float | None:
    """Seconds covered by the stretches, overlaps once; None if one has no end."""
    total, until = 0, None
    for one in sorted(stretches, key=lambda s: s.from_at):
        if one.to_at is None:
            return None
        start = one.from_at if until is None else max(one.from_at, until)
        total += max(0, one.to_at - start)
        until = one.to_at if until is None else max(until, one.to_at)
    return round(total / SECOND, 3)


def _named_once(records: Sequence[ChannelRecord]) -> list[ChannelRecord]:
    """One record a channel, in time order."""
    once = {record.channel: record for record in sorted(records, key=lambda r: r.frame)}
    return sorted(once.values(), key=lambda r: (r.at or 0, r.channel))


def _lead(records: Sequence[ChannelRecord]) -> ChannelRecord:
    """The channel that the call began with.

    One that came in (from outside before one of ours: who picks up, consults or joins a conference calls in as well), before one
    that the switch placed of itself (click-to-call, dialler), before one placed for another; half channels of the switch last.
    Of those the earliest, and of those (whole seconds) the one that stayed longest.
    """
    named = {peer for record in records for peer in record.peers if record.originated is None}

    def rank(record: ChannelRecord) -> tuple[bool, int, int, int, int, bool, str]:
        placed_for = bool(record.originator) or record.queue_side == "agent"
        came = record.originated is False
        place = int(record.end.kind is not EndpointKind.OUTSIDE) if came else 2 + placed_for
        plumbing = record.end.kind is EndpointKind.PLUMBING
        ended = record.ended_at or 0
        side = _likely_called(record) if record.originated is None else 0
        return (plumbing, place, record.at or 0, side, -ended, record.channel in named, record.channel)

    return min(records, key=rank)


def _likely_called(record: ChannelRecord) -> int:
    """How likely a row that does not say so is of a channel that was called: least if its caller is a phone of ours, most if it
    leads from outside to such a phone."""
    if record.caller.kind is EndpointKind.PERSON:
        return 0
    return 2 if record.end.kind is EndpointKind.PERSON else 1


def _bare(record: ChannelRecord) -> bool:
    """Whether a record is a row that names caller, destination and times only (CSV)."""
    return not record.bridges and "called" in record.extra


def _end(record: ChannelRecord, leads: bool) -> Endpoint:
    """Who is on a channel. A record that does not say which way it was set up (CSV) names only caller and destination."""
    if record.originated is not None or record.end.channel:
        return record.end
    if leads or (record.end.kind is EndpointKind.UNKNOWN and record.caller.kind is EndpointKind.PERSON):
        return record.caller
    return record.end


def _customer(
    records: Sequence[ChannelRecord], lead: ChannelRecord, ends: dict[str, Endpoint]
) -> ChannelRecord:
    """The channel of the party outside; of an internal call the caller's."""
    if ends[lead.channel].kind is EndpointKind.OUTSIDE:
        return lead
    outside = [
        r for r in records if r is not lead and r.answered_at and ends[r.channel].kind is EndpointKind.OUTSIDE
    ]
    return min(outside, key=lambda r: (r.answered_at or 0, r.channel), default=lead)


def _stretches(
    customer: ChannelRecord, records: Sequence[ChannelRecord], ends: dict[str, Endpoint]
) -> list[Stretch]:
    """With whom the customer's channel was connected, from both sides' records."""
    by_channel = {record.channel: record for record in records}
    met: dict[tuple[str, Instant], Bridge] = {}
    for bridge in _bridges(customer, by_channel):
        met[bridge.peer, bridge.from_at or 0] = bridge
    for record in records:
        if record is customer:
            continue
        for bridge in _bridges(record, by_channel):
            if bridge.peer != customer.channel or bridge.from_at is None:
                continue
            told = any(peer == record.channel and abs(at - bridge.from_at) <= 3 * SECOND for peer, at in met)
            if not told:
                seen = Bridge(record.channel, NOBODY, bridge.from_at, bridge.to_at)
                met[seen.peer, bridge.from_at] = seen
    found = []
    for bridge in met.values():
        found += _through(bridge, customer, by_channel, ends)
    found += _conference(customer, records, ends)
    return _cut(sorted(found, key=lambda s: (s.from_at, s.to_at or 0)))


def _by_rows(
    customer: ChannelRecord, records: Sequence[ChannelRecord], ends: dict[str, Endpoint]
) -> list[Stretch]:
    """With whom the customer was connected, by rows that do not say so: with whoever else had answered.

    Who answered while another was talking was consulted, and talks with the customer once that one is gone.
    """
    if customer.answered_at is None:
        return []
    others = [r for r in records if r is not customer and r.answered_at is not None]
    found: list[Stretch] = []
    free_at = customer.answered_at
    for record in sorted(others, key=lambda r: (r.answered_at or 0, r.at or 0, r.channel)):
        since, until = max(free_at, record.answered_at or 0), _first_end(customer.ended_at, record.ended_at)
        if until is None or until > since or (until == since and not found):
            late = since - customer.answered_at > 2 * SECOND
            sure = bool(found) or not late or _destination(record) != _destination(customer)
            found.append(Stretch(ends[record.channel], since, until, record, sure))
            free_at = until if until is not None else since
    known = {record.channel for record in records}
    if not found and any(peer not in known for peer in customer.peers):
        direct = bool(customer.dialled)  # nothing led the call elsewhere before
        found.append(Stretch(NOBODY, customer.answered_at, customer.ended_at, None, direct))
    return found


def _destination(record: ChannelRecord) -> str:
    return record.extra.get("called", "")


def _bridges(record: ChannelRecord, by_channel: dict[str, ChannelRecord]) -> list[Bridge]:
    """When this channel was connected; a record without those times was from both answers to the first end."""
    if record.bridges or record.answered_at is None:
        return [bridge for bridge in record.bridges if bridge.from_at is not None]
    found = []
    for peer in record.peers:
        other = by_channel.get(peer)
        if other is None:
            found.append(Bridge(peer, NOBODY, record.answered_at, record.ended_at))
        elif other.answered_at is not None:
            since = max(record.answered_at, other.answered_at)
            found.append(Bridge(peer, NOBODY, since, _first_end(record.ended_at, other.ended_at)))
    return found


def _through(
    bridge: Bridge, customer: ChannelRecord, by_channel: dict[str, ChannelRecord], ends: dict[str, Endpoint]
) -> list[Stretch]:
    """The stretch of one connection, once both had answered; through the switch's half channels to who is behind them."""
    other = by_channel.get(bridge.peer)
    end = ends[bridge.peer] if other is not None else bridge.end
    since = bridge.from_at or 0
    if end.kind is EndpointKind.PLUMBING:
        return _behind(bridge, customer, by_channel, ends)
    if customer.answered_at is None or (other is not None and other.answered_at is None):
        return []
    since = max(since, customer.answered_at, other.answered_at or 0 if other else 0)
    until = _first_end(bridge.to_at, other.ended_at if other else None)
    if until is not None and until < since:
        return []
    return [Stretch(_named(end, bridge.end), since, until, other)]


def _behind(
    bridge: Bridge, customer: ChannelRecord, by_channel: dict[str, ChannelRecord], ends: dict[str, Endpoint]
) -> list[Stretch]:
    half = {name for name, end in ends.items() if end.kind is EndpointKind.PLUMBING}
    found = []
    for record in by_channel.values():
        if record is customer or record.channel in half or record.answered_at is None:
            continue
        if not half.intersection((*record.peers, record.originator)):
            continue
        since = max(bridge.from_at or 0, record.answered_at, customer.answered_at or 0)
        until = _first_end(bridge.to_at, record.ended_at)
        if until is None or until > since:
            found.append(Stretch(ends[record.channel], since, until, record))
    return found


def _conference(
    customer: ChannelRecord, records: Sequence[ChannelRecord], ends: dict[str, Endpoint]
) -> list[Stretch]:
    """The stretches in which others were in the same conference as the customer."""
    room, joined = customer.extra.get("conference_name"), _joined(customer)
    if not room or joined is None:
        return []
    found = []
    for record in records:
        came = _joined(record)
        if record is customer or came is None or record.extra.get("conference_name") != room:
            continue
        since, until = max(joined, came), _first_end(customer.ended_at, record.ended_at)
        if until is None or until > since:
            found.append(Stretch(ends[record.channel], since, until, record))
    return found


def _joined(record: ChannelRecord) -> Instant | None:
    told = record.extra.get("conference_at")
    return int(told) if told else record.answered_at if record.extra.get("conference_name") else None


def _cut(stretches: list[Stretch]) -> list[Stretch]:
    """A channel is connected with one other at a time: a later stretch with another ends the one before it.

    Only stretches without a record of their own are cut (its end is not known otherwise), and never those of a conference.
    """
    cut = []
    for one, after in zip_longest(stretches, stretches[1:]):
        if after is not None and one.record is None and (one.to_at is None or one.to_at > after.from_at):
            cut.append(msgspec.structs.replace(one, to_at=after.from_at))
        else:
            cut.append(one)
    return cut


def _named(end: Endpoint, seen: Endpoint) -> Endpoint:
    return end if end.number.raw or end.extension else seen


def _first_end(*ends: Instant | None) -> Instant | None:
    known = [end for end in ends if end is not None]
    return min(known) if known else None
