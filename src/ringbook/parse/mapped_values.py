"""Reads the times and spans of mapped files: texts as people and programs write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from ringbook.model.instant import DAY, SECOND, Instant, from_datetime
from ringbook.parse.mapping_model import Unit

LONGEST_S = 366 * 86_400
"""Seconds over which a span is no duration of a call."""

__all__ = ["UTC", "Read", "is_nothing", "on_the_day_of", "placed", "span", "time", "zone"]

_EPOCHS = {"epoch": SECOND, "epoch_ms": 1000, "epoch_us": 1}
_NOTHING = re.compile(r"[0\s:./T-]*(?:Z|\+00:?00)?")
"""A time that means none: ``0``, ``0000-00-00 00:00:00``."""


class Read:
    """A time as it was read: its wall clock as if in UTC, and the instant where the text itself says which."""

    __slots__ = ("clock_only", "instant", "wall")

    def __init__(self, wall: Instant, instant: Instant | None, *, clock_only: bool = False) -> None:
        self.wall = wall
        self.instant = instant
        self.clock_only = clock_only


def is_nothing(text: str) -> bool:
    """Whether a text stands for no time at all."""
    return _NOTHING.fullmatch(text) is not None


def time(text: str, formats: tuple[str, ...]) -> Read | None:
    """The time that a text says in the first format that fits; None if none does."""
    for pattern in formats:
        read = _time(text, pattern)
        if read is not None:
            return read
    return None


def _time(text: str, pattern: str) -> Read | None:
    if len(text) > 60:
        return None
    if pattern in _EPOCHS:
        return _epoch(text, _EPOCHS[pattern])
    try:
        if pattern == "iso":
            moment = datetime.fromisoformat(text) if re.match(r"\d{4}", text) else None
        elif pattern == "rfc2822":
            moment = parsedate_to_datetime(text)
            if text.rstrip().endswith("-0000"):
                moment = moment.replace(tzinfo=UTC)
        else:
            moment = datetime.strptime(text, pattern)  # noqa: DTZ007  # a wall clock, placed later
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if moment is None:
        return None
    wall = from_datetime(moment.replace(tzinfo=UTC))
    if moment.tzinfo is None:
        return Read(wall, None, clock_only=pattern != "iso" and not re.search("%[djaAxc]", pattern))
    return Read(wall, from_datetime(moment))


def _epoch(text: str, unit: int) -> Read | None:
    found = re.fullmatch(r"(\d{1,17})(?:\.(\d{1,9}))?", text)
    if found is None:
        return None
    part = round(float(f"0.{found[2]}") * unit) if found[2] else 0
    at = int(found[1]) * unit + part
    return Read(at, at)


def on_the_day_of(start: Instant, clock: Instant) -> Instant:
    """A time of day on the day of a start, or on the next one if it would lie before it."""
    at = start - start % DAY + clock % DAY
    return at if at >= start else at + DAY


@lru_cache(maxsize=64)
def zone(name: str) -> tzinfo:
    """The zone of a name that the mapping has already checked."""
    offset = re.fullmatch(r"UTC(?:([+-])(\d{1,2}):?(\d\d)?)?", name)
    if offset is None:
        return ZoneInfo(name)
    span = timedelta(hours=int(offset[2] or 0), minutes=int(offset[3] or 0))
    return timezone(-span if offset[1] == "-" else span)


def placed(wall: Instant, where: tzinfo, after: Instant | None = None) -> Instant:
    """The instant of a wall clock in a zone; of two in an hour that comes twice, the first not before ``after``."""
    naive = datetime.fromtimestamp(wall // SECOND, UTC).replace(tzinfo=where)
    first = from_datetime(naive.replace(fold=0)) + wall % SECOND
    if after is None or first >= after:
        return first
    second = from_datetime(naive.replace(fold=1)) + wall % SECOND
    return second if second >= after else first


_NUMBER = re.compile(r"([+-]?)(\d{1,12})(?:[.,](\d{1,9}))?")
_CLOCK = re.compile(r"([+-]?)(?:(\d{1,3})[.d ]+)?(\d{1,4}):(\d{1,2})(?::(\d{1,2}))?(?:[.,](\d{1,9}))?")
_WORDS = re.compile(
    r"(?:(\d{1,4})\s*(?:h|std|hours?|stunden?|horas?|heures?)\.?,?\s*)?"
    r"(?:(\d{1,5})\s*(?:m|min|minutes?|minuten|minutos?|mins)\.?,?\s*)?"
    r"(?:(\d{1,7})\s*(?:s|sec|secs|sek|seg|seconds?|sekunden?|segundos?|secondes?)\.?)?",
    re.IGNORECASE,
)


def span(text: str, unit: Unit) -> float | None:
    """The seconds that a text says: a plain number in ``unit``, ``1:02:03``, ``2:05`` or ``1h 2m 3s``; None if it says none."""
    if len(text) > 40:
        return None
    number = _NUMBER.fullmatch(text)
    if number:
        value = float(f"{number[1]}{number[2]}.{number[3] or 0}")
        factor = {Unit.MILLISECONDS: 0.001, Unit.MINUTES: 60.0}.get(unit, 1.0)
        return _sane(value * factor)
    clock = _CLOCK.fullmatch(text)
    if clock:
        return _sane(_clock(clock, unit))
    words = _WORDS.fullmatch(text)
    if words and any(words.groups()):
        hours, minutes, seconds = (int(part or 0) for part in words.groups())
        return _sane(hours * 3600.0 + minutes * 60 + seconds)
    return None


def _clock(found: re.Match[str], unit: Unit) -> float:
    sign, days, one, two, three, part = found.groups()
    first, second = int(one), int(two)
    if three is None and unit is not Unit.HOURS_MINUTES:
        whole = first * 60 + second
    else:
        whole = first * 3600 + second * 60 + int(three or 0)
    value = int(days or 0) * 86_400 + whole + float(f"0.{part or 0}")
    return -value if sign == "-" else value


def _sane(value: float) -> float | None:
    return round(value, 3) if abs(value) <= LONGEST_S else None
