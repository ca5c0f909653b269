"""Blocks of ``Key: Value`` lines, as Asterisk's manager interface and FreeSWITCH's event socket write them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import msgspec

from ringbook.parse.format import About, Noise, Parsed, Piece, Reasons, Rejected, Stream, without_settings
from ringbook.parse.framing import BlockFramer


class BlockFormat(msgspec.Struct, frozen=True):
    """A format of blocks as a :class:`~ringbook.parse.format.Stream`: ``bid`` for the first bytes, and what a block says."""

    about: About
    bid: Callable[[bytes], float]
    said: Callable[[bytes], Parsed]

    def configure(self, settings: Mapping[str, str]) -> Stream:
        """This format; it has no settings."""
        without_settings(self.about.slug, settings)
        return self

    def sniff(self, head: bytes, name: str) -> float:  # noqa: ARG002  # any name will do
        """How sure it is of the first bytes."""
        return self.bid(head)

    def framer(self, context: bytes = b"") -> BlockFramer:
        """One block a piece."""
        return BlockFramer(context)

    def parse(self, piece: Piece) -> Parsed:
        """What a block says of recording; noise if it is about anything else."""
        return Rejected(piece.flaw) if piece.flaw else self.said(piece.data)


def headers(data: bytes) -> dict[str, str] | Noise | Rejected:
    """The values of a block by their keys in small letters; of a key that comes again, the first."""
    if not data.strip(b"\r\n"):
        return Noise("blank")
    if b"\0" in data:
        return Rejected(Reasons.ENCODING, "NUL bytes")
    if not data.endswith((b"\n\n", b"\n\r\n", b"\r\r")):
        return Rejected(Reasons.TRUNCATED, "no blank line ends it")
    found: dict[str, str] = {}
    for line in _LINE_END(data.decode("utf-8", "replace")):
        name, colon, value = line.partition(":")
        if not colon and line:
            return Rejected(Reasons.SYNTAX, f"a line without a colon: {line[:40]!r}")
        if colon:
            found.setdefault(name.strip().lower(), value.strip())
    return found or Rejected(Reasons.SYNTAX, "no line with a key")


_LINE_END = re.compile(r"\r\n|\r|\n").split
