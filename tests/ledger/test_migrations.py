"""Steps of the schema: each taken once, from whatever state the one before left."""

from __future__ import annotations

import pytest

from ringbook.ledger.address import ServerAddress, parse_address
from ringbook.ledger.engines.cluster import ClusterEngine
from ringbook.ledger.engines.engine import Migration
from ringbook.ledger.ledger import Ledger, open_ledger
from ringbook.ledger.statements import migrations
from ringbook.ledger.verify import verify
from ringbook.model.scope import Scope

from .conftest import LOGIN
from .made import batch, call

SCOPE = Scope("main")


def engine_at(address: str) -> ClusterEngine:
    place = parse_address(address)
    assert isinstance(place, ServerAddress)
    return ClusterEngine(place)


@pytest.fixture(params=["one server", "cluster"])
def address(request: pytest.FixtureRequest, nodes: list[int]) -> str:
    """A database that is not there yet."""
    name = request.node.name.split("[")[0].removeprefix("test_")
    if request.param == "cluster":
        hosts = ",".join(f"127.0.0.1:{port}" for port in nodes)
        return f"http://{LOGIN}@{hosts}/{name}?cluster=pair"
    return f"http://{LOGIN}@127.0.0.1:{nodes[0]}/{name}_alone"


def names(steps: list[Migration]) -> list[str]:
    return [step.name for step in steps]


def test_each_step_from_the_state_before_it(address: str) -> None:
    steps = migrations()
    for count in range(1, len(steps) + 1):
        engine = engine_at(address)
        assert engine.migrate(steps[:count]) == [steps[count - 1].name]
        engine.close()
    opened = open_ledger(address)
    opened.write(batch("main", 0))
    assert [finding.text for finding in verify(opened, SCOPE) if finding.differs] == []
    opened.close()


def test_what_stands_survives_the_next_step(address: str) -> None:
    opened = open_ledger(address)
    made = batch("main", 0)
    opened.write(made)
    opened.close()
    later = Migration(
        len(migrations()) + 1,
        "9999_a_later_step",
        ("ALTER TABLE calls ADD COLUMN IF NOT EXISTS colour LowCardinality(String) DEFAULT 'blue'",),
    )
    engine = engine_at(address)
    assert engine.migrate([*migrations(), later]) == [later.name]
    assert engine.migrate([*migrations(), later]) == []
    ledger = Ledger(engine)
    assert ledger.calls(SCOPE, [c.id for c in made.calls]) == made.calls
    ledger.write(batch("main", 1))
    assert ledger.count(SCOPE, "colour = 'blue'") == 2 * len(made.calls)
    ledger.close()


def test_a_step_cut_short_is_taken_again(address: str) -> None:
    first, *rest = migrations()
    half = Migration(first.number, first.name, (*first.statements[:1], "SELECT throwIf(1)"))
    engine = engine_at(address)
    with pytest.raises(Exception, match="throwIf"):
        engine.migrate([half])
    assert engine.migrate([first, *rest]) == names([first, *rest])
    ledger = Ledger(engine)
    ledger.write(batch("main", 0, size=1))
    assert ledger.count(SCOPE) == 1
    ledger.close()


def test_opened_again_nothing_is_done(address: str) -> None:
    open_ledger(address).close()
    engine = engine_at(address)
    assert engine.migrate(migrations()) == []
    engine.close()


def test_a_revision_can_be_changed_in_place(embedded: Ledger, scope: Scope) -> None:
    """The tables are made so that a lightweight UPDATE works: for annotations' search copy later."""
    made = call(scope.tenant, "one")
    embedded.write(batch(scope.tenant, 0))
    update = f"UPDATE calls SET account = 'acme' WHERE tenant = '{scope.tenant}' AND from_number = '{made.caller.number}'"
    embedded._engine.raw(update, {}, "")
    assert embedded.count(scope, "account = 'acme'") == 20
