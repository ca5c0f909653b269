"""Values of the query language: spans, moments, hours, weekdays and telephone numbers, from text to something exact."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import phonenumbers

from ringbook.model.instant import EARLIEST, LATEST, SECOND, Instant, from_datetime, to_datetime
from ringbook.search.errors import BadValueError, nearest


class Between(msgspec.Struct, frozen=True):
    """From ``low`` on (or above it, if ``open_low``) to ``high`` (or below it); None is no limit."""

    low: int | None = None
    high: int | None = None
    open_low: bool = False
    open_high: bool = False


class Span(msgspec.Struct, frozen=True):
    """Instants from ``since`` on and before ``until``."""

    since: Instant
    until: Instant


# --- how long -----------------------------------------------------------------------------------------------------------

_UNITS_MS = {"ms": 1, "": 1000, "s": 1000, "m": 60_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}
_LONGEST_MS = 100 * 366 * _UNITS_MS["d"]
_LENGTH = re.compile(
    r"(?:\d{1,9}(?:\.\d{1,3})?(?:ms|s|min|m|h|d))*(?:\d{1,9}(?:\.\d{1,3})?(?:ms|s|min|m|h|d)?)", re.IGNORECASE
)
_PIECE = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)(ms|s|min|m|h|d)?", re.IGNORECASE)
_LENGTH_HINT = "Write seconds or units, as in 90, 90s, 5m, 1h30m, 10..60 or >5m."


def length_ms(text: str) -> int:
    """Milliseconds of a length as people write it: ``90``, ``90s``, ``5m``, ``1h30m``, ``1.5h``."""
    if not _LENGTH.fullmatch(text):
        raise BadValueError(f'"{text}" is not a length of time.', _LENGTH_HINT)
    pieces = _PIECE.findall(text.lower())
    total = sum(round(float(amount) * _UNITS_MS[unit]) for amount, unit in pieces)
    if total > _LONGEST_MS:
        raise BadValueError(f'"{text}" is longer than any call.', _LENGTH_HINT)
    return total


def lengths(text: str, op: str) -> Between:
    """The lengths meant by a value: a comparison, a range, or one length (to the second: 60 is 60.000 to 60.999)."""
    if ".." in text:
        if op:
            raise BadValueError(f'"{op}" and a range cannot stand together.', _LENGTH_HINT)
        low, _, high = text.partition("..")
        if not low and not high:
            raise BadValueError("A range has a beginning, an end, or both.", _LENGTH_HINT)
        found = Between(length_ms(low) if low else None, length_ms(high) if high else None)
        if found.low is not None and found.high is not None and found.low > found.high:
            raise BadValueError(f'The range "{text}" ends before it begins.', f"Did you mean {high}..{low}?")
        return found
    value = length_ms(text)
    match op:
        case ">":
            return Between(low=value, open_low=True)
        case ">=":
            return Between(low=value)
        case "<":
            return Between(high=value, open_high=True)
        case "<=":
            return Between(high=value)
        case _:
            return Between(value, value + 1000, open_high=True)


# --- when ---------------------------------------------------------------------------------------------------------------

_WALL = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2})"
    r"(?:[T ](?P<hour>\d{1,2})(?::(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.(?P<part>\d{1,6}))?)?)?)?)?)?"
    r"(?P<zone>Z|[+-]\d{2}:\d{2})?",
    re.IGNORECASE,
)
_WHEN_HINT = (
    "Write a day, month, year or time: 2026-11-21, 2026-11, 2026, 2026-11-21T14:00, today, yesterday."
)
_NAMED_DAYS = ("today", "yesterday")


def moment(text: str, zone: ZoneInfo, now: Instant) -> Span:
    """The instants of a day, month, year, hour, minute or second in the viewer's zone, or in the zone written with it."""
    lowered = text.lower()
    if lowered in _NAMED_DAYS:
        midnight = _wall(now, zone).replace(hour=0, minute=0, second=0, microsecond=0)
        first = midnight - timedelta(days=_NAMED_DAYS.index(lowered))
        return Span(placed(first, zone), placed(first + timedelta(days=1), zone))
    if lowered == "now":
        return Span(now, now)
    found = _WALL.fullmatch(text)
    if not found:
        hint = nearest(text, _NAMED_DAYS, _WHEN_HINT) if text.isalpha() else _WHEN_HINT
        if re.fullmatch(r"-?\d+[a-z]+", lowered):
            hint = f"To count back from now, write last:{lowered.lstrip('-')}"
        raise BadValueError(f'"{text}" is not a time we understand.', hint)
    try:
        first, after = _wall_span(found)
    except (ValueError, OverflowError):
        raise BadValueError(f'"{text}" is not in the calendar.', _WHEN_HINT) from None
    if found["zone"]:
        return Span(from_datetime(first), from_datetime(after))
    return Span(placed(first, zone), placed(after, zone))


def moments(text: str, zone: ZoneInfo, now: Instant) -> Span:
    """The instants of one moment, or from the first through the last of a range ``2026-11-01..2026-11-07``."""
    first, dots, last = text.partition("..")
    if not dots:
        return moment(text, zone, now)
    begins, ends = moment(first, zone, now), moment(last, zone, now)
    if begins.since > ends.since:
        raise BadValueError(f'The range "{text}" ends before it begins.', f"Did you mean {last}..{first}?")
    return Span(begins.since, ends.until)


_BACK = re.compile(r"(\d{1,6})(m|min|h|d|w|y)", re.IGNORECASE)
_BACK_S = {"m": 60, "min": 60, "h": 3600}
_BACK_HINT = "Write a number and m, h, d, w or y, as in last:30m, last:12h, last:7d, last:2w, last:1y."


def back(text: str, zone: ZoneInfo, now: Instant) -> Instant:
    """The instant so long before now: minutes and hours by the clock, days, weeks and years by the viewer's calendar."""
    found = _BACK.fullmatch(text)
    if not found:
        raise BadValueError(f'"{text}" is not a length of time to look back.', _BACK_HINT)
    amount, unit = int(found[1]), found[2].lower()
    if unit in _BACK_S:
        return max(EARLIEST, now - amount * _BACK_S[unit] * SECOND)
    days = amount * {"d": 1, "w": 7, "y": 365}[unit]
    if days > (now - EARLIEST) // (86_400 * SECOND):
        return EARLIEST
    wall = _wall(now, zone)
    if unit != "y":
        return placed(wall - timedelta(days=days), zone)
    try:
        return placed(wall.replace(year=wall.year - amount), zone)
    except ValueError:  # the 29th of February
        return placed(wall.replace(year=wall.year - amount, day=28), zone)


def placed(wall: datetime, zone: ZoneInfo) -> Instant:
    """The first instant at which clocks in the zone show this time, or the jump's when they jump over it."""
    early = wall.replace(tzinfo=zone, fold=0)
    late = wall.replace(tzinfo=zone, fold=1)
    first, second = from_datetime(early), from_datetime(late)
    if first <= second:
        return first
    # Clocks jump over this wall time. The jump lies between the two readings; before it the old offset holds.
    old = early.utcoffset()
    while first - second > 1:
        middle = (first + second) // 2
        if to_datetime(middle).astimezone(zone).utcoffset() == old:
            second = middle
        else:
            first = middle
    return first


def _wall(now: Instant, zone: ZoneInfo) -> datetime:
    return to_datetime(now).astimezone(zone).replace(tzinfo=None)


def _wall_span(found: re.Match[str]) -> tuple[datetime, datetime]:
    """The wall times at which a written time begins and the next one of its kind does."""
    year, month, day, hour, minute, second = (
        int(found[name]) if found[name] else None
        for name in ("year", "month", "day", "hour", "minute", "second")
    )
    if year is None or not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise ValueError("outside the years of the telephone")
    first = datetime(year, month or 1, day or 1, hour or 0, minute or 0, second or 0)  # noqa: DTZ001 - a wall time
    if found["zone"]:
        first = datetime.fromisoformat(first.isoformat() + found["zone"].upper().replace("Z", "+00:00"))
    if month is None:
        return first, first.replace(year=year + 1)
    if day is None:
        return first, first.replace(year=year + month // 12, month=month % 12 + 1)
    if found["part"]:
        first = first.replace(microsecond=int(found["part"].ljust(6, "0")))
        return first, first + timedelta(microseconds=10 ** (6 - len(found["part"])))
    given = [hour, minute, second]
    step = (timedelta(days=1), timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1))
    return first, first + step[sum(part is not None for part in given)]


_FIRST_YEAR = to_datetime(EARLIEST).year
_LAST_YEAR = to_datetime(LATEST).year

# --- which hours, which days ----------------------------------------------------------------------------------------------

_CLOCK = re.compile(r"(\d{1,2})(?::(\d{2}))?")
_HOURS_HINT = "Write hours of the day, as in 9, 9-17, 22-6 or 9:30-17:15; 9-17 is from 9:00 until 17:00."
_DAY_MIN = 24 * 60

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FULL_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def hours(text: str) -> tuple[tuple[int, int], ...]:
    """Minutes of the day, each pair from the first on and before the second; ``22-6`` goes over midnight."""
    first, dash, last = text.replace("..", "-").partition("-")
    start = _minute(first, text)
    if not dash:
        return ((start, start + (1 if ":" in first else 60)),)
    stop = _minute(last, text)
    if start == stop:
        raise BadValueError(f'"{text}" ends when it begins.', _HOURS_HINT)
    if start < stop:
        return ((start, stop),)
    return ((start, _DAY_MIN), (0, stop)) if stop else ((start, _DAY_MIN),)


def _minute(text: str, whole: str) -> int:
    found = _CLOCK.fullmatch(text)
    minute = int(found[1]) * 60 + int(found[2] or 0) if found else _DAY_MIN + 1
    if minute > _DAY_MIN or (found and int(found[2] or 0) >= 60) or (minute == _DAY_MIN and text == whole):
        raise BadValueError(f'"{whole}" is not an hour of the day, or hours.', _HOURS_HINT)
    return minute


def weekdays(text: str) -> tuple[int, ...]:
    """Days of the week, Monday 1 to Sunday 7; ``fri-mon`` goes over the week's end."""
    first, dash, last = text.lower().replace("..", "-").partition("-")
    start = _weekday(first)
    stop = _weekday(last) if dash else start
    if start <= stop:
        return tuple(range(start, stop + 1))
    return (*range(1, stop + 1), *range(start, 8))


def _weekday(name: str) -> int:
    for names in (WEEKDAYS, _FULL_DAYS):
        if name in names:
            return names.index(name) + 1
    raise BadValueError(
        f'"{name}" is not a day of the week.', nearest(name, (*WEEKDAYS, *_FULL_DAYS), _DAYS_HINT)
    )


_DAYS_HINT = f"Known: {', '.join(WEEKDAYS)}, and ranges such as mon-fri."

# --- whose number ---------------------------------------------------------------------------------------------------------

TAIL = 7
"""Digits of a number's end that the ledger keeps for itself."""

_SHORTEST_END = 4
_LONGEST = 32
_SPELLING = re.compile(r"\+?[0-9*?()\[\]./\- ]+")
_LONG_DISTANCE = 11
_NUMBER_HINT = (
    "Write digits in any spelling, at least the last four, or * and ? for what you do not know: "
    '+1 (512) 555-0101, 5550101, 512555*. To look for a name, write name:"…".'
)


class Digits(msgspec.Struct, frozen=True):
    """A number asked for, as digits to compare with the digits of numbers on calls.

    A number is meant if its digits are ``whole`` exactly, end in ``end``, are one of ``home`` while it is not in E.164 (the
    same number as written inside its country), or fit ``pattern`` (``*`` any digits, ``?`` one), or without their country
    code ``home_pattern``; or if it is written ``exactly`` so (``*97``). Empty: not used.
    """

    exactly: str = ""
    whole: str = ""
    end: str = ""
    home: tuple[str, ...] = ()
    pattern: str = ""
    home_pattern: str = ""


def is_number(text: str) -> bool:
    """Whether text is a telephone number in some spelling, and not a name."""
    return (
        len(text) <= _LONGEST
        and bool(_SPELLING.fullmatch(text))
        and any(char.isdigit() or char in "*?" for char in text)
    )


def digits(text: str, *, literal: bool = False) -> Digits:
    """The number meant by text in any spelling; ``literal`` takes ``*`` for the key of that name."""
    if not is_number(text):
        raise BadValueError(f'"{text}" is not a telephone number.', _NUMBER_HINT)
    if not literal and ("*" in text or "?" in text):
        pattern = re.sub(r"[^0-9*?]", "", text)
        pattern = re.sub(r"\*+", "*", pattern)
        if "+" in text:
            return Digits(pattern=pattern)
        if pattern.startswith("00"):
            return Digits(pattern=pattern[2:])
        inside = "" if pattern.startswith("*") else pattern.removeprefix("0")
        return Digits(pattern=pattern, home_pattern=inside)
    if "*" in text or "?" in text:
        return Digits(exactly=text.strip())
    plain = re.sub(r"\D", "", text)
    if not plain:
        raise BadValueError(f'"{text}" is not a telephone number.', _NUMBER_HINT)
    abroad = "+" in text or (plain.startswith("00") and len(plain) > TAIL)
    core = plain if "+" in text else plain[2:] if abroad else plain
    if len(core) < _SHORTEST_END:
        return Digits(whole=plain)
    if not abroad and len(core) > TAIL:
        core = core.lstrip("0") or plain  # the prefix of a national number, which E.164 leaves out
    return Digits(end=core, home=_home(core, abroad=abroad))


def _home(core: str, *, abroad: bool) -> tuple[str, ...]:
    """How a number in international spelling may stand in records that lack the country code."""
    if not abroad and not (core.startswith("1") and len(core) == _LONG_DISTANCE):
        return ()
    try:
        number = phonenumbers.parse("+" + core)
    except phonenumbers.NumberParseException:
        return ()
    if not phonenumbers.is_possible_number(number):
        return ()
    national = phonenumbers.national_significant_number(number)
    if len(national) < TAIL:
        return ()
    return (national, "0" + national)
