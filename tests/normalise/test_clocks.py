"""Our clock: wall-clock times across both changes of summer time, and the zone that ids show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringbook.model.instant import SECOND, from_datetime, iso
from ringbook.model.statement import Path
from ringbook.normalise.clocks import WallClock, ZoneNameError, offset_evidence, zone


def wall(text: str) -> int:
    """A wall-clock time as a parser gives it."""
    return from_datetime(datetime.fromisoformat(text))


@pytest.mark.parametrize(
    ("text", "zone_name", "expected"),
    [
        ("2026-11-21 12:44:15", "America/New_York", "2026-11-21T17:44:15Z"),
        ("2026-07-01 12:00:00", "Europe/Berlin", "2026-07-01T10:00:00Z"),
        ("2026-07-01 12:00:00", "UTC+05:30", "2026-07-01T06:30:00Z"),
        ("2026-07-01 12:00:00", "", "2026-07-01T12:00:00Z"),
        ("2026-10-25 02:30:00", "Europe/Berlin", "2026-10-25T00:30:00Z"),
        ("2026-03-29 02:30:00", "Europe/Berlin", "2026-03-29T01:30:00Z"),
    ],
)
def test_a_wall_clock_time_becomes_an_instant(text: str, zone_name: str, expected: str) -> None:
    assert iso(WallClock(zone_name).instant(wall(text))) == expected


def test_the_hour_that_comes_twice_is_told_by_an_id_or_by_what_came_before() -> None:
    clock = WallClock("America/New_York")
    summer, winter = "2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z"
    at = wall("2026-11-01 01:30:00")
    assert iso(clock.instant(at)) == summer
    assert iso(clock.instant(at, hint=from_datetime(datetime.fromisoformat(winter)))) == winter
    before = clock.instant(wall("2026-11-01 01:59:47"))
    assert iso(clock.instant(wall("2026-11-01 01:00:07"), after=before)) == "2026-11-01T06:00:07Z"


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2080, 1, 1)).map(
        lambda d: d.replace(tzinfo=UTC, microsecond=0)
    ),
    st.sampled_from(
        ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC-03:30"]
    ),
)
def test_every_instant_survives_the_way_over_the_wall_clock_with_its_own_hint(
    moment: datetime, name: str
) -> None:
    local = from_datetime(moment.astimezone(zone(name)).replace(tzinfo=None))
    instant = from_datetime(moment)
    assert WallClock(name).instant(local, hint=instant) == instant


def test_ids_show_the_offset_that_most_of_them_show() -> None:
    ids = [1_795_283_050 * SECOND + n * 60 * SECOND for n in range(10)]
    rows = [Path(at=at - 5 * 3600 * SECOND, hint_at=at) for at in ids]
    late = Path(at=ids[0] - 4 * 3600 * SECOND, hint_at=ids[0])
    assert offset_evidence([*rows, late]) == "UTC-05:00"
    assert offset_evidence([Path(at=1), Path()]) == ""


@pytest.mark.parametrize("name", ["Europe/Atlantis", "../etc/passwd", "UTC+", "5"])
def test_a_zone_that_there_is_not_says_what_to_write(name: str) -> None:
    with pytest.raises(ZoneNameError, match="Europe/Berlin"):
        zone(name)


def test_a_fixed_offset_is_a_zone() -> None:
    assert zone("UTC-03:30").utcoffset(None) == timedelta(hours=-3, minutes=-30)
    assert isinstance(zone("Europe/Berlin"), ZoneInfo)
