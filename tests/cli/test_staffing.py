"""What ``report staffing`` says in a terminal, as JSON, and where there is no answer."""

from __future__ import annotations

import json
import math

import pytest
from click.testing import CliRunner, Result

from ringbook.cli.app import app
from ringbook.model.errors import AskError

HALF_HOUR = {"--calls": "100", "--interval": "1800", "--aht": "180", "--target": "80", "--within": "20"}


def run(*flags: str, **changes: str | None) -> Result:
    """The command on the half-hour of a hundred calls, with other values; None leaves an option out."""
    options = HALF_HOUR | {f"--{name.replace('_', '-')}": value for name, value in changes.items()}
    words = [word for name, value in options.items() if value is not None for word in (name, value)]
    return CliRunner().invoke(app, ["--home", "/nonexistent/home", "report", "staffing", *words, *flags])


def test_the_answer_is_a_sentence_a_table_and_the_formulas() -> None:
    result = run()
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[0] == (
        "14 agents answer 88.8 % of the calls within 20 s (target 80 %), by Erlang C: average wait 7.8 s, busy 71.4 %."
    )
    rows = [line.split() for line in lines if "█" in line]
    assert [row[0] for row in rows] == ["13", "▶", "15", "16"]
    assert rows[0][2:] == ["79.6", "%", "17.1", "s", "28.5", "%", "76.9", "%", "✘", "too", "few"]
    assert "load A = calls · AHT / interval = 100 · 180 / 1,800 = 10 erlang" in lines


@pytest.mark.parametrize("target", ["80", "80%", "80 %", "0.8"])
def test_a_target_may_be_written_as_percent_or_fraction(target: str) -> None:
    assert run(target=target).output == run().output


def test_patience_brings_the_second_model() -> None:
    output = run(patience="120").output
    assert output.startswith("12 agents answer 82.6 % of the calls")
    assert "by Erlang A" in output.splitlines()[0]
    assert "Erlang A (callers hang up after 120 s on average)" in output
    assert "Erlang C (nobody hangs up)" in output
    assert output.index("Erlang A (") < output.index("Erlang C (")


def test_shrinkage_and_cap_are_told() -> None:
    output = run(shrinkage="30%", max_occupancy="70%").output
    assert output.startswith("15 agents (schedule 22) answer")
    assert "The target alone takes 14; the occupancy cap takes the others." in output
    assert "✘ too busy" in output


def test_a_bar_is_full_for_everything_only() -> None:
    output = run(target="99.99").output
    assert ">99.9 %" in output
    assert "█" * 12 not in output
    assert " 100.0 %" not in output


def test_an_overload_is_told() -> None:
    [row] = [line for line in run(target="1%").output.splitlines() if "overload" in line]
    assert row.split()[0] == "10"
    assert "∞" in row


def test_it_fits_eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ringbook.cli.app._WIDE", 80)
    output = run(
        calls="3000", patience="120", shrinkage="30", max_occupancy="85", aht="300", target="95"
    ).output
    assert "…" not in output
    assert max(map(len, output.splitlines())) <= 80
    for line in output.splitlines():
        if "█" in line:
            assert "enough" in line or "too " in line, "a row was broken in two"


def test_json_is_one_object_with_units_in_its_names() -> None:
    result = run("--json", patience="120", shrinkage="30")
    assert result.exit_code == 0
    answer = json.loads(result.output, parse_constant=pytest.fail)
    assert answer["question"] == {
        "calls": 100,
        "interval_s": 1800,
        "aht_s": 180,
        "target_share": 0.8,
        "within_s": 20,
        "patience_s": 120,
        "shrinkage_share": 0.3,
        "max_occupancy_share": None,
    }
    assert (answer["model"], answer["agents"], answer["load_erlang"]) == ("erlang_a", 12, 10)
    assert answer["erlang_c"]["agents"] == 14
    assert answer["erlang_c"]["scheduled_agents"] == 20
    options = {option["agents"]: option["outcome"] for option in answer["erlang_c"]["options"]}
    assert math.isclose(options[13]["wait_share"], 0.2853, abs_tol=5e-5)
    assert math.isclose(options[14]["asa_s"], 7.8, abs_tol=0.05)


def test_json_has_null_where_a_wait_is_without_bound() -> None:
    answer = json.loads(run("--json", target="1%").output, parse_constant=pytest.fail)
    assert answer["erlang_c"]["options"][0]["outcome"]["asa_s"] is None
    assert answer["erlang_c"]["options"][0]["stable"] is False
    assert answer["erlang_a"] is None


@pytest.mark.parametrize("target", ["100", "100%"])
def test_an_impossible_target_is_refused_with_the_reason(target: str) -> None:
    result = run(target=target, within="0")
    assert isinstance(result.exception, AskError)  # which the command line's frame tells, with status 2
    assert "100 % within 0 s cannot be reached" in str(result.exception)
    assert "ask for less than 100 %" in str(result.exception)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"target": "1"}, "may mean 1% or 100%"),
        ({"target": "eighty"}, "'eighty' is no share"),
        ({"target": "-5"}, "'-5' is no share"),
        ({"shrinkage": "120"}, "'120' is no share"),
        ({"calls": "many"}, "'many' is not a valid float"),
        ({"aht": None}, "Missing option '--aht'"),
    ],
)
def test_what_cannot_be_read_is_a_usage_error(changes: dict[str, str | None], said: str) -> None:
    result = run(**changes)
    assert result.exit_code == 2
    assert said in result.output


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"calls": "0"}, "the number of calls is 0"),
        ({"calls": "-1"}, "the number of calls is -1"),
        ({"aht": "nan"}, "the average handling time is nan s"),
        ({"interval": "0"}, "the interval is 0 s"),
        ({"within": "-1"}, "the time to answer within is -1 s"),
        ({"patience": "0"}, "the callers' patience is 0 s"),
        ({"target": "0"}, "a target of 0 %"),
        ({"shrinkage": "100%"}, "shrinkage of 100 %"),
        ({"max_occupancy": "0"}, "an occupancy of at most 0 %"),
    ],
)
def test_what_has_no_answer_is_an_error_that_names_it(changes: dict[str, str | None], said: str) -> None:
    result = run(**changes)
    assert isinstance(result.exception, AskError)
    assert said in str(result.exception)
    assert result.output == ""
