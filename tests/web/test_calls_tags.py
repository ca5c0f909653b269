"""How calls are told: words, numbers, times and lengths, with nothing of a caller's name becoming markup."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template
from django.utils import timezone, translation

from ringbook.model.call import Direction, Outcome
from ringbook.web.country import numbers_as_in
from ringbook.web.templatetags import calls as told
from ringbook.web.templatetags.ui import icon_names

EVIL = "<script>alert(1)</script>"


def drawn(source: str, **context: object) -> str:
    return Template("{% load calls %}" + source).render(Context(context))


def test_every_direction_and_outcome_has_a_word_and_a_shape_of_its_own() -> None:
    assert set(told.DIRECTIONS) == {one.value for one in Direction}
    assert set(told.OUTCOMES) == {one.value for one in Outcome}
    shapes = [shape for shape, _, _ in told.OUTCOMES.values()]
    assert len(set(shapes)) == len(shapes)
    assert {*shapes, *(shape for shape, _ in told.DIRECTIONS.values())} <= icon_names()
    assert len({str(word) for _, _, word in told.OUTCOMES.values()}) == len(Outcome)


def test_a_direction_without_its_word_still_says_it() -> None:
    text = drawn("{% direction 'inbound' icon_only=True %}")
    assert '<span class="visually-hidden">Inbound</span>' in text
    assert 'title="Inbound"' in text


@pytest.mark.parametrize(
    "side",
    [
        {"number": "+15125550101", "raw": "", "name": EVIL, "contact": None},
        {"number": EVIL, "raw": "", "name": None, "contact": None},
        {"number": None, "raw": EVIL, "name": None},
        {"number": "1", "raw": "", "name": "", "contact": {"id": "x", "name": EVIL, "company": '"><b>'}},
    ],
)
def test_html_in_a_name_stays_text(side: dict[str, object]) -> None:
    text = drawn("{% party side %}{{ number|phone }}", side=side, number=EVIL)
    assert "<script" not in text
    assert "<b>" not in text
    assert "&lt;script&gt;" in text


def test_a_party_is_told_by_contact_then_name_then_number() -> None:
    side = {"number": "+15125550101", "raw": "5125550101", "name": "ANNA B", "contact": None}
    with numbers_as_in("US"):
        assert "ANNA B" in drawn("{% party side %}", side=side)
        assert "(512) 555-0101" in drawn("{% party side %}", side=side)
        named = {**side, "contact": {"id": "9", "name": "Anna Berg", "company": "Acme"}}
        text = drawn("{% party side link=False %}", side=named)
    assert "Anna Berg" in text
    assert "Anna Berg, Acme" in text
    assert "ANNA B<" not in text
    assert "Unknown" in drawn("{% party side %}", side={"number": None, "raw": None, "name": None})


@pytest.mark.parametrize(
    ("number", "country", "expected"),
    [
        ("+15125550101", "US", "(512) 555-0101"),
        ("+15125550101", "", "+1 512-555-0101"),
        ("+442079460101", "US", "+44 20 7946 0101"),
        ("+442079460101", "GB", "020 7946 0101"),
        ("101", "US", "101"),
        ("+1512•••", "US", "+1512•••"),
        ("anonymous", "US", "anonymous"),
        (None, "US", ""),
    ],
)
def test_numbers_are_written_as_people_write_them(number: str | None, country: str, expected: str) -> None:
    with numbers_as_in(country):
        assert told.phone(number) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (None, "–"),
        (0.0, "0:00"),
        (0.2, "<0:01"),
        (9.0, "0:09"),
        (65.4, "1:05"),
        (3599.4, "59:59"),
        (3720, "1 h 02 min"),
    ],
)
def test_a_length_is_read_at_a_glance_and_unknown_is_not_zero(seconds: float | None, expected: str) -> None:
    assert told.span(seconds) == expected


def test_a_time_is_exact_in_the_viewers_zone_and_relative() -> None:
    at = datetime.now(UTC) - timedelta(minutes=5)
    with timezone.override("America/New_York"):
        text = told.when(int(at.timestamp() * 1_000_000))
        assert told.when(at.isoformat()) == text
    assert f'datetime="{at:%Y-%m-%dT%H:%M:%SZ}"' in text
    assert "data-relative" in text
    assert "5 min ago" in text
    assert timezone.localtime(at, timezone.zoneinfo.ZoneInfo("America/New_York")).strftime("%H:%M:%S") in text


def test_days_near_are_named_and_days_far_have_a_year() -> None:
    now = timezone.localtime()
    assert told.short(now).startswith("Today ")
    assert told.short(now - timedelta(days=1)).startswith("Yesterday ")
    assert told.short(now - timedelta(days=400)).split()[2] == str((now - timedelta(days=400)).year)


def test_words_are_translated() -> None:
    with translation.override("de"):
        assert "Anruf" not in told.outcome_word("answered")
        assert told.outcome_word("no such thing") == str(told.OUTCOMES["unknown"][2])


@pytest.mark.parametrize(
    ("number", "expected"), [(7, "7"), (83_120, "83,120"), (825_020, "825k"), (1_450_000, "1.4M")]
)
def test_counts_are_short(number: int, expected: str) -> None:
    assert told.short_number(number) == expected
