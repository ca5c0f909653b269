"""What a batch changed, and how the ledger knows a key."""

from __future__ import annotations

from collections import Counter

import msgspec
import xxhash


class Result(msgspec.Struct):
    """What a batch changed."""

    frames: int = 0
    stated: int = 0
    noise: int = 0
    repeated: int = 0
    rejected: dict[str, int] = {}
    calls_new: int = 0
    calls_updated: int = 0
    calls_unchanged: int = 0
    size: int = 0

    def add(self, other: Result) -> None:
        """Count another batch in."""
        for name in (
            "frames",
            "stated",
            "noise",
            "repeated",
            "calls_new",
            "calls_updated",
            "calls_unchanged",
            "size",
        ):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.rejected = dict(Counter(self.rejected) + Counter(other.rejected))


def key_hash(source: str, key: str) -> int:
    """The 64-bit hash under which the ledger keeps a source's key."""
    return xxhash.xxh3_64_intdigest(f"{source}\0{key}".encode())
