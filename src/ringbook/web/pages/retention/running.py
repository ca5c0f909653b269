"""The pages of runs: how far one is, and what it did."""

from __future__ import annotations

import json
import uuid

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from ringbook.desk.people.roles import Right
from ringbook.desk.retention import runs
from ringbook.desk.retention.records import RetentionRun, RunState
from ringbook.model.errors import AskError
from ringbook.web.guard import needs
from ringbook.web.pages.retention.shown import report_shown
from ringbook.web.pages.retention.views import run_shown
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking

VERBS = ("pause", "resume", "cancel")


@needs(Right.MANAGE_RETENTION)
@require_POST
def begin(request: Asking) -> HttpResponseBase:
    """A run, begun now."""
    try:
        run = runs.begin(request.viewer.actor)
    except AskError as error:
        return toast(request, HttpResponseRedirect(reverse("retention")), str(error), tone="bad")
    return HttpResponseRedirect(reverse("retention-run", args=[run.pk]))


@needs(Right.SEE_RETENTION)
@require_GET
def run(request: Asking, run_id: uuid.UUID) -> HttpResponse:
    """What a run did, or how far it is; to htmx, only that part."""
    template = "retention/_run.html" if request.headers.get("HX-Request") == "true" else "retention/run.html"
    found = _run(request, run_id)
    return render(
        request,
        template,
        {**run_shown(request.viewer, found), "url": reverse("retention-run", args=[found.pk])},
    )


@needs(Right.SEE_RETENTION)
@require_GET
def report(request: Asking, run_id: uuid.UUID) -> HttpResponse:
    """The report of a run as a file."""
    found = _run(request, run_id)
    text = json.dumps(report_shown(request.viewer, found), indent=2, ensure_ascii=False)
    answer = HttpResponse(text + "\n", content_type="application/json")
    answer["Content-Disposition"] = (
        f'attachment; filename="retention-{found.made_at:%Y-%m-%d}-{found.pk}.json"'
    )
    return answer


@needs(Right.MANAGE_RETENTION)
@require_POST
def act(request: Asking, run_id: uuid.UUID, verb: str) -> HttpResponseBase:
    """A run held up, gone on with or called off."""
    found = _run(request, run_id)
    if verb not in VERBS:
        raise Http404
    there = HttpResponseRedirect(reverse("retention-run", args=[found.pk]))
    try:
        if verb == "resume":
            runs.go_on(request.viewer.actor, found)
        else:
            state = RunState.PAUSED if verb == "pause" else RunState.CANCELLED
            runs.want(request.viewer.actor, found, state)
    except AskError as error:
        return toast(request, there, str(error), tone="bad")
    told = {
        "pause": _("It pauses after this step."),
        "resume": _("It goes on."),
        "cancel": _("It stops after this step."),
    }
    return toast(request, there, told[verb])


def _run(request: Asking, run_id: uuid.UUID) -> RetentionRun:
    found: RetentionRun | None = RetentionRun.objects.within(request.viewer.scope).filter(pk=run_id).first()
    if found is None:
        raise Http404
    return found
