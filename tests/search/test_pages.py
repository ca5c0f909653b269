"""Pages: newest first, nothing twice, nothing left out, also while calls arrive; and nobody else's calls, ever."""

from __future__ import annotations

import itertools

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ringbook.ledger.batch import Batch, Gone
from ringbook.ledger.ledger import Ledger
from ringbook.model.call import Call, CallId
from ringbook.model.instant import DAY, SECOND, Instant
from ringbook.model.scope import Scope
from ringbook.search.cursors import Place, seal, unseal
from ringbook.search.errors import AmbiguousIdError, CursorError, SearchError, UnknownCallError
from ringbook.search.pages import FacetCount, count_calls, facet, iterate, list_calls, show_call

from .calls import HAND_MADE, NOW, identity, random_calls

_fresh = (Scope(f"tenant{number}") for number in itertools.count())


def bare(started_at: Instant, number: int, scope: Scope) -> Call:
    return Call(id=identity(started_at, number), tenant=scope.tenant, started_at=started_at)


def write(ledger: Ledger, scope: Scope, calls: list[Call]) -> None:
    ledger.write(Batch(tenant=scope.tenant, calls=calls))


def pages(ledger: Ledger, scope: Scope, query: str = "", *, limit: int) -> list[list[str]]:
    found = []
    cursor = None
    while True:
        page = list_calls(ledger, scope, query, limit=limit, cursor=cursor, now=NOW)
        found.append([call.id for call in page.items])
        cursor = page.next_cursor
        if cursor is None:
            return found


def in_order(calls: list[Call]) -> list[str]:
    return [call.id for call in sorted(calls, key=lambda call: (call.started_at, call.id), reverse=True)]


@given(
    limit=st.integers(20, 200),
    query=st.sampled_from(["", "direction:inbound", "outcome:missed has:cause", "on:2025"]),
)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_pages_of_any_size_put_together_are_the_whole_list(ledger: Ledger, limit: int, query: str):
    scope = Scope("random")
    found = pages(ledger, scope, query, limit=limit)
    whole = [call.id for call in iterate(ledger, scope, query, now=NOW)]
    assert [call for page in found for call in page] == whole
    assert len(whole) == count_calls(ledger, scope, query, now=NOW)
    assert all(len(page) == limit for page in found[:-1])
    if not query:
        assert whole == in_order(random_calls(500, 7, "random"))


def test_calls_at_the_edges_of_windows_come_once(ledger: Ledger):
    scope = next(_fresh)
    edges = [NOW - width * DAY + shift for width in (7, 30, 365) for shift in (-1, 0, 1)]
    calls = [
        bare(at, number, scope)
        for number, at in enumerate([NOW, NOW - 1, NOW + DAY, *edges, NOW - 4000 * DAY])
    ]
    write(ledger, scope, calls)
    for limit in (1, 2, 3, 50):
        found = [call for page in pages(ledger, scope, limit=limit) for call in page]
        assert found == in_order(calls)


def test_calls_of_one_instant_are_told_apart_by_their_ids(ledger: Ledger):
    scope = next(_fresh)
    # Ids whose halves sort differently: the order is that of their text, whatever the engine thinks of their bytes.
    calls = [bare(NOW - DAY, number * 2**40 + 1000 - number, scope) for number in range(20)]
    write(ledger, scope, calls)
    assert [call for page in pages(ledger, scope, limit=3) for call in page] == in_order(calls)


def test_pages_are_stable_while_calls_arrive(ledger: Ledger):
    scope = next(_fresh)
    calls = [bare(NOW - number * 3600 * SECOND, number, scope) for number in range(30)]
    write(ledger, scope, calls)
    seen: list[str] = []
    cursor = None
    for arrival in range(20):
        page = list_calls(ledger, scope, "", limit=7, cursor=cursor, now=NOW + arrival * SECOND)
        seen += [call.id for call in page.items]
        cursor = page.next_cursor
        write(ledger, scope, [bare(NOW + arrival * SECOND, 1000 + arrival, scope)])
        if cursor is None:
            break
    assert seen == in_order(calls)


def test_a_relative_question_means_the_same_on_every_page(ledger: Ledger):
    scope = next(_fresh)
    calls = [bare(NOW - number * 600 * SECOND, number, scope) for number in range(6)]
    write(ledger, scope, calls)
    first = list_calls(ledger, scope, "last:1h", limit=3, now=NOW)
    rest = list_calls(ledger, scope, "last:1h", limit=3, cursor=first.next_cursor, now=NOW + DAY)
    assert [call.id for call in [*first.items, *rest.items]] == in_order(calls)


def test_a_call_is_listed_as_it_is_now(ledger: Ledger):
    """Earlier revisions do not count, also where only they would match."""
    scope = next(_fresh)
    call = msgspec.structs.replace(bare(NOW - DAY, 1, scope), queue="sales")
    write(ledger, scope, [call])
    moved = msgspec.structs.replace(call, queue="support", started_at=NOW - 40 * DAY, revision=2)
    write(ledger, scope, [moved])
    assert pages(ledger, scope, limit=5) == [[call.id]]
    assert list_calls(ledger, scope, "queue:support", now=NOW).items == [moved]
    assert list_calls(ledger, scope, "queue:sales", now=NOW).items == []
    assert list_calls(ledger, scope, "last:2d", now=NOW).items == []
    assert count_calls(ledger, scope, "queue:sales", now=NOW) == 0


def test_pages_are_full_and_in_order_among_many_old_revisions(ledger: Ledger):
    """Old revisions match and stand elsewhere in the list, before and behind their calls as they are now."""
    scope = next(_fresh)
    now: dict[str, Call] = {}
    for revision in range(1, 5):
        batch = []
        for number in range(30):
            started = NOW - (number * 7 + revision * 11 * (number % 3 - 1) + 100) * 3600 * SECOND
            call = now.get(str(number)) or bare(started, number, scope)
            queue = "sales" if (number + revision) % 4 else "support"
            now[str(number)] = msgspec.structs.replace(
                call, started_at=started, revision=revision, queue=queue
            )
            batch.append(now[str(number)])
        write(ledger, scope, batch)
    wanted = in_order([call for call in now.values() if call.queue == "sales"])
    assert 15 < len(wanted) < 30
    for limit in (1, 4, 29, 50):
        found = pages(ledger, scope, "queue:sales", limit=limit)
        assert [call for page in found for call in page] == wanted
        assert all(len(page) == limit for page in found[:-1])


def test_what_is_listed_is_what_was_written(ledger: Ledger, hand: Scope):
    listed = list_calls(ledger, hand, now=NOW).items
    assert {call.id: call for call in listed} == {call.id: call for call in HAND_MADE.values()}
    assert show_call(ledger, hand, HAND_MADE["sales"].id) == HAND_MADE["sales"]


# --- cursors ------------------------------------------------------------------------------------------------------------


def some_cursor(ledger: Ledger, query: str = "direction:inbound", zone: str = "UTC") -> str:
    cursor = list_calls(ledger, Scope("random"), query, limit=2, zone=zone, now=NOW).next_cursor
    assert cursor is not None
    return cursor


def test_a_cursor_may_be_used_with_the_same_question_written_otherwise(ledger: Ledger):
    page = list_calls(
        ledger, Scope("random"), " (Direction:inbound) ", limit=2, cursor=some_cursor(ledger), now=NOW
    )
    assert len(page.items) == 2


@pytest.mark.parametrize(
    ("tenant", "query", "zone"),
    [
        ("random", "direction:outbound", "UTC"),
        ("random", "direction:inbound", "Europe/Berlin"),
        ("hand", "direction:inbound", "UTC"),
    ],
)
def test_a_cursor_of_another_question_zone_or_tenant_is_refused(
    ledger: Ledger, tenant: str, query: str, zone: str
):
    with pytest.raises(CursorError, match="belongs to another question"):
        list_calls(ledger, Scope(tenant), query, cursor=some_cursor(ledger), zone=zone, now=NOW)


@given(place=st.integers(0, 70), char=st.sampled_from("AZaz09-_"))
def test_a_cursor_that_was_changed_is_refused(place: int, char: str):
    sealed = seal(Place(NOW, HAND_MADE["sales"].id, NOW), "", "UTC", Scope())
    place %= len(sealed)
    changed = sealed[:place] + char + sealed[place + 1 :]
    if changed == sealed:
        assert unseal(changed, "", "UTC", Scope()) == Place(NOW, HAND_MADE["sales"].id, NOW)
    else:
        with pytest.raises(CursorError):
            unseal(changed, "", "UTC", Scope())


@given(st.text(max_size=80))
def test_what_is_no_cursor_is_refused(text: str):
    with pytest.raises(CursorError):
        unseal(text, "", "UTC", Scope())


@given(at=st.integers(0, 2**62), now=st.integers(0, 2**62), call=st.uuids())
def test_a_cursor_leads_back_to_its_place(at: int, now: int, call: object):
    place = Place(at, CallId(str(call)), now)
    assert unseal(seal(place, "a b", "UTC", Scope()), "a   b", "UTC", Scope()) == place


@pytest.mark.parametrize("limit", [0, -1, 1001])
def test_a_page_has_a_size(ledger: Ledger, hand: Scope, limit: int):
    with pytest.raises(SearchError, match="1 to 1000"):
        list_calls(ledger, hand, limit=limit, now=NOW)


# --- one call -----------------------------------------------------------------------------------------------------------


def test_a_call_is_shown_by_its_id_or_the_beginning_of_it(ledger: Ledger, hand: Scope):
    call = HAND_MADE["sales"]
    for text in (
        call.id,
        call.id.upper(),
        call.id.replace("-", ""),
        call.id[:8],
        call.id[:15],
        f" {call.id[:11]} ",
    ):
        assert show_call(ledger, hand, text) == call


def test_an_id_that_fits_several_calls_names_them(ledger: Ledger):
    scope = next(_fresh)
    calls = [bare(NOW, number, scope) for number in (1, 2)]
    write(ledger, scope, calls)
    with pytest.raises(AmbiguousIdError) as raised:
        show_call(ledger, scope, calls[0].id[:13])
    assert set(raised.value.ids) == {call.id for call in calls}
    assert show_call(ledger, scope, calls[0].id) == calls[0]


def test_an_id_that_was_joined_leads_to_the_call(ledger: Ledger):
    scope = next(_fresh)
    old, joined = bare(NOW - 3 * DAY, 1, scope), bare(NOW - DAY, 2, scope)
    write(ledger, scope, [old, joined])
    whole = msgspec.structs.replace(old, revision=2, queue="sales")
    gone = Gone(id=joined.id, started_at=joined.started_at, revision=2, leads_to=old.id)
    ledger.write(Batch(tenant=scope.tenant, calls=[whole], gone=[gone]))
    assert show_call(ledger, scope, joined.id) == whole
    assert show_call(ledger, scope, joined.id[:10]) == whole
    assert pages(ledger, scope, limit=5) == [[old.id]]
    assert count_calls(ledger, scope, f"id:{joined.id}", now=NOW) == 0


@pytest.mark.parametrize("text", ["", "1234567", "not-an-id", "ffffffff", "0" * 33, identity(NOW, 999_999)])
def test_an_unknown_id_is_said_to_be_unknown(ledger: Ledger, hand: Scope, text: str):
    with pytest.raises(UnknownCallError):
        show_call(ledger, hand, text)


# --- figures ------------------------------------------------------------------------------------------------------------


def test_facets_count_the_answers_by_value(ledger: Ledger, hand: Scope):
    assert facet(ledger, hand, "has:queue", "queue", now=NOW) == [
        FacetCount("Sales", 1),
        FacetCount("Sales West", 1),
    ]
    counts = {one.value: one.calls for one in facet(ledger, hand, "", "source", now=NOW)}
    assert counts == {"office": 8, "branch": 4, "old": 1}
    counts = {one.value: one.calls for one in facet(ledger, hand, "", "agent", now=NOW)}
    assert counts == {"101": 1, "105": 1, "Jon": 1}
    hours = {
        one.value: one.calls
        for one in facet(ledger, hand, "on:2026-11-19", "hour", zone="America/New_York", now=NOW)
    }
    assert hours == {"9": 1, "22": 1}


def test_a_field_without_counts_is_refused(ledger: Ledger, hand: Scope):
    with pytest.raises(SearchError, match="Did you mean queue"):
        facet(ledger, hand, "", "queu", now=NOW)
    with pytest.raises(SearchError, match="no counts"):
        facet(ledger, hand, "", "duration", now=NOW)


# --- scope --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    ["", "-from:nobody", "name:anna or -name:anna", "from:* or -from:*", "id:" + HAND_MADE["sales"].id],
)
def test_calls_of_another_tenant_never_appear(ledger: Ledger, query: str):
    stranger = next(_fresh)
    own = bare(NOW - DAY, 5, stranger)
    write(ledger, stranger, [own])
    listed = [call.id for call in list_calls(ledger, stranger, query, limit=1000, now=NOW).items]
    assert set(listed) <= {own.id}
    assert count_calls(ledger, stranger, query, now=NOW) == len(listed)
    assert [call.id for call in iterate(ledger, stranger, query, now=NOW)] == listed
    assert sum(one.calls for one in facet(ledger, stranger, query, "direction", now=NOW)) == len(listed)
    for text in (HAND_MADE["sales"].id, HAND_MADE["sales"].id[:8]):
        with pytest.raises(UnknownCallError):
            show_call(ledger, stranger, text)


def test_joined_ids_of_another_tenant_lead_nowhere(ledger: Ledger):
    scope, stranger = next(_fresh), next(_fresh)
    old, joined = bare(NOW - 3 * DAY, 1, scope), bare(NOW - DAY, 2, scope)
    gone = Gone(id=joined.id, started_at=joined.started_at, revision=1, leads_to=old.id)
    ledger.write(Batch(tenant=scope.tenant, calls=[old, joined]))
    ledger.write(Batch(tenant=scope.tenant, gone=[gone]))
    for text in (joined.id, joined.id[:12]):
        with pytest.raises(UnknownCallError):
            show_call(ledger, stranger, text)
