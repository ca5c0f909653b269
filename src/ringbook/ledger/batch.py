"""What is written to the ledger in one go."""

from __future__ import annotations

import msgspec

from ringbook.model.call import Call, CallId
from ringbook.model.frame import FrameRow
from ringbook.model.instant import Instant


class Gone(msgspec.Struct, frozen=True):
    """A call that late evidence joined into an older one: its id leads there from now on."""

    id: CallId
    started_at: Instant  # as stored, so that its row is found
    revision: int  # of the stored row
    leads_to: CallId


class KeyRow(msgspec.Struct, frozen=True):
    """That a correlation key belongs to a call. ``key`` is the 64-bit hash of source and key; ``at`` the call's start."""

    key: int
    at: Instant
    call: CallId


class Position(msgspec.Struct, frozen=True):
    """How far an origin (a file, the spool) has been read: ``context`` is what the framer must be told to go on there.

    ``mark`` recognises the origin's content (a hash of its first bytes), so that a rotated or replaced file is seen as new.
    """

    source: str
    origin: str
    mark: str
    offset: int
    context: bytes = b""
    format: str = ""


class Tally(msgspec.Struct, frozen=True):
    """The accounts of one batch, as committed: what came in and what became of it.

    ``frames`` counts every piece, ``repeated`` those whose bytes were already in the ledger; ``frames`` is
    ``stated + rejected + noise``, repeats included. ``size`` is the bytes from ``start`` to ``stop`` of the origin.
    """

    source: str
    origin: str
    mark: str
    start: int
    stop: int
    size: int
    frames: int
    stated: int
    rejected: int
    noise: int
    repeated: int
    at: Instant


class Retelling(msgspec.Struct, frozen=True):
    """That an origin told again what was there already, at an offset in the batch that began at ``start``."""

    source: str
    frame: bytes
    origin: str
    mark: str
    start: int
    offset: int
    received_at: Instant


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """One commit: of one tenant, from any number of origins.

    The writer keeps a batch in a journal until the ledger has all of it, so that what a crash leaves half written is written
    again, byte for byte the same, when the ledger is next opened; it then stands once.
    """

    tenant: str
    frames: list[FrameRow] = []
    restated: list[FrameRow] = []  # frames known already that are understood otherwise than before
    replaced: list[
        FrameRow
    ] = []  # frames for which others of the same bytes now stand (rejects understood after a fix)
    calls: list[Call] = []
    gone: list[Gone] = []
    keys: list[KeyRow] = []
    tallies: list[Tally] = []  # one for each origin (file, connection) that the batch took bytes from
    positions: list[Position] = []
    retold: list[Retelling] = []
