"""A staffing question and its answer: by hand, by law, and where there is none."""

from __future__ import annotations

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringbook.analyse.erlang import MAX_AGENTS
from ringbook.analyse.staffing import StaffingError, StaffingQuestion, scheduled, share, staff
from ringbook.model.errors import AskError

HALF_HOUR = StaffingQuestion(calls=100, interval_s=1800, aht_s=180, target_share=0.8, within_s=20)


def asked(**changes: float | None) -> StaffingQuestion:
    """The half-hour of a hundred calls, with other values."""
    return msgspec.structs.replace(HALF_HOUR, **changes)


def test_the_known_half_hour() -> None:
    answer = staff(HALF_HOUR)
    assert answer.load_erlang == 10
    assert (answer.model, answer.agents, answer.scheduled_agents) == ("erlang_c", 14, 14)
    assert answer.service_level_share == pytest.approx(0.888, abs=5e-4)
    assert answer.asa_s == pytest.approx(7.8, abs=0.05)
    assert answer.abandonment_share is None
    assert answer.erlang_a is None
    assert [option.agents for option in answer.erlang_c.options] == [13, 14, 15, 16]
    assert [option.target_reached for option in answer.erlang_c.options] == [False, True, True, True]
    fewer = answer.erlang_c.options[0].outcome
    assert fewer.service_level_share == pytest.approx(0.796, abs=5e-4)
    assert fewer.asa_s == pytest.approx(17.1, abs=0.05)
    assert fewer.occupancy_share == pytest.approx(0.769, abs=5e-4)


def test_callers_who_hang_up_need_fewer_agents_and_some_are_lost() -> None:
    answer = staff(asked(patience_s=120))
    assert answer.erlang_a is not None
    assert (answer.model, answer.agents) == ("erlang_a", 12)
    assert answer.erlang_c.agents == 14
    assert answer.abandonment_share is not None
    assert 0.03 < answer.abandonment_share < 0.07


def test_shrinkage_is_scheduled_on_top() -> None:
    answer = staff(asked(shrinkage_share=0.3))
    assert (answer.agents, answer.scheduled_agents) == (
        14,
        20,
    )  # 14 / 0.7 is 20, though not in binary fractions
    assert [option.scheduled_agents for option in answer.erlang_c.options] == [19, 20, 22, 23]


def test_an_occupancy_cap_takes_more_agents_than_the_target() -> None:
    plan = staff(asked(max_occupancy_share=0.6)).erlang_c
    assert (plan.agents_for_target, plan.agents) == (14, 17)
    assert plan.answer.outcome.occupancy_share <= 0.6
    fewer = plan.options[0]
    assert fewer.target_reached
    assert not fewer.cap_kept


def test_a_cap_that_is_kept_anyway_changes_nothing() -> None:
    assert staff(asked(max_occupancy_share=0.9)).agents == 14
    assert staff(asked(max_occupancy_share=1.0)).agents == 14


def test_a_queue_that_grows_without_end_has_no_average_wait() -> None:
    overload = staff(asked(target_share=0.01)).erlang_c.options[0]
    assert overload.agents == 10
    assert not overload.stable
    assert not overload.target_reached
    assert overload.outcome.asa_s is None
    assert overload.outcome.wait_share == 1
    assert overload.outcome.service_level_share == 0


def test_no_fewer_than_one_agent_is_shown() -> None:
    plan = staff(asked(calls=0.5)).erlang_c
    assert [option.agents for option in plan.options] == [1, 2, 3]


def test_the_largest_answer_is_shown_without_more_agents_than_there_can_be() -> None:
    plan = staff(asked(calls=MAX_AGENTS * 9, max_occupancy_share=0.9)).erlang_c
    assert plan.agents == MAX_AGENTS
    assert [option.agents for option in plan.options] == [MAX_AGENTS - 1, MAX_AGENTS]


def test_within_no_time_at_all_is_the_share_that_need_not_wait() -> None:
    answer = staff(asked(within_s=0))
    given = answer.erlang_c.answer.outcome
    assert given.service_level_share == pytest.approx(1 - given.wait_share)
    assert given.service_level_share >= 0.8


def test_the_formulas_have_the_values_in_them() -> None:
    lines = "\n".join(staff(asked(shrinkage_share=0.3)).formulas)
    assert "100 · 180 / 1,800 = 10 erlang" in lines
    assert "= 0.1741" in lines
    assert "= 0.8884, T = 20 s" in lines
    assert "14 / 0.7 → 20" in lines
    assert "Erlang A (M/M/N+M)" in "\n".join(staff(asked(patience_s=120)).formulas)


def test_strained_assumptions_are_told() -> None:
    assert staff(HALF_HOUR).cautions == ()
    assert "busy for more than 90 %" in staff(asked(calls=5000)).cautions[0]
    assert "as long as the whole interval" in staff(asked(interval_s=180, calls=10)).cautions[0]
    assert "hang up, on average, before" in staff(asked(patience_s=15)).cautions[0]


@given(
    st.floats(0.1, 2000),
    st.floats(30, 1200),
    st.floats(0.1, 0.99),
    st.floats(0, 120),
    st.none() | st.floats(5, 1000),
    st.floats(0, 0.9),
)
def test_the_answer_is_the_fewest_that_do(
    calls: float, aht_s: float, target: float, within_s: float, patience_s: float | None, shrinkage: float
) -> None:
    answer = staff(
        asked(
            calls=calls,
            aht_s=aht_s,
            target_share=target,
            within_s=within_s,
            patience_s=patience_s,
            shrinkage_share=shrinkage,
        )
    )
    for plan in filter(None, (answer.erlang_c, answer.erlang_a)):
        assert all(option.target_reached == (option.agents >= plan.agents) for option in plan.options)
        assert plan.scheduled_agents * (1 - shrinkage) >= plan.agents - 1e-9
        assert (plan.scheduled_agents - 1) * (1 - shrinkage) < plan.agents
    assert answer.agents == (answer.erlang_a or answer.erlang_c).agents


@given(st.integers(1, 5000), st.integers(0, 99))
def test_scheduled_agents_are_exact_in_whole_percents(agents: int, percent: int) -> None:
    assert scheduled(agents, percent / 100) == -(-agents * 100 // (100 - percent))


# --- shares as people write them --------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["80", "80%", "80 %", "0.8", " 80.0 ", ".8"])
def test_eighty_percent(text: str) -> None:
    assert share(text) == 0.8


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("0%", 0),
        ("1%", 0.01),
        ("0.5%", 0.005),
        ("0.5", 0.5),
        ("99.9", 0.999),
        ("100", 1),
        ("100%", 1),
        ("1.5", 0.015),
    ],
)
def test_percent_and_fractions(text: str, value: float) -> None:
    assert share(text) == value


@pytest.mark.parametrize("text", ["1", "1.0", "1.00"])
def test_a_bare_one_could_be_either(text: str) -> None:
    with pytest.raises(StaffingError, match="may mean 1% or 100%"):
        share(text)


@pytest.mark.parametrize("text", ["", "%", "abc", "nan", "inf", "-5", "101", "100.1%", "80%%", "0,8", "1e9"])
def test_what_is_no_share(text: str) -> None:
    with pytest.raises(StaffingError, match="is no share; write a percentage from 0% to 100%"):
        share(text)


@given(st.text(max_size=12))
def test_any_text_is_a_share_or_refused(text: str) -> None:
    try:
        assert 0 <= share(text) <= 1
    except StaffingError as error:
        assert repr(text) in str(error)


# --- questions without an answer --------------------------------------------------------------------------------------


@pytest.mark.parametrize("within_s", [0.0, 20.0, 3600.0])
def test_everyone_in_time_is_impossible_and_why(within_s: float) -> None:
    with pytest.raises(
        StaffingError, match=rf"100 % within {within_s:,.10g} s cannot be reached: calls come at random"
    ):
        staff(asked(target_share=1.0, within_s=within_s))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"calls": 0}, "the number of calls is 0; it must be above 0"),
        ({"calls": -3}, "the number of calls is -3; it must be above 0"),
        ({"calls": math.nan}, "the number of calls is nan"),
        ({"calls": math.inf}, "the number of calls is inf"),
        ({"interval_s": 0}, "the interval is 0 s; it must be a number from 0.001"),
        ({"interval_s": -1800}, "the interval is -1,800 s"),
        ({"aht_s": 0}, "the average handling time is 0 s"),
        ({"aht_s": math.nan}, "the average handling time is nan s"),
        ({"within_s": -1}, "the time to answer within is -1 s"),
        ({"within_s": math.inf}, "the time to answer within is inf s"),
        ({"patience_s": 0}, "the callers' patience is 0 s"),
        ({"patience_s": -5}, "the callers' patience is -5 s"),
        ({"patience_s": math.nan}, "the callers' patience is nan s"),
        ({"target_share": 0}, "a target of 0 % is reached without any agents"),
        ({"target_share": -0.1}, "the target is -10 %; it must be a number from 0 to 100 %"),
        ({"target_share": 80}, "the target is 8,000 %; it must be a number from 0 to 100 %"),
        ({"target_share": math.nan}, "the target is nan %"),
        ({"shrinkage_share": 1.0}, "shrinkage of 100 % leaves nobody at work"),
        ({"shrinkage_share": -0.1}, "shrinkage is -10 %"),
        ({"max_occupancy_share": 0.0}, "an occupancy of at most 0 % leaves nobody"),
        ({"max_occupancy_share": 1.1}, "the occupancy cap is 110 %"),
        ({"max_occupancy_share": 1e-7}, "needs more than 100,000 agents"),
        ({"calls": 1e300}, "needs more than 100,000 agents"),
    ],
)
def test_bad_input_is_named(changes: dict[str, float], message: str) -> None:
    with pytest.raises(AskError) as caught:
        staff(asked(**changes))
    assert message in str(caught.value)
