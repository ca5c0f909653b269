"""Frames: the raw bytes of records, and what became of them."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from functools import lru_cache

import msgspec

from ringbook.model.instant import Instant


class FrameKind(StrEnum):
    """What became of a frame. ``frames = stated + rejected + noise`` always holds."""

    STATED = "stated"
    REJECTED = "rejected"
    NOISE = "noise"


class FrameRow(msgspec.Struct, frozen=True, kw_only=True):
    """One frame as the ledger keeps it.

    ``stated_at`` is the time its record states, read as if its clock were UTC, so that it depends on the bytes alone; 0 when
    it states none. ``about_call`` is False for frames about no call: noise, rejects, agent states.
    """

    id: bytes  # 16 bytes, see frame_id
    tenant: str
    source: str
    format: str
    kind: FrameKind
    stated_at: Instant = 0
    about_call: bool = False
    reason: str = ""  # reject reason or what kind of noise
    detail: str = ""
    data: bytes = b""
    context: bytes = b""
    origin: str = ""  # the file, listener or intake that brought it
    offset: int = 0  # position of its first byte there
    received_at: Instant = 0


def frame_id(source: str, data: bytes, stated_at: Instant) -> bytes:
    """A frame's id: 6 bytes of milliseconds of the time it states, 10 of a BLAKE2b hash of source and bytes.

    The same bytes from the same source have the same id however often and by whatever road they arrive; ids sort by time.
    """
    hasher = _keyed(source).copy()
    hasher.update(data)
    return (stated_at // 1000 if stated_at > 0 else 0).to_bytes(6, "big") + hasher.digest()


@lru_cache(maxsize=256)
def _keyed(source: str) -> hashlib.blake2b:
    """The hash as it is before any bytes of a source's record; only to be copied."""
    return hashlib.blake2b(digest_size=10, key=source.encode()[:64])
