"""Erlang B, C and A against the published vectors, a brute-force solution of the chain, a simulation, and their own laws."""

from __future__ import annotations

import heapq
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from ringbook.analyse.erlang import (
    MAX_AGENTS,
    ErlangError,
    Outcome,
    agents_by_erlang_a,
    agents_by_erlang_c,
    erlang_a,
    erlang_b,
    erlang_c,
    offered_load_erlang,
    trunks_for_blocking,
    under_cap,
)

LOADS = st.floats(0.01, 300)
AGENTS = st.integers(1, 300)
AHTS_S = st.floats(1, 3600)
WITHIN_S = st.floats(0, 600)
PATIENCES_S = st.floats(1, 10_000)
SHARES = st.floats(0.01, 0.999)
SLACK = 1e-9


# --- published vectors ------------------------------------------------------------------------------------------------


def test_load_of_a_hundred_calls_in_half_an_hour() -> None:
    assert offered_load_erlang(100, 1800, 180) == 10


@pytest.mark.parametrize(
    ("agents", "level", "asa_s"), [(12, 0.640, 40.4), (13, 0.796, 17.1), (14, 0.888, 7.8)]
)
def test_erlang_c_vector(agents: int, level: float, asa_s: float) -> None:
    outcome = erlang_c(10, agents, aht_s=180, within_s=20)
    assert outcome.service_level_share == pytest.approx(level, abs=5e-4)
    assert outcome.asa_s == pytest.approx(asa_s, abs=0.05)


def test_erlang_c_vector_of_thirteen_agents() -> None:
    outcome = erlang_c(10, 13, aht_s=180, within_s=20)
    assert outcome.wait_share == pytest.approx(0.2853, abs=5e-5)
    assert outcome.occupancy_share == pytest.approx(0.769, abs=5e-4)
    assert outcome.wait_of_waiting_s == pytest.approx(60)
    assert outcome.abandonment_share is None


def test_erlang_b_vector() -> None:
    assert erlang_b(25, 30) == pytest.approx(0.0526, abs=5e-5)
    assert trunks_for_blocking(25, 0.0527) == 30
    assert trunks_for_blocking(25, 0.0525) == 31


def test_one_agent_is_the_known_single_server_queue() -> None:
    outcome = erlang_c(0.5, 1, aht_s=60, within_s=30)
    assert outcome.wait_share == pytest.approx(0.5)
    assert outcome.asa_s == pytest.approx(60)
    assert outcome.service_level_share == pytest.approx(1 - 0.5 * math.exp(-0.25))


# --- an independent solution: the birth-death chain as linear equations -----------------------------------------------


def steady_state(birth: list[float], death: list[float]) -> Any:
    """Shares of time in each state, from the balance equations π·Q = 0 and Σπ = 1."""
    size = len(birth) + 1
    rates = np.zeros((size, size))
    for state, (up, down) in enumerate(zip(birth, death, strict=True)):
        rates[state, state + 1] = up
        rates[state + 1, state] = down
    np.fill_diagonal(rates, -rates.sum(axis=1))
    equations = np.vstack([rates.T, np.ones(size)])
    wanted = np.append(np.zeros(size), 1.0)
    return np.linalg.lstsq(equations, wanted, rcond=None)[0]


def answered_in_time(pi: Any, agents: int, service: float, leaving: float, within_s: float) -> float:
    """Share of arrivals answered within a time, following each arrival's own way to the front as an absorbing chain.

    A caller who finds ``ahead`` waiting is served after ahead + 1 departures of others; while j are ahead, the rate of
    these is N·μ + j·θ, and the caller's own leaving θ. The chain is advanced by uniformisation.
    """
    waiting = len(pi) - agents
    front = np.zeros(waiting)  # the share of arrivals now with j callers ahead in the queue
    front[:] = pi[agents:]
    at_once = float(pi[:agents].sum())
    if within_s == 0:
        return at_once
    moves = agents * service + np.arange(waiting) * leaving
    pace = float(moves.max() + leaving)
    served, answered, term, weight, k = 0.0, 0.0, front, math.exp(-pace * within_s), 0
    reached = weight
    while reached < 1 - 1e-13 and k < 100_000:
        answered += weight * served
        step = term * (1 - (moves + leaving) / pace)
        step[:-1] += term[1:] * moves[1:] / pace
        served += term[0] * moves[0] / pace
        term, k = step, k + 1
        weight *= pace * within_s / k
        reached += weight
    return at_once + answered + weight * served


@pytest.mark.parametrize(("load", "trunks"), [(0.5, 1), (3.0, 2), (10.0, 12), (25.0, 30), (40.0, 20)])
def test_erlang_b_is_the_full_state_of_the_chain(load: float, trunks: int) -> None:
    pi = steady_state([load] * trunks, [float(k) for k in range(1, trunks + 1)])
    assert erlang_b(load, trunks) == pytest.approx(pi[-1], abs=1e-10)


@pytest.mark.parametrize(("load", "agents"), [(0.5, 1), (1.5, 2), (10.0, 12), (10.0, 13), (20.0, 26)])
def test_erlang_c_is_the_chain_with_a_long_queue(load: float, agents: int) -> None:
    aht_s, within_s = 180.0, 20.0
    size = agents + math.ceil(30 / -math.log(load / agents))
    pi = steady_state([load / aht_s] * size, [min(k, agents) / aht_s for k in range(1, size + 1)])
    outcome = erlang_c(load, agents, aht_s=aht_s, within_s=within_s)
    queue = float(pi @ np.maximum(np.arange(size + 1) - agents, 0))
    assert outcome.wait_share == pytest.approx(pi[agents:].sum(), abs=1e-9)
    assert outcome.asa_s == pytest.approx(queue / (load / aht_s), rel=1e-8)
    assert outcome.service_level_share == pytest.approx(
        answered_in_time(pi, agents, 1 / aht_s, 0.0, within_s), abs=1e-9
    )


@pytest.mark.parametrize(
    ("load", "agents", "patience_s", "within_s"),
    [
        (10.0, 12, 120.0, 20.0),
        (10.0, 10, 60.0, 20.0),
        (10.0, 7, 300.0, 90.0),
        (10.0, 3, 45.0, 0.0),
        (30.0, 24, 180.0, 30.0),
        (0.5, 1, 30.0, 10.0),
        (2.0, 6, 5.0, 20.0),
    ],
)
def test_erlang_a_is_the_chain_whose_queue_leaves(
    load: float, agents: int, patience_s: float, within_s: float
) -> None:
    aht_s = 180.0
    arrivals, leaving = load / aht_s, 1 / patience_s
    size = agents + (250 if patience_s > 10 else 60)  # longer queues are rarer than a double can tell
    pi = steady_state(
        [arrivals] * size,
        [min(k, agents) / aht_s + max(k - agents, 0) * leaving for k in range(1, size + 1)],
    )
    queue = float(pi @ np.maximum(np.arange(size + 1) - agents, 0))
    busy = float(pi @ np.minimum(np.arange(size + 1), agents))
    waits = float(pi[agents:].sum())

    outcome = erlang_a(load, agents, aht_s=aht_s, within_s=within_s, patience_s=patience_s)

    assert outcome.wait_share == pytest.approx(waits, abs=1e-9)
    assert outcome.abandonment_share == pytest.approx(queue * leaving / arrivals, abs=1e-9)
    assert outcome.wait_of_waiting_s == pytest.approx(queue / arrivals / waits, rel=1e-7)
    assert outcome.occupancy_share == pytest.approx(busy / agents, abs=1e-9)
    in_time = answered_in_time(pi, agents, 1 / aht_s, leaving, within_s)
    assert outcome.service_level_share == pytest.approx(in_time, abs=1e-9)


# --- an independent simulation ----------------------------------------------------------------------------------------


def simulated(load: float, agents: int, aht_s: float, patience_s: float, within_s: float) -> Any:
    """Per batch: share answered in time, share hung up, mean wait of the answered; callers served in order of arrival."""
    random = np.random.default_rng(20_261_121)
    batches, size, warm_up = 30, 6_000, 2_000
    calls = batches * size + warm_up
    arrived = np.cumsum(random.exponential(aht_s / load, calls))
    handling = random.exponential(aht_s, calls)
    patience = random.exponential(patience_s, calls)
    free_at = [0.0] * agents
    rows = np.zeros((calls, 3))
    for call, (at, takes, waits) in enumerate(zip(arrived, handling, patience, strict=True)):
        wait = max(0.0, free_at[0] - at)
        if wait > waits:
            rows[call] = 0, 1, 0
        else:
            heapq.heapreplace(free_at, at + wait + takes)
            rows[call] = wait <= within_s, 0, wait
    means = rows[warm_up:].reshape(batches, size, 3).mean(axis=1)
    means[:, 2] /= 1 - means[:, 1]
    return means


@pytest.mark.parametrize(("agents", "patience_s"), [(12, 120.0), (8, 90.0), (13, 1e7)])
def test_a_simulation_agrees(agents: int, patience_s: float) -> None:
    means = simulated(10, agents, 180, patience_s, 20)
    centre = means.mean(axis=0)
    band = 3.5 * means.std(axis=0, ddof=1) / math.sqrt(len(means)) + 1e-5
    outcome = erlang_a(10, agents, aht_s=180, within_s=20, patience_s=patience_s)
    said = np.array([outcome.service_level_share, outcome.abandonment_share, outcome.asa_s])
    assert np.all(np.abs(said - centre) <= band), (said, centre, band)
    assert np.all(band <= [0.02, 0.01, 3])  # a band so wide that anything fits proves nothing


# --- laws -------------------------------------------------------------------------------------------------------------


def shares(outcome: Outcome) -> list[float]:
    """All shares of an outcome."""
    found = [
        outcome.wait_share,
        outcome.service_level_share,
        outcome.occupancy_share,
        outcome.abandonment_share,
    ]
    return [share for share in found if share is not None]


@given(LOADS, AGENTS)
def test_more_trunks_block_less_and_more_load_more(load: float, trunks: int) -> None:
    blocked = erlang_b(load, trunks)
    assert 0 <= erlang_b(load, trunks + 1) <= blocked <= 1
    assert erlang_b(load * 1.01, trunks) >= blocked


@given(LOADS, st.integers(1, 100), AHTS_S, WITHIN_S)
def test_erlang_c_is_monotone(load: float, spare: int, aht_s: float, within_s: float) -> None:
    agents = math.floor(load) + spare
    assume(load < agents)
    fewer = erlang_c(load, agents, aht_s=aht_s, within_s=within_s)
    more = erlang_c(load, agents + 1, aht_s=aht_s, within_s=within_s)
    lighter = erlang_c(load * 0.99, agents, aht_s=aht_s, within_s=within_s)
    assert all(0 <= share <= 1 for share in shares(fewer))
    for better in (more, lighter):
        assert better.service_level_share >= fewer.service_level_share - SLACK
        assert better.asa_s is not None
        assert fewer.asa_s is not None
        assert better.asa_s <= fewer.asa_s
        assert better.occupancy_share < fewer.occupancy_share


@given(LOADS, AGENTS, AHTS_S, WITHIN_S, PATIENCES_S)
def test_erlang_a_is_monotone(
    load: float, agents: int, aht_s: float, within_s: float, patience_s: float
) -> None:
    def at(load: float, agents: int) -> Outcome:
        return erlang_a(load, agents, aht_s=aht_s, within_s=within_s, patience_s=patience_s)

    fewer = at(load, agents)
    assert all(0 <= share <= 1 for share in shares(fewer))
    for better in (at(load, agents + 1), at(load * 0.99, agents)):
        assert better.service_level_share >= fewer.service_level_share - SLACK
        assert better.wait_share <= fewer.wait_share + SLACK
        assert better.occupancy_share <= fewer.occupancy_share + SLACK
        assert better.abandonment_share is not None
        assert fewer.abandonment_share is not None
        assert better.abandonment_share <= fewer.abandonment_share + SLACK


@given(LOADS, AGENTS, AHTS_S, PATIENCES_S)
def test_what_comes_in_is_handled_or_hangs_up(
    load: float, agents: int, aht_s: float, patience_s: float
) -> None:
    outcome = erlang_a(load, agents, aht_s=aht_s, within_s=0, patience_s=patience_s)
    assert outcome.abandonment_share is not None
    handled = outcome.occupancy_share * agents / load
    assert handled + outcome.abandonment_share == pytest.approx(1, abs=1e-8)
    assert outcome.service_level_share == pytest.approx(1 - outcome.wait_share, abs=1e-9)


@given(LOADS, AGENTS, AHTS_S, PATIENCES_S)
def test_a_threshold_beyond_all_waits_counts_everyone_who_stays(
    load: float, agents: int, aht_s: float, patience_s: float
) -> None:
    outcome = erlang_a(load, agents, aht_s=aht_s, within_s=1e8, patience_s=patience_s)
    assert outcome.abandonment_share is not None
    assert outcome.service_level_share == pytest.approx(1 - outcome.abandonment_share, abs=1e-9)


@given(st.floats(0.1, 100), st.integers(1, 30), st.floats(10, 1000), st.floats(0, 300))
def test_endless_patience_is_erlang_c(load: float, spare: int, aht_s: float, within_s: float) -> None:
    agents = math.floor(load) + spare
    assume(load < agents * 0.98)
    patient = erlang_a(load, agents, aht_s=aht_s, within_s=within_s, patience_s=1e8)
    endless = erlang_c(load, agents, aht_s=aht_s, within_s=within_s)
    assert patient.service_level_share == pytest.approx(endless.service_level_share, abs=2e-3)
    assert patient.asa_s == pytest.approx(endless.asa_s, rel=2e-2, abs=1e-9)
    assert patient.abandonment_share == pytest.approx(0, abs=1e-3)


@given(st.floats(0.1, 100), st.integers(1, 130), st.floats(10, 1000))
def test_no_patience_is_erlang_b(load: float, agents: int, aht_s: float) -> None:
    hasty = erlang_a(load, agents, aht_s=aht_s, within_s=20, patience_s=0.001)
    assert hasty.abandonment_share == pytest.approx(erlang_b(load, agents), abs=0.02)


@given(st.floats(0.01, 2000), st.floats(1e-6, 0.9))
def test_fewest_trunks_are_fewest(load: float, blocking: float) -> None:
    trunks = trunks_for_blocking(load, blocking)
    assert erlang_b(load, trunks) <= blocking
    assert trunks == 0 or erlang_b(load, trunks - 1) > blocking


@given(LOADS, AHTS_S, WITHIN_S, SHARES, st.floats(0.3, 1))
@example(7.0, 180.0, 20.0, 0.01, 0.7)
def test_fewest_agents_by_erlang_c_are_fewest(
    load: float, aht_s: float, within_s: float, target: float, cap: float
) -> None:
    agents = agents_by_erlang_c(
        load, aht_s=aht_s, within_s=within_s, target_share=target, max_occupancy_share=cap
    )

    def enough(agents: int) -> bool:
        if load >= agents:
            return False
        outcome = erlang_c(load, agents, aht_s=aht_s, within_s=within_s)
        return outcome.service_level_share >= target and under_cap(outcome, cap)

    assert enough(agents)
    assert agents == 1 or not enough(agents - 1)


@settings(max_examples=50)
@given(LOADS, AHTS_S, WITHIN_S, PATIENCES_S, SHARES, st.floats(0.3, 1))
def test_fewest_agents_by_erlang_a_are_fewest(
    load: float, aht_s: float, within_s: float, patience_s: float, target: float, cap: float
) -> None:
    agents = agents_by_erlang_a(
        load,
        aht_s=aht_s,
        within_s=within_s,
        patience_s=patience_s,
        target_share=target,
        max_occupancy_share=cap,
    )

    def enough(agents: int) -> bool:
        outcome = erlang_a(load, agents, aht_s=aht_s, within_s=within_s, patience_s=patience_s)
        return outcome.service_level_share >= target and under_cap(outcome, cap)

    assert enough(agents)
    assert agents == 1 or not enough(agents - 1)


def test_an_occupancy_cap_met_exactly_takes_no_agent_more() -> None:
    assert (
        agents_by_erlang_c(7, aht_s=180, within_s=20, target_share=0.5, max_occupancy_share=0.7) == 10
    )  # 7 / 0.7 is 10.000000000000002


# --- sizes ------------------------------------------------------------------------------------------------------------


def test_five_thousand_agents() -> None:
    fewest = agents_by_erlang_c(5000, aht_s=300, within_s=20, target_share=0.8)
    by_root = 5000 + math.sqrt(5000)  # the square-root rule puts the spare agents at a small multiple of √A
    assert 5000 < fewest < by_root
    outcome = erlang_a(5000, 4900, aht_s=300, within_s=20, patience_s=120)
    assert outcome.abandonment_share == pytest.approx(0.02, abs=0.003)  # an overload leaves by hanging up
    assert erlang_b(5000, 5000) == pytest.approx(math.sqrt(2 / (math.pi * 5000)), rel=0.02)


@pytest.mark.parametrize(
    ("load", "agents", "patience_s"),
    [(5000, 1, 1e8), (5000, 5000, 1e8), (1, MAX_AGENTS, 0.001), (1e-9, 1, 60), (1e5, 5000, 0.001)],
)
def test_extremes_stay_finite(load: float, agents: int, patience_s: float) -> None:
    outcome = erlang_a(load, agents, aht_s=180, within_s=20, patience_s=patience_s)
    assert all(math.isfinite(share) and 0 <= share <= 1 for share in shares(outcome))
    assert outcome.asa_s is not None
    assert math.isfinite(outcome.asa_s)


def test_a_hopeless_overload_loses_what_cannot_be_handled() -> None:
    outcome = erlang_a(1000, 10, aht_s=180, within_s=20, patience_s=600)
    assert outcome.abandonment_share == pytest.approx(0.99)
    assert outcome.asa_s == pytest.approx(
        600 * math.log(100), rel=0.01
    )  # the fluid limit: e^(−W/patience) = N/A


# --- what has no answer -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("load", [10.0, 10.5, 1e6])
def test_erlang_c_needs_more_agents_than_load(load: float) -> None:
    with pytest.raises(
        ErlangError, match=r"10 agents cannot carry .* grows without end; Erlang C needs at least"
    ):
        erlang_c(load, 10, aht_s=180, within_s=20)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, -1.0])
def test_numbers_that_are_none(bad: float) -> None:
    with pytest.raises(ErlangError, match="the number of calls is"):
        offered_load_erlang(bad, 1800, 180)
    with pytest.raises(ErlangError, match="the interval is"):
        offered_load_erlang(100, bad, 180)
    with pytest.raises(ErlangError, match="the average handling time is"):
        erlang_c(10, 12, aht_s=bad, within_s=20)
    with pytest.raises(ErlangError, match="the time to answer within is"):
        erlang_c(10, 12, aht_s=180, within_s=bad)
    with pytest.raises(ErlangError, match="the callers' patience is"):
        erlang_a(10, 12, aht_s=180, within_s=20, patience_s=bad)
    with pytest.raises(ErlangError, match="the load in erlang is"):
        erlang_b(bad, 10)
    with pytest.raises(ErlangError, match="may be blocked is"):
        trunks_for_blocking(10, bad)


def test_zeros() -> None:
    assert erlang_b(0, 0) == 1
    assert erlang_b(0, 1) == 0
    assert trunks_for_blocking(0, 0.01) == 0
    with pytest.raises(ErlangError, match=r"patience is 0 s; it must be a number from 0.001 to"):
        erlang_a(10, 12, aht_s=180, within_s=20, patience_s=0)
    with pytest.raises(ErlangError, match="the number of agents is 0"):
        erlang_c(10, 0, aht_s=180, within_s=20)
    with pytest.raises(ErlangError, match="the load is 0 erlang"):
        erlang_a(0, 1, aht_s=180, within_s=20, patience_s=60)
    with pytest.raises(ErlangError, match="blocking of 0 % cannot be reached"):
        trunks_for_blocking(10, 0)
    with pytest.raises(ErlangError, match="occupancy of at most 0 %"):
        agents_by_erlang_c(10, aht_s=180, within_s=20, target_share=0.8, max_occupancy_share=0)


def test_all_calls_in_time_is_more_than_any_number_of_agents_can_promise() -> None:
    with pytest.raises(ErlangError, match="100 % cannot be reached"):
        agents_by_erlang_c(10, aht_s=180, within_s=0, target_share=1)
    with pytest.raises(ErlangError, match="100 % cannot be reached"):
        agents_by_erlang_a(10, aht_s=180, within_s=20, patience_s=60, target_share=1)


def test_more_agents_than_there_can_be() -> None:
    with pytest.raises(ErlangError, match="needs more than 100,000 agents"):
        agents_by_erlang_c(1e6, aht_s=180, within_s=20, target_share=0.8)
    with pytest.raises(ErlangError, match="needs more than 100,000 agents"):
        agents_by_erlang_a(
            99, aht_s=180, within_s=20, patience_s=60, target_share=0.8, max_occupancy_share=1e-6
        )
