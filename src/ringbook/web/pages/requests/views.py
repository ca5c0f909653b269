"""The list of requests, and the page of one with its steps."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ringbook.desk.governance import audit
from ringbook.desk.people.roles import Right
from ringbook.desk.requests import flow
from ringbook.desk.requests.models import OPEN, Basis, PersonRequest, RequestKind, RequestState
from ringbook.desk.requests.written import of
from ringbook.desk.workspace.models import Job
from ringbook.web.guard import needs
from ringbook.web.pages.jobs import views as jobs_pages
from ringbook.web.pages.requests import words
from ringbook.web.viewer import Asking, Viewer

SHOWN = 200


@require_GET
@needs()
def privacy(request: Asking) -> HttpResponse:
    """The first of the pages about privacy that the viewer may see."""
    for right, place in ((Right.HANDLE_REQUESTS, "requests"), (Right.MAKE_EVIDENCE, "evidence")):
        if request.viewer.may(right):
            return HttpResponseRedirect(reverse(place))
    raise PermissionDenied


@require_GET
@needs(Right.HANDLE_REQUESTS)
def listed(request: Asking) -> HttpResponse:
    """The requests: open ones by due date, then those that are over."""
    rows, today = PersonRequest.objects.within(request.viewer.scope), timezone.localdate()
    waiting = [entry(row, request.viewer, today) for row in rows.filter(state__in=OPEN)]
    over = rows.exclude(state__in=OPEN).order_by("-finished_at")[:SHOWN]
    context = {"open": waiting, "over": [entry(row, request.viewer, today) for row in over]}
    return render(request, "requests/list.html", context)


@require_GET
@needs(Right.HANDLE_REQUESTS)
def one(request: Asking, request_id: uuid.UUID) -> HttpResponse:
    """One request, with what is to be done next."""
    row = request_or_404(request, request_id)
    audit.record(request.viewer.actor, "request:seen", f"request:{row.pk}")
    return page(request, row)


def page(request: Asking, row: PersonRequest, status: int = 200, **more: Any) -> HttpResponse:
    """The page of a request, with a problem if a step could not be taken."""
    viewer = request.viewer
    who = of(row.identifiers)
    job = Job.objects.within(viewer.scope).filter(pk=row.job).first() if row.job else None
    context = {
        "row": row,
        "entry": entry(row, viewer, timezone.localdate()),
        "who": who,
        "steps": words.steps(row),
        "bases": [
            one for one in Basis.choices if (one[0] == Basis.ACCESS) is (row.kind == RequestKind.ACCESS)
        ]
        + ([(Basis.OTHER.value, Basis.OTHER.label)] if row.kind == RequestKind.ACCESS else []),
        "is_erasure": row.kind == RequestKind.ERASURE,
        "may_decide": flow.may_decide(row, viewer.person),
        "mine": viewer.person is not None and row.made_by_id == viewer.person.pk,
        "job": jobs_pages.told(job) if job else None,
        "job_mine": job is not None and viewer.person is not None and job.owner_id == viewer.person.pk,
        "downloadable": job is not None and job.downloadable and row.kind == RequestKind.ACCESS,
        "told": words.preview_told(row.preview) if row.preview else None,
        "report": words.report_told(row.report) if row.report and row.state != RequestState.RUNNING else None,
        **more,
    }
    return render(request, "requests/request.html", context, status=status)


def request_or_404(request: Asking, request_id: uuid.UUID) -> PersonRequest:
    """The request with this id, of the viewer's tenant; its handlers see whole numbers."""
    viewer = request.viewer
    row: PersonRequest | None = PersonRequest.objects.within(viewer.scope).filter(pk=request_id).first()
    if row is None or viewer.scope.restricted:
        raise Http404
    if viewer.scope.masked:
        raise PermissionDenied(_("Requests show whole telephone numbers, which your role does not see."))
    return row


def entry(row: PersonRequest, viewer: Viewer, today: date) -> dict[str, Any]:
    """A request as lists show it."""
    left = (row.due_on - today).days
    return {
        "row": row,
        "subject": "" if viewer.scope.masked else row.subject,
        "state": row.get_state_display(),
        "tone": words.TONES[RequestState(row.state)],
        "icon": words.ICONS[RequestState(row.state)],
        "overdue": row.open and left < 0,
        "soon": row.open and 0 <= left <= 7,
        "left": abs(left),
        "yours": flow.may_decide(row, viewer.person),
    }
