"""The log of calls: a question, its answers newest first, and what is loaded beside them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET
from django_htmx.http import push_url, reswap, retarget

from ringbook.desk.governance import audit
from ringbook.desk.organisation.models import organisation
from ringbook.desk.people.roles import Right
from ringbook.desk.wiring import ledger
from ringbook.desk.workspace import saved
from ringbook.model.call import Call
from ringbook.search import completion
from ringbook.search.errors import CursorError, QuestionError, SearchError
from ringbook.search.fields import FIELDS
from ringbook.web.guard import needs
from ringbook.web.pages.calls import asking, questions, tabs
from ringbook.web.pages.calls import columns as table
from ringbook.web.pages.calls import dates as picker
from ringbook.web.pages.calls.asking import PAGE, Question
from ringbook.web.pages.calls.drawing import drawn
from ringbook.web.pages.calls.facets import counted
from ringbook.web.shapes import shown_many
from ringbook.web.viewer import Asking, Viewer

MOST_AT_ONCE = 500
"""Rows that a page is drawn with when somebody comes back to where they were."""


@require_GET
@needs(Right.SEE_CALLS)
def calls(request: Asking) -> HttpResponse:
    """The page of calls; to htmx, its results or (with a cursor) the next rows."""
    question = Question(request.viewer, request.GET.get("q", "").strip())
    cursor = request.GET.get("cursor", "")
    try:
        page = question.page(cursor or None, _rows_wanted(request))
        questions.time_told(question.text)
    except SearchError as error:
        return _problem(request, question.text, error)
    if request.GET.get("q") and not cursor:
        audit.record(request.viewer.actor, "calls:searched", query=question.text)
    keys = shown_columns(request.viewer, question.text)
    context = {
        **_list(request.viewer, page.items, keys),
        "columns": [table.COLUMNS[key] for key in keys],
        "query": question.text,
        "next_url": _next_url(question.text, page.next_cursor),
        "cursor": cursor,
        "since": asking.seen(page, request.viewer.now).seal(),
    }
    if _part(request) and cursor:
        return render(request, "calls/_rows.html", context)
    context |= _around(request.viewer, question.text)
    return render(request, "calls/_results.html" if _part(request) else "calls/calls.html", context)


@require_GET
@needs(Right.SEE_CALLS)
def count(request: Asking) -> HttpResponse:
    """How many calls there are, in words."""
    question = Question(request.viewer, request.GET.get("q", ""))
    try:
        number = question.count()
    except SearchError as error:
        return HttpResponse(str(error), status=400, content_type="text/plain; charset=utf-8")
    return render(request, "calls/_count.html", {"number": number, "words": calls_in_words(number)})


@require_GET
@needs(Right.SEE_CALLS)
def facets(request: Asking) -> HttpResponse:
    """The facets of a question."""
    question = Question(request.viewer, request.GET.get("q", ""))
    try:
        found = counted(question)
    except SearchError as error:
        return HttpResponse(str(error), status=400, content_type="text/plain; charset=utf-8")
    return render(request, "calls/_facets.html", {"facets": found, "query": question.text})


@require_GET
@needs(Right.SEE_CALLS)
def news(request: Asking) -> HttpResponse:
    """Rows that came or changed since the list was drawn; 204 when there are none."""
    question = Question(request.viewer, request.GET.get("q", ""))
    try:
        before = asking.unseal(request.GET.get("since", ""))
        found = question.news(before)
    except SearchError as error:
        return HttpResponse(str(error), status=400, content_type="text/plain; charset=utf-8")
    fresh = [*found.newer, *found.changed]
    since = before.after(found).seal()
    if not fresh and not found.gone:
        return HttpResponse(status=204, headers={"X-Live-Since": since})
    keys = shown_columns(request.viewer, question.text)
    context = {**_list(request.viewer, fresh, keys), "next_url": "", "gone": found.gone}
    answer = render(request, "calls/_rows.html", context)
    answer.headers["X-Live-Since"] = since
    return answer


@require_GET
@needs(Right.SEE_CALLS)
def complete(request: Asking) -> HttpResponse:
    """What may come next in a question, for the search box."""
    text = request.GET.get("q", "")
    caret = request.GET.get("caret", "")
    at = min(int(caret), len(text)) if caret.isdecimal() and len(caret) < 9 else len(text)
    viewer = request.viewer
    if len(text) > saved.LONGEST_QUERY:
        return JsonResponse({"start": at, "end": at, "options": []})
    found = completion.complete(
        ledger(), viewer.scope, text, at, zone=viewer.zone_name, now=viewer.now, me=viewer.handle
    )
    options = [{"value": one.text, "label": one.text, "hint": one.detail} for one in found]
    start, end = (found[0].replace_from, found[0].replace_to) if found else (at, at)
    return JsonResponse({"start": start, "end": end, "options": options})


@require_GET
@needs(Right.SEE_CALLS)
def dates(request: Asking) -> HttpResponse:
    """The question with two days of the date picker written into it."""
    text = request.GET.get("q", "")
    try:
        told = picker.between(request.GET.get("when_from", ""), request.GET.get("when_to", ""))
        text = questions.dated(text, told)
    except SearchError as error:
        return _problem(request, text, error)
    except ValueError:
        return _problem(request, text, SearchError(_("That is no date: write it as 2026-11-21.")))
    return HttpResponseRedirect(url_of(text))


@require_GET
@needs(Right.SEE_CALLS)
def language(request: Asking) -> HttpResponse:
    """The card that explains the query language."""
    return render(request, "calls/_language.html", {"fields": FIELDS.values()})


def shown_columns(viewer: Viewer, query: str) -> list[str]:
    """The columns of the table: those of the view with this question, else those that the person chose, else the usual."""
    if viewer.person is None:
        return list(table.DEFAULT)
    view = tabs.current(viewer.person, query)
    for keys in (view.columns if view else [], saved.columns_of(viewer.person, "calls")):
        if found := table.known(keys):
            return found
    return list(table.DEFAULT)


def calls_in_words(number: int) -> str:
    """ "825,020 calls"."""
    text = ngettext("%(count)s call", "%(count)s calls", number)
    return text % {"count": number_format(number, use_l10n=True, force_grouping=True)}


def url_of(query: str) -> str:
    """Where the calls that answer a question are listed."""
    asked = QueryDict(mutable=True)
    asked["q"] = query
    return f"{reverse('calls')}?{asked.urlencode()}" if query else reverse("calls")


def _next_url(query: str, cursor: str | None) -> str:
    if not cursor:
        return ""
    asked = QueryDict(mutable=True)
    asked["q"] = query
    asked["cursor"] = cursor
    return f"{reverse('calls')}?{asked.urlencode()}"


def _list(viewer: Viewer, items: list[Call], keys: list[str]) -> dict[str, Any]:
    rows = table.rows(shown_many(viewer, items), keys)
    return {"rows": rows, "drawn": drawn(rows), "width": len(keys) + 1}


def _around(viewer: Viewer, query: str) -> dict[str, Any]:
    """What stands around the list: views, dates, columns."""
    house = organisation(viewer.scope.tenant)
    known = picker.ranges(timezone.localdate(), house.week_starts_on)
    kept = list(saved.views_of(viewer.person)) if viewer.person else []
    told = questions.time_told(query)
    return {
        "tabs": tabs.of(viewer, query, kept),
        "view": tabs.current(viewer.person, query, kept) if viewer.person else None,
        "ranges": [
            {"label": one.label, "url": url_of(questions.dated(query, one.told)), "current": one.told == told}
            for one in known
        ],
        "range": picker.named(told, known),
        "timed": bool(told),
        "any_time_url": url_of(questions.dated(query, "")),
    }


def _rows_wanted(request: HttpRequest) -> int:
    wanted = request.GET.get("rows", "")
    return min(max(int(wanted), PAGE), MOST_AT_ONCE) if wanted.isdecimal() and len(wanted) < 6 else PAGE


def _part(request: HttpRequest) -> bool:
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx) and not htmx.history_restore_request


def _problem(request: Asking, query: str, error: SearchError) -> HttpResponse:
    """The same page with what is wrong under the search box; what was typed stays."""
    context: dict[str, Any] = {"query": query[:4_000], "problem": problem_of(error, query)}
    status = 400
    if isinstance(error, CursorError):
        context["again_url"] = url_of(query)
    if _part(request):
        answer = render(request, "calls/_problem.html", context, status=status)
        # The list that is there stays, and so does its address.
        return push_url(reswap(retarget(answer, "#calls-problem"), "innerHTML"), False)
    context["tabs"] = tabs.of(request.viewer, query)
    return render(request, "calls/calls.html", context, status=status)


def problem_of(error: SearchError, query: str) -> dict[str, str]:
    """What is wrong, in parts: the text before, at and behind the place, cut to what can be read."""
    if not isinstance(error, QuestionError):
        return {"text": str(error)}
    start, stop = min(error.start, len(query)), min(error.stop, len(query))
    before, after = query[max(0, start - 60) : start], query[stop : stop + 60]
    return {
        "text": error.problem,
        "hint": error.hint,
        "before": ("…" if start > 60 else "") + before,
        "place": query[start : min(stop, start + 80)] or "\u00a0",
        "after": after + ("…" if len(query) > stop + 60 else ""),
    }
