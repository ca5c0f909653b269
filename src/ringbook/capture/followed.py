"""One followed file: what recognises it, how far it was read, and whether what stands there now still goes on from there."""

from __future__ import annotations

import os
import stat
from io import FileIO
from pathlib import Path
from typing import NamedTuple

import msgspec
import xxhash

from ringbook.capture.chunk import Known
from ringbook.capture.notes import Note, note_of

MARK_BYTES = 32_768
"""Bytes of a file's beginning that its mark covers, as far as they were there when it was first seen."""

_LAST = 256
"""Bytes before the read position that are remembered, to recognise the content whatever happened to the file."""


class Identity(NamedTuple):
    """Device and inode: the same file under any name, as long as it exists."""

    device: int
    inode: int


class Mark(msgspec.Struct, frozen=True):
    """What recognises a file: length and hash of its first bytes as first seen, and which file on which disk it was.

    Written ``LENGTH:HASH+DEVICE.INODE``; a mark without the second part says nothing of the file itself.
    """

    length: int
    digest: str
    file: str = ""

    def __str__(self) -> str:
        return f"{self.length}:{self.digest}" + (f"+{self.file}" if self.file else "")

    @classmethod
    def of(cls, head: bytes, identity: Identity) -> Mark:
        """The mark of a file whose first bytes are these."""
        first = head[:MARK_BYTES]
        return cls(len(first), xxhash.xxh3_64_hexdigest(first), cls.name(identity))

    @staticmethod
    def name(identity: Identity) -> str:
        """How a mark writes a file: ``DEVICE.INODE``."""
        return f"{identity.device:x}.{identity.inode:x}"

    @property
    def of_file(self) -> str:
        """The file that the mark was made of, as :meth:`name` writes it; empty if the mark does not say."""
        return ".".join(self.file.split(".")[:2]) if "." in self.file else ""

    @classmethod
    def read(cls, text: str) -> Mark | None:
        """The mark that a text says; None if it is not one."""
        length, _, rest = text.partition(":")
        digest, _, file = rest.partition("+")
        return cls(int(length), digest, file) if length.isdecimal() and digest else None

    def begins(self, head: bytes) -> bool:
        """Whether a file with these first bytes begins as the marked one did."""
        first = head[: self.length]
        return len(first) == self.length and xxhash.xxh3_64_hexdigest(first) == self.digest

    def is_file(self, identity: Identity) -> bool:
        """Whether the mark was made of that file; a mark that does not say which may have been."""
        return self.of_file in ("", self.name(identity))


class Look(msgspec.Struct, frozen=True):
    """What a look at a path found."""

    path: Path
    identity: Identity
    size: int
    changed_ns: int

    @classmethod
    def at(cls, path: Path) -> Look | None:
        """The file at that path, or None if there is no regular file."""
        try:
            found = path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return cls.of(path, found) if stat.S_ISREG(found.st_mode) else None

    @classmethod
    def of(cls, path: Path, found: os.stat_result) -> Look:
        """What a ``stat`` says."""
        return cls(path, Identity(found.st_dev, found.st_ino), found.st_size, found.st_mtime_ns)


class Followed:
    """A file being read. ``origin`` is the path under which it was first seen; it keeps it through renaming."""

    def __init__(self, origin: str, look: Look, mark: str, known: Known | None = None) -> None:
        self.origin = origin
        self.mark = mark
        self.look = look
        self.offset = known.offset if known else 0
        self.committed = self.offset
        self.context = known.context if known else b""
        self.format = known.format if known else ""
        self.first = True  # the next chunk begins where the ledger is
        self.leaving = False  # rotated away or deleted: no longer where it was
        self.settled = self.offset > 0
        self.quiet_since = 0.0
        self.sized = -1  # when its format was last asked for
        self.seen_ns = 0  # when it was changed, as of the last time its content was looked at
        self._last = b""
        self._file: FileIO | None = None

    @property
    def is_open(self) -> bool:
        """Whether it holds a file descriptor."""
        return self._file is not None

    @property
    def rests(self) -> bool:
        """Whether nothing can be new in it: read to its end, settled, and not changed since."""
        return self.look.size == self.offset and self.settled and self.look.changed_ns == self.seen_ns

    @property
    def prefix(self) -> Mark:
        """Its mark, taken apart."""
        return Mark.read(self.mark) or Mark(0, "")

    def refresh(self) -> None:
        """Look again at a file that no path leads to any more, through its descriptor."""
        if self._file is not None:
            self.look = Look.of(self.look.path, os.fstat(self._file.fileno()))

    def open(self) -> bool:
        """Have a descriptor; whether it is this very file's (it may have been replaced since the look)."""
        if self._file is None:
            file = FileIO(self.look.path)
            if Look.of(self.look.path, os.fstat(file.fileno())).identity != self.look.identity:
                file.close()
                return False
            self._file = file
        return True

    def close(self) -> None:
        """Let go of the descriptor."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def read(self, most: int) -> bytes:
        """The next bytes; the position moves behind them."""
        if self._file is None:
            return b""
        data = os.pread(self._file.fileno(), most, self.offset)
        self.offset += len(data)
        self._last = (self._last + data)[-_LAST:]
        return data

    def back(self) -> None:
        """Read again from where the ledger has it."""
        self.offset = self.committed
        self.first = True
        self.settled = False
        self.seen_ns = 0
        self._last = b""

    def note(self) -> Note | None:
        """What stands before the committed position; None if the file is not open, or not the same any more."""
        if self._file is None:
            return None
        self.refresh()
        if not self.mark or not self.goes_on_here():
            return None
        return note_of(self.origin, self.mark, self.committed, self._file.fileno())

    def head(self) -> bytes:
        """Its first bytes, as far as a mark covers them."""
        return os.pread(self._file.fileno(), MARK_BYTES, 0) if self._file else b""

    def goes_on_here(self) -> bool:
        """Whether its own content still stands before the position (it was not truncated and written anew)."""
        if self._file is None or self.look.size < self.offset:
            return self.look.size >= self.offset
        return self._is_last(self._file.fileno())

    def goes_on_in(self, path: Path) -> bool:
        """Whether another file holds the same content up to the position: a copy, or what replaced it."""
        if not self.offset:
            return False
        try:
            with path.open("rb") as file:
                return self.prefix.begins(file.read(MARK_BYTES)) and self._is_last(file.fileno())
        except OSError:
            return False

    def rest_in(self, path: Path, most: int) -> bytes:
        """The bytes behind the position in another file; the position moves."""
        with path.open("rb") as file:
            data = os.pread(file.fileno(), most, self.offset)
        self.offset += len(data)
        self._last = (self._last + data)[-_LAST:]
        return data

    def move_to(self, look: Look) -> None:
        """Go on in the file that replaced it with the same content and more."""
        self.close()
        self.look = look

    def remember(self) -> None:
        """Read what stands before the position, after a restart."""
        if self._file is not None and not self._last:
            start = max(0, self.offset - _LAST)
            self._last = os.pread(self._file.fileno(), self.offset - start, start)

    def _is_last(self, descriptor: int) -> bool:
        return os.pread(descriptor, len(self._last), self.offset - len(self._last)) == self._last


def fits(known: Known, look: Look) -> bool:
    """Whether a file is the one that a kept position speaks of, so that reading goes on there.

    When in doubt it is not: a file that is read again changes nothing, one that is passed over is lost. So the file itself, its
    beginning and its length have to fit, and the position has to be behind a line's end (or at the end of the file).
    """
    mark = Mark.read(known.mark)
    if mark is None or look.size < known.offset or not mark.is_file(look.identity):
        return False
    try:
        with look.path.open("rb") as file:
            if not mark.begins(file.read(MARK_BYTES)):
                return False
            if known.offset in (0, look.size):
                return True
            return os.pread(file.fileno(), 1, known.offset - 1) in (b"\n", b"\r")
    except OSError:
        return False
