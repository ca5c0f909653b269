"""The pages of the wallboard: for who is signed in, and for a screen that opens it by a link of its own."""

from __future__ import annotations

from typing import Any

import msgspec
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ringbook.analyse.errors import FigureError
from ringbook.desk.dashboards import links
from ringbook.desk.dashboards.models import WallboardLink
from ringbook.desk.dashboards.service import LONGEST_QUERY
from ringbook.desk.people.roles import Right
from ringbook.search.errors import QuestionError, SearchError
from ringbook.web.country import numbers_as_in
from ringbook.web.guard import needs, public_page
from ringbook.web.pages.wallboard.telling import board
from ringbook.web.viewer import Asking, Viewer, viewer_of

EVERY_S = 15
"""How often it refreshes itself."""


@require_GET
@needs(Right.SEE_OVERVIEW)
def wallboard(request: Asking) -> HttpResponse:
    """The wallboard of the viewer."""
    query = request.GET.get("q", "").strip()[:LONGEST_QUERY]
    now_url = reverse("wallboard-now")
    more = {"may_link": request.viewer.may(Right.SHARE_VIEWS) and request.viewer.person is not None}
    return _whole(request, request.viewer, query, f"{now_url}?{request.GET.urlencode()}", more)


@require_GET
@needs(Right.SEE_OVERVIEW)
def now(request: Asking) -> HttpResponse:
    """What changes on it."""
    return _part(request, request.viewer, request.GET.get("q", "").strip()[:LONGEST_QUERY])


@public_page
@require_GET
def screen(request: HttpRequest, secret: str) -> HttpResponse:
    """The wallboard of a link."""
    link = _opened(secret)
    return _as(link, request, reverse("wallboard-screen-now", args=[secret]))


@public_page
@require_GET
def screen_now(request: HttpRequest, secret: str) -> HttpResponse:
    """What changes on the wallboard of a link."""
    return _as(_opened(secret), request, "")


def _opened(secret: str) -> WallboardLink:
    found = links.opened(secret)
    if found is None:
        raise Http404(_("This link opens nothing, or no longer."))
    return found


def _as(link: WallboardLink, request: HttpRequest, now_url: str) -> HttpResponse:
    """The wallboard as the owner of a link sees it; with ``now_url`` the whole page."""
    owner = viewer_of(link.owner)
    # A screen on a wall sees figures, and nothing that a click could lead to.
    viewer = msgspec.structs.replace(owner, rights=frozenset({Right.SEE_OVERVIEW}))
    with (
        translation.override(viewer.language or translation.get_language()),
        timezone.override(viewer.zone),
        numbers_as_in(viewer.country),
    ):
        found = (
            _whole(request, viewer, link.query, now_url, {"screen": link.name})
            if now_url
            else _part(request, viewer, link.query)
        )
    found.headers["Cache-Control"] = "no-store"
    found.headers["Referrer-Policy"] = "no-referrer"  # the address is the secret
    return found


def _whole(
    request: HttpRequest, viewer: Viewer, query: str, now_url: str, more: dict[str, Any]
) -> HttpResponse:
    told = _told(viewer, query)
    context = {**told, **more, "now_url": now_url, "every_s": EVERY_S}
    return render(request, "wallboard/wallboard.html", context, status=422 if told.get("problem") else 200)


def _part(request: HttpRequest, viewer: Viewer, query: str) -> HttpResponse:
    told = _told(viewer, query)
    if told.get("problem"):
        return HttpResponse(told["problem"], status=422, content_type="text/plain; charset=utf-8")
    return render(request, "wallboard/_now.html", told)


def _told(viewer: Viewer, query: str) -> dict[str, Any]:
    try:
        return board(viewer, query)
    except QuestionError as error:
        return {"problem": error.problem, "query": query}
    except (FigureError, SearchError) as error:
        return {"problem": str(error), "query": query}
