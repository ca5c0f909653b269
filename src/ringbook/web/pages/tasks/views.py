"""The page of tasks: what is overdue, what is to come, what is done, and notes that mention the viewer."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from ringbook.desk.annotations import joined, reading
from ringbook.desk.annotations.models import Mention
from ringbook.desk.people.roles import Right
from ringbook.desk.wiring import ledger
from ringbook.model.call import CallId
from ringbook.web.guard import needs
from ringbook.web.shapes import shown, shown_many
from ringbook.web.viewer import Asking

TABS = ("open", "done")


@needs(Right.SEE_CALLS)
@require_GET
def tasks(request: Asking) -> HttpResponse:
    """The page."""
    tab = request.GET.get("tab", "open")
    tab = tab if tab in TABS else "open"
    person, scope, now = request.viewer.person, request.viewer.scope, timezone.now()
    found = reading.tasks_of(scope, person, done=tab == "done") if person else []
    rows = _with_calls(request, found)
    mentions = reading.unread_mentions(person) if person and tab == "open" else []
    context = {
        "tab": tab,
        "overdue": [row for row in rows if row["task"].overdue(now)] if tab == "open" else [],
        "others": [row for row in rows if tab == "done" or not row["task"].overdue(now)],
        "mentions": [{"mention": one, "shape": shown(request.viewer, one.call)} for one in mentions],
        "me": request.viewer.handle,
    }
    return render(request, "tasks/tasks.html", context)


@needs(Right.SEE_CALLS)
@require_GET
def count(request: Asking) -> HttpResponse:
    """How much waits for the viewer, for the navigation; nothing if nothing does."""
    person = request.viewer.person
    waiting = (
        len(reading.tasks_of(request.viewer.scope, person)) + len(reading.unread_mentions(person))
        if person
        else 0
    )
    return render(request, "tasks/_count.html", {"waiting": waiting}) if waiting else HttpResponse(status=204)


@needs(Right.SEE_CALLS)
@require_POST
def read(request: Asking, mention_id: uuid.UUID) -> HttpResponse:
    """The page of tasks without a mention that was read."""
    own = Mention.objects.within(request.viewer.scope).filter(pk=mention_id, person=request.viewer.person)
    own.update(read_at=timezone.now())
    if request.headers.get("HX-Request") == "true":
        return HttpResponse("")
    return HttpResponseRedirect(reverse("tasks"))


def _with_calls(request: Asking, found: Sequence[reading.TaskShown]) -> list[dict[str, Any]]:
    """The tasks with their calls; those on calls that the viewer may not see now are told without them."""
    scope = request.viewer.scope
    ids = [CallId(task.call_id) for task in found]
    leads = joined.ends(scope, ids) if ids else {}
    calls = ledger().calls(scope, ids) if ids else []
    shapes = {one["id"]: one for one in shown_many(request.viewer, calls)} if calls else {}
    return [{"task": task, "shape": shapes.get(leads.get(task.call_id, task.call_id))} for task in found]
