"""The days that a report is about, and those that it is compared with."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from ringbook.desk.delivery.models import Compare, Period

WEEK = timedelta(days=7)
_YEAR = timedelta(days=364)
"""A year that ends on the same day of the week."""


class Span(msgspec.Struct, frozen=True):
    """Whole days of the calendar, the last one included."""

    since: date
    until: date

    @property
    def question(self) -> str:
        """The question for the calls that began on these days."""
        if self.since == self.until:
            return f"on:{self.since}"
        return f"on:{self.since}..{self.until}"

    @property
    def days(self) -> int:
        """How many days."""
        return (self.until - self.since).days + 1

    def shifted(self, by: timedelta) -> Span:
        """The same number of days, earlier or later."""
        return Span(self.since + by, self.until + by)


def span_of(period: Period, day: date, week_starts_on: int = 0) -> Span:
    """The days of a period, seen from a day."""
    yesterday = day - timedelta(days=1)
    match period:
        case Period.TODAY:
            return Span(day, day)
        case Period.YESTERDAY:
            return Span(yesterday, yesterday)
        case Period.LAST_7_DAYS:
            return Span(day - WEEK, yesterday)
        case Period.LAST_WEEK:
            this = day - timedelta(days=(day.weekday() - week_starts_on) % 7)
            return Span(this - WEEK, this - timedelta(days=1))
        case Period.LAST_28_DAYS:
            return Span(day - 4 * WEEK, yesterday)
        case Period.LAST_MONTH:
            return _months_before(day.replace(day=1), 1)
        case Period.LAST_QUARTER:
            return _months_before(day.replace(day=1, month=(day.month - 1) // 3 * 3 + 1), 3)
    raise ValueError(period)


def other_of(period: Period, span: Span, compare: Compare) -> Span | None:
    """The days to set beside those; None where nothing is to be compared.

    One day is set beside the same day of the week before. Months and quarters keep to the calendar; a year back, spans of days
    and weeks keep to the days of the week.
    """
    if compare == Compare.NOTHING:
        return None
    calendar = {Period.LAST_MONTH: 1, Period.LAST_QUARTER: 3}.get(period)
    if compare == Compare.YEAR:
        if calendar is None:
            return span.shifted(-_YEAR)
        first = span.since.replace(year=span.since.year - 1)
        return _months_before(_month_after(first, calendar), calendar)
    if calendar is not None:
        return _months_before(span.since, calendar)
    return span.shifted(-WEEK if span.days == 1 else -timedelta(days=span.days))


def _months_before(first: date, count: int) -> Span:
    """The ``count`` months that end before the first day of a month."""
    since = first
    for _ in range(count):
        since = (since - timedelta(days=1)).replace(day=1)
    return Span(since, first - timedelta(days=1))


def _month_after(first: date, count: int) -> date:
    for _ in range(count):
        first = (first + timedelta(days=32)).replace(day=1)
    return first
