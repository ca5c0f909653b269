"""What has been written since: rows of calls in the order of their stamps.

Rows that were written before stamps were kept come first, by the time of their calls. Several rows of a call may be told one
after the other; who follows reads the call itself as it is then.
"""

from __future__ import annotations

import msgspec

from ringbook.ledger.ledger import Ledger
from ringbook.ledger.rows import opened_ms
from ringbook.ledger.statements import statement
from ringbook.model.call import CallId
from ringbook.model.instant import Instant
from ringbook.model.scope import Scope

_FIRST_ID = CallId("00000000-0000-0000-0000-000000000000")


class Mark(msgspec.Struct, frozen=True):
    """A row's place in the order of change: rows behind it come later."""

    written_at: Instant = 0
    id: CallId = _FIRST_ID


class Change(msgspec.Struct, frozen=True):
    """That a row of a call was written: a revision, or that the call was joined into another or removed (``gone``)."""

    id: CallId
    written_at: Instant
    revision: int
    gone: bool

    @property
    def mark(self) -> Mark:
        """Where this row stands."""
        return Mark(self.written_at, self.id)


def changes_after(ledger: Ledger, scope: Scope, mark: Mark, until: Instant, limit: int) -> list[Change]:
    """The next rows behind a mark that were stamped before ``until``, in order; of the whole tenant.

    :raises ValueError: for a restricted scope: a row tells nothing of whether the call may be seen as it is now.
    """
    params = {"limit": limit, "at": mark.written_at, "until": until}
    place = {"opened": opened_ms(mark.id), "id": mark.id}
    sql = statement("changes", "at_the_stamp")
    found = ledger.query_rows(scope, sql, {**params, **place}, {"final": 0})
    if len(found) < limit:  # a stamp is one insert's: of rows of calls, or of what was removed
        params["limit"] = limit - len(found)
        sql = statement("changes", "removed_at_the_stamp")
        found += ledger.query_rows(scope, sql, {**params, **place}, {"final": 0})
    if len(found) < limit:
        params["limit"] = limit - len(found)
        found += ledger.query_rows(scope, statement("changes", "later"), params, {"final": 0})
    return [
        Change(CallId(call), written_at, revision, bool(gone)) for call, written_at, revision, gone in found
    ]


class Standing(msgspec.Struct, frozen=True):
    """The newest revision of a call, and whether the call was joined into another."""

    revision: int
    gone: bool


def standing(ledger: Ledger, scope: Scope, ids: list[CallId]) -> dict[CallId, Standing]:
    """How some calls stand now: a cheap look, without reading them. Of the whole tenant."""
    if not ids:
        return {}
    opened = [opened_ms(call) for call in ids]
    params = {"ids": ids, "since": min(opened), "until": max(opened)}
    found = ledger.query_rows(scope, statement("changes", "standing"), params, {"final": 0})
    return {CallId(call): Standing(revision, bool(gone)) for call, revision, gone in found}
