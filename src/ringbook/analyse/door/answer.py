"""Answers to analysts' statements: within a scope, bounded in time, memory and rows."""

from __future__ import annotations

import json
import re
import threading
from typing import Any

import msgspec
import pyarrow as pa

from ringbook.analyse.door.errors import SqlError
from ringbook.analyse.door.views import VIEWS
from ringbook.ledger.errors import LedgerRefusedError, LedgerUnavailableError
from ringbook.ledger.ledger import Ledger
from ringbook.model.scope import Scope

ROWS = 10_000
"""Rows that an answer has unless more are asked for."""
MOST_ROWS = 1_000_000
TIME_S = 30.0
LONGEST_S = 120.0
MEMORY = 2**30
AT_ONCE = 2
"""Statements that are computed at a time; further ones are turned away, so that calls stay quick to find."""

_TIME = 159
_BOUNDS = frozenset({_TIME, 173, 241})
"""The engine's codes for what takes too long or too much memory."""
_TOLD = {
    47: "no such column", 46: "no such function", 42: "wrong number of values", 43: "a value of the wrong kind",
    53: "kinds that do not fit", 63: "no such aggregate", 184: "an aggregate inside another",
    207: "a name that could be two columns", 215: "a column that is neither grouped nor aggregated",
    386: "kinds without a common one", 352: "an ambiguous column",
    179: "one name for two things", 258: "SELECTs of different columns", 60: "no such view",
}  # fmt: skip
"""The engine's codes whose words are about the statement alone, never about what rows hold."""
_CODE = re.compile(r"Code:\s*(\d+)|error code (\d+)|\(code (\d+)\)")
_NAME = re.compile(r"\(([A-Z][A-Z0-9_]{3,})\)")


class Answer(msgspec.Struct, frozen=True):
    """Rows as an Arrow table; ``cut`` says that there are more than were asked for."""

    table: pa.Table
    cut: bool = False

    def rows(self) -> list[dict[str, Any]]:
        """The rows as plain values by column name."""
        return list(self.table.to_pylist())


def answer(ledger: Ledger, scope: Scope, text: str, *, rows: int = ROWS, time_s: float = TIME_S) -> Answer:
    """What a statement comes to for a reader, at most so many rows of it.

    :raises SqlError: it is not taken, took too long or too much, or cannot be computed.
    """
    if scope.masked:
        raise SqlError("Who sees numbers masked cannot ask in SQL: a statement could compute them.")
    from ringbook.analyse.door.statement import prepared  # only here: the parser takes long to load

    statement = prepared(text)
    rows, time_s = max(1, min(rows, MOST_ROWS)), max(1.0, min(time_s, LONGEST_S))
    views = ", ".join(f"view_{name} AS ({VIEWS[name].sql(scope)})" for name in statement.views)
    # A statement without a view still says whose it is, as every read of the ledger does.
    views = views or "view_none AS (SELECT 1 WHERE {tenant:String} != '')"
    sql = f"WITH {views} SELECT * FROM ({statement.sql}) LIMIT {rows + 1}"
    settings = _settings(scope, time_s)
    if not _TURNS.acquire(blocking=False):
        raise SqlError(f"{AT_ONCE} statements are being computed already. Ask again in a moment.")
    try:
        table = _table(ledger.arrow(scope, sql, statement.values, settings))
        if any(field.type == _SECONDS for field in table.schema):
            kinds = ledger.arrow(scope, f"DESCRIBE TABLE ({sql})", statement.values, settings)
            table = _with_times(table, _table(kinds)["type"].to_pylist())
    except LedgerUnavailableError as error:
        if _code(str(error)) not in _BOUNDS:
            raise
        raise SqlError(_said(str(error), time_s)) from None
    except LedgerRefusedError as error:
        raise SqlError(_said(str(error), time_s)) from None  # its words may quote rows
    finally:
        _TURNS.release()
    return Answer(table.slice(0, rows), table.num_rows > rows)


_SECONDS = pa.uint32()
"""What the engine writes times to the second as, and plain numbers, too."""


def _table(data: bytes) -> pa.Table:
    return pa.ipc.open_stream(data).read_all() if data else pa.table({})


def _with_times(table: pa.Table, kinds: list[str]) -> pa.Table:
    """The table with times to the second as times, by the kinds of its columns."""
    for place, kind in enumerate(kinds):
        if kind.startswith(("DateTime", "Nullable(DateTime")) and table.schema.field(place).type == _SECONDS:
            times = table.column(place).cast(pa.int64()).cast(pa.timestamp("s", "UTC"))
            table = table.set_column(place, table.schema.field(place).name, times)
    return table


def plain(value: Any) -> Any:
    """A value as a cell shows it: times as RFC 3339 text, lists and maps as JSON."""
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, (list, tuple, dict)):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _settings(scope: Scope, time_s: float) -> dict[str, object]:
    settings: dict[str, object] = {
        "max_execution_time": time_s,
        "timeout_before_checking_execution_speed": 0,
        "max_memory_usage": MEMORY,
        "max_threads": 1,
        "query_plan_remove_redundant_sorting": 0,  # the statement's order is the answer's
        "output_format_arrow_string_as_string": 1,
        "allow_ddl": 0,
    }
    if scope.restricted:
        # What the statement asks must not be computed over rows outside the scope: an error would tell of them.
        settings |= {
            "enable_optimize_predicate_expression": 0,
            "query_plan_filter_push_down": 0,
            "query_plan_merge_filters": 0,
            "query_plan_optimize_prewhere": 0,
            "optimize_move_to_prewhere": 0,
            "allow_push_predicate_when_subquery_contains_with": 0,
        }
    return settings


def _said(text: str, time_s: float) -> str:
    """The engine's refusal in words that tell nothing of what rows hold."""
    code = _code(text)
    if code == _TIME:
        return (
            f"It took longer than {time_s:g} s and was stopped. Ask for a shorter time or for fewer columns."
        )
    if code in _BOUNDS:
        return f"It needs more than {MEMORY >> 20} MiB of memory and was stopped. Ask for a shorter time or group first."
    if code in _TOLD:
        plain = text.partition("DB::Exception:")[2].split(". (")[0].split("In scope")[0].strip()
        return f"{_TOLD[code].capitalize()}: {_unveiled(plain)[:300]}"
    name = _NAME.findall(text)
    return (
        f"It could not be computed ({name[-1] if name else f'code {code}'})."
        " Functions that end in OrNull give NULL for values that do not fit."
    )


def _code(text: str) -> int:
    found = _CODE.search(text)
    return int(next((part for part in found.groups() if part), "0")) if found else 0


def _unveiled(text: str) -> str:
    return re.sub(r"\b(?:view|cte)_", "", text)


_TURNS = threading.BoundedSemaphore(AT_ONCE)
__all__ = ["Answer", "SqlError", "answer", "plain"]
