"""Follow-up tasks on the page of a call and on the page of tasks."""

from __future__ import annotations

import uuid
from datetime import datetime, time

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ringbook.desk.annotations import edit as adding
from ringbook.desk.annotations.models import Task
from ringbook.desk.people.models import Person
from ringbook.desk.people.roles import Right
from ringbook.model.call import Call
from ringbook.model.errors import AskError
from ringbook.web.annotating import by
from ringbook.web.guard import call_or_404, needs
from ringbook.web.pages.call.views import belongs, drawn
from ringbook.web.toasts import close_dialog, toast
from ringbook.web.viewer import Asking

END_OF_WORK = time(17)


class EntryError(AskError):
    """A date or a person that cannot be read."""


@needs(Right.SEE_CALLS, Right.ANNOTATE)
@require_POST
def add(request: Asking, call_id: str) -> HttpResponse:
    """The tasks with a new one."""
    call = call_or_404(request, call_id)
    try:
        owner, due_at = _owner(request), _due(request)
        done = adding.add_task(by(request.viewer), call.id, request.POST.get("text", ""), owner, due_at)
    except AskError as error:
        return drawn(request, call, "tasks", 422, task_error=str(error), task_typed=request.POST)
    return toast(request, drawn(request, call, "tasks"), _("Task added."), undo=_undo(call, done.batch))


@needs(Right.SEE_CALLS, Right.ANNOTATE)
@require_http_methods(["GET", "POST"])
def edit(request: Asking, call_id: str, task_id: uuid.UUID) -> HttpResponse:
    """A dialog with the task; once it is sent, the tasks of the call."""
    call = call_or_404(request, call_id)
    task = _task(request, call, task_id)
    if request.method == "GET":
        if task.removed_at:
            raise Http404
        return render(request, "call/_task_dialog.html", {"call_id": call.id, "task": task})
    try:
        done = adding.change_task(
            by(request.viewer),
            task_id,
            _whole(request.POST.get("version")),
            text=request.POST.get("text", ""),
            owner=_owner(request),
            due_at=_due(request),
        )
    except AskError as error:
        task.refresh_from_db()
        context = {"call_id": call.id, "task": task, "error": str(error), "typed": request.POST}
        response = render(request, "call/_task_dialog.html", context)
        response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#task-dialog", "outerHTML"
        return response
    told = toast(request, drawn(request, call, "tasks"), _("Task changed."), undo=_undo(call, done.batch))
    return close_dialog(told)


@needs(Right.SEE_CALLS, Right.ANNOTATE)
@require_POST
def act(request: Asking, call_id: str, task_id: uuid.UUID, verb: str) -> HttpResponse:
    """The tasks with one done, reopened or removed. Sent from the page of tasks, that page again."""
    verbs = {
        "done": (adding.complete, _("Task done.")),
        "reopen": (adding.reopen, _("Task reopened.")),
        "remove": (adding.remove_task, _("Task removed.")),
    }
    if verb not in verbs:
        raise Http404
    call = call_or_404(request, call_id)
    _task(request, call, task_id)
    carry_out, text = verbs[verb]
    listed = request.POST.get("from") == "tasks"
    try:
        done = carry_out(by(request.viewer), task_id, _whole(request.POST.get("version")))
    except AskError as error:
        return toast(request, _answer(request, call, listed), str(error), tone="warn")
    return toast(request, _answer(request, call, listed), text, undo=_undo(call, done.batch))


def _answer(request: Asking, call: Call, listed: bool) -> HttpResponse:
    if not listed:
        return drawn(request, call, "tasks")
    return HttpResponseRedirect(reverse("tasks"))


def _owner(request: Asking) -> Person | None:
    """Who was chosen; whoever asks if nobody was."""
    told = (request.POST.get("owner_id") or request.POST.get("owner", "")).strip().removeprefix("@")
    if not told:
        return request.viewer.person
    people = Person.objects.filter(tenant=request.viewer.scope.tenant, is_active=True)
    found = people.filter(handle__iexact=told).first() or people.filter(name__iexact=told).first()
    if found is None:
        raise EntryError(_("Nobody is called %(name)s. Choose somebody from the list.") % {"name": told[:60]})
    return found


def _due(request: Asking) -> datetime | None:
    """The end of the working day that was chosen, in the viewer's zone; None for none."""
    day = request.POST.get("due", "").strip()
    if not day:
        return None
    try:
        local = datetime.combine(datetime.fromisoformat(day).date(), END_OF_WORK)
        return timezone.make_aware(local, request.viewer.zone)
    except (ValueError, OverflowError):
        raise EntryError(_("Write the date as 2026-11-21.")) from None


def _task(request: Asking, call: Call, task_id: uuid.UUID) -> Task:
    task: Task | None = Task.objects.within(request.viewer.scope).filter(pk=task_id).first()
    if task is None:
        raise Http404
    belongs(request.viewer, call, task.call_id)
    return task


def _undo(call: Call, batch: uuid.UUID) -> str:
    return reverse("call-undo", args=[call.id, batch])


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else 0
