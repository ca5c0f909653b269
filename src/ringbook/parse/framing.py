"""Framers that formats share: lines, quoted CSV records, marked elements, whole documents.

All of them keep the laws of ``parse.format``: the pieces handed out are the bytes fed in, in order and complete; they are the
same wherever the input was cut; a new framer given ``context`` goes on after any piece as the old one would have; memory stays
below twice ``MAX_RECORD`` (``MAX_DOCUMENT`` for whole documents); the work is linear in the bytes, also when they come one by
one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ringbook.parse.format import Piece, Reasons

MAX_RECORD = 1_048_576
"""Bytes of the longest record that is looked at; more is a reject in pieces of this size."""

MAX_DOCUMENT = 64 * MAX_RECORD
"""Bytes of the longest single document (a vCon may carry its audio inside)."""

MAX_QUOTED_LINES = 40
"""Lines a quoted field may run over before the opening quote is taken for damage."""

_SKIPPING = b"\0oversize\0"
"""Before a framer's context: the last piece was the beginning of an oversize record, whose rest is still to come."""

_IN_LINE = b"line"
"""Behind it: and of an oversize line."""


class LineFramer:
    """Pieces that end at LF, CR LF or a lone CR, the ending included.

    ``header(line)`` says whether a line is a header; it then becomes the context of the lines after it. A lone CR ends a line
    too (a file with old Mac line ends), so a CR LF that is cut between its bytes waits for the next byte.
    """

    def __init__(self, context: bytes = b"", header: Callable[[bytes], bool] | None = None) -> None:
        self._skipping = context.startswith(_SKIPPING)
        self._context = context.removeprefix(_SKIPPING)
        self._header = header
        self._held: list[bytes] = []
        self._held_bytes = 0

    @property
    def context(self) -> bytes:
        """What a later framer must be given to go on after the last piece handed out."""
        return _SKIPPING + self._context if self._skipping else self._context

    def feed(self, data: bytes) -> Iterator[Piece]:
        """The lines that are complete."""
        buffer = self._joined(data)
        start = 0
        for end in _line_ends(buffer):
            yield from self._line(buffer[start:end])
            start = end
        while len(buffer) - start > MAX_RECORD:
            start += MAX_RECORD
            self._skipping = True
            yield Piece(buffer[start - MAX_RECORD : start], self._context, Reasons.OVERSIZE)
        if start < len(buffer):
            self._held.append(buffer[start:])
            self._held_bytes += len(buffer) - start

    def finish(self) -> Iterator[Piece]:
        """The unfinished last line, if there is one."""
        rest, self._held, self._held_bytes = b"".join(self._held), [], 0
        if rest:
            yield from self._line(rest)

    def _joined(self, data: bytes) -> bytes:
        """The held beginning of a line with the data after it; no bytes while the line is not yet complete.

        Pieces of an unfinished line are only joined once its end is here, so that a line that comes byte by byte is not copied
        for each of them.
        """
        if not self._held or not data:
            return data
        self._held.append(data)
        self._held_bytes += len(data)
        ended = b"\n" in data or b"\r" in data or self._held[-2].endswith(b"\r")
        if not ended and self._held_bytes <= MAX_RECORD:
            return b""
        buffer, self._held, self._held_bytes = b"".join(self._held), [], 0
        return buffer

    def _line(self, line: bytes) -> Iterator[Piece]:
        if self._skipping or len(line) > MAX_RECORD:
            for start in range(0, len(line), MAX_RECORD):
                self._skipping = start + MAX_RECORD < len(line)
                yield Piece(line[start : start + MAX_RECORD], self._context, Reasons.OVERSIZE)
            return
        if self._header is not None and self._header(line):
            self._context = line
        yield Piece(line, self._context)


class CsvFramer:
    """Pieces that are one CSV record each; a quoted field may hold line ends.

    ``starts(line)`` says whether a line looks like the beginning of a record: a quote left open is then known to be damage as
    soon as the next record begins, and costs only the record it stands in. ``closes(record)`` says whether several lines make
    a record; without it, any do whose quotes match. ``header`` is as for :class:`LineFramer`, and asked
    of lines that are a record by themselves.
    """

    def __init__(
        self,
        context: bytes = b"",
        *,
        starts: Callable[[bytes], bool],
        closes: Callable[[bytes], bool] | None = None,
        header: Callable[[bytes], bool] | None = None,
        quote: bytes = b'"',
        escape: bytes = b"",
    ) -> None:
        self._lines = LineFramer(_SKIPPING if context.startswith(_SKIPPING) else b"")
        self._context = context.removeprefix(_SKIPPING)
        self._starts = starts
        self._closes = closes
        self._header = header
        self._quote = quote
        self._escape = escape
        self._open: list[bytes] = []
        self._open_bytes = 0
        self._skipping = context.startswith(_SKIPPING)

    @property
    def context(self) -> bytes:
        """What a later framer must be given to go on after the last piece handed out."""
        return _SKIPPING + self._context if self._skipping else self._context

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
        self._skipping = False
        if line.flaw:
            yield from self._damaged()
            self._skipping = self._lines.context == _SKIPPING
            yield Piece(line.data, self._context, line.flaw)
            return
        if self._open and (self._too_long(line.data) or self._starts(line.data)):
            yield from self._damaged()
        balanced = self._balanced(line.data)
        if not self._open and balanced:
            yield self._single(line.data)
            return
        record = b"".join((*self._open, line.data)) if self._open and not balanced else b""
        if record and (self._closes is None or self._closes(record)):
            self._open, self._open_bytes = [], 0
            yield Piece(record, self._context)
            return
        if record:
            yield from self._damaged()
        self._open.append(line.data)
        self._open_bytes += len(line.data)

    def _single(self, line: bytes) -> Piece:
        if self._header is not None and self._header(line):
            self._context = line
        return Piece(line, self._context)

    def _too_long(self, line: bytes) -> bool:
        return len(self._open) >= MAX_QUOTED_LINES or self._open_bytes + len(line) > MAX_RECORD

    def _balanced(self, line: bytes) -> bool:
        count = line.count(self._quote)
        if self._escape:
            count -= line.count(self._escape + self._quote)
        return count % 2 == 0

    def _damaged(self) -> Iterator[Piece]:
        """The lines of a record whose quote was never closed: each on its own, to be judged by the parser."""
        lines, self._open, self._open_bytes = self._open, [], 0
        for line in lines:
            yield self._single(line) if self._balanced(line) else Piece(line, self._context)


class MarkFramer:
    """Pieces that begin at a mark (``<`` of an XML element) and reach to the next.

    ``splits(piece)`` says how long the record at the beginning of such a piece is; what stands after it is a piece of its own,
    so that junk between two records is seen. It must give the whole length for what does not begin with the mark.
    """

    def __init__(self, context: bytes = b"", *, mark: bytes, splits: Callable[[bytes], int]) -> None:
        if len(mark) != 1:
            raise ValueError(f"a mark is one byte, not {mark!r}")
        self._skipping = context.startswith(_SKIPPING)
        self._context = context.removeprefix(_SKIPPING)
        self._mark = mark
        self._splits = splits
        self._held: list[bytes] = []
        self._held_bytes = 0

    @property
    def context(self) -> bytes:
        """What a later framer must be given to go on after the last piece handed out."""
        return _SKIPPING + self._context if self._skipping else self._context

    def feed(self, data: bytes) -> Iterator[Piece]:
        """The pieces whose successor has begun."""
        if self._mark not in data and self._held_bytes + len(data) <= MAX_RECORD:
            if data:
                self._held.append(data)
                self._held_bytes += len(data)
            return
        held, self._held, self._held_bytes = b"".join(self._held), [], 0
        buffer = held + data
        start = 0
        mark = buffer.find(self._mark, max(1, len(held)))
        while mark >= 0:
            yield from self._piece(buffer[start:mark])
            start = mark
            mark = buffer.find(self._mark, mark + 1)
        while len(buffer) - start > MAX_RECORD:
            start += MAX_RECORD
            self._skipping = True
            yield Piece(buffer[start - MAX_RECORD : start], self._context, Reasons.OVERSIZE)
        if start < len(buffer):
            self._held, self._held_bytes = [buffer[start:]], len(buffer) - start

    def finish(self) -> Iterator[Piece]:
        """The last piece."""
        rest, self._held, self._held_bytes = b"".join(self._held), [], 0
        if rest:
            yield from self._piece(rest)

    def _piece(self, piece: bytes) -> Iterator[Piece]:
        begins_anew = piece.startswith(self._mark)
        if (self._skipping and not begins_anew) or len(piece) > MAX_RECORD:
            for start in range(0, len(piece), MAX_RECORD):
                self._skipping = start + MAX_RECORD < len(piece)
                yield Piece(piece[start : start + MAX_RECORD], self._context, Reasons.OVERSIZE)
            return
        self._skipping = False
        end = self._splits(piece)
        yield Piece(piece[:end], self._context)
        if end < len(piece):
            yield Piece(piece[end:], self._context)


class BlockFramer:
    """Pieces that are blocks of lines, each up to and with the blank line that ends it."""

    def __init__(self, context: bytes = b"") -> None:
        self._skipping = context.startswith(_SKIPPING)
        self._lines = LineFramer(_SKIPPING if context.endswith(_IN_LINE) else b"")
        self._held: list[bytes] = []
        self._held_bytes = 0

    @property
    def context(self) -> bytes:
        """What a later framer must be given: empty but within an oversize block."""
        if self._lines.context:
            return _SKIPPING + _IN_LINE
        return _SKIPPING if self._skipping else b""

    def feed(self, data: bytes) -> Iterator[Piece]:
        """The blocks whose blank line is there."""
        for line in self._lines.feed(data):
            yield from self._line(line)

    def finish(self) -> Iterator[Piece]:
        """What is left: a block that was cut off."""
        for line in self._lines.finish():
            yield from self._line(line)
        yield from self._whole()

    def _line(self, line: Piece) -> Iterator[Piece]:
        if line.flaw or self._skipping or self._held_bytes + len(line.data) > MAX_RECORD:
            blank = not line.flaw and not line.data.strip(b"\r\n")
            self._skipping = True
            yield from self._whole(Reasons.OVERSIZE)
            self._skipping = not blank
            yield Piece(line.data, b"", Reasons.OVERSIZE)
            return
        self._held.append(line.data)
        self._held_bytes += len(line.data)
        if not line.data.strip(b"\r\n"):
            yield from self._whole()

    def _whole(self, flaw: str = "") -> Iterator[Piece]:
        data, self._held, self._held_bytes = b"".join(self._held), [], 0
        if data:
            yield Piece(data, b"", flaw)


class WholeFramer:
    """One document per stream (a JSON or XML body in a file or a POST): one piece at the end."""

    def __init__(self, context: bytes = b"") -> None:
        self._over = context.startswith(_SKIPPING)
        self._context = context.removeprefix(_SKIPPING)
        self._held = bytearray()

    @property
    def context(self) -> bytes:
        """What a later framer must be given to go on after the last piece handed out."""
        return _SKIPPING + self._context if self._over else self._context

    def feed(self, data: bytes) -> Iterator[Piece]:
        """Nothing, until the document is longer than any real one."""
        self._held += data
        self._over = self._over or len(self._held) > MAX_DOCUMENT
        while self._over and len(self._held) >= MAX_RECORD:
            yield self._first(MAX_RECORD)

    def finish(self) -> Iterator[Piece]:
        """The document."""
        if self._held:
            yield self._first(len(self._held))

    def _first(self, size: int) -> Piece:
        data = bytes(self._held[:size])
        del self._held[:size]
        return Piece(data, self._context, Reasons.OVERSIZE if self._over else "")


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
