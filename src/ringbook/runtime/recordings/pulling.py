"""Following a folder somewhere else: what is complete there is copied here, taken, and deleted there if that is wished."""

from __future__ import annotations

import hashlib
import tempfile
import threading
import time
from pathlib import Path

import structlog

from ringbook.config.settings import RecordingFolder
from ringbook.model.errors import AskError, RingbookError
from ringbook.recordings.errors import StillWrittenError
from ringbook.recordings.names import Template, without_ending
from ringbook.recordings.remote import Access, Distant, Remote, remote
from ringbook.runtime.recordings.found import Item, items
from ringbook.runtime.recordings.hand import take
from ringbook.runtime.recordings.taking import WORKPLACE, Taker
from ringbook.runtime.recordings.watching import ALONE_S, UNFINISHED_S, Positions, State, is_unfinished

log = structlog.get_logger()

EVERY_S = 30.0
"""Seconds between two looks: a listing costs the other side something."""


class PulledFolder:
    """A followed folder somewhere else. Files are told by path, size and time of the last change, as in a folder here."""

    def __init__(self, folder: RecordingFolder, home: Path, positions: Positions, taker: Taker) -> None:
        self._folder = folder
        self._home = home
        self._template = Template(folder.template) if folder.template else None
        self._positions = positions
        self._taker = taker
        self._remote: Remote | None = None
        self._seen: dict[Path, tuple[Distant, float]] = {}
        self._rests_until = 0.0
        self.state = State(folder.source, folder.path)

    def look(self, stop: threading.Event) -> None:
        """Look through the folder once and take what is complete, until ``stop`` is set; what is wrong is told by ``state``."""
        if time.monotonic() < self._rests_until:
            return
        try:
            self._look(stop)
        except RingbookError as error:
            if self.state.problem != str(error):
                log.warning("recordings.waiting", source=self._folder.source, reason=str(error))
            self.state.problem = str(error)
        self._rests_until = time.monotonic() + EVERY_S

    def _look(self, stop: threading.Event) -> None:
        there = self._opened()
        found = {
            Path(one.path): one
            for one in there.files()
            if without_ending(one.path.name) != one.path.name and not self._positions.has(self._mark(one))
        }
        self._seen = {path: self._since(path, one) for path, one in found.items()}
        self.state.waiting, self.state.failed, self.state.problem = len(found), 0, ""
        for item in items(found, self._template):
            if stop.is_set():
                return
            if all(self._quiet(file, item) for file in item.files):
                self._take(there, item)

    def _opened(self) -> Remote:
        if self._remote is None:
            folder = self._folder
            access = Access(
                endpoint=folder.endpoint,
                identity_file=folder.identity_file,
                password_file=folder.password_file,
                host_keys=folder.host_keys,
            )
            self._remote = remote(folder.path, access)
        return self._remote

    def _since(self, path: Path, one: Distant) -> tuple[Distant, float]:
        """The file as it is, and since when it is so, on this process's clock."""
        before = self._seen.get(path)
        if before is not None and before[0] == one:
            return before
        age = max(0.0, time.time() - one.changed / 1e9) if before is None else 0.0
        return one, time.monotonic() - age

    def _quiet(self, file: Path, item: Item) -> bool:
        one, since = self._seen[file]
        needed = max(
            self._folder.settle_s, ALONE_S if item.alone else 0.0, UNFINISHED_S if not one.size else 0.0
        )
        return time.monotonic() - since >= needed

    def _take(self, there: Remote, item: Item) -> None:
        """Take what becomes one recording. What is wrong with it does not stop the others; a full vault does."""
        room = self._home / WORKPLACE
        room.mkdir(mode=0o700, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=room) as folder:
            copies = tuple(self._copied(there, file, Path(folder)) for file in item.files)
            if not all(self._whole(file, copy) for file, copy in zip(item.files, copies, strict=True)):
                return
            try:
                taken = take(self._taker, Item(copies), self._folder.source, template=self._template)
            except StillWrittenError:
                return
            except (AskError, OSError) as error:
                log.warning("recording.not_read", source=self._folder.source, reason=type(error).__name__)
                self.state.failed += 1
                return
        self._positions.add([self._mark(self._seen[file][0]) for file in item.files])
        self.state.taken += sum(one.new for one in taken)
        self.state.waiting -= len(item.files)
        if self._folder.delete_after:
            for file in item.files:
                there.delete(self._seen[file][0].path)

    def _copied(self, there: Remote, file: Path, folder: Path) -> Path:
        copy = folder / file
        copy.parent.mkdir(parents=True, exist_ok=True)
        there.copy(self._seen[file][0].path, copy)
        return copy

    def _whole(self, file: Path, copy: Path) -> bool:
        """Whether the copy is as long as the file was when it was listed, and does not say itself that more will follow."""
        one, since = self._seen[file]
        if copy.stat().st_size != one.size:
            return False
        return not is_unfinished(copy) or time.monotonic() - since >= UNFINISHED_S

    def _mark(self, one: Distant) -> bytes:
        text = "\0".join(
            [self._folder.source, self._folder.path, str(one.path), str(one.size), str(one.changed)]
        )
        return hashlib.blake2b(text.encode(), digest_size=12).digest()
