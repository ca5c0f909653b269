"""Who was truly connected with whom and when: channels in common bridges, through the switch's own plumbing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import msgspec

from ringbook.correlate.events_channels import Channel, Span
from ringbook.model.instant import SECOND, Instant
from ringbook.model.statement import ChannelEvent, EventKind

FOREVER: Instant = 1 << 62
"""Stands for the end of what has not ended."""

HOLDING = "holding_bridge"
"""The bridge technology of parking lots: many callers, none of whom hears another."""


class Stay(msgspec.Struct, frozen=True):
    """One channel's time in one bridge."""

    channel: str
    bridge: str
    since: Instant
    until: Instant  # FOREVER while it lasts
    holding: bool = False
    frame: bytes = b""


class Company(msgspec.Struct, frozen=True):
    """A stretch in which a channel was connected with the same others."""

    since: Instant
    until: Instant
    others: frozenset[str]


def stays(events: Sequence[ChannelEvent], found: Mapping[str, Channel]) -> list[Stay]:
    """All stays in bridges; from the answers alone where the source was told to write no bridge events."""
    if not any(event.event is EventKind.BRIDGE_ENTER for event in events):
        return list(_supposed(events, found))
    names = {channel.name: channel.id for channel in found.values()}
    open_: dict[tuple[str, str], ChannelEvent] = {}
    early: dict[tuple[str, str], Instant] = {}
    done: list[Stay] = []

    def close(place: tuple[str, str], at: Instant) -> None:
        entered = open_.pop(place)
        holding = entered.extra.get("bridge_technology", "") == HOLDING
        done.append(Stay(*place, entered.at or 0, at, holding, entered.frame))

    for event in events:
        at = event.at or 0
        for place in _places(event, names):
            if event.event is EventKind.BRIDGE_ENTER:
                open_.setdefault(place, event)
                if early.pop(place, None) == at:  # written in whole seconds: in and out within one
                    close(place, at)
            elif event.event is EventKind.BRIDGE_EXIT:
                if place in open_:
                    close(place, at)
                else:
                    early[place] = at
        if event.event in (EventKind.HANGUP, EventKind.ENDED):
            for place in [place for place in open_ if place[0] == event.channel]:
                close(place, at)
    for place in list(open_):
        close(place, FOREVER)
    return sorted(done, key=lambda stay: (stay.since, stay.channel, stay.bridge))


def _places(event: ChannelEvent, names: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    """The (channel, bridge) that the event is about; before Asterisk 12 both channels of a pair at once."""
    if event.event not in (EventKind.BRIDGE_ENTER, EventKind.BRIDGE_EXIT):
        return ()
    if event.bridge or not event.peer:
        return ((event.channel, event.bridge),)
    other = names.get(event.peer, event.peer)
    pair = " with ".join(sorted((event.channel, other)))
    return ((event.channel, pair), (other, pair))


def _supposed(events: Sequence[ChannelEvent], found: Mapping[str, Channel]) -> Iterable[Stay]:
    """Without bridge events: a channel that answered, or picked a call up, was connected with whoever began the call."""
    takers = {e.extra.get("pickup_channel_uniqueid") for e in events if e.event is EventKind.PICKUP}
    real = [channel for channel in found.values() if channel.real]
    if not real:
        return
    first = real[0]
    for channel in real[1:]:
        if (channel.placed or channel.id in takers) and channel.answered_at is not None:
            since = max(channel.answered_at, first.answered_at or channel.answered_at)
            until = min(channel.ended_at or FOREVER, first.ended_at or FOREVER)
            if until >= since:
                frame = channel.frames.get("answered", b"")
                yield Stay(channel.id, f"answer of {channel.id}", since, until, frame=frame)
                yield Stay(first.id, f"answer of {channel.id}", since, until, frame=frame)


def company(mine: str, places: Sequence[Stay], found: Mapping[str, Channel]) -> list[Company]:
    """With which real channels one channel was connected, in order of time; empty company is left out.

    Company within one second of a source that writes whole seconds has no length, and is company all the same.
    """
    wires = [*(stay for stay in places if not stay.holding), *_pairs(found)]
    moments: dict[Instant, tuple[list[Stay], list[Stay]]] = {}
    for wire in wires:
        moments.setdefault(wire.since, ([], []))[0].append(wire)
        moments.setdefault(wire.until, ([], []))[1].append(wire)
    active: dict[Stay, None] = {}
    told: list[Company] = []
    times = sorted(moments)
    for at, following in pairwise([*times, FOREVER]):
        starting, ending = moments[at]
        for wire in starting:
            active[wire] = None
        if any(wire.until == at for wire in starting):
            others = _reached(mine, active, found)
            if others and not (told and told[-1].until == at and others <= told[-1].others):
                told.append(Company(at, at, others))
        for wire in ending:
            active.pop(wire, None)
        others = _reached(mine, active, found)
        if not others or following <= at:
            continue
        if told and told[-1].others == others and at - told[-1].until <= _BLINK:
            told[-1] = Company(told[-1].since, following, others)
        else:
            told.append(Company(at, following, others))
    return told


def _pairs(found: Mapping[str, Channel]) -> Iterable[Stay]:
    """The two halves of a Local channel hear each other as long as both are there."""
    halves: dict[str, list[Channel]] = {}
    for channel in found.values():
        if channel.pair:
            halves.setdefault(channel.pair, []).append(channel)
    for pair, two in halves.items():
        since = max(channel.started_at for channel in two)
        until = min(channel.ended_at or FOREVER for channel in two)
        if len(two) > 1 and until > since:
            for channel in two:
                yield Stay(channel.id, pair, since, until)


def _reached(mine: str, active: Iterable[Stay], found: Mapping[str, Channel]) -> frozenset[str]:
    by_channel: dict[str, list[str]] = {}
    by_bridge: dict[str, list[str]] = {}
    for stay in active:
        by_channel.setdefault(stay.channel, []).append(stay.bridge)
        by_bridge.setdefault(stay.bridge, []).append(stay.channel)
    reached = {mine}
    todo = [mine]
    while todo:
        for bridge in by_channel.get(todo.pop(), ()):
            fresh = [one for one in by_bridge.pop(bridge, ()) if one not in reached]
            reached.update(fresh)
            todo += fresh
    reached.discard(mine)
    return frozenset(one for one in reached if one in found and found[one].real)


def union(spans: Iterable[Span]) -> list[Span]:
    """The spans without overlaps, in order; those that have not ended end at None."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.since, FOREVER if s.until is None else s.until)):
        last = merged[-1] if merged else None
        if last is not None and (last.until is None or span.since <= last.until):
            until = None if last.until is None or span.until is None else max(last.until, span.until)
            merged[-1] = Span(last.since, until)
        else:
            merged.append(span)
    return merged


def clipped(spans: Iterable[Span], by: Iterable[Span]) -> list[Span]:
    """The parts of the spans that lie within the others."""
    found: list[Span] = []
    limits = list(by)
    for span in spans:
        for limit in limits:
            since = max(span.since, limit.since)
            ends = [end for end in (span.until, limit.until) if end is not None]
            until = min(ends) if ends else None
            if until is None or until > since:
                found.append(Span(since, until))
    return union(found)


def length_s(spans: Iterable[Span]) -> float | None:
    """Seconds that the spans last together; None if one of them has no end."""
    total = 0
    for span in union(spans):
        if span.until is None:
            return None
        total += span.until - span.since
    return round(total / SECOND, 3)


_BLINK = SECOND // 20
"""A gap shorter than this is the switch re-plugging its own wires, not a parting."""
