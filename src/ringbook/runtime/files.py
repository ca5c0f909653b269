"""Files to import: which they are, what stands in them, how far each has been read."""

from __future__ import annotations

import gzip
import io
import os
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

import msgspec
import xxhash
import zstandard

from ringbook.ledger.batch import Position
from ringbook.model.errors import AskError
from ringbook.parse.registry import sniff

HEAD = 65_536
"""Bytes of a file's beginning by which its format is told."""

MARK = 4_096
"""Bytes of a file's beginning by which the file is recognised."""

GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
"""First bytes of compressed files."""

DAMAGE = (EOFError, zlib.error, zstandard.ZstdError)
"""What reading a damaged compressed file raises, besides ``OSError``."""

_SURE = 0.5
"""Bid below which a format's claim on a file is no more than a guess."""


class NoSuchPathError(AskError):
    """A path that leads to no file."""


class UnrecognisedFileError(AskError):
    """A file that no format recognises, or that several claim alike."""


class UnreadableFileError(AskError):
    """A file that cannot be opened, or whose compression is damaged from its beginning."""


class Found(msgspec.Struct, frozen=True):
    """A file to import. ``size`` is on disk; ``named`` whether it is the one that was asked for, not one among several."""

    path: Path
    size: int
    named: bool


def find(paths: Sequence[str]) -> list[Found]:
    """The files that paths, folders and globs lead to, folders first to last in name order, each file once.

    Raises :class:`NoSuchPathError` for a path that leads nowhere. Hidden files in folders are passed over.
    """
    found: dict[Path, Found] = {}
    for text in paths:
        path = Path(text).expanduser()
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.is_file() and not _hidden(p.relative_to(path)))
            matches = [(p, False) for p in inside]
        elif path.exists():
            matches = [
                (path, len(paths) == 1)
            ]  # among several, as a shell's pattern gives them, one unknown is passed over
        else:
            matches = [(match, False) for match in _matches(path)]
            if not matches:
                raise NoSuchPathError(
                    f"{text}: there is no such file or folder; check the path, or quote the pattern"
                )
        for match, named in matches:
            real = match.resolve()
            found.setdefault(real, Found(real, real.stat().st_size, named))
    return list(found.values())


def written(path: Path) -> str:
    """The path as text that can be stored and shown: bytes of a name that are no UTF-8 stand as ``\\xe9``."""
    return os.fsencode(path).decode("utf-8", errors="backslashreplace")


class Opened:
    """A file opened for reading, decompressed where need be (told by its first bytes, not its name)."""

    def __init__(self, path: Path) -> None:
        with ExitStack() as undo:
            try:
                self._raw: BinaryIO = undo.enter_context(path.open("rb"))
                self.stream = _plain(self._raw)
                self.head = self.stream.read(HEAD)
            except (OSError, *DAMAGE) as error:
                raise UnreadableFileError(f"{written(path)} cannot be read: {error}") from error
            undo.pop_all()
        self.compressed = self.stream is not self._raw

    def disk_position(self) -> int:
        """How many bytes of the file on disk have been read."""
        return self._raw.tell()

    def chunks(self, start: int, size: int) -> Iterator[bytes]:
        """The content from a position on, in chunks of at most ``size`` bytes."""
        if start < len(self.head):
            yield self.head[start:]
        else:
            self._skip(start - len(self.head))
        while chunk := self.stream.read(size):
            yield chunk

    def close(self) -> None:
        """Close the file."""
        self._raw.close()

    def _skip(self, count: int) -> None:
        if self.stream is self._raw:
            self._raw.seek(count, os.SEEK_CUR)
            return
        while count > 0:
            got = len(self.stream.read(min(count, 1 << 20)))
            if not got:
                return
            count -= got


def format_of(head: bytes, name: str) -> str:
    """The slug of the format that a file's beginning shows; raises :class:`UnrecognisedFileError` if there is no telling."""
    bids = sniff(head, name)
    if not bids or bids[0][0] < _SURE:
        raise UnrecognisedFileError(
            f"{name}: no format recognises this file; name one with --format "
            "(see 'ringbook sources list'), or describe the file with 'ringbook sources map'"
        )
    if len(bids) > 1 and bids[0][0] == bids[1][0]:
        raise UnrecognisedFileError(
            f"{name}: could be {bids[0][1].about.slug} or {bids[1][1].about.slug}; say which with --format"
        )
    return bids[0][1].about.slug


def mark_of(head: bytes) -> str:
    """What recognises a file's content: the length and hash of its first bytes."""
    first = head[:MARK]
    return f"{len(first)}:{xxhash.xxh3_64_hexdigest(first)}"


def goes_on(position: Position, head: bytes, size: int | None) -> bool:
    """Whether a file is the one a position was kept for, grown or the same; ``size`` is None where it is not known."""
    length, _, digest = position.mark.partition(":")
    first = head[: int(length)]
    same = len(first) == int(length) and xxhash.xxh3_64_hexdigest(first) == digest.partition("+")[0]
    return same and (size is None or size >= position.offset)


def _plain(raw: BinaryIO) -> BinaryIO:
    magic = raw.read(4)
    raw.seek(0)
    if magic[:2] == GZIP:
        return io.BufferedReader(gzip.GzipFile(fileobj=raw))
    if magic == ZSTD:
        return io.BufferedReader(zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True))
    return raw


def _matches(pattern: Path) -> list[Path]:
    """The files that a pattern matches, in name order."""
    absolute = pattern.absolute()
    return sorted(
        p for p in Path(absolute.anchor).glob(str(absolute.relative_to(absolute.anchor))) if p.is_file()
    )


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
