"""Runs jobs: a few threads of the serving process that take the queued ones, oldest first.

A home is served by one process at a time. So what is marked as running when a process begins was interrupted: its owner is
told, and can have it done again.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import structlog
from django.db import close_old_connections, connection
from django.db.utils import DatabaseError
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from ringbook.desk.organisation.models import organisation
from ringbook.desk.workspace.errors import JobRightError, UnknownKindError
from ringbook.desk.workspace.jobs import KEPT, KINDS, Stopped, Work, exports_folder, new_file_name, wake
from ringbook.desk.workspace.models import Job, JobState
from ringbook.model.errors import RingbookError

log = structlog.get_logger()

WORKERS = 2
LOOK_S = 2.0
"""How often the queue is looked at when nobody says that there is something new."""

FORGOTTEN = timedelta(days=30)
"""After which a job that is over is deleted."""

SWEEP_S = 600.0


@contextmanager
def running(workers: int = WORKERS) -> Iterator[None]:
    """Jobs are run while this holds. At the end, what runs is stopped and queued to be begun anew."""
    mark_interrupted()
    stopping = threading.Event()
    threads = [
        threading.Thread(target=_work, args=(stopping,), name=f"jobs-{number}", daemon=True)
        for number in range(workers)
    ]
    threads.append(threading.Thread(target=_sweep, args=(stopping,), name="jobs-sweep", daemon=True))
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopping.set()
        wake.set()
        for thread in threads:
            thread.join(timeout=20)


def run_waiting() -> int:
    """How many jobs were run: all that waited, in this thread. For tests and tools."""
    ran = 0
    stopping = threading.Event()
    while row := _claim():
        run(row, stopping)
        ran += 1
    return ran


def mark_interrupted() -> int:
    """How many jobs had been running when the process ended; each says so now, and can be retried."""
    count = Job.objects.filter(state=JobState.RUNNING).update(
        state=JobState.FAILED,
        interrupted=True,
        message="Ringbook was stopped while this was being done. Nothing was lost: start it again.",
        result_file="",
        finished_at=datetime.now(UTC),
    )
    for draft in exports_folder().glob("work-*"):
        shutil.rmtree(draft, ignore_errors=True)
    return count


def sweep() -> None:
    """Delete results that expired, files that belong to no job, and jobs that are long over."""
    now = datetime.now(UTC)
    for row in Job.objects.filter(expires_at__lt=now).exclude(result_file=""):
        (exports_folder() / row.result_file).unlink(missing_ok=True)
        Job.objects.filter(pk=row.pk).update(result_file="")
    Job.objects.filter(finished_at__lt=now - FORGOTTEN).delete()
    known = set(Job.objects.exclude(result_file="").values_list("result_file", flat=True))
    for file in exports_folder().iterdir():
        old = datetime.fromtimestamp(file.stat().st_mtime, UTC) < now - timedelta(hours=1)
        if file.is_file() and old and file.name not in known:
            file.unlink(missing_ok=True)


def run(row: Job, stopping: threading.Event) -> None:
    """Run a claimed job to its end, whatever that is."""
    folder = Path(tempfile.mkdtemp(prefix="work-", dir=exports_folder()))
    try:
        work = Work(row, folder, stopping)
        with translation.override(_language(row)), timezone.override(_zone(row)):
            _run(work)
        _finish(work, JobState.DONE)
    except Stopped:
        if stopping.is_set():
            Job.objects.filter(pk=row.pk).update(state=JobState.QUEUED, done=0, started_at=None)
        else:
            _end(row, JobState.CANCELLED, "")
    except RingbookError as error:
        _end(row, JobState.FAILED, str(error))
    except Exception:  # a mistake in one job must not end the thread that runs the others
        log.exception("job.failed", job=str(row.pk), kind=row.kind)
        _end(row, JobState.FAILED, "Something went wrong, and the log of Ringbook says what. Try again.")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(work: Work) -> None:
    kind = KINDS.get(work.job.kind)
    if kind is None:
        raise UnknownKindError(_("This version of Ringbook does not know how to do this."))
    if work.person is not None and not work.person.is_active:
        raise JobRightError(_("The person who asked for this may not sign in any more."))
    if kind.right and not work.may(kind.right):
        raise JobRightError(_("Your role does not allow this any more."))
    Job.objects.filter(pk=work.job.pk).update(scope=msgspec.to_builtins(work.scope))
    kind.run(work)


def _finish(work: Work, state: JobState) -> None:
    """Put the result in its place, then say that the job is done: a file without its job is swept away, never the reverse."""
    row = work.job
    made = work.folder / "result"
    if made.exists():
        row.result_file = new_file_name(row)
        row.result_bytes = made.stat().st_size
        made.chmod(0o600)
        made.replace(exports_folder() / row.result_file)
        row.expires_at = datetime.now(UTC) + KEPT
    row.state, row.finished_at = state, datetime.now(UTC)
    row.save(
        update_fields=[
            *("state", "finished_at", "expires_at", "done", "total", "message"),
            *("result_file", "result_name", "result_type", "result_bytes"),
        ]
    )


def _end(row: Job, state: JobState, message: str) -> None:
    Job.objects.filter(pk=row.pk).update(state=state, message=message, finished_at=datetime.now(UTC))


def _claim() -> Job | None:
    """The job that waited longest, now running and nobody else's."""
    while True:
        row: Job | None = Job.objects.filter(state=JobState.QUEUED).order_by("made_at", "id").first()
        if row is None:
            return None
        mine = Job.objects.filter(pk=row.pk, state=JobState.QUEUED)
        if mine.update(state=JobState.RUNNING, started_at=datetime.now(UTC)):
            row.refresh_from_db()
            return row


def _work(stopping: threading.Event) -> None:
    while not stopping.is_set():
        wake.clear()
        try:
            row = _claim()
            if row:
                run(row, stopping)
                continue
        except DatabaseError as error:  # the store is busy or away for a while
            log.warning("jobs.store_away", reason=str(error).splitlines()[0])
        finally:
            close_old_connections()
        wake.wait(LOOK_S)
    connection.close()


def _sweep(stopping: threading.Event) -> None:
    while not stopping.is_set():
        try:
            sweep()
        except (DatabaseError, OSError) as error:
            log.warning("jobs.not_swept", reason=str(error).splitlines()[0])
        finally:
            close_old_connections()
        stopping.wait(SWEEP_S)
    connection.close()


def _language(row: Job) -> str:
    person = row.owner
    return (person.language if person else "") or organisation(row.tenant).language or "en"


def _zone(row: Job) -> str:
    person = row.owner
    return (person.zone if person else "") or organisation(row.tenant).zone or "UTC"
