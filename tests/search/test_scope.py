"""A reader of some calls sees of them what a reader of a ledger sees that has no others: nothing tells of the rest."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ringbook.ledger.batch import Batch
from ringbook.ledger.ledger import Ledger
from ringbook.ledger.verify import verify
from ringbook.model.instant import DAY
from ringbook.model.scope import Reach, Scope
from ringbook.search.errors import CursorError, UnknownCallError
from ringbook.search.fields import FIELDS
from ringbook.search.pages import count_calls, facet, iterate, list_calls, show_call

from .calls import NOW
from .scopes import World, some_reaches, write_world

FACETS = [name for name, field in FIELDS.items() if field.facet]
QUERIES = ["", "direction:inbound", "-queue:sales", "from:* or -from:*", "anna", "number:0101", "last:30d"]
_TENANTS = (f"only{number}" for number in itertools.count())


@pytest.fixture(scope="module")
def world(ledger: Ledger) -> Iterator[World]:
    """The calls that everybody sees some of."""
    yield write_world(ledger, "world")


def alone(ledger: Ledger, world: World, scope: Scope) -> Scope:
    """The reader of a tenant that has the calls of a scope and no others."""
    tenant = next(_TENANTS)
    calls = [msgspec.structs.replace(call, tenant=tenant) for call in world.seen(scope)]
    ledger.write(Batch(tenant=tenant, calls=calls))
    return Scope(tenant)


@given(reaches=some_reaches, query=st.sampled_from(QUERIES))
@example(reaches=(), query="")
@example(reaches=(Reach(extensions=("101",), queues=("it's \"a\\\t'queue'",)),), query="")
@example(reaches=(Reach(extensions=("",), queues=("",)),), query="from:* or -from:*")
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
def test_lists_counts_and_facets_are_those_of_the_calls_inside(
    ledger: Ledger, world: World, reaches: tuple[Reach, ...], query: str
):
    scope = Scope("world", reaches)
    only = alone(ledger, world, scope)
    expected = [call.id for call in iterate(ledger, only, query, now=NOW)]
    assert [call.id for call in iterate(ledger, scope, query, now=NOW, chunk=7)] == expected
    assert count_calls(ledger, scope, query, now=NOW) == len(expected)
    listed: list[str] = []
    cursor = None
    while True:
        page = list_calls(ledger, scope, query, limit=25, cursor=cursor, now=NOW)
        listed += [call.id for call in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert listed == expected
    for field in FACETS:
        assert facet(ledger, scope, query, field, now=NOW) == facet(ledger, only, query, field, now=NOW)


SOME = [
    (),
    (Reach(extensions=("101", "102"), since=NOW - 90 * DAY),),
    (Reach(queues=("Sales", "Support")), Reach(extensions=("300",), until=NOW - 20 * DAY)),
]


@pytest.mark.parametrize("reaches", SOME)
def test_calls_outside_cannot_be_shown_by_id_beginning_or_an_id_that_leads_to_them(
    ledger: Ledger, world: World, reaches: tuple[Reach, ...]
):
    scope = Scope("world", reaches)
    seen = {call.id for call in world.seen(scope)}
    leads = {call.id: call.id for call in world.calls[::6]} | dict(list(world.leads.items())[:8])
    begun = Counter(each[:23] for each in [*world.leads, *(call.id for call in world.calls)])
    for found, into in leads.items():
        for text in (found, found[:23]) if begun[found[:23]] == 1 else (found,):
            if into in seen:
                assert show_call(ledger, scope, text).id == into
            else:
                with pytest.raises(UnknownCallError) as refused:
                    show_call(ledger, scope, text)
                assert into not in str(refused.value).replace(text, "")


@pytest.mark.parametrize("reaches", SOME)
def test_the_ledger_itself_gives_only_calls_inside(ledger: Ledger, world: World, reaches: tuple[Reach, ...]):
    scope = Scope("world", reaches)
    expected = [call.id for call in world.seen(scope)]
    every = [call.id for call in world.calls]
    assert sorted(call.id for call in ledger.those(scope, every)) == sorted(expected)
    assert sorted(call.id for call in ledger.calls(scope, every)) == sorted(expected)
    assert [call.id for call in ledger.select(scope, limit=500)] == expected
    assert [call.id for call in ledger.select(scope, limit=501)] == expected
    assert ledger.count(scope) == len(expected)
    office = {call.id for call in world.seen(scope) if "office" in call.sources}
    assert {call.id for call in ledger.calls_between(scope, "office", NOW - 999 * DAY, NOW)} <= office
    days = {call.started_at // DAY * DAY for call in world.seen(scope) if "office" in call.sources}
    assert set(ledger.call_days(scope, "office", NOW - 2000 * DAY, NOW + 2000 * DAY)) == days


def test_a_cursor_of_another_viewer_is_refused(ledger: Ledger, world: World):
    scope = Scope("world", (Reach(extensions=("101", "102", "104")),))
    cursor = list_calls(ledger, scope, "", limit=1, now=NOW).next_cursor
    assert cursor
    again = Scope("world", (Reach(extensions=("101", "102", "104")),))
    assert list_calls(ledger, again, "", limit=1, cursor=cursor, now=NOW).items
    for other in (
        Scope("world"),
        Scope("world", (Reach(extensions=("101",)),)),
        Scope("world", (Reach(extensions=("101", "102", "104"), until=NOW),)),
        Scope("world", (Reach(extensions=("101", "102", "104")),), masked=True),
    ):
        with pytest.raises(CursorError):
            list_calls(ledger, other, "", limit=1, cursor=cursor, now=NOW)


def test_reads_that_cannot_be_restricted_are_refused_to_restricted_readers(ledger: Ledger):
    scope = Scope("world", (Reach(extensions=("101",)),))
    for read in (
        lambda: ledger.query_rows(scope, "SELECT count() FROM calls WHERE tenant = {tenant:String}"),
        lambda: ledger.query_rows(
            scope,
            "SELECT count() FROM calls WHERE {scope} AND id IN (SELECT id FROM calls WHERE tenant = {tenant:String})",
        ),
        lambda: ledger.query_rows(Scope("world"), "SELECT count() FROM calls"),
        lambda: ledger.frames(scope, [b"0" * 16]),
        lambda: list(ledger.frames_between(scope, "office", 0, NOW)),
        lambda: ledger.rejects(scope),
        lambda: ledger.known_frames(scope, "office", [b"0" * 16]),
        lambda: ledger.owners(scope, [1], None, None),
        lambda: ledger.source_status(scope),
        lambda: ledger.tallies(scope),
        lambda: ledger.positions(scope),
        lambda: list(verify(ledger, scope)),
    ):
        with pytest.raises(ValueError, match="restricted"):
            read()
    assert ledger.frames(scope.whole(), [b"0" * 16]) == []
