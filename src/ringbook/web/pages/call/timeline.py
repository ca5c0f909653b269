"""A call's timeline to scale: for each party a lane of bars, all on one axis of time.

Places are percent of the whole time, so that the drawing fits any width and a call of two seconds as well as one of three hours.
What the sources do not tell is a bar of its own kind, never a guess.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ringbook.model.call import Call, Leg, Step, StepKind
from ringbook.model.instant import SECOND, Instant
from ringbook.model.party import EndpointKind

LANE = 42
HEAD = 8
FOOT = 26
BAR = 16
LEAST = 0.35
"""Percent that a bar has at least, so that it can be seen and pointed at."""
MOST_LANES = 40
TICKS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400)

WORDS = {
    "ring": gettext_lazy("Ringing"),
    "queue": gettext_lazy("Waiting in the queue"),
    "talk": gettext_lazy("Talking"),
    "hold": gettext_lazy("On hold"),
    "ivr": gettext_lazy("In a menu"),
    "voicemail": gettext_lazy("Voicemail"),
    "unknown": gettext_lazy("Not known"),
}


class Bar(msgspec.Struct, frozen=True):
    """A stretch of one party's time. ``width`` and ``x`` are percent."""

    kind: str
    x: str
    width: str
    y: int
    who: str
    began_at: Instant
    ended_at: Instant | None
    span_s: float | None

    @property
    def word(self) -> str:
        """What went on."""
        return str(WORDS[self.kind])


class Lane(msgspec.Struct, frozen=True):
    """One party."""

    name: str
    number: str
    role: str
    y: int
    bars: list[Bar]


class Tick(msgspec.Struct, frozen=True):
    """A mark on the axis."""

    x: str
    label: str
    anchor: str


class Move(msgspec.Struct, frozen=True):
    """A transfer, at its moment."""

    x: str
    at: Instant
    by: str
    to: str
    kind: str


class Timeline(msgspec.Struct, frozen=True):
    """The whole drawing."""

    height: int
    bottom: int
    lanes: list[Lane]
    ticks: list[Tick]
    moves: list[Move]
    kinds: list[tuple[str, str]]
    open_ended: bool
    hidden: int


class _Stretch(msgspec.Struct, frozen=True):
    kind: str
    start: Instant
    end: Instant | None


def timeline(call: Call, names: Sequence[tuple[str, str]], parties: tuple[str, str]) -> Timeline | None:
    """The timeline of a call; None for one of which nothing but its beginning is known.

    ``names`` are the name and the number to show of each leg, ``parties`` how caller and called are shown: a masked viewer's are
    not the call's own.
    """
    start = call.started_at
    last = max([at for at in _instants(call) if at is not None], default=start)
    end = call.ended_at if call.ended_at is not None and call.ended_at >= last else None
    if end is None and last <= start:
        return None
    whole = (end if end is not None else last + max(SECOND, (last - start) // 8)) - start
    whole = max(whole, SECOND // 10)
    scale = _Scale(start, whole)
    lanes = []
    for index, leg in enumerate(call.legs[:MOST_LANES]):
        name, number = names[index]
        y = HEAD + index * LANE
        said = name or number or _("Unknown")
        stretches = _stretches(call, leg, start + whole)
        bars = [scale.bar(one, y + 18, said) for one in stretches if one.start < start + whole]
        beside = number if name and number.lower() != name.lower() else ""
        lanes.append(Lane(said, beside, _role(leg), y, bars))
    if not any(lane.bars for lane in lanes):
        lanes = _of_the_whole(call, scale, parties, start + whole)
    bottom = HEAD + len(lanes) * LANE
    seen = dict.fromkeys(bar.kind for lane in lanes for bar in lane.bars)
    return Timeline(
        height=bottom + FOOT,
        bottom=bottom,
        lanes=lanes,
        ticks=scale.ticks(),
        moves=_moves(call, scale, names),
        kinds=[(kind, str(WORDS[kind])) for kind in WORDS if kind in seen],
        open_ended=end is None,
        hidden=max(0, len(call.legs) - MOST_LANES),
    )


def _of_the_whole(call: Call, scale: _Scale, parties: tuple[str, str], edge: Instant) -> list[Lane]:
    """The caller's lane and, of an answered call, that of who was called, from the times of the call as a whole."""
    caller, called = (one or _("Unknown") for one in parties)
    stretches = _callers(call, call.started_at, call.ended_at, edge)
    if call.queue and stretches and stretches[0].kind == "ring":
        stretches[0] = msgspec.structs.replace(stretches[0], kind="queue")
    lanes = [(caller, _("called"), stretches)]
    if call.answered_at is not None:
        lanes.append((called, _("talked"), _talk(call, call.answered_at, call.ended_at, edge)))
    return [
        Lane(who, "", role, HEAD + at * LANE, [scale.bar(one, HEAD + at * LANE + 18, who) for one in some])
        for at, (who, role, some) in enumerate(lanes)
    ]


class _Scale:
    """Places on the axis."""

    def __init__(self, start: Instant, whole: int) -> None:
        self._start = start
        self._whole = whole

    def place(self, at: Instant) -> float:
        return max(0.0, min(100.0, (at - self._start) / self._whole * 100))

    def bar(self, one: _Stretch, y: int, who: str) -> Bar:
        left = self.place(one.start)
        right = 100.0 if one.end is None else self.place(one.end)
        width = max(LEAST, right - left)
        left = min(left, 100 - width)
        span = None if one.end is None else (one.end - one.start) / SECOND
        return Bar(one.kind, _percent(left), _percent(width), y, who, one.start, one.end, span)

    def ticks(self) -> list[Tick]:
        whole_s = self._whole / SECOND
        step = next((one for one in TICKS if whole_s / one <= 6), 86_400 * 7)
        found = []
        for index in range(int(whole_s // step) + 1):
            x = index * step / whole_s * 100
            if x > 99.5 and index:
                break
            anchor = "start" if index == 0 else "end" if x > 94 else "middle"
            found.append(Tick(_percent(x), _clock(index * step), anchor))
        return found


def _stretches(call: Call, leg: Leg, edge: Instant) -> list[_Stretch]:
    """What went on in one party's time, in order."""
    begin = leg.started_at if leg.started_at is not None else leg.rang_at
    if begin is None:
        begin = leg.answered_at
    if begin is None:
        return []
    end = leg.ended_at
    if leg.role == "caller":
        return _callers(call, begin, end, edge)
    kind = _SYSTEM.get(leg.kind)
    if kind is not None:
        return [_Stretch(kind, begin, end)] if end is not None else [_Stretch("unknown", begin, None)]
    rang = leg.rang_at if leg.rang_at is not None else begin
    if leg.answered_at is None:
        return [_Stretch("ring" if end is not None else "unknown", rang, end)]
    found = [_Stretch("ring", rang, leg.answered_at)] if rang < leg.answered_at else []
    if end is None and leg.talk_s is not None:
        end = leg.answered_at + round(leg.talk_s * SECOND)
    return [*found, *_talk(call, leg.answered_at, end, edge)]


def _callers(call: Call, begin: Instant, end: Instant | None, edge: Instant) -> list[_Stretch]:
    """The caller's time: menus, queues and ringing until the answer, then the talk."""
    end = end if end is not None else call.ended_at
    until = call.answered_at if call.answered_at is not None else end
    if until is None:
        return [_Stretch("unknown", begin, None)]
    found: list[_Stretch] = []
    kind, since = "ring", begin
    for step in _timed(call.steps):
        after = _CALLERS.get(step.kind)
        if after is None or step.at is None or not since <= step.at <= until:
            continue
        if step.at > since:
            found.append(_Stretch(kind, since, step.at))
        kind, since = after, step.at
    if until > since:
        found.append(_Stretch(kind, since, until))
    if call.answered_at is not None:
        found += _talk(call, call.answered_at, end, edge)
    return found


def _talk(call: Call, begin: Instant, end: Instant | None, edge: Instant) -> list[_Stretch]:
    """A talk, cut where it was on hold."""
    found: list[_Stretch] = []
    since, held = begin, False
    last = end if end is not None else edge
    for step in _timed(call.steps):
        if step.at is None or not since <= step.at <= last:
            continue
        if step.kind is StepKind.HELD and not held:
            found += [_Stretch("talk", since, step.at)] if step.at > since else []
            since, held = step.at, True
        elif step.kind is StepKind.RESUMED and held:
            found.append(_Stretch("hold", since, step.at))
            since, held = step.at, False
    if end is None:
        return [*found, _Stretch("unknown", since, None)]
    return [*found, _Stretch("hold" if held else "talk", since, end)] if end > since else found


_SYSTEM = {
    EndpointKind.QUEUE: "queue",
    EndpointKind.IVR: "ivr",
    EndpointKind.ANNOUNCEMENT: "ivr",
    EndpointKind.VOICEMAIL: "voicemail",
    EndpointKind.PARK: "hold",
}
_CALLERS = {
    StepKind.QUEUED: "queue",
    StepKind.LEFT_QUEUE: "ring",
    StepKind.MENU: "ivr",
    StepKind.ANNOUNCEMENT: "ivr",
    StepKind.VOICEMAIL: "voicemail",
    StepKind.PARKED: "hold",
}


def _role(leg: Leg) -> str:
    match leg.role:
        case "caller":
            return _("called")
        case "agent" | "target":
            return _("talked") if leg.answered_at is not None else _("was rung")
        case "called":
            return _("was called")
    return ""


def _moves(call: Call, scale: _Scale, names: Sequence[tuple[str, str]]) -> list[Move]:
    known = {leg.number: name or number for leg, (name, number) in zip(call.legs, names, strict=True)}
    return [
        Move(_percent(scale.place(one.at)), one.at, known.get(one.by, ""), known.get(one.to, ""), one.kind)
        for one in call.transfers
        if one.at is not None
    ]


def _timed(steps: Sequence[Step]) -> list[Step]:
    return sorted((step for step in steps if step.at is not None), key=lambda step: step.at or 0)


def _instants(call: Call) -> list[Instant | None]:
    found: list[Any] = [call.started_at, call.answered_at, call.ended_at]
    for leg in call.legs:
        found += [leg.started_at, leg.rang_at, leg.answered_at, leg.ended_at]
        if leg.answered_at is not None and leg.talk_s is not None and leg.ended_at is None:
            found.append(leg.answered_at + round(leg.talk_s * SECOND))
    return [*found, *(step.at for step in call.steps)]


def _percent(value: float) -> str:
    return f"{value:.3f}%"


def _clock(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    minutes, whole = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{whole:02}" if hours else f"{minutes}:{whole:02}"
