"""Figures as this organisation counts them: for pages, reports, alerts and the API."""

from __future__ import annotations

import msgspec

from ringbook.analyse import answer
from ringbook.analyse import catalogue as known
from ringbook.analyse.answer import Answer
from ringbook.analyse.choices import Choices
from ringbook.analyse.compare import Comparison, compared
from ringbook.analyse.errors import FigureError
from ringbook.analyse.forecast import Forecast
from ringbook.analyse.forecast import forecast as forecast_calls
from ringbook.analyse.peers import People
from ringbook.analyse.peers import people as people_of
from ringbook.analyse.periods import BEFORE, Period, against
from ringbook.analyse.periods import period as period_of
from ringbook.analyse.question import Asker, checked, together
from ringbook.analyse.roster import StaffingTable, Wanted, staffing_table
from ringbook.desk.insight.choices import choices_of
from ringbook.desk.insight.opening import opening, zone_of
from ringbook.desk.wiring import ledger
from ringbook.model.instant import Instant
from ringbook.model.scope import Scope


def catalogue(scope: Scope) -> list[known.Listed]:
    """The figures there are, with what the organisation chose put in."""
    return known.catalogue(choices_of(scope.tenant))


class _Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for both sides of a comparison."""

    scope: Scope
    name: str
    by: str | None
    variant: str | None
    threshold_s: float | None
    short_s: float | None
    hours: str
    zone: str
    now: Instant
    me: str
    account: bool
    choices: Choices


def figure(
    scope: Scope,
    name: str,
    query: str = "",
    *,
    by: str | None = None,
    variant: str | None = None,
    threshold_s: float | None = None,
    short_s: float | None = None,
    hours: str = "",
    period: str = "",
    zone: str,
    now: Instant,
    me: str = "",
    account: bool = True,
) -> Answer:
    """A figure for the calls that answer a question, of a period and of business hours if said.

    Variant and thresholds are those asked for, or else those chosen here, or else the usual ones.

    :raises FigureError: there is no such figure, dimension, variant or period, or it cannot be combined so.
    :raises QuestionError: the question cannot be understood.
    """
    zone = zone_of(scope.tenant, hours, zone)
    asked = _Asked(
        scope=scope,
        name=name,
        by=by,
        variant=variant,
        threshold_s=threshold_s,
        short_s=short_s,
        hours=hours,
        zone=zone,
        now=now,
        me=me,
        account=account,
        choices=choices_of(scope.tenant),
    )
    return _answer(asked, query, period_of(period, zone=zone, now=now) if period else None)


def compare(
    scope: Scope,
    name: str,
    query: str = "",
    *,
    other_query: str | None = None,
    period: str = "",
    other_period: str | None = None,
    by: str | None = None,
    variant: str | None = None,
    threshold_s: float | None = None,
    short_s: float | None = None,
    hours: str = "",
    zone: str,
    now: Instant,
    me: str = "",
) -> Comparison:
    """The same figure of two periods, or of two questions, or both; of the period before if nothing else is said."""
    zone = zone_of(scope.tenant, hours, zone)
    asked = _Asked(
        scope=scope,
        name=name,
        by=by,
        variant=variant,
        threshold_s=threshold_s,
        short_s=short_s,
        hours=hours,
        zone=zone,
        now=now,
        me=me,
        account=True,
        choices=choices_of(scope.tenant),
    )
    if other_query is None and other_period is None:
        other_period = BEFORE
    if other_period is not None and not period:
        raise FigureError("To compare periods, say which period first.")
    this = period_of(period, zone=zone, now=now) if period else None
    other = against(this, other_period, now) if this is not None and other_period is not None else this
    mine = _answer(asked, query, this)
    its = _answer(asked, query if other_query is None else other_query, other)
    if this == other:
        labels = query or "all calls", other_query or "all calls"
    else:
        labels = (this.label if this else ""), (other.label if other else "")
    return compared(mine, its, *labels)


def forecast(
    scope: Scope, query: str = "", *, weeks: int = 1, zone: str, now: Instant, me: str = ""
) -> Forecast:
    """The calls of each hour of the coming weeks, with an interval and the error of a back-test."""
    return forecast_calls(ledger(), scope, query, weeks=weeks, zone=zone, now=now, me=me)


def staffing(
    scope: Scope,
    query: str = "",
    wanted: Wanted = Wanted(),  # noqa: B008  # it is frozen
    *,
    weeks: int = 1,
    zone: str,
    now: Instant,
    me: str = "",
) -> StaffingTable:
    """The agents that each half hour of the coming weeks takes, beside those who were logged in lately."""
    return staffing_table(ledger(), Asker(scope, zone, now, me), query, wanted, weeks)


def people(
    scope: Scope, query: str = "", *, period: str = "last-28-days", zone: str, now: Instant, me: str = ""
) -> People:
    """What each agent did in a period that the reader may see, and the spread of all."""
    return people_of(ledger(), Asker(scope, zone, now, me), query, period_of(period, zone=zone, now=now))


def _answer(asked: _Asked, query: str, period: Period | None) -> Answer:
    """The answer to one side. Mistakes in the question are pointed at in what the person wrote."""
    own = checked(query, Asker(asked.scope, asked.zone, asked.now, asked.me))
    parts = [] if period is None else [period.question]
    if asked.hours:
        parts.append(opening(asked.scope.tenant, asked.hours, period))
    found = answer.figure(
        ledger(),
        asked.scope,
        asked.name,
        together(own, *parts),
        by=asked.by,
        variant=asked.variant,
        threshold_s=asked.threshold_s,
        short_s=asked.short_s,
        zone=asked.zone,
        now=asked.now,
        me=asked.me,
        account=asked.account,
        choices=asked.choices,
        span=period.span if period is not None else None,
    )
    return msgspec.structs.replace(found, query=own, hours=asked.hours)
