"""Blocks of ``Key: Value`` lines, as Asterisk's manager interface and FreeSWITCH's event socket write them."""

from __future__ import annotations

import re

from ringbook.parse.format import Noise, Reasons, Rejected


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
