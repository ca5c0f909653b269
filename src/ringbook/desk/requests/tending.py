"""Requests that can go on by themselves: those that an end of the process interrupted, and those whose hold was released."""

from __future__ import annotations

from ringbook.desk.governance.audit import SYSTEM
from ringbook.desk.requests import flow
from ringbook.desk.requests.models import PersonRequest, RequestKind, RequestState
from ringbook.desk.retention import holds
from ringbook.desk.workspace import jobs
from ringbook.desk.workspace.errors import JobStateError
from ringbook.desk.workspace.models import Job, JobState
from ringbook.model.scope import Scope


def tend() -> int:
    """How many requests go on because of this."""
    return _interrupted() + _released()


def _interrupted() -> int:
    """Their jobs are run again: what was removed before is found no more."""
    count = 0
    rows = PersonRequest.objects.exclude(job=None)
    unproved = rows.filter(kind=RequestKind.ERASURE, state__in=(RequestState.DONE, RequestState.HELD))
    for row in [*rows.filter(state=RequestState.RUNNING), *unproved.exclude(report__has_key="physical")]:
        job = Job.objects.filter(pk=row.job, state=JobState.FAILED, interrupted=True).first()
        if job is not None:
            count += _again(job)
    return count


def _released() -> int:
    """Those that waited for holds of which none is on their calls any more."""
    count = 0
    for row in PersonRequest.objects.filter(state=RequestState.HELD).exclude(job=None):
        scope = Scope(row.tenant)
        job = Job.objects.filter(pk=row.job).first()
        if job is not None and job.over and not holds.held(scope, row.report.get("held_ids", [])):
            flow.again(SYSTEM, row)
            Job.objects.filter(pk=job.pk).update(state=JobState.FAILED)
            count += _again(job)
    return count


def _again(job: Job) -> int:
    try:
        jobs.retry(job)
    except JobStateError:
        return 0
    return 1
