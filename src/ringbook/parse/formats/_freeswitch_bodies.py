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

    def taken(self, length: int) -> None:
        """That so many bytes of what is held were handed out."""
        ...

    def unfinished(self) -> bool:
        """Whether what is held is a document without its end."""
        ...

    def restart(self, held: bytearray) -> int:
        """Where a document begins; -1 if none does."""
        ...


class BodyFramer:
    """Pieces that are one document each."""

    def __init__(self, context: bytes, splitter: Callable[[], Splitter]) -> None:
        self._splitter = splitter()
        self._held = bytearray()
        self._skipping = context == _SKIPPING

    @property
    def context(self) -> bytes:
        """What a later framer must be given: whether the rest of an oversize document is still to come."""
        return _SKIPPING if self._skipping else b""

    def feed(self, data: bytes) -> Iterator[Piece]:
        """The documents that are complete."""
        self._held += data
        while self._held:
            piece = self._skipped() if self._skipping else self._next()
            if piece is not None:
                yield piece
            elif self._skipping or len(self._held) <= MAX_RECORD:
                return

    def finish(self) -> Iterator[Piece]:
        """What is left: a document without its end, or blanks."""
        whole = bytes(self._held)
        if not whole:
            return
        flaw = Reasons.TRUNCATED if self._splitter.unfinished() else ""
        size = (0 if self._skipping else len(whole.rstrip(_BLANKS))) or len(whole)
        flaw = Reasons.OVERSIZE if self._skipping else flaw
        self._held.clear()
        self._splitter.taken(len(whole))
        self._skipping = False
        yield Piece(whole[:size], b"", flaw)
        if size < len(whole):
            yield Piece(whole[size:])

    def _next(self) -> Piece | None:
        cut = self._splitter.cut(self._held)
        if cut is None and len(self._held) > MAX_RECORD:
            self._skipping = True
            cut = (MAX_RECORD - _MARK_REACH, Reasons.OVERSIZE)
        return self._piece(*cut) if cut is not None else None

    def _skipped(self) -> Piece | None:
        """The rest of an oversize document, up to where the next one begins."""
        start = self._splitter.restart(self._held)
        if start == 0:
            self._skipping = False
            return self._next()
        if 0 < start <= MAX_RECORD - _MARK_REACH:
            return self._piece(start, Reasons.OVERSIZE)
        if len(self._held) > MAX_RECORD:
            return self._piece(MAX_RECORD - _MARK_REACH, Reasons.OVERSIZE)
        return None

    def _piece(self, length: int, flaw: str) -> Piece:
        data = bytes(self._held[:length])
        del self._held[:length]
        self._splitter.taken(length)
        return Piece(data, b"", flaw)


class _Finder:
    """Where a pattern is found next; looks at each byte once, however often it is asked."""

    def __init__(self, pattern: re.Pattern[bytes]) -> None:
        self._pattern = pattern
        self._found = -1
        self._sought = 0

    def at_or_after(self, held: bytearray, start: int) -> int:
        """The first place not before ``start``; -1 if there is none within ``MAX_RECORD`` bytes."""
        if self._found < start:
            self._found = -1
            found = self._pattern.search(held, max(start, self._sought), MAX_RECORD)
            if found:
                self._found = found.start()
            else:
                self._sought = max(self._sought, min(len(held), MAX_RECORD) - _MARK_REACH)
        return self._found

    def taken(self, length: int) -> None:
        """That so many bytes were handed out."""
        self._found = max(-1, self._found - length)
        self._sought = max(0, self._sought - length)


class _Junk:
    """What stands between documents: blanks, lines that are none, form bodies (``cdr=…``) up to the next."""

    def __init__(self, opens: bytes) -> None:
        self._opens = re.compile(b"[\n" + re.escape(opens) + b"]")
        self._visible = _Finder(_VISIBLE)
        self._form = _Finder(_NEXT_FORM)
        self._position = 0

    def first(self, held: bytearray) -> int:
        """Where the first byte stands that is no blank; -1 if there is none yet."""
        return self._visible.at_or_after(held, 0)

    def cut(self, held: bytearray, first: int) -> tuple[int, str] | None:
        """Up to the end of the line, the beginning of a document, or the next form body."""
        beginning = bytes(held[first : first + len(_FORM)])
        if _FORM.startswith(beginning) and len(beginning) < len(_FORM):
            return None
        if beginning == _FORM:
            end = self._form.at_or_after(held, first + 1)
            return (end, "") if end >= 0 else None
        found = self._opens.search(held, max(first, self._position), MAX_RECORD)
        self._position = min(len(held), MAX_RECORD)
        return (_before_blanks(held, found.start()), "") if found else None

    def taken(self, length: int) -> None:
        """That so many bytes were handed out."""
        self._visible.taken(length)
        self._form.taken(length)
        self._position = 0


class JsonSplitter:
    """Balanced braces outside strings.

    No string runs over a line end, so a quote too many costs one line. A document that began on one line (the module's own
    way; others indent) ends at the latest where a line follows that cannot go on with it.
    """

    def __init__(self) -> None:
        self._junk = _Junk(b"{")
        self._starts = _Finder(_JSON_START)
        self._after = _Finder(_VISIBLE)
        self._begin()

    def _begin(self) -> None:
        self._position = 0
        self._depth = 0
        self._in_string = False
        self._one_line: bool | None = None

    def cut(self, held: bytearray) -> tuple[int, str] | None:
        """Up to the brace that closes the first, or to where another document begins before that."""
        first = self._junk.first(held)
        if first < 0:
            return None
        if held[first] != _BRACE:
            return self._junk.cut(held, first)
        if not self._depth:
            self._depth, self._position = 1, first + 1
        start = self._starts.at_or_after(held, first + 1)
        end = self._end(held, start if start > 0 else min(len(held), MAX_RECORD))
        if end is None and start > 0:
            return (_before_blanks(held, start), Reasons.TRUNCATED)
        return end

    def taken(self, length: int) -> None:
        """That so many bytes were handed out."""
        for one in (self._junk, self._starts, self._after):
            one.taken(length)
        self._begin()

    def unfinished(self) -> bool:
        """Whether braces are open."""
        return self._depth > 0

    def restart(self, held: bytearray) -> int:
        """Where an object begins whose first name is ``core-uuid``."""
        return self._starts.at_or_after(held, 0)

    def _end(self, held: bytearray, stop: int) -> tuple[int, str] | None:
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
                ended = self._line_end(held, found.start())
                if ended is not None:
                    return ended
                if self._position == found.start():
                    return None
            elif byte == b'"':
                self._in_string = not self._in_string
                self._one_line = True if self._one_line is None else self._one_line
            else:
                self._depth += 1 if byte == b"{" else -1
                if not self._depth:
                    return (self._position, "")
        return None

    def _line_end(self, held: bytearray, place: int) -> tuple[int, str] | None:
        """What a line end says: of a one-line document, its end at the latest, if letters follow. Waits for what follows."""
        self._in_string = False
        if not self._one_line:
            self._one_line = False
            return None
        after = self._after.at_or_after(held, place)
        self._position = place if after < 0 else after
        if after >= 0 and bytes(held[after : after + 1]).isalpha():
            return (_before_blanks(held, place), Reasons.TRUNCATED)
        return None


class XmlSplitter:
    """From ``<?xml`` or ``<cdr`` to ``</cdr>``."""

    def __init__(self) -> None:
        self._junk = _Junk(b"<")
        self._starts = _Finder(_XML_START)
        self._roots = _Finder(_XML_ROOT)
        self._ends = _Finder(_XML_END)
        self._open = False

    def cut(self, held: bytearray) -> tuple[int, str] | None:
        """Up to ``</cdr>``, or to where another document begins before that."""
        first = self._junk.first(held)
        if first < 0:
            return None
        if held[first] != _ANGLE:
            return self._junk.cut(held, first)
        self._open = True
        root = self._roots.at_or_after(held, first)
        end = self._ends.at_or_after(held, first)
        again = self._starts.at_or_after(held, root + 1) if root >= 0 else -1
        if again > 0 and (end < 0 or again < end):
            return (_before_blanks(held, again), Reasons.TRUNCATED)
        return (end + _XML_END_SIZE, "") if end >= 0 else None

    def taken(self, length: int) -> None:
        """That so many bytes were handed out."""
        for one in (self._junk, self._starts, self._roots, self._ends):
            one.taken(length)
        self._open = False

    def unfinished(self) -> bool:
        """Whether an element has begun."""
        return self._open

    def restart(self, held: bytearray) -> int:
        """Where an XML declaration or a ``cdr`` element begins."""
        return self._starts.at_or_after(held, 0)


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


_BLANKS = b" \t\r\n"
_FORM = b"cdr="
_VISIBLE = re.compile(rb"[^\s\0\xef\xbb\xbf]")
_LINE_END = 0x0A
_OUTSIDE = re.compile(rb'["{}\n]')
_IN_STRING = re.compile(rb'["\\\n]')
_JSON_START = re.compile(rb'\{\s{0,16}"core-uuid"')
_XML_START = re.compile(rb"<\?xml[\s?]|(?<!\?>)(?<!\?>\n)(?<!\?>\r\n)<cdr[\s>]")
_XML_ROOT = re.compile(rb"<cdr[\s>]")
_XML_END = re.compile(rb"</cdr>")
_XML_END_SIZE = len(b"</cdr>")
_NEXT_FORM = re.compile(rb"(?<=\n)cdr=")
_BRACE = 0x7B
_ANGLE = 0x3C
_BASE64 = re.compile(rb"(?:[A-Za-z0-9+/\s]|%2[BbFf])+(?:=|%3[Dd]){0,2}\s*")

json_splitter: Callable[[], Splitter] = JsonSplitter
xml_splitter: Callable[[], Splitter] = XmlSplitter
