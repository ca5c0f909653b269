"""Steps of the schema: each taken once, from whatever state the one before left."""

from __future__ import annotations

import msgspec
import pyarrow as pa
import pytest

from ringbook.ledger import rows
from ringbook.ledger.address import ServerAddress, parse_address
from ringbook.ledger.batch import Gone
from ringbook.ledger.engines.cluster import ClusterEngine
from ringbook.ledger.engines.engine import Migration
from ringbook.ledger.errors import LedgerDamagedError
from ringbook.ledger.ledger import Ledger, open_ledger
from ringbook.ledger.statements import migrations
from ringbook.ledger.verify import verify
from ringbook.model.annotation import CallNotes
from ringbook.model.call import AgentTalk, CallQuality, Cause
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


def test_a_store_of_a_later_version_is_left_alone(address: str) -> None:
    steps = migrations()
    engine = engine_at(address)
    engine.migrate(steps)
    with pytest.raises(LedgerDamagedError, match="later version"):
        engine.migrate(steps[:-1])
    engine.close()


def as_before_0004(encoded: bytes) -> tuple[list[str], bytes]:
    """Rows of calls as they were written before a call's detail held the whole of it: column names, and an Arrow stream."""
    table = pa.ipc.open_stream(rows.stream(rows.CALLS, encoded)).read_all()
    details = [msgspec.json.decode(text) for text in table["detail"].to_pylist()]
    texts = pa.string()
    for name, place, kind in [
        ("from_raw", 9, texts),
        ("from_kind", 11, texts),
        ("to_raw", 13, texts),
        ("to_kind", 15, texts),
    ]:
        table = table.append_column(name, pa.array([detail[place] for detail in details], kind))
    short = pa.array([msgspec.json.encode(detail[30:]) for detail in details], pa.binary())
    table = table.set_column(table.column_names.index("detail"), "detail", short)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return table.column_names, sink.getvalue().to_pybytes()


def test_calls_become_whole_and_stay_the_same(address: str) -> None:
    steps = migrations()
    made = batch("main", 0).calls
    full = msgspec.structs.replace(
        made[0],
        cause=Cause(17, 486, 'said "no"\n/ \x01 ü'),
        agents=(AgentTalk("101", "Anna", 12.345), AgentTalk("", "Bo")),
        quality=CallQuality(4.1, 0.25, None, 1e-7),
        ended_at=None,
    )
    calls = [full, *made[1:]]
    gone = Gone(call("main", "joined").id, made[0].started_at, 1, made[0].id)
    before = engine_at(address)
    before.migrate([step for step in steps if step.number < 4])
    for encoded in (rows.encode_calls(calls), rows.encode_tombstones("main", [gone])):
        names_before, stream = as_before_0004(encoded)
        before.insert("calls", names_before, stream, str(len(encoded)))
    assert before.migrate(steps) == names(steps[3:])
    ledger = Ledger(before)
    by_id = {c.id: c for c in ledger.calls(SCOPE, [c.id for c in calls])}
    assert by_id == {c.id: c for c in calls}
    assert ledger.count(SCOPE) == len(calls)
    assert ledger.query_rows(SCOPE, _TOMBSTONES, settings={"final": 0}) == [(gone.id, 2)]
    taken = ledger.query_rows(SCOPE, _TAKEN, {"id": full.id})
    assert taken == [(full.caller.raw, full.caller.kind, full.called.raw, full.called.kind)]
    ledger.close()


_TOMBSTONES = "SELECT id, revision FROM calls WHERE tenant = {tenant:String} AND gone"
_TAKEN = (
    "SELECT from_raw, from_kind, to_raw, to_kind FROM calls WHERE tenant = {tenant:String} AND id = {id:UUID}"
)


def test_making_calls_whole_may_be_taken_twice(address: str) -> None:
    opened = open_ledger(address)
    made = batch("main", 0)
    opened.write(made)
    opened.close()
    [whole] = [step for step in migrations() if step.number == 4]
    again = Migration(9998, "9998_again", whole.statements)
    engine = engine_at(address)
    assert engine.migrate([again]) == [again.name]
    ledger = Ledger(engine)
    assert ledger.calls(SCOPE, [c.id for c in made.calls]) == made.calls
    ledger.close()


def test_what_people_added_is_put_in_order_of_time(address: str) -> None:
    steps = migrations()
    notes = [
        CallNotes(call=call("main", str(n)).id, version=n + 2, notes=f"note {n}", fields={"n": str(n)})
        for n in range(5)
    ]
    older = msgspec.structs.replace(notes[0], version=1, notes="older")
    [ordering] = [step for step in steps if step.number == 9]
    before = engine_at(address)
    before.migrate([step for step in steps if step.number < 9])
    Ledger(before).annotate("main", [older, *notes])
    # A crash may come after any statement of the step, which is then taken from its beginning again.
    for count in range(len(ordering.statements)):
        half = Migration(100 + count, f"cut after {count}", ordering.statements[:count])
        engine_at(address).migrate([*steps[:8], *(Migration(100 + n, "", ()) for n in range(count)), half])
    engine = engine_at(address)
    assert engine.migrate([ordering, *(Migration(100 + n, "", ()) for n in range(9))])[0] == ordering.name
    ledger = Ledger(engine)
    found = ledger.query_rows(
        SCOPE,
        "SELECT toString(call), notes, fields['n'] FROM annotations FINAL WHERE tenant = {tenant:String}",
    )
    assert sorted(found) == sorted((each.call, each.notes, each.fields["n"]) for each in notes)
    ordered = (
        "SELECT sorting_key FROM system.tables"
        " WHERE name = 'annotations' AND engine LIKE '%Replacing%' AND {tenant:String} != ''"
    )
    assert {row[0] for row in ledger.query_rows(SCOPE, ordered)} == {"tenant, opened_at, call"}
    ledger.close()


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
