"""What was removed under a warrant, as its tombstones tell."""

from __future__ import annotations

from collections import Counter

from ringbook.ledger.ledger import Ledger
from ringbook.model.scope import Scope

_UNDER = """
SELECT kind, id, toUnixTimestamp64Micro(at) FROM erasures
WHERE tenant = {tenant:String} AND warrant = {warrant:String} AND kind NOT IN ('removal', 'purged') ORDER BY kind, id
"""
_PURGED = (
    "SELECT toUnixTimestamp64Micro(max(at)) FROM erasures WHERE tenant = {tenant:String} AND kind = 'purged'"
)


def removed(ledger: Ledger, scope: Scope, warrant: str) -> list[tuple[str, str]]:
    """Kind and id of each thing."""
    return [(kind, name) for kind, name, _ in ledger.query_rows(scope, _UNDER, {"warrant": warrant})]


def counts(ledger: Ledger, scope: Scope, warrant: str) -> dict[str, int]:
    """How many things of each kind."""
    return dict(Counter(kind for kind, _ in removed(ledger, scope, warrant)))


def state(ledger: Ledger, scope: Scope, warrant: str) -> str:
    """Where it is now: ``gone`` from the disk, only ``hidden``, or ``nothing`` was removed."""
    rows = ledger.query_rows(scope, _UNDER, {"warrant": warrant})
    if not rows:
        return "nothing"
    [(purged,)] = ledger.query_rows(scope, _PURGED)
    return "gone" if int(purged) > max(int(at) for _, _, at in rows) else "hidden"
