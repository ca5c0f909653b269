"""Following a folder into which a phone system writes recordings: each is taken once it is complete, and never read again."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
import structlog

from ringbook.config.settings import RecordingFolder
from ringbook.model.errors import AskError, RingbookError
from ringbook.recordings.names import Template
from ringbook.runtime.recordings.found import Item, items, within
from ringbook.runtime.recordings.hand import take
from ringbook.runtime.recordings.taking import Taker

log = structlog.get_logger()

UNFINISHED_S = 900.0
"""How long a WAV file must be quiet whose header does not tell its length yet: its recorder was ended before it could."""

SHARE = 10
"""Looking through a folder, and weighing recordings that wait, may take one part in so many of the time."""

ALONE_S = 60.0
"""How long one side of a conversation waits for the other."""


class Positions:
    """Which files were taken, by folder, path, size and time of the last change. Safe to lose: they are read again then."""

    def __init__(self, file: Path) -> None:
        self._lock = threading.Lock()
        try:
            self._marks = self._read(str(file))
        except sqlite3.Error as error:
            log.warning("recordings.positions_lost", reason=str(error))
            self._marks = self._read(":memory:")

    def _read(self, file: str) -> set[bytes]:
        self._base = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        self._base.execute("PRAGMA journal_mode=WAL")
        self._base.execute("CREATE TABLE IF NOT EXISTS taken (mark BLOB PRIMARY KEY) WITHOUT ROWID")
        return {row[0] for row in self._base.execute("SELECT mark FROM taken")}

    def close(self) -> None:
        """Let go of the file."""
        self._base.close()

    def has(self, mark: bytes) -> bool:
        """Whether that state of a file was taken."""
        return mark in self._marks

    def add(self, marks: Sequence[bytes]) -> None:
        """Remember that these states of files were taken."""
        with (
            self._lock,
            contextlib.suppress(sqlite3.Error),
        ):  # a full disk: they are read again after a restart
            self._base.executemany("INSERT OR IGNORE INTO taken VALUES (?)", [(mark,) for mark in marks])
        self._marks.update(marks)


class State(msgspec.Struct):
    """How following a folder goes. ``problem`` is why nothing more is taken; ``failed`` are files that cannot be read."""

    source: str
    path: str
    taken: int = 0
    waiting: int = 0
    failed: int = 0
    problem: str = ""


class _Quiet(msgspec.Struct):
    """A file as it was when it was last seen to change."""

    size: int
    changed: int  # nanoseconds
    since: float  # on this process's clock


class Folder:
    """A followed folder."""

    def __init__(self, folder: RecordingFolder, positions: Positions, taker: Taker) -> None:
        self._folder = folder
        self._template = Template(folder.template) if folder.template else None
        self._positions = positions
        self._taker = taker
        self._seen: dict[Path, _Quiet] = {}
        self._rests_until = 0.0
        self.state = State(folder.source, folder.path)

    def look(self, stop: threading.Event) -> None:
        """Look through the folder once and take what is complete, until ``stop`` is set.

        Where nothing can be kept at present, it says so and leaves the files where they are.
        """
        began = time.monotonic()
        if began < self._rests_until:
            return
        root = Path(self._folder.path)
        if not root.is_dir():
            self.state.problem = f"there is no folder {root}"
            return
        waiting = [file for file in within(root) if self._is_new(file)]
        there = set(waiting)
        self._seen = {file: quiet for file, quiet in self._seen.items() if file in there}
        self._rests_until = time.monotonic() + (SHARE - 1) * (time.monotonic() - began)
        self.state.waiting, self.state.failed, self.state.problem = len(waiting), 0, ""
        for item in items(waiting, self._template):
            if stop.is_set():
                return
            if not all(self._complete(file, alone=item.alone) for file in item.files):
                continue
            if not self._take(item):
                return

    def _take(self, item: Item) -> bool:
        """Whether to go on: what is wrong with one file does not stop the others, what is wrong with the vault does."""
        marks = [self._mark(file, self._seen[file]) for file in item.files]
        try:
            taken = take(self._taker, item, self._folder.source, template=self._template)
        except (AskError, OSError) as error:
            log.warning("recording.not_read", source=self._folder.source, reason=type(error).__name__)
            self.state.failed += 1
            return True
        except RingbookError as error:
            if self.state.problem != str(error):
                log.warning("recordings.waiting", source=self._folder.source, reason=str(error))
            self.state.problem = str(error)
            return False
        self._positions.add(marks)
        if self._folder.delete_after:
            for file in item.files:
                self._delete(file)
        self.state.taken += sum(one.new for one in taken)
        self.state.waiting -= len(item.files)
        return True

    def _delete(self, file: Path) -> None:
        """Delete a file that was taken, if it is still as it was."""
        seen = self._seen[file]
        try:
            told = file.stat()
            if (told.st_size, told.st_mtime_ns) == (seen.size, seen.changed):
                file.unlink()
        except OSError as error:
            log.warning("recording.not_deleted", source=self._folder.source, reason=error.strerror)

    def _is_new(self, file: Path) -> bool:
        """Whether that file, as it is now, was not taken yet; notes when it was last seen to change."""
        try:
            told = file.stat()
        except OSError:
            return False
        seen = self._seen.get(file)
        if seen is None or (seen.size, seen.changed) != (told.st_size, told.st_mtime_ns):
            age = max(0.0, time.time() - told.st_mtime)
            first = time.monotonic() - age if seen is None else time.monotonic()
            seen = _Quiet(told.st_size, told.st_mtime_ns, first)
            if self._positions.has(self._mark(file, seen)):
                return False
            self._seen[file] = seen
        return True

    def _complete(self, file: Path, *, alone: bool) -> bool:
        quiet_s = time.monotonic() - self._seen[file].since
        needed = ALONE_S if alone else 0.0
        if self._seen[file].size == 0 or is_unfinished(file):
            needed = UNFINISHED_S
        return quiet_s >= max(needed, self._folder.settle_s)

    def _mark(self, file: Path, seen: _Quiet) -> bytes:
        text = b"\0".join([self._folder.source.encode(), os.fsencode(file), b"%d" % seen.size])
        return hashlib.blake2b(text + b"\0%d" % seen.changed, digest_size=12).digest()


def is_unfinished(file: Path) -> bool:
    """Whether it is a WAV file whose header tells another length: it is being copied, or recorded, which writes it last."""
    try:
        with file.open("rb") as source:
            head = source.read(12)
            size = os.fstat(source.fileno()).st_size
    except OSError:
        return True
    if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        return False
    told = int.from_bytes(head[4:8], "little") + 8
    return abs(told - size) > 1 and size <= 2**32
