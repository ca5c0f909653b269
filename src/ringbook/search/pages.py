"""Answers: pages of calls, counts, one call, all calls, and how many of each kind.

Every function takes the scope of the reader first after the ledger; nothing outside it is ever read. ``zone`` is the
viewer's IANA zone, ``now`` the instant that ``today`` and ``last:`` count from.

A list is newest first by (started_at, id). It is read in windows that widen into the past until the page is full, because
the last 50 calls nearly always stand in the last days; windows touch without overlapping, and one is left out that would not
fill the page if calls lie in it as densely as in those before. Within a window, rows are first
looked through as they stand, old revisions among them, and then the few that match are read as they are now: having the
engine find the newest revision of every row it looks through costs 10 to 70 times as much.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from ringbook.ledger.erased import erased
from ringbook.ledger.ledger import Ledger
from ringbook.model.call import Call, CallId
from ringbook.model.instant import DAY, Instant
from ringbook.model.scope import Scope
from ringbook.search import kinds
from ringbook.search.cursors import Place, seal, unseal
from ringbook.search.errors import (
    AmbiguousIdError,
    BadValueError,
    RemovedCallError,
    SearchError,
    UnknownCallError,
)
from ringbook.search.facets import FacetCount, Facets, facet, facets
from ringbook.search.following import Changed, Changes, News, changes, news
from ringbook.search.kinds import all_of
from ringbook.search.plan import Plan, plan
from ringbook.search.recordings import completed

__all__ = [
    "Changed",
    "Changes",
    "FacetCount",
    "Facets",
    "News",
    "Page",
    "changes",
    "count_calls",
    "facet",
    "facets",
    "iterate",
    "list_calls",
    "news",
    "show_call",
]

MOST = 1_000
"""Calls of one page."""

CHUNK = 2_000
"""Calls that :func:`iterate` reads at a time."""

_WINDOWS = (7 * DAY, 30 * DAY, 365 * DAY)
_NEWEST_FIRST = "started_at DESC, toString(id) DESC"


class Page(msgspec.Struct, frozen=True):
    """Some calls, newest first, and the marker to ask for the next ones with; None when there are no more.

    ``seen_at`` is what ``news`` is asked with to learn what came since.
    """

    items: list[Call]
    next_cursor: str | None = None
    seen_at: Instant = 0


def list_calls(
    ledger: Ledger,
    scope: Scope,
    query: str = "",
    *,
    limit: int = 50,
    cursor: str | None = None,
    zone: str = "UTC",
    now: Instant,
    me: str = "",
) -> Page:
    """A page of the calls that answer a question.

    Calls that arrive between two pages do not move the following ones; those newer than the first page are not shown.

    :raises QuestionError: the question cannot be understood.
    :raises CursorError: the cursor is damaged or another question's.
    """
    if not 1 <= limit <= MOST:
        raise SearchError(f"A page has 1 to {MOST} calls, not {limit}.")
    seen_at = ledger.horizon()
    place = unseal(cursor, query, zone, scope) if cursor else None
    began = place.now if place else now
    asked = plan(query, scope, zone=zone, now=began, me=me)
    found, more = _walk(ledger, scope, asked, place, began, limit)
    items = completed(ledger, scope, found)
    if not more:
        return Page(items, None, seen_at)
    last = items[-1]
    return Page(items, seal(Place(last.started_at, last.id, began), query, zone, scope), seen_at)


def count_calls(
    ledger: Ledger, scope: Scope, query: str = "", *, zone: str = "UTC", now: Instant, me: str = ""
) -> int:
    """How many calls answer a question."""
    asked = plan(query, scope, zone=zone, now=now, me=me)
    return ledger.count(scope, asked.where, asked.params)


def iterate(
    ledger: Ledger,
    scope: Scope,
    query: str = "",
    *,
    zone: str = "UTC",
    now: Instant,
    me: str = "",
    chunk: int = CHUNK,
) -> Iterator[Call]:
    """All calls that answer a question, newest first, read a chunk at a time. Errors are raised before the first call."""
    return _all(ledger, scope, plan(query, scope, zone=zone, now=now, me=me), now, chunk)


def show_call(ledger: Ledger, scope: Scope, text: str) -> Call:
    """The call with this id, or whose id alone begins so; an id that was joined into another call leads there.

    :raises UnknownCallError: there is none that this reader may see.
    :raises RemovedCallError: it was removed for good, and this reader may see every call.
    :raises AmbiguousIdError: the beginning fits several calls.
    """
    try:
        plain = kinds.id_digits(text.strip())
    except BadValueError as error:
        raise UnknownCallError(f"{error.problem} {error.hint}") from None
    whole = len(plain) == kinds.ID_DIGITS
    ids = [CallId(kinds.dashed(plain))] if whole else _beginning(ledger, scope, kinds.dashed(plain))
    found = ledger.calls(scope, ids)
    if not found:
        if whole and not scope.restricted and (removed := erased(ledger, scope, "call", ids)):
            raise RemovedCallError(removed[ids[0]])
        raise UnknownCallError(
            f'No call has the id "{text.strip()}".'
            if whole
            else f'No call has an id that begins with "{text.strip()}".'
        )
    if len(found) > 1:
        raise AmbiguousIdError(text.strip(), tuple(call.id for call in found[:_SHOWN]))
    return completed(ledger, scope, found)[0]


_SHOWN = 5
"""Ids named when the beginning of one is ambiguous."""

# Where joined ids lead is asked for without the scope, which is the newest revision's to decide: so many of them are taken
# that those of other people's calls leave room for the reader's own.
_BEGINNING = """
SELECT DISTINCT toString(id) AS found FROM calls WHERE {scope} AND %s LIMIT 20
UNION DISTINCT
SELECT DISTINCT toString(leads_to) AS found FROM aliases
WHERE tenant = {tenant:String} AND startsWith(toString(id), {beginning:String}) LIMIT 2000
"""


def _beginning(ledger: Ledger, scope: Scope, beginning: str) -> list[CallId]:
    """Ids of calls whose id, or an id that leads to them, begins so."""
    asked = plan(f"id:{beginning}", scope, now=0)
    rows = ledger.query_rows(scope, _BEGINNING % asked.where, {**asked.params, "beginning": beginning})
    return [CallId(row[0]) for row in rows]


def _all(ledger: Ledger, scope: Scope, asked: Plan, now: Instant, chunk: int) -> Iterator[Call]:
    place: Place | None = None
    more = True
    while more:
        items, more = _walk(ledger, scope, asked, place, now, chunk)
        yield from completed(ledger, scope, items)
        if items:
            place = Place(items[-1].started_at, items[-1].id, now)


def _walk(
    ledger: Ledger, scope: Scope, asked: Plan, place: Place | None, now: Instant, limit: int
) -> tuple[list[Call], bool]:
    """The next calls after a place, at most ``limit``; and whether there may be more behind them."""
    found: dict[CallId, Call] = {}
    while True:
        rows, more = _candidates(ledger, scope, asked, place, now, limit - len(found))
        last = (rows[-1].started_at, rows[-1].id) if rows and more else _BEFORE_ALL
        for call in _current(ledger, scope, asked, place, rows):
            # One that now stands further back is met again there; one that was revised meanwhile is on the page already.
            if (call.started_at, call.id) >= last:
                found.setdefault(call.id, call)
        if len(found) >= limit or not more:
            return list(found.values())[:limit], more or len(found) > limit
        place = Place(*last, now)


class _Row(NamedTuple):
    """Where a row stands that matches, be it the call's newest revision or not."""

    id: CallId
    started_at: Instant


def _candidates(
    ledger: Ledger, scope: Scope, asked: Plan, place: Place | None, now: Instant, wanted: int
) -> tuple[list[_Row], bool]:
    """The next rows that match, ``wanted`` or one more, from as few windows as hold them; and whether there may be more."""
    rows: list[_Row] = []
    top = _top(asked, place, now)
    until: Instant | None = None
    for width in _WINDOWS:
        since = top - width
        if asked.since is not None and since <= asked.since:
            break
        if _expected(len(rows), top, until, width) < wanted:
            continue
        rows += _rows(ledger, scope, asked, place, (since, until), wanted + 1 - len(rows))
        if len(rows) >= wanted:
            return rows, True
        until = since
    rows += _rows(ledger, scope, asked, place, (None, until), wanted + 1 - len(rows))
    return rows, len(rows) > wanted


def _expected(found: int, top: Instant, until: Instant | None, width: Instant) -> float:
    """How many rows a window of that width should hold, having found so many from ``top`` back to ``until``; many if unseen."""
    return math.inf if until is None else found * width / (top - until)


def _rows(
    ledger: Ledger,
    scope: Scope,
    asked: Plan,
    place: Place | None,
    window: tuple[Instant | None, Instant | None],
    size: int,
) -> list[_Row]:
    condition, params = _window(asked, place, *window)
    params["size"] = size
    return [_Row(*row) for row in ledger.query_rows(scope, _CANDIDATES % condition, params, _AS_THEY_STAND)]


def _current(ledger: Ledger, scope: Scope, asked: Plan, place: Place | None, rows: list[_Row]) -> list[Call]:
    """The calls of these rows as they are now, newest first: those that still match."""
    if not rows:
        return []
    condition, params = _window(asked, place, None, None)
    calls = ledger.those(scope, [row.id for row in rows], condition, params)
    return sorted(calls, key=lambda call: (call.started_at, call.id), reverse=True)


_BEFORE_ALL = (-(2**63), CallId(""))
_AS_THEY_STAND = {
    "final": 0,
    # It takes the place of the question's own conditions as what is looked at first: sparse matches took twice the time.
    "use_top_k_dynamic_filtering": 0,
}
_CANDIDATES = (
    "SELECT toString(id), toUnixTimestamp64Micro(started_at) FROM calls"
    f" WHERE {{scope}} AND gone = 0 AND %s ORDER BY {_NEWEST_FIRST} LIMIT {{size:UInt32}}"
)


def _top(asked: Plan, place: Place | None, now: Instant) -> Instant:
    """Where the windows begin to reach back from."""
    if place:
        return place.started_at
    return now if asked.until is None else min(now, asked.until)


def _window(
    asked: Plan, place: Place | None, since: Instant | None, until: Instant | None
) -> tuple[str, dict[str, object]]:
    """The plan's condition within a window and behind a place, with its parameters."""
    params = dict(asked.params)
    parts = [asked.where]
    if since is not None:
        params["window_since"] = since
        parts.append(f"started_at >= {_AT % 'window_since'}")
    if until is not None:
        params["window_until"] = until
        parts.append(f"started_at < {_AT % 'window_until'}")
    if place is not None:
        params |= {"place_at": place.started_at, "place_id": str(place.id)}
        at = _AT % "place_at"
        parts.append(f"started_at <= {at} AND (started_at < {at} OR toString(id) < {{place_id:String}})")
    return all_of(parts), params


_AT = "fromUnixTimestamp64Micro({%s:Int64}, 'UTC')"
