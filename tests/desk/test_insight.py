"""Figures as the organisation counts them: choices under versions, business hours, comparisons, answers to surveys."""

from __future__ import annotations

from typing import Any

import pytest

from ringbook.analyse.answer import Answer
from ringbook.analyse.errors import FigureError
from ringbook.desk.annotations import vocabulary
from ringbook.desk.annotations.acting import By
from ringbook.desk.governance.audit import Actor
from ringbook.desk.governance.models import AuditEntry
from ringbook.desk.insight import choices, figures, surveys
from ringbook.desk.insight.models import Chosen, SurveyAnswer
from ringbook.desk.organisation.hours import hours_of
from ringbook.desk.organisation.models import BusinessHours, Holiday, Organisation
from ringbook.model.scope import Scope
from ringbook.runtime.home import Home
from ringbook.search.errors import QuestionError
from ringbook.search.pages import iterate

from ..house import People, write_calls
from ..search.calls import HAND_MADE, at

pytestmark = pytest.mark.django_db

NOW = at("2026-11-21T17:00")
ME = Actor("person:1", "Olga")
MAIN = Scope()
BERLIN = "Europe/Berlin"


def _figure(name: str, query: str = "", **more: Any) -> Answer:
    return figures.figure(MAIN, name, query, **{"zone": "America/New_York", "now": NOW, **more})


# --- choices -------------------------------------------------------------------------------------------------------------


def test_a_choice_is_a_version_that_the_figure_names(house: Home) -> None:
    assert _figure("service-level").chosen is None
    choices.choose(ME, "service-level", variant="a", threshold_s=30)
    choices.choose(ME, "abandonment", variant="B")
    counted = _figure("service-level")
    assert (counted.variant, counted.threshold_s, counted.chosen) == ("A", 30, 2)
    asked = _figure("service-level", variant="B", threshold_s=10)
    assert (asked.variant, asked.threshold_s, asked.chosen) == ("B", 10, None)
    [listed] = [each for each in figures.catalogue(MAIN) if each.figure == "abandonment"]
    assert (listed.variant, listed.chosen) == ("B", 2)


def test_earlier_versions_stay(house: Home) -> None:
    choices.choose(ME, "service-level", variant="D", short_s=5)
    choices.choose(ME, "service-level")  # as usual again
    assert _figure("service-level").variant == "C"
    assert [(each.version, each.figures) for each in choices.history()] == [
        (2, {}),
        (1, {"service-level": {"variant": "D", "short_s": 5}}),
    ]
    assert AuditEntry.objects.filter(action="figures:chosen", actor=ME.id).count() == 2


@pytest.mark.parametrize(
    ("figure", "how"),
    [
        ("service-levels", {"variant": "A"}),
        ("service-level", {"variant": "E"}),
        ("service-level", {"threshold_s": -1}),
        ("calls", {"threshold_s": 5}),
    ],
)
def test_what_cannot_be_counted_cannot_be_chosen(figure: str, how: dict[str, Any]) -> None:
    with pytest.raises(FigureError):
        choices.choose(ME, figure, **how)
    assert not Chosen.objects.exists()


def test_outcome_codes_are_chosen(house: Home) -> None:
    found = choices.choose_codes(ME, resolved=["sale", "solved"], not_resolvable=["spam"])
    assert (found.version, found.resolved, found.not_resolvable) == (1, ("sale", "solved"), ("spam",))
    assert _figure("resolved").chosen == 1
    [listed] = [each for each in figures.catalogue(MAIN) if each.figure == "resolved"]
    assert listed.chosen == 1
    assert '"sale","solved"' in listed.formula["A"]
    with pytest.raises(FigureError, match="say both: sale"):
        choices.choose_codes(ME, resolved=["sale"], not_resolvable=["sale"])


def test_the_service_level_is_that_of_the_organisation(house: Home, people: People) -> None:
    Organisation.objects.update(service_level_s=45)
    assert _figure("service-level").threshold_s == 45
    choices.choose(ME, "service-level", threshold_s=15)
    assert _figure("service-level").threshold_s == 15


# --- business hours and periods ---------------------------------------------------------------------------------------


def _set_hours() -> None:
    Organisation.objects.update_or_create(tenant="main", defaults={"zone": BERLIN})
    BusinessHours.objects.create(week=[[[510, 720], [780, 1020]]] * 4 + [[[510, 900]], [], []])
    Holiday.objects.create(date="2026-11-18", name="Repentance", spans=[])
    Holiday.objects.create(date="2026-11-19", name="Eve", spans=[[540, 600]])


@pytest.mark.parametrize("period", ["", "2026-11-01..2026-11-30"])
def test_open_and_closed_part_the_calls_as_the_clock_does(house: Home, period: str) -> None:
    _set_hours()
    hours = hours_of()
    whole = _figure("calls", period=period, zone=BERLIN).sample
    opened, closed = (_figure("calls", period=period, hours=which) for which in ("open", "closed"))
    assert opened.sample + closed.sample == whole
    assert (opened.zone, opened.hours) == (BERLIN, "open")
    # An independent walk over the calls.
    for answer, is_open in ((opened, True), (closed, False)):
        found = list(iterate(house.ledger, MAIN, answer.calls_query, zone=BERLIN, now=NOW))
        assert len(found) == answer.sample
        assert {hours.open_at(call.started_at) for call in found} <= {is_open}
    assert opened.sample
    assert closed.sample


def test_hours_that_were_never_set_are_not_guessed(house: Home, people: People) -> None:
    with pytest.raises(FigureError, match="No business hours are set"):
        _figure("calls", hours="open")
    _set_hours()
    with pytest.raises(FigureError, match='"open" or "closed"'):
        _figure("calls", hours="lunch")


def test_a_period_is_part_of_the_question_behind(house: Home) -> None:
    answer = _figure("calls", "direction:inbound", by="day", period="2026-11-17..2026-11-20")
    assert [row["day"] for row in answer.rows] == [f"2026-11-{day}" for day in (17, 18, 19, 20)]
    assert "on:2026-11-17..2026-11-20" in answer.calls_query
    assert answer.query == "direction:inbound"
    assert sum(row["calls"] for row in answer.rows) == answer.sample


def test_a_mistake_is_pointed_at_where_it_was_written(house: Home) -> None:
    with pytest.raises(QuestionError) as error:
        _figure("calls", "colour:red", period="last-7-days")
    assert error.value.question == "colour:red"
    with pytest.raises(FigureError, match="Did you mean last-week"):
        _figure("calls", period="last-wek")


# --- comparisons ------------------------------------------------------------------------------------------------------


def _compare(name: str, query: str = "", **more: Any) -> Any:
    return figures.compare(MAIN, name, query, **{"zone": "America/New_York", "now": NOW, **more})


def test_two_periods_are_compared_day_by_day(house: Home) -> None:
    found = _compare("calls", by="day", period="2026-11-16..2026-11-18")
    assert (found.this_label, found.other_label) == ("2026-11-16 – 2026-11-18", "2026-11-13 – 2026-11-15")
    assert [(row.label, row.other_label) for row in found.rows] == [
        ("2026-11-16", "2026-11-13"),
        ("2026-11-17", "2026-11-14"),
        ("2026-11-18", "2026-11-15"),
    ]
    this = _figure("calls", "on:2026-11-16..2026-11-18").sample
    other = _figure("calls", "on:2026-11-13..2026-11-15").sample
    assert (found.change.this, found.change.other) == (this, other)
    assert found.change.difference == this - other


def test_two_groups_are_compared_by_what_they_are(house: Home) -> None:
    found = _compare("calls", "direction:inbound", other_query="direction:outbound", by="outcome")
    labels = {row.label for row in found.rows}
    assert labels >= {"answered", "failed"}
    for row in found.rows:
        assert row.change.this == (row.this["calls"] if row.this else None)
    assert (found.this_label, found.other_label) == ("direction:inbound", "direction:outbound")
    assert sum(row.change.other or 0 for row in found.rows) == found.other.sample


def test_nothing_to_compare_with_is_no_ratio(house: Home) -> None:
    found = _compare("calls", period="2026-11-16..2026-11-18", other_period="2019-01-01")
    assert (found.change.other, found.change.ratio, found.change.enough) == (0, None, False)
    with pytest.raises(FigureError, match="say which period"):
        _compare("calls")


# --- surveys ----------------------------------------------------------------------------------------------------------


def test_an_answer_is_counted_with_its_call(house: Home) -> None:
    write_calls(house, [HAND_MADE["sales"]])
    call = str(HAND_MADE["sales"].id)
    before = _figure("csat").total
    surveys.record(ME, call, "csat", 5, via="api", comment=" Quick ")
    surveys.record(ME, call, "csat", 2, via="api")  # the customer thought again
    surveys.record(ME, call, "nps", 9, via="ivr")
    [csat, nps] = surveys.answers_of(MAIN, call)
    assert (csat.kind, csat.score, csat.version, csat.comment) == ("csat", 2, 2, "")
    assert (nps.score, nps.via) == (9, "ivr")
    after = _figure("csat", f"id:{call}").total
    assert (after["calls"], after["satisfied"], after["mean_score"]) == (1, 0, 2)
    assert _figure("csat").total["calls"] == before["calls"] + 1
    [found] = iterate(house.ledger, MAIN, f"field:survey.nps=9 id:{call}", now=NOW)
    assert str(found.id) == call


@pytest.mark.parametrize(
    ("kind", "score", "via", "said"),
    [
        ("stars", 5, "api", "csat, nps, ces"),
        ("csat", 0, "api", "from 1 to 5"),
        ("csat", 6, "api", "from 1 to 5"),
        ("nps", 11, "api", "from 0 to 10"),
        ("nps", True, "api", "whole number"),
        ("csat", 5, "fax", "api, ivr, link, hand"),
    ],
)
def test_no_answer_is_taken_for_one(kind: str, score: int, via: str, said: str) -> None:
    with pytest.raises(surveys.SurveyError, match=said):
        surveys.record(ME, str(HAND_MADE["sales"].id), kind, score, via=via)
    assert not SurveyAnswer.objects.exists()


def test_forecast_staffing_and_people_have_a_door(house: Home, people: People) -> None:
    told = figures.forecast(MAIN, zone="UTC", now=NOW)
    assert told.enough or "Too little history" in told.needed
    table = figures.staffing(MAIN, "queue:nowhere", zone="UTC", now=NOW)
    assert (table.rows, table.aht_s) == ([], None)
    found = figures.people(MAIN, period="2026-11-19", zone="UTC", now=NOW)
    assert sum(row.handled for row in found.rows) > 0


def test_codes_of_which_none_says_resolved_tell_nothing(house: Home, people: People) -> None:
    """Codes that the organisation made and did not choose among are not taken for calls that were not resolved."""
    assert _figure("resolved").total["resolved"] == 0  # without codes of its own, the usual words hold
    by = By.of(people.owner)
    vocabulary.save_outcome(by, None, "order", "Order placed", "Sales")
    with pytest.raises(FigureError, match="How figures are counted"):
        _figure("resolved")
    choices.choose_codes(ME, resolved=["order"], not_resolvable=[])
    assert _figure("resolved").chosen == 1
    vocabulary.save_outcome(by, None, "resolved", "Solved", "Support")
    assert figures.customs_of("main").choices.resolved == ("order",)
