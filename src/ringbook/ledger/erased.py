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
    for some in batched(ids, _AT_ONCE):
        rows = ledger.query_rows(scope.whole(), statement("erasing", "erased"), {"kind": kind, "ids": some})
        found |= {row[1]: _erasure(row) for row in rows}
    return found


def _erasure(row: tuple[Any, ...]) -> Erasure:
    kind, name, warrant, ground, reference, by, at = row
    return Erasure(kind, name, warrant, Ground(ground), reference, by, int(at))


_AT_ONCE = 2_000
"""Ids that one statement names."""
