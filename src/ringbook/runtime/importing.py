"""Importing files: found, recognised, read in portions, each committed with its position, so that an interrupted import goes on.

A file is durable itself, so it needs no spool: how far it has been read is committed together with the calls it gave. The
same file again gives nothing new; a file that has grown gives what is new; the same records in another file are told again
and change nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec

from ringbook.ledger.batch import Position
from ringbook.model.instant import Instant
from ringbook.model.scope import MAIN_TENANT, Scope
from ringbook.normalise.clocks import zone
from ringbook.parse.format import Framer, Piece
from ringbook.runtime.bulk import Ready, Workers
from ringbook.runtime.files import (
    DAMAGE,
    Found,
    Opened,
    UnreadableFileError,
    UnrecognisedFileError,
    find,
    format_of,
    goes_on,
    mark_of,
    written,
)
from ringbook.runtime.home import Home
from ringbook.runtime.intake import Portion
from ringbook.runtime.result import Result
from ringbook.runtime.sources import Described, SourceConflictError, check_name, region_of
from ringbook.runtime.understand import Block, Reader
from ringbook.runtime.zoning import zoned

PORTION = 20_000
"""Pieces that are committed together: enough to make the engine's work worth it, few enough to go on soon after a crash."""

PORTION_BYTES = 8 << 20
"""Bytes that are committed together at most, however few pieces they are: bounds the memory of an import."""

FLUSH_S = 2.0
"""Seconds of small files that are committed together at most."""

CHUNK = 1 << 20
"""Bytes read at a time."""

DEFAULT_SOURCE = "pbx"
"""The phone system that records belong to when none is named."""


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """What an import is asked to do."""

    paths: list[str]
    source: str = DEFAULT_SOURCE
    format: str = ""
    timezone: str | None = None
    region: str | None = None
    settings: dict[str, str] = {}


class Progress(msgspec.Struct, frozen=True, tag="progress"):
    """How far an import has come: bytes on disk, pieces, and the file it is at."""

    path: str
    done: int
    total: int
    frames: int


class Notice(msgspec.Struct, frozen=True, tag="notice"):
    """Something the person should know."""

    text: str


class Done(msgspec.Struct, frozen=True, tag="done"):
    """What an import came to."""

    files: int
    files_unchanged: int
    skipped: list[str]
    result: Result
    seconds: float


def now() -> Instant:
    """The present instant."""
    return time.time_ns() // 1000


class Importer:
    """One import, told as it goes by progress, notices and, last, what it came to."""

    def __init__(self, home: Home, ask: Ask) -> None:
        self._home = home
        self._ask = ask
        self._result = Result()
        self._waiting: list[Portion] = []
        self._waiting_pieces = 0
        self._waiting_bytes = 0
        self._skipped: list[str] = []
        self._unchanged = 0
        self._described = False
        self._positions: dict[str, list[Position]] | None = None
        self._broken = ""
        self._since = 0.0
        self._workers: Workers | None = None
        self._stack = ExitStack()

    def run(self, *, final: bool = True) -> Iterator[Progress | Notice | Done]:
        """Import. ``final`` says that the files are complete: a last line without its end is a record then."""
        check_name(self._ask.source)
        with self._stack:
            yield from self._run(final=final)

    def _run(self, *, final: bool) -> Iterator[Progress | Notice | Done]:
        began = time.monotonic()
        files = find(self._ask.paths)
        total = sum(found.size for found in files)
        before = 0
        for found in files:
            for done in self._file(found, final=final):
                if isinstance(done, Notice):
                    yield done
                else:
                    yield Progress(
                        written(found.path), before + done, total, self._result.frames + self._waiting_pieces
                    )
            before += found.size
        self._flush()
        yield Progress("", before, total, self._result.frames)
        yield Done(len(files), self._unchanged, self._skipped, self._result, time.monotonic() - began)

    def _file(self, found: Found, *, final: bool) -> Iterator[int | Notice]:
        try:
            opened = Opened(found.path)
        except UnreadableFileError as unreadable:
            if found.named:
                raise
            self._skipped.append(written(found.path))
            yield Notice(f"skipped {unreadable}")
            return
        try:
            if not opened.head:
                self._unchanged += 1  # no record was written yet: no format can be told, and none is needed
                return
            slug = self._ask.format or format_of(opened.head, Path(written(found.path)).name)
            yield from self._describe(slug, opened.head)
            position = self._position(found, opened)
            yield from self._read(opened, slug, position, final=final)
        except UnrecognisedFileError as unknown:
            if found.named:
                raise
            self._skipped.append(written(found.path))
            yield Notice(f"skipped {unknown}")
        finally:
            opened.close()

    def _position(self, found: Found, opened: Opened) -> Position:
        """Where reading goes on: the kept position of this very file, else its beginning."""
        origin = written(found.path)
        kept = self._kept().get(origin, [])
        for position in kept:
            if goes_on(position, opened.head, None if opened.compressed else found.size):
                return position
        mark = mark_of(opened.head)
        generation = sum(position.mark.partition("+")[0] == mark for position in kept)
        return Position(self._ask.source, origin, f"{mark}+{generation}" if generation else mark, 0)

    def _kept(self) -> dict[str, list[Position]]:
        """How far each file of the source has been read, by origin."""
        if self._positions is None:
            self._positions = {}
            self._home.intake.settle()
            for position in self._home.ledger.positions(Scope(MAIN_TENANT), self._ask.source, "/"):
                self._positions.setdefault(position.origin, []).append(position)
        return self._positions

    def _read(self, opened: Opened, slug: str, position: Position, *, final: bool) -> Iterator[int | Notice]:
        reader = self._home.readers.reader(self._ask.source, slug)
        framer = reader.form.framer(position.context)
        start = offset = position.offset
        pieces: list[Piece] = []
        for piece in self._pieces(opened, framer, offset, final=final):
            pieces.append(piece)
            offset += len(piece.data)
            if len(pieces) >= PORTION or offset - start >= PORTION_BYTES:
                block = _block(reader, slug, position.origin, start, pieces)
                self._take(reader, block, _moved(position, offset, framer.context, slug))
                yield opened.disk_position()
                start, pieces = offset, []
        if pieces:
            block = _block(reader, slug, position.origin, start, pieces)
            self._take(reader, block, _moved(position, offset, framer.context, slug))
        elif offset == position.offset:
            self._unchanged += 1
        yield opened.disk_position()
        if self._broken:
            yield Notice(
                f"{position.origin}: the compressed file is damaged, read up to there ({self._broken})"
            )
            self._broken = ""

    def _pieces(self, opened: Opened, framer: Framer, start: int, *, final: bool) -> Iterator[Piece]:
        try:
            for chunk in opened.chunks(start, CHUNK):
                yield from framer.feed(chunk)
        except (OSError, *DAMAGE) as broken:
            if not opened.compressed:
                raise
            self._broken = str(broken)
        if final:
            yield from framer.finish()

    def _take(self, reader: Reader, block: Block, position: Position) -> None:
        """Take a block in: full ones through workers, the rest gathered from file to file and committed after them."""
        size = position.offset - block.start
        if len(block.pieces) >= PORTION or size >= PORTION_BYTES:
            if self._workers is None:
                self._workers = self._stack.enter_context(Workers())
            for done in self._workers.hand_in(block, position):
                self._commit_ready(*done)
            return
        if not self._waiting:
            self._since = time.monotonic()
        self._waiting.append(Portion(reader.block(block), block.start, position))
        self._waiting_pieces += len(block.pieces)
        self._waiting_bytes += size
        full = self._waiting_pieces >= PORTION or self._waiting_bytes >= PORTION_BYTES
        if full or time.monotonic() - self._since > FLUSH_S:
            self._flush()

    def _commit_ready(self, block: Block, position: Position, ready: Ready) -> None:
        self._result.add(self._home.intake.commit_ready(MAIN_TENANT, block, ready, position, now()))

    def _flush(self) -> None:
        """Commit all that was taken in."""
        if self._workers is not None:
            for done in self._workers.rest():
                self._commit_ready(*done)
        if self._waiting:
            waiting, self._waiting, self._waiting_pieces, self._waiting_bytes = self._waiting, [], 0, 0
            self._result.add(self._home.intake.commit(MAIN_TENANT, self._ask.source, waiting, now()))

    def _describe(self, slug: str, head: bytes) -> Iterator[Notice]:
        """Remember what the import says of the source; settle the time zone when a format first needs one."""
        ask, sources = self._ask, self._home.sources
        known = sources.get(ask.source)
        if not self._described:
            self._agree(known)
            known = msgspec.structs.replace(
                known,
                timezone=ask.timezone if ask.timezone is not None else known.timezone,
                region=region_of(ask.region) if ask.region is not None else known.region,
            )
            self._described = True
        if ask.settings:
            known = msgspec.structs.replace(known, formats={**known.formats, slug: ask.settings})
        known, notice = zoned(known, slug, head)
        if notice:
            yield Notice(notice)
        if known != sources.get(ask.source):
            sources.tell(known)
            self._home.readers.forget(ask.source)

    def _agree(self, known: Described) -> None:
        ask = self._ask
        if ask.timezone is not None:
            zone(ask.timezone)
            if known.timezone is not None and known.timezone != ask.timezone and not self._is_new():
                raise SourceConflictError(
                    f"the records of source {ask.source!r} were read in time zone {known.timezone}, not {ask.timezone}; "
                    f"to change it for all of them: ringbook rederive --source {ask.source} --timezone {ask.timezone}"
                )

    def _is_new(self) -> bool:
        return not self._kept()


def _block(reader: Reader, slug: str, origin: str, start: int, pieces: list[Piece]) -> Block:
    return Block(
        source=reader.source, format=slug, origin=origin, start=start, pieces=pieces, received_at=now()
    )


def _moved(position: Position, offset: int, context: bytes, slug: str) -> Position:
    return msgspec.structs.replace(position, offset=offset, context=context, format=slug)
