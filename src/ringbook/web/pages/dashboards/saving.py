"""Keeping dashboards: a copy of one, one more figure on one, its order, its name, who sees it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import msgspec
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ringbook.analyse.errors import FigureError
from ringbook.analyse.figures import FIGURES
from ringbook.analyse.periods import period as period_of
from ringbook.desk.dashboards import service
from ringbook.desk.dashboards.errors import DashboardError
from ringbook.desk.dashboards.models import Dashboard
from ringbook.desk.dashboards.service import Panel
from ringbook.desk.governance import audit
from ringbook.desk.insight.words import DIMENSIONS
from ringbook.desk.people.models import Person
from ringbook.desk.people.roles import Right
from ringbook.model.instant import to_datetime
from ringbook.search import plan
from ringbook.search.errors import SearchError
from ringbook.web.guard import needs
from ringbook.web.pages.dashboards import drawing
from ringbook.web.pages.dashboards.asking import asked_of
from ringbook.web.pages.dashboards.boards import BOARDS
from ringbook.web.pages.dashboards.figure import panel_of
from ringbook.web.pages.dashboards.texts import AGAINST, HOURS, PERIODS
from ringbook.web.pages.dashboards.values import days_word
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking


@require_http_methods(["GET", "POST"])
@needs(Right.SEE_OVERVIEW)
def keep(request: Asking) -> HttpResponse:
    """The form that keeps what is seen as a dashboard of one's own, and its keeping."""
    given = request.GET if request.method == "GET" else request.POST
    person, panels = _person(request), _panels_from(request, given.get("from", ""))
    asked = asked_of(given)
    context: dict[str, Any] = {
        "asked": asked,
        "from": given.get("from", ""),
        "name": given.get("name", ""),
        "shared": given.get("shared") == "on",
        "may_share": request.viewer.may(Right.SHARE_VIEWS),
        "count": len(panels),
    }
    if request.method == "GET":
        return render(request, "dashboards/_keep.html", context)
    try:
        _checked(request, asked.q)
        _checked(request, asked.other_question or "")
        _days(request, asked.days, asked.other_days)
        made = service.make(person, context["name"], panels, shared=context["shared"], **asked.kept)
    except (DashboardError, FigureError, SearchError) as error:
        return render(request, "dashboards/_keep.html", {**context, "problem": str(error)}, status=422)
    audit.record(request.viewer.actor, "dashboard:made", f"dashboard:{made.pk}", shared=made.shared)
    return _there(request, made, _("“%(name)s” is kept.") % {"name": made.name})


@require_http_methods(["GET", "POST"])
@needs(Right.SEE_OVERVIEW)
def add(request: Asking) -> HttpResponse:
    """The form that puts a figure on a dashboard of one's own, and the putting."""
    given = request.GET if request.method == "GET" else request.POST
    if given.get("figure") not in FIGURES:
        raise Http404(_("There is no such figure."))
    person, panel = _person(request), panel_of(given.dict())
    changeable = [one for one in service.dashboards_of(person) if service.may_change(person, one)]
    context: dict[str, Any] = {
        "panel": msgspec.structs.asdict(panel),
        "title": drawing.title_of(panel),
        "dashboards": changeable,
        "name": given.get("name", ""),
        "to": given.get("to", str(changeable[0].pk) if changeable else ""),
    }
    if request.method == "GET":
        return render(request, "dashboards/_add.html", context)
    try:
        _checked(request, panel.ask)
        if context["to"]:
            found = service.add(person, _id(context["to"]), panel)
        else:
            found = service.make(person, context["name"], [panel])
    except Dashboard.DoesNotExist:
        raise Http404(_("There is no such dashboard.")) from None
    except (DashboardError, SearchError) as error:
        return render(request, "dashboards/_add.html", {**context, "problem": str(error)}, status=422)
    audit.record(request.viewer.actor, "dashboard:changed", f"dashboard:{found.pk}")
    return _there(request, found, _("Put on “%(name)s”.") % {"name": found.name})


@require_http_methods(["GET", "POST"])
@needs(Right.SEE_OVERVIEW)
def edit(request: Asking, dashboard_id: uuid.UUID) -> HttpResponse:
    """The form that changes a dashboard, and its changing."""
    person = _person(request)
    found = service.dashboards_of(person).filter(pk=dashboard_id).first()
    if found is None or not service.may_change(person, found):
        raise Http404(_("There is no such dashboard."))
    given = request.POST if request.method == "POST" else None
    panels = service.panels_of(found)
    order = _order(given.getlist("panel"), len(panels)) if given is not None else list(range(len(panels)))
    context: dict[str, Any] = {
        "own": found,
        "version": given.get("version", "") if given is not None else found.version,
        "panels": _listed(panels, order),
        "may_share": request.viewer.may(Right.SHARE_VIEWS),
        "periods": _choices(request, PERIODS, found.period),
        "against": _choices(request, AGAINST, found.against),
        "all_hours": HOURS.items(),
        "other_query": found.other_query,
    }
    if given is None:
        told = {"name": found.name, "query": found.query, "period": found.period, "hours": found.hours}
        return render(
            request,
            "dashboards/edit.html",
            {**context, **told, "compared": found.against, "shared": found.shared},
        )
    told = {"name": given.get("name", ""), "query": given.get("query", "").strip()}
    choices = (("period", context["periods"]), ("against", context["against"]), ("hours", HOURS.items()))
    for name, allowed in choices:
        told[name] = given.get(name, "") if given.get(name) in dict(allowed) else ""
    shared = given.get("shared") == "on"
    try:
        _checked(request, told["query"])
        version = context["version"]
        changed = service.change(
            person,
            dashboard_id,
            int(version) if version.isdecimal() else 0,
            panels=[panels[place] for place in order],
            shared=shared,
            **told,
        )
    except (DashboardError, SearchError) as error:
        context |= {**told, "compared": told["against"], "shared": shared, "problem": str(error)}
        return render(request, "dashboards/edit.html", context, status=422)
    audit.record(request.viewer.actor, "dashboard:changed", f"dashboard:{changed.pk}", shared=changed.shared)
    return _there(request, changed, _("“%(name)s” is changed.") % {"name": changed.name})


@require_POST
@needs(Right.SEE_OVERVIEW)
def delete(request: Asking, dashboard_id: uuid.UUID) -> HttpResponse:
    """The dashboard deleted, with a way back."""
    try:
        gone = service.delete(_person(request), dashboard_id)
    except Dashboard.DoesNotExist:
        raise Http404(_("There is no such dashboard.")) from None
    except DashboardError as error:
        return toast(request, HttpResponse(status=204), str(error), tone="bad")
    audit.record(request.viewer.actor, "dashboard:deleted", f"dashboard:{gone.pk}")
    text = _("“%(name)s” is deleted.") % {"name": gone.name}
    undo = reverse("dashboard-restore", args=[gone.pk])
    return toast(request, HttpResponseRedirect(reverse("dashboards")), text, undo=undo)


@require_POST
@needs(Right.SEE_OVERVIEW)
def restore(request: Asking, dashboard_id: uuid.UUID) -> HttpResponse:
    """The dashboard that was deleted, back again."""
    try:
        found = service.restore(_person(request), dashboard_id)
    except Dashboard.DoesNotExist:
        raise Http404(_("There is no such dashboard.")) from None
    audit.record(request.viewer.actor, "dashboard:restored", f"dashboard:{found.pk}")
    return _there(request, found, _("“%(name)s” is back.") % {"name": found.name})


def _person(request: Asking) -> Person:
    person = request.viewer.person
    if person is None:
        raise Http404
    return person


def _panels_from(request: Asking, slug: str) -> list[Panel]:
    """The figures of the dashboard that is copied."""
    if slug in BOARDS:
        board = BOARDS[slug]
        found = [*board.numbers, *board.panels]
        # A word of ours is kept as the person reads it now.
        return [
            msgspec.structs.replace(one, title=_(one.title)) if one.title else one
            for one in found
            if one.figure in FIGURES
        ]
    kept = service.dashboards_of(_person(request)).filter(pk=_id(slug.removeprefix("own-"))).first()
    if kept is None:
        raise Http404(_("There is no such dashboard."))
    return service.panels_of(kept)


def _id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Http404(_("There is no such dashboard.")) from None


def _order(told: list[str], count: int) -> list[int]:
    """The places of the panels that are kept, in their new order."""
    places = [int(one) for one in told if one.isdecimal() and int(one) < count]
    return list(dict.fromkeys(places))


def _listed(panels: list[Panel], order: list[int]) -> list[dict[str, Any]]:
    places = [*order, *(place for place in range(len(panels)) if place not in order)]
    return [
        {
            "place": place,
            "kept": place in order,
            "title": drawing.title_of(panels[place]),
            "detail": _detail(panels[place]),
        }
        for place in places
    ]


def _detail(panel: Panel) -> str:
    if panel.draw == "number":
        return _("Number")
    by = DIMENSIONS.get(panel.by)
    return " · ".join(part for part in (str(by) if by else "", panel.ask) if part)


def _choices(request: Asking, words: Mapping[str, Any], kept: str) -> list[tuple[str, Any]]:
    """The periods to choose from: those that move with the days, and the fixed days that are kept."""
    found = [(key, word) for key, word in words.items() if key not in ("dates", "question")]
    if kept == "question":
        found.append((kept, words[kept]))
    if ".." in kept:
        viewer = request.viewer
        label = period_of(kept, zone=viewer.zone_name, now=viewer.now).label
        found.append((kept, days_word(label, to_datetime(viewer.now).date())))
    return found


def _days(request: Asking, *asked: str | None) -> None:
    """Raise FigureError for days that there are not."""
    for days in asked:
        if days and ".." in days:
            period_of(days, zone=request.viewer.zone_name, now=request.viewer.now)


def _checked(request: Asking, question: str) -> None:
    viewer = request.viewer
    plan.check(question, viewer.scope, zone=viewer.zone_name, now=viewer.now, me=viewer.handle)


def _there(request: HttpRequest, dashboard: Dashboard, text: str) -> HttpResponse:
    """To the dashboard, with a word about what was done."""
    url = reverse("dashboard-own", args=[dashboard.pk])
    if request.headers.get("HX-Request") == "true":
        return toast(request, HttpResponse(status=204, headers={"HX-Redirect": url}), text)
    return toast(request, HttpResponseRedirect(url), text)
