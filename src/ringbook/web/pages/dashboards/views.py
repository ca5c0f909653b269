"""The pages of dashboards and their parts, each of which is fetched on its own so that the page stands at once."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ringbook.analyse.errors import FigureError
from ringbook.analyse.figures import FIGURES
from ringbook.desk.dashboards import service
from ringbook.desk.dashboards.models import Dashboard
from ringbook.desk.dashboards.service import Panel
from ringbook.desk.people.roles import Right, Role
from ringbook.model.instant import to_datetime
from ringbook.search import plan
from ringbook.search.errors import SearchError
from ringbook.web.guard import needs
from ringbook.web.pages.calls.views import problem_of
from ringbook.web.pages.dashboards import drawing
from ringbook.web.pages.dashboards.asking import Asked, asked_of, span_of, told, told_all, usual_of
from ringbook.web.pages.dashboards.boards import BOARDS, HANDLED, Board
from ringbook.web.pages.dashboards.people import people_of
from ringbook.web.pages.dashboards.texts import AGAINST, HOURS, PERIODS
from ringbook.web.pages.dashboards.values import Parts, days_word
from ringbook.web.pages.overview.charts import VERSION
from ringbook.web.viewer import Asking, Viewer

HOMES = {Role.AGENT: "people", Role.SUPERVISOR: "queues"}
"""Where a role begins; all others with the traffic."""


@require_GET
@needs(Right.SEE_OVERVIEW)
def home(request: Asking) -> HttpResponse:
    """The dashboard of the viewer's role."""
    return HttpResponseRedirect(reverse("dashboard", args=[HOMES.get(request.viewer.role, "traffic")]))


class Shown(msgspec.Struct, frozen=True):
    """A dashboard, whoever made it: what is on it and where its parts are."""

    slug: str
    title: str
    lead: str
    usual: dict[str, str]
    numbers: Sequence[Panel]
    panels: Sequence[Panel]
    numbers_url: str
    panel_url: Callable[[int], str]
    own: Dashboard | None = None


@require_GET
@needs(Right.SEE_OVERVIEW)
def board(request: Asking, slug: str) -> HttpResponse:
    """One of the dashboards that everybody has."""
    return _page(request, _board(request.viewer, slug))


@require_GET
@needs(Right.SEE_OVERVIEW)
def numbers(request: Asking, slug: str) -> HttpResponse:
    """The numbers at its top."""
    return _numbers(request, _board(request.viewer, slug))


@require_GET
@needs(Right.SEE_OVERVIEW)
def panel(request: Asking, slug: str, place: int) -> HttpResponse:
    """One of its panels."""
    return _panel(request, _board(request.viewer, slug), place)


@require_GET
@needs(Right.SEE_OVERVIEW)
def own(request: Asking, dashboard_id: uuid.UUID) -> HttpResponse:
    """A dashboard that somebody made."""
    return _page(request, _own(request, dashboard_id))


@require_GET
@needs(Right.SEE_OVERVIEW)
def own_numbers(request: Asking, dashboard_id: uuid.UUID) -> HttpResponse:
    """The numbers at its top."""
    return _numbers(request, _own(request, dashboard_id))


@require_GET
@needs(Right.SEE_OVERVIEW)
def own_panel(request: Asking, dashboard_id: uuid.UUID, place: int) -> HttpResponse:
    """One of its panels."""
    return _panel(request, _own(request, dashboard_id), place)


def _board(viewer: Viewer, slug: str) -> Shown:
    found: Board | None = BOARDS.get(slug)
    if found is None:
        raise Http404(_("There is no such dashboard."))
    return Shown(
        slug,
        _(found.title),
        _(found.lead),
        {"period": found.period},
        [_of_own(viewer, one) for one in found.numbers if one.figure in FIGURES],
        [
            _of_own(viewer, one)
            for one in found.panels
            if one.figure in FIGURES and not _of_others(viewer, one)
        ],
        reverse("dashboard-numbers", args=[slug]),
        lambda place: reverse("dashboard-panel", args=[slug, place]),
    )


def _of_others(viewer: Viewer, panel: Panel) -> bool:
    """Whether a panel would tell an agent how single colleagues fare; they see themselves beside the spread of all."""
    return viewer.role is Role.AGENT and panel.figure in ("rings", "agents")


def _of_own(viewer: Viewer, panel: Panel) -> Panel:
    """The panel; what it says of people who talked, it says to an agent of the calls on which they talked themselves."""
    phones = {phone for reach in viewer.scope.reaches or () for phone in reach.extensions}
    if viewer.role is not Role.AGENT or panel.ask != HANDLED or not phones:
        return panel
    return msgspec.structs.replace(panel, ask=f"agent:{','.join(sorted(phones))}")


def _own(request: Asking, dashboard_id: uuid.UUID) -> Shown:
    person = request.viewer.person
    found = None if person is None else service.dashboards_of(person).filter(pk=dashboard_id).first()
    if found is None:
        raise Http404(_("There is no such dashboard."))
    panels = service.panels_of(found)
    lead = _("Made by %(owner)s") % {"owner": str(found.owner)} if found.shared else ""
    return Shown(
        f"own-{found.pk}",
        found.name,
        lead,
        usual_of(found),
        [one for one in panels if one.draw == "number"],
        [one for one in panels if one.draw != "number"],
        reverse("dashboard-own-numbers", args=[found.pk]),
        lambda place: reverse("dashboard-own-panel", args=[found.pk, place]),
        found,
    )


def _page(request: Asking, shown: Shown) -> HttpResponse:
    viewer = request.viewer
    asked = asked_of(request.GET, shown.usual)
    problem = problem_with(viewer, asked)
    whole = request.GET.get("whole") == "1" and not problem
    context = {
        **filters(viewer, asked, problem),
        "shown": shown,
        "tabs": tabs(viewer),
        "current": shown.slug,
        "numbers_url": f"{shown.numbers_url}?{asked.address()}",
        "slots": [
            {
                "url": f"{shown.panel_url(place)}?{asked.address()}",
                "key": f"panel-{place}",
                "title": drawing.title_of(one),
                "wide": one.figure in drawing.WIDE,
                "panel": _drawn(viewer, asked, one, place) if whole else None,
            }
            for place, one in enumerate(shown.panels)
        ],
        "people_url": f"{reverse('dashboard-people')}?{asked.address()}" if shown.slug == "people" else "",
        "people": people_of(viewer, asked) if whole and shown.slug == "people" else None,
        "whole": whole,
        "whole_url": f"{request.path}?{asked.address()}&whole=1",
        "stats": _stats(viewer, asked, shown) if whole else None,
        "may_change": shown.own is not None
        and viewer.person is not None
        and service.may_change(viewer.person, shown.own),
        "keep_url": f"{reverse('dashboard-keep')}?{asked.address()}&from={shown.slug}",
    }
    return render(request, "dashboards/board.html", context, status=422 if problem else 200)


def _numbers(request: Asking, shown: Shown) -> HttpResponse:
    asked = asked_of(request.GET, shown.usual)
    problem = problem_with(request.viewer, asked)
    if problem:
        return render(request, "dashboards/_problem.html", {"problem": problem}, status=422)
    stats = _stats(request.viewer, asked, shown)
    return render(request, "dashboards/_numbers.html", {"stats": stats, "asked": asked})


def _panel(request: Asking, shown: Shown, place: int) -> HttpResponse:
    if place >= len(shown.panels):
        raise Http404(_("There is no such figure on this dashboard."))
    asked = asked_of(request.GET, shown.usual)
    problem = problem_with(request.viewer, asked)
    if problem:
        return render(request, "dashboards/_problem.html", {"problem": problem}, status=422)
    context = {"panel": _drawn(request.viewer, asked, shown.panels[place], place), "asked": asked}
    return render(request, "dashboards/_panel.html", context)


def _drawn(viewer: Viewer, asked: Asked, one: Panel, place: int) -> dict[str, Any]:
    return drawing.panel(viewer, asked, told(viewer, asked, one), f"panel-{place}")


def _stats(viewer: Viewer, asked: Asked, shown: Shown) -> list[dict[str, Any]]:
    return [drawing.number(viewer, one) for one in told_all(viewer, asked, shown.numbers)]


def problem_with(viewer: Viewer, asked: Asked) -> dict[str, str] | None:
    """What cannot be understood in what was asked, as the search box shows it; None if all can."""
    for question in (asked.q, asked.other_question or ""):
        try:
            plan.check(question, viewer.scope, zone=viewer.zone_name, now=viewer.now, me=viewer.handle)
        except SearchError as error:
            return problem_of(error, question)
    try:
        span_of(viewer, asked)
    except FigureError as error:
        return {"text": str(error)}
    return None


def filters(viewer: Viewer, asked: Asked, problem: dict[str, str] | None) -> dict[str, Any]:
    """What the bar of questions, period and comparison is drawn from."""
    return {
        "asked": asked,
        "problem": problem,
        "periods": PERIODS.items(),
        "against": AGAINST.items(),
        "hours": HOURS.items(),
        "person": Parts(viewer, "agent", [asked.who]).of(asked.who) if asked.who else "",
        "span": "" if problem else days_word(span_of(viewer, asked).label, to_datetime(viewer.now).date()),
        "charts_url": reverse("overview-charts", args=[VERSION]),
        "until": f"{to_datetime(viewer.now).astimezone(viewer.zone):%H:%M}",
    }


def tabs(viewer: Viewer) -> list[dict[str, Any]]:
    """All dashboards that the viewer has."""
    found = [
        {"key": one.slug, "label": _(one.title), "url": reverse("dashboard", args=[one.slug])}
        for one in BOARDS.values()
    ]
    found.append({"key": "staffing", "label": _("Staffing"), "url": reverse("dashboard-staffing")})
    if viewer.person is not None:
        found += [
            {
                "key": f"own-{one.pk}",
                "label": one.name,
                "url": reverse("dashboard-own", args=[one.pk]),
            }
            for one in service.dashboards_of(viewer.person)
        ]
    found.append({"key": "figures", "label": _("All figures"), "url": reverse("dashboard-figures")})
    return found
