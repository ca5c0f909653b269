"""What runs in the background for the viewer: how far it is, stopping it, doing it again, and fetching what came of it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from ringbook.desk.governance import audit
from ringbook.desk.people.roles import Right
from ringbook.desk.workspace import jobs
from ringbook.desk.workspace.errors import JobStateError
from ringbook.desk.workspace.models import Job, JobState
from ringbook.web.guard import needs
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking, Viewer

BLOCK = 1 << 18
SHOWN = 100


@require_GET
@needs()
def listed(request: Asking) -> HttpResponse:
    """The viewer's jobs, the newest first."""
    rows = [told(row) for row in own(request.viewer).order_by("-made_at")[:SHOWN]]
    return render(request, "jobs/exports.html", {"jobs": rows, "kept_days": jobs.KEPT.days})


@require_GET
@needs()
def one(request: Asking, job_id: uuid.UUID) -> HttpResponse:
    """How far a job is, to be put into a page."""
    return _shown(request, own_or_404(request.viewer, job_id))


@require_POST
@needs()
def cancel(request: Asking, job_id: uuid.UUID) -> HttpResponse:
    """A job that stops."""
    row = own_or_404(request.viewer, job_id)
    jobs.cancel(row)
    return _shown(request, row)


@require_POST
@needs()
def retry(request: Asking, job_id: uuid.UUID) -> HttpResponse:
    """A job that begins anew."""
    row = own_or_404(request.viewer, job_id)
    try:
        jobs.retry(row)
    except JobStateError as error:
        return toast(request, _shown(request, row), str(error), tone="warn")
    return _shown(request, row)


@require_POST
@needs()
def delete(request: Asking, job_id: uuid.UUID) -> HttpResponse:
    """The result deleted and the job forgotten."""
    row = own_or_404(request.viewer, job_id)
    if row.over:
        if row.result_file:
            (jobs.exports_folder() / row.result_file).unlink(missing_ok=True)
        row.delete()
    if request.headers.get("HX-Request") == "true":
        return toast(request, HttpResponse(""), _("Deleted."))
    return HttpResponseRedirect(reverse("exports"))


@require_GET
@needs(Right.EXPORT_CALLS)
def download(request: Asking, job_id: uuid.UUID) -> HttpResponseBase:
    """The result of a job, to its owner, who may still see all of it."""
    row = own_or_404(request.viewer, job_id)
    return file_of(request, request.viewer, row)


def file_of(request: HttpRequest, viewer: Viewer, row: Job) -> HttpResponseBase:
    """The result of a job as an answer; a page that says why not when it is gone or its owner's access has changed."""
    place = jobs.exports_folder() / row.result_file
    expired = row.expires_at is not None and row.expires_at < datetime.now(UTC)
    if not row.downloadable or expired or not place.is_file():
        return render(request, "jobs/gone.html", {"job": row}, status=410)
    if not jobs.same_scope(row, viewer.scope):
        return render(request, "jobs/changed.html", {"job": row}, status=403)
    audit.record(viewer.actor, "export:fetched", f"job:{row.pk}", bytes=row.result_bytes)
    blocks: Any = _blocks_soon(place) if isinstance(request, ASGIRequest) else _blocks(place)
    response = StreamingHttpResponse(blocks, content_type=row.result_type)
    response["Content-Length"] = str(place.stat().st_size)
    response["Content-Disposition"] = f'attachment; filename="{row.result_name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def own(viewer: Viewer) -> Any:
    """The jobs of a viewer: a person's, or those of the very token."""
    rows = Job.objects.within(viewer.scope)
    if viewer.person is not None and not viewer.token_id:
        return rows.filter(owner=viewer.person, token="")
    return rows.filter(token=viewer.token_id) if viewer.token_id else rows.none()


def own_or_404(viewer: Viewer, job_id: uuid.UUID) -> Job:
    """The job with this id, if it is the viewer's; anybody else's is answered as one that does not exist."""
    row: Job | None = own(viewer).filter(pk=job_id).first()
    if row is None:
        raise Http404("There is no such job.")
    return row


def told(row: Job) -> dict[str, Any]:
    """A job as the templates show it."""
    expired = row.expires_at is not None and row.expires_at < datetime.now(UTC)
    return {
        "id": str(row.pk),
        "kind": row.kind,
        "label": row.title,
        "state": row.state,
        "done": row.done,
        "total": row.total,
        "detail": _detail(row),
        "interrupted": row.interrupted,
        "made_at": row.made_at,
        "expires_at": row.expires_at,
        "bytes": row.result_bytes,
        "over": row.over,
        "stopping": row.cancel_wanted and not row.over,
        "result_url": reverse("export", args=[row.pk]) if row.downloadable and not expired else "",
        "cancel_url": reverse("job-cancel", args=[row.pk]),
        "retry_url": reverse("job-retry", args=[row.pk]),
        "delete_url": reverse("job-delete", args=[row.pk]),
        "url": reverse("job", args=[row.pk]),
        "undo_url": reverse("calls-undo", args=[row.pk]) if row.over and row.params.get("batches") else "",
        "query": row.params.get("wanted", {}).get("query", "") if row.kind == "export-calls" else "",
    }


def _detail(row: Job) -> str:
    if row.interrupted:
        return _("Ringbook was stopped while this was being done. Nothing was lost: start it again.")
    if row.cancel_wanted and not row.over:
        return _("Stopping…")
    if row.state == JobState.RUNNING and row.total:
        done, total = (number_format(n, use_l10n=True, force_grouping=True) for n in (row.done, row.total))
        return _("%(done)s of %(total)s") % {"done": done, "total": total}
    return row.message


def _shown(request: Asking, row: Job) -> HttpResponse:
    return render(request, "jobs/_job.html", {"job": told(row)})


def _blocks(place: Path) -> Iterator[bytes]:
    with place.open("rb") as source:
        while block := source.read(BLOCK):
            yield block


async def _blocks_soon(place: Path) -> AsyncIterator[bytes]:
    source = await asyncio.to_thread(place.open, "rb")
    try:
        while block := await asyncio.to_thread(source.read, BLOCK):
            yield block
    finally:
        source.close()
