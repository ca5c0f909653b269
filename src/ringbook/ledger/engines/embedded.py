"""The engine inside this process: chDB on a folder of this machine. One process at a time."""

from __future__ import annotations

import fcntl
import os
import queue
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import clickhouse_connect
from clickhouse_connect.driver.client import Client

from ringbook.ledger.address import DATABASE
from ringbook.ledger.engines.engine import Connected, Migration, apply, client_settings, translated
from ringbook.ledger.errors import LedgerBusyError, LedgerUnwritableError
from ringbook.model.errors import RingbookError

LOCK = "ringbook.lock"
READERS = 8
"""How many queries may run side by side; more wait for a turn."""


class EmbeddedEngine(Connected):
    """chDB on a folder. Raises LedgerBusyError when another process has it, LedgerUnwritableError when it cannot be written."""

    def __init__(self, path: Path) -> None:
        super().__init__(self._borrowed)
        self._path = path
        self._lock = _locked(path)
        # None: a place whose connection could not be replaced; whoever takes it connects anew.
        self._idle: queue.LifoQueue[Client | None] = queue.LifoQueue()
        self._made: list[Client] = []
        self._making = threading.Lock()
        try:
            first = self._start()
            with translated("opening"):
                first.command(f"CREATE DATABASE IF NOT EXISTS {DATABASE} ENGINE = Atomic")
                first.database = DATABASE
            self._idle.put(first)
        except BaseException:
            self.close()
            raise

    def migrate(self, migrations: Sequence[Migration]) -> list[str]:
        """Bring the store's tables up to date; the names of the steps taken now."""
        with self._borrow() as client:
            return apply(client, migrations)

    def close(self) -> None:
        """Let the store go, for this process and for others."""
        for client in self._made:
            client.close()
        self._made.clear()
        self._lock.close()

    def _start(self) -> Client:
        # The engine reads ./config.xml of the working directory when it starts: start it where there is none.
        before = Path.cwd()
        os.chdir(self._path)
        try:
            return self._connect()
        finally:
            os.chdir(before)

    def _connect(self, database: str | None = None) -> Client:
        with translated("opening"):
            client = clickhouse_connect.get_client(
                interface="chdb", path=str(self._path), database=database, settings=client_settings()
            )
        with self._making:
            self._made.append(client)
        return client

    @contextmanager
    def _borrowed(self) -> Iterator[Client]:
        """A client for one statement: each may run one at a time."""
        client = self._taken()
        try:
            yield client
        except BaseException:
            # After a statement that failed on its way, the next on the same connection is answered with nothing.
            self._idle.put(self._another(client))
            raise
        self._idle.put(client)

    def _taken(self) -> Client:
        try:
            client = self._idle.get_nowait()
        except queue.Empty:
            if len(self._made) < READERS:
                return self._connect(DATABASE)
            client = self._idle.get()
        if client is not None:
            return client
        try:
            return self._connect(DATABASE)
        except BaseException:
            self._idle.put(None)
            raise

    def _another(self, client: Client) -> Client | None:
        """A client in the place of one, which is closed; the engine stays, as there is one at every moment.

        None if there cannot be one now: then the old one stays open for the engine's sake, and is asked nothing more.
        """
        if self._lock.closed:
            return client  # the store was let go meanwhile
        try:
            fresh = self._connect(DATABASE)
        except RingbookError:
            return None
        with self._making:
            if client in self._made:
                self._made.remove(client)
        client.close()
        return fresh


def _locked(path: Path) -> IO[str]:
    """The store's lock, held until it is closed or this process ends."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        file = (path / LOCK).open("a+")
    except OSError as error:
        raise LedgerUnwritableError(
            f"the call store's folder {path} cannot be written: {error}; choose another or mend it"
        ) from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.seek(0)
        holder = file.read(32).strip()
        file.close()
        whose = f"process {holder}" if holder.isdigit() else "another process"
        raise LedgerBusyError(
            f"the call store {path} is in use by {whose}, and it takes one at a time; "
            "stop that process, or go through it (every command does so while `ringbook serve` runs)"
        ) from error
    file.seek(0)
    file.truncate()
    file.write(str(os.getpid()))
    file.flush()
    return file
