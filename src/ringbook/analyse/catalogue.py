"""The figures there are: each one's title, definition and how it may be asked for."""

from __future__ import annotations

import msgspec

from ringbook.analyse.choices import NOTHING_CHOSEN, Choices
from ringbook.analyse.defined import with_codes
from ringbook.analyse.definition import Column, Figure, Group, Kind
from ringbook.analyse.dimensions import DIMENSIONS
from ringbook.analyse.figures import FIGURES


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """One figure, as this organisation counts it. ``chosen`` is the version of the choices that decided how; None: as usual."""

    figure: str
    title: str
    group: Group
    version: int
    formula: dict[str, str]
    variant: str | None
    chosen: int | None
    threshold_s: float | None
    threshold_means: str | None
    short_s: float | None
    by: list[str]
    usual_by: str | None
    columns: list[Column]
    headline: str
    unit: Kind
    better: str
    left_out: list[str]
    notes: list[str]
    chart: str
    """What draws it well: ``heat``, ``curve``, ``bar``, or ``line`` over time."""


def catalogue(choices: Choices = NOTHING_CHOSEN) -> list[Listed]:
    """All figures in the order in which they are listed."""
    return [listed(about, choices) for about in FIGURES.values()]


def listed(about: Figure, choices: Choices = NOTHING_CHOSEN) -> Listed:
    """One figure."""
    choice = choices.of(about.name)
    variant = choice.variant or about.variant
    decided = any(each is not None for each in (choice.variant, choice.threshold_s, choice.short_s))
    by_codes = any("{resolved}" in found.formula for found in about.variants.values())
    return Listed(
        figure=about.name,
        title=about.title,
        group=about.group,
        version=about.version,
        formula={name: with_codes(found.formula, choices) for name, found in about.variants.items()},
        variant=variant or None,
        chosen=choices.version if decided or (by_codes and choices.version) else None,
        threshold_s=about.threshold_s if choice.threshold_s is None else choice.threshold_s,
        threshold_means=about.threshold_means or None,
        short_s=about.short_s if choice.short_s is None else choice.short_s,
        by=list(DIMENSIONS) if about.by is None else list(about.by),
        usual_by=about.usual_by or None,
        columns=list(about.columns),
        headline=about.headline,
        unit=next(column.kind for column in about.columns if column.name == about.headline),
        better=about.better,
        left_out=list(about.variants[variant].left_out),
        notes=list(about.notes),
        chart=_CHARTS.get(about.name, "line" if about.by is None else "bar"),
    )


_CHARTS = {"heat-map": "heat", "abandonment-curve": "curve"}

STACKED = {
    "outcomes": (
        "answered",
        "voicemail",
        "machine",
        "abandoned",
        "missed",
        "busy",
        "rejected",
        "cancelled",
        "failed",
        "unknown",
    ),
    "wait-distribution": ("answered", "abandoned", "otherwise"),
}
"""The columns that make up the whole, of figures that can be stacked."""
