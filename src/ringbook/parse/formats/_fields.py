"""How segment-writing systems spell text, times and spans; each reader gives None where the text is none of its kind."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime, timedelta, timezone

from ringbook.model.instant import DAY, Instant, from_datetime, plausible
from ringbook.parse.format import Reasons, Rejected

LONGEST_LINE = 65_536
"""Bytes beyond which a line of a segment record is no record."""

_STAMP = re.compile(
    r"(\d{4})[/.\-](\d{1,2})[/.\-](\d{1,2})[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?"
    r" ?([AaPp][Mm])? ?(Z|UTC|[+-]\d{2}(?::?\d{2})?)?"
)
_SPAN = re.compile(r"(?:(\d{1,3})\.)?(\d{1,4}):(\d{2}):(\d{2}(?:[.,]\d+)?)")


class FieldError(ValueError):
    """A field that cannot be read; ``rejected`` says why."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.rejected = Rejected(reason, detail[:200])


def text(data: bytes) -> str:
    """The line as text without its ending and leading NULs, UTF-8 or else Latin-1; raises :class:`FieldError`."""
    line = data.lstrip(b"\0").rstrip(b"\r\n\0")
    if len(line) > LONGEST_LINE:
        raise FieldError(Reasons.OVERSIZE, f"a line of {len(line)} bytes")
    try:
        words = line.decode("utf-8-sig")
    except UnicodeDecodeError:
        words = line.decode("latin-1")
    if _CONTROL.search(words):
        raise FieldError(Reasons.ENCODING, "control characters inside the line")
    return words


def stamp(words: str, what: str) -> Instant:
    """A time written year first, with or without seconds, decimals, half-days and offset; raises :class:`FieldError`.

    Without an offset it is read as if its clock were UTC.
    """
    found = _STAMP.fullmatch(words.strip())
    if not found:
        raise FieldError(Reasons.TIME, f"{what}: {words!r}")
    year, month, day, hour, minute = (int(found[index]) for index in range(1, 6))
    half = (found[8] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    micro = int((found[7] or "0").ljust(9, "0")[:6])
    try:
        moment = datetime(year, month, day, hour, minute, int(found[6] or 0), micro, tzinfo=_offset(found[9]))
    except ValueError:
        raise FieldError(Reasons.TIME, f"{what}: {words!r}") from None
    at = from_datetime(moment)
    if not plausible(at):
        raise FieldError(Reasons.IMPLAUSIBLE, f"{what}: {words!r}")
    return at


def span_s(words: str, what: str) -> float:
    """Seconds of ``HH:MM:SS`` (or ``D.HH:MM:SS``, with decimals); raises :class:`FieldError`."""
    words = words.strip()
    if words.startswith("-"):
        raise FieldError(Reasons.NEGATIVE, f"{what}: {words!r}")
    found = _SPAN.fullmatch(words)
    if not found or int(found[3]) > _LAST or float(found[4].replace(",", ".")) >= _LAST + 1:
        raise FieldError(Reasons.NUMBER, f"{what}: {words!r}")
    whole = int(found[1] or 0) * 86_400 + int(found[2]) * 3600 + int(found[3]) * 60
    return round(whole + float(found[4].replace(",", ".")), 6)


def count(words: str, what: str) -> int:
    """A whole number that is not negative; raises :class:`FieldError`."""
    words = words.strip()
    if words.startswith("-") and words[1:].isdecimal():
        raise FieldError(Reasons.NEGATIVE, f"{what}: {words!r}")
    if not (words.isascii() and words.isdecimal() and len(words) <= _DIGITS):
        raise FieldError(Reasons.NUMBER, f"{what}: {words[:60]!r}")
    return int(words)


def cells(line: str, separator: str = ",") -> list[str]:
    """The fields of one CSV line, quoted or not; raises :class:`FieldError` for broken quoting."""
    if '"' not in line:
        return line.split(separator)
    try:
        rows = list(csv.reader([line], delimiter=separator, strict=True))
    except csv.Error as error:
        raise FieldError(Reasons.SYNTAX, str(error)) from None
    if len(rows) != 1:
        raise FieldError(Reasons.SYNTAX, "a quoted field that does not end")
    return rows[0]


def days(*moments: Instant | None) -> list[int]:
    """Numbers of the two-day spans around some instants, for keys made of ids that are used again.

    Two instants less than a day apart always share one, two days apart never.
    """
    known = {at // DAY for at in moments if at is not None}
    return sorted(known | {day + 1 for day in known})


def _offset(words: str | None) -> timezone:
    if not words or words in ("Z", "UTC"):
        return UTC
    hours, minutes = int(words[1:3]), int(words[-2:]) if len(words) > _HOURS_ONLY else 0
    shift = timedelta(hours=hours, minutes=minutes)
    return timezone(-shift if words[0] == "-" else shift)


_LAST = 59
_DIGITS = 18
_HOURS_ONLY = 3
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
