"""Figures of calls made by hand are those worked out on paper; definitions come with them; mistakes are explained."""

from __future__ import annotations

from typing import Any

import pytest

from ringbook.analyse.catalogue import catalogue
from ringbook.analyse.errors import FigureError
from ringbook.analyse.figures import FIGURES
from ringbook.ledger.ledger import Ledger
from ringbook.model.scope import Scope
from ringbook.search.errors import QuestionError, SearchError
from ringbook.search.pages import count_calls, iterate

from .calls import NOW, QUEUE, TENANTS, at
from .conftest import Ask

WORKED: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("queue", "calls", {}, {"calls": 12}),
    ("queue", "calls", {"query": "outcome:answered or outcome:missed"}, {"calls": 5}),
    ("queue", "answered-rate", {}, {"calls": 11, "answered": 4, "rate": 4 / 11}),
    ("queue", "outcomes", {}, {"calls": 12, "answered": 4, "abandoned": 5, "missed": 1, "unknown": 1}),
    ("queue", "outcomes", {}, {"missed_share": 1 / 12, "abandoned_share": 5 / 12, "voicemail_share": 1 / 12}),
    # Waits of the answered: 5, 20, 21; p90 lies 0.8 of the way from the second to the third.
    ("queue", "wait", {}, {"calls": 3, "mean_s": 46 / 3, "median_s": 20, "p90_s": 20.8, "longest_s": 21}),
    ("queue", "asa", {}, {"calls": 3, "mean_s": 46 / 3}),
    ("queue", "service-level", {"variant": "A"}, {"calls": 3, "within": 2, "service_level": 2 / 3}),
    ("queue", "service-level", {"variant": "A", "threshold_s": 19.999}, {"within": 1}),
    ("queue", "service-level", {"variant": "A", "threshold_s": 21}, {"service_level": 1}),
    # Answered 5, 20, 21 and abandoned 3, 6, 20, 90.
    ("queue", "service-level", {"variant": "B"}, {"calls": 7, "within": 5, "service_level": 5 / 7}),
    # Offered: 12 but for the unknown outcome and the answered one of unknown wait.
    ("queue", "service-level", {}, {"calls": 10, "within": 2, "service_level": 0.2}),
    ("queue", "service-level", {"variant": "c", "threshold_s": 0}, {"within": 0, "service_level": 0}),
    # Without the abandoned ones of 3 and 6 seconds.
    ("queue", "service-level", {"variant": "D"}, {"calls": 8, "within": 2, "service_level": 0.25}),
    ("queue", "service-level", {"variant": "D", "short_s": 5}, {"calls": 9}),
    ("queue", "abandonment", {}, {"calls": 11, "abandoned": 5, "wait_not_known": 1, "rate": 5 / 11}),
    ("queue", "abandonment", {"variant": "B"}, {"calls": 7, "abandoned": 3, "rate": 3 / 7}),
    ("queue", "abandonment", {"variant": "C"}, {"calls": 9, "abandoned": 3, "rate": 3 / 9}),
    ("queue", "abandonment", {"variant": "C", "threshold_s": 20}, {"calls": 8, "abandoned": 2}),
    ("queue", "talk", {}, {"calls": 4, "mean_s": 150, "median_s": 150, "p90_s": 222, "total_s": 600}),
    ("queue", "hold", {}, {"calls": 3, "held": 1, "mean_s": 10, "median_s": 0, "total_s": 30}),
    ("queue", "aht", {}, {"calls": 4, "mean_s": 150}),
    ("queue", "callbacks", {"threshold_s": 90}, {"calls": 7, "callers": 1, "returned": 0, "not_returned": 7}),
    ("trunk", "ring", {}, {"calls": 2, "mean_s": 7, "median_s": 7, "longest_s": 10}),
    ("trunk", "asr", {}, {"calls": 9, "answered": 4, "ratio": 4 / 9}),
    ("trunk", "ner", {}, {"calls": 9, "effective": 7, "failed_without_cause": 1, "ratio": 7 / 9}),
    ("trunk", "transfers", {}, {"calls": 4, "transferred": 1, "share": 0.25}),
    ("lines", "concurrency", {}, {"calls": 6, "peak": 3, "peak_at": "2026-11-04T10:02:00Z"}),
    ("lost", "callbacks", {}, {"calls": 5, "callers": 3, "returned": 2, "not_returned": 2, "open": 1}),
    ("lost", "callbacks", {}, {"returned_share": 0.5, "median_s": 2700, "p90_s": 3420}),
    ("lost", "callbacks", {"threshold_s": 2 * 86400}, {"returned": 3, "not_returned": 1, "open": 1}),
    ("lost", "callbacks", {"query": "outcome:missed"}, {"calls": 3, "returned": 1}),
    ("team", "agents", {}, {"calls": 4, "talk_not_known": 1, "total_s": 190, "mean_s": 38, "name": None}),
]


@pytest.mark.parametrize(("tenant", "name", "how", "worked"), WORKED)
def test_value_is_the_one_worked_out(
    ask: Ask, tenant: str, name: str, how: dict[str, Any], worked: dict[str, Any]
) -> None:
    total = ask(tenant, name, **how).total
    assert {key: total[key] for key in worked} == pytest.approx(worked)


@pytest.mark.parametrize(
    "name", [name for name, one in FIGURES.items() if one.by is None or "direction" in one.by]
)
def test_parts_and_whole_are_accounted_for_alike(ask: Ask, name: str) -> None:
    """The whole tells the calls left out in the statement that counts, parts in one before it."""
    for tenant in ("queue", "trunk"):
        whole, parts = ask(tenant, name), ask(tenant, name, by="direction")
        assert (whole.sample, whole.period, whole.excluded) == (parts.sample, parts.period, parts.excluded)
        doubted = any("More calls are left out" in note for note in whole.notes)
        assert doubted == (sum(whole.excluded.values()) > whole.sample)


def test_the_share_of_returned_calls_waits_until_those_not_returned_can_count(ask: Ask) -> None:
    """Two of three are returned within the hour; next morning nobody's day is over yet, by evening one is lost."""
    day = "on:2026-11-05"
    morning = ask("lost", "callbacks", day, now=at("2026-11-06T09:00")).total
    assert (morning["returned"], morning["not_returned"], morning["open"]) == (2, 0, 1)
    assert morning["returned_share"] is None
    evening = ask("lost", "callbacks", day, now=at("2026-11-06T18:00")).total
    assert (evening["returned"], evening["not_returned"], evening["open"]) == (2, 1, 0)
    assert evening["returned_share"] == pytest.approx(2 / 3)


EXCLUDED: list[tuple[str, str | None, dict[str, int]]] = [
    ("answered-rate", None, {"outcome not known": 1}),
    ("wait", None, {"wait not known": 1}),
    ("service-level", "A", {"wait not known": 1}),
    ("service-level", "B", {"wait not known": 2}),
    ("service-level", "C", {"outcome not known": 1, "answered, wait not known": 1}),
    (
        "service-level",
        "D",
        {"outcome not known": 1, "answered, wait not known": 1, "abandoned within 6 s": 2},
    ),
    ("abandonment", "B", {"abandoned within 6 s": 2}),
    ("hold", None, {"hold not known": 1}),
]


@pytest.mark.parametrize(("name", "variant", "excluded"), EXCLUDED)
def test_what_is_left_out_is_counted(
    ask: Ask, name: str, variant: str | None, excluded: dict[str, int]
) -> None:
    assert ask("queue", name, variant=variant).excluded == excluded


def test_agents_have_a_row_each(ask: Ask) -> None:
    rows = {row["agent"]: row for row in ask("team", "agents").rows}
    assert [(name, row["calls"], row["total_s"]) for name, row in rows.items()] == [
        ("101", 2, 130.0),
        ("102", 2, 50.0),
        ("Di", 1, 10.0),
    ]
    assert rows["101"]["name"] == "Bo"
    assert rows["102"]["talk_not_known"] == 1
    assert rows["Di"]["calls_query"] == 'has:agent agent:="Di"'  # not every agent with "di" in the name


def test_concurrency_of_parts(ask: Ask) -> None:
    rows = {row["queue"]: row["peak"] for row in ask("lines", "concurrency", by="queue").rows}
    assert rows == {"": 2, "Sales": 1}


def test_answer_carries_its_definition(ask: Ask) -> None:
    answer = ask("queue", "service-level", "queue:sales", variant="D", threshold_s=30, zone="Europe/Berlin")
    assert answer.formula == "answered within 30 s / (offered - abandoned within 6 s)"
    assert (answer.version, answer.variant, answer.threshold_s, answer.short_s) == (1, "D", 30, 6)
    assert (answer.zone, answer.query, answer.sample) == ("Europe/Berlin", "queue:sales", 8)
    assert answer.period == ("2026-11-02T10:00:00Z", "2026-11-02T10:10:00Z")
    assert answer.small_sample
    assert ask("queue", "wait").threshold_s is None


@pytest.mark.parametrize("tenant", [*TENANTS, "random"])
@pytest.mark.parametrize(
    ("name", "variant"), [(about.name, each) for about in FIGURES.values() for each in about.variants]
)
def test_calls_behind_a_figure_are_as_many_as_it_rests_on(
    ask: Ask, ledger: Ledger, tenant: str, name: str, variant: str
) -> None:
    answer = ask(tenant, name, "-number:5559999", variant=variant or None)
    behind = count_calls(ledger, Scope(tenant), answer.calls_query, zone=answer.zone, now=NOW)
    assert behind == answer.sample == answer.total["calls"]
    about = FIGURES[name].variants[variant].of
    of_all = count_calls(ledger, Scope(tenant), f"-number:5559999 {about}", now=NOW)
    assert answer.sample + sum(answer.excluded.values()) == of_all


def test_nothing_of_another_tenant(ask: Ask) -> None:
    assert ask("nobody", "calls").total["calls"] == 0
    assert ask("lost", "calls", "queue:sales").sample == 0


@pytest.mark.parametrize("name", FIGURES)
def test_no_calls_are_no_value_not_zero(ask: Ask, name: str) -> None:
    answer = ask("queue", name, "on:1999")
    assert answer.sample == 0
    assert answer.period == (None, None)
    values = [answer.total.get(column.name) for column in answer.columns if column.kind != "count"]
    assert values == [None] * len(values)
    assert not any(row["calls"] for row in answer.rows)


def test_service_level_is_not_known_where_no_wait_is(ask: Ask) -> None:
    answer = ask("queue", "service-level", "-outcome:answered or -has:wait")
    assert answer.total["service_level"] is None
    assert ask("queue", "service-level", "-outcome:answered").total["service_level"] == 0


def test_mistakes_are_explained(ask: Ask) -> None:
    for how, said in (
        ({"name": "servicelevel"}, "Did you mean service-level?"),
        ({"name": "acd"}, "Did you mean talk?"),
        ({"name": "calls", "by": "wekday"}, "Did you mean weekday?"),
        ({"name": "calls", "by": "destination"}, "Did you mean dialled or country?"),
        ({"name": "concurrency", "by": "day"}, "it can be by queue"),
        ({"name": "heat-map", "by": "queue"}, "leave --by out"),
        ({"name": "service-level", "variant": "E"}, "it has A, B, C, D"),
        ({"name": "wait", "variant": "A"}, "leave --variant out"),
        ({"name": "wait", "threshold_s": 5}, "leave --threshold out"),
        ({"name": "service-level", "short_s": 5}, "leave --short out"),
        ({"name": "service-level", "threshold_s": -1}, "write seconds from 0"),
        ({"name": "service-level", "threshold_s": float("nan")}, "write seconds from 0"),
    ):
        with pytest.raises(FigureError, match=said.replace("?", r"\?")):
            ask("queue", **how)
    with pytest.raises(QuestionError) as error:
        ask("queue", "wait", "queue:sales colour:red")
    assert error.value.question == "queue:sales colour:red"
    with pytest.raises(SearchError, match="time zone"):
        ask("queue", "wait", zone="Mars/Base")


def test_a_question_is_taken_as_a_whole(ask: Ask, ledger: Ledger) -> None:
    """An ``or`` in the question does not swallow what the figure adds to it."""
    answer = ask("queue", "wait", "outcome:missed or wait:5")
    assert answer.total["calls"] == 1
    [behind] = iterate(ledger, Scope("queue"), answer.calls_query, now=NOW)
    assert behind.id == QUEUE[0].id


def test_listing_names_every_figure_with_its_formula() -> None:
    found = catalogue()
    assert [each.figure for each in found] == list(FIGURES)
    assert all(formula for each in found for formula in each.formula.values())
