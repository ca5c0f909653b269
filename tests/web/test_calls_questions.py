"""What clicks write into a question, and the ranges of the date picker."""

from __future__ import annotations

from datetime import date

import pytest

from ringbook.search.language import parse, text
from ringbook.web.pages.calls import dates, questions


@pytest.mark.parametrize(
    ("question", "field", "value", "expected"),
    [
        ("", "outcome", "missed", "outcome:missed"),
        ("anna outcome:missed", "outcome", "abandoned", "anna outcome:missed,abandoned"),
        ("outcome:missed,abandoned anna", "outcome", "missed", "outcome:abandoned anna"),
        ("outcome:missed", "outcome", "missed", ""),
        ("queue:Sales", "queue", "sales", ""),
        ("-queue:sales anna", "queue", "sales", "anna queue:sales"),
        ("-queue:sales,support", "queue", "sales", "-queue:support queue:sales"),
        ("a or b", "queue", "sales", "(a or b) queue:sales"),
        ("", "queue", 'the "new" one', 'queue:"the \\"new\\" one"'),
        ("", "queue", "a,b", 'queue:"a,b"'),
        ("", "queue", "a*", 'queue:"a*"'),
    ],
)
def test_a_click_on_a_facet_asks_for_a_value_or_no_longer(
    question: str, field: str, value: str, expected: str
) -> None:
    assert questions.toggled(question, field, value) == expected
    assert text(parse(expected)) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("", "-queue:sales"),
        ("queue:sales", "-queue:sales"),
        ("queue:sales,support", "queue:support -queue:sales"),
        ("-queue:support", "-queue:support,sales"),
        ("-queue:sales", ""),
        ("a or b", "(a or b) -queue:sales"),
    ],
)
def test_the_other_control_leaves_a_value_out(question: str, expected: str) -> None:
    assert questions.negated(question, "queue", "sales") == expected


def test_clicking_twice_is_as_if_nothing_was_clicked() -> None:
    for question in ("anna (x or y)", "outcome:missed", "-direction:inbound wait:>2m"):
        once = questions.toggled(question, "queue", "Sales West")
        assert questions.toggled(once, "queue", "Sales West") == text(parse(question))
        once = questions.negated(question, "queue", "Sales West")
        assert questions.negated(once, "queue", "Sales West") == text(parse(question))


@pytest.mark.parametrize(
    ("question", "told", "expected"),
    [
        ("", "on:today", "on:today"),
        ("anna last:7d", "on:today", "anna on:today"),
        ("after:2026-01-01 before:2026-02-01 anna", "", "anna"),
        ("a or b", "last:7d", "(a or b) last:7d"),
        ("-on:today", "last:7d", "-on:today last:7d"),
    ],
)
def test_the_date_picker_replaces_what_was_said_about_the_time(
    question: str, told: str, expected: str
) -> None:
    assert questions.dated(question, told) == expected


def test_ranges_are_those_of_the_viewers_day_and_week() -> None:
    told = {one.label: one.told for one in dates.ranges(date(2026, 11, 21), 0)}  # a Saturday
    assert told["This week"] == "on:2026-11-16..2026-11-22"
    assert told["Last week"] == "on:2026-11-09..2026-11-15"
    assert told["Last month"] == "on:2026-10"
    assert told["This quarter"] == "on:2026-10-01..2026-12-31"
    assert told["Any time"] == ""
    assert {one.label: one.told for one in dates.ranges(date(2026, 11, 21), 6)}[
        "This week"
    ] == "on:2026-11-15..2026-11-21"
    assert {one.label: one.told for one in dates.ranges(date(2026, 1, 31), 0)}[
        "This quarter"
    ] == "on:2026-01-01..2026-03-31"
    for one in told.values():
        assert text(parse(one)) == one


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        ("2026-11-01", "2026-11-07", "on:2026-11-01..2026-11-07"),
        ("2026-11-07", "2026-11-01", "on:2026-11-01..2026-11-07"),
        ("2026-11-01", "2026-11-01", "on:2026-11-01"),
        ("2026-11-01", "", "after:2026-11-01"),
        ("", "2026-11-07", "before:2026-11-08"),
        ("", "", ""),
    ],
)
def test_two_days_are_written_with_the_last_one_included(since: str, until: str, expected: str) -> None:
    assert dates.between(since, until) == expected
