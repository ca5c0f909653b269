"""How many agents each half hour of the coming weeks takes: the forecast, put to Erlang, beside who was there lately."""

from __future__ import annotations

import math
from collections import Counter
from datetime import datetime, timedelta
from functools import lru_cache

import msgspec

from ringbook.analyse.answer import figure
from ringbook.analyse.forecast import Forecast, forecast_of
from ringbook.analyse.presence import Presence, presence
from ringbook.analyse.question import Asker, together
from ringbook.analyse.series import DAY_HOURS, Series
from ringbook.analyse.staffing import StaffingAnswer, StaffingQuestion, staff
from ringbook.ledger.ledger import Ledger
from ringbook.model.instant import DAY, SECOND, iso, to_datetime
from ringbook.search.plan import viewer_zone

HALF_HOUR_S = 1_800
_HALF = HALF_HOUR_S * SECOND
_LATELY_WEEKS = 4
"""Weeks from which handling time and presence are taken."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What the service is to be; see StaffingQuestion. Without ``aht_s``, that of the last weeks is taken."""

    target_share: float = 0.8
    within_s: float = 20.0
    aht_s: float | None = None
    patience_s: float | None = None
    shrinkage_share: float = 0.0
    max_occupancy_share: float | None = None


class HalfHour(msgspec.Struct, frozen=True, kw_only=True):
    """One half hour to come. ``logged_in`` is how many agents were, on average, in that half hour of the last weeks."""

    at: str
    calls: float
    low: float
    high: float
    agents_c: int | None
    agents_a: int | None
    agents: int | None
    scheduled: int | None
    service_level: float | None
    occupancy: float | None
    asa_s: float | None
    logged_in: float | None


class StaffingTable(msgspec.Struct, frozen=True, kw_only=True):
    """The half hours, by Erlang A where the patience is given and else by Erlang C. Without a forecast there are none."""

    wanted: Wanted
    aht_s: float | None
    aht_from: str
    model: str
    rows: list[HalfHour]
    forecast: Forecast
    notes: list[str]


def staffing_table(ledger: Ledger, asker: Asker, query: str, wanted: Wanted, weeks: int = 1) -> StaffingTable:
    """The agents that the coming weeks take, half hour by half hour.

    :raises AskError: the question cannot be understood, or the service wanted is impossible; the text says why.
    """
    _staffed(0.0, wanted, wanted.aht_s or 1.0)  # what is impossible is so without any calls
    told, past = forecast_of(ledger, asker, query, weeks)
    aht_s, aht_from = _aht(ledger, asker, query, wanted)
    there = presence(ledger, asker.scope, asker.now - _LATELY_WEEKS * 7 * DAY, asker.now)
    rows = [] if past is None or aht_s is None else _rows(told, past, wanted, aht_s, _lately(there, asker))
    return StaffingTable(
        wanted=wanted,
        aht_s=aht_s,
        aht_from=aht_from,
        model="erlang_c" if wanted.patience_s is None else "erlang_a",
        rows=rows,
        forecast=told,
        notes=_notes(there, aht_s, told),
    )


def _aht(ledger: Ledger, asker: Asker, query: str, wanted: Wanted) -> tuple[float | None, str]:
    if wanted.aht_s is not None:
        return wanted.aht_s, _GIVEN
    lately = together(query, f"last:{_LATELY_WEEKS}w")
    found = figure(ledger, asker.scope, "aht", lately, zone=asker.zone, now=asker.now, me=asker.me)
    return found.total["mean_s"], _AHT_FROM.format(calls=found.sample, weeks=_LATELY_WEEKS)


def _notes(there: Presence | None, aht_s: float | None, told: Forecast) -> list[str]:
    notes = list(told.notes)
    if not told.enough:
        notes.append(told.needed)
    if aht_s is None:
        notes.append(_NO_AHT)
    notes.append(_NOBODY_LOGGED if there is None else _ALL_LOGGED)
    notes.append(_EXPECTED)
    return notes


_NO_AHT = "No call of the last weeks tells how long handling takes; say how long."
_NOBODY_LOGGED = "No queue log tells who was logged in, so there is nothing to compare the need with."
_ALL_LOGGED = "Logged in are all agents there were, of whatever queue: those asked about may have fewer."
_EXPECTED = "Each half hour is staffed for the calls expected, alone; half of the time more will come."
_GIVEN = "given"
_AHT_FROM = "mean of {calls} answered calls of the last {weeks} weeks"
TEXTS = (_NO_AHT, _NOBODY_LOGGED, _ALL_LOGGED, _EXPECTED, _GIVEN, _AHT_FROM)
"""What it tells in words."""


def _rows(
    told: Forecast, past: Series, wanted: Wanted, aht_s: float, lately: dict[int, float]
) -> list[HalfHour]:
    zone = viewer_zone(told.zone)
    found = []
    for hour in told.hours:
        start = datetime.fromisoformat(hour.at)
        wall = start.astimezone(zone)
        slot = wall.weekday() * DAY_HOURS + wall.hour
        first = float(past.first_half[slot])
        for half, part in enumerate((first, 1 - first)):
            calls, low, high = (value * part for value in (hour.calls, hour.low, hour.high))
            at = start + timedelta(seconds=half * HALF_HOUR_S)
            found.append(
                _half_hour(at.timestamp(), (calls, low, high), wanted, aht_s, lately.get(2 * slot + half))
            )
    return found


def _half_hour(
    at: float, calls: tuple[float, float, float], wanted: Wanted, aht_s: float, logged_in: float | None
) -> HalfHour:
    """One row. Calls are taken in tenths: so many half hours are alike, and no agent hangs on a tenth of a call."""
    expected = round(calls[0], 1)
    answer = _staffed(expected, wanted, aht_s)
    by_c = None if answer is None else answer.erlang_c.agents
    by_a = None if answer is None or answer.erlang_a is None else answer.erlang_a.agents
    nobody = expected == 0
    return HalfHour(
        at=str(iso(round(at) * SECOND)),
        calls=round(calls[0], 2),
        low=round(calls[1], 2),
        high=round(calls[2], 2),
        agents_c=0 if nobody else by_c,
        agents_a=0 if nobody and wanted.patience_s is not None else by_a,
        agents=0 if nobody else (None if answer is None else answer.agents),
        scheduled=0 if nobody else (None if answer is None else answer.scheduled_agents),
        service_level=None if answer is None else answer.service_level_share,
        occupancy=None if answer is None else answer.occupancy_share,
        asa_s=None if answer is None else answer.asa_s,
        logged_in=logged_in,
    )


@lru_cache(maxsize=4_096)
def _staffed(calls: float, wanted: Wanted, aht_s: float) -> StaffingAnswer | None:
    """The answer for so many calls; None for none of them. Raises AskError for a service that cannot be."""
    question = StaffingQuestion(
        calls=calls or 1.0,
        interval_s=HALF_HOUR_S,
        aht_s=aht_s,
        target_share=wanted.target_share,
        within_s=wanted.within_s,
        patience_s=wanted.patience_s,
        shrinkage_share=wanted.shrinkage_share,
        max_occupancy_share=wanted.max_occupancy_share,
    )
    found = staff(question)
    return found if calls else None


def _lately(there: Presence | None, asker: Asker) -> dict[int, float]:
    """For each of the 336 half hours of a week, from Monday, how many agents were logged in on average."""
    if there is None:
        return {}
    zone = viewer_zone(asker.zone)
    first = math.ceil(max(there.known_from, asker.now - _LATELY_WEEKS * 7 * DAY) / _HALF)
    seconds, times = Counter[int](), Counter[int]()
    stayed = _stayed(there, first, asker.now // _HALF)
    for n in range(first, asker.now // _HALF):
        wall = to_datetime(n * _HALF).astimezone(zone)
        slot = 2 * (wall.weekday() * DAY_HOURS + wall.hour) + (wall.minute >= HALF_HOUR_S // 60)
        times[slot] += 1
        seconds[slot] += stayed[n]
    return {slot: seconds[slot] / times[slot] / HALF_HOUR_S for slot in times}


def _stayed(there: Presence, first: int, last: int) -> Counter[int]:
    """The seconds that all agents together were logged in during each half hour."""
    found = Counter[int]()
    for stay in (stay for stays in there.stays.values() for stay in stays):
        for n in range(max(first, stay.since // _HALF), min(last, math.ceil(stay.until / _HALF))):
            found[n] += (min(stay.until, (n + 1) * _HALF) - max(stay.since, n * _HALF)) // SECOND
    return found
