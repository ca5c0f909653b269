"""Several questions put to the ledger in one statement: which of them each call answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from ringbook.desk.wiring import ledger
from ringbook.ledger.rows import opened_ms
from ringbook.model.call import CallId
from ringbook.model.instant import Instant
from ringbook.model.scope import Scope
from ringbook.search.plan import plan

AT_ONCE = 5_000


class Asked(msgspec.Struct, frozen=True):
    """A question under a name, and the zone in which it is read."""

    key: str
    query: str
    zone: str = "UTC"


class Questions:
    """Questions, made ready to be answered for many calls.

    :raises QuestionError: one of them cannot be understood (any more).
    """

    def __init__(self, scope: Scope, asked: Iterable[Asked], now: Instant) -> None:
        self._scope = scope.whole()
        self.keys: list[str] = []
        self.conditions: dict[str, str] = {}
        self.params: dict[str, object] = {}
        for place, one in enumerate(asked):
            made = plan(one.query, self._scope, zone=one.zone, now=now)
            mark = f"q{place}_"
            self.conditions[one.key] = re.sub(r"\{(p\d+):", rf"{{{mark}\1:", made.where)
            self.params |= {f"{mark}{name}": value for name, value in made.params.items()}
            self.keys.append(one.key)

    @property
    def columns(self) -> str:
        """A column for each question, to be selected: 1 where a call answers it."""
        return "".join(f", toUInt8({self.conditions[key]}) AS answers_{n}" for n, key in enumerate(self.keys))

    def answered(self, values: Iterable[Any]) -> frozenset[str]:
        """The questions that a row's columns say yes to."""
        return frozenset(key for key, value in zip(self.keys, values, strict=True) if value)

    def rows(self, sql: str, params: Mapping[str, object]) -> list[tuple[Any, ...]]:
        """What the ledger answers to a statement in which ``{columns}`` stands for the questions."""
        return ledger().query_rows(
            self._scope, sql.replace("{columns}", self.columns), {**params, **self.params}
        )

    def of_calls(self, ids: Iterable[str]) -> dict[str, frozenset[str]]:
        """Which questions each of these calls answers; calls that are not there are left out."""
        found: dict[str, frozenset[str]] = {}
        wanted = sorted(set(ids))
        for start in range(0, len(wanted), AT_ONCE):
            some = wanted[start : start + AT_ONCE]
            params = {
                "ids": some,
                "first": min(opened_ms(CallId(one)) for one in some),
                "last": max(opened_ms(CallId(one)) for one in some),
            }
            for call, *values in self.rows(_OF_CALLS, params):
                found[call] = self.answered(values)
        return found


_OF_CALLS = """
SELECT toString(id){columns} FROM calls
WHERE {scope} AND opened_at >= fromUnixTimestamp64Milli({first:Int64}, 'UTC')
  AND opened_at <= fromUnixTimestamp64Milli({last:Int64}, 'UTC') AND id IN {ids:Array(UUID)}
"""
