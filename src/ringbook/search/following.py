"""What came since: for a page that shows itself up to date, and for programs that keep a copy of the calls.

Both go by when rows were written (``ledger.stamps``), not by when calls began: calls arrive late and are revised.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
import uuid
from collections.abc import Mapping

import msgspec

from ringbook.ledger.changes import Change, Mark, changes_after, standing
from ringbook.ledger.erased import erased
from ringbook.ledger.ledger import Ledger
from ringbook.model.call import Call, CallId
from ringbook.model.instant import Instant
from ringbook.model.scope import Scope
from ringbook.search.cursors import seen_by
from ringbook.search.errors import CursorError, SearchError
from ringbook.search.plan import plan
from ringbook.search.recordings import completed

MOST = 1_000
"""Changes of one answer."""


class News(msgspec.Struct, frozen=True):
    """What happened to a list: calls that are new to it (newest first), known ones that were revised, and those that left it.

    ``seen_at`` is what to ask with the next time. ``more`` says that there are more new calls than these.
    """

    newer: list[Call]
    changed: list[Call]
    gone: list[CallId]
    seen_at: Instant
    more: bool = False


def news(
    ledger: Ledger,
    scope: Scope,
    query: str = "",
    *,
    since: Instant,
    known: Mapping[CallId, int],
    oldest_at: Instant | None = None,
    limit: int = 50,
    zone: str = "UTC",
    now: Instant,
    me: str = "",
) -> News:
    """What happened since a page, or the news before, was read (its ``seen_at``) to the list of calls that answer a question.

    ``known`` are the calls that the page shows, with their revisions; calls that began before ``oldest_at``, the last one shown,
    are no news to it.

    :raises QuestionError: the question cannot be understood.
    """
    if len(known) > MOST:
        raise SearchError(f"At most {MOST} calls can be watched, not {len(known)}.")
    asked = plan(query, scope, zone=zone, now=now, me=me)
    until = ledger.horizon()
    params = {**asked.params, "seen": since, "oldest": oldest_at or 0, "most": limit + len(known) + 1}
    rows = ledger.query_rows(scope, _WRITTEN % asked.where, params, {"final": 0}) if until > since else []
    fresh = list(dict.fromkeys(CallId(row[0]) for row in rows if row[0] not in known))
    revised, left = _moved(ledger, scope, known)
    matching = {
        call.id: call
        for call in completed(
            ledger, scope, ledger.those(scope, [*fresh[:limit], *revised], asked.where, asked.params)
        )
    }
    newer = [matching[call] for call in fresh[:limit] if call in matching]
    return News(
        newer=sorted(newer, key=lambda call: (call.started_at, call.id), reverse=True),
        changed=[matching[call] for call in revised if call in matching],
        gone=left + [call for call in revised if call not in matching],
        seen_at=until,
        more=len(fresh) > limit,
    )


_WRITTEN = (
    "SELECT toString(id) FROM calls WHERE {scope} AND gone = 0"
    " AND written_at >= fromUnixTimestamp64Micro({seen:Int64}, 'UTC')"
    " AND started_at >= fromUnixTimestamp64Micro({oldest:Int64}, 'UTC') AND %s"
    " ORDER BY started_at DESC, toString(id) DESC LIMIT {most:UInt32}"
)


def _moved(ledger: Ledger, scope: Scope, known: Mapping[CallId, int]) -> tuple[list[CallId], list[CallId]]:
    """Those of the known calls that have another revision now, and those that were joined into others."""
    now = standing(ledger, scope.whole(), list(known))
    revised, left = [], []
    for call, revision in known.items():
        stands = now.get(call)
        if stands is None or stands.gone:
            left.append(call)
        elif stands.revision != revision:
            revised.append(call)
    return revised, left


class Changed(msgspec.Struct, frozen=True):
    """A call as it is now; without ``call`` it is to be forgotten, being the same as ``leads_to``, or nobody's to see."""

    id: CallId
    call: Call | None = None
    leads_to: CallId | None = None


class Changes(msgspec.Struct, frozen=True):
    """Calls in the order in which they were written, each at least once, and the cursor for what comes next.

    ``more`` says that there is more already.
    """

    items: list[Changed]
    next_cursor: str
    more: bool


def changes(ledger: Ledger, scope: Scope, cursor: str = "", *, limit: int = 100) -> Changes:
    """The calls that were written since a cursor; without one, from the beginning.

    Whoever follows to the end again and again has every call as it is: a call that is revised, or joined into another, comes
    again. To a reader of some calls a call that is no longer theirs comes as one to forget.

    :raises CursorError: the cursor is damaged or another reader's.
    """
    if not 1 <= limit <= MOST:
        raise SearchError(f"An answer has 1 to {MOST} changes, not {limit}.")
    mark = _unseal(cursor, scope) if cursor else Mark()
    until = ledger.horizon()
    items: list[Changed] = []
    while True:
        found = changes_after(ledger, scope.whole(), mark, until, limit)
        whole = len(found) == limit
        mark = found[-1].mark if whole else Mark(until)
        items += _as_they_are(ledger, scope, found)
        # Rows of calls that the reader may not see are passed over, not told.
        if items or not whole:
            return Changes(items, _seal(mark, scope), whole)


def _as_they_are(ledger: Ledger, scope: Scope, found: list[Change]) -> list[Changed]:
    ids = list(dict.fromkeys(change.id for change in reversed(found)))[::-1]
    seen = {call.id: call for call in completed(ledger, scope, ledger.those(scope, ids))}
    missing = [call for call in ids if call not in seen]
    ends = {}
    before: set[CallId] = set(missing)
    if missing:
        ends = {call: into.id for call in missing for into in ledger.calls(scope, [call]) if into.id != call}
        if scope.restricted:
            before = _were_seen(ledger, scope, missing)
    return [
        Changed(call, seen[call]) if call in seen else Changed(call, None, ends.get(call))
        for call in ids
        if call in seen or call in before
    ]


_EARLIER = "SELECT DISTINCT toString(id) FROM calls WHERE {scope} AND gone = 0 AND id IN {ids:Array(UUID)}"


def _were_seen(ledger: Ledger, scope: Scope, ids: list[CallId]) -> set[CallId]:
    """Those of the calls of which an earlier revision, if it is still there, was within the scope.

    Of calls that were removed for good nobody knows any more who saw them: whoever has a copy is to forget it.
    """
    seen = {CallId(row[0]) for row in ledger.query_rows(scope, _EARLIER, {"ids": ids}, {"final": 0})}
    return seen | {CallId(call) for call in erased(ledger, scope, "call", ids)}


_LAYOUT = struct.Struct(">Bq16s8s")
_VERSION = 1
_CHECK_BYTES = 6
_AGAIN = "Begin again without a cursor."


def _seal(mark: Mark, scope: Scope) -> str:
    body = _LAYOUT.pack(_VERSION, mark.written_at, uuid.UUID(mark.id).bytes, seen_by(scope))
    return base64.urlsafe_b64encode(body + _check(body)).decode().rstrip("=")


def _unseal(cursor: str, scope: Scope) -> Mark:
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise CursorError(f"The cursor is damaged. {_AGAIN}") from None
    body, check = raw[:-_CHECK_BYTES], raw[-_CHECK_BYTES:]
    if len(body) != _LAYOUT.size or check != _check(body) or body[0] != _VERSION:
        raise CursorError(f"The cursor is damaged, or made by another version of Ringbook. {_AGAIN}")
    _, written_at, call, reader = _LAYOUT.unpack(body)
    if reader != seen_by(scope):
        raise CursorError(f"The cursor belongs to another reader. {_AGAIN}")
    return Mark(written_at, CallId(str(uuid.UUID(bytes=call))))


def _check(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=_CHECK_BYTES, person=b"ringbook-change").digest()
