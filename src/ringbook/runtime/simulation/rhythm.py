"""When calls come: the day's and the week's rhythm, and who of many calls how often."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import accumulate
from random import Random
from zoneinfo import ZoneInfo

HOURS = (0.2, 0.1, 0.1, 0.1, 0.2, 0.5, 1.5, 4, 9, 13, 14, 12, 8, 9, 12, 12, 11, 8, 4, 2, 1.2, 0.8, 0.5, 0.3)
"""Relative weight of each local hour."""

WEEKDAYS = (1.25, 1.1, 1.0, 1.0, 0.9, 0.25, 0.12)
"""Weight of each weekday, Monday first."""


class Zipf:
    """Draws from a sequence so that the n-th is drawn about 1/n as often as the first, as callers and agents are."""

    def __init__(self, count: int, exponent: float = 1.0) -> None:
        self._sums = list(accumulate(1 / (rank**exponent) for rank in range(1, count + 1)))

    def draw(self, random: Random) -> int:
        """An index."""
        return bisect_left(self._sums, random.random() * self._sums[-1])


def day(random: Random, on: date, zone: ZoneInfo, calls: float) -> list[float]:
    """The epoch seconds at which a day's calls begin, in order; about ``calls`` of them on an average weekday."""
    expected = calls * WEEKDAYS[on.weekday()]
    count = max(0, round(random.gauss(expected, math.sqrt(expected))))
    hours = random.choices(range(24), weights=HOURS, k=count)
    starts = []
    for hour in hours:
        second = random.random() * 3600
        local = datetime(on.year, on.month, on.day, hour, tzinfo=zone)
        starts.append(local.timestamp() + second)
    return sorted(starts)


def days(since: date, until: date) -> Iterator[date]:
    """The days from ``since`` up to and without ``until``."""
    for offset in range((until - since).days):
        yield since + timedelta(days=offset)


def pick(random: Random, weights: Sequence[tuple[str, float]]) -> str:
    """One of the names, by weight."""
    names, numbers = zip(*weights, strict=True)
    return str(random.choices(names, numbers)[0])
