"""From pieces of one origin to frames and statements: parse and normalise, without I/O, so that it can run in any process."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Protocol

import msgspec

from ringbook.model.frame import FrameKind, FrameRow, frame_id
from ringbook.model.instant import Instant, plausible
from ringbook.model.source import Source
from ringbook.model.statement import AnyStatement
from ringbook.normalise import Normaliser
from ringbook.parse.format import Clock, Noise, Parsed, Piece, Reasons, Rejected, Stated, Stream
from ringbook.parse.registry import named


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """A run of pieces of one origin, as they stood there: ``start`` is the first one's position."""

    source: Source
    format: str
    origin: str
    start: int
    pieces: Sequence[Piece]
    received_at: Instant


class Understood(msgspec.Struct, frozen=True, kw_only=True):
    """What a block says: a row for each piece, in order, and the statements of those that were understood.

    ``statements`` are pairs of the piece's index and one statement of it.
    """

    rows: list[FrameRow]
    statements: list[tuple[int, AnyStatement]]


class Reader:
    """Understands the pieces of one source in one format."""

    def __init__(self, source: Source, format_slug: str) -> None:
        self.source = source
        self.form: Stream = named(format_slug).configure(source.settings)
        self._slug = format_slug
        self._normaliser = Normaliser(source, local=self.form.about.clock is Clock.LOCAL)

    def block(self, block: Block) -> Understood:
        """What a run of pieces says."""
        rows: list[FrameRow] = []
        said: list[tuple[int, AnyStatement]] = []
        offset = block.start
        placed = self._normaliser.statement
        for index, piece in enumerate(block.pieces):
            parsed = self.parse(piece)
            row = self._row(block, piece, parsed, offset)
            rows.append(row)
            if isinstance(parsed, Stated):
                for statement in parsed.statements:
                    said.append((index, placed(statement, row.id)))
            offset += len(piece.data)
        return Understood(rows=rows, statements=said)

    def again(self, row: FrameRow) -> list[AnyStatement]:
        """The statements of a frame that the ledger kept; none if today's parser no longer understands it."""
        parsed = self.parse(Piece(row.data, row.context))
        if not isinstance(parsed, Stated):
            return []
        return [self._normaliser.statement(s, row.id) for s in parsed.statements]

    def parse(self, piece: Piece) -> Parsed:
        """What the piece says; a parser's own failure is a reject like any other."""
        if piece.flaw:
            return Rejected(piece.flaw, f"{len(piece.data)} bytes")
        try:
            parsed = self.form.parse(piece)
        except Exception as failure:  # noqa: BLE001  # a format is third-party code: its bug must cost one record only
            return Rejected(Reasons.ERROR, f"{type(failure).__name__}: {failure}")
        if isinstance(parsed, Stated):
            for statement in parsed.statements:
                at = statement.at
                if at is not None and not plausible(at):
                    return Rejected(Reasons.IMPLAUSIBLE, "the record says a time before 1985 or after 2089")
        return parsed

    def _row(self, block: Block, piece: Piece, parsed: Parsed, offset: int) -> FrameRow:
        reason, detail, stated_at, about = "", "", 0, False
        if isinstance(parsed, Stated):  # by far the commonest: matching by pattern asks three times
            kind = _STATED
            statements = parsed.statements
            stated_at = statements[0].at or 0
            about = bool(statements[0].keys) or any(s.keys for s in statements)
        elif isinstance(parsed, Noise):
            kind, reason = _NOISE, parsed.what
        else:
            kind, reason, detail = _REJECTED, parsed.reason, parsed.detail
        source = block.source
        return FrameRow(
            id=frame_id(source.name, piece.data, stated_at),
            tenant=source.tenant,
            source=source.name,
            format=self._slug,
            kind=kind,
            stated_at=stated_at,
            about_call=about,
            reason=reason,
            detail=detail,
            data=piece.data,
            context=piece.context,
            origin=block.origin,
            offset=offset,
            received_at=block.received_at,
        )


_STATED, _NOISE, _REJECTED = FrameKind.STATED, FrameKind.NOISE, FrameKind.REJECTED


class Describes(Protocol):
    """Knows the sources of this home."""

    def source(self, name: str, format_slug: str) -> Source:
        """The source's description, with its settings for that format."""
        ...


class Readers:
    """The readers of all sources, made when first needed."""

    def __init__(self, describe: Describes) -> None:
        self._describe = describe
        self._readers: dict[tuple[str, str], Reader] = {}

    def reader(self, source: str, format_slug: str) -> Reader:
        """The reader of a source's records in a format."""
        found = self._readers.get((source, format_slug))
        if found is None:
            found = Reader(self._describe.source(source, format_slug), format_slug)
            self._readers[source, format_slug] = found
        return found

    def again(self, rows: Iterable[FrameRow]) -> list[AnyStatement]:
        """The statements of frames that the ledger kept."""
        return [s for row in rows for s in self.reader(row.source, row.format).again(row)]

    def forget(self, source: str) -> None:
        """Make the source's readers anew: its description has changed."""
        self._readers = {key: reader for key, reader in self._readers.items() if key[0] != source}


@lru_cache(maxsize=8)
def cached_reader(source_json: bytes, format_slug: str) -> Reader:
    """The reader for a source given as JSON, for worker processes."""
    return Reader(msgspec.json.decode(source_json, type=Source), format_slug)
