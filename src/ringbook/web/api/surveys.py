"""Surveys: what customers answered about a call, and the link that asks them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse
from ninja import Router

from ringbook.desk.insight import links, surveys
from ringbook.desk.insight.surveys import SurveyError
from ringbook.desk.people.roles import Right
from ringbook.model.masking import masked_text
from ringbook.web.api import schemas_surveys as schemas
from ringbook.web.api.calls import found
from ringbook.web.api.operation import answered, operation
from ringbook.web.api.problems import Problem, invalid
from ringbook.web.pages.call.survey import address_of
from ringbook.web.viewer import Asking, Viewer

router = Router(tags=["annotations"])


@operation(router, "GET", "/calls/{id}/survey", Right.SEE_CALLS, answer=schemas.SurveyAnswers)
def get_survey(request: Asking, id: str) -> HttpResponse:  # noqa: A002  # the public name
    """What the customer answered about a call."""
    return answered(_all(request.viewer, str(found(request.viewer, id).id)))


@operation(
    router,
    "POST",
    "/calls/{id}/survey",
    Right.SEE_CALLS,
    Right.ANNOTATE,
    answer=schemas.SurveyAnswers,
    status=201,
    once=True,
)
def add_survey_answer(request: Asking, id: str, answer: schemas.NewSurveyAnswer) -> HttpResponse:  # noqa: A002  # the public name
    """Tell what the customer answered about a call.

    There is one answer of each kind: a later one replaces it.
    """
    viewer = request.viewer
    call = str(found(viewer, id).id)
    at = answer.answered_at
    if at is not None and at.tzinfo is None:
        raise invalid("body", "answered_at", "say in which zone it is: 2026-11-21T10:00:00Z")
    try:
        surveys.record(
            viewer.actor,
            call,
            answer.kind,
            answer.score,
            via=answer.via,
            comment=answer.comment,
            answered_at=at.astimezone(UTC) if at else None,
        )
    except SurveyError as error:
        raise invalid("body", "score", str(error)) from None
    return answered(_all(viewer, call), 201)


@operation(
    router,
    "POST",
    "/calls/{id}/survey-link",
    Right.SEE_CALLS,
    Right.ANNOTATE,
    answer=schemas.SurveyLink,
    status=201,
    once=True,
)
def make_survey_link(request: Asking, id: str) -> HttpResponse:  # noqa: A002  # the public name
    """Make a link that asks the customer about a call.

    The organisation's survey says what is asked and for how long; while it is switched off, there are no links.
    """
    call = found(request.viewer, id)
    try:
        link, secret = links.make(request.viewer.actor, call)
    except SurveyError as error:
        raise Problem("conflict", str(error)) from None
    told = {"url": address_of(request, secret), "kind": link.kind, "expires_at": _iso(link.expires_at)}
    return answered(told, 201)


def _all(viewer: Viewer, call: str) -> dict[str, Any]:
    return {
        "items": [
            {
                "kind": one.kind,
                "score": one.score,
                "comment": (masked_text(one.comment) if viewer.scope.masked else one.comment) or None,
                "via": one.via,
                "answered_at": _iso(one.answered_at),
                "version": one.version,
            }
            for one in surveys.answers_of(viewer.scope, call)
        ],
        "asked": sorted({link.kind for link in links.links_of(viewer.scope, [call])}),
    }


def _iso(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
