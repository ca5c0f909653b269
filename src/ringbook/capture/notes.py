"""What a tail remembers of its files beside the ledger, so that a file which was replaced while nobody looked is told apart.

A mark covers a file's beginning as it was first seen, which may have been no more than a header. A note holds the hash of the
bytes before a position that was committed: if they are others when Ringbook starts again, the file is another. Notes are
hints: they may be old or missing, never wrong, so they are written now and then and without waiting for the disk.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

import msgspec
import xxhash

_SPAN = 4_096
"""Bytes before the position that a note covers."""


class Note(msgspec.Struct, frozen=True):
    """That the bytes before ``offset`` of the file ``origin`` with that mark have that hash."""

    origin: str
    mark: str
    offset: int
    digest: str


def note_of(origin: str, mark: str, offset: int, descriptor: int) -> Note:
    """A note of an open file."""
    return Note(origin, mark, offset, _digest(descriptor, offset))


def holds(note: Note, descriptor: int) -> bool:
    """Whether the open file still has what the note says."""
    return _digest(descriptor, note.offset) == note.digest


def load(path: Path | None) -> dict[tuple[str, str], Note]:
    """The notes in a file; none if there is no file, or none that can be read."""
    if path is None:
        return {}
    try:
        notes = msgspec.json.decode(path.read_bytes(), type=list[Note])
    except (OSError, msgspec.DecodeError):
        return {}
    return {(note.origin, note.mark): note for note in notes}


def save(path: Path, notes: Iterable[Note]) -> None:
    """Replace the notes in a file; a disk that refuses is passed over, for the ledger will say so."""
    draft = path.with_name(path.name + ".draft")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(msgspec.json.encode(list(notes)))
        draft.replace(path)


def fitting(notes: Mapping[tuple[str, str], Note], origin: str, mark: str, path: Path) -> bool:
    """Whether a file has what its note says; True where there is no note."""
    note = notes.get((origin, mark))
    if note is None:
        return True
    try:
        with path.open("rb") as file:
            return holds(note, file.fileno())
    except OSError:
        return False


def _digest(descriptor: int, offset: int) -> str:
    start = max(0, offset - _SPAN)
    data = os.pread(descriptor, offset - start, start)
    return f"{len(data)}:{xxhash.xxh3_64_hexdigest(data)}"
