"""How many attempts get through, why not, and how long it takes: worked out on paper, and by plain Python over random calls."""

from __future__ import annotations

from collections import Counter

import pytest

from ringbook.ledger.ledger import Ledger
from ringbook.model.call import Call, Direction, Outcome
from ringbook.model.scope import Scope
from ringbook.search.pages import count_calls, iterate

from .calls import NOW
from .conftest import Ask

RANDOM = Scope("random")
EXTERNAL = (Direction.INBOUND, Direction.OUTBOUND)
EFFECTIVE = {17, 18, 19, 21, 486, 600, 603}


def attempts(ledger: Ledger) -> list[Call]:
    calls = iterate(ledger, RANDOM, now=NOW)
    return [call for call in calls if call.direction in EXTERNAL and call.outcome != Outcome.UNKNOWN]


def test_answered_by_a_person_of_all_attempts(ask: Ask) -> None:
    """Nine attempts: three answered by people, one by a voicemail box."""
    assert ask("trunk", "asr", variant="B").total["ratio"] == pytest.approx(3 / 9)
    assert ask("trunk", "asr").variant == "A"


def test_attempts_that_failed_without_a_cause_can_be_left_out(ask: Ask) -> None:
    """Seven of nine were effective; one of the other two says nothing of why."""
    answer = ask("trunk", "ner", variant="B")
    assert answer.total["ratio"] == pytest.approx(7 / 8)
    assert answer.excluded == {"outcome not known": 1, "failed, cause not known": 1}


def test_effective_attempts_are_those_of_plain_python(ask: Ask, ledger: Ledger) -> None:
    made = attempts(ledger)
    effective = [
        call
        for call in made
        if call.outcome != Outcome.FAILED or {call.cause.q850, call.cause.sip} & EFFECTIVE
    ]
    total = ask("random", "ner").total
    assert (total["calls"], total["effective"]) == (len(made), len(effective))
    people = sum(call.outcome == Outcome.ANSWERED for call in made)
    assert ask("random", "asr", variant="B").total["ratio"] == pytest.approx(people / len(made))


def test_causes_are_counted_each(ask: Ask, ledger: Ledger) -> None:
    answer = ask("random", "ner", by="cause")
    told = Counter[str]()
    for call in attempts(ledger):
        told.update({str(code) for code in (call.cause.q850, call.cause.sip) if code is not None} or {""})
    assert {row["cause"]: row["calls"] for row in answer.rows} == dict(told)
    assert len(told) > 3
    for row in answer.rows:
        if row["cause"]:
            assert count_calls(ledger, RANDOM, row["calls_query"], now=NOW) == row["calls"]
        else:
            assert row["calls_query"] is None


def test_post_dial_delay_is_the_one_worked_out(ask: Ask) -> None:
    """Delays of 1, 2 and 6 s; a fourth call had its sound measured, but no delay; a fifth nothing."""
    answer = ask("dialling", "pdd")
    assert answer.excluded == {"nothing measured": 1}
    expected = {"calls": 4, "measured": 3, "mean_s": 3, "median_s": 2, "p90_s": 5.2, "longest_s": 6}
    assert {key: answer.total[key] for key in expected} == pytest.approx(expected)
    parts = ask("dialling", "pdd", by="account").rows
    assert {row["account"]: row["longest_s"] for row in parts} == {"ACME": 2, "": 6}


def test_a_delay_that_nobody_measured_is_not_known(ask: Ask) -> None:
    answer = ask("trunk", "pdd")
    assert (answer.sample, answer.excluded) == (0, {"nothing measured": 10})
    assert answer.total["mean_s"] is None
    only_sound = ask("dialling", "pdd", "-outcome:answered").total
    assert (only_sound["calls"], only_sound["measured"], only_sound["mean_s"]) == (1, 0, None)
