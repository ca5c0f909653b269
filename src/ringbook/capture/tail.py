"""Files that grow: followed through rotation, truncation and copy-truncate, from where the ledger last had them.

Files are durable themselves, so their bytes do not pass the spool: they are read as fast as the pipeline takes them, and the
position of each is committed with the rows that it gave. A file is recognised by its inode and its first bytes. Whenever it is
not certain that a file goes on where it was, it is read from its beginning: what the ledger has already it does not take twice.
"""

from __future__ import annotations

import asyncio
import glob
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from pathlib import Path

import structlog

from ringbook.capture.chunk import CHUNK_BYTES, Chunk, Known, Signal
from ringbook.capture.followed import Followed, Identity, Look, Mark, fits
from ringbook.capture.health import Health, InputStatus, State
from ringbook.capture.notes import fitting, load, save
from ringbook.capture.spool import now
from ringbook.capture.wire import Place, paused

log = structlog.get_logger()

AUTO = "auto"
POLL_S = 1.0
SETTLE_S = 5.0
LINGER_S = 60.0

MAX_OPEN = 256
"""Descriptors held at the same time; a file in use can be renamed or deleted and still be read to its end."""

_CHUNKS_A_LOOK = 64
"""Chunks of one file before others get their turn."""

_NOTE_S = 10.0
"""How often notes are written at most, while files grow."""

_PACKED = (".gz", ".bz2", ".xz", ".zst", ".zip", ".lz4", ".z")
_UNFINISHED = (".tmp", ".part", ".partial", ".filepart", ".swp", ".lock")


class Tail:
    """Follows what paths, folders and globs lead to. ``positions`` are how far each file of the source was read before.

    For an input whose format is ``auto``, ``recognise(head, name)`` tells the slug of a file's format, or ``""`` while its
    beginning does not show it; the file then waits. Without ``recognise`` chunks come without a format. ``notes`` is a file in
    which the tail remembers more of its files than positions do.
    """

    def __init__(
        self,
        place: Place,
        paths: Sequence[str],
        *,
        positions: Iterable[Known] = (),
        settle_s: float = SETTLE_S,
        linger_s: float = LINGER_S,
        clock: Callable[[], float] = time.monotonic,
        chunk_bytes: int = CHUNK_BYTES,
        recognise: Callable[[bytes, str], str] | None = None,
        notes: Path | None = None,
    ) -> None:
        self._notes_file = notes
        self._notes = load(notes)
        self._noted_at = clock()
        self._place = place
        self._format = "" if place.format == AUTO else place.format
        self._recognise = recognise
        self._paths = tuple(paths)
        self._settle_s = settle_s
        self._linger_s = linger_s
        self._clock = clock
        self._chunk_bytes = chunk_bytes
        self._kept: dict[str, list[Known]] = {}
        for known in {(k.origin, k.mark): k for k in positions}.values():
            self._kept.setdefault(known.origin, []).append(known)
        self._marks = {(known.origin, known.mark) for kept in self._kept.values() for known in kept}
        self._files: dict[Identity, Followed] = {}
        self._done: dict[Identity, Look] = {}
        self._parted: list[Followed] = []  # ended, but not in the ledger yet
        self._rewinds = 0  # asked for
        self._rewound = 0  # carried out
        self._problem = ""
        self._busy = threading.Lock()
        self._health = Health(place.source, place.input, "file", ", ".join(paths), now())

    @property
    def status(self) -> InputStatus:
        """How it is doing."""
        self._health.behind(sum(max(0, f.look.size - f.committed) for f in list(self._files.values())))
        return self._health.status

    def committed(self, origin: str, mark: str, offset: int, context: bytes | None = None) -> None:
        """Be told that the ledger has a file up to ``offset``, and what a framer must be given to go on there."""
        for file in [*self._files.values(), *self._parted]:
            if (file.origin, file.mark) == (origin, mark) and offset >= file.committed:
                file.committed = offset
                file.context = file.context if context is None else context

    def rewind(self) -> None:
        """Give everything again that the ledger does not have: it refused a batch, so the chunks given since are void."""
        self._rewinds += 1

    async def chunks(self, stop: asyncio.Event, poll_s: float = POLL_S) -> AsyncIterator[Chunk]:
        """What is in the files and what is added to them, until ``stop`` is set; read only as fast as it is taken."""
        try:
            while not stop.is_set():
                found = False
                look, asked = self.look(), self._rewinds
                while (
                    not stop.is_set()
                    and asked == self._rewinds
                    and (chunk := await asyncio.to_thread(self._step, look)) is not None
                ):
                    found = True
                    yield chunk
                if not found and asked == self._rewinds:
                    await paused(stop, poll_s)
        finally:
            self.close()

    def close(self) -> None:
        """Let go of all files."""
        with self._busy:
            self._note()
            for file in [*self._files.values(), *self._parted]:
                file.close()
        self._health.now(State.STOPPED, now())

    def _step(self, look: Iterator[Chunk]) -> Chunk | None:
        with self._busy:
            return next(look, None)

    def look(self) -> Iterator[Chunk]:
        """One look at all paths: the chunks that are new. Nothing new, nothing given."""
        self._problem = ""
        self._go_back()
        seen: set[Identity] = set()
        for path in self._found():
            look = self._at(path)
            if look is not None and look.identity not in seen:
                seen.add(look.identity)
                yield from self._visit(look)
        for file in [f for identity, f in self._files.items() if identity not in seen]:
            yield from self._unseen(file)
        self._close_some()
        if self._clock() - self._noted_at >= _NOTE_S:
            self._note()
        state = State.FOLLOWING if seen or self._files else State.WAITING
        if state is State.WAITING and not self._problem:
            self._problem = "there is no file yet"
        if self._health.now(state, now(), self._problem) and self._problem:
            log.warning(
                "tail.problem", source=self._place.source, input=self._place.input, reason=self._problem
            )

    def _go_back(self) -> None:
        """Let go of what has ended and is in the ledger; after a rewind, have all else read again."""
        waiting = [file for file in self._parted if file.committed < file.offset]
        for file in self._parted:
            if file not in waiting:
                file.close()
        self._parted = waiting
        if self._rewound == self._rewinds:
            return
        self._rewound = self._rewinds
        for file in self._parted:
            if file.look.identity in self._files:
                log.error(
                    "tail.lost",
                    source=self._place.source,
                    file=file.origin,
                    bytes=file.offset - file.committed,
                )
                file.close()
                continue
            self._done.pop(file.look.identity, None)
            self._files[file.look.identity] = file
        self._parted = []
        for file in self._files.values():
            file.back()

    # -- which files ----------------------------------------------------------------------------------------------

    def _found(self) -> list[Path]:
        """The files there are now, each once, in name order within each path."""
        found: dict[Path, None] = {}
        for text in self._paths:
            path = Path(text).expanduser()
            try:
                if path.is_dir():
                    matches = sorted(p for p in path.iterdir() if p.is_file() and _is_record_file(p))
                elif path.exists() or not glob.has_magic(text):
                    matches = [path] if self._is_plain(path) else []
                else:
                    names = sorted(glob.glob(str(path), recursive=True))  # noqa: PTH207  # takes absolute patterns
                    matches = [p for p in map(Path, names) if p.is_file() and _is_record_file(p)]
            except OSError as error:
                self._problem = f"{path}: {error.strerror}"
                continue
            for match in matches:
                if _is_text(match):
                    found.setdefault(match.resolve())
                else:
                    self._problem = (
                        f"{match.name!a} is no UTF-8 name; rename the file, or read it with 'ringbook import'"
                    )
        return list(found)

    def _is_plain(self, path: Path) -> bool:
        packed = path.name.lower().endswith(_PACKED)
        if packed:
            self._problem = f"{path} is packed and cannot grow; read it once with 'ringbook import'"
        return not packed

    def _at(self, path: Path) -> Look | None:
        try:
            return Look.at(path)
        except OSError as error:
            self._problem = f"{path}: {error.strerror}"
            return None

    def _visit(self, look: Look) -> Iterator[Chunk]:
        """What is new in a file that a path leads to."""
        done = self._done.get(look.identity)
        if done is not None:
            if (done.size, done.changed_ns) == (look.size, look.changed_ns):
                return
            del self._done[look.identity]
        file = self._files.get(look.identity) or self._replaced(look)
        try:
            if file is None:
                yield from self._rotated_before(str(look.path))
                if look.identity in self._files or look.identity in self._done:
                    return
                file = self._new(look)
            file.leaving = False
            file.look = look
            yield from self._news(file)
        except OSError as error:
            self._problem = f"{look.path}: {error.strerror}"

    def _replaced(self, look: Look) -> Followed | None:
        """The file that stood at this path before, if this one holds the same and more (fetched anew by rsync)."""
        before = next((f for f in self._files.values() if f.look.path == look.path and not f.leaving), None)
        if before is None or look.size < before.offset or not before.goes_on_in(look.path):
            return None
        del self._files[before.look.identity]
        before.move_to(look)
        self._files[look.identity] = before
        return before

    def _new(self, look: Look) -> Followed:
        """A file not followed so far: from its kept position, or from its beginning. An empty one is held, too."""
        origin = str(look.path)
        candidates = (known for known in self._kept.get(origin, []) if self._fits(known, look))
        known = min(candidates, key=lambda k: k.offset, default=None)  # reading too much is harmless
        if known is not None:
            file = Followed(origin, look, known.mark, known)
            self._kept[origin] = [k for k in self._kept[origin] if k is not known]
        else:
            file = Followed(origin, look, "")
        file.quiet_since = self._clock()
        self._files[look.identity] = file
        log.info("tail.follows", source=self._place.source, file=origin, offset=file.offset)
        return file

    def _fits(self, known: Known, look: Look) -> bool:
        return fits(known, look) and fitting(self._notes, known.origin, known.mark, look.path)

    def _note(self) -> None:
        """Write down what recognises the files besides their marks, if anything was committed since."""
        self._noted_at = self._clock()
        before = dict(self._notes)
        for file in self._files.values():
            known = self._notes.get((file.origin, file.mark))
            if known is None or known.offset != file.committed:
                note = file.note()
                if note is not None:
                    self._notes[(file.origin, file.mark)] = note
        if self._notes_file is not None and self._notes != before:
            useful = {(file.origin, file.mark) for file in self._files.values()}
            useful |= {(known.origin, known.mark) for kept in self._kept.values() for known in kept}
            save(self._notes_file, [note for key, note in self._notes.items() if key in useful])

    def _mark(self, file: Followed) -> str:
        """A mark of the content that stands in the file now, unlike any that its origin had before."""
        mark = str(Mark.of(file.head(), file.look.identity))
        generation, unlike = 0, mark
        while (file.origin, unlike) in self._marks:
            generation += 1
            unlike = f"{mark}.{generation}"
        self._marks.add((file.origin, unlike))
        return unlike

    def _rotated_before(self, origin: str) -> Iterator[Chunk]:
        """Find files that stood at this path when Ringbook last ran and were renamed since: their rest is still to be read."""
        kept = {
            mark.of_file: known for known in self._kept.get(origin, []) if (mark := Mark.read(known.mark))
        }
        if not kept:
            return
        for look in filter(None, map(self._at, _siblings(Path(origin)))):
            known = kept.get(Mark.name(look.identity))
            if (
                known is None
                or str(look.path) == origin
                or look.identity in self._files
                or not self._fits(known, look)
            ):
                continue
            self._kept[origin] = [k for k in self._kept[origin] if k is not known]
            if look.size == known.offset and time.time_ns() - look.changed_ns > self._linger_s * 1e9:
                self._done[look.identity] = look
                continue
            file = self._files[look.identity] = Followed(origin, look, known.mark, known)
            file.quiet_since = self._clock()
            yield from self._news(file)

    def _unseen(self, file: Followed) -> Iterator[Chunk]:
        """What is new in a file that no path leads to any more: it was renamed or deleted; read to its end."""
        try:
            if file.is_open:
                file.refresh()
            else:
                looks = (self._at(path) for path in _siblings(Path(file.origin)))
                moved = next((look for look in looks if look and look.identity == file.look.identity), None)
                if moved is None:
                    yield from self._end(file)
                    return
                file.look = moved
            if not file.leaving:
                file.leaving = True
                log.info("tail.rotated", source=self._place.source, file=file.origin, offset=file.offset)
            yield from self._news(file)
        except OSError as error:
            self._problem = f"{file.origin}: {error.strerror}"

    # -- what is new ----------------------------------------------------------------------------------------------

    def _news(self, file: Followed) -> Iterator[Chunk]:
        """The chunks that a file has grown by, and what its growing or resting means."""
        if file.rests and not file.leaving and not file.is_open:
            return
        if not file.open():
            return  # replaced since the look: the next one sees it
        file.remember()
        if not file.goes_on_here():
            yield from self._truncated(file)
            return
        file.seen_ns = file.look.changed_ns
        grown = file.offset < file.look.size
        if grown and not file.mark:
            file.mark = self._mark(file)
        if grown and not self._recognised(file):
            return
        for _ in range(_CHUNKS_A_LOOK):
            at = file.offset
            data = file.read(min(self._chunk_bytes, max(0, file.look.size - at)))
            if not data:
                break
            self._health.received(len(data), now())
            yield self._chunk(file, at, data)
        if grown:
            file.settled = False
            file.quiet_since = self._clock()
            return
        quiet_s = self._clock() - file.quiet_since
        if file.leaving and quiet_s >= self._linger_s:
            yield from self._end(file)
        elif file.mark and not file.settled and quiet_s >= self._settle_s:
            file.settled = True
            yield self._chunk(file, file.offset, b"", Signal.SETTLED)

    def _recognised(self, file: Followed) -> bool:
        """Whether the file's format is known; one complete line, or rest, is waited for before it is told."""
        if self._format or file.format or self._recognise is None:
            return True
        head = file.head()
        if file.look.size != file.sized:
            file.sized = file.look.size
            file.quiet_since = self._clock()
        rested = self._clock() - file.quiet_since >= self._settle_s
        if b"\n" in head or rested or file.leaving:
            file.format = self._recognise(head, Path(file.origin).name)
            if not file.format:
                self._problem = (
                    f"no format recognises {file.origin}; set format (see 'ringbook sources list'), "
                    "or describe the file with 'ringbook sources map'"
                )
        return bool(file.format)

    def _truncated(self, file: Followed) -> Iterator[Chunk]:
        """The file was emptied or written anew: end its stream, with what a copy of it holds more, and begin another."""
        log.info("tail.truncated", source=self._place.source, file=file.origin, offset=file.offset)
        for path in _siblings(file.look.path):
            if path != file.look.path and file.goes_on_in(path):
                while data := file.rest_in(path, self._chunk_bytes):
                    yield self._chunk(file, file.offset - len(data), data)
                break
        look = file.look
        yield from self._end(file)
        self._done.pop(look.identity, None)
        if not file.leaving:
            yield from self._news(self._new(look))

    def _end(self, file: Followed) -> Iterator[Chunk]:
        """Stop following a file: its stream is over."""
        del self._files[file.look.identity]
        if file.committed < file.offset:
            self._parted.append(file)
        else:
            file.close()
        if file.look.size == file.offset:
            self._done[file.look.identity] = file.look
        if file.mark:
            yield self._chunk(file, file.offset, b"", Signal.END)

    def _chunk(self, file: Followed, offset: int, data: bytes, signal: Signal = Signal.MORE) -> Chunk:
        first, file.first = file.first, False
        return Chunk(
            source=self._place.source,
            input=self._place.input,
            origin=file.origin,
            mark=file.mark,
            offset=offset,
            data=data,
            format=self._format or file.format,
            context=file.context,
            received_at=now(),
            signal=signal,
            first=first,
        )

    def _close_some(self) -> None:
        """Let go of the files that have been quiet longest, when many are open."""
        opened = [f for f in self._files.values() if f.is_open and not f.leaving]
        for file in sorted(opened, key=lambda f: f.quiet_since)[: max(0, len(opened) - MAX_OPEN)]:
            file.close()


def _siblings(path: Path) -> list[Path]:
    """Files that rotation may have made of this one: their names begin with its name or its stem; newest first."""
    try:
        names = [
            p
            for p in path.parent.iterdir()
            if p.name.startswith(path.stem) and not p.name.lower().endswith(_PACKED)
        ]
        return sorted((p for p in names if p.is_file()), key=lambda p: -p.stat().st_mtime_ns)
    except OSError:
        return []


def _is_text(path: Path) -> bool:
    """Whether the path can be written down: its name is what its records are kept under."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_record_file(path: Path) -> bool:
    """Whether a file in a folder may hold records: hidden, packed and unfinished ones do not."""
    name = path.name.lower()
    return not name.startswith(".") and not name.endswith((*_PACKED, *_UNFINISHED, "~"))
