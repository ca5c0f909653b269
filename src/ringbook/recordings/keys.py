"""Keys: one for each recording, wrapped by the vault's master key, kept apart from the audio.

Destroying a recording's key makes every copy of its audio unreadable, backups of the audio included; so the keys have a file
of their own, which backups should keep for a short time only. The master key comes from a file, the environment or a command
(:mod:`ringbook.recordings.master`); changing it rewraps the keys and touches no audio.
"""

from __future__ import annotations

import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from ringbook.recordings.errors import UnknownRecordingError, VaultKeyError, VaultUnwritableError
from ringbook.recordings.master import MasterKeys

_SCHEMA = """
CREATE TABLE IF NOT EXISTS keys (
    recording TEXT PRIMARY KEY,
    master TEXT NOT NULL,     -- which master key wraps it
    wrapped BLOB NOT NULL     -- RFC 3394
) WITHOUT ROWID
"""
STEP = 500
"""Keys that are rewrapped together: a step is short, and one that a crash undid is done again."""


class Keys:
    """The keys of the recordings. Safe to use from several threads."""

    def __init__(self, file: Path, master: MasterKeys) -> None:
        self._master = master
        self._lock = threading.Lock()
        try:
            self._base = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
            self._base.execute(
                "PRAGMA journal_mode=DELETE"
            )  # with secure_delete, nothing of a deleted key stays
            self._base.execute("PRAGMA secure_delete=ON")
            self._base.execute("PRAGMA synchronous=EXTRA")
            self._base.execute(_SCHEMA)
        except sqlite3.Error as error:
            raise VaultUnwritableError(
                f"the keys of the recordings cannot be used: {error} in {file}"
            ) from error

    def close(self) -> None:
        """Let go of the file."""
        self._base.close()

    def make(self, recording: str) -> bytes:
        """The key of a recording, made if there is none; durable when this returns."""
        with self._writing() as base:
            row = base.execute("SELECT master, wrapped FROM keys WHERE recording = ?", [recording]).fetchone()
            if row:
                return self._unwrapped(*row)
            key = secrets.token_bytes(32)
            newest = self._master.newest
            wrapped = aes_key_wrap(self._master.key(newest), key)
            base.execute("INSERT INTO keys VALUES (?, ?, ?)", [recording, newest, wrapped])
            return key

    def key(self, recording: str) -> bytes:
        """The key of a recording.

        :raises UnknownRecordingError: there is none: it was never kept, or destroyed.
        """
        with self._lock, closing(self._base.cursor()) as cursor:
            sql = "SELECT master, wrapped FROM keys WHERE recording = ?"
            row = cursor.execute(sql, [recording]).fetchone()
        if row is None:
            raise UnknownRecordingError(
                f"there is no key to recording {recording}: it was never kept here, or it was destroyed"
            )
        return self._unwrapped(*row)

    def destroy(self, recording: str) -> bool:
        """Whether there was a key; now there is none, and nothing of it in the file."""
        with self._writing() as base:
            return base.execute("DELETE FROM keys WHERE recording = ?", [recording]).rowcount > 0

    def destroy_all(self, recording: str) -> bool:
        """Whether there was a key of the recording, or of a silenced copy of it; now there is none."""
        sql = "DELETE FROM keys WHERE recording = ? OR (recording > ? AND recording < ?)"
        with self._writing() as base:  # "0" is the letter after "/"
            return base.execute(sql, [recording, f"{recording}/", f"{recording}0"]).rowcount > 0

    def rewrap(self) -> Iterator[int]:
        """Wrap all keys by the newest master key, a step at a time; gives how many each step did."""
        newest = self._master.newest
        sql = "SELECT recording, master, wrapped FROM keys WHERE master <> ? LIMIT ?"
        while True:
            with self._writing() as base:
                rows = base.execute(sql, [newest, STEP]).fetchall()
                fresh = [
                    (newest, aes_key_wrap(self._master.key(newest), self._unwrapped(m, w)), r)
                    for r, m, w in rows
                ]
                base.executemany("UPDATE keys SET master = ?, wrapped = ? WHERE recording = ?", fresh)
            if not rows:
                return
            yield len(rows)

    def counts(self) -> dict[str, int]:
        """How many keys each master key wraps."""
        with self._lock:
            return dict(self._base.execute("SELECT master, count(*) FROM keys GROUP BY master"))

    def _unwrapped(self, master: str, wrapped: bytes) -> bytes:
        try:
            return aes_key_unwrap(self._master.key(master), wrapped)
        except InvalidUnwrap:
            raise VaultKeyError(
                f"the master key {master} is not the one that this vault's keys were wrapped by; give back the one that was used"
            ) from None

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                self._base.execute("BEGIN IMMEDIATE")
                try:
                    yield self._base
                except BaseException:
                    self._base.execute("ROLLBACK")
                    raise
                self._base.execute("COMMIT")
            except sqlite3.Error as error:
                raise VaultUnwritableError(
                    f"the keys of the recordings cannot be written: {error}"
                ) from error
