"""What is done with many calls at once: those chosen in the list, or all that answer the question."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from itertools import islice
from typing import Any

import msgspec
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from ringbook.desk.annotations import marks, reading, undoing
from ringbook.desk.annotations.acting import AT_ONCE, By, Many
from ringbook.desk.people.roles import Right
from ringbook.desk.wiring import ledger
from ringbook.desk.workspace.errors import WorkspaceError
from ringbook.desk.workspace.jobs import Work, enqueue, job
from ringbook.desk.workspace.models import Job
from ringbook.model.call import CallId
from ringbook.model.errors import AskError
from ringbook.search import pages
from ringbook.web.guard import needs
from ringbook.web.pages.calls.asking import Question
from ringbook.web.pages.jobs import exports
from ringbook.web.pages.jobs import views as jobs_pages
from ringbook.web.pages.jobs.writers import FORMATS
from ringbook.web.toasts import close_dialog, toast
from ringbook.web.viewer import Asking

MOST_CHOSEN = 500
"""Calls that can be chosen one by one."""

ACTIONS = ("tag", "untag", "outcome", "export")


class Chosen(msgspec.Struct, frozen=True):
    """The calls that something is done with: some ids, or with ``everything`` all that answer a question."""

    ids: tuple[str, ...]
    everything: bool
    query: str


@require_POST
@needs(Right.SEE_CALLS)
def chosen(request: Asking, action: str) -> HttpResponseBase:
    """The dialog that asks what exactly to do; with ``apply``, the doing."""
    if action not in ACTIONS:
        raise Http404
    if action == "export":
        return export(request)
    if not request.viewer.may(Right.ANNOTATE):
        return toast(request, HttpResponse(status=204), _("Your role may not change calls."), tone="bad")
    try:
        some = _chosen(request)
        if "apply" not in request.POST:
            return _ask(request, action, some)
        return _apply(request, action, some)
    except AskError as error:
        if "apply" in request.POST:
            return _ask(request, action, some, str(error))
        return toast(request, HttpResponse(status=204), str(error), tone="bad")


@require_http_methods(["GET", "POST"])
@needs(Right.SEE_CALLS, Right.EXPORT_CALLS)
def export(request: Asking) -> HttpResponseBase:
    """The dialog that asks for a format; with ``apply``, the file or the job that makes it."""
    told = request.GET if request.method == "GET" else request.POST
    try:
        some = _chosen(request)
        what = exports.wanted(
            request.viewer,
            some.query,
            told.get("format", "csv"),
            ids=() if some.everything else some.ids,
            bom=told.get("bom") == "on",
        )
        number = exports.how_many(request.viewer, what)
    except AskError as error:
        if request.headers.get("HX-Request") == "true":
            return toast(request, HttpResponse(status=204), str(error), tone="bad")
        return HttpResponse(str(error), status=400, content_type="text/plain; charset=utf-8")
    if request.method == "GET" or "apply" not in request.POST:
        context = {
            "chosen": some,
            "formats": FORMATS.values(),
            "number": number,
            "many": number > exports.AT_ONCE,
        }
        return render(request, "calls/_export.html", {**context, "words": _calls(number)})
    if number <= exports.AT_ONCE:
        return exports.at_once(request.viewer, what)
    return _started(request, exports.begin(request.viewer, what, number), _("The export is being made."))


@require_POST
@needs(Right.ANNOTATE)
def undo(request: Asking, batch: uuid.UUID) -> HttpResponse:
    """What was done to calls, taken back: that of a batch, or all batches of a job with this id."""
    row = jobs_pages.own(request.viewer).filter(pk=batch, kind="mark-calls").first()
    if row is not None:
        return _started(request, _undo_job(request, row), _("It is being taken back."))
    try:
        done = undoing.undo(_by(request), batch)
    except AskError as error:
        return toast(request, HttpResponse(status=204), str(error), tone="bad")
    return toast(
        request, HttpResponse(status=204), _("Taken back on %(calls)s.") % {"calls": _calls(done.changed)}
    )


def _chosen(request: Asking) -> Chosen:
    told = request.GET if request.method == "GET" else request.POST
    ids = tuple(dict.fromkeys(told.getlist("call")))
    everything = told.get("everything") == "on" or not ids
    if len(ids) > MOST_CHOSEN:
        raise WorkspaceError(_("At most %(most)d calls can be chosen one by one.") % {"most": MOST_CHOSEN})
    return Chosen(() if everything else ids, everything, told.get("q", ""))


def _ask(request: Asking, action: str, some: Chosen, problem: str = "") -> HttpResponse:
    scope = request.viewer.scope
    number = Question(request.viewer, some.query).count() if some.everything else len(some.ids)
    context = {
        "action": action,
        "chosen": some,
        "words": _calls(number),
        "number": number,
        "problem": problem,
    }
    context |= (
        {"tags": reading.tags(scope)} if action in ("tag", "untag") else {"codes": reading.outcomes(scope)}
    )
    return render(request, "calls/_mark.html", context, status=422 if problem else 200)


def _apply(request: Asking, action: str, some: Chosen) -> HttpResponse:
    values = [
        value for value in (*request.POST.getlist("value"), request.POST.get("new", "").strip()) if value
    ]
    if action != "outcome" and not values:
        raise WorkspaceError(_("Choose a tag, or write a new one."))
    if some.everything:
        number = Question(request.viewer, some.query).count()
        if number > AT_ONCE:
            return _started(request, _mark_job(request, action, values, some, number), _("It is being done."))
        answer = list(islice(Question(request.viewer, some.query).all(), AT_ONCE * 2))
        ids = [call.id for call in answer]
    else:
        # What is outside the scope is not found: nobody changes a call that they may not see.
        ids = [call.id for call in ledger().calls(request.viewer.scope, [CallId(one) for one in some.ids])]
    done = _mark(action, _by(request), ids, values)
    response = trigger_client_event(HttpResponse(status=204), "calls-changed", {})
    undo_url = reverse("calls-undo", args=[done.batch]) if done.changed else ""
    return toast(request, response, _done(action, done.changed), undo=undo_url, close=True)


def _mark(action: str, by: By, ids: list[CallId], values: list[str]) -> Many:
    if action == "tag":
        return marks.tag(by, ids, values, create=True)
    if action == "untag":
        return marks.untag(by, ids, values)
    return marks.set_outcome_code(by, ids, values[0] if values else None)


def _done(action: str, changed: int) -> str:
    texts: dict[str, Callable[[], str]] = {
        "tag": lambda: _("Tagged %(calls)s."),
        "untag": lambda: _("Tags taken off %(calls)s."),
        "outcome": lambda: _("Outcome code set on %(calls)s."),
    }
    return texts[action]() % {"calls": _calls(changed)}


def _by(request: Asking) -> By:
    viewer = request.viewer
    return By(viewer.actor, viewer.scope, viewer.person)


def _calls(number: int) -> str:
    text = ngettext("%(count)s call", "%(count)s calls", number)
    return text % {"count": number_format(number, use_l10n=True, force_grouping=True)}


# --- in the background -----------------------------------------------------------------------------------------------


def _mark_job(request: Asking, action: str, values: list[str], some: Chosen, number: int) -> Job:
    viewer = request.viewer
    titles = {
        "tag": _("Tag %(calls)s"),
        "untag": _("Untag %(calls)s"),
        "outcome": _("Set the outcome code of %(calls)s"),
    }
    params = {
        "action": action,
        "values": values,
        "query": some.query,
        "zone": viewer.zone_name,
        "now": viewer.now,
    }
    title = titles[action] % {"calls": _calls(number)}
    return enqueue(viewer.person, "mark-calls", params, title=title, scope=viewer.scope, total=number)


@job("mark-calls", right=Right.ANNOTATE)
def mark_calls(work: Work) -> None:
    """Tags, untags or codes all calls that answer a question; each chunk can be taken back."""
    told, by = work.params, By(work.actor, work.scope, work.person)
    me = work.person.handle if work.person else ""
    calls = pages.iterate(ledger(), work.scope, told["query"], zone=told["zone"], now=told["now"], me=me)
    done, changed = 0, 0
    while ids := [call.id for call in islice(calls, AT_ONCE)]:
        many = _mark(told["action"], by, ids, told["values"])
        done, changed = done + len(ids), changed + many.changed
        if many.changed:
            work.keep(batches=[*work.params.get("batches", []), str(many.batch)])
        work.progress(done, max(done, work.job.total or 0))
    work.note(_done(told["action"], changed))


def _undo_job(request: Asking, row: Job) -> Job:
    viewer = request.viewer
    title = _("Take back: %(title)s") % {"title": row.title}
    params = {"batches": row.params.get("batches", [])}
    return enqueue(viewer.person, "unmark-calls", params, title=title, scope=viewer.scope, total=row.done)


@job("unmark-calls", right=Right.ANNOTATE)
def unmark_calls(work: Work) -> None:
    """Takes back what a job did to calls."""
    by, done = By(work.actor, work.scope, work.person), 0
    for batch in work.params["batches"]:
        done += undoing.undo(by, batch).changed
        work.progress(done)
    work.note(_("Taken back on %(calls)s.") % {"calls": _calls(done)})


def _started(request: Asking, row: Job, text: str) -> HttpResponse:
    """Where the viewer sees how far a job is."""
    if request.headers.get("HX-Request") != "true":
        return toast(request, HttpResponseRedirect(reverse("exports")), text)
    context: dict[str, Any] = {"job": jobs_pages.told(row)}
    response = render(request, "calls/_job_started.html", context)
    return close_dialog(response)
