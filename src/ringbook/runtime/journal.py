"""The journal: batches on their way into the ledger, so that a crash leaves them whole or not at all.

The ledger's engine commits one table at a time. A batch is therefore first written to a file of the home and synced; when it
stands in the ledger, the file goes. Several batches that belong together (a rederivation) are staged one by one and then
sealed. What is found sealed at start may stand in the ledger in part: it is written again, which changes nothing that stands
already. What is found staged and not sealed never began to be written: it goes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from ringbook.ledger.batch import Batch
from ringbook.ledger.erasing import Plan
from ringbook.ledger.ledger import Encoded


class Entry(msgspec.Struct, frozen=True):
    """A batch, with those of its rows that are bytes already, and what is removed before it is written.

    The warrant for that is kept with it: what was begun under it is finished under it.
    """

    batch: Batch
    encoded: Encoded = Encoded()
    removing: Plan | None = None


class Journal:
    """The journal kept in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def put(self, entry: Entry) -> None:
        """Keep one batch; durable when this returns. Raises ``OSError`` if the disk is full or the folder cannot be written."""
        self._write(entry, self._folder / "0.sealed")

    def begin(self) -> None:
        """Drop what was staged before and never sealed."""
        if not (self._folder / "staged").exists():
            for path in self._folder.glob("*.staged"):
                path.unlink()

    def stage(self, number: int, entry: Entry) -> None:
        """Keep one of several batches that are to be written all or none."""
        self._write(entry, self._folder / f"{number}.staged")

    def seal(self) -> None:
        """Make the staged batches count."""
        (self._folder / "staged").touch()
        self._sync_folder()

    def pending(self) -> Iterator[Entry]:
        """The batches that have to be written, in order; staged ones that were never sealed are dropped."""
        self.begin()
        staged = sorted(self._folder.glob("*.staged"), key=lambda path: int(path.stem))
        for path in [*self._folder.glob("*.sealed"), *staged]:
            yield msgspec.msgpack.decode(path.read_bytes(), type=Entry)

    def clear(self) -> None:
        """Forget all batches: they stand in the ledger."""
        for path in [*self._folder.glob("*.sealed"), *self._folder.glob("*.staged")]:
            path.unlink()
        (self._folder / "staged").unlink(missing_ok=True)

    def _write(self, entry: Entry, path: Path) -> None:
        draft = path.with_suffix(".draft")
        try:
            with draft.open("wb") as file:
                file.write(msgspec.msgpack.encode(entry))
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            draft.unlink(missing_ok=True)  # on a full disk it would only be in the way
            raise
        draft.replace(path)
        self._sync_folder()

    def _sync_folder(self) -> None:
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
