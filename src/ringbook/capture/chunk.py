"""What capture hands to the pipeline: runs of bytes of a stream, in order, each knowing where it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Protocol, TypeAlias

import msgspec

from ringbook.model.instant import Instant

CHUNK_BYTES = 262_144
"""Most bytes that one chunk of a file or a connection holds; an HTTP body is one chunk, whatever its length."""


class Signal(StrEnum):
    """What follows the bytes of a chunk."""

    MORE = "more"  # nothing special: the stream may go on
    SETTLED = (
        "settled"  # a file has not grown for a while: a whole document in it is complete, an open line is not
    )
    END = "end"  # the stream is over: what the framer still holds is a piece


class Chunk(msgspec.Struct, frozen=True, kw_only=True):
    """A run of bytes of the stream ``origin``, the first of them at ``offset``.

    ``mark`` tells streams of one origin apart (a file and the one that replaced it). ``format`` is the slug, or empty when it
    has to be sniffed; ``context`` what a new framer must be given to begin at this offset, for whoever has none for this
    stream yet. ``seq`` is the row on the spool, 0 for a file.

    ``first`` says that all before this chunk is in the ledger. A reader that does not know the stream begins with such a chunk
    only; any other belongs to a run that was given up, and comes again.
    """

    source: str
    input: str
    origin: str
    offset: int
    data: bytes
    mark: str = ""
    format: str = ""
    context: bytes = b""
    received_at: Instant = 0
    signal: Signal = Signal.MORE
    seq: int = 0
    first: bool = False

    @property
    def end(self) -> int:
        """The offset just behind the last byte."""
        return self.offset + len(self.data)


class Known(Protocol):
    """How far a file was read when Ringbook last ran, as the ledger keeps it (``ledger.batch.Position`` is one)."""

    @property
    def origin(self) -> str: ...
    @property
    def mark(self) -> str: ...
    @property
    def offset(self) -> int: ...
    @property
    def context(self) -> bytes: ...
    @property
    def format(self) -> str: ...


Positions: TypeAlias = Callable[[str], Iterable[Known]]
"""Given a source's name, how far each of its files was read."""
