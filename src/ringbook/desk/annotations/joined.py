"""Calls that late evidence joined into others: where their ids lead, and which ids lead to a call."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from ringbook.desk.annotations.acting import chunks
from ringbook.desk.wiring import ledger
from ringbook.model.scope import Scope

_AHEAD = """
SELECT toString(id), toString(leads_to) FROM aliases
WHERE tenant = {tenant:String} AND id IN {ids:Array(UUID)} AND id != leads_to
"""
_BEHIND = """
SELECT toString(id), toString(leads_to) FROM aliases
WHERE tenant = {tenant:String} AND leads_to IN {ids:Array(UUID)} AND id != leads_to
"""
_HOW_MANY = "SELECT count(), max(revision) FROM aliases WHERE tenant = {tenant:String}"


def ends(scope: Scope, ids: Iterable[str]) -> dict[str, str]:
    """Where those of the ids that were joined into other calls lead in the end."""
    leads: dict[str, str] = {}
    asked = {one for one in ids if _whole(one)}
    ahead = set(asked)
    while ahead:
        step = _ask(scope, _AHEAD, ahead)
        leads |= step
        ahead = set(step.values()) - leads.keys()
    return {start: _end(leads, start) for start in asked if start in leads}


def origins(scope: Scope, ids: Iterable[str]) -> dict[str, str]:
    """The ids that lead to these calls, each with the call it leads to."""
    found: dict[str, str] = {}
    behind = {one for one in ids if _whole(one)}
    while behind:
        step = _ask(scope, _BEHIND, behind)
        new = {start: found.get(end, end) for start, end in step.items() if start not in found}
        found |= new
        behind = set(new)
    return found


def how_many(scope: Scope) -> tuple[int, ...]:
    """Numbers that change whenever a call is joined into another or told apart again."""
    row = ledger().query_rows(scope.whole(), _HOW_MANY)[0]
    return tuple(int(value) for value in row)


def _ask(scope: Scope, sql: str, ids: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for some in chunks(sorted(ids), 5_000):
        found |= {str(a): str(b) for a, b in ledger().query_rows(scope.whole(), sql, {"ids": some})}
    return found


def _end(leads: dict[str, str], start: str) -> str:
    seen = {start}
    while (ahead := leads.get(start)) is not None and ahead not in seen:
        seen.add(ahead)
        start = ahead
    return start


def _whole(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
