"""What a number of agents or trunks gives, by the models of A. K. Erlang and C. Palm; pure arithmetic.

- **Erlang B** (M/M/N/N): a call that finds all trunks busy is lost.
- **Erlang C** (M/M/N): a call that finds all agents busy waits, however long it takes.
- **Erlang A** (M/M/N+M): it waits, but hangs up when its patience is over.

All three: calls arrive at random and independently at a steady rate, handling times are exponential, callers are served in
the order of arrival, and the state is steady. Loads are in erlang, spans in seconds (names end ``_s``), shares from 0 to 1
(names end ``_share``).

Sources: A. K. Erlang, "Solution of some problems in the theory of probabilities of significance in automatic telephone
exchanges" (1917) for B and C; C. Palm, "Research on telephone traffic carried by full availability groups" (1957) for A, in
the form of A. Mandelbaum & S. Zeltyn, "Service engineering in action: the Palm/Erlang-A queue" (2007).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from ringbook.model.errors import AskError

MAX_AGENTS = 100_000
"""More agents or trunks than this are refused: far beyond any one queue, it is always a slip in the units."""

MIN_SPAN_S = 0.001
MAX_SPAN_S = 1e8
"""Shortest and longest handling time, interval and patience that are accepted."""

_NEGLIGIBLE = 45.0
"""Waits whose density is e^-45 of the most likely one's are left out: below what a double can tell."""

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)


class ErlangError(AskError):
    """A load, a span or a number of agents that the model has no answer for."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a number of agents gives on average, in the steady state."""

    agents: int
    wait_share: float
    """Share of the calls that find all agents busy."""
    service_level_share: float
    """Calls answered within the threshold / calls offered; a caller who hangs up counts as not answered."""
    asa_s: float | None
    """Average speed of answer: mean wait of the answered calls, those that need not wait included; None: without bound."""
    wait_of_waiting_s: float | None
    """Mean time in the queue of those that have to wait, answered or not; None: without bound."""
    occupancy_share: float
    """Share of their time on duty for which the agents handle calls."""
    abandonment_share: float | None = None
    """Share of the calls whose caller hangs up while waiting; None where the model knows no hanging up."""


def offered_load_erlang(calls: float, interval_s: float, aht_s: float) -> float:
    """The load in erlang: A = λ · AHT = calls · AHT / interval; the calls in progress on average if none had to wait."""
    checked("the number of calls", calls, 0)
    _span("the interval", interval_s)
    _span("the average handling time", aht_s)
    return calls / interval_s * aht_s


def erlang_b(load_erlang: float, trunks: int) -> float:
    """Share of calls that are blocked: B(0) = 1, B(k) = A·B(k−1) / (k + A·B(k−1)).

    The recursion is over the share itself, which stays within 0 and 1, so nothing overflows at any size.
    """
    checked("the load in erlang", load_erlang, 0)
    _count("the number of trunks", trunks, 0)
    blocked = 1.0
    for k in range(1, trunks + 1):
        blocked = _next_blocked(blocked, load_erlang, k)
    return blocked


def trunks_for_blocking(load_erlang: float, blocking_share: float) -> int:
    """Fewest trunks that block at most this share of the calls, by Erlang B; none for no load."""
    checked("the load in erlang", load_erlang, 0, MAX_AGENTS)
    checked("the share of calls that may be blocked", blocking_share, 0, 1)
    if blocking_share == 0 and load_erlang > 0:
        raise ErlangError(
            "blocking of 0 % cannot be reached: with any number of trunks there is a chance that all are busy; "
            "allow a little, such as 0.1 %"
        )
    blocked, trunks = 1.0, 0
    while blocked > blocking_share and load_erlang > 0:
        trunks += 1
        blocked = _next_blocked(blocked, load_erlang, trunks)
    return trunks


def erlang_c(load_erlang: float, agents: int, *, aht_s: float, within_s: float) -> Outcome:
    """What N agents give if nobody hangs up.

    With ρ = A/N and B by Erlang B: C = B / (1 − ρ(1 − B)) have to wait; service level 1 − C·e^(−(N−A)·T/AHT);
    ASA C·AHT/(N−A); those who wait, wait AHT/(N−A) on average; occupancy ρ.

    :raises ErlangError: the load is not below the number of agents, so the queue would grow without end
    """
    _check_system(load_erlang, agents, aht_s, within_s)
    if load_erlang >= agents:
        raise ErlangError(
            f"{agents:,} agents cannot carry {load_erlang:,.6g} erlang: the queue grows without end; Erlang C needs at least "
            f"{math.floor(load_erlang) + 1:,} agents, or give the callers' patience for Erlang A"
        )
    return _outcome_c(erlang_b(load_erlang, agents), load_erlang, agents, aht_s, within_s)


def erlang_a(load_erlang: float, agents: int, *, aht_s: float, within_s: float, patience_s: float) -> Outcome:
    """What N agents give if callers hang up after an exponential time of this mean; any load has an answer.

    With λ = A/AHT, μ = 1/AHT, θ = 1/patience, the wait V that an endlessly patient caller would have has for x > 0 the density
    λ·P(N−1)·exp(λ(1 − e^(−θx))/θ − Nμx), where P(N−1) = B(N−1) / (1 + B(N−1)·λ·J) and J is the integral of that exponential.
    Hence P(V > 0) = λ·J·P(N−1); abandoned E[1 − e^(−θV)]; answered within T: E[e^(−θV); V ≤ T];
    ASA E[V·e^(−θV)] / E[e^(−θV)]; mean wait of all E[1 − e^(−θV)]/θ; occupancy A·(1 − abandoned)/N.
    The integrals are by Gauss–Legendre on panels about the most likely wait, relative to its density, so nothing overflows.
    """
    _check_system(load_erlang, agents, aht_s, within_s)
    _span("the callers' patience", patience_s)
    x, weight, waits, at_once = _virtual_wait(load_erlang, agents, aht_s, within_s, patience_s)
    stays = np.exp(-x / patience_s)
    leaves = -np.expm1(-x / patience_s)
    left_of_waiting = float(weight @ leaves)
    missed = waits * float(weight @ np.where(x <= within_s, leaves, 1.0))
    answered = at_once + waits * float(weight @ stays)
    return Outcome(
        agents=agents,
        wait_share=waits,
        service_level_share=min(1.0, max(0.0, 1 - missed)),
        asa_s=waits * float(weight @ (x * stays)) / answered,
        wait_of_waiting_s=left_of_waiting * patience_s,
        occupancy_share=min(1.0, load_erlang * answered / agents),
        abandonment_share=waits * left_of_waiting,
    )


def agents_by_erlang_c(
    load_erlang: float,
    *,
    aht_s: float,
    within_s: float,
    target_share: float,
    max_occupancy_share: float = 1.0,
) -> int:
    """Fewest agents with which, by Erlang C, this share is answered in time and nobody is busier than the cap.

    :raises ErlangError: no number of agents up to :data:`MAX_AGENTS` does
    """
    _check_system(load_erlang, 1, aht_s, within_s)
    _check_aims(load_erlang, target_share, max_occupancy_share)
    agents = max(math.floor(load_erlang) + 1, _fewest_for_occupancy(load_erlang, max_occupancy_share))
    blocked = erlang_b(load_erlang, min(agents, MAX_AGENTS))
    while agents <= MAX_AGENTS:
        if _outcome_c(blocked, load_erlang, agents, aht_s, within_s).service_level_share >= target_share:
            return agents
        agents += 1
        blocked = _next_blocked(blocked, load_erlang, agents)
    raise _too_many(load_erlang)


def agents_by_erlang_a(
    load_erlang: float,
    *,
    aht_s: float,
    within_s: float,
    patience_s: float,
    target_share: float,
    max_occupancy_share: float = 1.0,
) -> int:
    """Fewest agents with which, by Erlang A, this share of the offered calls is answered in time, under the cap.

    Both the service level and the occupancy get better with every agent, so the fewest are found by halving.

    :raises ErlangError: no number of agents up to :data:`MAX_AGENTS` does
    """
    _check_aims(load_erlang, target_share, max_occupancy_share)

    def enough(agents: int) -> bool:
        outcome = erlang_a(load_erlang, agents, aht_s=aht_s, within_s=within_s, patience_s=patience_s)
        return outcome.service_level_share >= target_share and under_cap(outcome, max_occupancy_share)

    return _fewest(enough, max(1, math.ceil(load_erlang)), load_erlang)


def under_cap(outcome: Outcome, max_occupancy_share: float) -> bool:
    """Whether nobody is busier than the cap; one met exactly is kept, whatever the rounding."""
    return outcome.occupancy_share <= max_occupancy_share * (1 + 1e-9)


def checked(what: str, value: float, least: float, most: float = math.inf, unit: str = "") -> float:
    """The value, if it is a finite number within these bounds.

    :raises ErlangError: it is not; the message names it and what is allowed
    """
    if not math.isfinite(value) or not least <= value <= most:
        bounds = f"at least {least:,.15g}" if most == math.inf else f"from {least:,.15g} to {most:,.15g}"
        raise ErlangError(f"{what} is {value:,.15g}{unit}; it must be a number {bounds}{unit}")
    return value


def _span(what: str, value: float) -> None:
    checked(what, value, MIN_SPAN_S, MAX_SPAN_S, " s")


def _count(what: str, value: int, least: int) -> None:
    checked(what, value, least, MAX_AGENTS)
    if value != int(value):
        raise ErlangError(f"{what} is {value}; it must be a whole number")


def _check_system(load_erlang: float, agents: int, aht_s: float, within_s: float) -> None:
    checked("the load in erlang", load_erlang, 0)
    if load_erlang == 0:
        raise ErlangError("the load is 0 erlang: without calls there is nothing to staff for")
    _count("the number of agents", agents, 1)
    _span("the average handling time", aht_s)
    checked("the time to answer within", within_s, 0, MAX_SPAN_S, " s")


def _check_aims(load_erlang: float, target_share: float, max_occupancy_share: float) -> None:
    checked("the target", target_share * 100, 0, 100, " %")
    if target_share == 1:
        raise ErlangError(
            "a service level of 100 % cannot be reached: with any number of agents there is a chance that all are busy "
            "when a call comes in; ask for less, such as 99.9 %"
        )
    checked("the occupancy cap", max_occupancy_share * 100, 0, 100, " %")
    if max_occupancy_share == 0:
        raise ErlangError(
            "an occupancy of at most 0 % leaves nobody to take a call; allow more, such as 85 %"
        )
    if load_erlang > MAX_AGENTS or load_erlang / max_occupancy_share > MAX_AGENTS:
        raise _too_many(load_erlang)


def _too_many(load_erlang: float) -> ErlangError:
    return ErlangError(
        f"a load of {load_erlang:,.10g} erlang under this target and occupancy cap needs more than {MAX_AGENTS:,} agents; "
        "check that the interval and the handling time are in seconds, and the cap"
    )


def _next_blocked(blocked: float, load_erlang: float, trunks: int) -> float:
    """Erlang B for one trunk more."""
    offered = load_erlang * blocked
    return offered / (trunks + offered)


def _outcome_c(blocked: float, load_erlang: float, agents: int, aht_s: float, within_s: float) -> Outcome:
    """Erlang C from Erlang B with as many trunks."""
    spare = agents - load_erlang
    waits = blocked / (1 - load_erlang / agents * (1 - blocked)) if blocked < 1 else 1.0
    return Outcome(
        agents=agents,
        wait_share=min(1.0, waits),
        service_level_share=max(0.0, 1 - waits * math.exp(-spare * within_s / aht_s)),
        asa_s=waits * aht_s / spare,
        wait_of_waiting_s=aht_s / spare,
        occupancy_share=load_erlang / agents,
    )


def _fewest_for_occupancy(load_erlang: float, max_occupancy_share: float) -> int:
    fewest = math.ceil(load_erlang / max_occupancy_share)
    one_less = fewest - 1
    return one_less if one_less and load_erlang / one_less <= max_occupancy_share * (1 + 1e-9) else fewest


def _fewest(enough: Callable[[int], bool], start: int, load_erlang: float) -> int:
    """Smallest number for which it is enough, by doubling and then halving."""
    short, high = 0, min(start, MAX_AGENTS)
    while not enough(high):
        if high == MAX_AGENTS:
            raise _too_many(load_erlang)
        short, high = high, min(2 * high, MAX_AGENTS)
    while high - short > 1:
        middle = (short + high) // 2
        short, high = (short, middle) if enough(middle) else (middle, high)
    return high


def _virtual_wait(
    load_erlang: float, agents: int, aht_s: float, within_s: float, patience_s: float
) -> tuple[NDArray[Any], NDArray[Any], float, float]:
    """Waits in seconds, the weight of each among those that wait, the share that waits, the share that does not."""
    arrivals, served = load_erlang / aht_s, agents / aht_s
    likeliest = max(0.0, math.log(load_erlang / agents) * patience_s)
    rising = min(arrivals, served)

    def fall(x: Any) -> Any:
        """Logarithm of the density relative to its maximum: 0 there, negative elsewhere."""
        beyond = x - likeliest
        return -rising * patience_s * np.expm1(-beyond / patience_s) - served * beyond

    low, high = _support(fall, likeliest, 1 / served)
    x, step = _panels(low, likeliest, high, within_s)
    density = step * np.exp(fall(x))
    mass = float(density.sum())
    # of the maximum over the density just above no wait; both are large where the load is far above the agents
    height = (arrivals - served) * patience_s - served * likeliest if likeliest else 0.0
    busy = erlang_b(load_erlang, agents - 1) * arrivals * mass
    idle = math.exp(-height)
    return x, density / mass, busy / (idle + busy), idle / (idle + busy)


def _support(fall: Callable[[float], float], likeliest: float, step: float) -> tuple[float, float]:
    """The waits between which all but a negligible part of the density lies."""
    above = step
    while fall(likeliest + above) > -_NEGLIGIBLE:
        above *= 2
    below = step
    while below < likeliest and fall(likeliest - below) > -_NEGLIGIBLE:
        below *= 2
    return max(0.0, likeliest - below), likeliest + above


def _panels(low: float, likeliest: float, high: float, within_s: float) -> tuple[NDArray[Any], NDArray[Any]]:
    """Points and their shares of the length: panels even about the maximum, ever finer towards no wait, cut at the threshold."""
    edges = np.concatenate(
        [
            np.linspace(low, likeliest, 33),
            np.linspace(likeliest, high, 33),
            high * 0.5 ** np.arange(1, 60),
            [within_s],
        ]
    )
    edges = np.unique(edges[(edges >= low) & (edges <= high)])
    half = np.diff(edges) / 2
    middle = edges[:-1] + half
    return (middle[:, None] + half[:, None] * _NODES).ravel(), (half[:, None] * _WEIGHTS).ravel()
