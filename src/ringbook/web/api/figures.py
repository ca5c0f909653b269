"""Figures for programs: what each means, its value for some calls, beside another, to come, and the agents that calls take."""

from __future__ import annotations

from typing import Annotated

import msgspec
from django.http import HttpResponse
from ninja import Router
from ninja.params.functions import Query

from ringbook.analyse.forecast import MOST_WEEKS
from ringbook.analyse.roster import HALF_HOUR_S, Wanted
from ringbook.analyse.staffing import StaffingQuestion, staff
from ringbook.desk.insight import figures
from ringbook.desk.people.roles import Right
from ringbook.web.api import schemas_figures as schemas
from ringbook.web.api.calls import QUERY, ZONE, zone_of
from ringbook.web.api.operation import answered, operation
from ringbook.web.api.problems import Problem
from ringbook.web.viewer import Asking

router = Router(tags=["figures"])

Asked = Annotated[str, Query(description=QUERY, max_length=4_000)]
By = Annotated[str, Query(description="The parts to count in: day, hour, agent, queue…", max_length=60)]
Variant = Annotated[str, Query(description="Which of its formulas.", max_length=60)]
Threshold = Annotated[float | None, Query(description="Seconds, for figures with a threshold.")]
Short = Annotated[float | None, Query(description="Seconds up to which an abandoned call gave up at once.")]
Zone = Annotated[str, Query(description=ZONE, max_length=64)]
Period = Annotated[
    str, Query(description="`today`, `last-week`, `last-30-days`, `2026-11-01..2026-11-30`…", max_length=60)
]
Hours = Annotated[
    str,
    Query(description="`open` or `closed`: only calls begun in business hours, or outside.", max_length=6),
]
Weeks = Annotated[int, Query(description="How far ahead.", ge=1, le=MOST_WEEKS)]
Target = Annotated[float, Query(description="Share of the calls to be answered in time: 0.8.")]
Within = Annotated[float, Query(description="Seconds in which to answer them.")]
Patience = Annotated[
    float | None,
    Query(description="Seconds after which a waiting caller hangs up, on average; by Erlang A then."),
]
Shrinkage = Annotated[float, Query(description="Share of the paid time in which agents are not available.")]
Occupancy = Annotated[
    float | None, Query(description="Share of the time for which agents may be busy at most.")
]


@operation(router, "GET", "/figures", Right.SEE_OVERVIEW, answer=schemas.Figures)
def list_figures(request: Asking) -> HttpResponse:
    """The figures there are, with their definitions, as the organisation counts them."""
    return answered({"items": msgspec.to_builtins(figures.catalogue(request.viewer.scope))})


@operation(router, "GET", "/figures/{name}", Right.SEE_OVERVIEW, answer=schemas.Figure)
def get_figure(
    request: Asking,
    name: str,
    query: Asked = "",
    by: By = "",
    variant: Variant = "",
    threshold_s: Threshold = None,
    short_s: Short = None,
    period: Period = "",
    hours: Hours = "",
    zone: Zone = "",
) -> HttpResponse:
    """A figure for the calls that answer a query, in parts if asked.

    What is not said of variant and thresholds is as the organisation chose; `chosen` is the version of that choice.
    """
    viewer = request.viewer
    how = _how(by, variant, threshold_s, short_s, period, hours)
    found = figures.figure(
        viewer.scope,
        _known(request, name),
        query,
        zone=zone_of(viewer, zone),
        now=viewer.now,
        me=viewer.handle,
        **how,
    )
    return answered(msgspec.to_builtins(found))


@operation(router, "GET", "/figures/{name}/comparison", Right.SEE_OVERVIEW, answer=schemas.FigureComparison)
def compare_figure(
    request: Asking,
    name: str,
    query: Asked = "",
    other_query: Annotated[
        str | None, Query(description="A question to compare with.", max_length=4_000)
    ] = None,
    by: By = "",
    variant: Variant = "",
    threshold_s: Threshold = None,
    short_s: Short = None,
    period: Period = "",
    other_period: Annotated[
        str | None, Query(description="`before`, `year-before`, or a period by name.", max_length=60)
    ] = None,
    hours: Hours = "",
    zone: Zone = "",
) -> HttpResponse:
    """A figure beside that of another period, or of another question.

    If neither is said, it is the period before.
    """
    viewer = request.viewer
    how = _how(by, variant, threshold_s, short_s, period, hours)
    found = figures.compare(
        viewer.scope,
        _known(request, name),
        query,
        other_query=other_query,
        other_period=other_period,
        zone=zone_of(viewer, zone),
        now=viewer.now,
        me=viewer.handle,
        **how,
    )
    return answered(msgspec.to_builtins(found))


@operation(router, "GET", "/forecast", Right.SEE_OVERVIEW, answer=schemas.Forecast)
def get_forecast(request: Asking, query: Asked = "", weeks: Weeks = 1, zone: Zone = "") -> HttpResponse:
    """The calls to be expected in each hour of the coming weeks, with an interval and the error of a back-test."""
    viewer = request.viewer
    found = figures.forecast(
        viewer.scope, query, weeks=weeks, zone=zone_of(viewer, zone), now=viewer.now, me=viewer.handle
    )
    return answered(msgspec.to_builtins(found))


@operation(router, "GET", "/staffing", Right.SEE_OVERVIEW, answer=schemas.Staffing)
def get_staffing(
    request: Asking,  # noqa: ARG001  # it is arithmetic, whoever asks
    calls: Annotated[float, Query(description="Calls expected in the interval.")],
    aht_s: Annotated[float, Query(description="Average handling time: talk, hold and after-call work.")],
    interval_s: Annotated[float, Query(description="Seconds.")] = HALF_HOUR_S,
    target_share: Target = 0.8,
    within_s: Within = 20.0,
    patience_s: Patience = None,
    shrinkage_share: Shrinkage = 0.0,
    max_occupancy_share: Occupancy = None,
) -> HttpResponse:
    """How many agents a service level takes, by Erlang C and, with the callers' patience, by Erlang A."""
    question = StaffingQuestion(
        calls=calls,
        interval_s=interval_s,
        aht_s=aht_s,
        target_share=target_share,
        within_s=within_s,
        patience_s=patience_s,
        shrinkage_share=shrinkage_share,
        max_occupancy_share=max_occupancy_share,
    )
    return answered(msgspec.to_builtins(staff(question)))


@operation(router, "GET", "/staffing/weeks", Right.SEE_OVERVIEW, answer=schemas.StaffingWeeks)
def get_staffing_weeks(
    request: Asking,
    query: Asked = "has:queue",
    weeks: Weeks = 1,
    aht_s: Annotated[float | None, Query(description="Handling time; else that of the last weeks.")] = None,
    target_share: Target = 0.8,
    within_s: Within = 20.0,
    patience_s: Patience = None,
    shrinkage_share: Shrinkage = 0.0,
    max_occupancy_share: Occupancy = None,
    zone: Zone = "",
) -> HttpResponse:
    """The agents that each half hour of the coming weeks takes, beside those who were logged in lately."""
    viewer = request.viewer
    wanted = Wanted(
        target_share=target_share,
        within_s=within_s,
        aht_s=aht_s,
        patience_s=patience_s,
        shrinkage_share=shrinkage_share,
        max_occupancy_share=max_occupancy_share,
    )
    found = figures.staffing(
        viewer.scope, query, wanted, weeks=weeks, zone=zone_of(viewer, zone), now=viewer.now, me=viewer.handle
    )
    return answered(msgspec.to_builtins(found))


@operation(router, "GET", "/people", Right.SEE_OVERVIEW, answer=schemas.PeopleFigures)
def get_people(
    request: Asking, query: Asked = "", period: Period = "last-28-days", zone: Zone = ""
) -> HttpResponse:
    """What each agent did on calls that answer a query, beside the spread of all agents."""
    viewer = request.viewer
    found = figures.people(
        viewer.scope, query, period=period, zone=zone_of(viewer, zone), now=viewer.now, me=viewer.handle
    )
    return answered(msgspec.to_builtins(found))


def _how(
    by: str, variant: str, threshold_s: float | None, short_s: float | None, period: str, hours: str
) -> figures.How:
    return {
        "by": by or None,
        "variant": variant or None,
        "threshold_s": threshold_s,
        "short_s": short_s,
        "period": period,
        "hours": hours,
    }


def _known(request: Asking, name: str) -> str:
    if name not in {one.figure for one in figures.catalogue(request.viewer.scope)}:
        raise Problem("not-found", "There is no such figure; /api/v1/figures lists them.")
    return name
