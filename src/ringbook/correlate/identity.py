"""The id of a call: fixed when it is first seen, time-ordered, the same when the same frames are read again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from ringbook.model.call import CallId
from ringbook.model.statement import AnyStatement


def call_id(tenant: str, source: str, statements: Iterable[AnyStatement]) -> CallId:
    """The id of a call made of these statements, when none of them belongs to a call yet.

    Its time is that of the earliest statement; its rest a hash of that statement's first key, which is the source's own name
    for the call where it has one. Order and repetition of the statements do not matter.
    """
    at, key = min([(s.at or 0, s.keys[0]) for s in statements if s.keys])
    digest = hashlib.blake2b(f"{tenant}\0{source}\0{key}".encode(), digest_size=10).digest()
    millis = max(0, at // 1000).to_bytes(6, "big")
    raw = bytearray(millis + digest)
    raw[6] = 0x80 | (raw[6] & 0x0F)
    raw[8] = 0x80 | (raw[8] & 0x3F)
    text = raw.hex()
    return CallId(f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}")
