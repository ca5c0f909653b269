"""The channels of a call, each with its life, from their events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from ringbook.model.call import Cause
from ringbook.model.instant import SECOND, Instant
from ringbook.model.party import Endpoint, EndpointKind
from ringbook.model.statement import ChannelEvent, EventKind

ARTEFACTS = frozenset(("", "s", "h", "i", "t", "T", "o", "a", "e", "hangup", "failed"))
"""Extensions that are places in a dialplan, never digits that anybody dialled."""

_NOWHERE = (EndpointKind.UNKNOWN, EndpointKind.OUTSIDE)
_CALLED_APPS = frozenset(("AppDial", "AppQueue"))
_ORIGINATED_APP = "AppDial2"


class Span(msgspec.Struct, frozen=True):
    """A stretch of time; ``until`` is None while it lasts."""

    since: Instant
    until: Instant | None = None


class Use(msgspec.Struct, frozen=True):
    """One application seen on a channel: what it leads to, and where in the dialplan."""

    at: Instant
    until: Instant | None
    target: Endpoint
    app: str
    exten: str
    context: str
    frame: bytes


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """One channel's life. ``placed``: the switch made it to reach somebody; else it came in, or was dialled on a phone."""

    id: str
    name: str
    end: Endpoint
    placed: bool
    originated: bool  # placed on somebody's order before anybody called: click-to-call
    dialled: str
    shown: Endpoint  # the first other number that the switch showed on it later
    rdnis: str
    account: str
    made: bool  # its beginning is in the log
    started_at: Instant
    answered_at: Instant | None
    ended_at: Instant | None
    cause: Cause
    by: str
    dial_status: str
    uses: tuple[Use, ...]
    music: tuple[Span, ...]
    prompts: tuple[Instant, ...]  # when a prompt began to be played to it
    frames: dict[str, bytes]  # created, answered, ended

    @property
    def half(self) -> str:
        """``1`` or ``2`` for the halves of a Local channel, else empty."""
        return self.name[-1] if self.name[-2:] in (";1", ";2") else ""

    @property
    def pair(self) -> str:
        """What the two halves of a Local channel have in common."""
        return self.name[:-2] if self.half else ""

    @property
    def real(self) -> bool:
        """Whether a phone or trunk is behind it, rather than the switch's own plumbing."""
        return self.end.kind is not EndpointKind.PLUMBING

    @property
    def outside(self) -> bool:
        """Whether somebody beyond a trunk is on it."""
        return self.end.kind is EndpointKind.OUTSIDE

    @property
    def person(self) -> bool:
        """Whether it is a phone of ours."""
        return self.real and not self.outside

    @property
    def who(self) -> str:
        """Extension or number of whoever is on it."""
        return self.end.extension or self.end.number.best

    def lasted_until(self, moment: Instant) -> bool:
        """Whether it was still there at that moment."""
        return self.ended_at is None or self.ended_at > moment


def channels(events: Sequence[ChannelEvent]) -> dict[str, Channel]:
    """The channels by id, in the order in which they were made."""
    rows: dict[str, list[ChannelEvent]] = {}
    for event in events:
        rows.setdefault(event.channel, []).append(event)
    found = sorted(
        (_channel(name, mine) for name, mine in rows.items()), key=lambda c: (c.started_at, *_made(c.id))
    )
    dials = [(e.at or 0, e.target) for e in events if e.target.kind is EndpointKind.OUTSIDE]
    return {channel.id: _numbered(channel, dials) for channel in found}


def _made(name: str) -> tuple[int, str]:
    """The place of a channel among those of one second: unique ids end in a counter."""
    count = name.rpartition(".")[2]
    return (int(count) if count.isdecimal() and len(count) <= _LONGEST_COUNT else 0, name)


def _channel(name: str, events: Sequence[ChannelEvent]) -> Channel:
    created = _first(events, EventKind.CREATED)
    answered = _first(events, EventKind.ANSWERED)
    ended = _first(events, EventKind.HANGUP) or _first(events, EventKind.ENDED)
    hangup = _first(events, EventKind.HANGUP)
    begin = created or events[0]
    apps = {event.app for event in events}
    end = _end(begin, events)
    own = created is not None and created.linked in ("", name)
    dialled = next(filter(None, (_digits(event) for event in events)), "")
    originated = _ORIGINATED_APP in apps or (
        own and end.kind is EndpointKind.PERSON and begin.exten in ("s", "") and not dialled
    )
    placed = originated or (not own if created is not None else bool(apps & _CALLED_APPS))
    return Channel(
        id=name,
        name=begin.end.channel,
        end=end,
        placed=placed,
        originated=originated and own,
        dialled=dialled,
        shown=_shown(end, events),
        rdnis=next((event.rdnis for event in events if event.rdnis), ""),
        account=begin.account,
        made=created is not None,
        started_at=begin.at or 0,
        answered_at=answered.at if answered else None,
        ended_at=ended.at if ended else None,
        cause=hangup.cause if hangup else Cause(),
        by=hangup.by if hangup else "",
        dial_status=hangup.dial_status if hangup else "",
        uses=tuple(_uses(events, ended.at if ended else None)),
        music=tuple(_music(events, ended.at if ended else None)),
        prompts=tuple(event.at or 0 for event in events if "sound" in event.extra),
        frames={
            name: event.frame
            for name, event in (("created", begin), ("answered", answered), ("ended", ended))
            if event is not None
        },
    )


def _first(events: Iterable[ChannelEvent], kind: EventKind) -> ChannelEvent | None:
    return next((event for event in events if event.event is kind), None)


def _end(begin: ChannelEvent, events: Sequence[ChannelEvent]) -> Endpoint:
    """Who is on the channel: as it began, for later rows show what the dialplan made of the caller id."""
    end = begin.end
    if end.number.raw or end.kind is EndpointKind.PLUMBING:
        return end
    if begin.event is EventKind.CREATED and begin.linked not in ("", begin.channel):
        return end  # placed: its number is that which was dialled, see _numbered
    later = next((event.end for event in events if event.end.number.raw), None)
    return (
        end
        if later is None
        else msgspec.structs.replace(end, number=later.number, name=end.name or later.name)
    )


def _digits(event: ChannelEvent) -> str:
    """What had been dialled when the event was written: never on a channel that was itself dialled."""
    if event.app in _CALLED_APPS or event.exten in ARTEFACTS:
        return ""
    return event.exten if any(char.isdecimal() for char in event.exten) else ""


def _shown(end: Endpoint, events: Sequence[ChannelEvent]) -> Endpoint:
    for event in events:
        number = event.end.number.raw
        if number and number not in (end.number.raw, end.extension):
            return event.end
    return Endpoint()


def _numbered(channel: Channel, dials: Sequence[tuple[Instant, Endpoint]]) -> Channel:
    """An outside channel that the switch placed, with the number that was dialled to reach it."""
    if not (channel.outside and channel.placed):
        return channel
    mine = [(at, target) for at, target in dials if target.device == channel.end.device]
    if not mine and len({target.number.raw for _, target in dials}) == 1:
        mine = list(dials)
    before = [target for at, target in mine if at <= channel.started_at]
    after = [target for at, target in mine if at > channel.started_at]
    target = before[-1] if before else after[0] if after else None
    number = target.number if target is not None else channel.shown.number
    return msgspec.structs.replace(channel, end=msgspec.structs.replace(channel.end, number=number))


def _uses(events: Sequence[ChannelEvent], ended_at: Instant | None) -> Iterable[Use]:
    """The applications that the channel ran and that lead somewhere, one after another, as far as its events show them."""
    now: ChannelEvent | None = None
    for event in events:
        if not event.app or event.event is EventKind.HANGUP:
            continue
        leads = event.target.kind not in _NOWHERE
        if now is not None and (event.target != now.target or event.app != now.app):
            if event.event is EventKind.APP_END:
                continue  # the end of another one, written in the same second
            yield _use(now, event.at)
            now = None
        if now is None and leads:
            now = event
        if now is not None and event.event is EventKind.APP_END:
            yield _use(now, event.at)
            now = None
    if now is not None:
        yield _use(now, ended_at)


def _use(event: ChannelEvent, until: Instant | None) -> Use:
    return Use(event.at or 0, until, event.target, event.app, event.exten, event.context, event.frame)


def _music(events: Sequence[ChannelEvent], ended_at: Instant | None) -> Iterable[Span]:
    since: Instant | None = None
    for event in events:
        if event.event in (EventKind.MUSIC_START, EventKind.HOLD) and since is None:
            since = event.at
        if event.event in (EventKind.MUSIC_END, EventKind.UNHOLD) and since is not None:
            yield Span(since, event.at)
            since = None
    if since is not None:
        yield Span(since, ended_at)


_LONGEST_COUNT = 12

ZERO_S = 1.0
"""A leg that was answered and gone within this time was answered, whatever the bridges say."""


def brief(channel: Channel) -> bool:
    """Whether the channel ended within a moment after it was answered."""
    if channel.answered_at is None or channel.ended_at is None:
        return False
    return channel.ended_at - channel.answered_at <= ZERO_S * SECOND
