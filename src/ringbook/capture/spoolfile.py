"""The spool's file: its tables, its transactions, and what its errors mean."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from ringbook.capture.chunk import Chunk, Signal
from ringbook.capture.entries import Done, Entry
from ringbook.capture.errors import (
    SpoolFullError,
    SpoolInUseError,
    SpoolUnavailableError,
    SpoolUnusableError,
    SpoolUnwritableError,
)
from ringbook.model.instant import Instant

VERSION = 1
"""Of the tables, kept in the file's ``user_version``."""

_TABLES = """
CREATE TABLE chunk (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  source TEXT NOT NULL, input TEXT NOT NULL, origin TEXT NOT NULL, format TEXT NOT NULL,
  start INTEGER NOT NULL, data BLOB NOT NULL, received_at INTEGER NOT NULL, last INTEGER NOT NULL
);
CREATE UNIQUE INDEX chunk_place ON chunk (origin, start, last);
CREATE TABLE stream (origin TEXT PRIMARY KEY, at INTEGER NOT NULL, context BLOB NOT NULL) WITHOUT ROWID;
"""

_END_OPEN_STREAMS = """
INSERT INTO chunk (source, input, origin, format, start, data, received_at, last)
SELECT source, input, origin, format, max(start + length(data)), x'', max(received_at), 1
FROM chunk GROUP BY origin HAVING max(last) = 0 ORDER BY min(seq)
"""

_APPEND = """
INSERT OR IGNORE INTO chunk (source, input, origin, format, start, data, received_at, last)
VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING seq
"""

_TAKE = """
SELECT c.seq, c.source, c.input, c.origin, c.format, c.start, c.data, c.received_at, c.last,
       coalesce(s.at, 0), coalesce(s.context, x'')
FROM chunk c LEFT JOIN stream s ON s.origin = c.origin WHERE c.seq > ? ORDER BY c.seq LIMIT ?
"""

_RELEASE = """
DELETE FROM chunk WHERE origin = ? AND seq <= ? AND start + length(data) <= ? RETURNING length(data), last
"""

_MOVE = """
INSERT INTO stream (origin, at, context) VALUES (?, ?, ?)
ON CONFLICT (origin) DO UPDATE SET at = excluded.at, context = excluded.context WHERE excluded.at >= at
"""

_FREE_PAGES = 4_096
"""Free pages (of 4 KiB) that the file keeps for the rows to come before it is made smaller."""


_HARDLY = 65_536


class Amount(msgspec.Struct, frozen=True):
    """So many rows of so many bytes, the last of them with that number."""

    rows: int
    bytes: int
    last_seq: int = 0


def hold(path: Path) -> int:
    """An open file descriptor whose lock says that this process has the spool; raises when another has it."""
    beside = path.with_name(path.name + ".lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise SpoolUnusableError(
            f"cannot write in {path.parent}: {error.strerror}; make it a folder that this user may write in, "
            "or choose another with --home"
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise SpoolInUseError(
            f"another Ringbook takes records in for {path.parent}; stop it, or choose another home with --home"
        ) from error
    return descriptor


def connect(path: Path) -> sqlite3.Connection:
    """A connection on which every commit is on the disk when it returns."""
    try:
        db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
        _prepare(db, path)
    except sqlite3.Error as error:
        raise _unusable(error, path) from error
    return db


def _unusable(error: sqlite3.Error, path: Path) -> Exception:
    if isinstance(full := trouble(error, path), SpoolFullError):
        return full
    return SpoolUnusableError(
        f"cannot open the spool {path}: {error}; check its disk and permissions, "
        "or move the file away to begin an empty one (what it holds stays in the moved file)"
    )


def _prepare(db: sqlite3.Connection, path: Path) -> None:
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version not in (0, VERSION):
        raise SpoolUnusableError(
            f"the spool {path} was written by a newer Ringbook (version {version}); start that one to empty it"
        )
    if version == 0:
        db.execute("PRAGMA auto_vacuum = INCREMENTAL")
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA journal_size_limit = 16777216")
    if version == 0:
        db.executescript(f"BEGIN IMMEDIATE; {_TABLES} PRAGMA user_version = {VERSION}; COMMIT;")
        path.chmod(0o600)


def recover(db: sqlite3.Connection, path: Path) -> Amount:
    """End the streams whose connections died with the last process; what is waiting after that."""
    try:
        with db:
            db.execute("BEGIN IMMEDIATE")
            db.execute(_END_OPEN_STREAMS)
            db.execute("DELETE FROM stream WHERE origin NOT IN (SELECT origin FROM chunk)")
        rows, size = db.execute("SELECT count(*), coalesce(sum(length(data)), 0) FROM chunk").fetchone()
        last = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'chunk'").fetchone()
    except sqlite3.Error as error:
        raise _unusable(error, path) from error
    return Amount(rows, size, last[0] if last else 0)


def append(db: sqlite3.Connection, entries: Sequence[Entry]) -> Amount:
    """Write the entries in one transaction; when this returns they are on the disk."""
    rows = size = last = 0
    with db:
        db.execute("BEGIN IMMEDIATE")
        for entry in entries:
            new = db.execute(_APPEND, _row(entry)).fetchall()
            if new:
                rows, size, last = rows + 1, size + len(entry.data), new[0][0]
    return Amount(rows, size, last)


def _row(entry: Entry) -> tuple[str, str, str, str, int, bytes, Instant, int]:
    return (
        entry.source,
        entry.input,
        entry.origin,
        entry.format,
        entry.start,
        entry.data,
        entry.received_at,
        int(entry.last),
    )


def take(db: sqlite3.Connection, after: int, limit: int, max_bytes: int) -> list[Chunk]:
    """The rows behind ``after``, each without what its stream has committed already."""
    chunks: list[Chunk] = []
    size = 0
    cursor = db.execute(_TAKE, (after, limit))
    for seq, source, name, origin, form, start, data, received_at, last, at, context in cursor:
        skip = min(max(0, at - start), len(data))
        chunk = Chunk(
            source=source,
            input=name,
            origin=origin,
            offset=start + skip,
            data=data[skip:],
            format=form,
            context=context,
            received_at=received_at,
            signal=Signal.END if last else Signal.MORE,
            seq=seq,
            first=start + skip == at,
        )
        chunks.append(chunk)
        size += len(chunk.data)
        if size >= max_bytes:
            break
    cursor.close()
    return chunks


def release(db: sqlite3.Connection, done: Iterable[Done]) -> Amount:
    """Remove what the ledger has, and remember how far each unfinished stream is committed."""
    rows = size = 0
    with db:
        db.execute("BEGIN IMMEDIATE")
        for item in done:
            gone = db.execute(_RELEASE, (item.origin, item.seq, item.offset)).fetchall()
            rows += len(gone)
            size += sum(length for length, _ in gone)
            if any(last for _, last in gone):
                db.execute("DELETE FROM stream WHERE origin = ?", (item.origin,))
            else:
                db.execute(_MOVE, (item.origin, item.offset, item.context))
    _give_back(db)
    return Amount(rows, size)


def _give_back(db: sqlite3.Connection) -> None:
    """Shrink the file, a step at a time, once much of it is free."""
    if db.execute("PRAGMA freelist_count").fetchone()[0] > _FREE_PAGES:
        db.executescript(f"PRAGMA incremental_vacuum({_FREE_PAGES})")  # execute() would free one page only


def has_rows(db: sqlite3.Connection, after: int) -> bool:
    """Whether any row waits behind that one."""
    return db.execute("SELECT 1 FROM chunk WHERE seq > ? LIMIT 1", (after,)).fetchone() is not None


def oldest(db: sqlite3.Connection) -> Instant | None:
    """When the first waiting row was received; None if nothing waits."""
    row = db.execute("SELECT received_at FROM chunk ORDER BY seq LIMIT 1").fetchone()
    return None if row is None else int(row[0])


def room(path: Path) -> int:
    """Bytes free on the disk of the spool."""
    disk = os.statvfs(path.parent)
    return disk.f_bavail * disk.f_frsize


def check_room(path: Path, keep_free: int) -> None:
    """Raise :class:`SpoolFullError` when less of the disk is free than must stay free."""
    if keep_free <= 0:
        return
    free = room(path)
    if free < keep_free:
        raise SpoolFullError(
            f"the disk of {path.parent} has {free} bytes free and {keep_free} must stay free; make room there "
            "(or lower [spool] keep_free_mb); intake goes on by itself"
        )


def _is_full(path: Path) -> bool:
    """Whether the disk has hardly a page left: SQLite tells some of a full disk's failures as input/output errors."""
    try:
        return room(path) < _HARDLY
    except OSError:
        return False


def trouble(error: Exception, path: Path) -> SpoolUnavailableError:
    """What an error of the file means to a sender and to the operator."""
    if isinstance(error, SpoolUnavailableError):
        return error
    code = getattr(error, "sqlite_errorcode", None) or 0
    if code & 0xFF == sqlite3.SQLITE_FULL or _is_full(path):
        return SpoolFullError(f"the disk of {path} is full; make room there, intake goes on by itself")
    return SpoolUnwritableError(
        f"the spool {path} cannot be written: {error}; check that its disk is mounted for writing, "
        "within its quota and sound; intake goes on by itself"
    )
