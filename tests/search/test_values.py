"""Values: times on days when clocks change, hours over midnight, lengths, and numbers in any spelling."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringbook.model.instant import SECOND, from_datetime, to_datetime
from ringbook.search.values import (
    Between,
    Digits,
    back,
    digits,
    hours,
    lengths,
    moment,
    moments,
    placed,
    weekdays,
)

from .calls import NOW, at

NEW_YORK = ZoneInfo("America/New_York")
ZONES = [
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
    "Africa/Cairo",
]


def span(text: str, zone: str = "America/New_York") -> tuple[str, str]:
    found = moment(text, ZoneInfo(zone), NOW)
    return tuple(to_datetime(one).isoformat()[:19] for one in (found.since, found.until))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("text", "zone", "since", "until"),
    [
        ("2026-11-21", "America/New_York", "2026-11-21T05:00:00", "2026-11-22T05:00:00"),
        ("2026-11-21", "Asia/Tokyo", "2026-11-20T15:00:00", "2026-11-21T15:00:00"),
        # 25 and 23 hours
        ("2026-11-01", "America/New_York", "2026-11-01T04:00:00", "2026-11-02T05:00:00"),
        ("2026-03-08", "America/New_York", "2026-03-08T05:00:00", "2026-03-09T04:00:00"),
        # an hour that comes twice, and one that does not come
        ("2026-11-01T01", "America/New_York", "2026-11-01T05:00:00", "2026-11-01T07:00:00"),
        ("2026-03-08T02", "America/New_York", "2026-03-08T07:00:00", "2026-03-08T07:00:00"),
        ("2026-03-08T02:30", "America/New_York", "2026-03-08T07:00:00", "2026-03-08T07:00:00"),
        # clocks that jumped over midnight: the day begins at one
        ("2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00:00", "2018-11-05T02:00:00"),
        ("2026-11", "UTC", "2026-11-01T00:00:00", "2026-12-01T00:00:00"),
        ("2026-12", "UTC", "2026-12-01T00:00:00", "2027-01-01T00:00:00"),
        ("2026", "UTC", "2026-01-01T00:00:00", "2027-01-01T00:00:00"),
        ("2024-02-29", "UTC", "2024-02-29T00:00:00", "2024-03-01T00:00:00"),
        ("2026-11-21 14:00", "UTC", "2026-11-21T14:00:00", "2026-11-21T14:01:00"),
        ("2026-11-21T14:00:30", "UTC", "2026-11-21T14:00:30", "2026-11-21T14:00:31"),
        ("2026-11-21T14:00+01:00", "America/New_York", "2026-11-21T13:00:00", "2026-11-21T13:01:00"),
        ("2026-11-21T14:00z", "America/New_York", "2026-11-21T14:00:00", "2026-11-21T14:01:00"),
        ("Today", "America/New_York", "2026-11-21T05:00:00", "2026-11-22T05:00:00"),
        ("yesterday", "Asia/Tokyo", "2026-11-20T15:00:00", "2026-11-21T15:00:00"),
    ],
)
def test_moments_are_placed_in_the_viewers_zone(text: str, zone: str, since: str, until: str):
    assert span(text, zone) == (since, until)


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2080, 1, 1)),
    st.sampled_from(ZONES),
)
def test_a_placed_wall_time_is_the_first_instant_that_shows_it_or_a_later_one(wall: datetime, zone: str):
    there = ZoneInfo(zone)
    found = placed(wall, there)

    def shown(instant: int) -> datetime:
        return to_datetime(instant).astimezone(there).replace(tzinfo=None)

    assert shown(found) >= wall
    assert shown(found - 1) < wall
    if shown(found) != wall:  # clocks jumped over it, by at most some hours
        assert shown(found) - shown(found - 1) > timedelta(minutes=1)


@given(st.dates(datetime(1990, 1, 1).date(), datetime(2080, 1, 1).date()), st.sampled_from(ZONES))
def test_days_follow_each_other_without_gap_or_overlap(day: object, zone: str):
    there = ZoneInfo(zone)
    today = moment(str(day), there, NOW)
    tomorrow = moment(str(day + timedelta(days=1)), there, NOW)  # type: ignore[operator]
    assert today.until == tomorrow.since
    assert timedelta(hours=20) < to_datetime(today.until) - to_datetime(today.since) < timedelta(hours=28)


def test_a_range_of_days_includes_its_last_one():
    found = moments("2026-11-16..2026-11-20", NEW_YORK, NOW)
    assert (found.since, found.until) == (at("2026-11-16T05:00"), at("2026-11-21T05:00"))


@pytest.mark.parametrize(
    ("text", "now", "then"),
    [
        ("30m", "2026-11-21T17:00", "2026-11-21T16:30"),
        ("12h", "2026-11-01T12:00", "2026-11-01T00:00"),
        # a day back over the change of clocks is the same time of day, 25 hours ago
        ("1d", "2026-11-01T17:00", "2026-10-31T16:00"),
        ("2w", "2026-11-08T17:00", "2026-10-25T16:00"),
        ("1y", "2028-02-29T17:00", "2027-02-28T17:00"),
        ("9999y", "2026-11-21T17:00", "1985-01-01T00:00"),
        ("999999w", "2026-11-21T17:00", "1985-01-01T00:00"),
    ],
)
def test_looking_back_follows_the_clock_or_the_calendar(text: str, now: str, then: str):
    assert to_datetime(back(text, NEW_YORK, at(now))) == to_datetime(at(then))


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("9", ((540, 600),)),
        ("9:30", ((570, 571),)),
        ("9-17", ((540, 1020),)),
        ("9..17", ((540, 1020),)),
        ("0-24", ((0, 1440),)),
        ("22-6", ((1320, 1440), (0, 360))),
        ("22-0", ((1320, 1440),)),
        ("23:30-0:30", ((1410, 1440), (0, 30))),
    ],
)
def test_hours_of_the_day(text: str, minutes: tuple[tuple[int, int], ...]):
    assert hours(text) == minutes


def test_days_of_the_week():
    assert weekdays("mon-fri") == (1, 2, 3, 4, 5)
    assert weekdays("Fri-mon") == (1, 5, 6, 7)
    assert weekdays("sunday") == (7,)


@pytest.mark.parametrize(
    ("text", "op", "between"),
    [
        ("60", "", Between(60_000, 61_000, open_high=True)),
        ("90s", ">", Between(low=90_000, open_low=True)),
        ("1h30m", ">=", Between(low=5_400_000)),
        ("1.5h", "<", Between(high=5_400_000, open_high=True)),
        ("250ms", "<=", Between(high=250)),
        ("10..60", "", Between(10_000, 60_000)),
        ("5m..", "", Between(low=300_000)),
        ("..5min", "", Between(high=300_000)),
    ],
)
def test_lengths(text: str, op: str, between: Between):
    assert lengths(text, op) == between


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("101", Digits(whole="101")),
        ("5125550101", Digits(end="5125550101")),
        ("(512) 555-0101", Digits(end="5125550101")),
        ("0101", Digits(end="0101")),
        ("020 7946 0101", Digits(end="2079460101")),
        ("+15125550101", Digits(end="15125550101", home=("5125550101", "05125550101"))),
        ("001 512 555 0101", Digits(end="15125550101", home=("5125550101", "05125550101"))),
        ("1-512-555-0101", Digits(end="15125550101", home=("5125550101", "05125550101"))),
        ("+44 (20) 7946 0101", Digits(end="442079460101", home=("2079460101", "02079460101"))),
        ("512555*", Digits(pattern="512555*", home_pattern="512555*")),
        ("+1 512 555 ????", Digits(pattern="1512555????")),
        ("020 7946*", Digits(pattern="0207946*", home_pattern="207946*")),
        ("*0101", Digits(pattern="*0101")),
        ("001512**", Digits(pattern="1512*")),
    ],
)
def test_numbers_in_any_spelling(text: str, asked: Digits):
    assert digits(text) == asked


def test_a_quoted_star_is_the_key_of_that_name():
    assert digits("*97", literal=True) == Digits(exactly="*97")


def test_now_is_an_instant():
    assert moment("now", NEW_YORK, NOW).since == NOW
    assert from_datetime(datetime(2026, 11, 21, 17, tzinfo=UTC)) == NOW
    assert NOW % SECOND == 0
