"""A call entered by hand goes the whole path: kept, searchable at once, corrected, rebuilt and verified."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ringbook.desk.annotations.entry import EntryError, RepeatedKeyError, StaleEntryError
from ringbook.model.instant import DAY, SECOND, iso
from ringbook.model.scope import Reach, Scope
from ringbook.runtime.home import Home
from ringbook.runtime.service import Service
from ringbook.search import pages

YESTERDAY = time.time_ns() // 1000 // SECOND * SECOND - DAY


@pytest.fixture(scope="module")
def home(tmp_path_factory: Any) -> Iterator[Home]:
    folder: Path = tmp_path_factory.mktemp("by-hand")
    with Home.open(folder) as opened:
        yield opened


def log(home: Home, *, by: str = "anna", **given: Any) -> dict[str, Any]:
    options: dict[str, Any] = {
        name: given.pop(name) for name in ("idempotency_key", "corrects", "version") if name in given
    }
    record = {"direction": "inbound", "outcome": "answered", "agent": "@anna", "at": YESTERDAY, **given}
    return next(Service(home).run("calls.log", {"record": record, "by": by, **options}))


def test_it_is_a_call_when_the_answer_is_there(home: Home) -> None:
    told = log(home, number="+15125550115", name="Ada Example", talk_s=300, medium="mobile")
    assert told["created"] is True
    found = pages.list_calls(home.ledger, Scope(), "number:+15125550115", now=time.time_ns() // 1000).items
    assert [call.id for call in found] == [told["id"]]
    call = told["call"]
    assert (call["started_at"], call["talk_s"], call["outcome"]) == (iso(YESTERDAY), 300.0, "answered")
    assert call["agents"] == [{"extension": "@anna", "name": None, "talk_s": 300.0}]
    assert call["sources"] == ["by-hand"]


def test_whoever_is_reached_by_their_handle_sees_it_and_nobody_else_of_them(home: Home) -> None:
    told = log(home, number="+15125550116", agent="@bea")
    own, other = (Scope("main", (Reach(extensions=(name,)),)) for name in ("@bea", "@cleo"))
    assert [call.id for call in home.ledger.calls(own, [told["id"]])] == [told["id"]]
    assert home.ledger.calls(other, [told["id"]]) == []


def test_a_correction_is_the_same_call_in_its_next_revision(home: Home) -> None:
    first = log(home, number="+15125550117", name="Bea Example", talk_s=60)
    second = log(
        home, number="+15125550118", corrects=first["record"], version=1, at=YESTERDAY - 3_600 * SECOND
    )
    assert (second["id"], second["version"], second["created"]) == (first["id"], 2, False)
    call = second["call"]
    assert call["from"] == {"number": "+15125550118", "raw": "+15125550118", "name": None}
    assert (call["revision"], call["talk_s"], call["started_at"]) == (
        2,
        None,
        iso(YESTERDAY - 3_600 * SECOND),
    )
    with pytest.raises(StaleEntryError):
        log(home, number="+15125550119", corrects=first["record"], version=1)


def test_a_correction_stays_near(home: Home) -> None:
    first = log(home, number="+15125550120")
    with pytest.raises(EntryError, match="six days") as refused:
        log(home, number="+15125550120", corrects=first["record"], at=YESTERDAY - 7 * DAY)
    assert refused.value.field == "at"


def test_the_same_request_again_gives_the_same_call(home: Home) -> None:
    once = log(home, number="+15125550121", idempotency_key="k1")
    twice = log(home, number="+15125550121", idempotency_key="k1")
    assert (twice["id"], twice["created"]) == (once["id"], False)
    others = log(home, by="bo", number="+15125550121", idempotency_key="k1")
    assert others["id"] != once["id"]
    with pytest.raises(RepeatedKeyError):
        log(home, number="+15125550122", idempotency_key="k1")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"number": "", "name": " "}, "number"),
        ({"number": "1", "at": YESTERDAY + 3 * DAY}, "at"),
        ({"number": "1", "at": 5}, "at"),
        ({"number": "1", "talk_s": -1}, "talk_s"),
        ({"number": "1", "talk_s": float("inf")}, "talk_s"),
        ({"number": "1", "agent": ""}, "agent"),
        ({"number": "1", "outcome": "happy"}, ""),
        ({"number": "1", "direction": "sideways"}, ""),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(home: Home, given: dict[str, Any], field: str) -> None:
    before = home.ledger.count(Scope())
    with pytest.raises(EntryError) as refused:
        log(home, **given)
    assert refused.value.field == field
    assert home.ledger.count(Scope()) == before


def test_rebuilding_changes_nothing_and_the_accounts_hold(home: Home) -> None:
    first = log(home, number="+15125550130", talk_s=10)
    log(home, number="+15125550131", talk_s=20, corrects=first["record"])
    arguments = dict.fromkeys(("since", "until", "source", "timezone", "region"))
    told = list(Service(home).run("rederive", {**arguments, "zone_shown": "UTC"}))
    assert [one for one in told if "changed" in one] == []
    assert [one for one in Service(home).run("verify", {}) if "difference" in one] == []
