"""Business hours: whether it is open at an instant, and how many seconds of a span are open, on the organisation's clock.

An instant is open when the wall clock shows a time within the hours of that day. So an hour that the clock shows twice counts
twice, and one that it leaves out does not count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

import msgspec

from ringbook.desk.organisation.models import BusinessHours, Holiday, organisation
from ringbook.model.instant import DAY, SECOND, Instant
from ringbook.model.scope import MAIN_TENANT

Spans: TypeAlias = tuple[tuple[int, int], ...]
"""Times of opening and closing, in minutes since midnight."""

MINUTE = 60 * SECOND
WHOLE_DAY: Spans = ((0, 1_440),)
USUAL_WEEK: tuple[Spans, ...] = (((540, 1_020),),) * 5 + ((), ())
"""What a new organisation is offered: Monday to Friday, nine to five."""


class Hours(msgspec.Struct, frozen=True):
    """The hours of an organisation. Where none were ever given it counts as always open (``told`` is False)."""

    zone: ZoneInfo
    week: tuple[Spans, ...] = (WHOLE_DAY,) * 7
    holidays: Mapping[date, Spans] = {}
    told: bool = False

    def on(self, day: date) -> Spans:
        """The hours of a day."""
        exception = self.holidays.get(day)
        return self.week[day.weekday()] if exception is None else exception

    def open_at(self, instant: Instant) -> bool:
        """Whether it is open at the instant."""
        wall = _wall(instant, _offset(self.zone, instant))
        day, minute = _date(wall), (wall % DAY) / MINUTE
        return any(opens <= minute < closes for opens, closes in self.on(day))

    def business_seconds(self, since: Instant, until: Instant) -> float:
        """How many seconds between two instants are open; zero when the second is not after the first."""
        if not self.told:
            return max(0, until - since) / SECOND
        total = 0
        for start, stop, offset in _stretches(self.zone, since, until):
            total += self._open(_wall(start, offset), _wall(stop, offset))
        return total / SECOND

    def closed_days(self, first: date, count: int, within_days: int = 60) -> list[date]:
        """The next whole days, from ``first`` on, on which nobody is there; none while no hours are set."""
        days = (first + timedelta(days=n) for n in range(within_days if self.told else 0))
        return [day for day in days if not self.on(day)][:count]

    def _open(self, start: int, stop: int) -> int:
        """Open microseconds between two wall times of one offset."""
        total = 0
        for day in range(start // DAY, (stop - 1) // DAY + 1):
            for opens, closes in self.on(_date(day * DAY)):
                begins, ends = day * DAY + opens * MINUTE, day * DAY + closes * MINUTE
                total += max(0, min(stop, ends) - max(start, begins))
        return total


def hours_of(tenant: str = MAIN_TENANT) -> Hours:
    """The hours of a tenant as they are set now."""
    zone = ZoneInfo(organisation(tenant).zone)
    told = BusinessHours.objects.filter(tenant=tenant).first()
    holidays = {h.date: spans_of(h.spans) for h in Holiday.objects.filter(tenant=tenant)}
    if told is None:
        return Hours(zone)
    return Hours(zone, tuple(spans_of(day) for day in told.week), holidays, told=True)


def open_at(tenant: str, instant: Instant) -> bool:
    """Whether a tenant is open at an instant. For many instants, ask :func:`hours_of` once."""
    return hours_of(tenant).open_at(instant)


def business_seconds(tenant: str, since: Instant, until: Instant) -> float:
    """How many seconds between two instants a tenant is open. For many spans, ask :func:`hours_of` once."""
    return hours_of(tenant).business_seconds(since, until)


def spans_of(stored: list[list[int]]) -> Spans:
    """The spans of a day as they are stored."""
    return tuple((opens, closes) for opens, closes in stored)


def problem_of(spans: Spans) -> str:
    """What is wrong with the spans of a day; empty when nothing is."""
    before = -1
    for opens, closes in sorted(spans):
        if not 0 <= opens < closes <= 1_440:
            return "closes before it opens"
        if opens < before:
            return "overlaps"
        before = closes
    return ""


def _stretches(zone: ZoneInfo, since: Instant, until: Instant) -> Iterator[tuple[Instant, Instant, int]]:
    """The parts of a span in which the clock's offset does not change, with that offset, none longer than a day."""
    start = since
    while start < until:
        stop = min(start + DAY, until)
        offset = _offset(zone, start)
        if _offset(zone, stop - 1) != offset:
            stop = _change(zone, start, stop, offset)
        yield start, stop, offset
        start = stop


def _change(zone: ZoneInfo, start: Instant, stop: Instant, offset: int) -> Instant:
    """The first instant after ``start`` at which the offset is another one."""
    low, high = start, stop - 1
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(zone, middle) == offset:
            low = middle
        else:
            high = middle
    return high


def _offset(zone: ZoneInfo, instant: Instant) -> int:
    """What the clock is ahead of UTC, in microseconds."""
    ahead = (_EPOCH + timedelta(microseconds=instant)).astimezone(zone).utcoffset() or timedelta()
    return ahead // timedelta(microseconds=1)


def _wall(instant: Instant, offset: int) -> int:
    return instant + offset


def _date(wall: int) -> date:
    return date(1970, 1, 1) + timedelta(days=wall // DAY)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
