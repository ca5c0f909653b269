"""What is not about calls: who asks, the phone systems, what could not be understood."""

from __future__ import annotations

import re

from django.http import HttpResponse
from ninja import Router
from ninja.params.functions import Query

from ringbook.desk.governance import audit
from ringbook.desk.people.roles import Right
from ringbook.desk.tokens.models import ApiToken
from ringbook.desk.wiring import operations
from ringbook.model.errors import AskError
from ringbook.web.api import schemas
from ringbook.web.api.operation import answered, operation
from ringbook.web.api.problems import Problem
from ringbook.web.viewer import Asking

about = Router(tags=["about"])
sources = Router(tags=["sources"])


@operation(about, "GET", "/me", answer=schemas.Me)
def get_me(request: Asking) -> HttpResponse:
    """Who asks, and what they may do."""
    viewer = request.viewer
    token = ApiToken.objects.filter(pk=viewer.token_id).first() if viewer.token_id else None
    until = token.expires_at if token else None
    return answered(
        {
            "name": viewer.name,
            "role": viewer.role.value,
            "rights": sorted(right.value for right in viewer.rights),
            "handle": viewer.handle or None,
            "zone": viewer.zone_name,
            "restricted": viewer.scope.restricted,
            "masked": viewer.scope.masked,
            "token": {
                "id": str(token.pk),
                "name": token.name,
                "expires_at": f"{until:%Y-%m-%dT%H:%M:%SZ}" if until else None,
            }
            if token
            else None,
        }
    )


@operation(sources, "GET", "/sources", Right.SEE_SOURCES, answer=schemas.Sources)
def list_sources(request: Asking) -> HttpResponse:  # noqa: ARG001
    """The phone systems: what they brought lately, and how many calls came of it."""
    return answered({"items": list(operations().run("sources.status", {}))})


@operation(sources, "GET", "/rejects", Right.SEE_SOURCES, answer=schemas.RejectPage)
def list_rejects(
    request: Asking,
    source: str = Query("", description="Only of this phone system.", max_length=200),
    reason: str = Query("", description="Only those rejected for this reason.", max_length=200),
    limit: int = Query(50, ge=1, le=1_000),
    cursor: str = Query("", max_length=200),
) -> HttpResponse:
    """What could not be understood, the last received first."""
    asked = {"source": source or None, "reason": reason or None, "limit": limit, "cursor": cursor or None}
    items, following = [], None
    try:
        for one in operations().run("rejects.list", asked):
            if "reject" in one:
                items.append(_reject(request, one["reject"]))
            else:
                following = one["next_cursor"]
    except AskError as error:
        raise Problem("cursor", str(error)) from None
    return answered({"items": items, "next_cursor": following})


@operation(sources, "POST", "/rejects/replay", Right.MANAGE_SOURCES, answer=schemas.Replayed, once=True)
def replay_rejects(request: Asking, ask: schemas.ReplayAsk) -> HttpResponse:
    """Parse rejects again, after a parser or a setting was mended.

    Answers when it is done; with many of them, that takes a while.
    """
    if ask.id is not None and not re.fullmatch(r"[0-9a-f]{32}", ask.id):
        raise Problem("not-found", "There is no such reject.")
    outcome: dict[str, int] = {}
    try:
        for told in operations().run("rejects.replay", ask.model_dump()):
            outcome = told
    except AskError:
        raise Problem("not-found", "There is no such reject.") from None
    audit.record(request.viewer.actor, "rejects:replayed", "", **outcome)
    return answered(outcome)


@operation(sources, "GET", "/rejects/{id}", Right.SEE_SOURCES, answer=schemas.Reject)
def get_reject(request: Asking, id: str) -> HttpResponse:  # noqa: A002  # the public name
    """One record that could not be understood."""
    try:
        [found] = operations().run("rejects.show", {"id": id})
    except AskError:
        raise Problem("not-found", "There is no such reject.") from None
    return answered(_reject(request, found))


def _reject(request: Asking, reject: dict[str, object]) -> dict[str, object]:
    """A reject, with the bytes for who may see them."""
    if request.viewer.may(Right.MANAGE_SOURCES):
        return reject
    return {**reject, "detail": None, "data": None}
