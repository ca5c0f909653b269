"""Importing much: blocks of pieces are understood, folded and made ready as bytes by worker processes, committed here in order.

A worker cannot know what the ledger has. It folds a block as if nothing of it were known and tells which keys each call rests on;
whoever commits looks those up and folds again, the usual way, only the calls that turn out to go on from an earlier block or to
be known already.
"""

from __future__ import annotations

import gc
from array import array
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from types import TracebackType
from typing import Self

import msgspec

from ringbook.correlate.assemble import assemble
from ringbook.correlate.components import components
from ringbook.correlate.identity import call_id
from ringbook.ledger import rows
from ringbook.ledger.batch import KeyRow, Position
from ringbook.ledger.ledger import Encoded
from ringbook.model.frame import FrameKind
from ringbook.model.instant import Instant
from ringbook.model.source import Source
from ringbook.model.statement import AnyStatement
from ringbook.parse.format import Piece
from ringbook.runtime.result import Result, key_hash
from ringbook.runtime.understand import Block, Reader, cached_reader

WORKERS = 2
"""Processes that make blocks ready; the one that commits mostly waits for the engine."""

AHEAD = 4
"""Blocks that are on their way at the same time: bounds the memory of an import."""


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """A block on its way to a worker: the pieces' bytes in one run, with what is not plain beside it."""

    source: bytes  # JSON of the Source
    format: str
    origin: str
    start: int
    data: bytes
    lengths: bytes  # array("I")
    contexts: list[tuple[int, bytes]]  # from which piece on which context holds
    flaws: dict[int, str]
    received_at: Instant


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """A block that only waits for the look-up of its keys.

    ``keys`` are the hashes in one run, ``key_calls`` the index of the call that each belongs to; ``piece_calls`` the index of the
    call that each piece is about, -1 for none.
    """

    result: Result
    ids: list[bytes]
    encoded: Encoded
    calls: int
    keys: bytes  # array("Q")
    key_calls: bytes  # array("I")
    piece_calls: bytes  # array("i")
    earliest: Instant | None  # None: some statement has no time
    latest: Instant


def pack(block: Block) -> Work:
    """The block as a worker takes it."""
    contexts: list[tuple[int, bytes]] = []
    flaws: dict[int, str] = {}
    context = b""
    for index, piece in enumerate(block.pieces):
        if piece.context != context:
            context = piece.context
            contexts.append((index, context))
        if piece.flaw:
            flaws[index] = piece.flaw
    return Work(
        source=msgspec.json.encode(block.source),
        format=block.format,
        origin=block.origin,
        start=block.start,
        data=b"".join([piece.data for piece in block.pieces]),
        lengths=array("I", [len(piece.data) for piece in block.pieces]).tobytes(),
        contexts=contexts,
        flaws=flaws,
        received_at=block.received_at,
    )


def unpack(work: Work) -> Block:
    """The block that was packed."""
    contexts = dict(work.contexts)
    context = b""
    pieces: list[Piece] = []
    offset = 0
    for index, length in enumerate(array("I", work.lengths)):
        context = contexts.get(index, context)
        pieces.append(Piece(work.data[offset : offset + length], context, work.flaws.get(index, "")))
        offset += length
    source = msgspec.json.decode(work.source, type=Source)
    return Block(
        source=source,
        format=work.format,
        origin=work.origin,
        start=work.start,
        pieces=pieces,
        received_at=work.received_at,
    )


def prepare(work: Work) -> Ready:
    """The block made ready; runs in a worker process."""
    reader = cached_reader(work.source, work.format)
    return _folded(reader, unpack(work))


def _folded(reader: Reader, block: Block) -> Ready:
    understood = reader.block(block)
    first: dict[bytes, int] = {}
    for index, row in enumerate(understood.rows):
        first.setdefault(row.id, index)
    fresh = set(first.values())
    said = [(index, s) for index, s in understood.statements if index in fresh and s.keys]
    source, tenant = block.source.name, block.source.tenant
    piece_calls = array("i", [-1]) * len(understood.rows)
    keys, key_calls = array("Q"), array("I")
    key_rows: list[KeyRow] = []
    calls = []
    for number, group in enumerate(components([s.keys for _, s in said])):
        members: list[AnyStatement] = []
        for item in group:
            index, statement = said[item]
            piece_calls[index] = number
            members.append(statement)
        call = assemble(tenant, source, call_id(tenant, source, members), members)
        calls.append(call)
        for key in call.keys:
            hashed = key_hash(source, key)
            keys.append(hashed)
            key_calls.append(number)
            key_rows.append(KeyRow(hashed, call.started_at, call.id))
    kinds = Counter(row.kind for row in understood.rows)
    times = [s.at for _, s in said]
    known = [at for at in times if at is not None]
    return Ready(
        result=Result(
            frames=len(understood.rows),
            stated=kinds[FrameKind.STATED],
            noise=kinds[FrameKind.NOISE],
            repeated=len(understood.rows) - len(fresh),
            rejected=dict(Counter(row.reason for row in understood.rows if row.kind is FrameKind.REJECTED)),
            size=sum(len(row.data) for row in understood.rows),
        ),
        ids=list(first),
        encoded=Encoded(
            calls=rows.encode_calls(calls),
            frames=rows.encode_frames([understood.rows[i] for i in sorted(fresh)]),
            keys=rows.encode_keys(tenant, key_rows),
        ),
        calls=len(calls),
        keys=keys.tobytes(),
        key_calls=key_calls.tobytes(),
        piece_calls=piece_calls.tobytes(),
        earliest=min(known, default=0) if len(known) == len(times) else None,
        latest=max(known, default=0),
    )


def but_for(ready: Ready, calls: set[int]) -> Encoded:
    """The block's rows, but for those of these calls; all its frames."""
    if not calls:
        return ready.encoded
    keys = {index for index, call in enumerate(array("I", ready.key_calls)) if call in calls}
    return Encoded(
        calls=rows.without(rows.CALLS, ready.encoded.calls, calls),
        frames=ready.encoded.frames,
        keys=rows.without(rows.KEYS, ready.encoded.keys, keys),
    )


def concerned(ready: Ready, owned: Sequence[int]) -> set[int]:
    """The indexes of the block's calls that rest on any of these keys."""
    known = set(owned)
    pairs = zip(array("Q", ready.keys), array("I", ready.key_calls), strict=True)
    return {call for key, call in pairs if key in known}


def pieces_of(ready: Ready, calls: set[int]) -> list[int]:
    """The indexes of the pieces that are about these calls."""
    return [index for index, call in enumerate(array("i", ready.piece_calls)) if call in calls]


class Workers:
    """The worker processes; blocks come back in the order in which they were handed in.

    They do without the search for reference cycles: frozen statements have none, and looking cost a quarter of the time.
    """

    def __init__(self) -> None:
        self._pool = ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn"), initializer=gc.disable)
        self._waiting: deque[tuple[Block, Position, Future[Ready]]] = deque()

    def hand_in(self, block: Block, position: Position) -> Iterator[tuple[Block, Position, Ready]]:
        """Hand in a block; gives back those that have to be taken before more may be handed in."""
        self._waiting.append((block, position, self._pool.submit(prepare, pack(block))))
        while len(self._waiting) >= AHEAD:
            yield self._next()

    def rest(self) -> Iterator[tuple[Block, Position, Ready]]:
        """All blocks that are still on their way."""
        while self._waiting:
            yield self._next()

    def _next(self) -> tuple[Block, Position, Ready]:
        block, position, future = self._waiting.popleft()
        return block, position, future.result()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
