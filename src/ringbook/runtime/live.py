"""Live intake: chunks of streams, as capture hands them over, become committed calls.

A stream is a file that grows, a TCP connection or an HTTP body. Its chunks go in order through one framer; what the framer
completes is committed with the position behind it, and only then is the spool or the tail told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import msgspec
import structlog

from ringbook.capture.chunk import Chunk, Signal
from ringbook.ledger.batch import Position
from ringbook.model.instant import Instant
from ringbook.model.scope import MAIN_TENANT, Scope
from ringbook.parse.format import Framer, Piece
from ringbook.parse.framing import WholeFramer
from ringbook.runtime.home import Home
from ringbook.runtime.importing import now
from ringbook.runtime.intake import Portion
from ringbook.runtime.result import Result
from ringbook.runtime.understand import Block
from ringbook.runtime.zoning import zoned

log = structlog.get_logger()


class Committed(msgspec.Struct, frozen=True):
    """That the ledger has a stream up to ``offset``, having looked at all rows of the spool up to ``seq``."""

    source: str
    origin: str
    mark: str
    seq: int
    offset: int
    context: bytes
    format: str


class Stream(msgspec.Struct):
    """A stream on its way: how far it has been fed to its framer and how far the framer has completed it."""

    source: str
    origin: str
    mark: str
    format: str
    framer: Framer
    fed: int
    done: int
    seq: int = 0
    ended: bool = False
    received_at: Instant = 0  # of the chunk fed last


Name: TypeAlias = tuple[str, str, str]
"""What tells streams apart: source, origin and mark."""


class Live:
    """Takes chunks of any streams and commits what they complete. Used by one thread."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._streams: dict[Name, Stream] = {}

    def take(self, chunks: Iterable[Chunk]) -> tuple[list[Committed], Result]:
        """Commit what these chunks complete; gives back how far each of their streams now stands in the ledger."""
        total = Result()
        touched: dict[Name, tuple[Stream, list[Piece], int]] = {}
        given = list(chunks)
        kept = self._kept(given)
        for chunk in given:
            stream = self._stream(chunk, kept)
            if stream is None:
                continue
            name = (stream.source, stream.origin, stream.mark)
            _, pieces, _ = touched.setdefault(name, (stream, [], stream.done))
            pieces += _feed(stream, chunk)
        by_source: dict[str, list[tuple[Stream, list[Piece], int]]] = {}
        for entry in touched.values():
            by_source.setdefault(entry[0].source, []).append(entry)
        for source, entries in by_source.items():
            total.add(self._commit(source, entries))
        committed = [_committed(stream) for stream, _, _ in touched.values()]
        for name, (stream, _, _) in touched.items():
            if stream.ended:
                del self._streams[name]
        return committed, total

    def _commit(self, source: str, entries: Sequence[tuple[Stream, list[Piece], int]]) -> Result:
        portions = []
        at = now()
        for stream, pieces, start in entries:
            if not pieces:
                continue
            reader = self._home.readers.reader(source, stream.format)
            block = Block(
                source=reader.source,
                format=stream.format,
                origin=stream.origin,
                start=start,
                pieces=pieces,
                received_at=stream.received_at or at,
            )
            position = Position(
                source, stream.origin, stream.mark, stream.done, stream.framer.context, stream.format
            )
            portions.append(Portion(reader.block(block), start, position))
        if not portions:
            return Result()
        return self._home.intake.commit(MAIN_TENANT, source, portions, at)

    def _kept(self, chunks: Sequence[Chunk]) -> dict[Name, Position]:
        """Where the ledger has the streams that begin with these chunks: a crash may have come before their release."""
        unknown: dict[str, set[str]] = {}
        for chunk in chunks:
            if chunk.first and (chunk.source, chunk.origin, chunk.mark) not in self._streams:
                unknown.setdefault(chunk.source, set()).add(chunk.origin)
        if unknown:
            self._home.intake.settle()
        return {
            (position.source, position.origin, position.mark): position
            for source, origins in unknown.items()
            for position in self._home.ledger.positions_of(Scope(MAIN_TENANT), source, sorted(origins))
        }

    def _stream(self, chunk: Chunk, known: dict[Name, Position]) -> Stream | None:
        name = (chunk.source, chunk.origin, chunk.mark)
        stream = self._streams.get(name)
        if stream is not None and chunk.offset <= stream.fed:
            return stream
        if not chunk.first:
            return None  # of a run that was given up: it comes again from where the ledger stands
        self._settle(chunk.source, chunk.format, chunk.data)
        form = self._home.readers.reader(chunk.source, chunk.format).form
        kept = known.get(name)
        ahead = kept is not None and kept.offset >= chunk.offset
        offset, context = (kept.offset, kept.context) if kept and ahead else (chunk.offset, chunk.context)
        stream = Stream(
            chunk.source, chunk.origin, chunk.mark, chunk.format, form.framer(context), offset, offset
        )
        self._streams[name] = stream
        return stream

    def _settle(self, source: str, slug: str, head: bytes) -> None:
        known, notice = zoned(self._home.sources.get(source), slug, head)
        if notice:
            log.warning("source.timezone_inferred", source=source, timezone=known.timezone)
            self._home.sources.tell(known)
            self._home.readers.forget(source)


def _feed(stream: Stream, chunk: Chunk) -> list[Piece]:
    """The pieces that a chunk completes; bytes that were fed before are left out."""
    data = chunk.data[max(0, stream.fed - chunk.offset) :]
    pieces = list(stream.framer.feed(data)) if data else []
    stream.fed = max(stream.fed, chunk.end)
    stream.seq = max(stream.seq, chunk.seq)
    stream.received_at = chunk.received_at
    whole = chunk.signal is Signal.SETTLED and isinstance(stream.framer, WholeFramer)
    if chunk.signal is Signal.END or whole:
        pieces += stream.framer.finish()
        stream.ended = chunk.signal is Signal.END
    stream.done += sum(len(piece.data) for piece in pieces)
    return pieces


def _committed(stream: Stream) -> Committed:
    return Committed(
        stream.source,
        stream.origin,
        stream.mark,
        stream.seq,
        stream.done,
        stream.framer.context,
        stream.format,
    )
