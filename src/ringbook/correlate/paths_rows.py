"""CDR rows made ready for telling a call: times put right, forks passed over, and who came in."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from ringbook.model.call import Direction
from ringbook.model.dialplan import ARTEFACTS, AppKind, app_kind, targets
from ringbook.model.instant import SECOND, Instant
from ringbook.model.members import (
    APP_CALLED,
    APP_DIAL,
    DIRECTION_INBOUND,
    DIRECTION_INTERNAL,
    DIRECTION_OUTBOUND,
    DIRECTION_UNKNOWN,
    END_OUTSIDE,
    END_PERSON,
    END_PLUMBING,
    RESULT_ANSWERED,
)
from ringbook.model.party import Endpoint
from ringbook.model.statement import Path


class Row(msgspec.Struct, frozen=True):
    """A CDR row with its times put right: ``answered`` is when channel A was up on it, None if never.

    ``a`` and ``b`` are the path's two ends, ``b`` without a channel being what the application is; ``up`` says that both were
    connected.
    """

    path: Path
    start: Instant
    end: Instant
    answered: Instant | None
    app: AppKind
    a: Endpoint
    b: Endpoint
    up: bool

    def has(self, channel: str) -> bool:
        """Whether the channel is one of its ends."""
        return self.a.channel == channel or self.b.channel == channel


class Cast(msgspec.Struct, frozen=True):
    """Who is in the call: the row by which it came in, who called, on which channels the party served is."""

    entry: Row
    caller: Endpoint
    direction: Direction
    customers: tuple[str, ...]


def rows_of(paths: Sequence[Path]) -> list[Row]:
    """The rows by start. A ForkCDR tells the same stretch a second time; it is passed over."""
    if len(paths) == 1:
        return [timed(paths[0])]
    rows: list[Row] = []
    seen: set[tuple[object, ...]] = set()
    for path in paths:
        row = timed(path)
        if path.b.channel:
            mark = (path.a.channel, path.b.channel, row.start, row.end, path.result)
            if mark in seen:
                continue
            seen.add(mark)
        rows.append(row)
    return rows


def timed(path: Path) -> Row:
    """The row with the end that its duration gives, where the clock was changed or no end is told."""
    start = path.at or 0
    end, answered, duration = path.ended_at, path.answered_at, path.duration_s
    connected = path.result is RESULT_ANSWERED
    if duration is not None:
        lasted = start + round(duration * SECOND)
        if end is None or abs(end - lasted) >= _DOUBT:
            end = lasted
    elif end is None:
        end = start
    billed = path.billed_s
    if billed is not None:
        since = end - round(billed * SECOND)
        if answered is None:
            answered = since if connected or billed > 0 else None
        elif abs(answered - since) >= _DOUBT:
            answered = since
    if end < start:
        end = start
    if answered is not None and answered < start:
        answered = start
    end_b = path.b
    return Row(
        path, start, end, answered, app_kind(path.app), path.a, end_b, connected and bool(end_b.channel)
    )


def cast_of(rows: Sequence[Row]) -> Cast:
    """Who called whom, by the channel that came in first."""
    entry = rows[0] if len(rows) == 1 else min(rows, key=_entry_rank)
    caller = entry.a
    if caller.kind is END_PLUMBING:
        caller = _behind(rows, caller) or caller
    direction = _direction(rows, entry, caller)
    customers: tuple[str, ...] = (caller.channel,) if caller.channel else ()
    if direction is DIRECTION_OUTBOUND:
        customers = tuple(dict.fromkeys([end.channel for end in _reached(rows, entry.a, caller)]))
    return Cast(entry, caller, direction, customers)


def partner(rows: Sequence[Row], half: Endpoint) -> list[tuple[Row, Endpoint]]:
    """The rows on which the other half of a Local channel stands, each with what is at its other end."""
    other = _other_half(half.channel)
    found = []
    for row in rows:
        if row.a.channel == other and row.b.channel:
            found.append((row, row.b))
        elif row.b.channel == other:
            found.append((row, row.a))
    return found


def ends_behind(rows: Sequence[Row], end: Endpoint, depth: int = 4) -> list[Endpoint]:
    """The phones and lines that an end leads to, through however many Local channels."""
    if end.kind is not END_PLUMBING:
        return [end]
    if depth == 0:
        return []
    return [far for _, other in partner(rows, end) for far in ends_behind(rows, other, depth - 1)]


def is_number(text: str) -> bool:
    """Whether a dialplan extension is digits somebody can have dialled."""
    return text.isdecimal() or (text not in ARTEFACTS and _DIALLED(text) is not None)


def is_full_number(text: str) -> bool:
    """Whether it is a whole telephone number rather than an extension."""
    if text.isdecimal():
        return len(text) >= _FULL
    return is_number(text) and sum(char.isdigit() for char in text) >= _FULL


def asks_for(row: Row, number: str) -> bool:
    """Whether the row dials what the digits name: the device of that name, or a number that ends alike."""
    want = "".join(char for char in number if char.isdigit())
    for device, dialled in targets(row.path.app_data).items():
        have = "".join(char for char in dialled or device.rpartition("/")[2] if char.isdigit())
        if have and want and (have.endswith(want) or want.endswith(have)):
            return True
    return False


def extension_of(end: Endpoint) -> str:
    """How a person of ours is called: the extension, or the name of the device."""
    return end.extension or end.device.partition("/")[2] or end.number.raw


def _entry_rank(row: Row) -> tuple[bool, bool, bool, Instant, int]:
    path = row.path
    dialled = row.app is APP_CALLED
    stranger = bool(path.linkedid) and path.uniqueid != path.linkedid
    return (dialled, path.a.kind is END_PLUMBING, stranger, row.start, path.order)


def _behind(rows: Sequence[Row], half: Endpoint) -> Endpoint | None:
    ends = ends_behind(rows, half)
    return next((end for end in ends if end.kind is END_PERSON), ends[0] if ends else None)


def _reached(rows: Sequence[Row], first: Endpoint, caller: Endpoint) -> list[Endpoint]:
    """The outside ends that the caller's own rows lead to."""
    mine = {first.channel, caller.channel}
    return [
        end
        for row in rows
        if row.a.channel in mine and row.b.channel
        for end in ends_behind(rows, row.b)
        if end.kind is END_OUTSIDE
    ]


def _direction(rows: Sequence[Row], entry: Row, caller: Endpoint) -> Direction:
    if caller.kind is END_OUTSIDE:
        return DIRECTION_INBOUND
    if caller.kind is not END_PERSON:
        return DIRECTION_UNKNOWN
    if entry.app is APP_CALLED and not entry.b.channel:
        return DIRECTION_OUTBOUND if is_full_number(entry.path.src) else DIRECTION_INTERNAL
    rung = [
        end
        for row in rows
        if row.a.channel in (entry.a.channel, caller.channel) and row.b.channel
        for end in ends_behind(rows, row.b)
    ]
    if rung and rung[0].kind is END_OUTSIDE:
        return DIRECTION_OUTBOUND
    if rung:
        return DIRECTION_INTERNAL
    asked = any(targets(row.path.app_data).values() for row in rows if row.app is APP_DIAL)
    return DIRECTION_OUTBOUND if asked or is_full_number(entry.path.dst) else DIRECTION_INTERNAL


def _other_half(channel: str) -> str:
    return channel[:-1] + ("2" if channel.endswith("1") else "1")


_DOUBT = 2 * SECOND
"""From here on a row's printed times and its durations contradict each other; the durations are right (clock changes)."""

_FULL = 7
_DIALLED = re.compile(r"(?=.*[0-9])[0-9+*#]+", re.ASCII).fullmatch
