"""Waits: how they are spread, the longest, and when callers give up; on paper, and by plain Python over random calls.

The queue of ``calls.QUEUE`` has nine known waits: answered 5, 20, 21; abandoned 3, 6, 20, 90; voicemail 30, missed 60.
"""

from __future__ import annotations

import pytest

from ringbook.analyse.dimensions import WAITS_S
from ringbook.ledger.ledger import Ledger
from ringbook.model.call import Call, Outcome
from ringbook.model.scope import Scope
from ringbook.search.pages import count_calls, iterate

from .calls import NOW
from .conftest import Ask

RANDOM = Scope("random")


def waits(ledger: Ledger, tenant: str = "random") -> list[tuple[float, Outcome]]:
    def known(call: Call) -> bool:
        return bool(call.queue) and call.outcome != Outcome.UNKNOWN

    calls = [call for call in iterate(ledger, Scope(tenant), now=NOW) if known(call)]
    return [(call.wait_s, call.outcome) for call in calls if call.wait_s is not None]


def test_waits_are_spread_over_all_spans(ask: Ask) -> None:
    answer = ask("queue", "wait-distribution")
    told = {row["waited"]: (row["calls"], row["answered"], row["abandoned"]) for row in answer.rows}
    assert {span: found for span, found in told.items() if any(found)} == {
        "0-5 s": (2, 1, 1),
        "5-10 s": (1, 0, 1),
        "15-20 s": (2, 1, 1),
        "20-30 s": (2, 1, 0),
        "45-60 s": (1, 0, 0),
        "60-90 s": (1, 0, 1),
    }
    assert len(answer.rows) == len(WAITS_S) + 1
    assert answer.rows[-1]["waited"] == "over 300 s"
    assert answer.excluded == {"outcome not known": 1, "wait not known": 2}
    assert answer.total["otherwise"] == 2


def test_spans_find_their_calls_and_add_up(ask: Ask, ledger: Ledger) -> None:
    answer = ask("random", "wait-distribution")
    assert sum(row["calls"] for row in answer.rows) == answer.total["calls"] == len(waits(ledger)) > 50
    for row in answer.rows:
        assert count_calls(ledger, RANDOM, row["calls_query"], now=NOW) == row["calls"]


def test_calls_that_did_not_wait_are_a_part_of_their_own(ask: Ask) -> None:
    rows = ask("queue", "calls", by="waited").rows
    assert [(row["waited"], row["calls"]) for row in rows][:3] == [("", 3), ("0-5 s", 2), ("5-10 s", 1)]
    assert len(rows) == len(WAITS_S) + 2


def test_longest_wait_is_told_with_its_end_and_time(ask: Ask) -> None:
    expected = {
        "calls": 9,
        "longest_s": 90,
        "longest_answered_s": 21,
        "longest_abandoned_s": 90,
        "median_s": 20,
        "p90_s": 66,
        "longest_at": "2026-11-02T10:07:00Z",
    }
    total = ask("queue", "longest-wait").total
    assert {key: total[key] for key in expected} == pytest.approx(expected)
    assert ask("queue", "longest-wait", "outcome:missed").total["longest_answered_s"] is None


def test_patience_is_all_waiting_by_those_who_gave_up(ask: Ask, ledger: Ledger) -> None:
    assert ask("queue", "patience").total["mean_s"] == pytest.approx(255 / 4)
    assert ask("queue", "patience", "outcome:answered").total["mean_s"] is None
    made = waits(ledger)
    left = sum(outcome == Outcome.ABANDONED for _, outcome in made)
    assert ask("random", "patience").total["mean_s"] == pytest.approx(sum(wait for wait, _ in made) / left)


def test_giving_up_is_the_product_limit(ask: Ask) -> None:
    """At 3 s one of nine gives up, at 6 s one of seven, at 20 s one of six, at 90 s the last one."""
    answer = ask("queue", "abandonment-curve")
    told = {row["waited"]: row for row in answer.rows}
    steps = {
        "5 s": 8 / 9,
        "10 s": 8 / 9 * 6 / 7,
        "20 s": 8 / 9 * 6 / 7 * 5 / 6,
        "60 s": 8 / 9 * 6 / 7 * 5 / 6,
        "90 s": 0,
    }
    for at, staying in steps.items():
        assert told[at]["given_up"] == pytest.approx(1 - staying), at
    assert (told["20 s"]["calls"], told["20 s"]["abandoned"], told["20 s"]["served"]) == (4, 3, 2)
    assert "Half of the callers would have given up after 90 s." in answer.notes


def test_later_than_the_last_wait_nothing_is_known(ask: Ask) -> None:
    answer = ask("queue", "abandonment-curve", "wait:<=30")
    told = {row["waited"]: row["given_up"] for row in answer.rows}
    assert told["30 s"] is not None
    assert told["45 s"] is None
    assert any(note.startswith("Not known: how long") for note in answer.notes)
    assert ask("queue", "abandonment-curve", "outcome:answered").rows[0]["given_up"] == 0


def test_giving_up_is_that_of_plain_python(ask: Ask, ledger: Ledger) -> None:
    made = waits(ledger)
    for row, bound in zip(ask("random", "abandonment-curve").rows, WAITS_S, strict=True):
        staying = 1.0
        for at in sorted({wait for wait, _ in made if wait <= bound}):
            gave_up = sum(wait == at and outcome == Outcome.ABANDONED for wait, outcome in made)
            staying *= 1 - gave_up / sum(wait >= at for wait, _ in made)
        known = staying == 0 or bound <= max(wait for wait, _ in made)
        assert row["given_up"] == (pytest.approx(1 - staying) if known else None)
        assert row["calls"] == sum(wait > bound for wait, _ in made)
        assert count_calls(ledger, RANDOM, row["calls_query"], now=NOW) == row["calls"]
