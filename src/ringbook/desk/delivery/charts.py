"""Charts of answers as pictures: drawn here, without a browser and without the network. They read in greyscale, too."""

from __future__ import annotations

from typing import Any

import vl_convert
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ringbook.analyse.catalogue import STACKED
from ringbook.analyse.definition import Kind
from ringbook.desk.delivery import wording
from ringbook.desk.delivery.content import Figure
from ringbook.desk.insight.words import column_word

WIDTH = 600
HEIGHT = 150
MOST_BARS = 12

_ACCENT = "#2f5bd0"
_BEFORE = "#8a8f98"
_TEXT = "#555b66"
_LINE = "#e3e5e8"
_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"


def png(figure: Figure) -> bytes | None:
    """The chart as PNG, twice as fine as its size says; None where there is nothing to draw."""
    spec = drawing(figure)
    if spec is None:
        return None
    return bytes(vl_convert.vegalite_to_png(spec, scale=2, allowed_base_urls=[], **_locale()))


def pdf(figure: Figure) -> bytes | None:
    """The chart as a PDF of one page; None where there is nothing to draw."""
    spec = drawing(figure)
    if spec is None:
        return None
    return bytes(vl_convert.vegalite_to_pdf(spec, allowed_base_urls=[], **_locale()))


def drawing(figure: Figure) -> dict[str, Any] | None:
    """The chart as a Vega-Lite specification."""
    drawn = {"line": _line, "bar": _bar, "stack": _stack, "heat": _heat}.get(figure.chart)
    if drawn is None or figure.answer is None:
        return None
    return {
        "$schema": _SCHEMA,
        "width": WIDTH,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "background": "white",
        "config": _CONFIG,
        **drawn(figure),
    }


_CONFIG = {
    "font": "Liberation Sans, Arial, sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": _TEXT,
        "titleColor": _TEXT,
        "gridColor": _LINE,
        "domainColor": _LINE,
        "tickColor": _LINE,
        "labelFontSize": 11,
        "titleFontSize": 11,
        "titleFontWeight": 400,
    },
    "legend": {"labelColor": _TEXT, "orient": "top", "title": None, "labelFontSize": 11},
}


def _locale() -> dict[str, Any]:
    return {"format_locale": "de-DE"} if (get_language() or "").startswith("de") else {}


def _unit(figure: Figure) -> Kind:
    assert figure.answer is not None
    return next(one.kind for one in figure.answer.columns if one.name == figure.answer.headline)


def _drawn(told: Any, unit: Kind) -> Any:
    """A value as it is drawn: times in minutes once they are long, shares as they are."""
    return told / 60 if told is not None and unit is Kind.SECONDS else told


def _axis(unit: Kind) -> dict[str, Any]:
    axis: dict[str, Any] = {"tickCount": 4}
    if unit is Kind.SHARE:
        return {**axis, "format": ".0%"}
    if unit is Kind.SECONDS:
        return {**axis, "title": _("minutes")}
    return {**axis, "tickMinStep": 1} if unit is Kind.COUNT else axis


_ACROSS = {"labelAngle": 0, "labelOverlap": "parity", "labelSeparation": 8, "grid": False}


def _line(figure: Figure) -> dict[str, Any]:
    """A line over time, with points, and the time before as a dashed one."""
    answer, unit = figure.answer, _unit(figure)
    assert answer is not None and answer.by is not None
    order = [wording.part(str(row[answer.by]), answer.by, answer.zone) for row in answer.rows]
    this, before = _("This time"), _("Before")
    values = [
        {"at": n, "part": order[n], "which": this, "value": _drawn(row[answer.headline], unit)}
        for n, row in enumerate(answer.rows)
    ]
    if figure.before is not None:
        values += [
            {"at": n, "part": order[n], "which": before, "value": _drawn(row[answer.headline], unit)}
            for n, row in enumerate(figure.before.rows[: len(order)])
        ]
    both = figure.before is not None
    encoding: dict[str, Any] = {
        "x": {
            "field": "part",
            "type": "ordinal",
            "sort": order,
            "title": None,
            "axis": _ACROSS,
        },
        "y": {
            "field": "value",
            "type": "quantitative",
            "title": None,
            "axis": _axis(unit),
            "scale": {"zero": True},
        },
    }
    if both:
        known = {"domain": [this, before]}
        encoding["color"] = {
            "field": "which",
            "type": "nominal",
            "scale": {**known, "range": [_ACCENT, _BEFORE]},
        }
        encoding["strokeDash"] = {
            "field": "which",
            "type": "nominal",
            "scale": {**known, "range": [[1, 0], [5, 4]]},
        }
    mark = {"type": "line", "strokeWidth": 1.8, "point": {"size": 18}}
    if not both:
        mark["color"] = _ACCENT
        mark["point"] = {"size": 18, "color": _ACCENT}
    return {"height": HEIGHT, "data": {"values": values}, "mark": mark, "encoding": encoding}


_PARTS = {
    "answered": "#2f5bd0",
    "voicemail": "#a8bff7",
    "machine": "#4b7a8c",
    "abandoned": "#ffd27a",
    "missed": "#7a1020",
    "otherwise": "#b9bec7",
    "busy": "#c9a0dc",
    "rejected": "#5b3a78",
    "cancelled": "#dfe3e8",
    "failed": "#33373d",
    "unknown": "#f1f3f6",
}
"""The parts of a whole; those that lie upon each other are so much lighter or darker that they are told apart in grey."""


def _stack(figure: Figure) -> dict[str, Any]:
    """A column for each part of the figure, made up of what became of its calls."""
    answer = figure.answer
    assert answer is not None and answer.by is not None
    order = [wording.part(str(row[answer.by]), answer.by, answer.zone) for row in answer.rows]
    kinds = [name for name in STACKED[answer.figure] if answer.total.get(name)]
    words = [column_word(name) for name in kinds]
    values = [
        {"part": order[n], "which": word, "place": place, "value": row.get(name) or 0}
        for n, row in enumerate(answer.rows)
        for place, (name, word) in enumerate(zip(kinds, words, strict=True))
    ]
    return {
        "height": HEIGHT,
        "data": {"values": values},
        "mark": {"type": "bar", "stroke": "white", "strokeWidth": 0.5},
        "encoding": {
            "x": {"field": "part", "type": "ordinal", "sort": order, "title": None, "axis": _ACROSS},
            "y": {"field": "value", "type": "quantitative", "title": None, "axis": _axis(Kind.COUNT)},
            "order": {"field": "place"},
            "color": {
                "field": "which",
                "type": "nominal",
                "sort": words,
                "scale": {"domain": words, "range": [_PARTS[name] for name in kinds]},
                "legend": {"columns": 5},
            },
        },
    }


def _bar(figure: Figure) -> dict[str, Any]:
    """A bar for each part, with its value beside it."""
    answer, unit = figure.answer, _unit(figure)
    assert answer is not None and answer.by is not None
    rows = answer.rows[:MOST_BARS]
    values = [
        {
            "at": n,
            "part": wording.part(str(row[answer.by]), answer.by, answer.zone) + "\u200b" * n,
            "value": _drawn(row[answer.headline], unit),
            "told": wording.value(row[answer.headline], unit, answer.zone),
        }
        for n, row in enumerate(rows)
    ]
    return {
        "height": {"step": 22},
        "data": {"values": values},
        "encoding": {
            "y": {
                "field": "part",
                "type": "nominal",
                "sort": {"field": "at"},
                "title": None,
                "axis": {"domain": False, "ticks": False, "labelLimit": 160, "labelPadding": 6},
            },
            "x": {
                "field": "value",
                "type": "quantitative",
                "title": None,
                "axis": None,
                "scale": {"zero": True},
            },
        },
        "layer": [
            {"mark": {"type": "bar", "color": _ACCENT, "cornerRadiusEnd": 2}},
            {
                "mark": {"type": "text", "align": "left", "dx": 4, "color": _TEXT, "fontSize": 11},
                "encoding": {"text": {"field": "told"}},
            },
        ],
    }


def _heat(figure: Figure) -> dict[str, Any]:
    """Weekdays down, hours across; the darkest is the most."""
    answer = figure.answer
    assert answer is not None
    days = [
        wording.part(name, "weekday", answer.zone)
        for name in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    ]
    values = [
        {
            "day": wording.part(row["weekday"], "weekday", answer.zone),
            "hour": f"{row['hour']:02}",
            "calls": row["calls"],
        }
        for row in answer.rows
    ]
    return {
        "height": {"step": 20},
        "data": {"values": values},
        "mark": {"type": "rect", "stroke": "white", "strokeWidth": 1.5},
        "encoding": {
            "x": {
                "field": "hour",
                "type": "ordinal",
                "title": None,
                "axis": {"labelAngle": 0, "domain": False, "ticks": False},
            },
            "y": {
                "field": "day",
                "type": "ordinal",
                "sort": days,
                "title": None,
                "axis": {"domain": False, "ticks": False},
            },
            "color": {
                "field": "calls",
                "type": "quantitative",
                "legend": None,
                "scale": {"domainMin": 0, "range": ["#f1f3f6", _ACCENT]},
            },
        },
    }
