"""Who rang again and who did not: worked out on paper, and by plain Python over random calls."""

from __future__ import annotations

import pytest

from ringbook.analyse.answer import figure
from ringbook.ledger.ledger import Ledger
from ringbook.model.call import Call, Direction, Outcome
from ringbook.model.instant import DAY
from ringbook.model.scope import Reach, Scope
from ringbook.search.pages import iterate

from .calls import NOW
from .conftest import Ask

DAY_S = 86_400.0


def values(total: dict[str, object]) -> dict[str, object]:
    return {key: total[key] for key in ("calls", "contacts", "resolved", "repeated", "open", "rate")}


def test_callers_who_did_not_ring_again(ask: Ask) -> None:
    """Anna and Clara within a week; Ben and Dora rang again; one caller's week is not over."""
    answer = ask("again", "fcr")
    expected = {"calls": 7, "contacts": 5, "resolved": 2, "repeated": 2, "open": 1, "rate": 0.5}
    assert values(answer.total) == expected
    assert answer.excluded == {"number not known": 1}
    assert (answer.variant, answer.threshold_s) == ("A", 7 * DAY_S)


@pytest.mark.parametrize(
    ("days", "resolved", "repeated", "open_"), [(1, 4, 1, 0), (7, 2, 2, 1), (9, 1, 3, 1), (30, 0, 0, 5)]
)
def test_callers_by_the_window(ask: Ask, days: int, resolved: int, repeated: int, open_: int) -> None:
    total = ask("again", "fcr", threshold_s=days * DAY_S).total
    assert (total["resolved"], total["repeated"], total["open"]) == (resolved, repeated, open_)


def test_calls_after_which_nobody_rang_again(ask: Ask) -> None:
    """Of seven calls two were followed by another, one is open."""
    total = ask("again", "fcr", variant="B").total
    assert values(total) == {
        "calls": 7,
        "contacts": 5,
        "resolved": 4,
        "repeated": 2,
        "open": 1,
        "rate": 4 / 6,
    }


def test_repeats_count_whatever_else_was_asked(ask: Ask) -> None:
    """Dora's second call went to another queue; for that queue it was her only one."""
    rows = {row["queue"]: row for row in ask("again", "fcr", by="queue").rows}
    assert (rows["Sales"]["resolved"], rows["Sales"]["repeated"], rows["Sales"]["open"]) == (2, 2, 1)
    assert (rows["Support"]["resolved"], rows["Support"]["repeated"]) == (2, 0)
    asked = ask("again", "fcr", "queue:sales").total
    assert (asked["resolved"], asked["repeated"], asked["open"]) == (2, 2, 1)


def test_repeats_outside_a_scope_are_not_told(ledger: Ledger) -> None:

    scope = Scope("again", (Reach(queues=("Sales",)),))
    total = figure(ledger, scope, "fcr", now=NOW).total
    assert (total["calls"], total["repeated"]) == (5, 1)


def test_repeats_are_those_of_plain_python(ask: Ask, ledger: Ledger) -> None:
    """Without contacts, a caller is a number."""
    inbound = [
        call for call in iterate(ledger, Scope("random"), now=NOW) if call.direction == Direction.INBOUND
    ]
    asked = [
        call
        for call in inbound
        if call.outcome == Outcome.ANSWERED and any(char.isdigit() for char in call.caller.number)
    ]

    def again(call: Call) -> bool:
        return NOW - call.started_at > 30 * DAY and any(
            other.caller.number == call.caller.number and 0 < other.started_at - call.started_at <= 30 * DAY
            for other in inbound
        )

    repeated = [call for call in asked if again(call)]
    total = ask("random", "fcr", variant="B", threshold_s=30 * DAY_S).total
    assert total["calls"] == len(asked)
    assert total["repeated"] == len(repeated) > 3
    assert total["open"] == sum(NOW - call.started_at <= 30 * DAY for call in asked) > 0
    by_caller = ask("random", "fcr", threshold_s=30 * DAY_S).total
    assert by_caller["repeated"] == len({call.caller.number for call in repeated})
    assert by_caller["contacts"] == len({call.caller.number for call in asked})
