"""Which raw records there are of calls, and which are about none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ringbook.desk.wiring import ledger
from ringbook.ledger.rows import opened_ms
from ringbook.model.call import CallId
from ringbook.model.instant import Instant
from ringbook.model.scope import Scope

_FIRST = "0" * 32


def of_calls(scope: Scope, calls: Sequence[str]) -> dict[str, list[str]]:
    """The ids (hex) of the raw records of each call that are still there."""
    if not calls:
        return {}
    params = {
        "ids": list(calls),
        "first": min(opened_ms(CallId(one)) for one in calls),
        "last": max(opened_ms(CallId(one)) for one in calls),
    }
    named = ledger().query_rows(scope.whole(), _OF_CALLS, params)
    there = present(scope, (frame for _, frame in named))
    found: dict[str, list[str]] = {}
    for call, frame in named:
        if frame in there:
            found.setdefault(call, []).append(frame)
    return found


def present(scope: Scope, ids: Iterable[str]) -> set[str]:
    """Those of the raw records that are there."""
    wanted = sorted(set(ids))
    found: set[str] = set()
    for start in range(0, len(wanted), 10_000):
        some = wanted[start : start + 10_000]
        # The first six bytes of an id are the milliseconds that its record states.
        params = {"ids": some, "first": int(some[0][:12], 16), "last": int(some[-1][:12], 16)}
        found |= {row[0] for row in ledger().query_rows(scope.whole(), _PRESENT, params)}
    return found


def of_no_call(scope: Scope, before: Instant, after: str, most: int) -> tuple[list[tuple[str, Instant]], str]:
    """Raw records that were received before an instant and are about no call, with when; and where to go on, if anywhere."""
    at, _, last = after.partition("/")
    params = {"before": before, "at": int(at or 0), "id": last or _FIRST, "most": most}
    rows = [(frame, int(came)) for frame, came in ledger().query_rows(scope.whole(), _OF_NO_CALL, params)]
    return rows, f"{rows[-1][1]}/{rows[-1][0]}" if len(rows) == most else ""


_OF_CALLS = """
SELECT toString(id), lower(hex(arrayJoin(frames))) FROM calls
WHERE {scope} AND opened_at >= fromUnixTimestamp64Milli({first:Int64}, 'UTC')
  AND opened_at <= fromUnixTimestamp64Milli({last:Int64}, 'UTC') AND id IN {ids:Array(UUID)}
"""
_PRESENT = """
SELECT lower(hex(id)) FROM frames
WHERE tenant = {tenant:String} AND stated_at >= fromUnixTimestamp64Milli({first:Int64}, 'UTC')
  AND stated_at <= fromUnixTimestamp64Milli({last:Int64} + 1, 'UTC')
  AND id IN (SELECT toFixedString(unhex(arrayJoin({ids:Array(String)})), 16))
"""
_OF_NO_CALL = """
SELECT lower(hex(id)), toUnixTimestamp64Micro(received_at) AS came FROM frames
WHERE tenant = {tenant:String} AND NOT (kind = 'stated' AND about_call = 1)
  AND came <= {before:Int64} AND (came, lower(hex(id))) > ({at:Int64}, {id:String})
ORDER BY came, lower(hex(id)) LIMIT {most:UInt32}
"""
