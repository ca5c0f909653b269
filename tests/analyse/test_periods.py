"""Periods by name on the calendar of a zone, and those that they are compared with."""

from __future__ import annotations

import pytest

from ringbook.analyse.errors import FigureError
from ringbook.analyse.periods import PERIODS, Period, against, period
from ringbook.model.instant import iso

from .calls import at

NOW = at("2026-11-21T17:00")  # a Saturday, 18:00 in Berlin
BERLIN = "Europe/Berlin"


def _period(text: str) -> Period:
    return period(text, zone=BERLIN, now=NOW)


@pytest.mark.parametrize(
    ("name", "question"),
    [
        ("today", "on:2026-11-21 before:2026-11-21T18:00:00"),
        ("yesterday", "on:2026-11-20"),
        ("this-week", "on:2026-11-16..2026-11-22 before:2026-11-21T18:00:00"),
        ("last-week", "on:2026-11-09..2026-11-15"),
        ("last-month", "on:2026-10-01..2026-10-31"),
        ("this-quarter", "on:2026-10-01..2026-12-31 before:2026-11-21T18:00:00"),
        ("last-quarter", "on:2026-07-01..2026-09-30"),
        ("last-year", "on:2025-01-01..2025-12-31"),
        ("last-7-days", "on:2026-11-15..2026-11-21 before:2026-11-21T18:00:00"),
        ("last-2-weeks", "on:2026-11-08..2026-11-21 before:2026-11-21T18:00:00"),
        ("2026-02-01..2026-02-28", "on:2026-02-01..2026-02-28"),
        ("2026-02-01", "on:2026-02-01"),
    ],
)
def test_a_name_is_days_on_the_calendar(name: str, question: str) -> None:
    assert _period(name).question == question


@pytest.mark.parametrize(
    ("name", "other", "question"),
    [
        ("today", "before", "on:2026-11-14 before:2026-11-14T18:00:00"),
        ("yesterday", "before", "on:2026-11-13"),
        ("last-7-days", "before", "on:2026-11-08..2026-11-14 before:2026-11-14T18:00:00"),
        ("this-month", "before", "on:2026-10-01..2026-10-31 before:2026-10-21T18:00:00"),
        ("last-month", "before", "on:2026-09-01..2026-09-30"),
        ("2026-02-01..2026-02-28", "before", "on:2026-01-04..2026-01-31"),
        ("last-week", "year-before", "on:2025-11-10..2025-11-16"),
        ("last-week", "2026-01-05..2026-01-11", "on:2026-01-05..2026-01-11"),
    ],
)
def test_a_period_is_compared_with_as_much_of_another(name: str, other: str, question: str) -> None:
    assert against(_period(name), other, NOW).question == question


def test_a_running_month_is_never_compared_with_more_than_a_shorter_one() -> None:
    late = at("2026-03-31T12:00")
    this = period("this-month", zone="UTC", now=late)
    assert against(this, "before", late).question == "on:2026-02-01..2026-02-28 before:2026-03-01T00:00:00"


def test_a_day_begins_and_ends_by_the_clock() -> None:
    start, stop = _period("2026-10-25").span  # the clocks are set back
    assert (iso(start), iso(stop)) == ("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z")


def test_every_name_that_is_offered_is_known() -> None:
    assert all(_period(name).first <= _period(name).last for name in PERIODS)


@pytest.mark.parametrize(
    "text", ["", "soon", "2026-13-01", "2026-11-02..2026-11-01", "last-0-days", "last-9999-weeks"]
)
def test_other_words_are_refused(text: str) -> None:
    with pytest.raises(FigureError):
        _period(text)
