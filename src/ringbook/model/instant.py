"""Instants and spans: whole microseconds since 1970-01-01T00:00:00Z, so that folding a call needs no objects.

Every instant in memory and in the store is UTC. Text is made only at the edge, by :func:`iso`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypeAlias, overload

Instant: TypeAlias = int
"""Microseconds since 1970-01-01T00:00:00Z."""

SECOND = 1_000_000
DAY = 86_400 * SECOND

#: Records claiming a time outside these years are rejected: phone clocks that lost their battery say 1970, 2036 or 2099.
EARLIEST = int(datetime(1985, 1, 1, tzinfo=UTC).timestamp()) * SECOND
LATEST = int(datetime(2090, 1, 1, tzinfo=UTC).timestamp()) * SECOND


def plausible(instant: Instant) -> bool:
    """Whether a telephone call can have happened at that instant (1985 to 2090)."""
    return EARLIEST <= instant < LATEST


def from_datetime(moment: datetime) -> Instant:
    """The instant of an aware datetime; a naive one is read as if it stood in UTC (a wall clock still to be placed)."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    delta = moment - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * SECOND + delta.microseconds


def to_datetime(instant: Instant) -> datetime:
    """The aware UTC datetime of an instant."""
    return datetime.fromtimestamp(instant // SECOND, UTC).replace(microsecond=instant % SECOND)


def iso(instant: Instant | None) -> str | None:
    """RFC 3339 text in UTC, with as many decimals as are needed: ``2026-11-21T17:44:10.377Z``; None stays None."""
    if instant is None:
        return None
    text = to_datetime(instant).isoformat(timespec="microseconds")[:-6]
    whole, _, part = text.partition(".")
    part = part.rstrip("0")
    if part:
        part = "." + part.ljust(3, "0")
    return f"{whole}{part}Z"


@overload
def seconds(span: int) -> float: ...


@overload
def seconds(span: None) -> None: ...


def seconds(span: int | None) -> float | None:
    """A span of microseconds in seconds, rounded to the millisecond; None stays None."""
    if span is None:
        return None
    return round(span / SECOND, 3) if span % SECOND else float(span // SECOND)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
