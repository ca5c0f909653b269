"""Every number of the overview is the number of calls behind it, and the same figure asked by itself."""

from __future__ import annotations

import random

import msgspec
import pytest

from ringbook.analyse.answer import figure
from ringbook.analyse.errors import FigureError
from ringbook.analyse.overview import Overview, overview
from ringbook.ledger.batch import Batch
from ringbook.ledger.ledger import Ledger
from ringbook.model.instant import DAY
from ringbook.model.scope import Reach, Scope
from ringbook.search.pages import count_calls
from tests.search.calls import identity, random_calls

from .calls import NOW

ZONE = "America/New_York"
SCOPE = Scope("overview")


@pytest.fixture(scope="module")
def told(ledger: Ledger) -> Overview:
    """The overview of calls of today, of a week ago and of the weeks between."""
    chance, calls = random.Random(3), []
    for number, call in enumerate(random_calls(400, 31, SCOPE.tenant)):
        started = NOW - chance.choice([0, 0, 7, 7, 7, 3, 20]) * DAY - chance.randrange(-DAY // 3, DAY // 2)
        calls.append(
            msgspec.structs.replace(call, id=identity(started, number), started_at=started, answered_at=None)
        )
    ledger.write(Batch(tenant=SCOPE.tenant, calls=calls))
    return overview(ledger, SCOPE, zone=ZONE, now=NOW)


def counted(ledger: Ledger, query: str, scope: Scope = SCOPE) -> int:
    return count_calls(ledger, scope, query, zone=ZONE, now=NOW)


def test_numbers_are_those_of_the_calls_behind_them(ledger: Ledger, told: Overview):
    by_name = {one.name: one for one in told.figures}
    assert (told.day, told.before, told.until) == ("2026-11-21", "2026-11-14", "12:00:00")
    assert by_name["calls"].value == counted(ledger, by_name["calls"].calls_query) > 30
    assert by_name["calls"].before == counted(ledger, by_name["calls"].before_query) > 30
    assert by_name["calls"].whole_before == counted(ledger, "on:2026-11-14") > by_name["calls"].before
    assert by_name["lost"].value == counted(ledger, by_name["lost"].calls_query) > 0
    assert by_name["lost"].before == counted(ledger, by_name["lost"].before_query)
    for name in ("answered-rate", "wait-mean", "wait-p90"):
        assert by_name[name].sample == counted(ledger, by_name[name].calls_query) > 0


def test_figures_are_those_asked_by_themselves(ledger: Ledger, told: Overview):
    by_name = {one.name: one for one in told.figures}
    today, before = by_name["calls"].calls_query, by_name["calls"].before_query
    for query, value in (
        (today, by_name["answered-rate"].value),
        (before, by_name["answered-rate"].before),
        ("on:2026-11-14", by_name["answered-rate"].whole_before),
    ):
        alone = figure(ledger, SCOPE, "answered-rate", query, zone=ZONE, now=NOW)
        assert value == pytest.approx(alone.total["rate"])
    alone = figure(ledger, SCOPE, "wait", today, zone=ZONE, now=NOW)
    assert by_name["wait-mean"].value == pytest.approx(alone.total["mean_s"])
    assert by_name["wait-p90"].value == pytest.approx(alone.total["p90_s"])
    assert by_name["wait-p90"].left_out == alone.excluded
    alone = figure(ledger, SCOPE, "wait", before, zone=ZONE, now=NOW)
    assert by_name["wait-mean"].before == pytest.approx(alone.total["mean_s"])


def test_hours_and_outcomes_add_up(ledger: Ledger, told: Overview):
    for hour in told.hours:
        if hour.calls is not None:
            assert hour.calls == counted(ledger, hour.calls_query)
        assert hour.before == counted(ledger, f"on:2026-11-14 hour:{hour.hour}")
    assert [hour.hour for hour in told.hours if hour.calls is None] == list(range(13, 24))
    for part in told.outcomes:
        assert part.calls == counted(ledger, part.calls_query)
    assert sum(part.calls for part in told.outcomes) == told.figures[0].value
    assert sum(part.before for part in told.outcomes) == told.figures[0].before


def test_an_empty_day_knows_nothing_and_says_so(ledger: Ledger):
    empty = overview(ledger, Scope("nobody"), zone=ZONE, now=NOW)
    values = {one.name: (one.value, one.before) for one in empty.figures}
    assert values == {
        "calls": (0, 0),
        "lost": (0, 0),
        "answered-rate": (None, None),
        "wait-mean": (None, None),
        "wait-p90": (None, None),
    }
    assert empty.outcomes == []


def test_a_reader_of_some_calls_has_the_overview_of_those(ledger: Ledger, told: Overview):
    scope = Scope(SCOPE.tenant, (Reach(extensions=("101",)),))
    own = overview(ledger, scope, zone=ZONE, now=NOW)
    assert 0 < (own.figures[0].value or 0) < (told.figures[0].value or 0)
    assert own.figures[0].value == counted(ledger, own.figures[0].calls_query, scope)
    nobody = overview(ledger, Scope(SCOPE.tenant, ()), zone=ZONE, now=NOW)
    assert (nobody.figures[0].value, nobody.figures[0].whole_before, nobody.heat.total["calls"]) == (0, 0, 0)


def test_masked_readers_are_told_no_callers(ledger: Ledger):
    masked = msgspec.structs.replace(SCOPE, masked=True)
    assert overview(ledger, masked, zone=ZONE, now=NOW).callers is None
    with pytest.raises(FigureError, match="hidden from you"):
        figure(ledger, masked, "calls", by="number", now=NOW)
