"""A recording that the vault keeps, and how it came to its call."""

from __future__ import annotations

from enum import StrEnum
from typing import NewType

import msgspec

from ringbook.model.call import CallId
from ringbook.model.instant import Instant

RecordingId = NewType("RecordingId", str)
"""A recording's stable id: the canonical text of a UUID made of source, content and the ids in its name."""


class Joined(StrEnum):
    """What joins a recording to its call, the strongest first."""

    HAND = "hand"  # somebody said so
    RECORD = "record"  # a record of the call names the file
    ID = "id"  # an id in the file's name is one of the call's
    OVERLAP = "overlap"  # numbers and times fit, and fit no other call as well
    NONE = ""  # not joined yet


class StoredForm(msgspec.Struct, frozen=True):
    """One form in which the vault keeps it: ``original``, ``play``, ``peaks``, ``masked-…``; size and hash of its plain bytes."""

    form: str
    size: int
    sha256: str
    stored_sha256: str


class Part(msgspec.Struct, frozen=True):
    """One of the files that a recording was put together from: those of the two sides of a conversation."""

    name: str
    sha256: str


class Silence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A span (seconds) of a recording that must not be heard: who said so, why, and how (``hand``, ``mark``, ``api``)."""

    id: str
    start_s: float
    stop_s: float
    by: str
    reason: str = ""
    origin: str = "hand"
    at: Instant = 0


class KeptRecording(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A recording in the vault. ``why`` says why it is joined so, or why to none; ``problem`` why it cannot be played.

    One that ``awaits`` a call was joined to it by hand before that vanished, and is again when it comes back.

    ``silenced`` are the spans (seconds) that must not be heard, put together from ``silences``. While it is ``silencing``, the
    audio without them is not made yet, and nothing of it can be heard. ``lost`` are the forms that were destroyed when it was
    silenced: their hashes stay. One that is ``gone`` was destroyed: only this row is left of it.
    """

    id: RecordingId
    tenant: str
    source: str
    name: str
    origin: str = ""  # where it came from: a path, an upload, an address
    received_at: Instant
    started_at: Instant | None = None
    wall_clock: str = ""  # what a clock showed there when it began (ISO, no zone), if the name says so
    duration_s: float | None = None
    channels: int | None = None
    codec: str = ""
    size: int = 0
    sha256: str = ""  # of the original; of the bytes of its parts one after the other, if it has parts
    parts: tuple[Part, ...] = ()
    stored: tuple[StoredForm, ...] = ()
    ids: tuple[str, ...] = ()  # ids in its name
    numbers: tuple[str, ...] = ()  # numbers in its name
    call: CallId | None = None
    joined: Joined = Joined.NONE
    confidence: float | None = None
    why: str = ""
    awaits: CallId | None = None
    problem: str = ""
    silenced: tuple[tuple[float, float], ...] = ()
    silences: tuple[Silence, ...] = ()
    silencing: bool = False
    lost: tuple[StoredForm, ...] = ()
    gone: bool = False
    version: int = 1
