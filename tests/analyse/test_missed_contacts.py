"""What happened with somebody: counted over all their numbers, within the scope."""

from __future__ import annotations

from ringbook.analyse.contacts import last_of, recent, summary
from ringbook.analyse.statements import described, statement
from ringbook.ledger.ledger import Ledger
from ringbook.model.scope import Reach, Scope

from .calls import ANNA, BEN, CLARA, MINUTE, NOW, QUEUE_AT
from .test_missed import story

TOLD = (
    (1, ANNA, "missed"),
    (3, ANNA, ">answered"),
    (4, BEN, "answered"),
    (6, CLARA, ">missed"),
    (7, "", "missed"),
)


def test_calls_are_counted_over_all_numbers(ledger: Ledger) -> None:
    scope = Scope(story(ledger, *TOLD, talk_s=60.0)[0].tenant)
    found = summary(ledger, scope, f"number:{ANNA},{BEN}", zone="UTC", now=NOW)
    assert (found.calls, found.answered, found.missed, found.inbound, found.outbound) == (3, 2, 1, 2, 1)
    assert (found.first_at, found.last_at) == (QUEUE_AT + MINUTE, QUEUE_AT + 4 * MINUTE)
    assert found.talk_s == 180.0
    nobody = summary(ledger, scope, "number:+15125550177", zone="UTC", now=NOW)
    assert (nobody.calls, nobody.first_at, nobody.talk_s) == (0, None, None)


def test_the_last_calls_of_numbers(ledger: Ledger) -> None:
    tenant = story(ledger, *TOLD)[0].tenant
    assert last_of(ledger, Scope(tenant), [ANNA, CLARA, "+15125550177"]) == {
        ANNA: QUEUE_AT + 3 * MINUTE,
        CLARA: QUEUE_AT + 6 * MINUTE,
    }
    hidden = Scope(tenant, (Reach(extensions=("999",)),))
    assert last_of(ledger, hidden, [ANNA]) == {}
    assert recent(ledger, hidden) == []


def test_recent_numbers_page_by_page(ledger: Ledger) -> None:
    scope = Scope(story(ledger, *TOLD)[0].tenant)
    first = recent(ledger, scope, limit=2)
    assert [one.number for one in first] == [CLARA, BEN]
    assert [one.number for one in recent(ledger, scope, first[-1])] == [ANNA]


def test_statements_are_described_and_scoped() -> None:
    assert set(described("contacts")) == {"summary", "last_of", "recent"}
    for name in described("contacts"):
        sql = statement(name, "contacts")
        assert sql.count("FROM calls") == sql.count("{scope}") == 1
