"""How many calls are to be expected in each hour of the coming weeks, how sure that is, and how wrong it would have been.

Counts are forecast as square roots, whose spread is the same in quiet and busy hours. Their daily and weekly seasons are taken
apart from the level (MSTL), the level goes on by damped trend, and the last seasons are repeated. Both this and the plain
"as in the same hour of the last week" are tried on the last weeks as if they were not known; what was less wrong is used. The
interval comes from those errors, not from a model's belief in itself.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache

import msgspec
import numpy as np

from ringbook.analyse.errors import FigureError
from ringbook.analyse.question import Asker, checked
from ringbook.analyse.series import DAY_HOURS, WEEK_HOURS, Numbers, Series, series, wall_hours
from ringbook.ledger.ledger import Ledger
from ringbook.model.instant import Instant, iso, to_datetime
from ringbook.model.scope import Scope
from ringbook.search.plan import viewer_zone

MOST_WEEKS = 8
LEAST_HISTORY = 3
"""Whole weeks that must be there besides those that are held back to try the forecast on."""

INTERVAL = 0.8
_FOLDS = 3
_LEVELS = 4
"""Into so many parts hours are put, from quiet to busy, each with its own errors."""

SEASONS = "MSTL"
AS_LAST_WEEK = "as last week"


class Expected(msgspec.Struct, frozen=True):
    """One hour to come: the calls expected, and between which numbers they will lie in four cases out of five."""

    at: str
    calls: float
    low: float
    high: float


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """The hours of the coming days from tomorrow on. Without enough history there are none, and ``needed`` says what is missing.

    ``error_wape`` is the sum of what the back-test was off by / the sum of the calls there were; ``coverage`` is the share of its
    hours that lay within the interval, which was made without them.
    """

    enough: bool
    needed: str
    weeks: int
    zone: str
    query: str
    history: tuple[str | None, str | None]
    history_calls: int
    method: str
    error_wape: float | None
    error_wape_as_last_week: float | None
    error_text: str
    coverage: float | None
    interval: float
    hours: list[Expected]
    notes: list[str]


def forecast(
    ledger: Ledger,
    scope: Scope,
    query: str = "",
    *,
    weeks: int = 1,
    zone: str = "UTC",
    now: Instant,
    me: str = "",
) -> Forecast:
    """The calls of the coming weeks that would answer a question. Raises QuestionError; FigureError but for 1 to 8 weeks."""
    return forecast_of(ledger, Asker(scope, zone, now, me), query, weeks)[0]


def forecast_of(ledger: Ledger, asker: Asker, query: str, weeks: int) -> tuple[Forecast, Series | None]:
    """The forecast with what it was made from."""
    if not 1 <= weeks <= MOST_WEEKS:
        raise FigureError(f"A forecast is for 1 to {MOST_WEEKS} weeks, not {weeks}.")
    asked = checked(query, asker)
    past = series(ledger, asker, asked)
    needed = weeks + LEAST_HISTORY
    if past is None or past.weeks < needed:
        return _too_little(past, asker, asked, weeks, needed), past
    found = _fitted(past.calls.tobytes(), weeks)
    return Forecast(
        enough=True,
        needed="",
        weeks=weeks,
        zone=asker.zone,
        query=asked,
        history=(past.first.isoformat(), past.last.isoformat()),
        history_calls=past.whole,
        method=found.method,
        error_wape=found.wape,
        error_wape_as_last_week=found.wape_as_last_week,
        error_text=_error_text(found, weeks),
        coverage=found.coverage,
        interval=INTERVAL,
        hours=_hours(past, found, asker, weeks),
        notes=list(_NOTES),
    ), past


def _too_little(past: Series | None, asker: Asker, query: str, weeks: int, needed: int) -> Forecast:
    there = 0 if past is None else past.weeks
    span = (None, None) if past is None else (past.first.isoformat(), past.last.isoformat())
    return Forecast(
        enough=False,
        needed=_TOO_LITTLE[weeks == 1, there == 1].format(weeks=weeks, needed=needed, there=there),
        weeks=weeks,
        zone=asker.zone,
        query=query,
        history=span,
        history_calls=0 if past is None else past.whole,
        method="",
        error_wape=None,
        error_wape_as_last_week=None,
        error_text="",
        coverage=None,
        interval=INTERVAL,
        hours=[],
        notes=[],
    )


def _hours(past: Series, found: _Fitted, asker: Asker, weeks: int) -> list[Expected]:
    zone = viewer_zone(asker.zone)
    today = to_datetime(asker.now).astimezone(zone).date()
    hours = []
    for n in range(1, weeks * 7 + 1):
        day = today + timedelta(days=n)
        ahead = ((day - past.last).days - 1) * DAY_HOURS
        for hour, times in sorted(wall_hours(day, zone).items()):
            values = [round(float(each[ahead + hour]), 3) for each in (found.calls, found.low, found.high)]
            hours += [Expected(str(iso(at)), *values) for at in times]
    return sorted(hours, key=lambda each: each.at)


def _error_text(found: _Fitted, weeks: int) -> str:
    if found.wape is None:
        return _NOT_TRIED
    return _TRIED[found.tried_weeks > 1, weeks > 1].format(
        tried=found.tried_weeks,
        weeks=weeks,
        off=f"{found.wape:.0%}",
        plain=f"{found.wape_as_last_week:.0%}",
    )


_TOO_LITTLE = {
    # whether one week is asked for, and whether one is there
    (
        True,
        True,
    ): "Too little history: a forecast for 1 week needs {needed} whole weeks of calls until yesterday, and there is 1.",
    (
        True,
        False,
    ): "Too little history: a forecast for 1 week needs {needed} whole weeks of calls until yesterday,"
    " and there are {there}.",
    (
        False,
        True,
    ): "Too little history: a forecast for {weeks} weeks needs {needed} whole weeks of calls until yesterday,"
    " and there is 1.",
    (
        False,
        False,
    ): "Too little history: a forecast for {weeks} weeks needs {needed} whole weeks of calls until yesterday,"
    " and there are {there}.",
}
_NOT_TRIED = (
    "How wrong it would have been is not known: there were no calls in the weeks that it was tried on."
)
_TRIED = {
    # whether it was tried on several weeks, and whether several are asked for
    (
        True,
        True,
    ): "Tried on the last {tried} weeks, {weeks} weeks at a time and as if they were not known, the hours were off by"
    " {off} of the calls there were; taking each hour as a week before, by {plain}.",
    (
        True,
        False,
    ): "Tried on the last {tried} weeks, a week at a time and as if they were not known, the hours were off by {off}"
    " of the calls there were; taking each hour as a week before, by {plain}.",
    (
        False,
        True,
    ): "Tried on the last week, {weeks} weeks at a time and as if they were not known, the hours were off by {off} of"
    " the calls there were; taking each hour as a week before, by {plain}.",
    (
        False,
        False,
    ): "Tried on the last week, a week at a time and as if they were not known, the hours were off by {off} of the"
    " calls there were; taking each hour as a week before, by {plain}.",
}
_NOTES = (
    "Holidays and campaigns to come are not known to it; hours without calls may be hours without records.",
    "The first day is tomorrow. By the wall clock: an hour that the clocks show twice is there twice.",
)
TEXTS = (*_TOO_LITTLE.values(), _NOT_TRIED, *_TRIED.values(), *_NOTES)
"""What it tells in words, with marks."""


# --- numbers only -------------------------------------------------------------------------------------------------------


class _Fitted(msgspec.Struct, frozen=True, kw_only=True):
    method: str
    calls: Numbers
    low: Numbers
    high: Numbers
    wape: float | None
    wape_as_last_week: float | None
    coverage: float | None
    tried_weeks: int


_Model = Callable[[Numbers, int], Numbers]


@lru_cache(maxsize=64)
def _fitted(data: bytes, weeks: int) -> _Fitted:
    """The forecast of a history. The same history gives the same forecast, so it is kept; new calls make it another one."""
    calls = np.frombuffer(data)
    horizon = weeks * WEEK_HOURS
    folds = [
        back
        for back in range(_FOLDS)
        if len(calls) - horizon - back * WEEK_HOURS >= LEAST_HISTORY * WEEK_HOURS
    ]
    tries = {name: [_try(model, calls, horizon, back) for back in folds] for name, model in _MODELS.items()}
    wapes = {name: _wape(tried) for name, tried in tries.items()}
    method = min(_MODELS, key=lambda name: np.inf if wapes[name] is None else wapes[name])  # type: ignore[arg-type, return-value]
    # Today is not over, so it is ahead too.
    ahead = _MODELS[method](calls, horizon + DAY_HOURS)
    low, high = _interval(ahead, tries[method])
    return _Fitted(
        method=method,
        calls=ahead,
        low=low,
        high=high,
        wape=wapes[method],
        wape_as_last_week=wapes[AS_LAST_WEEK],
        coverage=_coverage(tries[method]),
        tried_weeks=weeks + len(folds) - 1,
    )


_Tried = tuple[Numbers, Numbers]
"""What was forecast, and what came."""


def _try(model: _Model, calls: Numbers, horizon: int, weeks_back: int) -> _Tried:
    stop = len(calls) - weeks_back * WEEK_HOURS
    return model(calls[: stop - horizon], horizon), calls[stop - horizon : stop]


def _wape(tries: list[_Tried]) -> float | None:
    came = sum(float(each.sum()) for _, each in tries)
    off = sum(float(np.abs(told - each).sum()) for told, each in tries)
    return off / came if came else None


def _as_last_week(calls: Numbers, ahead: int) -> Numbers:
    return np.resize(calls[-WEEK_HOURS:], ahead)


def _by_seasons(calls: Numbers, ahead: int) -> Numbers:
    from statsmodels.tsa.seasonal import MSTL

    roots = np.sqrt(calls + _QUIET)
    jumps = {"trend_jump": DAY_HOURS, "low_pass_jump": DAY_HOURS}  # as good, and several times as fast
    found = MSTL(roots, periods=(DAY_HOURS, WEEK_HOURS), windows=(_STEADY, _STEADY), stl_kwargs=jumps).fit()
    seasons = np.asarray(found.seasonal)
    daily = np.resize(seasons[-DAY_HOURS:, 0], ahead)
    weekly = np.resize(seasons[-WEEK_HOURS:, 1], ahead)
    told = np.square(np.maximum(_level(roots - seasons.sum(axis=1), ahead) + daily + weekly, 0))
    # Squares of means are less than means of squares: what is missing is put back where there are calls.
    fitted = np.square(np.maximum(seasons.sum(axis=1) + np.asarray(found.trend), 0)) - _QUIET
    lately = slice(-LEAST_HISTORY * WEEK_HOURS, None)
    there = np.maximum(fitted[lately], 0).sum()
    scale = calls[lately].sum() / there if there > 0 else 1.0
    return np.asarray(np.maximum(told - _QUIET, 0) * scale)


def _level(rest: Numbers, ahead: int) -> Numbers:
    """The level of the weeks to come, from that of the weeks before."""
    from statsmodels.tsa.holtwinters import Holt, SimpleExpSmoothing

    weekly = rest[len(rest) % WEEK_HOURS :].reshape(-1, WEEK_HOURS).mean(axis=1)
    count = -(-ahead // WEEK_HOURS)
    with warnings.catch_warnings():  # a level that hardly moves need not converge
        warnings.simplefilter("ignore")
        begun = {"initialization_method": "estimated"}
        trending = len(weekly) >= _TREND_WEEKS
        model = Holt(weekly, damped_trend=True, **begun) if trending else SimpleExpSmoothing(weekly, **begun)
        told = np.asarray(model.fit().forecast(count))
    return np.repeat(told, WEEK_HOURS)[:ahead]


_STEADY = 1_001
"""So wide a window lets seasons stay as they are; a narrow one would take every chance of the last weeks for a season."""

_QUIET = 0.375
"""Added before roots are drawn, so that counts near zero spread as others do (Anscombe)."""

_TREND_WEEKS = 10

_MODELS: dict[str, _Model] = {SEASONS: _by_seasons, AS_LAST_WEEK: _as_last_week}


def _interval(ahead: Numbers, tries: list[_Tried]) -> tuple[Numbers, Numbers]:
    """Between which numbers the calls of each hour will lie: by the errors of hours that are as busy."""
    told = np.concatenate([each for each, _ in tries])
    errors = np.concatenate([_roots(came) - _roots(each) for each, came in tries])
    edges = np.quantile(told, np.linspace(0, 1, _LEVELS + 1)[1:-1])
    sides = ((1 - INTERVAL) / 2, (1 + INTERVAL) / 2)
    part, of = np.searchsorted(edges, ahead), np.searchsorted(edges, told)
    low, high = np.empty_like(ahead), np.empty_like(ahead)
    for level in range(_LEVELS):
        known = errors[of == level] if (of == level).any() else errors
        off = np.quantile(known, sides)
        for bound, by in zip((low, high), off, strict=True):
            at = np.maximum(_roots(ahead[part == level]) + by, 0)
            bound[part == level] = np.maximum(np.square(at) - _QUIET, 0)
    return np.minimum(low, ahead), np.maximum(high, ahead)


def _roots(calls: Numbers) -> Numbers:
    return np.asarray(np.sqrt(calls + _QUIET))


def _coverage(tries: list[_Tried]) -> float | None:
    """The share of hours within an interval that was made from the other tries; None where there was but one."""
    inside, whole = 0, 0
    for place, (told, came) in enumerate(tries):
        others = [each for n, each in enumerate(tries) if n != place]
        if not others:
            return None
        low, high = _interval(told, others)
        inside += int(((came >= np.floor(low)) & (came <= np.ceil(high))).sum())
        whole += len(came)
    return inside / whole
