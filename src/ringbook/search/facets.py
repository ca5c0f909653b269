"""How many calls have each value of a field: for the column beside a list, and to complete what is being typed."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from weakref import WeakKeyDictionary

import msgspec

from ringbook.ledger.ledger import Ledger
from ringbook.model.instant import DAY, LATEST, Instant
from ringbook.model.masking import masked_text
from ringbook.model.scope import Scope
from ringbook.search.added import MARKED_IDS, marks
from ringbook.search.errors import SearchError, nearest
from ringbook.search.fields import FIELDS
from ringbook.search.kinds import Field, NumberField
from ringbook.search.plan import Plan, added_to, plan

MANY = 100_000
"""Rows that are counted by several fields in one go; of more, the newest are."""

_SPANS = (3653 * DAY, 730 * DAY, 365 * DAY, 90 * DAY, 30 * DAY, 7 * DAY, DAY)


class FacetCount(msgspec.Struct, frozen=True):
    """How many calls have a value; the empty value is none, or not known."""

    value: str
    calls: int


class Facets(msgspec.Struct, frozen=True):
    """Counts by field, the most frequent value first. They are of calls from ``since`` on; None is all of them."""

    counts: dict[str, list[FacetCount]]
    since: Instant | None = None


def facet(
    ledger: Ledger,
    scope: Scope,
    query: str,
    field: str,
    *,
    limit: int = 100,
    zone: str = "UTC",
    now: Instant,
    me: str = "",
) -> list[FacetCount]:
    """How many of the calls that answer a question have each value of a field, the most frequent first.

    :raises SearchError: the field has no counts, or none that this reader may see.
    """
    counted = _counted(field, scope)
    asked = plan(query, scope, zone=zone, now=now, me=me)
    return _Counting(ledger, scope, asked, zone, limit).counts([counted])[field]


def facets(
    ledger: Ledger,
    scope: Scope,
    query: str,
    fields: Sequence[str],
    *,
    limit: int = 10,
    zone: str = "UTC",
    now: Instant,
    me: str = "",
) -> Facets:
    """The same by several fields, in bounded time: where there are very many calls, of the newest ones only.

    :raises SearchError: a field has no counts, or none that this reader may see.
    """
    counted = [_counted(field, scope) for field in fields]
    asked = plan(query, scope, zone=zone, now=now, me=me)
    since = _since(ledger, scope, asked, now)
    if since is not None:
        asked = plan(query, scope, zone=zone, now=now, me=me, within=(since, None))
        within = f"({asked.where} AND started_at >= fromUnixTimestamp64Micro({{newest_since:Int64}}, 'UTC'))"
        params = {**asked.params, "newest_since": since}
        asked = msgspec.structs.replace(asked, where=within, params=params, since=since)
    return Facets(_Counting(ledger, scope, asked, zone, limit).counts(counted), since)


def _counted(name: str, scope: Scope) -> Field:
    known = {each.name: each for each in FIELDS.values() if each.facet or each.mark or each.owners}
    if name not in known:
        raise SearchError(f'"{name}" has no counts by value. {nearest(name, known)}')
    if scope.masked and isinstance(known[name], NumberField) and name != "extension":
        raise SearchError(f"Telephone numbers are hidden from you, so calls cannot be counted by {name}.")
    return known[name]


class _Counting:
    """Counts the answers to one question."""

    def __init__(self, ledger: Ledger, scope: Scope, asked: Plan, zone: str, limit: int) -> None:
        self._ledger = ledger
        self._scope = scope
        self._bounds = asked.bounds
        self._params = {**asked.params, "zone": zone, "most": limit}
        self._limit = limit
        self._found = f"calls WHERE {{scope}} AND {asked.where}"

    def counts(self, fields: Sequence[Field]) -> dict[str, list[FacetCount]]:
        """By field: few values in one statement together, what people added in another, numbers and companies one by one."""
        found: dict[str, list[FacetCount]] = {field.name: [] for field in fields}
        few = [field for field in fields if field.facet and not isinstance(field, NumberField)]
        found |= self._together(few, [_list_of(field) or field.facet for field in few], self._found)
        marked = [field for field in fields if field.mark]
        if marked and self._is_anything_marked():
            of_marked = f"{self._found} AND (opened_at, id) GLOBAL IN ({self._added(MARKED_IDS, 'ids_')})"
            lists = self._added(marks([field.mark for field in marked]), "marks_")
            joined = f"(SELECT id FROM {of_marked}) AS found GLOBAL INNER JOIN ({lists}) AS marks USING id"
            found |= self._together(marked, [f"mark_{place}" for place in range(len(marked))], joined)
        for field in fields:
            if field.owners:
                found[field.name] = self._owned(field)
            elif field.facet and field not in few:
                found[field.name] = self._one(field)
        return found

    def _added(self, rows: str, prefix: str) -> str:
        """Rows of what people added to calls of the time that is asked for."""
        asked = added_to(rows, self._bounds).beside(prefix)
        self._params |= asked.params
        return asked.where

    def _is_anything_marked(self) -> bool:
        """Whether anything was ever added to a call: where nothing was, there is no need to look through the calls for it."""
        sql = "SELECT 1 FROM annotations WHERE tenant = {tenant:String} LIMIT 1"
        return bool(self._ledger.query_rows(self._scope.whole(), sql, {}, {"final": 0}))

    def _together(self, fields: list[Field], keys: list[str], source: str) -> dict[str, list[FacetCount]]:
        """By several expressions in one pass over the calls; lists are taken apart here, which is less work than there."""
        if not fields:
            return {}
        names = [f"key_{place}" for place in range(len(keys))]
        sql = (
            f"SELECT {', '.join(f'{key} AS {name}' for key, name in zip(keys, names, strict=True))},"
            f" [{', '.join(f'grouping({name})' for name in names)}], count() FROM {source}"
            f" GROUP BY GROUPING SETS ({', '.join(f'({name})' for name in names)})"
        )
        counts: list[Counter[str]] = [Counter() for _ in fields]
        for *values, absent, calls in self._ledger.query_rows(self._scope, sql, self._params):
            place = absent.index(0)
            value = values[place]
            for one in dict.fromkeys(value) if isinstance(value, list) else (value,):
                counts[place][self._shown(one, fields[place])] += calls
        return {
            field.name: [
                FacetCount(value, calls)
                for value, calls in sorted(count.items(), key=lambda item: (-item[1], item[0]))
                if value or not field.mark
            ][: self._limit]
            for field, count in zip(fields, counts, strict=True)
        }

    def _one(self, field: Field) -> list[FacetCount]:
        """By a field of very many values, of which the store finds the most frequent."""
        return self._most_frequent(
            field, f"SELECT toString({field.facet}) AS value, count() AS calls FROM {self._found}"
        )

    def _owned(self, field: Field) -> list[FacetCount]:
        """By whose the numbers on the calls are."""
        numbers = f"(SELECT id, arrayJoin(numbers) AS number FROM {self._found}) AS found"
        joined = f"{numbers} GLOBAL INNER JOIN ({field.owners}) AS owners ON found.number = owners.number"
        return self._most_frequent(field, f"SELECT value, uniqExact(id) AS calls FROM {joined}")

    def _most_frequent(self, field: Field, counted: str) -> list[FacetCount]:
        sql = f"{counted} GROUP BY value ORDER BY calls DESC, value LIMIT {{most:UInt32}}"
        rows = self._ledger.query_rows(self._scope, sql, self._params)
        return [FacetCount(self._shown(value, field), int(calls)) for value, calls in rows]

    def _shown(self, value: object, field: Field) -> str:
        text = str(value)
        return masked_text(text) if self._scope.masked and not field.choices else text


def _list_of(field: Field) -> str:
    """The list whose values a field's expression gives one by one; empty if it gives one value."""
    inner = field.facet.removeprefix("arrayJoin(")
    return inner[:-1] if inner != field.facet else ""


def _since(ledger: Ledger, scope: Scope, asked: Plan, now: Instant) -> Instant | None:
    """From when on calls are counted; None if those that the question's time leaves are not too many."""
    top = now if asked.until is None else min(now, asked.until)
    span = _SPANS_KNOWN.get(ledger, scope, asked, top)
    if span is None:
        return None
    start = top - span
    return start if asked.since is None or start > asked.since else None


class _SpansKnown:
    """How far back from an instant there are not too many calls, remembered for a moment: it changes slowly, and bounds only."""

    def __init__(self) -> None:
        self._known: WeakKeyDictionary[Ledger, dict[tuple[object, ...], tuple[float, Instant | None]]] = (
            WeakKeyDictionary()
        )

    def get(self, ledger: Ledger, scope: Scope, asked: Plan, top: Instant) -> Instant | None:
        """The longest span with few enough calls; None where there are few enough all in all."""
        if asked.since is not None or asked.until is not None:
            return _span(ledger, scope, asked, top)
        own = self._known.setdefault(ledger, {})
        key = (scope.tenant, MANY)
        until, span = own.get(key, (0.0, None))
        if time.monotonic() >= until:
            span = _span(ledger, scope, asked, top)
            own[key] = (time.monotonic() + _KNOWN_S, span)
        return span


_KNOWN_S = 30.0
_SPANS_KNOWN = _SpansKnown()


def _span(ledger: Ledger, scope: Scope, asked: Plan, top: Instant) -> Instant | None:
    if _rows_between(ledger, scope, asked.since, asked.until) <= MANY:
        return None
    spans = [span for span in _SPANS if asked.since is None or top - span > asked.since]

    def few(span: Instant) -> bool:
        return _rows_between(ledger, scope, top - span, asked.until) <= MANY

    place = bisect_left(spans, True, hi=max(0, len(spans) - 1), key=few)
    return spans[place] if spans else None


_OPENED = (
    "SELECT count() FROM calls WHERE tenant = {tenant:String}"
    " AND opened_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')"
    " AND opened_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')"
)


def _rows_between(ledger: Ledger, scope: Scope, since: Instant | None, until: Instant | None) -> int:
    """About how many rows there are between two instants, whoever may see them: known from the store's index alone."""
    params = {
        "since": max(0, since or 0) // 1000,
        "until": (LATEST if until is None else max(0, until)) // 1000,
    }
    return int(ledger.query_rows(scope.whole(), _OPENED, params, {"final": 0})[0][0])
