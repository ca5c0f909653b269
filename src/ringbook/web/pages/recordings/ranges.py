"""Which part of a recording a request asks for (RFC 9110, section 14)."""

from __future__ import annotations

import re

import msgspec

LONGEST = 200
"""Letters of a ``Range`` that are read; a longer one asks for nothing that a player needs, and is not heeded."""

_ONE = re.compile(r"bytes[ \t]*=[ \t]*([0-9]*)-([0-9]*)[ \t]*", re.ASCII | re.IGNORECASE)


class Part(msgspec.Struct, frozen=True):
    """From one byte to before another."""

    start: int
    stop: int


class UnsatisfiableRangeError(ValueError):
    """Nothing of what is asked for is there."""


def wanted(header: str, size: int) -> Part | None:
    """The part that ``Range`` asks for, or None for the whole.

    Whoever asks for several parts, or for something that is no range, is given the whole, as the standard allows.

    :raises UnsatisfiableRangeError: the range begins behind the end, or is empty.
    """
    found = _ONE.fullmatch(header) if len(header) <= LONGEST else None
    if found is None or found[1] == found[2] == "":
        return None
    if not found[1]:
        return _last(int(found[2]), size)
    start = int(found[1])
    if found[2] and int(found[2]) < start:
        return None
    if start >= size:
        raise UnsatisfiableRangeError
    return Part(start, min(int(found[2]) + 1, size) if found[2] else size)


def _last(length: int, size: int) -> Part:
    if not length or not size:
        raise UnsatisfiableRangeError
    return Part(max(0, size - length), size)
