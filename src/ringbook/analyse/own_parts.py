"""Figures whose rows are not those of a dimension: the heat map, the curve of giving up, the levels of calls at once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, product
from typing import Any, TypeAlias

from ringbook.analyse.dimensions import LONGER
from ringbook.analyse.question import together
from ringbook.search.values import WEEKDAYS

Row: TypeAlias = dict[str, Any]
Found: TypeAlias = Sequence[tuple[Any, ...]]
Told: TypeAlias = tuple[list[Row], Row, list[str]]
"""The rows, the whole, and what is to be noted."""

OWN = {"heat-map": "", "abandonment-curve": "waited", "concurrency-levels": "level"}
"""The figures, and what their rows are by."""


def told(figure: str, found: Found, sample: int, behind: str) -> Told:
    """What a figure's statement found, as rows."""
    return {"heat-map": _heat_map, "abandonment-curve": _curve, "concurrency-levels": _levels}[figure](
        found, sample, behind
    )


def _heat_map(found: Found, sample: int, behind: str) -> Told:  # noqa: ARG001  # as the others
    """A row for each hour of each weekday."""
    counts = {(day, hour): calls for day, hour, calls in found}
    rows: list[Row] = []
    for day, hour in product(range(1, 8), range(24)):
        own = f"weekday:{WEEKDAYS[day - 1]} hour:{hour}"
        rows.append(
            {
                "weekday": WEEKDAYS[day - 1],
                "hour": hour,
                "calls": counts.get((day, hour), 0),
                "calls_query": together(behind, own),
            }
        )
    return rows, {"calls": sum(counts.values())}, []


def _curve(found: Found, sample: int, behind: str) -> Told:
    """A row for each time: who still waits then, who is gone, and the share that would have given up."""
    rows: list[Row] = []
    total: Row = {"calls": 0, "abandoned": 0, "served": 0, "given_up": None}
    notes = []
    for bound, waiting, gave_up, served, share, half_s in found:
        row = {"calls": waiting, "abandoned": gave_up, "served": served, "given_up": share}
        if bound == LONGER * 1000:
            total = {**row, "calls": sample}
            notes = [_half(half_s)]
            continue
        own = together(behind, f"wait:>{bound // 1000}")
        rows.append({"waited": f"{bound // 1000} s", **row, "calls_query": own})
    return rows, total, notes


def _half(half_s: float | None) -> str:
    if half_s is None:
        return _NO_HALF
    return _HALF.format(half=f"{half_s:g}")


def _levels(found: Found, sample: int, behind: str) -> Told:  # noqa: ARG001  # as the others
    """A row for each number of calls at once: how long it was so, and how many calls brought it there."""
    whole = sum(lasted for _, lasted, _ in found)
    if not whole:
        return [], {"calls": sample, "time_s": None, "share": None, "share_or_more": None}, []
    at_least = [*accumulate(lasted for _, lasted, _ in reversed(found))][::-1]
    rows = [
        {
            "level": level,
            "calls": began,
            "time_s": lasted / 1_000_000,
            "share": lasted / whole,
            "share_or_more": more / whole,
            "calls_query": None,
        }
        for (level, lasted, began), more in zip(found, at_least, strict=True)
    ]
    mean = sum(level * lasted for level, lasted, _ in found) / whole
    most = next(row["level"] for row in rows if row["share_or_more"] - row["share"] <= _SELDOM)
    notes = [_AT_ONCE.format(mean=f"{mean:.2f}", most=most)]
    return rows, {"calls": sample, "time_s": whole / 1_000_000, "share": 1.0, "share_or_more": 1.0}, notes


_SELDOM = 0.05

_NO_HALF = "Not known: how long it takes until half of the callers give up; fewer than half would have."
_HALF = "Half of the callers would have given up after {half} s."
_AT_ONCE = "On average {mean} calls at once; in 95 % of the time at most {most}."
TEXTS = (_NO_HALF, _HALF, _AT_ONCE)
"""What it tells in words, with marks."""
