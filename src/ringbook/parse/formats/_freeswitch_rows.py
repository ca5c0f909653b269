"""Rows of mod_cdr_csv that name no other channel, joined with the call beside them in the file.

With ``legs=ab`` a phone that rang in vain, and one that was answered and then transferred away from, get rows of their own
whose ``bleg_uuid`` is empty and which no other row names: taken alone, each would be a call that never was. FreeSWITCH writes
the rows of a call within moments of one another, so the framer remembers the last rows and hands a row the ids of those that it
belongs with, in the piece's context. A row belongs with another when *all* of this holds:

* it has the same caller, number and name, and is for a phone of ours (a short number) while the other is for another number; or
  the other is from a phone of ours and both end in the same outside number; or it was picked off (``PICKED_OFF``) at the
  instant at which the other was answered;
* its time lies within the other's;
* it began when the other began or was answered, or when an earlier such row of the other ended; or the switch answered the
  other at once in the context of outside callers, and placed this one in another (a queue calls its agents so, when it likes).

Whatever stays ambiguous stays apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from ringbook.model.instant import SECOND, Instant
from ringbook.parse.format import Piece
from ringbook.parse.framing import CsvFramer

WINDOW = 64
"""Rows that are remembered."""

_SLACK = SECOND
_AFTER = 2 * SECOND
_SHORT = 6
_NATIONAL = 7
_PICKED_OFF = "PICKED_OFF"
_PUBLIC = "public"


class Row(msgspec.Struct, array_like=True):
    """What is remembered of a row. ``moments`` are the instants at which a row that belongs to it may begin."""

    uuid: str
    named: list[str]
    caller: str
    name: str
    called: str
    context: str
    cause: str
    start: Instant
    answer: Instant | None
    end: Instant
    moments: list[Instant] = []
    taken: bool = False  # belongs with another already


class _State(msgspec.Struct, array_like=True):
    inner: bytes
    rows: list[Row]


class RowFramer:
    """A CSV framer whose pieces carry the ids of the rows that they belong with."""

    def __init__(
        self, context: bytes, inner: Callable[[bytes], CsvFramer], read: Callable[[Piece], Row | None]
    ) -> None:
        state = _state(context)
        self._rows = state.rows
        self._inner = inner(state.inner)
        self._read = read

    @property
    def context(self) -> bytes:
        """The rows that are remembered, and the state of the framer within."""
        if not self._rows:
            return self._inner.context
        return _MARK + _ENCODER.encode(_State(self._inner.context, self._rows))

    def feed(self, data: bytes) -> Iterator[Piece]:
        """The rows that are complete."""
        for piece in self._inner.feed(data):
            yield self._joined(piece)

    def finish(self) -> Iterator[Piece]:
        """What is left."""
        for piece in self._inner.finish():
            yield self._joined(piece)

    def _joined(self, piece: Piece) -> Piece:
        row = None if piece.flaw else self._read(piece)
        if row is None:
            return Piece(piece.data, b"", piece.flaw)
        links = _links(row, self._rows)
        self._rows = [*self._rows[-WINDOW + 1 :], row]
        return Piece(piece.data, ",".join(links).encode())


def _links(row: Row, earlier: list[Row]) -> list[str]:
    """The ids of earlier rows that a new row belongs with, by no name that either of them gives."""
    row.moments = [row.start] if row.answer is None else [row.start, row.answer]
    caller, tail, named, picked = row.caller, row.called[-_NATIONAL:], row.named, row.cause == _PICKED_OFF
    near = [  # those that have anything in common: the quick question before the slow one
        other
        for other in earlier
        if other.caller == caller
        or other.called[-_NATIONAL:] == tail
        or picked
        or other.cause == _PICKED_OFF
        or other.uuid in named
        or row.uuid in other.named
    ]
    for other in near:
        if other.uuid in row.named or row.uuid in other.named:
            other.taken = other.taken or other.uuid in row.named
            row.taken = row.taken or row.uuid in other.named
    links = []
    for other in sorted(near, key=lambda one: one.start):
        if not other.taken and other.uuid not in row.named and _belongs(other, row):
            other.taken = True
            row.moments.append(other.end)
            links.append(other.uuid)
    if not links and not row.taken:
        whole = [other for other in near if _belongs(row, other)]
        if len(whole) == 1:
            row.taken = True
            whole[0].moments.append(row.end)
            links.append(whole[0].uuid)
    return links


def _belongs(part: Row, whole: Row) -> bool:
    """Whether a row is of the call that another row tells as a whole."""
    if part.named or part.start < whole.start - _SLACK or part.end > whole.end + _SLACK:
        return False
    if part.cause == _PICKED_OFF:
        began = abs(part.start - whole.start) <= _SLACK
        return began and whole.answer is not None and abs(part.end - whole.answer) <= _SLACK
    if not any(-_SLACK <= part.start - moment <= _AFTER for moment in whole.moments) and not _queued(
        part, whole
    ):
        return False
    if part.answer is not None and (whole.answer is None or part.answer < whole.answer - _SLACK):
        return False
    if _number(part.caller) and (part.caller, part.name) == (whole.caller, whole.name):
        return part.called != whole.called and len(part.called) <= _SHORT
    if len(whole.caller) <= _SHORT:
        if part.caller == whole.caller:
            return part.called == whole.called
        return len(part.called) >= _NATIONAL and whole.called.endswith(part.called)
    return False


def _queued(part: Row, whole: Row) -> bool:
    """Whether the switch may have placed a row's channel for a caller whom it had answered itself."""
    at_once = whole.answer is not None and whole.answer - whole.start <= _SLACK
    return at_once and whole.context == _PUBLIC != part.context


def _number(caller: str) -> bool:
    """Whether a caller is known by it: withheld numbers are everybody's."""
    return caller.lstrip("+").isdigit() and caller.strip("0") != "" and len(caller) > _SHORT


def _state(context: bytes) -> _State:
    if context.startswith(_MARK):
        try:
            return _DECODER.decode(context.removeprefix(_MARK))
        except msgspec.DecodeError:
            return _State(b"", [])
    return _State(context, [])


_MARK = b"\0rows\0"
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(_State)
