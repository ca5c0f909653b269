"""Framers that formats share: lines, quoted CSV records, whole documents.

All of them keep the law of ``parse.format``: the pieces handed out are the bytes fed in, in order and complete, wherever the
input was cut; memory stays below twice ``MAX_RECORD``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ringbook.parse.format import Piece, Reasons

MAX_RECORD = 1_048_576
"""Bytes of the longest record that is looked at; more is a reject in pieces of this size."""

MAX_QUOTED_LINES = 40
"""Lines a quoted field may run over before the opening quote is taken for damage."""


class LineFramer:
    """Pieces that end at LF, CR LF or a lone CR, the ending included.

    ``header(line)`` says whether a line is a header; it then becomes the context of the lines after it. A lone CR ends a line
    too (a file with old Mac line ends), so a CR LF that is cut between its bytes waits for the next byte.
    """

    def __init__(self, context: bytes = b"", header: Callable[[bytes], bool] | None = None) -> None:
        self.context = context
        self._header = header
        self._rest = b""
        self._skipping = False

    def feed(self, data: bytes) -> Iterator[Piece]:
        """The lines that are complete."""
        buffer = self._rest + data
        start = 0
        for end in _line_ends(buffer):
            yield self._piece(buffer[start:end])
            start = end
        while len(buffer) - start > MAX_RECORD:
            yield Piece(buffer[start : start + MAX_RECORD], self.context, Reasons.OVERSIZE)
            start += MAX_RECORD
            self._skipping = True
        self._rest = buffer[start:]

    def finish(self) -> Iterator[Piece]:
        """The unfinished last line, if there is one."""
        if self._rest:
            rest, self._rest = self._rest, b""
            yield self._piece(rest)

    def _piece(self, line: bytes) -> Piece:
        if self._skipping or len(line) > MAX_RECORD:
            self._skipping = False
            return Piece(line, self.context, Reasons.OVERSIZE)
        if self._header is not None and self._header(line):
            self.context = line
        return Piece(line, self.context)


class CsvFramer:
    """Pieces that are one CSV record each; a quoted field may hold line ends.

    ``starts(line)`` says whether a line looks like the beginning of a record: a quote left open is then known to be damage as
    soon as the next record begins, and costs only the record it stands in. ``header`` is as for :class:`LineFramer`.
    """

    def __init__(
        self,
        context: bytes = b"",
        *,
        starts: Callable[[bytes], bool],
        header: Callable[[bytes], bool] | None = None,
        quote: bytes = b'"',
        escape: bytes = b"",
    ) -> None:
        self._lines = LineFramer(context, header)
        self._starts = starts
        self._quote = quote
        self._escape = escape
        self._open: list[Piece] = []
        self._open_bytes = 0
        self._contexts = context

    @property
    def context(self) -> bytes:
        """The header in force after the last piece handed out."""
        return self._open[0].context if self._open else self._lines.context

    def feed(self, data: bytes) -> Iterator[Piece]:
        """The records that are complete."""
        for line in self._lines.feed(data):
            yield from self._line(line)

    def finish(self) -> Iterator[Piece]:
        """What is left: an unfinished record, as it stands."""
        for line in self._lines.finish():
            yield from self._line(line)
        yield from self._damaged()

    def _line(self, line: Piece) -> Iterator[Piece]:
        if line.flaw:
            yield from self._damaged()
            yield line
            return
        if self._open and (self._starts(line.data) or self._too_long(line)):
            yield from self._damaged()
        if not self._open and self._balanced(line.data):
            yield line
            return
        self._open.append(line)
        self._open_bytes += len(line.data)
        if len(self._open) > 1 and not self._balanced(line.data):
            record = b"".join(piece.data for piece in self._open)
            first = self._open[0]
            self._open, self._open_bytes = [], 0
            yield Piece(record, first.context)

    def _too_long(self, line: Piece) -> bool:
        return len(self._open) >= MAX_QUOTED_LINES or self._open_bytes + len(line.data) > MAX_RECORD

    def _balanced(self, line: bytes) -> bool:
        count = line.count(self._quote)
        if self._escape:
            count -= line.count(self._escape + self._quote)
        return count % 2 == 0

    def _damaged(self) -> Iterator[Piece]:
        """The lines of a record whose quote was never closed: each on its own, to be judged by the parser."""
        lines, self._open, self._open_bytes = self._open, [], 0
        yield from lines


class WholeFramer:
    """One document per stream (a JSON or XML body in a file or a POST): one piece at the end."""

    def __init__(self, context: bytes = b"") -> None:
        self.context = context
        self._held = bytearray()
        self._over = False

    def feed(self, data: bytes) -> Iterator[Piece]:
        """Nothing, until the document is longer than any real one."""
        self._held += data
        while len(self._held) > MAX_DOCUMENT:
            self._over = True
            piece, self._held = bytes(self._held[:MAX_RECORD]), self._held[MAX_RECORD:]
            yield Piece(piece, self.context, Reasons.OVERSIZE)

    def finish(self) -> Iterator[Piece]:
        """The document."""
        if self._held:
            held, self._held = bytes(self._held), bytearray()
            yield Piece(held, self.context, Reasons.OVERSIZE if self._over else "")


MAX_DOCUMENT = 64 * MAX_RECORD
"""Bytes of the longest single document (a vCon may carry its audio inside)."""


def _line_ends(buffer: bytes) -> Iterator[int]:
    """Positions just after each complete line end in the buffer."""
    position = 0
    has_cr = b"\r" in buffer
    while True:
        line_feed = buffer.find(b"\n", position)
        if has_cr:
            stop = line_feed if line_feed >= 0 else len(buffer)
            carriage = buffer.find(b"\r", position, stop)
            while 0 <= carriage < len(buffer) - 1 and carriage + 1 != line_feed:
                yield carriage + 1
                position = carriage + 1
                carriage = buffer.find(b"\r", position, stop)
        if line_feed < 0:
            return
        yield line_feed + 1
        position = line_feed + 1
