"""Documents in a stream: where one of FreeSWITCH's JSON or XML records ends, and what its HTTP modules wrap around it.

``BodyFramer`` hands out a document as soon as its last byte is here. A document that is cut is noticed by the beginning of the
next one and costs only itself; a line that is no document is a piece of its own.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from typing import Protocol
from urllib.parse import unquote_to_bytes

from ringbook.parse.format import Piece, Reasons
from ringbook.parse.framing import MAX_RECORD

_SKIPPING = b"\0skipping\0"
_MARK_REACH = 64
"""Bytes that the beginning of a document may take up to where it is recognised as one."""


class Splitter(Protocol):
    """Finds the end of the document at the beginning of what is held; remembers how far it has looked."""

    def cut(self, held: bytearray) -> tuple[int, str] | None:
        """Length and flaw of the first piece, once both are known; looks at ``MAX_RECORD`` bytes at most."""
        ...

    def unfinished(self) -> bool:
        """Whether what is held is a document without its end."""
        ...

    def restart(self, held: bytearray, start: int) -> int:
        """Where the next document begins, looking from ``start`` (not before 0); -1 if none does."""
        ...


class BodyFramer:
    """Pieces that are one document each."""

    def __init__(self, context: bytes, splitter: Callable[[], Splitter]) -> None:
        self._new = splitter
        self._splitter = splitter()
        self._held = bytearray()
        self._skipping = context == _SKIPPING
        self._sought = 0

    @property
    def context(self) -> bytes:
        """What a later framer must be given: whether the rest of an oversize document is still to come."""
        return _SKIPPING if self._skipping else b""

    def feed(self, data: bytes) -> Iterator[Piece]:
        """The documents that are complete."""
        self._held += data
        while self._held:
            pieces = list(self._skip() if self._skipping else self._next())
            if not pieces:
                return
            yield from pieces

    def finish(self) -> Iterator[Piece]:
        """What is left: a document without its end, or blanks."""
        if self._held:
            flaw = Reasons.TRUNCATED if self._splitter.unfinished() else ""
            whole = bytes(self._held)
            size = (0 if self._skipping else len(whole.rstrip(_BLANKS))) or len(whole)
            last = [
                Piece(whole[:size], b"", Reasons.OVERSIZE if self._skipping else flaw),
                *([Piece(whole[size:])] if size < len(whole) else []),
            ]
            self._held.clear()
            self._skipping = False
            self._splitter = self._new()
            yield from last

    def _next(self) -> Iterator[Piece]:
        cut = self._splitter.cut(self._held)
        if cut is None and len(self._held) > MAX_RECORD:
            cut = (MAX_RECORD - _MARK_REACH, Reasons.OVERSIZE)
            self._skipping, self._sought = True, 0
        if cut is not None:
            yield self._piece(*cut)

    def _skip(self) -> Iterator[Piece]:
        """The rest of an oversize document, up to where the next one begins."""
        start = self._splitter.restart(self._held, self._sought)
        if 0 <= start <= MAX_RECORD - _MARK_REACH:
            self._skipping = False
            if start:
                yield self._piece(start, Reasons.OVERSIZE)
            else:
                yield from self._next()
        elif len(self._held) > MAX_RECORD:
            yield self._piece(MAX_RECORD - _MARK_REACH, Reasons.OVERSIZE)
        else:
            self._sought = max(0, len(self._held) - _MARK_REACH)

    def _piece(self, length: int, flaw: str) -> Piece:
        data = bytes(self._held[:length])
        del self._held[:length]
        self._splitter = self._new()
        self._sought = 0
        return Piece(data, b"", flaw)


class _Junk:
    """The end of what stands between documents: a line, or a form body (``cdr=…``) up to the next."""

    def __init__(self, opens: bytes) -> None:
        self._opens = re.compile(b"[\n" + re.escape(opens) + b"]")
        self._position = 0

    def cut(self, held: bytearray, first: int) -> tuple[int, str] | None:
        if held.startswith(_FORM[: len(held) - first], first):
            end = held.find(b"\n" + _FORM, max(first, self._position - len(_FORM)), MAX_RECORD)
            self._position = len(held)
            return (end + 1, "") if end >= 0 else None
        found = self._opens.search(held, max(first, self._position), MAX_RECORD)
        self._position = min(len(held), MAX_RECORD)
        return (_before_blanks(held, found.start()), "") if found else None


class JsonSplitter:
    """Balanced braces outside strings.

    No string runs over a line end, so a quote too many costs one line. A document that began on one line (the module's own
    way; others indent) ends at the latest where a line follows that cannot go on with it.
    """

    def __init__(self) -> None:
        self._position = 0
        self._depth = 0
        self._in_string = False
        self._one_line: bool | None = None
        self._marks = 1  # where to look for the beginning of another document
        self._junk = _Junk(b"{")

    def cut(self, held: bytearray) -> tuple[int, str] | None:
        """Up to the brace that closes the first, or to where another document begins before that."""
        if not self._depth:
            first = _first(held)
            if first < 0:
                return None
            if held[first] != 0x7B:
                return self._junk.cut(held, first)
            self._depth, self._position, self._marks = 1, first + 1, first + 1
        end = self._end(held)
        start = self.restart(held, self._marks)
        self._marks = max(self._marks, len(held) - _MARK_REACH)
        if start > 0 and (end is None or start < end[0]):
            return (_before_blanks(held, start), Reasons.TRUNCATED)
        return end

    def unfinished(self) -> bool:
        """Whether braces are open."""
        return self._depth > 0

    def restart(self, held: bytearray, start: int) -> int:
        """Where an object begins whose first name is ``core-uuid``."""
        found = _JSON_START.search(held, start, MAX_RECORD)
        return found.start() if found else -1

    def _end(self, held: bytearray) -> tuple[int, str] | None:
        stop = min(len(held), MAX_RECORD)
        while self._position < stop:
            found = (_IN_STRING if self._in_string else _OUTSIDE).search(held, self._position, stop)
            if found is None:
                self._position = stop
                return None
            self._position, byte = found.end(), found[0]
            if byte == b"\\":
                if self._position >= stop:  # what it escapes is still to come
                    self._position = found.start()
                    return None
                self._position += held[self._position] != _LINE_END
            elif byte == b"\n":
                after = _VISIBLE.search(held, self._position, stop) if self._one_line else None
                if self._one_line and after is None:  # whether the next line goes on is still to come
                    self._position = found.start()
                    return None
                self._in_string = False
                if self._one_line is None:
                    self._one_line = False
                if after is not None and after[0].isalpha():
                    return (_before_blanks(held, found.start()), Reasons.TRUNCATED)
            elif byte == b'"':
                self._in_string = not self._in_string
                if self._one_line is None:
                    self._one_line = True
            else:
                self._depth += 1 if byte == b"{" else -1
                if not self._depth:
                    return (self._position, "")
        return None


class XmlSplitter:
    """From ``<?xml`` or ``<cdr`` to ``</cdr>``."""

    def __init__(self) -> None:
        self._position = 0
        self._open = False
        self._junk = _Junk(b"<")

    def cut(self, held: bytearray) -> tuple[int, str] | None:
        """Up to ``</cdr>``, or to where another document begins before that."""
        first = _first(held)
        if first < 0:
            return None
        if held[first] != 0x3C:
            return self._junk.cut(held, first)
        self._open = True
        start = max(first, self._position - _MARK_REACH)
        end = held.find(_XML_END, start, MAX_RECORD)
        root = _XML_ROOT.search(held, first, MAX_RECORD)
        again = self.restart(held, max(root.end(), start)) if root else -1
        self._position = min(len(held), MAX_RECORD)
        if again > 0 and (end < 0 or again < end):
            return (_before_blanks(held, again), Reasons.TRUNCATED)
        return (end + len(_XML_END), "") if end >= 0 else None

    def unfinished(self) -> bool:
        """Whether an element has begun."""
        return self._open

    def restart(self, held: bytearray, start: int) -> int:
        """Where an XML declaration or a ``cdr`` element begins."""
        found = _XML_START.search(held, start, MAX_RECORD)
        return found.start() if found else -1


def unwrapped(body: bytes) -> bytes:
    """The document in a form body (``cdr=``, percent-encoded or base64), or the body itself."""
    text = body.lstrip()
    if not text.startswith(_FORM):
        return body
    value = text[len(_FORM) :].strip()
    if _BASE64.fullmatch(value):
        try:
            return base64.b64decode(unquote_to_bytes(value), validate=False)
        except binascii.Error:
            return body
    return unquote_to_bytes(value.replace(b"+", b"%20") if b"%2" in value or b"%7" in value else value)


def text_of(body: bytes) -> str:
    """The text of a document: UTF-8, else Latin-1, which old gateways write into caller names."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("latin-1")


def _before_blanks(held: bytearray, start: int) -> int:
    """Where the blanks before a document begin: they go with it, whatever became of the document before."""
    while start > 1 and held[start - 1] in _BLANKS:
        start -= 1
    return start


def _first(held: bytearray) -> int:
    found = _VISIBLE.search(held, 0, MAX_RECORD)
    return found.start() if found else -1


_BLANKS = b" \t\r\n"
_FORM = b"cdr="
_VISIBLE = re.compile(rb"[^\s\0\xef\xbb\xbf]")
_LINE_END = 0x0A
_OUTSIDE = re.compile(rb'["{}\n]')
_IN_STRING = re.compile(rb'["\\\n]')
_JSON_START = re.compile(rb'\{\s{0,16}"core-uuid"')
_XML_START = re.compile(rb"<\?xml\b|(?<!\?>)(?<!\?>\n)(?<!\?>\r\n)<cdr[\s>]")
_XML_ROOT = re.compile(rb"<cdr[\s>]")
_XML_END = b"</cdr>"
_BASE64 = re.compile(rb"(?:[A-Za-z0-9+/\s]|%2[BbFf])+(?:=|%3[Dd]){0,2}\s*")

json_splitter: Callable[[], Splitter] = JsonSplitter
xml_splitter: Callable[[], Splitter] = XmlSplitter
