"""Stretches of days by name, and those that they are compared with: all of them by the calendar of the viewer's zone."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import msgspec

from ringbook.analyse.dimensions import bucket
from ringbook.analyse.errors import FigureError
from ringbook.model.instant import Instant, from_datetime, to_datetime
from ringbook.search.errors import nearest
from ringbook.search.plan import viewer_zone

_DAY = timedelta(days=1)
_WEEKDAYS_MATCH = timedelta(days=364)


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """Days from the first to the last one; ``until`` is the wall time at which they are cut off, if they are not over."""

    name: str
    first: date
    last: date
    zone: str
    until: datetime | None = None

    @property
    def question(self) -> str:
        """The question that finds the calls of the period."""
        days = f"on:{self.first}" + (f"..{self.last}" if self.last != self.first else "")
        return days if self.until is None else f"{days} before:{self.until:%Y-%m-%dT%H:%M:%S}"

    @property
    def label(self) -> str:
        """The days as they are shown."""
        return f"{self.first}" + (f" – {self.last}" if self.last != self.first else "")

    @property
    def span(self) -> tuple[Instant, Instant]:
        """The first instant and the first one no longer."""
        zone = viewer_zone(self.zone)
        stop = self.until or datetime.combine(self.last + _DAY, time())
        start = datetime.combine(self.first, time(), zone)
        return from_datetime(start), from_datetime(stop.replace(tzinfo=zone))

    def earlier(self, by: timedelta, name: str) -> Period:
        """The same so many days before, cut off at the same time."""
        until = None if self.until is None else self.until - by
        return Period(name=name, first=self.first - by, last=self.last - by, zone=self.zone, until=until)


def period(text: str, *, zone: str, now: Instant) -> Period:
    """The period of a name such as ``last-30-days``, of a day or of ``first..last``. Raises FigureError."""
    wall = to_datetime(now).astimezone(viewer_zone(zone)).replace(tzinfo=None)
    first, last = _days(text.strip().lower(), wall.date())
    # Ended today or later: so that it can be compared with as much of another one.
    until = wall.replace(microsecond=0) if first <= wall.date() <= last else None
    return Period(name=text, first=first, last=last, zone=zone, until=until)


def against(this: Period, other: str, now: Instant) -> Period:
    """What a period is compared with: the one ``before``, the ``year-before`` (on the same weekdays), or any other."""
    if other == BEFORE:
        return _before(this)
    if other == YEAR_BEFORE:
        return this.earlier(_WEEKDAYS_MATCH, other)
    return period(other, zone=this.zone, now=now)


BEFORE, YEAR_BEFORE = "before", "year-before"


def _before(this: Period) -> Period:
    """As many days just before. Of months, quarters and years it is the one before, though they are not equally long."""
    grain = this.name.removeprefix("this-").removeprefix("last-")
    if grain in ("month", "quarter", "year"):
        first = bucket(this.first - _DAY, grain)
        if this.until is None:
            return Period(name=BEFORE, first=first, last=this.first - _DAY, zone=this.zone)
        moved = this.until - (datetime.combine(this.first, time()) - datetime.combine(first, time()))
        cut = min(moved, datetime.combine(this.first, time()))
        return Period(name=BEFORE, first=first, last=this.first - _DAY, zone=this.zone, until=cut)
    days = this.last - this.first + _DAY
    # A running day or week is compared with the same weekdays.
    return this.earlier(timedelta(days=7) if this.name in ("today", "yesterday") else days, BEFORE)


def _days(text: str, today: date) -> tuple[date, date]:
    if text in _NAMED:
        return _NAMED[text](today)
    found = _LAST.fullmatch(text)
    if found:
        count = int(found["count"]) * (7 if found["unit"] == "weeks" else 1)
        if 1 <= count <= _LONGEST_DAYS:
            return today - timedelta(days=count - 1), today
    first, _, last = text.partition("..")
    try:
        begins, ends = date.fromisoformat(first), date.fromisoformat(last or first)
    except ValueError:
        hint = nearest(text, PERIODS, "Write one such as last-30-days, or 2026-11-01..2026-11-30.")
        raise FigureError(f'There is no period "{text}". {hint}') from None
    if ends < begins:
        raise FigureError(f"The period {text} ends before it begins.")
    return begins, ends


_LAST = re.compile(r"last-(?P<count>\d{1,4})-(?P<unit>days|weeks)")
_LONGEST_DAYS = 3_660


def _this(grain: str) -> Callable[[date], tuple[date, date]]:
    def days(today: date) -> tuple[date, date]:
        first = bucket(today, grain)
        return first, bucket(first + timedelta(days=_LONGEST[grain]), grain) - _DAY

    return days


def _last(grain: str) -> Callable[[date], tuple[date, date]]:
    def days(today: date) -> tuple[date, date]:
        end = bucket(today, grain) - _DAY
        return bucket(end, grain), end

    return days


_LONGEST = {"week": 7, "month": 31, "quarter": 92, "year": 366}

_NAMED: dict[str, Callable[[date], tuple[date, date]]] = {
    "today": lambda today: (today, today),
    "yesterday": lambda today: (today - _DAY, today - _DAY),
    **{f"this-{grain}": _this(grain) for grain in _LONGEST},
    **{f"last-{grain}": _last(grain) for grain in _LONGEST},
}

PERIODS = (
    *_NAMED,
    *(f"last-{count}-days" for count in (7, 14, 28, 30, 90, 365)),
    "last-12-weeks",
)
"""The periods that are offered; any other number of days or weeks is one too."""
