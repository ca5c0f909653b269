"""When a report is due: at a time of day as the clock on the wall shows it, once for each day, week or month.

A time that the clock leaves out (in spring) is due when the clock has moved on; one that it shows
twice (in autumn), the first time.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from ringbook.desk.delivery.models import Every, Report


def next_due(report: Report, after: datetime) -> datetime | None:
    """When the report is due next, after an instant; None where only people send it."""
    zone = ZoneInfo(report.zone)
    day = _following(report, after.astimezone(zone).date() - timedelta(days=1))
    while day is not None:
        due = _at(day, report.at_minute, zone)
        if due > after:
            return due
        day = _following(report, day)
    return None


def last_due(report: Report, first: datetime, now: datetime) -> datetime:
    """The latest time at which the report was due, from ``first`` (at which it was) up to now."""
    due = first
    while (following := next_due(report, due)) is not None and following <= now:
        due = following
    return due


def _following(report: Report, day: date) -> date | None:
    """The first day after ``day`` on which the report goes out."""
    following = day + timedelta(days=1)
    match report.every:
        case Every.DAY:
            return following
        case Every.WEEK:
            return following + timedelta(days=(report.weekday - following.weekday()) % 7)
        case Every.MONTH:
            found = _in_month(following, report.monthday)
            return found if found >= following else _in_month(_next_month(following), report.monthday)
    return None


def _in_month(day: date, wanted: int) -> date:
    last = _next_month(day) - timedelta(days=1)
    return last if wanted >= last.day else day.replace(day=max(1, wanted))


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _at(day: date, minute: int, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone).astimezone(UTC)
