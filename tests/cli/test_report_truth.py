"""Figures of the scenario of 120 real calls are those worked out from what the phones and carriers saw."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ringbook.cli.app import app

SCENARIO = Path(__file__).parents[1] / "scenarios" / "asterisk" / "batch_120_calm"
TRUTH: list[dict[str, Any]] = [
    json.loads(line) for line in (SCENARIO / "truth.jsonl").read_text().splitlines()
]
EXTERNAL = [call for call in TRUTH if call["direction"] != "internal"]
QUEUED = [call for call in TRUTH if call["queue"]]
ZONE = "America/New_York"
EYE_S = 0.2
"""By how much the phones' clock and the switch's differ."""

Figure = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def figure(tmp_path_factory: Any) -> Figure:
    """A figure of the scenario's calls, as the command tells it."""
    home = tmp_path_factory.mktemp("truth") / "home"

    def ran(*words: str) -> str:
        done = CliRunner().invoke(app, ["--home", str(home), *words])
        assert done.exit_code == 0, done.output
        return done.output

    files = [str(SCENARIO / name) for name in ("Master.csv", "cel.csv", "queue_log")]
    ran("import", *files, "--source", "office", "--timezone", ZONE, "--region", "US")

    def told(*words: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(ran("report", "figure", *words, "--zone", ZONE, "--json"))
        return found

    return told


def outcomes(calls: list[dict[str, Any]], *words: str) -> int:
    return sum(call["outcome"].startswith(words) for call in calls)


def waited(call: dict[str, Any]) -> float:
    """How long somebody waited whom the queue took at once: from the switch's answer to a person's, or to giving up."""
    until: float = call["answered_at"] or call["ended_at"]
    return until - float(call["pbx_answered_at"])


STRAIGHT = [call for call in QUEUED if call["batch_kind"] in ("queue", "queue_abandon", "support")]
"""Calls that went into a queue without a menu before it, or a hand-over after it."""


def test_offered_answered_and_abandoned(figure: Figure) -> None:
    total = figure("queue-calls")["total"]
    assert (total["calls"], total["answered"], total["abandoned"]) == (
        len(QUEUED),
        outcomes(QUEUED, "answered"),
        outcomes(QUEUED, "abandoned"),
    )
    assert figure("abandonment")["total"]["rate"] == pytest.approx(4 / 29)
    by_queue = {row["queue"]: row["calls"] for row in figure("queue-calls", "--by", "queue")["rows"]}
    assert by_queue == Counter(call["queue"] for call in QUEUED)


def test_waits_and_service_level(figure: Figure) -> None:
    dialled = {call["dialled"] for call in STRAIGHT}
    assert len(dialled) > 1
    calls = [call for call in QUEUED if call["dialled"] in dialled]
    query = f"has:queue dialled:{','.join(sorted(dialled))}"
    answered = [waited(call) for call in calls if call["outcome"] == "answered"]
    total = figure("asa", query)["total"]
    assert total["calls"] == len(answered)
    assert total["mean_s"] == pytest.approx(sum(answered) / len(answered), abs=EYE_S)
    for threshold in (3, 5, 8):
        assert not [wait for wait in answered if abs(wait - threshold) < EYE_S], "too close to call"
        within = sum(wait <= threshold for wait in answered)
        for variant, of in (("A", len(answered)), ("C", len(calls))):
            told = figure("service-level", query, "--variant", variant, "--threshold", str(threshold))
            assert told["total"]["service_level"] == pytest.approx(within / of), (threshold, variant)
    longest = figure("longest-wait", query)["total"]["longest_s"]
    assert longest == pytest.approx(max(map(waited, calls)), abs=EYE_S)


def test_attempts_that_were_answered_and_that_got_through(figure: Figure) -> None:
    """Of the failed ones, 403 is a refusal by the far end; 404, 484 and 500 did not get there."""
    person, box = outcomes(EXTERNAL, "answered"), outcomes(EXTERNAL, "voicemail", "announcement")
    assert figure("asr")["total"]["ratio"] == pytest.approx((person + box) / len(EXTERNAL))
    assert figure("asr", "--variant", "B")["total"]["ratio"] == pytest.approx(person / len(EXTERNAL))
    lost = outcomes(EXTERNAL, "failed_404", "failed_484", "failed_500")
    assert figure("ner")["total"]["effective"] == len(EXTERNAL) - lost
    by_trunk = {row["trunk"]: row["calls"] for row in figure("asr", "--by", "trunk")["rows"]}
    trunks = Counter(call["trunk"] for call in EXTERNAL)
    assert by_trunk == {"PJSIP/carrier-a": trunks["carrierA"], "SIP/carrier-b": trunks["carrierB"]}


def test_who_talked_and_how_long(figure: Figure) -> None:
    talked: dict[str, list[float]] = defaultdict(list)
    for call in TRUTH:
        own: dict[str, float] = defaultdict(float)
        for agent in call["agents"]:
            own[agent["ext"]] += agent["talk_seconds"]
        for agent, talk_s in own.items():
            talked[agent].append(talk_s)
    rows = {row["agent"]: row for row in figure("agents")["rows"]}
    assert {agent: row["calls"] for agent, row in rows.items()} == {
        agent: len(spans) for agent, spans in talked.items()
    }
    for agent, spans in talked.items():
        assert rows[agent]["total_s"] == pytest.approx(sum(spans), abs=EYE_S * len(spans))


def test_hand_overs(figure: Figure) -> None:
    answered = [call for call in TRUTH if call["outcome"] == "answered"]
    total = figure("transfers")["total"]
    assert (total["calls"], total["transferred"]) == (
        len(answered),
        sum(bool(call["transferred_to"]) for call in answered),
    )


def test_who_was_lost_and_rang_again(figure: Figure) -> None:
    lost = [
        call
        for call in TRUTH
        if call["direction"] == "inbound"
        and call["outcome"].startswith(("voicemail", "abandoned", "no_answer", "cancelled"))
    ]
    known = [call for call in lost if any(char.isdigit() for char in call["external_number"] or "")]
    found = figure("callbacks")
    assert found["total"]["calls"] == len(known)
    assert found["excluded"] == {"number not known": len(lost) - len(known)}
    back = [
        min(later)
        for call in known
        if (
            later := [
                other["started_at"] - call["started_at"]
                for other in TRUTH
                if other["direction"] != "internal"
                and other["outcome"] == "answered"
                and other["started_at"] > call["started_at"]
                and other["external_number"][-9:] == call["external_number"][-9:]
            ]
        )
    ]
    assert found["total"]["returned"] == len(back) > 0
    assert found["total"]["median_s"] == pytest.approx(sorted(back)[len(back) // 2], abs=EYE_S)


def test_when(figure: Figure) -> None:
    """All began within five minutes of a Saturday, after one o'clock in New York."""
    rows = figure("heat-map")["rows"]
    assert {(row["weekday"], row["hour"]): row["calls"] for row in rows if row["calls"]} == {
        ("sat", 13): len(TRUTH)
    }
    minutes = Counter(int(call["started_at"]) // 900 * 900 for call in TRUTH)
    told = figure("calls", "--by", "quarter-hour")["rows"]
    assert [row["calls"] for row in told] == list(minutes.values())


def test_how_long_how_many_talked_at_once(figure: Figure) -> None:
    spans = [(call["started_at"], call["ended_at"]) for call in TRUTH]
    moments = sorted({at for span in spans for at in span})
    lasted: dict[int, float] = defaultdict(float)
    for since, until in pairwise(moments):
        lasted[sum(start <= since < end for start, end in spans)] += until - since
    rows = {row["level"]: row["time_s"] for row in figure("concurrency-levels")["rows"]}
    assert sum(rows.values()) == pytest.approx(sum(lasted.values()), abs=2)
    for level in (2, 3, 4):
        assert rows[level] == pytest.approx(lasted[level], abs=10), level
