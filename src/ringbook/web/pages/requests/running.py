"""What carries out a request in the background, and the archive of an access request."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import msgspec
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from ringbook.desk.governance import audit
from ringbook.desk.people.roles import Right
from ringbook.desk.requests import archive as archives
from ringbook.desk.requests.models import PersonRequest, RequestKind, RequestState
from ringbook.desk.wiring import operations
from ringbook.desk.workspace.jobs import Work, enqueue, job
from ringbook.desk.workspace.models import Job
from ringbook.web.guard import needs
from ringbook.web.pages.jobs import views as jobs_pages
from ringbook.web.pages.requests.views import request_or_404
from ringbook.web.viewer import Asking, Viewer

ERASURE, ACCESS = "person-erasure", "person-access"


def start(viewer: Viewer, row: PersonRequest) -> Job:
    """The job that carries a request out: of whoever said yes."""
    erasing = row.kind == RequestKind.ERASURE
    title = _("Erasure %(reference)s") if erasing else _("Archive for request %(reference)s")
    begun = enqueue(
        viewer.person,
        ERASURE if erasing else ACCESS,
        {"request": str(row.pk), "zone": viewer.zone_name},
        title=title % {"reference": row.reference},
        scope=viewer.scope,
        actor_name=viewer.name,
    )
    PersonRequest.objects.filter(pk=row.pk).update(job=begun.pk)
    return begun


@job(ERASURE, right=Right.ERASE)
def erase(work: Work) -> None:
    """Erases the person; when it is interrupted, it goes on where it was."""
    report = {}
    for told in operations().run(
        "requests.erase", {"request": work.params["request"], "job": str(work.job.pk)}
    ):
        report = told.get("report", report)
        if "step" in told:
            work.progress(told["done"], max(told["done"], told["total"] or 0) or None)
    calls = int(report.get("counts", {}).get("calls", 0))
    work.note(ngettext("%(count)s call erased", "%(count)s calls erased", calls) % {"count": calls})


@job(ACCESS, right=Right.HANDLE_REQUESTS)
def put_together(work: Work) -> None:
    """Writes the archive of an access request."""
    row = PersonRequest.objects.within(work.scope).get(pk=work.params["request"])
    if row.state != RequestState.RUNNING:
        return
    place = work.result(f"access-{row.reference.lower()}.zip", "application/zip")
    made = archives.write(place, row, work.scope, work.actor, work.params["zone"], work.progress)
    report = {"archive": msgspec.to_builtins(made)}
    PersonRequest.objects.filter(pk=row.pk).update(
        state=RequestState.DONE, report=report, finished_at=datetime.now(UTC), version=row.version + 1
    )
    work.note(ngettext("%(count)s call", "%(count)s calls", made.calls) % {"count": made.calls})


@require_GET
@needs(Right.HANDLE_REQUESTS)
def archive(request: Asking, request_id: uuid.UUID) -> HttpResponseBase:
    """The archive of an access request, for a week: to whoever handles requests, on record each time."""
    row = request_or_404(request, request_id)
    made = (
        Job.objects.within(request.viewer.scope).filter(pk=row.job, kind=ACCESS).first() if row.job else None
    )
    if made is None:
        raise Http404
    answer: HttpResponse | HttpResponseBase = jobs_pages.file_of(request, request.viewer, made)
    if answer.status_code == 200:
        audit.record(request.viewer.actor, "request:archive-fetched", f"request:{row.pk}")
    return answer
