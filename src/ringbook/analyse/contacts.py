"""What happened with somebody, over all their numbers: how often, since when, when last."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from ringbook.analyse.statements import statement
from ringbook.ledger.ledger import Ledger
from ringbook.model.instant import LATEST, Instant
from ringbook.model.scope import Scope
from ringbook.search.plan import plan


class Summary(msgspec.Struct, frozen=True):
    """Calls with somebody, counted. ``talk_s`` is None where none is known; ``talk_not_known`` answered calls lack theirs."""

    calls: int
    first_at: Instant | None
    last_at: Instant | None
    answered: int
    missed: int
    inbound: int
    outbound: int
    talk_s: float | None
    talk_not_known: int


class Recent(msgspec.Struct, frozen=True):
    """A number and when its last call began; also the place from which a list goes on."""

    number: str
    last_at: Instant


FROM_THE_TOP = Recent("", LATEST)


def summary(ledger: Ledger, scope: Scope, query: str, *, zone: str, now: Instant) -> Summary:
    """The calls that answer a question, counted."""
    asked = plan(query, scope, zone=zone, now=now)
    sql = statement("summary", "contacts").replace("{condition}", asked.where)
    [row] = ledger.query_rows(scope, sql, asked.params)
    return Summary(*row)


def last_of(ledger: Ledger, scope: Scope, numbers: Iterable[str]) -> dict[str, Instant]:
    """When the last call with each of these numbers began; numbers without calls are left out."""
    asked = sorted(set(numbers))
    if not asked:
        return {}
    return dict(ledger.query_rows(scope, statement("last_of", "contacts"), {"numbers": asked}))


def recent(ledger: Ledger, scope: Scope, after: Recent = FROM_THE_TOP, limit: int = 500) -> list[Recent]:
    """The outside numbers by their last calls, the last first, from a place on."""
    params = {"last": after.last_at, "number": after.number, "most": limit}
    return [Recent(*row) for row in ledger.query_rows(scope, statement("recent", "contacts"), params)]
