"""Blocks of ``Key: Value`` lines with a blank one behind them: what phone systems say in dialogue."""

from __future__ import annotations

import re
from collections.abc import Iterator

LONGEST = 1_048_576
"""Bytes of the longest block; more without a blank line is handed on as it is, to be rejected with its reason."""


class Blocks:
    """Cuts what arrives after blank lines."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._seen = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The blocks that are complete, each with the blank line that ends it."""
        self._held += data
        while end := self._end():
            block, self._seen = bytes(self._held[:end]), 0
            del self._held[:end]
            yield block
        self._seen = len(self._held)

    def _end(self) -> int:
        """Where the first block ends; 0 if it goes on. What was looked through before is not looked through again."""
        found = _BLANK_LINE(self._held, max(0, self._seen - 2))
        if found is not None:
            return found.end()
        return LONGEST if len(self._held) >= LONGEST else 0

    def rest(self) -> bytes:
        """What no blank line ended."""
        return bytes(self._held)


def fields(block: bytes) -> dict[bytes, bytes] | None:
    """The values of a block by their keys in small letters; None if a line of it is no ``Key: Value``."""
    found: dict[bytes, bytes] = {}
    for line in block.split(b"\n"):
        name, colon, value = line.rstrip(b"\r").partition(b":")
        if colon:
            found.setdefault(name.strip().lower(), value.strip())
        elif name.strip():
            return None
    return found


_BLANK_LINE = re.compile(rb"\n\r?\n").search
