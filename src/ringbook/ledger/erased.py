"""What was removed for good, when, and under what: read from the tombstones that removing leaves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from ringbook.ledger.ledger import Ledger, batched
from ringbook.ledger.statements import statement
from ringbook.model.instant import Instant
from ringbook.model.scope import Scope
from ringbook.model.warrant import Ground

AT_ONCE = 2_000
"""Ids that one statement names."""


class Erasure(msgspec.Struct, frozen=True):
    """That a thing was removed, when, and under what: all that is left of it."""

    kind: str
    id: str
    warrant: str
    ground: Ground
    reference: str
    by: str
    at: Instant


def erased(ledger: Ledger, scope: Scope, kind: str, ids: Iterable[str]) -> dict[str, Erasure]:
    """Those of some ids of a kind (``call``, ``frame`` in hex, ``recording``, ``note``) that were removed, and under what."""
    found: dict[str, Erasure] = {}
    for some in batched(ids, AT_ONCE):
        rows = ledger.query_rows(scope.whole(), statement("erasing", "erased"), {"kind": kind, "ids": some})
        found |= {row[1]: _erasure(row) for row in rows}
    return found


def erasures_of(
    ledger: Ledger, scope: Scope, warrant_id: str, after: Erasure | None = None, limit: int = 1_000
) -> list[Erasure]:
    """What was removed under a warrant, by kind and id, after one of them."""
    params = {
        "warrant": warrant_id,
        "after_kind": after.kind if after else "",
        "after_id": after.id if after else "",
        "limit": limit,
    }
    rows = ledger.query_rows(scope.whole(), statement("erasing", "under"), params)
    return [_erasure(row) for row in rows if row[0] != "removal"]


def erasure_counts(ledger: Ledger, scope: Scope, warrant_id: str) -> dict[str, int]:
    """How many things of each kind were removed under a warrant."""
    rows = ledger.query_rows(scope.whole(), statement("erasing", "counts"), {"warrant": warrant_id})
    return {row[0]: int(row[1]) for row in rows if row[0] != "removal"}


def state(ledger: Ledger, scope: Scope, warrant_id: str) -> str:
    """Where what was removed under a warrant is now: ``gone`` from the disk, only ``hidden``, or ``nothing`` was."""
    rows = ledger.query_rows(scope.whole(), statement("erasing", "counts"), {"warrant": warrant_id})
    if not rows:
        return "nothing"
    [(purged,)] = ledger.query_rows(scope.whole(), statement("erasing", "purged_at"), {})
    return "gone" if int(purged) > max(int(row[2]) for row in rows) else "hidden"


def _erasure(row: tuple[Any, ...]) -> Erasure:
    kind, name, warrant, ground, reference, by, at = row
    return Erasure(kind, name, warrant, Ground(ground), reference, by, int(at))
