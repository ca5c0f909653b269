"""The spool: bytes are durable here before anyone says "received", and stay until the ledger has them.

A SQLite file in WAL mode with ``synchronous=FULL``. One thread writes; whatever has gathered while it waited for the disk is
written in one transaction, so many senders share one fsync. Rows are chunks of streams: a TCP connection is one stream, an
HTTP body is one. A chunk that is already there (same origin, same offset) is acknowledged and not stored again.

The reader takes rows in order and says per stream how far the *ledger* has it; only then rows go. Where a record is cut
between two chunks, the first stays until the record is complete and committed. After kill -9 the streams that were open are
given an end: their connections are gone.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import msgspec
import structlog

from ringbook.capture import spoolfile
from ringbook.capture.chunk import Chunk
from ringbook.capture.entries import Done, Entry
from ringbook.capture.errors import SpoolBusyError, SpoolClosedError, SpoolFullError, SpoolUnavailableError
from ringbook.model.instant import Instant

log = structlog.get_logger()

MIB = 1_048_576


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How much the spool takes: in one transaction, in memory, on the disk."""

    batch_rows: int = 2_000
    batch_bytes: int = 8 * MIB
    queue_bytes: int = 64 * MIB
    keep_free_bytes: int = 16 * MIB  # of the disk, for the ledger and for taking rows off the spool
    warn_bytes: int = 1024 * MIB


class SpoolStatus(msgspec.Struct, frozen=True, kw_only=True):
    """What waits on the spool, and whether it takes more. ``oldest_at`` is when the oldest waiting bytes were received."""

    rows: int
    bytes: int
    oldest_at: Instant | None
    last_seq: int
    queued_bytes: int
    problem: str  # empty while the spool takes bytes
    over_warning: bool


class _Job(msgspec.Struct):
    """Work for the writing thread, and who waits for it."""

    entries: tuple[Entry, ...]
    done: tuple[Done, ...]
    size: int
    future: Future[int]


class Spool:
    """An open spool; any thread may append, take and release. One process at a time.

    Raises :class:`SpoolInUseError` when another process has it, :class:`SpoolFullError` or :class:`SpoolUnusableError` when it
    cannot be opened.
    """

    def __init__(self, path: Path, limits: Limits | None = None) -> None:
        self._path = path
        self._limits = limits or Limits()
        self._lock = spoolfile.hold(path)
        try:
            self._db = spoolfile.connect(path)
            self._reader = spoolfile.connect(path)
            found = spoolfile.recover(self._db, path)
        except BaseException:
            os.close(self._lock)
            raise
        self._rows, self._bytes, self._last_seq = found.rows, found.bytes, found.last_seq
        self._reading = threading.Lock()
        self._jobs: deque[_Job] = deque()
        self._queued = 0
        self._unreleased: list[Done] = []
        self._wake = threading.Condition()
        self._watchers: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()
        self._closing = False
        self._trouble: SpoolUnavailableError | None = None
        self._warned = False
        self._thread = threading.Thread(target=self._work, name="spool-writer", daemon=True)
        self._thread.start()

    # -- taking in ------------------------------------------------------------------------------------------------

    def put(self, entries: Sequence[Entry]) -> Future[int]:
        """A future of the last row's number, done once all the entries are durable; they are stored together or not at all.

        Raises :class:`SpoolBusyError` when too much is waiting already, :class:`SpoolClosedError` while stopping. The
        future raises :class:`SpoolFullError` or another :class:`SpoolUnavailableError`.
        """
        size = sum(len(entry.data) for entry in entries)
        return self._submit(_Job(tuple(entries), (), size, _running()))

    async def append(self, entry: Entry, *, wait: bool = True) -> int:
        """The number of the row that now durably holds the bytes.

        With ``wait`` a full queue is waited for, which is how back-pressure reaches a connection; without it
        :class:`SpoolBusyError` is raised. Cancelling the caller does not undo what was handed over.
        """
        while True:
            try:
                future = self.put((entry,))
            except SpoolBusyError:
                if not wait:
                    raise
                await asyncio.sleep(0.02)
                continue
            return await asyncio.shield(asyncio.wrap_future(future))

    # -- giving out -----------------------------------------------------------------------------------------------

    def take(self, after: int = 0, limit: int = 1_000, max_bytes: int = 8 * MIB) -> list[Chunk]:
        """The next rows behind row ``after``, in order, at least one if there is one; nothing is removed.

        What a stream's last release said is committed is left out, so a new reader that begins at 0 gets exactly what the
        ledger does not have yet.
        """
        with self._reading:
            return spoolfile.take(self._reader, after, limit, max_bytes)

    def release(self, done: Iterable[Done]) -> Future[int]:
        """A future of how many rows went, because the ledger has committed their bytes.

        A disk that refuses is no error here: the rows go with a later release, and until then they are only in the way.
        """
        return self._submit(_Job((), tuple(done), 0, _running()))

    async def arrived(self, after: int, timeout_s: float | None = None) -> bool:
        """Wait for rows behind row ``after``; False if none came in time."""
        watcher = (asyncio.get_running_loop(), asyncio.Event())
        self._watchers.add(watcher)
        try:
            if not self._has_rows(after):
                await asyncio.wait_for(watcher[1].wait(), timeout_s)
        except TimeoutError:
            return False
        finally:
            self._watchers.discard(watcher)
        return self._has_rows(after)

    def _has_rows(self, after: int) -> bool:
        if self._last_seq <= after:
            return False
        with self._reading:
            return spoolfile.has_rows(self._reader, after)

    def status(self) -> SpoolStatus:
        """What waits, how long it has waited, and what is wrong."""
        with self._reading:
            oldest = spoolfile.oldest(self._reader)
        return SpoolStatus(
            rows=self._rows,
            bytes=self._bytes,
            oldest_at=oldest,
            last_seq=self._last_seq,
            queued_bytes=self._queued,
            problem=self._problem(),
            over_warning=self._bytes > self._limits.warn_bytes,
        )

    def close(self) -> None:
        """Write what was handed over, then let go of the file."""
        with self._wake:
            if self._closing:
                return
            self._closing = True
            self._wake.notify_all()
        self._thread.join()
        with self._reading:
            self._reader.close()
        self._db.close()
        os.close(self._lock)

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- the writing thread ---------------------------------------------------------------------------------------

    def _submit(self, job: _Job) -> Future[int]:
        with self._wake:
            if self._closing:
                raise SpoolClosedError("Ringbook is stopping; send again in a moment")
            if job.size and self._queued and self._queued + job.size > self._limits.queue_bytes:
                raise SpoolBusyError(
                    f"{self._queued} bytes are waiting for the disk of {self._path}; send again in a moment"
                )
            self._jobs.append(job)
            self._queued += job.size
            self._wake.notify_all()
        return job.future

    def _work(self) -> None:
        while True:
            jobs = self._gather()
            if not jobs:
                return
            self._release_all([job for job in jobs if not job.entries])
            self._append_all([job for job in jobs if job.entries])
            with self._wake:
                self._queued -= sum(job.size for job in jobs)

    def _gather(self) -> list[_Job]:
        """The jobs that one transaction takes; empty when the spool is closing and all is written."""
        limits = self._limits
        jobs: list[_Job] = []
        rows = size = 0
        with self._wake:
            while not self._jobs and not self._closing:
                self._wake.wait()
            while self._jobs and rows < limits.batch_rows and (size < limits.batch_bytes or not jobs):
                job = self._jobs.popleft()
                jobs.append(job)
                rows += len(job.entries) or 1
                size += job.size
        return jobs

    def _append_all(self, jobs: list[_Job]) -> None:
        if not jobs:
            return
        entries = [entry for job in jobs for entry in job.entries]
        try:
            spoolfile.check_room(self._path, self._limits.keep_free_bytes)
            written = spoolfile.append(self._db, entries)
        except (sqlite3.Error, SpoolFullError) as error:
            trouble = spoolfile.trouble(error, self._path)
            self._note(trouble)
            for job in jobs:
                job.future.set_exception(trouble)
            return
        self._note(None)
        self._rows += written.rows
        self._bytes += written.bytes
        self._last_seq = max(self._last_seq, written.last_seq)
        for job in jobs:
            job.future.set_result(self._last_seq)
        self._tell()

    def _release_all(self, jobs: list[_Job]) -> None:
        if not jobs:
            return
        self._unreleased += [item for job in jobs for item in job.done]
        rows = 0
        try:
            gone = spoolfile.release(self._db, self._unreleased)
        except sqlite3.Error as error:
            self._note(spoolfile.trouble(error, self._path))
        else:
            self._unreleased = []
            self._rows -= gone.rows
            self._bytes -= gone.bytes
            rows = gone.rows
        for job in jobs:
            job.future.set_result(rows)

    def _note(self, trouble: SpoolUnavailableError | None) -> None:
        """Keep the present trouble for the status, and log each change once."""
        if trouble is not None and self._trouble is None:
            log.error("spool.unavailable", path=str(self._path), reason=str(trouble))
        elif trouble is None and self._trouble is not None:
            log.info("spool.available", path=str(self._path))
        self._trouble = trouble
        over = self._bytes > self._limits.warn_bytes
        if over and not self._warned:
            log.warning("spool.large", path=str(self._path), bytes=self._bytes, rows=self._rows)
        self._warned = over

    def _problem(self) -> str:
        """What is wrong now; a disk that has room again is no problem, though nothing was received since."""
        trouble = self._trouble
        if isinstance(trouble, SpoolFullError):
            with suppress(OSError):
                if spoolfile.room(self._path) >= max(self._limits.keep_free_bytes, MIB):
                    return ""
        return "" if trouble is None else str(trouble)

    def _tell(self) -> None:
        for loop, event in tuple(self._watchers):
            with suppress(RuntimeError):  # that loop has ended: nobody waits there
                loop.call_soon_threadsafe(event.set)


def now() -> Instant:
    """The instant at which bytes are received: this machine's clock, in microseconds."""
    return time.time_ns() // 1000


def _running() -> Future[int]:
    """A future that cannot be cancelled: what was handed over is written."""
    future: Future[int] = Future()
    future.set_running_or_notify_cancel()
    return future
