"""Figures as this organisation counts them: for pages, reports, alerts and the API."""

from __future__ import annotations

from functools import partial
from typing import TypedDict, Unpack

import msgspec

from ringbook.analyse import asking
from ringbook.analyse import catalogue as known
from ringbook.analyse.answer import Answer
from ringbook.analyse.asking import Ask, Customs, Other, Prepared
from ringbook.analyse.choices import NOTHING_CHOSEN, Choices
from ringbook.analyse.compare import Comparison
from ringbook.analyse.forecast import Forecast
from ringbook.analyse.forecast import forecast as forecast_calls
from ringbook.analyse.peers import People
from ringbook.analyse.peers import people as people_of
from ringbook.analyse.periods import period as period_of
from ringbook.analyse.question import Asker
from ringbook.analyse.roster import StaffingTable, Wanted, staffing_table
from ringbook.desk.annotations.models import OutcomeCode
from ringbook.desk.insight.choices import choices_of
from ringbook.desk.insight.opening import opening, zone_of
from ringbook.desk.wiring import ledger
from ringbook.model.instant import Instant
from ringbook.model.scope import Scope


def catalogue(scope: Scope) -> list[known.Listed]:
    """The figures there are, with what the organisation chose put in."""
    return known.catalogue(choices_of(scope.tenant))


class How(TypedDict, total=False):
    """How a figure may be asked for: see ``Ask``."""

    by: str | None
    variant: str | None
    threshold_s: float | None
    short_s: float | None
    hours: str
    period: str
    account: bool


def customs_of(tenant: str) -> Customs:
    """How an organisation counts: its choices, and its business hours as a question."""
    return Customs(_with_codes(tenant, choices_of(tenant)), partial(opening, tenant))


def _with_codes(tenant: str, choices: Choices) -> Choices:
    """The choices; without a code for resolved where the organisation has codes and did not say which of them does."""
    usual = NOTHING_CHOSEN.resolved
    if choices.resolved != usual:
        return choices
    keys = OutcomeCode.objects.filter(tenant=tenant).values_list("key", flat=True)
    if not keys or set(usual) & set(keys):
        return choices
    return msgspec.structs.replace(choices, resolved=())


def figure(
    scope: Scope,
    name: str,
    query: str = "",
    *,
    zone: str,
    now: Instant,
    me: str = "",
    **how: Unpack[How],
) -> Answer:
    """A figure for the calls that answer a question, of a period and of business hours if said.

    Variant and thresholds are those asked for, or else those chosen here, or else the usual ones.

    :raises FigureError: there is no such figure, dimension, variant or period, or it cannot be combined so.
    :raises QuestionError: the question cannot be understood.
    """
    return telling(scope, name, query, zone=zone, now=now, me=me, **how)(ledger())


def telling(
    scope: Scope,
    name: str,
    query: str = "",
    *,
    zone: str,
    now: Instant,
    me: str = "",
    **how: Unpack[How],
) -> Prepared[Answer]:
    """:func:`figure`, still to be asked: what the desk knows is looked up, the ledger may be asked from any thread."""
    ask = Ask(name=name, query=query, **how)
    asker = Asker(scope, zone_of(scope.tenant, ask.hours, zone), now, me)
    return asking.telling(asker, ask, customs_of(scope.tenant))


def compare(
    scope: Scope,
    name: str,
    query: str = "",
    *,
    other_query: str | None = None,
    other_period: str | None = None,
    zone: str,
    now: Instant,
    me: str = "",
    **how: Unpack[How],
) -> Comparison:
    """The same figure of two periods, or of two questions, or both; of the period before if nothing else is said."""
    asked = comparing(
        scope,
        name,
        query,
        other_query=other_query,
        other_period=other_period,
        zone=zone,
        now=now,
        me=me,
        **how,
    )
    return asked(ledger())


def comparing(
    scope: Scope,
    name: str,
    query: str = "",
    *,
    other_query: str | None = None,
    other_period: str | None = None,
    zone: str,
    now: Instant,
    me: str = "",
    **how: Unpack[How],
) -> Prepared[Comparison]:
    """:func:`compare`, still to be asked, as :func:`telling`."""
    ask = Ask(name=name, query=query, **how)
    asker = Asker(scope, zone_of(scope.tenant, ask.hours, zone), now, me)
    other = Other(query=other_query, period=other_period)
    return asking.comparing(asker, ask, other, customs_of(scope.tenant))


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
    choices = customs_of(scope.tenant).choices
    during = period_of(period, zone=zone, now=now)
    return people_of(ledger(), Asker(scope, zone, now, me), query, during, choices)
