"""Uploads that may be interrupted: bytes of a file arrive piece by piece, and go on where they stopped, after a crash too.

Each upload is a folder with ``data``, as far as it came, and ``about``. Its offset is the size of ``data``: there is nothing
else that could differ from it. A piece with a checksum waits beside it until it was proved right.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import time
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from ringbook.model.errors import AskError, WaitError
from ringbook.recordings.errors import VaultFullError

FOLDER = "recordings-arriving"
"""The folder of uploads in a home."""

MOST = 1_000
"""Uploads that are under way at the same time."""

KEPT_S = 7 * 86_400.0
"""How long an upload that nobody goes on with is kept, and what is known of one that was taken."""

SPARE = 64 << 20
"""Bytes of the disk that uploads leave free besides their own."""


class OffsetError(AskError):
    """The piece does not begin where the upload ends."""


class ChecksumError(AskError):
    """The piece is not what its sender says."""


class TooLongError(AskError):
    """More bytes than the upload has."""


class UnknownUploadError(AskError):
    """There is no such upload."""


class BusyError(WaitError):
    """Another piece of the same upload is arriving."""


class About(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of an upload. ``owner`` alone may go on with it. Once it is taken, ``recording`` is what it became."""

    id: str
    length: int
    name: str
    source: str
    owner: str
    made_at: float  # seconds since 1970
    call: str = ""
    recording: str = ""
    new: bool = False
    problem: str = ""  # why it is not taken yet, or cannot be
    over: bool = False  # taken, or refused for good


class Uploads:
    """The uploads of a home."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def begin(self, length: int, name: str, source: str, owner: str, call: str = "") -> About:
        """A new upload of so many bytes.

        :raises VaultFullError: the disk has no room for it, or too many are under way.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if shutil.disk_usage(self._folder).free < length + SPARE:
            raise VaultFullError("there is no room on the disk for this upload; try again later")
        if sum(1 for _ in self.all()) >= MOST:
            raise VaultFullError(f"{MOST} uploads are under way; finish or end some of them first")
        about = About(
            id=str(uuid.uuid4()),
            length=length,
            name=name,
            source=source,
            owner=owner,
            call=call,
            made_at=time.time(),
        )
        (self._folder / about.id).mkdir(mode=0o700)
        (self._folder / about.id / "data").touch(mode=0o600)
        self.note(about)
        return about

    def get(self, upload: str, owner: str = "") -> About:
        """What is known of an upload; of somebody else's as little as of none."""
        try:
            about = _ABOUT.decode((self._path(upload) / "about").read_bytes())
        except (OSError, msgspec.MsgspecError):
            raise UnknownUploadError("there is no such upload") from None
        if owner and about.owner != owner:
            raise UnknownUploadError("there is no such upload")
        return about

    def offset(self, about: About) -> int:
        """How many bytes have arrived."""
        return about.length if about.over else self.data(about).stat().st_size

    def data(self, about: About) -> Path:
        """The bytes as far as they have arrived."""
        return self._path(about.id) / "data"

    def append(
        self, about: About, offset: int, pieces: Iterable[bytes], checksum: tuple[str, bytes] | None = None
    ) -> int:
        """The offset after more bytes, which are durable when this returns; ``checksum`` is the name of a hash and its value.

        Without a checksum, what arrived before ``pieces`` broke off is kept.
        """
        with self._alone(about):
            if about.over or offset != self.offset(about):
                raise OffsetError(f"the upload stands at {self.offset(about)}, not at {offset}")
            data = self.data(about)
            left = about.length - offset
            if checksum is None:
                _write(data, "ab", pieces, left)
                return data.stat().st_size
            piece = data.with_name("piece")
            digest = hashlib.new(checksum[0], usedforsecurity=False)
            try:
                _write(piece, "wb", pieces, left, digest)
                if digest.digest() != checksum[1]:
                    raise ChecksumError("the bytes are not those that the checksum is of")
                with piece.open("rb") as source:
                    _write(data, "ab", iter(lambda: source.read(1 << 20), b""), left)
            finally:
                piece.unlink(missing_ok=True)
            return data.stat().st_size

    def note(self, about: About) -> None:
        """Keep what is known of an upload; durable when this returns."""
        path = self._path(about.id) / "about"
        fresh = path.with_name("about-new")
        with fresh.open("wb") as sink:
            sink.write(msgspec.json.encode(about))
            sink.flush()
            os.fsync(sink.fileno())
        fresh.replace(path)

    def settle(self, about: About) -> None:
        """Keep that an upload is over; its bytes are let go of."""
        self.note(msgspec.structs.replace(about, over=True))
        self.data(about).unlink(missing_ok=True)

    def end(self, about: About) -> None:
        """Let go of an upload and of all that has arrived of it."""
        with self._alone(about):
            shutil.rmtree(self._path(about.id), ignore_errors=True)

    def all(self) -> Iterator[About]:
        """Every upload, those that were taken some days ago excepted."""
        if self._folder.is_dir():
            for path in sorted(self._folder.iterdir()):
                with contextlib.suppress(UnknownUploadError):
                    yield self.get(path.name)

    def complete(self) -> list[About]:
        """Uploads all of whose bytes are there, and that were not taken yet; the oldest first."""
        found = [one for one in self.all() if not one.over and self.offset(one) == one.length]
        return sorted(found, key=lambda one: one.made_at)

    def clean(self) -> None:
        """Let go of uploads that nobody went on with for days, and of what is known of those taken."""
        for one in list(self.all()):
            path = self._path(one.id)
            last = max((part.stat().st_mtime for part in path.iterdir()), default=one.made_at)
            if time.time() - last > KEPT_S and (one.over or self.offset(one) < one.length):
                shutil.rmtree(path, ignore_errors=True)

    def _path(self, upload: str) -> Path:
        try:
            return self._folder / str(uuid.UUID(upload))
        except ValueError:
            raise UnknownUploadError("there is no such upload") from None

    @contextlib.contextmanager
    def _alone(self, about: About) -> Iterator[None]:
        with (self._path(about.id) / "lock").open("wb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise BusyError("another piece of this upload is arriving; wait for it") from None
            yield


def _write(file: Path, how: str, pieces: Iterable[bytes], most: int, digest: object = None) -> None:
    """Write the pieces; what was written is durable, also when they break off.

    :raises TooLongError: they are more than ``most`` bytes; those are kept.
    """
    written = 0
    with file.open(how) as sink:
        try:
            for piece in pieces:
                sink.write(piece[: most - written])
                if digest is not None:
                    digest.update(piece)  # type: ignore[attr-defined]  # one of hashlib's, which have no type of their own
                written += len(piece)
                if written > most:
                    raise TooLongError("these are more bytes than the upload has")
        finally:
            sink.flush()
            os.fsync(sink.fileno())


_ABOUT = msgspec.json.Decoder(About)
