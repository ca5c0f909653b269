"""Keeping views and columns."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ringbook.desk.governance import audit
from ringbook.desk.people.models import Person
from ringbook.desk.people.roles import Right
from ringbook.desk.workspace import saved
from ringbook.desk.workspace.errors import WorkspaceError
from ringbook.desk.workspace.models import SavedView
from ringbook.search import plan
from ringbook.search.errors import SearchError
from ringbook.web.guard import needs
from ringbook.web.pages.calls import columns as table
from ringbook.web.pages.calls import tabs as over
from ringbook.web.pages.calls import views as page
from ringbook.web.pages.calls.asking import Question
from ringbook.web.templatetags.calls import short_number
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking

MOST_COUNTED = 24
"""Views whose calls are counted at once."""


@require_GET
@needs(Right.SEE_CALLS)
def tabs(request: Asking) -> HttpResponse:
    """The views with how many calls each has."""
    query = request.GET.get("q", "")
    found = over.of(request.viewer, query)
    counts = [_count(request, tab.query) if place < MOST_COUNTED else "" for place, tab in enumerate(found)]
    return render(
        request, "calls/_tabs.html", {"tabs": _with(found, counts), "query": query, "counted": True}
    )


@require_http_methods(["GET", "POST"])
@needs(Right.SEE_CALLS)
def save(request: Asking) -> HttpResponse:
    """The form that keeps a question as a view, and its keeping."""
    told = request.GET if request.method == "GET" else request.POST
    query, name, shared = told.get("q", ""), told.get("name", ""), told.get("shared") == "on"
    context = {
        "query": query,
        "name": name,
        "shared": shared,
        "may_share": request.viewer.may(Right.SHARE_VIEWS),
    }
    if request.method == "GET":
        return render(request, "calls/_view_form.html", context)
    try:
        plan.check(query, zone=request.viewer.zone_name, now=request.viewer.now)
        keys = table.known(request.POST.getlist("column"))
        view = saved.save(_person(request), name, query, shared=shared, columns=keys)
    except (WorkspaceError, SearchError) as error:
        return render(request, "calls/_view_form.html", {**context, "problem": str(error)}, status=422)
    audit.record(request.viewer.actor, "view:saved", f"view:{view.pk}", shared=view.shared)
    return _changed(request, view, _("“%(name)s” is kept.") % {"name": view.name})


@require_http_methods(["GET", "POST"])
@needs(Right.SEE_CALLS)
def change(request: Asking, view_id: uuid.UUID) -> HttpResponse:
    """The form that changes a view, and its changing."""
    person = _person(request)
    view = saved.views_of(person).filter(pk=view_id).first()
    if view is None:
        raise Http404
    context: dict[str, Any] = {"view": view, "name": view.name, "shared": view.shared, "query": view.query}
    context |= {"may_share": request.viewer.may(Right.SHARE_VIEWS), "version": view.version}
    if request.method == "GET":
        return render(request, "calls/_view_form.html", context)
    context |= {"name": request.POST.get("name", ""), "shared": request.POST.get("shared") == "on"}
    version = request.POST.get("version", "")
    told: dict[str, Any] = {"name": context["name"], "shared": context["shared"]}
    if "q" in request.POST:
        context["query"] = told["query"] = request.POST["q"]
    try:
        plan.check(told.get("query", ""), zone=request.viewer.zone_name, now=request.viewer.now)
        view = saved.change(person, view_id, int(version) if version.isdecimal() else 0, **told)
    except (WorkspaceError, SearchError) as error:
        return render(request, "calls/_view_form.html", {**context, "problem": str(error)}, status=422)
    audit.record(request.viewer.actor, "view:changed", f"view:{view.pk}", shared=view.shared)
    return _changed(request, view, _("“%(name)s” is changed.") % {"name": view.name})


@require_POST
@needs(Right.SEE_CALLS)
def delete(request: Asking, view_id: uuid.UUID) -> HttpResponse:
    """The view deleted, with a way back."""
    try:
        view = saved.delete(_person(request), view_id)
    except SavedView.DoesNotExist:
        raise Http404 from None
    except WorkspaceError as error:
        return toast(request, HttpResponse(status=204), str(error), tone="bad", close=True)
    audit.record(request.viewer.actor, "view:deleted", f"view:{view.pk}")
    text = _("“%(name)s” is deleted.") % {"name": view.name}
    undo = reverse("calls-view-restore", args=[view.pk])
    response = HttpResponse(status=204, headers={"HX-Redirect": reverse("calls")})
    if not request.headers.get("HX-Request"):
        response = HttpResponseRedirect(reverse("calls"))
    return toast(request, response, text, undo=undo)


@require_POST
@needs(Right.SEE_CALLS)
def restore(request: Asking, view_id: uuid.UUID) -> HttpResponse:
    """The view that was deleted, back again."""
    try:
        view = saved.restore(_person(request), view_id)
    except SavedView.DoesNotExist:
        raise Http404 from None
    audit.record(request.viewer.actor, "view:restored", f"view:{view.pk}")
    return _changed(request, view, _("“%(name)s” is back.") % {"name": view.name})


@require_http_methods(["GET", "POST"])
@needs(Right.SEE_CALLS)
def columns(request: Asking) -> HttpResponse:
    """The form of the columns, and the person's choice kept."""
    query = request.GET.get("q", "") if request.method == "GET" else request.POST.get("q", "")
    if request.method == "GET":
        shown = page.shown_columns(request.viewer, query)
        order = [*shown, *(key for key in table.COLUMNS if key not in shown)]
        context = {"columns": [table.COLUMNS[key] for key in order], "shown": shown, "query": query}
        return render(request, "calls/_columns.html", context)
    person = _person(request)
    keys = [] if "usual" in request.POST else table.known(request.POST.getlist("column"))
    view = over.current(person, query)
    if view and view.columns and saved.may_change(person, view) and keys:
        saved.change(person, view.pk, view.version, columns=keys)
    else:
        saved.choose_columns(person, "calls", keys)
    return _to(request, query)


def _person(request: Asking) -> Person:
    person = request.viewer.person
    if person is None:
        raise Http404
    return person


def _count(request: Asking, query: str) -> str:
    try:
        return short_number(Question(request.viewer, query).count())
    except SearchError:  # a view kept before a field was renamed must not take the others with it
        return "!"


def _with(found: list[over.Tab], counts: list[str]) -> list[over.Tab]:
    return [
        over.Tab(tab.label, tab.query, tab.current, tab.id, tab.shared, tab.mine, calls)
        for tab, calls in zip(found, counts, strict=True)
    ]


def _changed(request: Asking, view: SavedView, text: str) -> HttpResponse:
    return toast(request, _to(request, view.query), text)


def _to(request: Asking, query: str) -> HttpResponse:
    """The list again, from its beginning."""
    place = page.url_of(query)
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204, headers={"HX-Redirect": place})
    return HttpResponseRedirect(place)
