"""Business hours on the organisation's clock, through changes of the clock; and silence alarms that go by them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringbook.desk.organisation.hours import USUAL_WEEK, Hours, Spans, business_seconds, open_at, problem_of
from ringbook.desk.organisation.models import BusinessHours, Holiday, Organisation, SilenceAlarm
from ringbook.desk.organisation.silence import silence
from ringbook.model.instant import DAY, SECOND, Instant, from_datetime

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")


def instant(text: str, zone: ZoneInfo = BERLIN) -> Instant:
    return from_datetime(datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC))


def hours(zone: ZoneInfo = BERLIN, **holidays: Spans) -> Hours:
    days = {date.fromisoformat(day.strip("d").replace("_", "-")): spans for day, spans in holidays.items()}
    return Hours(zone, USUAL_WEEK, days, told=True)


@pytest.mark.parametrize(
    ("when", "is_open"),
    [
        ("2026-11-20T08:59:59", False),
        ("2026-11-20T09:00:00", True),
        ("2026-11-20T16:59:59", True),
        ("2026-11-20T17:00:00", False),
        ("2026-11-21T12:00:00", False),  # a Saturday
    ],
)
def test_it_is_open_from_the_opening_until_just_before_the_close(when: str, is_open: bool) -> None:
    assert hours().open_at(instant(when)) is is_open


def test_a_holiday_goes_before_the_week() -> None:
    with_holidays = hours(d2026_12_25=(), d2026_12_24=((540, 720),))
    assert not with_holidays.open_at(instant("2026-12-25T10:00:00"))
    assert with_holidays.open_at(instant("2026-12-24T11:00:00"))
    assert not with_holidays.open_at(instant("2026-12-24T13:00:00"))
    thursday = date(2026, 12, 24)
    assert with_holidays.closed_days(thursday, 3) == [date(2026, 12, day) for day in (25, 26, 27)]
    assert hours().closed_days(thursday, 1) == [date(2026, 12, 26)]


def test_a_weekend_does_not_count() -> None:
    seconds = hours().business_seconds(instant("2026-11-20T16:00:00"), instant("2026-11-23T10:00:00"))
    assert seconds == 2 * 3_600


@pytest.mark.parametrize(
    ("day", "seconds"), [("2026-03-29", 23 * 3_600), ("2026-10-25", 25 * 3_600), ("2026-10-26", 24 * 3_600)]
)
def test_a_day_has_as_many_hours_as_its_clock_shows(day: str, seconds: int) -> None:
    always = Hours(BERLIN, (((0, 1_440),),) * 7, told=True)
    start = instant(f"{day}T00:00:00")
    assert always.business_seconds(start, start + seconds * SECOND) == seconds
    assert always.business_seconds(start - DAY, start + 3 * DAY) == 4 * DAY / SECOND


@pytest.mark.parametrize(
    ("day", "seconds"),
    [("2026-03-29", 1 * 3_600), ("2026-10-25", 3 * 3_600), ("2026-10-26", 2 * 3_600)],
)
def test_an_hour_shown_twice_counts_twice_and_one_left_out_not_at_all(day: str, seconds: int) -> None:
    night = Hours(BERLIN, (((60, 180),),) * 7, told=True)  # from one until three
    start = instant(f"{day}T00:00:00")
    assert night.business_seconds(start, start + 12 * 3_600 * SECOND) == seconds


def test_no_hours_given_is_always_open() -> None:
    blank = Hours(BERLIN)
    start = instant("2026-11-21T03:00:00")
    assert blank.open_at(start)
    assert blank.business_seconds(start, start + 90 * SECOND) == 90


spans = st.lists(st.integers(0, 1_440), min_size=0, max_size=6, unique=True).map(
    lambda times: tuple(zip(sorted(times)[0::2], sorted(times)[1::2], strict=False))
)
weeks = st.tuples(*[spans] * 7)
zones = st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"])
starts = st.one_of(
    st.integers(instant("2026-01-01T00:00:00"), instant("2026-12-31T00:00:00")),
    st.sampled_from([instant("2026-03-28T20:00:00"), instant("2026-10-24T20:00:00")]),
)


@given(weeks, zones, starts, st.integers(0, 3 * 86_400))
def test_the_open_seconds_are_those_at_which_it_is_open(
    week: tuple[Spans, ...], zone: str, start: Instant, length: int
) -> None:
    """Counted minute by minute, with whole minutes."""
    given_hours = Hours(ZoneInfo(zone), week, told=True)
    start -= start % (60 * SECOND)
    minutes = min(length // 60, 400)
    counted = sum(given_hours.open_at(start + n * 60 * SECOND) for n in range(minutes))
    assert given_hours.business_seconds(start, start + minutes * 60 * SECOND) == counted * 60


@given(weeks, zones, starts, st.integers(0, 10**12), st.integers(0, 10**12))
def test_the_parts_of_a_span_add_up(
    week: tuple[Spans, ...], zone: str, start: Instant, first: int, second: int
) -> None:
    given_hours = Hours(ZoneInfo(zone), week, told=True)
    middle, end = start + first, start + first + second
    parts = given_hours.business_seconds(start, middle) + given_hours.business_seconds(middle, end)
    assert parts == pytest.approx(given_hours.business_seconds(start, end))


@given(spans)
def test_spans_in_order_have_no_problem(day: Spans) -> None:
    assert problem_of(day) == ""


@pytest.mark.parametrize("day", [((540, 540),), ((600, 540),), ((0, 1_441),), ((-1, 5),)])
def test_a_close_comes_after_its_opening(day: Spans) -> None:
    assert problem_of(day) == "closes before it opens"


def test_spans_of_a_day_do_not_overlap() -> None:
    assert problem_of(((540, 720), (700, 800))) == "overlaps"


@pytest.mark.django_db
def test_the_hours_of_a_tenant_are_those_that_were_set() -> None:
    Organisation.objects.create(zone="Europe/Berlin")
    assert open_at("main", instant("2026-11-21T03:00:00"))
    BusinessHours.objects.create(week=[[[540, 1020]]] * 5 + [[], []])
    Holiday.objects.create(date=date(2026, 12, 25), name="Christmas")
    assert not open_at("main", instant("2026-11-21T03:00:00"))
    assert (
        business_seconds("main", instant("2026-12-24T00:00:00"), instant("2026-12-27T00:00:00")) == 8 * 3_600
    )


def test_a_source_is_silent_too_long_only_while_it_is_open() -> None:
    alarm = SilenceAlarm(source="pbx", within_minutes=30, in_hours=True)
    friday = instant("2026-11-20T16:50:00")
    assert silence(alarm, friday, instant("2026-11-20T16:59:00"), hours()).alarming is False  # type: ignore[union-attr]
    assert silence(alarm, friday, instant("2026-11-21T12:00:00"), hours()) is None
    monday = silence(alarm, friday, instant("2026-11-23T09:21:00"), hours())
    assert monday is not None
    assert (monday.silent_s, monday.alarming) == (31 * 60, True)
    assert silence(alarm, None, instant("2026-11-23T09:21:00"), hours()) is None


def test_an_alarm_at_any_hour_counts_all_time() -> None:
    alarm = SilenceAlarm(source="pbx", within_minutes=30, in_hours=False)
    night = silence(alarm, instant("2026-11-21T01:00:00"), instant("2026-11-21T01:31:00"), hours())
    assert night is not None
    assert night.alarming
