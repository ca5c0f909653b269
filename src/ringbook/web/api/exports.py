"""Exports: all calls that answer a query, as a file that is made in the background."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from ninja import Router

from ringbook.desk.people.roles import Right
from ringbook.desk.workspace import jobs
from ringbook.desk.workspace.models import Job
from ringbook.web.api import schemas_exports as schemas
from ringbook.web.api.operation import answered, operation
from ringbook.web.api.problems import Problem
from ringbook.web.pages.jobs import exports, views
from ringbook.web.viewer import Asking, Viewer

router = Router(tags=["exports"])

KIND = "export-calls"


@operation(
    router,
    "POST",
    "/exports",
    Right.SEE_CALLS,
    Right.EXPORT_CALLS,
    answer=schemas.Export,
    status=202,
    once=True,
)
def begin_export(request: Asking, export: schemas.NewExport) -> HttpResponse:
    """Have a file made of all calls that answer a query.

    Ask for it until its state is `done`, then fetch the file. It is kept for some days.
    """
    viewer = request.viewer
    what = exports.wanted(viewer, export.query, export.format, bom=export.bom)
    job = exports.begin(viewer, what)
    return answered(_shown(job), 202, Location=f"/api/v1/exports/{job.pk}")


@operation(router, "GET", "/exports/{id}", Right.EXPORT_CALLS, answer=schemas.Export)
def get_export(request: Asking, id: str) -> HttpResponse:  # noqa: A002  # the public name
    """How far an export is."""
    return answered(_shown(_own(request.viewer, id)))


@operation(router, "DELETE", "/exports/{id}", Right.EXPORT_CALLS, answer=schemas.Export)
def cancel_export(request: Asking, id: str) -> HttpResponse:  # noqa: A002  # the public name
    """Stop an export that is under way; one that is over stays as it is."""
    job = _own(request.viewer, id)
    jobs.cancel(job)
    job.refresh_from_db()
    return answered(_shown(job))


@operation(router, "GET", "/exports/{id}/file", Right.EXPORT_CALLS, answer=None)
def get_export_file(request: Asking, id: str) -> HttpResponseBase:  # noqa: A002  # the public name
    """The file of an export that is done."""
    job = _own(request.viewer, id)
    expired = job.expires_at is not None and job.expires_at < datetime.now(UTC)
    if not job.downloadable or expired:
        raise Problem("not-found", "There is no file: the export is not done, or its file was deleted.")
    if not jobs.same_scope(job, request.viewer.scope):
        raise Problem(
            "right", "What you may see has changed since: export again.", right=Right.EXPORT_CALLS.value
        )
    return views.file_of(request, request.viewer, job)


def _own(viewer: Viewer, export_id: str) -> Job:
    """The export of this very token or person; anybody else's is answered as one that does not exist."""
    known = uuid.UUID(export_id) if _UUID.fullmatch(export_id) else None
    job: Job | None = views.own(viewer).filter(pk=known, kind=KIND).first() if known else None
    if job is None:
        raise Problem("not-found", "There is no such export.")
    return job


def _shown(job: Job) -> dict[str, Any]:
    until = job.expires_at
    return {
        "id": str(job.pk),
        "state": str(job.state),
        "done": job.done,
        "total": job.total,
        "detail": job.message or None,
        "bytes": job.result_bytes or None,
        "file": f"/api/v1/exports/{job.pk}/file" if job.downloadable else None,
        "expires_at": f"{until:%Y-%m-%dT%H:%M:%SZ}" if until else None,
    }


_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
