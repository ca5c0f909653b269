"""Who follows what is written misses nothing, also while several write at the same time and calls are joined."""

from __future__ import annotations

import itertools
import random
import threading

import msgspec
import pytest

from ringbook.ledger.batch import Batch, Gone
from ringbook.ledger.ledger import Ledger
from ringbook.ledger.stamps import Stamps
from ringbook.model.call import Call, Outcome
from ringbook.model.instant import DAY, SECOND
from ringbook.model.scope import Reach, Scope
from ringbook.search.errors import CursorError, SearchError
from ringbook.search.pages import changes, iterate, list_calls, news

from .calls import NOW, identity, random_calls
from .scopes import inside as within

_TENANTS = (Scope(f"follow{number}") for number in itertools.count())


def bare(scope: Scope, number: int, started_at: int = NOW - DAY, **facts: object) -> Call:
    made = Call(id=identity(started_at, number), tenant=scope.tenant, started_at=started_at)
    return msgspec.structs.replace(made, **facts)


class Copy:
    """Somebody's copy of the calls, kept by following."""

    def __init__(self, ledger: Ledger, scope: Scope) -> None:
        self.ledger, self.scope, self.cursor = ledger, scope, ""
        self.calls: dict[str, Call] = {}
        self.leads: dict[str, str] = {}

    def catch_up(self, limit: int = 7) -> None:
        more = True
        while more:
            answer = changes(self.ledger, self.scope, self.cursor, limit=limit)
            for item in answer.items:
                if item.call is None:
                    self.calls.pop(item.id, None)
                    if item.leads_to:
                        self.leads[item.id] = item.leads_to
                else:
                    self.calls[item.id] = item.call
            self.cursor, more = answer.next_cursor, answer.more


def test_a_copy_is_kept_by_following(ledger: Ledger):
    scope = next(_TENANTS)
    copy = Copy(ledger, scope)
    copy.catch_up()
    assert copy.calls == {}
    made = random_calls(40, 5, scope.tenant)
    ledger.write(Batch(tenant=scope.tenant, calls=made))
    copy.catch_up()
    assert copy.calls == {call.id: call for call in made}
    assert changes(ledger, scope, copy.cursor).items == []
    late = bare(scope, 77, NOW - 900 * DAY)  # it began long ago and comes now
    revised = msgspec.structs.replace(made[3], queue="Elsewhere", revision=2)
    gone = Gone(made[5].id, made[5].started_at, 1, made[3].id)
    ledger.write(Batch(tenant=scope.tenant, calls=[late, revised], gone=[gone]))
    copy.catch_up()
    expected = {call.id: call for call in made} | {late.id: late, revised.id: revised}
    del expected[gone.id]
    assert copy.calls == expected
    assert copy.leads == {gone.id: gone.leads_to}
    anew = Copy(ledger, scope)
    anew.catch_up(limit=3)
    assert anew.calls == expected
    assert anew.leads == copy.leads


def test_nothing_is_missed_while_several_write(ledger: Ledger):
    scope = next(_TENANTS)
    copy, done = Copy(ledger, scope), threading.Event()
    written: dict[str, Call] = {}

    def write(writer: int) -> None:
        chance = random.Random(writer)
        own: list[Call] = []
        for turn in range(12):
            some = [
                bare(scope, writer * 10_000 + turn * 100 + n, NOW - chance.randrange(90 * DAY))
                for n in range(chance.choice([1, 3, 30]))
            ]
            again = [msgspec.structs.replace(call, revision=call.revision + 1) for call in own[:2]]
            ledger.write(Batch(tenant=scope.tenant, calls=[*some, *again]))
            own = [*again, *own[2:], *some]
        written.update({call.id: call for call in own})

    def follow() -> None:
        while not done.is_set():
            copy.catch_up(limit=11)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    follower = threading.Thread(target=follow)
    for thread in (*writers, follower):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    follower.join()
    copy.catch_up(limit=11)
    assert copy.calls == written


def test_rows_that_arrive_late_are_waited_for():
    stamps = Stamps(lambda: 5_000_000_000_000_000, lag=0)
    with stamps.stamp() as first:
        assert first > 5_000_000_000_000_000, "the clock was set back: stamps go on after the last one"
        with stamps.stamp() as second:
            assert second > first
            assert stamps.horizon() == first
        assert stamps.horizon() == first
    assert stamps.horizon() > second
    waiting = Stamps(lambda: 0, lag=60 * SECOND)
    with waiting.stamp() as at:
        pass
    assert waiting.horizon() < at - 50 * SECOND
    assert not waiting.late(at)
    assert waiting.late(at - 31 * SECOND)


def test_a_reader_of_some_calls_follows_those(ledger: Ledger):
    whole = next(_TENANTS)
    scope = Scope(whole.tenant, (Reach(extensions=("101",), queues=("Sales",)),))
    made = random_calls(60, 6, whole.tenant)
    ledger.write(Batch(tenant=whole.tenant, calls=made))
    copy = Copy(ledger, scope)
    copy.catch_up(limit=2)
    assert copy.calls == {call.id: call for call in made if within(scope, call)}
    assert 0 < len(copy.calls) < 60
    leaver = next(call for call in made if call.queue == "Sales")
    stranger = next(call for call in made if not within(scope, call))
    left = bare(whole, 0, revision=2, id=leaver.id)
    joined = Gone(stranger.id, stranger.started_at, 1, leaver.id)
    ledger.write(Batch(tenant=whole.tenant, calls=[left], gone=[joined]))
    answer = changes(ledger, scope, copy.cursor)
    assert [(item.id, item.call, item.leads_to) for item in answer.items] == [(leaver.id, None, None)]


def test_cursors_of_others_and_damaged_ones_are_refused(ledger: Ledger):
    scope = next(_TENANTS)
    cursor = changes(ledger, scope).next_cursor
    for other in (next(_TENANTS), Scope(scope.tenant, ()), Scope(scope.tenant, masked=True)):
        with pytest.raises(CursorError):
            changes(ledger, other, cursor)
    for bad in ("x", cursor[:-1], "B" + cursor[1:], "é", cursor + "AAAA"):
        with pytest.raises(CursorError):
            changes(ledger, scope, bad)
    with pytest.raises(SearchError):
        changes(ledger, scope, limit=0)


def test_a_list_hears_what_is_new_revised_and_gone(ledger: Ledger):
    scope = next(_TENANTS)
    first, second, third = (bare(scope, n, outcome=Outcome.MISSED) for n in (1, 2, 3))
    ledger.write(Batch(tenant=scope.tenant, calls=[first, second, third]))
    page = list_calls(ledger, scope, "outcome:missed", now=NOW)
    known = {call.id: call.revision for call in page.items}

    def heard(since: int, **how: object):
        return news(ledger, scope, "outcome:missed", since=since, known=known, now=NOW, **how)

    quiet = heard(page.seen_at)
    assert (quiet.newer, quiet.changed, quiet.gone) == ([], [], [])
    new = bare(scope, 4, NOW - DAY // 2, outcome=Outcome.MISSED)
    other = bare(scope, 5, NOW - DAY // 2, outcome=Outcome.ANSWERED)
    revised = msgspec.structs.replace(first, queue="q", revision=2)
    answered = msgspec.structs.replace(second, outcome=Outcome.ANSWERED, revision=2)
    gone = Gone(third.id, third.started_at, 1, first.id)
    ledger.write(Batch(tenant=scope.tenant, calls=[new, other, revised, answered], gone=[gone]))
    loud = heard(quiet.seen_at)
    assert loud.newer == [new]
    assert loud.changed == [revised]
    assert sorted(loud.gone) == sorted([second.id, third.id])
    assert heard(page.seen_at).newer == [new]
    assert heard(loud.seen_at).newer == []
    assert heard(page.seen_at, oldest_at=NOW).newer == []
    stranger = Scope(scope.tenant, (Reach(extensions=("101",)),))
    told = news(ledger, stranger, "", since=page.seen_at, known={}, now=NOW)
    assert told.newer == []


def test_more_news_than_fit_are_said_to_be_more(ledger: Ledger):
    scope = next(_TENANTS)
    seen_at = list_calls(ledger, scope, "", now=NOW).seen_at
    made = [bare(scope, n, NOW - n * SECOND) for n in range(9)]
    ledger.write(Batch(tenant=scope.tenant, calls=made))
    told = news(ledger, scope, "", since=seen_at, known={}, limit=4, now=NOW)
    assert told.newer == made[:4]
    assert told.more
    assert list(iterate(ledger, scope, "", now=NOW)) == made
