"""Jobs: what can run in the background, how it is asked for, and what it is given when it runs.

A kind is a function registered by name with :func:`job`. It runs in a thread of the serving process
(:mod:`ringbook.desk.workspace.runner`), tells how far it is, and leaves one file as its result if it likes.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from ringbook.desk.governance.audit import Actor
from ringbook.desk.people.access import rights_of, scope_of
from ringbook.desk.people.models import Person
from ringbook.desk.people.roles import Right
from ringbook.desk.wiring import home_folder
from ringbook.desk.workspace.errors import JobStateError, UnknownKindError
from ringbook.desk.workspace.models import Job, JobState
from ringbook.model.scope import Scope

KEPT = timedelta(days=7)
"""How long a result can be fetched."""

TELL_S = 0.5
"""How often a job writes down how far it is, at most."""

wake = Event()
"""Set when there is something new to run."""


class Stopped(Exception):  # noqa: N818 - a signal, no mistake
    """Raised by :meth:`Work.progress` in a job that its owner cancelled, or that ends because Ringbook does."""


class Kind(msgspec.Struct, frozen=True):
    """A kind of job: what runs it, and the right that its owner must have when it begins."""

    name: str
    run: Callable[[Work], None]
    right: Right | None


KINDS: dict[str, Kind] = {}
"""All kinds by name: filled by the modules that declare them."""


def job(
    name: str, *, right: Right | None = None
) -> Callable[[Callable[[Work], None]], Callable[[Work], None]]:
    """A decorator that registers a function as a kind of job."""

    def register(run: Callable[[Work], None]) -> Callable[[Work], None]:
        KINDS[name] = Kind(name, run, right)
        return run

    return register


class Work:
    """What a running job is given: whom it works for, with what, where to put its files, and how to tell how far it is."""

    def __init__(self, row: Job, folder: Path, stopping: Event) -> None:
        self.job = row
        self.folder = folder
        self.params: dict[str, Any] = dict(row.params)
        self.person: Person | None = row.owner
        self.token = row.token
        self.tenant = row.tenant
        self.scope = current_scope(row)
        self._stopping = stopping
        self._told_at = 0.0

    @property
    def actor(self) -> Actor:
        """The owner as the audit log names them."""
        person = self.person.pk if self.person else ""
        who = f"token:{self.token}" if self.token else f"person:{person}"
        return Actor(who, self.job.actor_name, self.tenant)

    def may(self, right: Right) -> bool:
        """Whether the owner has a right now; a token's were looked at when the job was asked for."""
        return bool(self.token) or self.person is None or right in rights_of(self.person)

    def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        """Say how far it is. Raises Stopped once the owner cancelled the job, or Ringbook stops."""
        self.job.done = done
        if total is not None:
            self.job.total = total
        now = time.monotonic()
        if now - self._told_at < TELL_S and not self._stopping.is_set():
            return
        self._told_at = now
        told = {"done": self.job.done, "total": self.job.total} | ({"message": message} if message else {})
        Job.objects.filter(pk=self.job.pk).update(**told)
        if self._stopping.is_set() or self.cancelled():
            raise Stopped

    def cancelled(self) -> bool:
        """Whether the owner wants no more of it."""
        return Job.objects.filter(pk=self.job.pk, cancel_wanted=True).exists()

    def note(self, message: str) -> None:
        """The line that is shown when the job is done."""
        self.job.message = message

    def keep(self, **params: Any) -> None:
        """Add to the job's parameters, durably."""
        self.params |= params
        self.job.params = self.params
        Job.objects.filter(pk=self.job.pk).update(params=self.params)

    def result(self, name: str, content_type: str) -> Path:
        """Where to write the result; it is offered under this name when the function returns."""
        self.job.result_name, self.job.result_type = name, content_type
        return self.folder / "result"


def enqueue(
    owner: Person | None,
    kind: str,
    params: dict[str, Any],
    *,
    title: str,
    scope: Scope,
    total: int | None = None,
    token: str = "",
    actor_name: str = "",
) -> Job:
    """A new job of a kind, to be run soon.

    :raises UnknownKindError: no kind has that name.
    """
    if kind not in KINDS:
        raise UnknownKindError(f"There is no kind of job {kind!r}.")
    row = Job.objects.create(
        tenant=scope.tenant,
        kind=kind,
        title=title[:200],
        owner=owner,
        token=token,
        actor_name=actor_name[:120] or (str(owner)[:120] if owner else ""),
        scope=msgspec.to_builtins(scope),
        params=params,
        total=total,
    )
    wake.set()
    return row


def cancel(row: Job) -> None:
    """Have a job not run, or stop soon; one that is over stays as it is."""
    now = datetime.now(UTC)
    waiting = Job.objects.filter(pk=row.pk, state=JobState.QUEUED)
    if not waiting.update(state=JobState.CANCELLED, cancel_wanted=True, finished_at=now):
        Job.objects.filter(pk=row.pk, state=JobState.RUNNING).update(cancel_wanted=True)
    row.refresh_from_db()


def retry(row: Job) -> None:
    """Have a job that failed or was cancelled run again from its beginning.

    :raises JobStateError: it waits, runs, or is done.
    """
    ended = Job.objects.filter(pk=row.pk, state__in=(JobState.FAILED, JobState.CANCELLED))
    fresh = ended.update(
        state=JobState.QUEUED,
        done=0,
        message="",
        interrupted=False,
        cancel_wanted=False,
        started_at=None,
        finished_at=None,
    )
    row.refresh_from_db()
    if not fresh:
        raise JobStateError(_("This is waiting, running, or done already."))
    wake.set()


def current_scope(row: Job) -> Scope:
    """What the owner of a job may see now; for a program, what its token might see when it asked: that may be less than
    the person may who made the token.
    """
    if row.owner is not None and not row.token:
        return scope_of(row.owner)
    return msgspec.convert(row.scope, Scope)


def same_scope(row: Job, scope: Scope) -> bool:
    """Whether a scope shows exactly what the job's result was made from."""
    return _told(msgspec.convert(row.scope, Scope)) == _told(scope)


def _told(scope: Scope) -> tuple[str, bool, frozenset[str] | None]:
    reaches = None if scope.reaches is None else frozenset(repr(reach) for reach in scope.reaches)
    return scope.tenant, scope.masked, reaches


def exports_folder() -> Path:
    """Where results lie, readable by this user only."""
    folder = home_folder() / "exports"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def new_file_name(row: Job) -> str:
    """A name for a result that nobody can guess."""
    return f"{row.pk}-{secrets.token_hex(16)}"
