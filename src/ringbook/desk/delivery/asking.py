"""Figures as reports and alerts ask for them: counted as the organisation chose."""

from __future__ import annotations

from ringbook.analyse.answer import Answer
from ringbook.analyse.catalogue import Listed
from ringbook.desk.delivery.models import Hours
from ringbook.desk.delivery.periods import Span
from ringbook.desk.insight import figures
from ringbook.model.instant import Instant
from ringbook.model.scope import MAIN_TENANT, Scope


def answered(
    scope: Scope,
    name: str,
    query: str,
    *,
    span: Span | None = None,
    by: str = "",
    variant: str = "",
    threshold_s: float | None = None,
    short_s: float | None = None,
    hours: str = Hours.ALL,
    zone: str,
    now: Instant,
    me: str = "",
) -> Answer:
    """A figure of the calls in a scope. Raises FigureError or QuestionError, whose text says what can be asked instead."""
    return figures.figure(
        scope,
        name,
        query,
        by=by or None,
        variant=variant or None,
        threshold_s=threshold_s,
        short_s=short_s,
        hours="" if hours == Hours.ALL else hours,
        period=f"{span.since}..{span.until}" if span else "",
        zone=zone,
        now=now,
        me=me,
    )


def listed(tenant: str = MAIN_TENANT) -> dict[str, Listed]:
    """The figures there are, by name."""
    return {one.figure: one for one in figures.catalogue(Scope(tenant))}
