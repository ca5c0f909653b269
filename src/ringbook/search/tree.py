"""What a question says, as a tree.

Positions (``at``, ``end``) are offsets into the text, for error messages; 0 in trees that were not parsed.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec


class Value(msgspec.Struct, frozen=True):
    """One value of a field as written, without quotes; ``op`` is ``>``, ``>=``, ``<``, ``<=``, ``=`` or empty."""

    text: str
    quoted: bool = False
    op: str = ""
    at: int = 0
    end: int = 0


class Term(msgspec.Struct, frozen=True):
    """``field:value,value``: any of the values."""

    field: str
    values: tuple[Value, ...]
    at: int = 0


class Word(msgspec.Struct, frozen=True):
    """A bare word or a quoted phrase, looked for in everything that can be read on a call."""

    text: str
    quoted: bool = False
    at: int = 0
    end: int = 0


class Not(msgspec.Struct, frozen=True):
    """Every call that does not match ``part``."""

    part: Node


class And(msgspec.Struct, frozen=True):
    """Calls that match all parts; without parts, every call."""

    parts: tuple[Node, ...] = ()


class Or(msgspec.Struct, frozen=True):
    """Calls that match at least one part."""

    parts: tuple[Node, ...]


Node: TypeAlias = Term | Word | Not | And | Or

EVERYTHING = And()
"""The empty question."""
