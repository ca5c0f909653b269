"""How many calls began in each hour of past days, by the wall clock: what a forecast is made from."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import numpy.typing as npt

from ringbook.analyse.question import Asker, Conditions, together
from ringbook.analyse.statements import statement
from ringbook.ledger.ledger import Ledger
from ringbook.model.instant import Instant, from_datetime, to_datetime
from ringbook.search.plan import viewer_zone

MOST_WEEKS = 26
"""Older calls say little of the coming weeks."""

DAY_HOURS = 24
WEEK_HOURS = 7 * DAY_HOURS
_DAY = timedelta(days=1)

Numbers = npt.NDArray[np.float64]


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """Calls in each hour of the days from ``first`` to ``last``, 24 a day.

    An hour that the clock shows twice has the mean of both, one that it leaves out what it had a week before. ``first_half`` is
    the share of calls in the first half of each of the 168 hours of a week, from Monday.
    """

    first: date
    last: date
    calls: Numbers
    first_half: Numbers
    whole: int

    @property
    def weeks(self) -> int:
        """Whole weeks."""
        return len(self.calls) // WEEK_HOURS


def series(ledger: Ledger, asker: Asker, query: str) -> Series | None:
    """The whole weeks until yesterday in which there are calls; None if there are none."""
    zone = viewer_zone(asker.zone)
    last = to_datetime(asker.now).astimezone(zone).date() - _DAY
    first = last + _DAY - timedelta(weeks=MOST_WEEKS)
    build = Conditions(asker)
    sql = statement("half_hours", "forecast").replace(
        "{condition}", build.of(together(query, f"on:{first}..{last}"))
    )
    found = ledger.query_rows(asker.scope, sql, build.params)
    if not found:
        return None
    counted = {(date.fromisoformat(day), hour, half): calls for day, hour, half, calls in found}
    began = min(day for day, _, _ in counted)
    # Whole weeks, the last of which ends yesterday; days before the first call are not known to be quiet.
    first = max(first, last + _DAY - timedelta(weeks=(last + _DAY - began).days // 7))
    days = [first + n * _DAY for n in range((last - first).days + 1)]
    return Series(
        first=first,
        last=last,
        calls=_hours(days, counted, zone),
        first_half=_halves(counted),
        whole=sum(counted.values()),
    )


def _hours(days: list[date], counted: dict[tuple[date, int, int], int], zone: ZoneInfo) -> Numbers:
    calls = np.zeros(len(days) * DAY_HOURS)
    for place, day in enumerate(days):
        times = wall_hours(day, zone)
        for hour in range(DAY_HOURS):
            at = place * DAY_HOURS + hour
            shown = len(times.get(hour, ()))
            if not shown:
                calls[at] = calls[at - WEEK_HOURS] if at >= WEEK_HOURS else 0.0
                continue
            calls[at] = sum(counted.get((day, hour, half), 0) for half in (0, 1)) / shown
    return calls


def wall_hours(day: date, zone: ZoneInfo) -> dict[int, list[Instant]]:
    """When each hour of the clock begins on a day: twice or never on those days on which the clocks change."""
    start, stop = (from_datetime(datetime.combine(each, time(), zone)) for each in (day, day + _DAY))
    found: dict[int, list[Instant]] = {}
    for at in range(start, stop, _HOUR):
        found.setdefault(to_datetime(at).astimezone(zone).hour, []).append(at)
    return found


_HOUR = 3_600_000_000


def _halves(counted: dict[tuple[date, int, int], int]) -> Numbers:
    """Where calls are few, the halves are taken to be alike."""
    totals, firsts = Counter[int](), Counter[int]()
    for (day, hour, half), calls in counted.items():
        slot = day.weekday() * DAY_HOURS + hour
        totals[slot] += calls
        firsts[slot] += calls if half == 0 else 0
    return np.array(
        [(firsts[slot] + _DOUBT / 2) / (totals[slot] + _DOUBT) for slot in range(WEEK_HOURS)], dtype=float
    )


_DOUBT = 4
"""As many calls as would have to be seen before the halves are taken to differ by much."""
