"""How many attempts get through, why not, and how long it takes: worked out on paper, and by plain Python over random calls."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from ringbook.analyse.erlang import trunks_for_blocking
from ringbook.ledger.ledger import Ledger
from ringbook.model.call import Call, Direction, Outcome
from ringbook.model.scope import Scope
from ringbook.search.pages import count_calls, iterate

from .calls import NOW
from .conftest import Ask
from .test_properties import peak

RANDOM = Scope("random")
HOUR_MS = 3_600_000
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
        assert count_calls(ledger, RANDOM, row["calls_query"], now=NOW) == row["calls"]


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


def test_lines_are_those_of_the_busiest_hour(ask: Ask) -> None:
    """100 + 50 + 60 + 20 + 60 + 0 s within one hour: 0.0806 erlang. One line would block 7.5 %, two 0.3 %."""
    answer = ask("lines", "lines")
    total = answer.total
    assert total["busiest_erlang"] == pytest.approx(290 / 3600)
    assert (total["busiest_hour"], total["lines"]) == ("2026-11-04T10:00:00Z", 2)
    assert answer.excluded == {"duration not known": 1}
    rows = {row["queue"]: row["busiest_erlang"] for row in ask("lines", "lines", by="queue").rows}
    assert rows == pytest.approx({"": 220 / 3600, "Sales": 70 / 3600})


def test_a_call_over_the_full_hour_is_shared_by_both(ask: Ask, ledger: Ledger) -> None:
    hours = Counter[int]()
    known = [call for call in iterate(ledger, RANDOM, now=NOW) if call.duration_s is not None]
    for call in known:
        if call.direction not in EXTERNAL or call.duration_s is None:
            continue
        start = call.started_at // 1000
        stop = start + round(call.duration_s * 1000)
        for hour in range(start // HOUR_MS, max(start, stop - 1) // HOUR_MS + 1):
            hours[hour] += min(stop, (hour + 1) * HOUR_MS) - max(start, hour * HOUR_MS)
    total = ask("random", "lines").total
    assert total["busiest_erlang"] == pytest.approx(max(hours.values()) / HOUR_MS)
    assert total["lines"] == trunks_for_blocking(total["busiest_erlang"], 0.01)
    assert max(hours.values()) > 0


def by_trunk(answer: Any, column: str) -> dict[str, Any]:
    return {row["trunk"]: row[column] for row in answer.rows}


A, B = "PJSIP/carrier-a", "PJSIP/carrier-b"


def test_the_most_calls_at_once_on_each_line(ask: Ask, ledger: Ledger) -> None:
    """On A three last at 10:01:00, on B two at 10:03:30; without a line that is known two from the start."""
    answer = ask("carriers", "concurrency", by="trunk")
    peaks = {row["trunk"]: (row["calls"], row["peak"], row["peak_at"][11:19]) for row in answer.rows}
    assert peaks == {A: (3, 3, "10:01:00"), B: (3, 2, "10:03:30"), "": (2, 2, "10:00:00")}
    assert answer.total["calls"] == 7
    for row in answer.rows:
        assert count_calls(ledger, Scope("carriers"), row["calls_query"], now=NOW) == row["calls"]


def test_how_long_how_many_calls_were_on_one_line(ask: Ask) -> None:
    """On A: 50 s one, 10 s two, 40 s three (60 to 100), 20 s two, 30 s one."""
    rows = ask("carriers", "concurrency-levels", f'trunk:"{A}"').rows
    assert {row["level"]: row["time_s"] for row in rows if row["time_s"]} == {1: 80, 2: 30, 3: 40}


def test_the_lines_that_each_carrier_needs(ask: Ask) -> None:
    """A: 100 + 100 + 60 s in the hour, B: 60 + 60 + 5 s. One line would block 6.7 % and 3.4 %, two 0.2 % and less."""
    answer = ask("carriers", "lines", by="trunk")
    assert by_trunk(answer, "busiest_erlang") == pytest.approx({A: 260 / 3600, B: 125 / 3600, "": 10 / 3600})
    assert by_trunk(answer, "lines") == {A: 2, B: 2, "": 1}


@pytest.mark.parametrize(
    ("figure", "column", "expected"),
    [
        ("asr", "ratio", {A: 2 / 3, B: 2 / 3, "": 1}),
        ("ner", "ratio", {A: 1, B: 2 / 3, "": 1}),
        ("talk", "mean_s", {A: 55, B: 17, "": 153}),
        ("pdd", "mean_s", {B: 2}),
    ],
)
def test_how_each_line_fared(ask: Ask, figure: str, column: str, expected: dict[str, float]) -> None:
    """Of A's three attempts two were answered and one met a busy phone; of B's one failed for want of a circuit."""
    assert by_trunk(ask("carriers", figure, by="trunk"), column) == pytest.approx(expected)


def test_attempts_and_answers_by_line_are_those_of_plain_python(ask: Ask, ledger: Ledger) -> None:
    made = attempts(ledger)
    told, answered = Counter[str](), Counter[str]()
    for call in made:
        for name in call.trunks or ("",):
            told[name] += 1
            answered[name] += call.outcome in (Outcome.ANSWERED, Outcome.VOICEMAIL, Outcome.MACHINE)
    answer = ask("random", "asr", by="trunk")
    assert by_trunk(answer, "calls") == dict(told)
    assert by_trunk(answer, "answered") == dict(answered)
    assert len(told) > 4


def test_the_most_at_once_by_line_is_that_of_plain_python(ask: Ask, ledger: Ledger) -> None:
    taken: dict[str, list[Call]] = {}
    for call in iterate(ledger, RANDOM, now=NOW):
        for name in call.trunks or ("",):
            taken.setdefault(name, []).append(call)
    told = by_trunk(ask("random", "concurrency", by="trunk"), "peak")
    assert told == {name: peak(calls)["peak"] for name, calls in taken.items()}
    assert max(told.values()) > 1
