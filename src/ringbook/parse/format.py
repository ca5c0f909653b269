"""The contract of a format: one object that says what it is and turns bytes into statements, purely.

A format is one file, ``parse/formats/<slug>.py``, exporting ``FORMAT``. Nothing else is edited to add one: formats are found
by walking that folder (``parse.registry``) and through the entry point group ``ringbook.formats``.

The bytes of a stream are cut into *pieces* by a framer and each piece becomes a frame: nothing is left over, so the pieces of
a stream, concatenated, are the stream. A piece carries the *context* it needs to be understood alone (a header line); with it,
``parse`` gives the same answer in ten years that it gives today.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Protocol, TypeAlias, runtime_checkable

import msgspec

from ringbook.model.errors import SettingsError
from ringbook.model.statement import AnyStatement


class Clock(StrEnum):
    """How the source writes time."""

    UTC = "utc"  # epoch values, or text that is UTC
    ZONED = "zoned"  # text that names its offset
    LOCAL = "local"  # wall clock without a zone: the source's time zone setting places it


class Transport(StrEnum):
    """How records of this format reach us."""

    FILE = "file"
    TCP_LISTEN = "tcp-listen"
    TCP_CONNECT = "tcp-connect"
    HTTP_POST = "http-post"
    AMI = "ami"
    ESL = "esl"


class Setting(msgspec.Struct, frozen=True):
    """One of a format's own settings."""

    name: str
    help: str
    default: str = ""


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What a format is, for people and for the documentation.

    ``facts`` are the names of the public call's fields that records of this format can state; a fact that is not listed is
    null or unknown in calls made from this format alone.
    """

    slug: str
    vendor: str
    product: str
    versions: str
    reference: str
    transports: tuple[Transport, ...]
    clock: Clock
    facts: frozenset[str]
    keys: str  # what joins its records into calls, in words
    connect: str = ""  # the lines to put into the phone system, for how-tos and guided set-up
    settings: tuple[Setting, ...] = ()


class Piece(msgspec.Struct, frozen=True):
    """A complete run of a stream's bytes: one record, one line of noise, or junk that no record can be made of.

    ``flaw`` is empty unless the framer already knows that the piece cannot be a record (``oversize``, ``truncated`` …).
    """

    data: bytes
    context: bytes = b""
    flaw: str = ""


class Framer(Protocol):
    """Cuts a stream into pieces, wherever the stream itself is cut.

    ``context`` is what a later framer must be given to go on after the last piece handed out. Memory is bounded: a record of
    over ``framing.MAX_RECORD`` bytes is handed out in flawed pieces of at most that size.
    """

    @property
    def context(self) -> bytes:
        """What a later framer must be given."""
        ...

    def feed(self, data: bytes) -> Iterable[Piece]:
        """The pieces that are complete once ``data`` has arrived."""
        ...

    def finish(self) -> Iterable[Piece]:
        """What is left at the end of the stream: an unfinished line is a piece of its own."""
        ...


class Stated(msgspec.Struct, frozen=True):
    """A piece that was understood: at least one statement."""

    statements: tuple[AnyStatement, ...]


class Noise(msgspec.Struct, frozen=True):
    """A piece that is expected and says nothing about calls: a header, a blank line, a keep-alive."""

    what: str


class Rejected(msgspec.Struct, frozen=True):
    """A piece that could not be understood. ``reason`` is a stable short code, ``detail`` says what to look at."""

    reason: str
    detail: str = ""


Parsed: TypeAlias = Stated | Noise | Rejected


class Reasons:
    """The reject reasons that all formats share; a format adds its own only when none of these fits."""

    OVERSIZE = "oversize"  # longer than any real record
    TRUNCATED = "truncated"  # ends before the record does
    COLUMNS = "wrong-columns"  # not as many fields as any known layout
    TIME = "bad-time"  # a time that cannot be read
    IMPLAUSIBLE = "implausible-time"  # a time before 1985 or after 2089
    NUMBER = "bad-number"  # a figure that is not one
    NEGATIVE = "negative-duration"  # a call that ends before it begins
    ENCODING = "bad-encoding"  # NUL bytes, or no text at all
    SYNTAX = "bad-syntax"  # not the CSV, XML or JSON it should be
    MISSING = "missing-field"  # a field without which the record says nothing
    UNKNOWN = "unknown-record"  # a record type this format does not know
    ERROR = "parser-error"  # the parser itself failed: a bug worth reporting


@runtime_checkable
class Stream(Protocol):
    """A format whose records come as bytes: files, TCP and serial lines, HTTP bodies."""

    @property
    def about(self) -> About:
        """What it is."""
        ...

    def configure(self, settings: Mapping[str, str]) -> Stream:
        """The same format with its settings applied; raises ``FormatSettingError`` naming an unknown or bad one."""
        ...

    def sniff(self, head: bytes, name: str) -> float:
        """How surely the first bytes (up to 64 KiB) of a file called ``name`` are this format: 0 no, 1 certain."""
        ...

    def framer(self, context: bytes = b"") -> Framer:
        """A new framer, going on where one whose last context was ``context`` stopped."""
        ...

    def parse(self, piece: Piece) -> Parsed:
        """What the piece says. Never raises for any bytes; takes time linear in their length."""
        ...


class FormatSettingError(SettingsError, ValueError):
    """A format's setting that it does not have, or whose value it cannot use."""


def without_settings(slug: str, settings: Mapping[str, str]) -> None:
    """Raise :class:`FormatSettingError` if a format that has no settings is given any."""
    if settings:
        raise FormatSettingError(f"format {slug} has no setting {sorted(settings)[0]!r}; remove it")


def statements(parsed: Parsed) -> Sequence[AnyStatement]:
    """The statements of a parsed piece; none for noise and rejects."""
    return parsed.statements if isinstance(parsed, Stated) else ()
