"""Calls by every grain of time and by country; days on which the clocks change have 23 and 25 hours; levels at once."""

from __future__ import annotations

from collections import Counter

import pytest

from ringbook.ledger.ledger import Ledger
from ringbook.model.instant import SECOND
from ringbook.model.scope import Scope
from ringbook.search.errors import SearchError
from ringbook.search.pages import count_calls

from .calls import CLOCKS, NOW, at
from .conftest import Ask

NEW_YORK = "America/New_York"


@pytest.mark.parametrize(("grain", "step_s"), [("quarter-hour", 900), ("half-hour", 1800), ("hour", 3600)])
@pytest.mark.parametrize(("day", "hours"), [("2026-03-08", 23), ("2026-11-01", 25)])
def test_a_day_has_as_many_hours_as_the_clock_leaves_it(
    ask: Ask, grain: str, step_s: int, day: str, hours: int
) -> None:
    midnight = at(f"{day}T05:00" if hours == 23 else f"{day}T04:00")
    span = (midnight, midnight + hours * 3600 * SECOND)
    rows = ask("clocks", "calls", f"on:{day}", by=grain, zone=NEW_YORK, span=span).rows
    assert len(rows) == hours * 3600 / step_s
    assert sum(row["calls"] for row in rows) == hours
    # An independent count: calls are at half past each hour of UTC.
    worked = Counter((call.started_at - midnight) // SECOND // step_s for call in CLOCKS)
    assert [row["calls"] for row in rows] == [worked[n] for n in range(len(rows))]


def test_half_hours_of_a_zone_that_is_off_by_three_quarters(ask: Ask) -> None:
    rows = ask("clocks", "calls", "on:2026-03-08T10", by="half-hour", zone="Asia/Kathmandu").rows
    # 10:00 to 11:00 there is 4:15 to 5:15 UTC; the call at 4:30 lies in the first half.
    assert [(row["half-hour"], row["calls"]) for row in rows] == [("2026-03-08T04:15Z", 1)]


@pytest.mark.parametrize(
    ("grain", "labels"),
    [
        ("quarter", ["2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"]),
        ("year", ["2026"]),
        ("month", [f"2026-{month:02}" for month in range(3, 12)]),
    ],
)
def test_long_stretches(ask: Ask, ledger: Ledger, grain: str, labels: list[str]) -> None:
    answer = ask("clocks", "calls", by=grain, zone=NEW_YORK)
    assert [row[grain] for row in answer.rows] == labels
    assert sum(row["calls"] for row in answer.rows) == len(CLOCKS)
    for row in answer.rows:
        found = count_calls(ledger, Scope("clocks"), row["calls_query"], zone=NEW_YORK, now=NOW)
        assert found == row["calls"]


def test_a_period_without_calls_is_a_row_of_zeros(ask: Ask) -> None:
    day = at("2026-06-01T00:00")
    answer = ask(
        "clocks", "calls", "on:2026-06-01..2026-06-03", by="day", span=(day, day + 3 * 86_400 * SECOND)
    )
    assert [row["calls"] for row in answer.rows] == [0, 0, 0]


def test_countries_of_the_far_end(ask: Ask, ledger: Ledger) -> None:
    rows = {row["country"]: row for row in ask("abroad", "calls", by="country").rows}
    assert {label: row["calls"] for label, row in rows.items()} == {
        "+44 GB…": 2,
        "+1 US…": 1,
        "+353 IE": 1,
        "": 2,
    }
    for row in rows.values():
        assert count_calls(ledger, Scope("abroad"), row["calls_query"], now=NOW) == row["calls"]


@pytest.mark.parametrize(
    ("question", "calls"), [("country:gb", 2), ("country:+44", 2), ("country:ca", 1), ("-has:country", 2)]
)
def test_countries_are_asked_for(ask: Ask, question: str, calls: int) -> None:
    assert ask("abroad", "calls", question).sample == calls


def test_an_unknown_country_is_explained(ask: Ask) -> None:
    with pytest.raises(SearchError, match="calling code"):
        ask("abroad", "calls", "country:+999")


def test_levels_at_once(ask: Ask) -> None:
    answer = ask("lines", "concurrency-levels")
    assert [(row["level"], row["time_s"], row["calls"]) for row in answer.rows] == [
        (1, 80.0, 2),
        (2, 90.0, 2),
        (3, 10.0, 2),
    ]
    assert [row["share_or_more"] for row in answer.rows] == pytest.approx([1, 100 / 180, 10 / 180])
    assert answer.total["time_s"] == 180
    assert "On average 1.61 calls" in answer.notes[-1]


def test_levels_of_a_period_count_the_silence_around(ask: Ask) -> None:
    start = at("2026-11-04T09:59")
    answer = ask("lines", "concurrency-levels", span=(start, start + 300 * SECOND))
    assert [(row["level"], row["time_s"]) for row in answer.rows] == [
        (0, 120.0),
        (1, 80.0),
        (2, 90.0),
        (3, 10.0),
    ]
