"""Places: where sealed audio lies, a folder or an object store, through obstore."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, from_url

from ringbook.recordings.errors import UnknownRecordingError, VaultFullError, VaultUnwritableError

MIB = 1 << 20


class Place:
    """Objects by name. What was put is durable when ``put`` returns, whole or not at all."""

    def __init__(
        self, address: str, folder: Path, keep_free: int, options: dict[str, Any] | None = None
    ) -> None:
        self._folder: Path | None = None if address else folder
        self._keep_free = keep_free
        try:
            if self._folder is not None:
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._store: Any = LocalStore(self._folder)
            else:
                self._store = from_url(address, **(options or {}))
        except (BaseError, OSError, ValueError) as error:
            raise VaultUnwritableError(
                f"recordings cannot be kept at {address or folder}: {error}"
            ) from error

    def room(self) -> int | None:
        """Bytes that may still be written before the last that are kept free; None where nobody can tell."""
        if self._folder is None:
            return None
        return max(0, shutil.disk_usage(self._folder).free - self._keep_free)

    def put(self, name: str, parts: Iterable[bytes], expected: int) -> None:
        """Keep an object of about so many bytes."""
        room = self.room()
        if room is not None and expected > room:
            raise VaultFullError(
                f"there is no room for another recording ({expected / MIB:.1f} MiB; {room / MIB:.0f} MiB may be used "
                f"before the last {self._keep_free // MIB} MiB of the disk); make room, or keep recordings elsewhere"
            )
        try:
            obstore.put(self._store, name, iter(parts))
            self._sync(name)
        except (BaseError, OSError) as error:
            if self._folder is not None and shutil.disk_usage(self._folder).free < max(expected, MIB):
                raise VaultFullError(f"the disk became full while a recording was kept: {error}") from error
            raise VaultUnwritableError(f"a recording could not be kept: {error}") from error

    def _sync(self, name: str) -> None:
        """Have the file and the folders that name it on the disk; an object store does so by itself."""
        if self._folder is None:
            return
        path = self._folder / name
        for part in (path, *path.parents):
            descriptor = os.open(part, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            if part == self._folder:
                return

    def size(self, name: str) -> int:
        """The size of an object in bytes."""
        try:
            return int(obstore.head(self._store, name)["size"])
        except FileNotFoundError:
            raise UnknownRecordingError("this audio is not in the vault") from None
        except BaseError as error:
            raise VaultUnwritableError(f"a recording could not be read: {error}") from error

    def part(self, name: str, start: int, stop: int) -> bytes:
        """The bytes of an object from a first to before a second position."""
        try:
            return bytes(obstore.get_range(self._store, name, start=start, end=stop))
        except FileNotFoundError:
            raise UnknownRecordingError("this audio is not in the vault") from None
        except BaseError as error:
            raise VaultUnwritableError(f"a recording could not be read: {error}") from error

    def remove(self, name: str) -> bool:
        """Whether there was such an object; now there is none."""
        try:
            obstore.head(self._store, name)
            obstore.delete(self._store, name)
        except FileNotFoundError:
            return False
        except BaseError as error:
            raise VaultUnwritableError(f"a recording could not be deleted: {error}") from error
        return True

    def names(self, beginning: str) -> Iterator[str]:
        """The names of all objects that begin so."""
        for page in obstore.list(self._store, prefix=beginning):
            yield from (str(found["path"]) for found in page)
