"""Bytes of what was removed, off the disk: the ledger rewritten, the spool and the journal emptied of what they no longer hold.

The relational store, the vault, exports and files that people keep elsewhere are not touched: those who remove things there see
to their bytes there.
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path

import msgspec

from ringbook.ledger.erasing import Physical, purge
from ringbook.model.warrant import Warrant
from ringbook.runtime.home import Home

SPOOL = "spool.sqlite"
UPLOADS = "uploads"
ABANDONED_S = 7 * 86_400.0
"""After which nobody imports the files of an upload any more."""

_PATIENCE_S = 30.0


class Purged(msgspec.Struct, frozen=True, kw_only=True):
    """What a purge came to. ``state`` is ``gone`` when no removed byte is left in the ledger, the spool and the journal."""

    ledger: Physical
    spool_clean: bool
    files_removed: int

    @property
    def state(self) -> str:
        """``gone`` from the disk, or only ``hidden``."""
        return "gone" if self.spool_clean and self.ledger.state == "gone" else "hidden"


def purge_home(home: Home, warrant: Warrant) -> Purged:
    """Have the bytes of all that was removed go from the home's disk; takes seconds to minutes."""
    with home.intake.writing:  # nothing is on its way: what the journal still holds is no batch's
        removed = sum(_remove(file) for file in (home.folder / "journal").glob("*.draft"))
    removed += sum(_remove(folder) for folder in _abandoned(home.folder / UPLOADS))
    return Purged(
        ledger=purge(home.ledger, warrant),
        spool_clean=_clean(home.folder / SPOOL),
        files_removed=removed,
    )


def _abandoned(uploads: Path) -> list[Path]:
    if not uploads.is_dir():
        return []
    before = time.time() - ABANDONED_S
    return [folder for folder in uploads.iterdir() if folder.name != "arriving" and _touched(folder) < before]


def _touched(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # imported or thrown away this moment
        return time.time()


def _remove(path: Path) -> int:
    with suppress(FileNotFoundError):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
        return 1
    return 0


def _clean(spool: Path) -> bool:
    """Whether the spool's file holds nothing but what waits on it: its free pages and its log are written over."""
    if not spool.exists():
        return True
    try:
        with closing(sqlite3.connect(spool, isolation_level=None, timeout=_PATIENCE_S)) as base:
            base.execute("PRAGMA secure_delete = ON")
            base.execute("VACUUM")
            [busy, *_pages] = base.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError:  # in use all the while, or the disk is full: the next purge does it
        return False
    return not busy
