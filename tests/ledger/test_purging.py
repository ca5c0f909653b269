"""A purge rewrites what holds removed rows, on every node."""

from __future__ import annotations

from ringbook.ledger.annotations import NamedNumber
from ringbook.ledger.erasing import Removal, physical, purge, remove
from ringbook.ledger.ledger import Ledger
from ringbook.model.scope import Scope

from ..tombstones import state
from ..warrants import a_warrant
from .made import batch

_LIES = (
    "SELECT sum(rows) FROM system.parts WHERE active AND database = currentDatabase() AND table IN ('calls', 'frames')"
    " AND NOT startsWith(name, 'patch') SETTINGS final = 0"
)
_SEEN = "SELECT (SELECT count() FROM calls) + (SELECT count() FROM frames) SETTINGS final = 0"


def test_no_part_of_a_table_holds_removed_rows_after_a_purge(clustered: Ledger, scope: Scope) -> None:
    first = batch(scope.tenant, 0)
    clustered.write(first)
    clustered.name_numbers(scope.tenant, [NamedNumber("+12125550142", contact="c", name="Ann Example")])
    warrant = a_warrant(tenant=scope.tenant)
    assert state(clustered, scope, warrant.id) == "nothing"
    ids = [call.id for call in first.calls[:3]]
    remove(clustered, warrant, Removal(calls=ids, numbers=["+12125550142"]))
    before = physical(clustered)
    assert before.hidden_rows >= 3 + 3 + 3 + 1
    assert {"calls", "frames", "keys", "named_numbers"} <= set(before.tables)
    assert state(clustered, scope, warrant.id) == "hidden"
    purged = purge(clustered, warrant)
    assert (purged.hidden_rows, purged.lingering, purged.tables) == (0, 0, ())
    assert purged.state == state(clustered, scope, warrant.id) == "gone"
    assert clustered.count(scope) == 17
    lies = clustered.engine.each(_LIES)
    assert len(lies) == 2
    assert [int(one) for one in lies] == [int(one) for one in clustered.engine.each(_SEEN)]
