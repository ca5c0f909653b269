"""Figures by the API: definitions as the organisation counts, periods, comparisons, forecasts, staffing, people, bad input."""

from __future__ import annotations

from typing import Any

import pytest

from ringbook.analyse.figures import FIGURES
from ringbook.desk.governance.audit import SYSTEM
from ringbook.desk.insight import choices
from ringbook.desk.people.roles import Role
from ringbook.runtime.home import Home

from ..house import People
from .test_api import api, get

pytestmark = pytest.mark.django_db

HALF_HOUR = {"calls": 100, "aht_s": 180}


def staffing(status: int = 200, /, **asked: Any) -> dict[str, Any]:
    return get(api(), "/staffing", status, **{**HALF_HOUR, **asked})


def test_every_figure_is_listed_and_answers(house: Home) -> None:
    listed = get(api(), "/figures")["items"]
    assert [one["figure"] for one in listed] == list(FIGURES)
    for one in listed:
        found = get(api(), f"/figures/{one['figure']}")
        assert found["formula"]
        assert {column["name"] for column in one["columns"]} <= found["total"].keys(), one["figure"]


def test_the_list_tells_what_was_chosen_here(house: Home) -> None:
    version = choices.choose(SYSTEM, "service-level", variant="A", threshold_s=30.0).version
    told = next(one for one in get(api(), "/figures")["items"] if one["figure"] == "service-level")
    assert (told["variant"], told["threshold_s"], told["chosen"]) == ("A", 30.0, version)
    found = get(api(), "/figures/service-level")
    assert (found["variant"], found["threshold_s"], found["chosen"]) == ("A", 30.0, version)


def test_a_period_is_asked_for_and_compared(house: Home) -> None:
    client = api()
    found = get(client, "/figures/calls", period="2026-11-01..2026-11-20", by="day")
    assert len(found["rows"]) > 1
    assert found["calls_query"].startswith("on:2026-11-01..2026-11-20")
    asked = {"period": "2026-11-09..2026-11-15", "other_period": "2026-11-02..2026-11-08"}
    beside = get(client, "/figures/calls/comparison", **asked)
    before = get(client, "/figures/calls", period=asked["other_period"])
    assert beside["other"]["total"] == before["total"]
    assert beside["change"]["difference"] == beside["this"]["sample"] - before["sample"]
    groups = get(
        client, "/figures/calls/comparison", query="direction:inbound", other_query="direction:outbound"
    )
    assert groups["other"]["sample"] == get(client, "/figures/calls", query="direction:outbound")["sample"]


def test_the_known_half_hour() -> None:
    """A hundred calls of three minutes in half an hour: fourteen agents answer 88.8 % within 20 s."""
    told = staffing()
    assert (told["agents"], told["load_erlang"], told["model"]) == (14, 10, "erlang_c")
    assert told["service_level_share"] == pytest.approx(0.888, abs=5e-4)
    assert told["asa_s"] == pytest.approx(7.8, abs=0.05)
    assert staffing(patience_s=120)["erlang_a"]["agents"] == 12


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"target_share": 1, "within_s": 0}, "100 % within 0 s cannot be reached"),
        ({"calls": 0}, "must be above 0"),
        ({"calls": -3}, "must be above 0"),
        ({"calls": "nan"}, "must be a number"),
        ({"calls": "1e300"}, "more than 100,000 agents"),
        ({"aht_s": "inf"}, "must be a number from 0.001"),
        ({"interval_s": 0}, "the interval is 0 s"),
        ({"within_s": -1}, "the time to answer within"),
        ({"patience_s": 0}, "patience is 0 s"),
        ({"shrinkage_share": 1}, "leaves nobody at work"),
        ({"shrinkage_share": "nan"}, "shrinkage is nan"),
        ({"max_occupancy_share": 0}, "leaves nobody to take a call"),
        ({"target_share": 80}, "from 0 to 100"),
    ],
)
def test_what_cannot_be_staffed_is_explained(asked: dict[str, Any], said: str) -> None:
    told = staffing(400, **asked)
    assert said in told["detail"]
    weekly = {key: value for key, value in asked.items() if key not in ("calls", "interval_s")}
    if weekly:
        assert said in get(api(), "/staffing/weeks", 400, **weekly)["detail"]


@pytest.mark.parametrize(
    ("path", "asked", "status"),
    [
        ("/staffing", {}, 422),
        ("/staffing", {"calls": "many", "aht_s": 180}, 422),
        ("/forecast", {"weeks": 9}, 422),
        ("/forecast", {"weeks": 0}, 422),
        ("/forecast", {"zone": "Mars/Base"}, 422),
        ("/forecast", {"query": "colour:red"}, 400),
        ("/people", {"period": "soon"}, 400),
        ("/figures/calls", {"period": "2026-12-01..2026-11-01"}, 400),
        ("/figures/calls", {"hours": "noon"}, 400),
        ("/figures/calls", {"hours": "open"}, 400),
        ("/figures/calls", {"by": "wekday"}, 400),
        ("/figures/calls/comparison", {}, 400),
        ("/figures/nothing/comparison", {}, 404),
        ("/figures/service-level", {"threshold_s": "nan"}, 400),
        ("/figures/service-level", {"threshold_s": "-1"}, 400),
        ("/figures/service-level", {"threshold_s": "1e300"}, 400),
    ],
)
def test_bad_input_gets_a_clear_answer(house: Home, path: str, asked: dict[str, Any], status: int) -> None:
    told = get(api(), path, status, **asked)
    assert told["detail"] or told["errors"]


@pytest.mark.parametrize(
    "asked", [{"period": "2030-01-01..2030-01-31"}, {"query": "queue:nowhere"}, {"query": "on:1999"}]
)
def test_no_calls_are_no_figure(house: Home, asked: dict[str, str]) -> None:
    found = get(api(), "/figures/service-level", **asked)
    assert (found["sample"], found["total"]["service_level"]) == (0, None)


def test_too_little_history_is_said(house: Home) -> None:
    told = get(api(), "/forecast", query="queue:nowhere")
    assert (told["enough"], told["hours"], told["error_wape"]) == (False, [], None)
    assert "needs 4 whole weeks" in told["needed"]
    weeks = get(api(), "/staffing/weeks", query="queue:nowhere")
    assert (weeks["rows"], weeks["forecast"]["enough"]) == ([], False)


def test_an_agent_sees_only_themselves_among_people(house: Home, people: People) -> None:
    everybody = get(api(), "/people", period="2020-01-01..2035-12-31")
    mine = get(api(Role.AGENT, people.agent), "/people", period="2020-01-01..2035-12-31")
    assert mine["own"] is True
    assert len(mine["rows"]) == 1 < len(everybody["rows"])
    assert mine["spread"].keys() == everybody["spread"].keys()
