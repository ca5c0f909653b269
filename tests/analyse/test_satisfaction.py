"""Satisfaction and resolution as worked out on paper from what people and customers said."""

from __future__ import annotations

import pytest

from ringbook.analyse.choices import Choices

from .conftest import Ask


def test_csat_is_the_share_of_four_and_five(ask: Ask) -> None:
    total = ask("asked", "csat").total
    assert (total["calls"], total["asked"], total["satisfied"]) == (3, 8, 2)
    assert (total["satisfaction"], total["mean_score"]) == pytest.approx((2 / 3, 11 / 3))
    assert total["response_rate"] == pytest.approx(3 / 8)


@pytest.mark.parametrize("by", [None, "queue"])
@pytest.mark.parametrize(("variant", "silent"), [("A", 5), ("B", 1)])
def test_those_who_did_not_answer_are_counted(ask: Ask, variant: str, silent: int, by: str | None) -> None:
    answer = ask("asked", "csat", variant=variant, by=by)
    assert answer.excluded == {"no answer to the survey": silent}
    assert answer.sample == answer.total["calls"]
    assert (
        answer.period
        == ask("asked", "calls", "field:survey.csat" + (" outcome:answered" if variant == "A" else "")).period
    )


def test_the_response_rate_of_those_who_were_asked(ask: Ask) -> None:
    total = ask("asked", "csat", variant="B").total
    assert (total["calls"], total["asked"], total["satisfied"]) == (4, 5, 2)  # one was asked and said nothing
    assert (total["satisfaction"], total["response_rate"]) == pytest.approx((2 / 4, 4 / 5))


def test_nps_is_promoters_less_detractors(ask: Ask) -> None:
    answer = ask("asked", "nps", by="queue")
    assert (answer.total["calls"], answer.total["promoters"], answer.total["detractors"]) == (4, 2, 1)
    assert answer.total["nps"] == pytest.approx(25)
    assert answer.excluded == {"no answer to the survey": 4}
    assert answer.rows[0]["queue"] == "Sales"
    assert answer.rows[0]["response_rate"] == pytest.approx(4 / 8)


def test_effort_is_the_mean_and_the_share_of_the_easy(ask: Ask) -> None:
    total = ask("asked", "ces").total
    assert (total["calls"], total["asked"], total["easy"], total["mean_score"]) == (2, 8, 1, 5.5)
    assert (total["ease"], total["response_rate"]) == pytest.approx((1 / 2, 2 / 8))
    assert ask("asked", "ces", variant="B").total["response_rate"] == 1


def test_nobody_answered_is_no_satisfaction(ask: Ask) -> None:
    total = ask("asked", "csat", "on:2026-11-09T10:06").total
    assert (total["calls"], total["asked"], total["satisfaction"]) == (0, 1, None)


@pytest.mark.parametrize(("variant", "calls", "rate"), [("A", 5, 2 / 5), ("B", 3, 2 / 3)])
def test_resolved_gross_and_net(ask: Ask, variant: str, calls: int, rate: float) -> None:
    answer = ask("asked", "resolved", variant=variant)
    assert (answer.sample, answer.total["resolved"]) == (calls, 2)
    assert answer.total["rate"] == pytest.approx(rate)
    assert answer.chosen is None


def test_the_organisation_says_which_codes_resolve(ask: Ask) -> None:
    chosen = Choices(version=7, resolved=("resolved", "sale"), not_resolvable=())
    answer = ask("asked", "resolved", choices=chosen)
    assert answer.total["rate"] == pytest.approx(3 / 5)
    assert answer.chosen == 7
    assert '"resolved","sale"' in answer.formula
