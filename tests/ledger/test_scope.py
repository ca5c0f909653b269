"""What readers of some calls see, on both engines."""

from __future__ import annotations

import msgspec
import pytest

from ringbook.ledger.batch import Batch, Gone
from ringbook.ledger.ledger import Ledger
from ringbook.model.call import AgentTalk
from ringbook.model.scope import Reach, Scope

from .made import BASE, MINUTE, call


@pytest.fixture
def tenant(ledger: Ledger, scope: Scope) -> str:
    """A tenant with a call of 101, one of 102 that was 101's before, one of a queue, and one joined into 102's."""
    first = call(scope.tenant, "first", BASE, agents=(AgentTalk("101", "Bo", None),))
    second = call(scope.tenant, "second", BASE + MINUTE)
    third = call(scope.tenant, "third", BASE + 2 * MINUTE, called=first.caller, queue='it\'s \\ "sales"')
    fourth = call(scope.tenant, "fourth", BASE + 3 * MINUTE)
    ledger.write(Batch(tenant=scope.tenant, calls=[first, second, third, fourth]))
    moved = msgspec.structs.replace(
        second, called=msgspec.structs.replace(second.called, number="102"), revision=2
    )
    ledger.write(
        Batch(tenant=scope.tenant, calls=[moved], gone=[Gone(fourth.id, fourth.started_at, 1, second.id)])
    )
    return scope.tenant


@pytest.mark.parametrize(
    ("reaches", "names"),
    [
        ((), []),
        ((Reach(),), []),
        ((Reach(extensions=("",), queues=("",)),), []),
        ((Reach(extensions=("101",)),), ["first"]),
        ((Reach(extensions=("102", "103")),), ["second"]),
        ((Reach(queues=('it\'s \\ "sales"',)),), ["third"]),
        ((Reach(queues=('IT\'S \\ "SALES"',)),), []),
        ((Reach(extensions=("101",)), Reach(extensions=("102",))), ["second", "first"]),
        ((Reach(extensions=("101", "102"), since=BASE + MINUTE),), ["second"]),
        ((Reach(extensions=("101", "102"), until=BASE + MINUTE),), ["first"]),
    ],
)
def test_a_reader_sees_the_calls_within_reach(
    ledger: Ledger, tenant: str, reaches: tuple[Reach, ...], names: list[str]
) -> None:
    reader = Scope(tenant, reaches)
    times = {"first": BASE, "second": BASE + MINUTE, "third": BASE + 2 * MINUTE}
    ids = {name: call(tenant, name, at).id for name, at in times.items()}
    expected = [ids[name] for name in names]
    assert [found.id for found in ledger.select(reader)] == expected
    assert ledger.count(reader) == len(expected)
    assert sorted(found.id for found in ledger.those(reader, ids.values())) == sorted(expected)
    joined = call(tenant, "fourth", BASE + 3 * MINUTE).id
    assert [found.id for found in ledger.calls(reader, [joined])] == [ids["second"]] * ("second" in names)


def test_a_read_that_does_not_say_where_it_is_restricted_is_refused(ledger: Ledger, tenant: str) -> None:
    reader = Scope(tenant, (Reach(extensions=("101",)),))
    with pytest.raises(ValueError, match="restricted"):
        ledger.query_rows(reader, "SELECT count() FROM calls WHERE tenant = {tenant:String}")
    with pytest.raises(ValueError, match="restricted"):
        ledger.query_rows(reader, "SELECT count() FROM frames WHERE tenant = {tenant:String}")
    assert ledger.query_rows(reader.whole(), "SELECT count() FROM calls WHERE {scope}") == [(3,)]
