"""A call laid out from its channel events: its channels, who began it, who the other party is, who talked with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from ringbook.correlate.events_bridges import FOREVER, Company, Stay, clipped, company, stays, union
from ringbook.correlate.events_channels import Channel, Span, channels
from ringbook.model.call import Direction
from ringbook.model.instant import SECOND, Instant
from ringbook.model.party import EndpointKind
from ringbook.model.statement import ChannelEvent, EventKind


class Trace(msgspec.Struct, frozen=True):
    """A call's events and what stands in them at first sight."""

    events: tuple[ChannelEvent, ...]
    channels: dict[str, Channel]
    stays: tuple[Stay, ...]
    first: Channel  # whoever began the call
    direction: Direction
    dialled: str

    def named(self, name: str) -> Channel | None:
        """The channel of that name or id."""
        return self.channels.get(name) or next((c for c in self.channels.values() if c.name == name), None)

    @property
    def legs(self) -> list[Channel]:
        """The phones and trunks that the switch tried to reach, in order."""
        return [c for c in self.channels.values() if c.placed and c.real and c.id != self.first.id]


class Talk(msgspec.Struct, frozen=True):
    """Who talked with the other party, and when. ``spans`` by channel id, in the order in which they came on."""

    party: tuple[str, ...] = ()  # the other party's channels
    ours: dict[str, tuple[Span, ...]] = {}
    outside: dict[str, tuple[Span, ...]] = {}  # other outside people whom the party was connected with
    held: tuple[Span, ...] = ()
    hold_known: bool = False

    @property
    def spans(self) -> list[Span]:
        """When anybody of ours talked with the party; if nobody did, when others outside did."""
        those = self.ours or self.outside
        return union(span for spans in those.values() for span in spans)


def trace(events: Sequence[ChannelEvent]) -> Trace:
    """The call laid out. ``events`` is not empty and in order."""
    found = channels(events)
    real = [channel for channel in found.values() if channel.real] or list(found.values())
    first = _first(real)
    dialled = _dialled(first, found)
    direction = _direction(first, found, dialled)
    return Trace(tuple(events), found, tuple(stays(events, found)), first, direction, dialled)


def _first(real: Sequence[Channel]) -> Channel:
    """Whoever began the call: the first to be there; but one of ours who only waits in a conference has called nobody."""
    first = real[0]
    waits = first.person and any(use.target.kind is EndpointKind.CONFERENCE for use in first.uses)
    callers = [channel for channel in real if channel.outside and not channel.placed]
    return callers[0] if waits and callers and not first.placed else first


def _dialled(first: Channel, found: dict[str, Channel]) -> str:
    """The digits that whoever began the call dialled; of a call placed by the switch, the number it was for."""
    if first.dialled:
        return first.dialled
    if first.placed:
        outside = next((c for c in found.values() if c.outside and c.placed and c.end.number.raw), None)
        if outside is not None and outside.id != first.id:
            return outside.end.number.raw
        if len(first.shown.number.raw) >= _OUTSIDE_DIGITS:
            return first.shown.number.raw
    return next((c.dialled for c in found.values() if c.pair and c.dialled), "")


def _direction(first: Channel, found: dict[str, Channel], dialled: str) -> Direction:
    if first.end.kind is EndpointKind.UNKNOWN or not first.real:
        return Direction.UNKNOWN
    if first.outside:
        return Direction.OUTBOUND if first.placed else Direction.INBOUND
    digits = sum(char.isdecimal() for char in dialled)
    others = [c for c in found.values() if c.placed and c.real and c.id != first.id]
    if any(c.outside for c in others):
        ours = digits <= _EXTENSION_DIGITS and not first.placed and _reached_here(found, dialled, others)
        return Direction.INTERNAL if ours else Direction.OUTBOUND
    return Direction.OUTBOUND if digits >= _OUTSIDE_DIGITS and not others else Direction.INTERNAL


def _reached_here(found: dict[str, Channel], dialled: str, others: Sequence[Channel]) -> bool:
    """Whether the digits are those of a phone or group of ours, or of a place in the dialplan that forwards."""
    if others[0].person or any(c.person and c.started_at <= others[0].started_at + SECOND for c in others):
        return True
    return any(
        dialled in (c.end.extension, c.rdnis) or c.end.device.startswith(f"Local/{dialled}@")
        for c in found.values()
    )


def talk(call: Trace) -> Talk:
    """Who talked with the other party."""
    ours: dict[str, list[Span]] = {}
    outside: dict[str, list[Span]] = {}
    held: list[Span] = []
    party = _party(call)
    sent_on = [event for event in call.events if event.event is EventKind.BLIND_TRANSFER]
    for name, from_at, until in party:
        met = company(name, call.stays, call.channels)
        spells = [_within(one, from_at, until) for one in met if _overlaps(one, from_at, until)]
        spells += _consults(call, name, spells)
        for spell in spells:
            span = _cut(call, name, spell, sent_on)
            for other in spell.others:
                side = outside if call.channels[other].outside else ours
                side.setdefault(other, []).append(span)
        held += call.channels[name].music
    order = sorted(ours, key=lambda one: min(span.since for span in ours[one]))
    talked = {one: tuple(union(ours[one])) for one in order}
    spans = [span for mine in talked.values() for span in mine]
    if call.direction is Direction.INTERNAL:
        held += [span for one in talked for span in call.channels[one].music]
    return Talk(
        party=tuple(name for name, _, _ in party),
        ours=talked,
        outside={one: tuple(union(spans)) for one, spans in outside.items()},
        held=tuple(clipped(union(held), union(spans))),
        hold_known=any("type" in e.extra and "STREAM" in e.extra["type"] for e in call.events) or bool(held),
    )


def _party(call: Trace) -> list[tuple[str, Instant, Instant]]:
    """The other party's channel: with whom the company talks on this call, and over what time.

    Of a call from outside it is the caller; of one to outside whoever was reached first; of an internal call the caller, and
    once the caller has handed the call over, whoever was handed over.
    """
    if call.direction is Direction.OUTBOUND:
        tried = [call.first] if call.first.outside else [c for c in call.legs if c.outside]
        reached = [c for c in tried if any(stay.channel == c.id for stay in call.stays)]
        return [(c.id, 0, FOREVER) for c in (reached or tried)[:1]]
    name = call.first.id
    found: list[tuple[str, Instant, Instant]] = []
    since = 0
    if call.direction is Direction.INTERNAL:
        for event in call.events:
            moved = event.extra.get("transferee_channel_uniqueid", "")
            handed = event.event in (EventKind.BLIND_TRANSFER, EventKind.ATTENDED_TRANSFER)
            if handed and event.channel == name and moved in call.channels:
                found.append((name, since, event.at or 0))
                name, since = moved, event.at or 0
    return [*found, (name, since, FOREVER)]


def _overlaps(one: Company, since: Instant, until: Instant) -> bool:
    if one.since == one.until:  # within one second of a log in whole seconds
        return since <= one.since <= until
    return one.since < until and one.until > since


def _within(one: Company, since: Instant, until: Instant) -> Company:
    return Company(max(one.since, since), min(one.until, until), one.others)


def _consults(call: Trace, party: str, spells: Sequence[Company]) -> Iterable[Company]:
    """The times in which the party waits alone in the bridge that somebody left to consult: still that person's talk, on hold."""
    for stay in (stay for stay in call.stays if stay.channel == party and not stay.holding):
        if any(
            use.target.kind is EndpointKind.CONFERENCE and use.at <= stay.since
            for use in call.channels[party].uses
        ):
            continue
        inside = [one for one in spells if one.since < stay.until and one.until > stay.since]
        for before, after_at in zip(inside, [one.since for one in inside[1:]] + [FOREVER], strict=False):
            end = min(stay.until, after_at)
            owners = frozenset(
                one
                for one in before.others
                if call.channels[one].person and call.channels[one].lasted_until(before.until + _PARTING)
            )
            if owners and end > before.until:
                gone = max(call.channels[one].ended_at or FOREVER for one in owners)
                yield Company(before.until, min(end, gone), owners)


def _cut(call: Trace, party: str, spell: Company, sent_on: Sequence[ChannelEvent]) -> Span:
    """The spell; one that ends in a blind transfer by feature code ends where dialling the code's number began.

    The switch then plays music to the party and, in the same moment, a prompt to the one who transfers.
    """
    until: Instant | None = spell.until if spell.until < FOREVER else None
    if until is None:
        return Span(spell.since)
    for event in sent_on:
        if abs((event.at or 0) - until) > _PARTING:
            continue
        for music in call.channels[party].music:
            prompted = any(abs(at - music.since) <= _PARTING for at in call.channels[event.channel].prompts)
            if prompted and spell.since < music.since <= until <= (music.until or FOREVER) + _PARTING:
                return Span(spell.since, music.since)
    return Span(spell.since, until)


_PARTING = SECOND // 5
"""How far apart the records of one moment may lie."""
_EXTENSION_DIGITS = 6
_OUTSIDE_DIGITS = 7
