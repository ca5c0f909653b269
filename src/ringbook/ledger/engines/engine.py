"""What the ledger asks of an engine; the two engines differ in how they are reached, not in what they are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

import msgspec
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError, OperationalError, ProgrammingError

from ringbook.ledger.errors import (
    LedgerAddressError,
    LedgerDamagedError,
    LedgerRefusedError,
    LedgerUnavailableError,
    LedgerUnwritableError,
)

Params = Mapping[str, object]

READING = {
    # Every read sees the highest revision of each row, and a key never leaves its partition.
    "final": 1,
    "do_not_merge_across_partitions_select_final": 1,
    "output_format_json_quote_64bit_integers": 0,
    "output_format_json_quote_denormals": 0,
    "optimize_syntax_fuse_functions": 1,  # a median and a 90th percentile of one column are computed from one sorting
    "max_query_size": 64 * 1024 * 1024,
    "max_ast_elements": 1_000_000,
    "max_expanded_ast_elements": 1_000_000,
}
WRITING = {
    # One insert is one block, so that a reader sees all of it or nothing.
    "async_insert": 0,
    "insert_deduplicate": 1,
    "max_insert_block_size": 10_000_000,
    "min_insert_block_size_rows": 10_000_000,
    "min_insert_block_size_bytes": 4 * 1024 * 1024 * 1024,
    "input_format_parallel_parsing": 0,
    "max_insert_threads": 1,
}

# The engine's error codes, as in its `system.errors`.
_UNWRITABLE = {
    75,  # CANNOT_WRITE_TO_FILE_DESCRIPTOR
    76,  # CANNOT_OPEN_FILE
    243,  # NOT_ENOUGH_SPACE
}
_UNWRITABLE_SIGNS = (
    "No space left on device",
    "Read-only file system",
    "Permission denied",
    "Disk quota exceeded",
    "File too large",
    "Input/output error",
)
_UNAVAILABLE = {
    159,  # TIMEOUT_EXCEEDED
    202,  # TOO_MANY_SIMULTANEOUS_QUERIES
    203,  # NO_FREE_CONNECTION
    209,  # SOCKET_TIMEOUT
    210,  # NETWORK_ERROR
    241,  # MEMORY_LIMIT_EXCEEDED
    242,  # TABLE_IS_READ_ONLY
    252,  # TOO_MANY_PARTS
    279,  # ALL_CONNECTION_TRIES_FAILED
    999,  # KEEPER_EXCEPTION
}
_LOGIN = {
    194,  # REQUIRED_PASSWORD
    497,  # ACCESS_DENIED
    516,  # AUTHENTICATION_FAILED
}


class Migration(msgspec.Struct, frozen=True):
    """One numbered step of the schema."""

    number: int
    name: str
    statements: tuple[str, ...]


class Engine(Protocol):
    """A store of calls that can be told SQL."""

    def migrate(self, migrations: Sequence[Migration]) -> list[str]:
        """Bring the store's tables up to date; the names of the steps taken now."""
        ...

    def insert(self, table: str, columns: Sequence[str], rows: bytes, token: str) -> None:
        """Add rows (an Arrow stream), all or none of a partition; durable on return. A repeated token adds nothing."""
        ...

    def raw(self, sql: str, params: Params, form: str, settings: Params | None = None) -> bytes:
        """A query's answer in one of the engine's output formats."""
        ...

    def change(self, sql: str, params: Params, settings: Params | None = None) -> None:
        """Run a statement that changes rows or tables, on every node's own."""
        ...

    def each(self, sql: str) -> list[bytes]:
        """A query's answer (TSV) from every node about its own, in the order of the nodes; ``currentDatabase()`` is where it has
        its tables."""
        ...

    def close(self) -> None:
        """Let the store go."""
        ...


HIDING = {
    # Rows are hidden by a small patch beside them, at once; of all revisions.
    "lightweight_delete_mode": "lightweight_update_force",
    "final": 0,
}

MASKING = {"lightweight_delete_mode": "alter_update", "lightweight_deletes_sync": 2, "final": 0}
"""Rows are hidden by a mask in their part, which is written for it: slower."""


class Connected:
    """An engine over clickhouse-connect: what both have in common."""

    def __init__(self, borrow: Callable[[], AbstractContextManager[Client]]) -> None:
        self._borrow = borrow

    def insert(self, table: str, columns: Sequence[str], rows: bytes, token: str) -> None:
        """Add rows (an Arrow stream), all or none of a partition; durable on return. A repeated token adds nothing."""
        with self._borrow() as client, translated(f"writing {table}"):
            client.raw_insert(
                table,
                column_names=list(columns),
                insert_block=rows,
                fmt="ArrowStream",
                settings={**WRITING, "insert_deduplication_token": token},
            )

    def change(self, sql: str, params: Params, settings: Params | None = None) -> None:
        """Run a statement that changes rows or tables, on every node's own."""
        for client in self._nodes():
            with translated("changing"):
                client.command(sql, parameters=dict(params), settings=dict(settings or {}))

    def each(self, sql: str) -> list[bytes]:
        """A query's answer (TSV) from every node about its own, in the order of the nodes."""
        answers = []
        for client in self._nodes():
            with translated("reading"):
                answers.append(bytes(client.raw_query(sql, fmt="TSV")))
        return answers

    def _nodes(self) -> Iterator[Client]:
        """A client for each node, one after the other, in the database where it keeps its rows."""
        with self._borrow() as client:
            yield client

    def raw(self, sql: str, params: Params, form: str, settings: Params | None = None) -> bytes:
        """A query's answer in one of the engine's output formats."""
        with self._borrow() as client, translated("reading"):
            text = sql if not settings else f"{sql}\nSETTINGS {_clause(settings)}"
            return client.raw_query(text, parameters=dict(params), fmt=form)


def _clause(settings: Params) -> str:
    return ", ".join(f"{name} = {value!r}" for name, value in settings.items())


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Turns what the driver raises into what the operator does about it."""
    try:
        yield
    except OSError as error:
        raise LedgerUnwritableError(
            f"{doing} the call store failed: {error}; make room or mend the disk"
        ) from error
    except OperationalError as error:
        raise LedgerUnavailableError(
            f"{doing} the call store failed, it does not answer: {_first(error)}"
        ) from error
    except ClickHouseError as error:
        raise _meaning(doing, error) from error


def _meaning(doing: str, error: ClickHouseError) -> Exception:
    code = getattr(error, "code", None)
    text = str(error)
    if code in _UNWRITABLE or any(sign in text for sign in _UNWRITABLE_SIGNS):
        return LedgerUnwritableError(
            f"{doing} the call store failed: {_first(error)}; make room or mend the disk, then start again"
        )
    if code in _LOGIN:
        return LedgerAddressError(
            f"{doing} the call store failed, it refuses the login of its address: {_first(error)}"
        )
    if code in _UNAVAILABLE or isinstance(error, ProgrammingError):
        return LedgerUnavailableError(f"{doing} the call store failed: {_first(error)}")
    return LedgerRefusedError(f"{doing} the call store was refused: {text}")


def _first(error: BaseException) -> str:
    return str(error).strip().split("\n")[0][:300]


def apply(client: Client, migrations: Sequence[Migration]) -> list[str]:
    """Apply to one node the migrations that it has not recorded yet, each recorded when done.

    Every statement can be repeated (``IF NOT EXISTS``), so a step that a crash interrupted is taken again.

    :raises LedgerDamagedError: the store has steps that this version does not know: a later one made them.
    """
    with translated("preparing"):
        client.command(
            "CREATE TABLE IF NOT EXISTS migrations (number UInt16, name String, applied_at DateTime64(3, 'UTC'))"
            " ENGINE = MergeTree ORDER BY number SETTINGS fsync_after_insert = 1, fsync_part_directory = 1"
        )
        done = {int(row[0]) for row in client.query("SELECT number FROM migrations").result_rows}
        if (last := max(done, default=0)) > max(step.number for step in migrations):
            raise LedgerDamagedError(
                f"the call store was made by a later version of Ringbook (its step {last} is not known here);"
                " start that version, or use another home"
            )
        taken: list[str] = []
        for step in sorted(migrations, key=lambda m: m.number):
            if step.number in done:
                continue
            for statement in step.statements:
                client.command(statement)
            client.command(
                "INSERT INTO migrations SELECT {number:UInt16}, {name:String}, now64(3)",
                parameters={"number": step.number, "name": step.name},
            )
            taken.append(step.name)
        return taken


def client_settings() -> dict[str, Any]:
    """The settings of every client."""
    return dict(READING)
