"""Business hours as a question: calls that began when it was open, or when it was not."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from ringbook.analyse.asking import NO_HOURS
from ringbook.analyse.errors import FigureError
from ringbook.analyse.periods import Period
from ringbook.desk.organisation.hours import Hours, Spans, hours_of
from ringbook.search.values import WEEKDAYS

OPEN, CLOSED = "open", "closed"
_MIDNIGHT = 1_440


def zone_of(tenant: str, which: str, zone: str) -> str:
    """The time zone to count in: the organisation's, by whose clock it opens, where business hours are asked for."""
    return hours_of(tenant).zone.key if which else zone


def opening(tenant: str, which: str, period: Period | None) -> str:
    """The question for calls begun while it was ``open`` or ``closed``, by the organisation's clock."""
    if which not in (OPEN, CLOSED):
        raise FigureError(f'hours can be "{OPEN}" or "{CLOSED}", not "{which}".')
    hours = hours_of(tenant)
    if not hours.told:
        raise FigureError(NO_HOURS)
    found = _question(hours, period)
    return found if which == OPEN else f"-({found})"


def _question(hours: Hours, period: Period | None) -> str:
    exceptions = {
        day: spans
        for day, spans in hours.holidays.items()
        if period is None or period.first <= day <= period.last
    }
    weekdays = defaultdict(list)
    for place, spans in enumerate(hours.week):
        if spans:
            weekdays[spans].append(WEEKDAYS[place])
    ways = [f"weekday:{','.join(days)} {_times(spans)}" for spans, days in weekdays.items()]
    usual = " or ".join(f"({way.strip()})" for way in ways) or "(id:none -id:none)"
    if not exceptions:
        return usual
    return " or ".join([f"(({usual}) -{_on(sorted(exceptions))})", *_special(exceptions)])


def _special(exceptions: dict[date, Spans]) -> list[str]:
    """Days with hours of their own."""
    days = defaultdict(list)
    for day, spans in sorted(exceptions.items()):
        if spans:
            days[spans].append(day)
    return [f"({_on(which)} {_times(spans)})".replace(" )", ")") for spans, which in days.items()]


def _on(days: list[date]) -> str:
    return f"on:{','.join(day.isoformat() for day in days)}"


def _times(spans: Spans) -> str:
    if spans == ((0, _MIDNIGHT),):
        return ""
    return f"hour:{','.join(f'{_time(opens)}-{_time(closes)}' for opens, closes in spans)}"


def _time(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02}"
