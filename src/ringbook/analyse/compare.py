"""The same figure of two periods, or of two groups of calls, side by side."""

from __future__ import annotations

from itertools import zip_longest

import msgspec

from ringbook.analyse.answer import SMALL, Answer, Row
from ringbook.analyse.dimensions import DIMENSIONS


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A value against another. What is not known, or has nothing to be compared with, is None.

    ``ratio`` is by what share it is more (0.1: a tenth more) or less; ``enough`` whether both rest on enough calls to say so.
    """

    this: float | None
    other: float | None
    difference: float | None
    ratio: float | None
    enough: bool


class Paired(msgspec.Struct, frozen=True, kw_only=True):
    """One part in both; None where one of them does not have it."""

    label: str
    other_label: str
    this: Row | None
    other: Row | None
    change: Change


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Two answers and how the headline changed, as a whole and in each part.

    Stretches of time are paired by their place, the first with the first; all other parts by what they are.
    """

    this: Answer
    other: Answer
    this_label: str
    other_label: str
    headline: str
    change: Change
    rows: list[Paired]


def compared(this: Answer, other: Answer, this_label: str, other_label: str) -> Comparison:
    """Two answers to the same figure in the same parts."""
    return Comparison(
        this=this,
        other=other,
        this_label=this_label,
        other_label=other_label,
        headline=this.headline,
        change=_change(this.total, other.total, this.headline),
        rows=_rows(this, other),
    )


def _rows(this: Answer, other: Answer) -> list[Paired]:
    by = this.by
    if by is None:
        return []
    in_time = by in DIMENSIONS and DIMENSIONS[by].chronological
    if in_time:
        pairs = list(zip_longest(this.rows, other.rows))
    else:
        others = {row[by]: row for row in other.rows}
        pairs = [(row, others.pop(row[by], None)) for row in this.rows]
        pairs += [(None, row) for row in others.values()]
    return [_paired(mine, its, by, this.headline) for mine, its in pairs]


def _paired(this: Row | None, other: Row | None, by: str, headline: str) -> Paired:
    label, other_label = (str(row[by]) if row is not None else "" for row in (this, other))
    return Paired(
        label=label or other_label,
        other_label=other_label or label,
        this=this,
        other=other,
        change=_change(this, other, headline),
    )


def _change(this: Row | None, other: Row | None, headline: str) -> Change:
    mine, its = _number(this, headline), _number(other, headline)
    known = mine is not None and its is not None
    return Change(
        this=mine,
        other=its,
        difference=mine - its if mine is not None and its is not None else None,
        ratio=mine / its - 1 if mine is not None and its else None,
        enough=known and all(row is not None and row["calls"] >= SMALL for row in (this, other)),
    )


def _number(row: Row | None, headline: str) -> float | None:
    value = None if row is None else row.get(headline)
    return value if isinstance(value, int | float) else None
