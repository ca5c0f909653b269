"""How many calls have each value of a field: for the column beside a list, and to complete what is being typed."""

from __future__ import annotations

import msgspec

from ringbook.ledger.ledger import Ledger
from ringbook.model.instant import DAY, Instant
from ringbook.model.masking import masked_text
from ringbook.model.scope import Scope
from ringbook.search.errors import SearchError, nearest
from ringbook.search.fields import FIELDS
from ringbook.search.kinds import Field, NumberField
from ringbook.search.plan import Plan, plan

MANY = 3_000_000
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
    rows = ledger.query_rows(scope, _one(counted, asked), {**asked.params, "zone": zone, "most": limit})
    return [FacetCount(_shown(value, counted, scope), int(calls)) for value, calls in rows]


def facets(
    ledger: Ledger,
    scope: Scope,
    query: str,
    fields: tuple[str, ...],
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
    params: dict[str, object] = {**asked.params, "zone": zone, "most": limit}
    if since is not None:
        params["newest_since"] = since
        within = f"({asked.where} AND started_at >= fromUnixTimestamp64Micro({{newest_since:Int64}}, 'UTC'))"
        asked = msgspec.structs.replace(asked, where=within)
    found: dict[str, list[FacetCount]] = {field: [] for field in fields}
    plain = [field for field in counted if field.facet]
    if plain:
        for place, value, calls in ledger.query_rows(scope, _several(plain, asked), params):
            found[plain[place].name].append(FacetCount(_shown(value, plain[place], scope), int(calls)))
    for field in counted:
        if not field.facet:
            rows = ledger.query_rows(scope, _one(field, asked), params)
            found[field.name] = [FacetCount(str(value), int(calls)) for value, calls in rows]
    return Facets(found, since)


def _counted(name: str, scope: Scope) -> Field:
    known = {each.name: each for each in FIELDS.values() if each.facet or each.pairs or each.owners}
    if name not in known:
        raise SearchError(f'"{name}" has no counts by value. {nearest(name, known)}')
    if scope.masked and isinstance(known[name], NumberField) and name != "extension":
        raise SearchError(f"Telephone numbers are hidden from you, so calls cannot be counted by {name}.")
    return known[name]


def _shown(value: object, field: Field, scope: Scope) -> str:
    text = str(value)
    return masked_text(text) if scope.masked and not field.choices else text


def _one(field: Field, asked: Plan) -> str:
    """Counts by one field."""
    if field.facet:
        counted = f"SELECT toString({field.facet}) AS value, count() AS calls FROM calls WHERE {{scope}} AND {asked.where}"
    elif field.pairs:
        counted = (
            "SELECT value, count() AS calls"
            f" FROM (SELECT id FROM calls WHERE {{scope}} AND (opened_at, id) GLOBAL IN"
            f" (SELECT opened_at, id FROM ({field.pairs})) AND {asked.where}) AS found"
            f" GLOBAL INNER JOIN ({field.pairs}) AS pairs ON found.id = pairs.id"
        )
    else:
        counted = (
            "SELECT value, uniqExact(id) AS calls FROM"
            f" (SELECT id, arrayJoin(numbers) AS number FROM calls WHERE {{scope}} AND {asked.where}) AS found"
            f" GLOBAL INNER JOIN ({field.owners}) AS owners ON found.number = owners.number"
        )
    return f"{counted} GROUP BY value ORDER BY calls DESC, value LIMIT {{most:UInt32}}"


def _several(fields: list[Field], asked: Plan) -> str:
    """Counts by several expressions over the calls, in one statement: (place of the field, value, calls).

    Calls are looked through once; each brings one pair of place and value for every value it has.
    """
    values = []
    for place, field in enumerate(fields):
        inner = field.facet.removeprefix("arrayJoin(")
        many = (
            f"arrayMap(x -> toString(x), {inner[:-1]})"
            if inner != field.facet
            else f"[toString({field.facet})]"
        )
        values.append(f"arrayMap(v -> ({place}, v), {many})")
    return (
        "SELECT pair.1 AS place, pair.2 AS value, count() AS calls"
        f" FROM calls ARRAY JOIN arrayConcat({', '.join(values)}) AS pair"
        f" WHERE {{scope}} AND {asked.where} GROUP BY place, value"
        " ORDER BY calls DESC, value LIMIT {most:UInt32} BY place"
    )


def _since(ledger: Ledger, scope: Scope, asked: Plan, now: Instant) -> Instant | None:
    """From when on calls are counted; None if those that the question's time leaves are not too many."""
    if _rows_since(ledger, scope, asked.since) <= MANY:
        return None
    starts = [now - span for span in _SPANS if asked.since is None or now - span > asked.since]
    for start in starts:
        if _rows_since(ledger, scope, start) <= MANY:
            return start
    return starts[-1] if starts else None


_OPENED_SINCE = (
    "SELECT count() FROM calls WHERE tenant = {tenant:String}"
    " AND opened_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')"
)


def _rows_since(ledger: Ledger, scope: Scope, since: Instant | None) -> int:
    """About how many rows there are from an instant on, whoever may see them: known from the store's index alone."""
    params = {"since": 0 if since is None else max(0, since // 1000)}
    return int(ledger.query_rows(scope.whole(), _OPENED_SINCE, params, {"final": 0})[0][0])
