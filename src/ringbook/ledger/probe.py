"""The engine by itself, for comparison: what ``ringbook bench`` sets its figures beside."""

from __future__ import annotations

import time

from ringbook.ledger.engines.engine import Engine

TABLES = ("frames", "keys", "calls")


def insert_again(engine: Engine) -> float:
    """Seconds that the engine itself takes to insert all rows once more, into empty tables of the same make, durably."""
    seconds = 0.0
    for table in TABLES:
        copy = f"probe_{table}"
        _do(engine, f"DROP TABLE IF EXISTS {copy} SYNC")
        _do(engine, f"CREATE TABLE {copy} AS {table}")
        began = time.perf_counter()
        _do(engine, f"INSERT INTO {copy} SELECT * FROM {table}")
        seconds += time.perf_counter() - began
        _do(engine, f"DROP TABLE {copy} SYNC")
    return seconds


def plainest_page(engine: Engine) -> float:
    """Seconds that the engine takes for fifty rows by primary key, no condition: the floor under any page."""
    began = time.perf_counter()
    _do(engine, "SELECT id FROM calls ORDER BY tenant DESC, opened_at DESC LIMIT 50")
    return time.perf_counter() - began


def settle(engine: Engine) -> None:
    """Merge all parts and let go of the merged ones, so that the disk shows what the rows themselves take."""
    for table in TABLES:
        _do(engine, f"OPTIMIZE TABLE {table} FINAL")


def parts_bytes(engine: Engine) -> int:
    """Bytes on disk of the live parts of all tables of the store."""
    answer = engine.raw(
        "SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND database = currentDatabase()", {}, "TSV"
    )
    return int(answer)


def _do(engine: Engine, sql: str) -> None:
    engine.raw(sql, {}, "Null")
