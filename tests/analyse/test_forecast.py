"""Forecasts: what repeats is forecast as it repeats, errors are those of a back-test, and too little history says so."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ringbook.analyse.errors import FigureError
from ringbook.analyse.forecast import Forecast, forecast
from ringbook.ledger.batch import Batch
from ringbook.ledger.ledger import Ledger
from ringbook.model.call import Call, Direction
from ringbook.model.instant import Instant, to_datetime
from ringbook.model.scope import Scope
from ringbook.search.plan import viewer_zone

from .calls import MINUTE, at, call

NEW_YORK = "America/New_York"
HOUR = 60 * MINUTE
NOW = at("2026-10-29T16:00")  # a Thursday; on Sunday the clocks are set back
WEEKS = 12


def _hourly(tenant: str, since: Instant, spread: bool) -> list[Call]:
    """Calls of weekdays from nine to five in New York: five an hour, or as many as chance gives."""
    chance = np.random.default_rng(5)
    made = []
    for hour in range((NOW - since) // HOUR):
        begins = since + hour * HOUR
        wall = to_datetime(begins).astimezone(viewer_zone(NEW_YORK))
        if wall.weekday() < 5 and 9 <= wall.hour < 17:
            count = int(chance.poisson(5)) if spread else 5
            made += [
                call(hour * 40 + n, begins + n * MINUTE, tenant, direction=Direction.INBOUND)
                for n in range(count)
            ]
    return made


@pytest.fixture(scope="module")
def past(ledger: Ledger) -> Ledger:
    """The past of three tenants: steady, by chance, and begun only lately."""
    long_ago = NOW - WEEKS * 7 * 24 * HOUR
    ledger.write(Batch(tenant="steady", calls=_hourly("steady", long_ago, spread=False)))
    ledger.write(Batch(tenant="chance", calls=_hourly("chance", long_ago, spread=True)))
    ledger.write(Batch(tenant="new", calls=_hourly("new", NOW - 15 * 24 * HOUR, spread=False)))
    return ledger


def _told(ledger: Ledger, tenant: str, query: str = "", **more: Any) -> Forecast:
    return forecast(ledger, Scope(tenant), query, zone=NEW_YORK, now=NOW, **more)


def test_what_repeats_goes_on(past: Ledger) -> None:
    found = _told(past, "steady")
    assert found.enough
    assert found.error_wape == pytest.approx(0, abs=0.01)
    hours = {each.at: each for each in found.hours}
    # Friday at ten in summer time is 14:00 UTC; Monday at ten in winter time is 15:00.
    assert hours["2026-10-30T14:00:00Z"].calls == pytest.approx(5, abs=0.1)
    assert hours["2026-11-02T15:00:00Z"].calls == pytest.approx(5, abs=0.1)
    assert hours["2026-11-02T22:00:00Z"].calls == pytest.approx(0, abs=0.1)
    assert hours["2026-10-31T15:00:00Z"].calls == pytest.approx(0, abs=0.1)


def test_a_week_with_a_change_of_the_clocks_has_an_hour_more(past: Ledger) -> None:
    hours = _told(past, "steady").hours
    assert len(hours) == 7 * 24 + 1
    assert hours[0].at == "2026-10-30T04:00:00Z"
    assert hours[-1].at == "2026-11-06T04:00:00Z"


def test_the_error_is_that_of_a_back_test(past: Ledger) -> None:
    found = _told(past, "chance", weeks=2)
    assert len(found.hours) == 14 * 24 + 1
    assert found.error_wape is not None
    assert found.error_wape_as_last_week is not None
    # The mean of what chance gives around five is off by a third; two weeks' chances differ by half.
    assert 0.2 < found.error_wape < 0.5
    assert found.error_wape <= found.error_wape_as_last_week
    assert found.coverage is not None
    assert found.coverage > 0.6
    assert f"{found.error_wape:.0%}" in found.error_text
    assert all(0 <= each.low <= each.calls <= each.high for each in found.hours)
    busy = [each for each in found.hours if each.calls > 1]
    assert min(each.high - each.low for each in busy) > 1
    assert len(busy) == 80


def test_the_same_history_gives_the_same_forecast(past: Ledger) -> None:
    assert _told(past, "chance") == _told(past, "chance")


@pytest.mark.parametrize(
    ("tenant", "weeks", "needed", "there"), [("new", 1, 4, 2), ("steady", 8, 11, 11), ("nobody", 1, 4, 0)]
)
def test_too_little_history_is_said(past: Ledger, tenant: str, weeks: int, needed: int, there: int) -> None:
    found = _told(past, tenant, weeks=weeks)
    if there >= needed:
        assert found.enough
        return
    assert not found.enough
    assert not found.hours
    assert found.error_wape is None
    assert f"needs {needed} whole weeks" in found.needed
    assert f"there are {there}." in found.needed


def test_calls_are_those_asked_for(past: Ledger) -> None:
    found = _told(past, "steady", "direction:outbound")
    assert (found.enough, found.history_calls) == (False, 0)


def test_weeks_out_of_reach_are_refused(past: Ledger) -> None:
    with pytest.raises(FigureError, match="1 to 8 weeks"):
        _told(past, "steady", weeks=9)
