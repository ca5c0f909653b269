"""How many agents a service level takes: the question, the answer by each model, and what a few more or fewer would give."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

import msgspec

from ringbook.analyse.erlang import (
    MAX_AGENTS,
    Outcome,
    agents_by_erlang_a,
    agents_by_erlang_c,
    checked,
    erlang_a,
    erlang_c,
    offered_load_erlang,
    under_cap,
)
from ringbook.model.errors import AskError

_TOO_BUSY_SHARE = 0.9
"""Above this occupancy agents have hardly a breath between calls, and the models' steady state is slow to come about."""

_AROUND = (-1, 0, 1, 2)
"""The numbers of agents shown beside the answer, relative to it."""


class StaffingError(AskError):
    """A staffing question that has no answer; the message says why, and what to ask instead."""


class StaffingQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be staffed for. Shares are from 0 to 1; spans are seconds."""

    calls: float
    """Calls expected in the interval; a forecast may be fractional."""
    interval_s: float
    aht_s: float
    """Average handling time: talk, hold and after-call work."""
    target_share: float
    """Share of the offered calls to be answered within ``within_s``."""
    within_s: float
    patience_s: float | None = None
    """Mean time after which a waiting caller hangs up; None: unknown, so only Erlang C answers."""
    shrinkage_share: float = 0.0
    """Share of the paid time in which agents are not available: breaks, training, leave, sickness."""
    max_occupancy_share: float | None = None
    """No agent is to be busy for more than this share of the time; None: no cap."""


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """One number of agents and what it gives."""

    agents: int
    scheduled_agents: int
    """Agents to have on the payroll of the interval, with shrinkage."""
    target_reached: bool
    cap_kept: bool
    """Whether nobody is busier than the occupancy cap; true where there is none."""
    stable: bool
    """False: as much work comes in as these agents can do, or more, and the queue grows as long as it does."""
    outcome: Outcome


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The answer by one model."""

    model: str
    """``erlang_a`` or ``erlang_c``."""
    agents: int
    """Fewest agents taking calls that reach the target and keep the cap."""
    agents_for_target: int
    """Fewest that reach the target, the cap aside."""
    scheduled_agents: int
    options: tuple[Option, ...]
    """One agent fewer, the answer, and one and two more."""

    @property
    def answer(self) -> Option:
        """The option that is the answer."""
        return next(option for option in self.options if option.agents == self.agents)


class StaffingAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """How many agents, by which model, with the formulas filled in and what to be careful about."""

    question: StaffingQuestion
    load_erlang: float
    model: str
    """The model the headline is by: Erlang A where the patience is given, else Erlang C."""
    agents: int
    scheduled_agents: int
    service_level_share: float
    asa_s: float | None
    occupancy_share: float
    abandonment_share: float | None
    erlang_c: Plan
    erlang_a: Plan | None
    formulas: tuple[str, ...]
    cautions: tuple[str, ...]


def share(text: str) -> float:
    """The share that a person wrote: ``80``, ``80%`` and ``0.8`` are all 0.8.

    With a percent sign, and from above 1 on, it is percent; below 1 it is a share. A bare ``1`` could be either and is refused.

    :raises StaffingError: it is no number, a bare 1, or not from 0 % to 100 %
    """
    bare = text.strip().removesuffix("%").rstrip()
    try:
        number = Decimal(bare)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or not 0 <= number <= 100:
        raise StaffingError(
            f"{text!r} is no share; write a percentage from 0% to 100%, such as 80 or 80%, or a fraction such as 0.8"
        )
    if text.strip().endswith("%") or number > 1:
        return float(number / 100)
    if number == 1:
        raise StaffingError(f"{text!r} may mean 1% or 100%; write it with the percent sign")
    return float(number)


def staff(question: StaffingQuestion) -> StaffingAnswer:
    """The fewest agents for a service level, by Erlang C and, where the patience is known, by Erlang A.

    :raises StaffingError: what is asked for is impossible; the message says why
    :raises ErlangError: a value is out of bounds, or more agents are needed than there can be; the message says which
    """
    load = _checked_load(question)
    by_c = _plan_c(question, load)
    by_a = _plan_a(question, load, question.patience_s) if question.patience_s is not None else None
    plan = by_a or by_c
    outcome = plan.answer.outcome
    return StaffingAnswer(
        question=question,
        load_erlang=load,
        model=plan.model,
        agents=plan.agents,
        scheduled_agents=plan.scheduled_agents,
        service_level_share=outcome.service_level_share,
        asa_s=outcome.asa_s,
        occupancy_share=outcome.occupancy_share,
        abandonment_share=outcome.abandonment_share,
        erlang_c=by_c,
        erlang_a=by_a,
        formulas=_formulas(question, load, plan),
        cautions=_cautions(question, plan),
    )


def scheduled(agents: int, shrinkage_share: float) -> int:
    """Agents to schedule so that this many are available: N / (1 − shrinkage), rounded up."""
    exact = agents / (1 - shrinkage_share)
    near = round(exact)
    # 14 / (1 − 0.3) is 20.000000000000004 in binary fractions: not a reason for a 21st
    return near if math.isclose(exact, near, rel_tol=1e-12) else math.ceil(exact)


def _checked_load(question: StaffingQuestion) -> float:
    """The load in erlang of a question that can be answered."""
    if question.calls <= 0:
        raise StaffingError(
            f"the number of calls is {question.calls:,.10g}; it must be above 0: without calls no agents are needed"
        )
    load = offered_load_erlang(question.calls, question.interval_s, question.aht_s)
    checked("the target", question.target_share * 100, 0, 100, " %")
    checked("the time to answer within", question.within_s, 0, unit=" s")
    if question.target_share == 0:
        raise StaffingError(
            "a target of 0 % is reached without any agents; give the share to be answered in time"
        )
    if question.target_share == 1:
        raise StaffingError(
            f"100 % within {question.within_s:,.10g} s cannot be reached: calls come at random, so with any number of agents "
            "there is a chance that all are busy when the next one comes, and that it waits longer; "
            "ask for less than 100 %, such as 99.9 %"
        )
    checked("shrinkage", question.shrinkage_share * 100, 0, 100, " %")
    if question.shrinkage_share == 1:
        raise StaffingError("shrinkage of 100 % leaves nobody at work; it must be below 100 %")
    return load


def _plan_c(question: StaffingQuestion, load: float) -> Plan:
    def fewest(cap: float) -> int:
        return agents_by_erlang_c(
            load,
            aht_s=question.aht_s,
            within_s=question.within_s,
            target_share=question.target_share,
            max_occupancy_share=cap,
        )

    def outcome(agents: int) -> Outcome:
        if load < agents:
            return erlang_c(load, agents, aht_s=question.aht_s, within_s=question.within_s)
        return Outcome(
            agents=agents,
            wait_share=1.0,
            service_level_share=0.0,
            asa_s=None,
            wait_of_waiting_s=None,
            occupancy_share=1.0,
        )

    return _plan("erlang_c", question, fewest, outcome, stable=lambda agents: load < agents)


def _plan_a(question: StaffingQuestion, load: float, patience_s: float) -> Plan:
    def fewest(cap: float) -> int:
        return agents_by_erlang_a(
            load,
            aht_s=question.aht_s,
            within_s=question.within_s,
            patience_s=patience_s,
            target_share=question.target_share,
            max_occupancy_share=cap,
        )

    def outcome(agents: int) -> Outcome:
        return erlang_a(load, agents, aht_s=question.aht_s, within_s=question.within_s, patience_s=patience_s)

    return _plan("erlang_a", question, fewest, outcome, stable=lambda _agents: True)


def _plan(
    model: str,
    question: StaffingQuestion,
    fewest: Callable[[float], int],
    outcome: Callable[[int], Outcome],
    *,
    stable: Callable[[int], bool],
) -> Plan:
    """The answer of a model, given its inverse under an occupancy cap and its outcome of a number of agents."""
    cap = 1.0 if question.max_occupancy_share is None else question.max_occupancy_share
    agents = fewest(cap)

    def option(count: int) -> Option:
        given = outcome(count)
        return Option(
            agents=count,
            scheduled_agents=scheduled(count, question.shrinkage_share),
            target_reached=given.service_level_share >= question.target_share,
            cap_kept=under_cap(given, cap),
            stable=stable(count),
            outcome=given,
        )

    return Plan(
        model=model,
        agents=agents,
        agents_for_target=agents if cap == 1 else fewest(1.0),
        scheduled_agents=scheduled(agents, question.shrinkage_share),
        options=tuple(option(agents + more) for more in _AROUND if 1 <= agents + more <= MAX_AGENTS),
    )


def _formulas(question: StaffingQuestion, load: float, plan: Plan) -> tuple[str, ...]:
    """The formulas of the headline, with its values."""
    given, n = plan.answer.outcome, plan.agents
    aht, within = f"{question.aht_s:,.10g}", f"{question.within_s:,.10g}"
    lines = [
        f"load A = calls · AHT / interval = {question.calls:,.10g} · {aht} / {question.interval_s:,.10g} = {load:,.4g} erlang"
    ]
    if plan.model == "erlang_c":
        lines += [
            f"Erlang C: must wait C = B / (1 − A/N · (1 − B)) = {given.wait_share:.4f}, B by Erlang B with N = {n:,}",
            f"service level = 1 − C · e^(−(N − A) · T / AHT) = {given.service_level_share:.4f}, T = {within} s",
            f"ASA = C · AHT / (N − A) = {given.asa_s:,.1f} s;  occupancy = A / N = {given.occupancy_share:.3f}",
        ]
    else:
        lines += [
            f"Erlang A (M/M/N+M): arrivals A / AHT, service 1 / {aht} s each, patience {question.patience_s:,.10g} s, N = {n:,}",
            f"service level = answered within {within} s / offered = {given.service_level_share:.4f}",
            f"ASA = wait of the answered / answered = {given.asa_s:,.1f} s;  hang up P = {given.abandonment_share:.4f};  "
            f"occupancy = A · (1 − P) / N = {given.occupancy_share:.3f}",
        ]
    if question.shrinkage_share:
        lines.append(
            f"scheduled = N / (1 − shrinkage) = {n:,} / {1 - question.shrinkage_share:.10g} → {plan.scheduled_agents:,}"
        )
    return tuple(lines)


def _cautions(question: StaffingQuestion, plan: Plan) -> tuple[str, ...]:
    """Where the model's assumptions are strained by this question."""
    found = []
    if plan.answer.outcome.occupancy_share > _TOO_BUSY_SHARE:
        found.append(
            f"agents would be busy for more than {100 * _TOO_BUSY_SHARE:.0f} % of the time, which people do not keep up for "
            "long; a cap such as --max-occupancy 85% leaves them a breath"
        )
    if question.aht_s >= question.interval_s:
        found.append(
            "a call takes as long as the whole interval or longer: calls reach into the next, and the steady state "
            "that the model assumes does not come about; use a longer interval"
        )
    if question.patience_s is not None and question.patience_s <= question.within_s:
        found.append(
            "callers hang up, on average, before the time to answer within is over: most who miss it are lost, not late"
        )
    return tuple(found)
