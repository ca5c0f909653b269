"""Hand-overs of a call: transfers, forwards, pick-ups and parking, from its channel events."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from ringbook.correlate.events_channels import Channel
from ringbook.correlate.events_trace import Talk, Trace
from ringbook.model.call import Transfer
from ringbook.model.instant import SECOND, Instant
from ringbook.model.party import EndpointKind
from ringbook.model.statement import ChannelEvent, EventKind


def moves(call: Trace, talk: Talk) -> tuple[Transfer, ...]:
    """All hand-overs, in order."""
    found: list[Transfer] = []
    for event in call.events:
        found += _move(call, talk, event)
    found += _forwards(call, found)
    found += _unsaid(call, talk, found)
    return tuple(sorted(found, key=lambda move: move.at or 0))


def _move(call: Trace, talk: Talk, event: ChannelEvent) -> Iterable[Transfer]:
    mine = call.channels.get(event.channel)
    by = mine.who if mine else ""
    match event.event:
        case EventKind.BLIND_TRANSFER:
            if not _parks(call, event):
                to = event.extra.get("extension", "") or event.extra.get("text", "")
                yield Transfer("blind", by, to, event.at)
        case EventKind.ATTENDED_TRANSFER if not _stays_on(talk, event):
            yield Transfer("attended", by, _target(call, talk, event), event.at)
        case EventKind.PICKUP:
            taker = call.named(event.extra.get("pickup_channel", "")) or call.named(event.peer)
            yield Transfer("pickup", by, taker.who if taker else "", event.at)
        case EventKind.FORWARD:
            yield Transfer("forward", event.rdnis, event.extra.get("forward", ""), event.at)
        case EventKind.PARK_START:
            yield Transfer("park", _parker(call, event), _retriever(call, event), event.at)
        case _:
            return


def _parks(call: Trace, transfer: ChannelEvent) -> bool:
    """Whether the blind transfer is only the way into the parking lot."""
    at = transfer.at or 0
    return any(e.event is EventKind.PARK_START and abs((e.at or 0) - at) < SECOND for e in call.events)


def _stays_on(talk: Talk, event: ChannelEvent) -> bool:
    """Whether whoever transfers stays on the call: three talk, nobody was handed over."""
    at = event.at or 0
    spans = talk.ours.get(event.channel, ())
    return any(span.since <= at and (span.until is None or span.until > at + _STAYING) for span in spans)


def _target(call: Trace, talk: Talk, event: ChannelEvent) -> str:
    """To whom an attended transfer went: the channel it names, or whoever comes on next."""
    named = call.named(event.extra.get("transfer_target_channel_uniqueid", ""))
    if named is not None and named.real:
        return named.who
    after = _next(call, talk, event.at or 0, event.channel)
    if (
        after and after != call.channels[event.channel].who
    ):  # the switch rings the transferer again if nobody answers
        return after
    if named is not None:
        return named.end.number.raw or named.dialled
    second = call.named(event.extra.get("channel2_uniqueid", ""))
    return second.dialled if second else ""


def _next(call: Trace, talk: Talk, at: Instant, but: str) -> str:
    """Who came on, or stayed on, after that moment."""
    coming = [
        (max(span.since, at), channel)
        for side in (talk.ours, talk.outside)
        for channel, spans in side.items()
        for span in spans
        if channel != but and (span.until is None or span.until > at + _AFTER)
    ]
    return call.channels[min(coming)[1]].who if coming else ""


def _parker(call: Trace, event: ChannelEvent) -> str:
    device = event.extra.get("parker_dial_string", "")
    phone = next((c for c in call.channels.values() if device and c.end.device == device), None)
    return phone.who if phone else device.partition("/")[2]


def _retriever(call: Trace, start: ChannelEvent) -> str:
    """Who took the parked call back, or whom it rang again; empty if nobody did."""
    for event in call.events:
        if (
            event.event is EventKind.PARK_END
            and event.channel == start.channel
            and (event.at or 0) >= (start.at or 0)
        ):
            taker = call.named(event.extra.get("retriever", ""))
            if taker is not None:
                return taker.who
            if "TimeOut" in event.extra.get("reason", ""):
                return next((leg.who for leg in call.legs if leg.started_at >= (event.at or 0)), "")
            return ""
    return ""


def _forwards(call: Trace, told: list[Transfer]) -> Iterable[Transfer]:
    """Forwards by the dialplan: a leg to outside that was placed on behalf of another phone of ours."""
    known = {move.by for move in told if move.kind == "forward"}
    for leg in call.legs:
        if leg.outside and leg.rdnis and leg.rdnis not in known and _ours(call, leg):
            known.add(leg.rdnis)
            yield Transfer("forward", leg.rdnis, leg.who, leg.started_at)


def _unsaid(call: Trace, talk: Talk, told: list[Transfer]) -> Iterable[Transfer]:
    """Attended transfers that no event tells (blonde ones): somebody rung while a colleague still had the party took over."""
    conference = any(
        use.target.kind is EndpointKind.CONFERENCE for c in call.channels.values() for use in c.uses
    )
    order = [call.channels[name] for name in talk.ours]
    for before, after in pairwise(order if not conference else ()):
        had, took = talk.ours[before.id], talk.ours[after.id]
        consulted = (
            after.placed
            and had[0].since < after.started_at < (before.ended_at or 0) <= took[0].since + _AFTER
        )
        known = any(had[0].since <= (move.at or 0) <= took[0].since + _AFTER for move in told)
        if consulted and not known:
            yield Transfer("attended", before.who, after.who, before.ended_at)


def _ours(call: Trace, leg: Channel) -> bool:
    """Whether the redirecting number is one of ours, not that of an outside network."""
    return len(leg.rdnis) <= _EXTENSION_DIGITS or leg.rdnis == call.dialled


_AFTER = SECOND // 4
_STAYING = 2 * SECOND
_EXTENSION_DIGITS = 6
