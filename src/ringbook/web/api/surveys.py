"""Surveys: what customers answered about a call, and the link that asks them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.core import signing
from django.http import HttpResponse
from ninja import Router
from ninja.params.functions import Query

from ringbook.desk.annotations import joined
from ringbook.desk.insight import links, surveys
from ringbook.desk.insight.models import SurveyLink
from ringbook.desk.insight.surveys import SurveyError
from ringbook.desk.people.roles import Right
from ringbook.desk.wiring import ledger
from ringbook.model.call import CallId
from ringbook.model.masking import masked_text
from ringbook.web.api import schemas_surveys as schemas
from ringbook.web.api.calls import found
from ringbook.web.api.operation import answered, operation
from ringbook.web.api.problems import Problem, invalid
from ringbook.web.pages.call.survey import address_of
from ringbook.web.viewer import Asking, Viewer

router = Router(tags=["annotations"])

_SINCE = Query(None, description="Only links made since then, as 2026-11-21T10:00:00Z.")


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
        raise invalid("body", "answered_at", _NO_ZONE)
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


@operation(router, "GET", "/survey-links", Right.SEE_CALLS, answer=schemas.AskedPage)
def list_survey_links(
    request: Asking,
    since: datetime | None = _SINCE,
    limit: int = Query(100, ge=1, le=1_000),
    cursor: str = Query("", max_length=2_000),
) -> HttpResponse:
    """Who was asked by a link and when they answered, the first asked first.

    A page has the links of calls that the asker sees, so it may have fewer than `limit`. The address of a link is told when
    it is made, and never again.
    """
    scope = request.viewer.scope
    if since is not None and since.tzinfo is None:
        raise invalid("query", "since", _NO_ZONE)
    rows = list(links.made(scope, since, _place(cursor) if cursor else None)[: limit + 1])
    page = rows[:limit]
    ids = [CallId(one.call_id) for one in page]
    leads = joined.ends(scope, ids)
    seen = {call.id for call in ledger().calls(scope, ids)}
    calls = {one.pk: leads.get(one.call_id, one.call_id) for one in page}
    return answered(
        {
            "items": [_asked(one, calls[one.pk]) for one in page if calls[one.pk] in seen],
            "next_cursor": signing.dumps([page[-1].made_at.isoformat(), str(page[-1].pk)], salt=_SALT)
            if len(rows) > limit
            else None,
        }
    )


def _asked(link: SurveyLink, call: str) -> dict[str, Any]:
    return {
        "id": str(link.pk),
        "call": call,
        "kind": link.kind,
        "asked_at": _iso(link.made_at),
        "asked_by": link.by_name or None,
        "expires_at": _iso(link.expires_at),
        "answered_at": _iso(link.answered_at) if link.answered_at else None,
    }


def _place(cursor: str) -> tuple[datetime, str]:
    try:
        at, key = signing.loads(cursor, salt=_SALT)
        return datetime.fromisoformat(at), str(key)
    except (signing.BadSignature, ValueError, TypeError):
        raise Problem(
            "cursor", "The cursor is damaged. Ask for the first page again, without a cursor."
        ) from None


_SALT = "survey-links"
_NO_ZONE = "say in which zone it is: 2026-11-21T10:00:00Z"


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
