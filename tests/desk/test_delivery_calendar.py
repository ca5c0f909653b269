"""When reports are due, which days they are about, and when a value is off: on the clock of the wall, through its changes."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringbook.desk.delivery.calendar import last_due, next_due
from ringbook.desk.delivery.judging import FEWEST_WEEKS, beyond, strange, usual, worse
from ringbook.desk.delivery.models import Alert, Compare, Every, Period, Report
from ringbook.desk.delivery.periods import Span, other_of, span_of
from ringbook.desk.delivery.watching import quiet

pytestmark = pytest.mark.skipif("RINGBOOK_TEST_DATABASE" in os.environ, reason="no database has a part in it")


def local(text: str, zone: str = "Europe/Berlin") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def report(every: Every, at: str = "07:00", **fields: int) -> Report:
    hour, minute = map(int, at.split(":"))
    return Report(every=every, at_minute=hour * 60 + minute, zone="Europe/Berlin", **fields)


def test_a_daily_report_keeps_its_time_of_day_through_changes_of_the_clock() -> None:
    """In Berlin 07:00 is 06:00 UTC in winter and 05:00 in summer; the clock changed on 29 March and 25 October 2026."""
    daily = report(Every.DAY)
    assert next_due(daily, local("2026-03-28T07:00")) == datetime(2026, 3, 29, 5, tzinfo=UTC)
    assert next_due(daily, local("2026-03-27T12:00")) == datetime(2026, 3, 28, 6, tzinfo=UTC)
    assert next_due(daily, local("2026-10-24T08:00")) == datetime(2026, 10, 25, 6, tzinfo=UTC)


def test_a_time_that_the_clock_leaves_out_is_due_once_and_one_that_it_shows_twice_too() -> None:
    nightly = report(Every.DAY, "02:30")
    spring = next_due(nightly, local("2026-03-28T12:00"))
    assert spring == datetime(2026, 3, 29, 1, 30, tzinfo=UTC), "half past three in summer time"
    assert next_due(nightly, spring) == local("2026-03-30T02:30")
    autumn = next_due(nightly, local("2026-10-24T12:00"))
    assert autumn == datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "the first of both"
    assert next_due(nightly, autumn) == local("2026-10-26T02:30")


def test_weeks_and_months() -> None:
    weekly = report(Every.WEEK, weekday=0)
    assert next_due(weekly, local("2026-11-22T12:00")) == local("2026-11-23T07:00")
    assert next_due(weekly, local("2026-11-23T07:00")) == local("2026-11-30T07:00")
    monthly = report(Every.MONTH, monthday=31)
    assert next_due(monthly, local("2026-02-01T00:00")) == local("2026-02-28T07:00")
    assert next_due(monthly, local("2026-02-28T07:00")) == local("2026-03-31T07:00")
    assert next_due(report(Every.MONTH, monthday=1), local("2026-12-01T07:00")) == local("2027-01-01T07:00")
    assert next_due(report(Every.NEVER), local("2026-02-01T00:00")) is None


def test_times_that_passed_are_made_up_for_by_the_last_of_them() -> None:
    daily = report(Every.DAY)
    first, now = local("2026-11-10T07:00"), local("2026-11-22T06:59")
    assert last_due(daily, first, now) == local("2026-11-21T07:00")
    assert last_due(daily, first, first) == first


@settings(max_examples=40, deadline=None)
@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),
    st.sampled_from([Every.DAY, Every.WEEK, Every.MONTH]),
    st.integers(0, 1439),
    st.integers(1, 31),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"]),
)
def test_every_day_week_and_month_has_one_time(
    after: datetime, every: Every, minute: int, day: int, zone: str
) -> None:
    one = Report(every=every, at_minute=minute, monthday=day, weekday=day % 7, zone=zone)
    first = next_due(one, after)
    assert first is not None
    assert first > after
    second = next_due(one, first)
    assert second is not None
    days = (second.astimezone(ZoneInfo(zone)).date() - first.astimezone(ZoneInfo(zone)).date()).days
    assert days in {Every.DAY: (1,), Every.WEEK: (7,), Every.MONTH: (28, 29, 30, 31)}[every]


def span(since: str, until: str) -> Span:
    return Span(date.fromisoformat(since), date.fromisoformat(until))


@pytest.mark.parametrize(
    ("period", "days", "before", "year"),
    [
        (Period.TODAY, ("2026-11-18",) * 2, ("2026-11-11",) * 2, ("2025-11-19",) * 2),
        (Period.YESTERDAY, ("2026-11-17",) * 2, ("2026-11-10",) * 2, ("2025-11-18",) * 2),
        (
            Period.LAST_7_DAYS,
            ("2026-11-11", "2026-11-17"),
            ("2026-11-04", "2026-11-10"),
            ("2025-11-12", "2025-11-18"),
        ),
        (
            Period.LAST_WEEK,
            ("2026-11-09", "2026-11-15"),
            ("2026-11-02", "2026-11-08"),
            ("2025-11-10", "2025-11-16"),
        ),
        (
            Period.LAST_28_DAYS,
            ("2026-10-21", "2026-11-17"),
            ("2026-09-23", "2026-10-20"),
            ("2025-10-22", "2025-11-18"),
        ),
        (
            Period.LAST_MONTH,
            ("2026-10-01", "2026-10-31"),
            ("2026-09-01", "2026-09-30"),
            ("2025-10-01", "2025-10-31"),
        ),
        (
            Period.LAST_QUARTER,
            ("2026-07-01", "2026-09-30"),
            ("2026-04-01", "2026-06-30"),
            ("2025-07-01", "2025-09-30"),
        ),
    ],
)
def test_the_days_of_a_period_and_those_beside_it(
    period: Period, days: tuple[str, str], before: tuple[str, str], year: tuple[str, str]
) -> None:
    """Seen from Wednesday, 18 November 2026."""
    found = span_of(period, date(2026, 11, 18))
    assert found == span(*days)
    assert other_of(period, found, Compare.BEFORE) == span(*before)
    assert other_of(period, found, Compare.YEAR) == span(*year)
    assert other_of(period, found, Compare.NOTHING) is None


def test_months_keep_to_the_calendar() -> None:
    march = span_of(Period.LAST_MONTH, date(2028, 3, 31))
    assert march == span("2028-02-01", "2028-02-29")
    assert other_of(Period.LAST_MONTH, march, Compare.YEAR) == span("2027-02-01", "2027-02-28")
    assert span_of(Period.LAST_QUARTER, date(2026, 2, 1)) == span("2025-10-01", "2025-12-31")


def test_a_week_begins_where_the_organisation_says() -> None:
    assert span_of(Period.LAST_WEEK, date(2026, 11, 18), 6) == span("2026-11-08", "2026-11-14")
    assert span_of(Period.LAST_WEEK, date(2026, 11, 15), 6) == span("2026-11-08", "2026-11-14")


def test_a_limit_itself_is_still_fine() -> None:
    assert not beyond(0.8, 0.8, above=False)
    assert beyond(0.79, 0.8, above=False)
    assert beyond(11, 10, above=True)
    assert not beyond(9, 10, above=True)


def test_what_is_usual_is_worked_out_by_hand() -> None:
    """Of 90 100 110 100 250 the median is 100; the distances are 10 0 10 0 150, their median 10, so the spread 14.826."""
    known = usual([90, 100, 110, None, 100, 250], counts=False)
    assert known is not None
    assert (known.middle, known.weeks) == (100, 5)
    assert known.spread == pytest.approx(14.826)
    assert known.distance(160) == pytest.approx(60 / 14.826)
    assert usual([1.0] * (FEWEST_WEEKS - 1) + [None] * 9, counts=False) is None, "too little history"


def test_chance_is_no_anomaly() -> None:
    """Weeks alike by accident: a hundred calls stray by ten without anything being wrong, none by one."""
    known = usual([100.0] * 8, counts=True)
    assert known is not None
    assert known.spread == 10
    assert not strange(known.distance(110), 4, above=True, either=True)
    assert strange(known.distance(0), 4, above=False, either=False)
    assert not strange(known.distance(0), 4, above=True, either=False)
    still = usual([0.0] * 8, counts=True)
    assert still is not None
    assert not strange(still.distance(3), 4, above=True, either=False)


def test_the_worse_of_two() -> None:
    assert worse(3, 5, above=True) == 5
    assert worse(3, 5, above=False) == 3
    assert worse(None, 5, above=False) == 5
    assert worse(4, None, above=True) == 4


def test_quiet_hours_reach_over_midnight_on_the_alerts_own_clock() -> None:
    alert = Alert(quiet_from=22 * 60, quiet_until=6 * 60, zone="Europe/Berlin")
    assert quiet(alert, local("2026-11-21T22:00"))
    assert quiet(alert, local("2026-11-22T05:59"))
    assert not quiet(alert, local("2026-11-22T06:00"))
    assert not quiet(alert, local("2026-11-22T06:00") + timedelta(hours=12))
    assert not quiet(Alert(zone="UTC"), local("2026-11-22T03:00"))
