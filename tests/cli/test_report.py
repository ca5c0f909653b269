"""``ringbook report``: what it prints for the scenario of 120 calls is what its truth says."""

from __future__ import annotations

import io
import json
import shlex
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from statistics import fmean, median
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from ringbook.cli.app import app
from ringbook.cli.report import print_answer
from ringbook.model.errors import AskError

SCENARIO = Path(__file__).parents[1] / "scenarios" / "asterisk" / "batch_120_calm"
TRUTH = [json.loads(line) for line in (SCENARIO / "truth.jsonl").read_text().splitlines()]
ZONE = "America/New_York"

Run = Callable[..., str]


@pytest.fixture(scope="module")
def home(tmp_path_factory: Any) -> Path:
    """A home with the scenario's calls."""
    place: Path = tmp_path_factory.mktemp("report") / "home"
    files = [str(SCENARIO / name) for name in ("Master.csv", "cel.csv", "queue_log")]
    done = _invoke(place, "import", *files, "--source", "office", "--timezone", ZONE, "--region", "US")
    assert done.exit_code == 0, done.output
    return place


def _invoke(home: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["--home", str(home), *words])


@pytest.fixture
def run(home: Path) -> Run:
    """What a command prints."""

    def ran(*words: str) -> str:
        done = _invoke(home, *words)
        assert done.exit_code == 0, done.output
        return done.output

    return ran


def figure(run: Run, *words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("report", "figure", *words, "--zone", ZONE, "--json"))
    return found


def test_answered_share_is_the_truths(run: Run) -> None:
    answered = [call for call in TRUTH if call["outcome"] == "answered"]
    found = figure(run, "answered-rate")
    assert found["total"]["answered"] == len(answered)
    assert found["sample"] + found["excluded"]["outcome not known"] == len(TRUTH)
    assert found["total"]["rate"] == pytest.approx(len(answered) / len(TRUTH))


def test_outcomes_by_direction_are_the_truths(run: Run) -> None:
    for row in figure(run, "outcomes", "--by", "direction")["rows"]:
        told = [call["outcome"] for call in TRUTH if call["direction"] == row["direction"]]
        assert (row["calls"], row["answered"], row["abandoned"]) == (
            len(told),
            told.count("answered"),
            sum(word.startswith("abandoned") for word in told),
        )


def test_talk_is_the_truths_to_a_fifth_of_a_second(run: Run) -> None:
    talked = [call["talk_seconds"] for call in TRUTH if call["outcome"] == "answered"]
    total = figure(run, "talk")["total"]
    assert total["calls"] == len(talked)
    assert total["mean_s"] == pytest.approx(fmean(talked), abs=0.2)
    assert total["median_s"] == pytest.approx(median(talked), abs=0.2)


def test_most_calls_at_the_same_time(run: Run) -> None:
    """Phones and exchange part by milliseconds, so a call more or less may just touch."""
    spans = [(call["started_at"], call["ended_at"]) for call in TRUTH]
    most = max(sum(start <= at < end for start, end in spans) for at, _ in spans)
    assert abs(figure(run, "concurrency")["total"]["peak"] - most) <= 1


def test_json_has_the_definition(run: Run) -> None:
    found = figure(run, "service-level", "outcome:answered", "--variant", "a", "--threshold", "5")
    assert found["figure"] == "service-level"
    assert found["formula"] == "answered within 5 s / answered"
    assert (found["version"], found["variant"], found["threshold_s"], found["zone"]) == (1, "A", 5.0, ZONE)
    assert found["query"] == "outcome:answered"
    assert {"rows", "excluded", "sample", "calls_query"} <= found.keys()


@pytest.mark.parametrize("name", ["calls", "answered-rate", "wait", "abandonment", "callbacks"])
def test_command_that_is_shown_lists_the_calls_behind(run: Run, name: str) -> None:
    shown = run("report", "figure", name, "--zone", ZONE)
    [command] = [line.partition(": ")[2] for line in shown.splitlines() if line.startswith("calls behind it")]
    program, *words = shlex.split(command)
    assert program == "ringbook"
    listed = run(*words[:2], "--json", "--limit", "1000", *words[2:])
    assert len(listed.splitlines()) == figure(run, name)["sample"]


def test_terminal_shows_value_bar_and_formula(run: Run) -> None:
    shown = run("report", "figure", "answered-rate", "--by", "direction", "--zone", ZONE)
    inbound = next(line for line in shown.splitlines() if line.startswith("inbound"))
    assert "%" in inbound
    assert "█" in inbound
    assert "formula: calls that a person answered / calls (version 1)" in shown


def test_heat_map_has_seven_days(run: Run) -> None:
    lines = run("report", "figure", "heat-map", "--zone", ZONE).splitlines()
    assert [line[:3] for line in lines[2:9]] == ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    assert "█" in lines[7]  # all were made on one Saturday
    assert not any(sign in "".join(lines[2:7]) for sign in "░▒▓█")


def test_few_calls_say_so(run: Run) -> None:
    assert "few calls" in run("report", "figure", "talk", "from:+12144638936", "--zone", ZONE)


def test_no_calls_are_told(run: Run) -> None:
    shown = run("report", "figure", "service-level", "on:1999", "--by", "queue", "--zone", ZONE)
    assert "No calls answer this, so there is no figure." in shown
    assert figure(run, "service-level", "on:1999")["total"]["service_level"] is None


def test_what_is_not_known_is_no_zero(run: Run) -> None:
    shown = run("report", "figure", "talk", "outcome:answered -has:talk or outcome:unknown", "--zone", ZONE)
    assert "0.0 s" not in shown


def test_a_queue_or_an_agent_cannot_command_the_terminal() -> None:
    hostile = "\x1b]0;mine\x07\x9b31m\u202e[/bold]\rname"
    row = {"agent": hostile, "calls": 1, "name": hostile, "small_sample": False, "calls_query": hostile}
    answer = {
        "figure": "agents",
        "title": "Agents",
        "version": 1,
        "formula": "calls",
        "variant": None,
        "zone": "UTC",
        "by": "agent",
        "period": ["2026-11-20T10:00:00Z", "2026-11-20T11:00:00Z"],
        "calls_query": hostile,
        "columns": [{"name": "calls", "kind": "count"}, {"name": "name", "kind": "text"}],
        "headline": "calls",
        "rows": [row],
        "more": False,
        "total": {**row, "name": None},
        "excluded": {},
        "sample": 1,
        "small_sample": False,
        "notes": [hostile],
    }
    console = Console(file=io.StringIO(), width=400, highlight=False)
    print_answer(console, answer)
    assert isinstance(console.file, io.StringIO)
    said = console.file.getvalue()
    assert said.count("[/bold]") == 4
    assert not set(said) & set("\x1b\x07\x9b\u202e\r")


def test_mistakes_are_told(home: Path) -> None:
    done = _invoke(home, "report", "figure", "anwsered-rate")
    assert isinstance(done.exception, AskError)
    assert "Did you mean answered-rate?" in str(done.exception)


def test_list_has_every_formula(run: Run) -> None:
    found = [json.loads(line) for line in run("report", "list", "--json").splitlines()]
    shown = run("report", "list")
    assert "{" not in shown, "marks are put in"
    assert {"calls", "service-level", "concurrency"} <= {each["figure"] for each in found}
    assert all(each["figure"] in shown for each in found)
    assert "D: answered within 20 s / (offered - abandoned within 6 s)" in shown


def _days() -> str:
    """The days of the truth."""
    days = sorted(datetime.fromtimestamp(call["started_at"], ZoneInfo(ZONE)).date() for call in TRUTH)
    return f"{days[0]}..{days[-1]}"


def test_a_period_is_set_against_another(run: Run) -> None:
    words = (
        "report",
        "figure",
        "calls",
        "--zone",
        ZONE,
        "--period",
        _days(),
        "--against",
        "2019-01-01",
    )
    found = json.loads(run(*words, "--json"))
    assert (found["change"]["this"], found["change"]["other"]) == (found["this"]["sample"], 0)
    assert found["change"]["ratio"] is None
    shown = run(*words)
    assert "2019-01-01" in shown
    assert "the change may be chance" in shown


def test_people_are_told_with_their_log_ins(run: Run) -> None:
    words = ("report", "people", "--zone", ZONE, "--period", _days())
    found = json.loads(run(*words, "--json"))
    handled = {row["agent"]: row["handled"] for row in found["rows"]}
    by_agent = {row["agent"]: row["calls"] for row in figure(run, "agents")["rows"]}
    assert {agent: calls for agent, calls in handled.items() if calls} == by_agent
    shown = run(*words)
    assert all(agent in shown for agent in handled)


def test_a_home_without_a_past_says_what_a_forecast_needs(run: Run) -> None:
    assert "needs 4 whole weeks" in run("report", "forecast", "--zone", ZONE)
    assert "needs 4 whole weeks" in run("report", "roster", "--zone", ZONE, "--aht", "180")
    assert (
        run("report", "roster", "--zone", ZONE, "--csv")
        .splitlines()[0]
        .startswith("at,calls,low,high,agents")
    )


def test_what_a_desk_would_know_is_not_guessed(home: Path) -> None:
    for words, said in (
        (("figure", "calls", "--hours", "open"), "No business hours are set"),
        (("figure", "calls", "--period", "soon"), 'There is no period "soon"'),
        (("roster", "--target", "100%", "--within", "0"), "cannot be reached"),
    ):
        with pytest.raises(AskError, match=said):
            raise _invoke(home, "report", *words, "--zone", ZONE).exception or AssertionError
