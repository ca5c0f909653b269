"""What is put on the spool, and what is told of it once the ledger has it."""

from __future__ import annotations

import msgspec

from ringbook.model.instant import Instant


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes to be made durable: those of the stream ``origin`` from ``start`` on; ``last`` if the stream ends with them."""

    source: str
    input: str
    origin: str
    start: int
    data: bytes
    format: str = ""
    received_at: Instant = 0
    last: bool = False


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """That the ledger has a stream up to ``offset``, looked at through row ``seq``.

    ``context`` is what a framer must be given to go on at ``offset``.
    """

    origin: str
    seq: int
    offset: int
    context: bytes = b""
