"""Whether a value is off: against a limit, or against what it was at the same time of past weeks. Pure arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import msgspec

FEWEST_WEEKS = 4
"""Past weeks with a known value below which nothing is said of an anomaly."""

_MAD_TO_SIGMA = 1.4826
_LEAST_SHARE = 0.05


class Usual(msgspec.Struct, frozen=True):
    """What a value usually is: the median of past weeks, and how far it strays (robust standard deviation)."""

    middle: float
    spread: float
    weeks: int

    def distance(self, value: float) -> float:
        """How many spreads a value lies from the middle; negative below it."""
        return (value - self.middle) / self.spread


def usual(past: Sequence[float | None], *, counts: bool) -> Usual | None:
    """What past weeks say; None where too few of them are known.

    The spread is never less than chance alone makes it: for counts the square root of the middle (Poisson), for others a
    twentieth of it. Otherwise weeks that were alike by accident would make an alarm of the first call too many.
    """
    known = [value for value in past if value is not None]
    if len(known) < FEWEST_WEEKS:
        return None
    middle = median(known)
    spread = _MAD_TO_SIGMA * median(abs(value - middle) for value in known)
    least = max(middle, 1.0) ** 0.5 if counts else max(abs(middle) * _LEAST_SHARE, 1e-9)
    return Usual(middle, max(spread, least), len(known))


def beyond(value: float, limit: float, *, above: bool) -> bool:
    """Whether a value is beyond a limit; the limit itself is still fine."""
    return value > limit if above else value < limit


def strange(distance: float, sensitivity: float, *, above: bool, either: bool) -> bool:
    """Whether a value is so far from what is usual that somebody should know."""
    if either:
        return abs(distance) > sensitivity
    return distance > sensitivity if above else -distance > sensitivity


def worse(one: float | None, other: float | None, *, above: bool) -> float | None:
    """The worse of two values."""
    if one is None or other is None:
        return other if one is None else one
    return max(one, other) if above else min(one, other)
