"""Answers as templates take them: numbers, panels with a chart and its table, and how each was counted."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ringbook.analyse.answer import Answer, Row
from ringbook.analyse.catalogue import STACKED, listed
from ringbook.analyse.definition import Column, Kind
from ringbook.analyse.dimensions import DIMENSIONS
from ringbook.analyse.figures import FIGURES
from ringbook.analyse.question import together
from ringbook.desk.dashboards.service import Panel
from ringbook.desk.insight.words import column_word, dimension_word, said
from ringbook.model.instant import to_datetime
from ringbook.search.values import WEEKDAYS
from ringbook.web.pages.dashboards.asking import Asked, Told
from ringbook.web.pages.dashboards.texts import figure_title, reason_word
from ringbook.web.pages.dashboards.values import Parts, days_word, difference, shown, unchanged, weekday_word
from ringbook.web.templatetags.calls import calls_url, moment
from ringbook.web.viewer import Viewer

MOST_ROWS = 400
"""Rows of a table; a chart has as many."""

WIDE = ("heat-map",)
"""Figures whose panel takes the whole width."""

MOST_BARS = 12
_LEAST_BARS = 2

_NARROWED = ("queue", "trunk", "agent", "extension", "direction", "outcome", "source", "account")
"""Parts by which the whole dashboard can be narrowed by choosing one."""


def title_of(panel: Panel) -> str:
    """What a panel is called."""
    about = FIGURES[panel.figure]
    if panel.title:
        return _(panel.title)
    return figure_title(panel.figure, about.title)


def drawing_of(panel: Panel, by: str | None) -> str:
    """How a panel is drawn."""
    if panel.draw == "stack":
        return "stack" if panel.figure in STACKED and by else "table"
    if panel.draw in ("number", "table"):
        return panel.draw
    if panel.figure == "heat-map":
        return "heat"
    if panel.figure == "abandonment-curve":
        return "curve"
    if by == "level":
        return "columns"
    if by is None:
        return "number"
    if panel.draw:
        return panel.draw
    dimension = DIMENSIONS[by]
    if dimension.chronological:
        return "line"
    return "columns" if dimension.ordered else "bars"


def number(viewer: Viewer, told: Told) -> dict[str, Any]:
    """One value of a panel, beside what it is compared with, as the component ``stat`` takes it."""
    label = title_of(told.panel)
    if told.problem:
        return {"label": label, "value": shown(Kind.COUNT, None, viewer), "note": told.problem}
    answer: Answer = told.answer
    column = _column(told.panel, answer)
    value = answer.total.get(column.name)
    stat: dict[str, Any] = {
        "label": label,
        "value": shown(column.kind, value, viewer),
        "href": calls_url(answer.calls_query),
        "definition": definition(viewer, answer),
        "notes": [
            text
            for text in (_spread(viewer, answer, column), _few(answer, value), _left_out(viewer, answer))
            if text
        ],
    }
    if told.comparison is not None:
        stat |= _beside(viewer, told, column)
    return stat


def _beside(viewer: Viewer, told: Told, column: Column) -> dict[str, Any]:
    """How a value stands to the one that it is compared with."""
    assert told.comparison is not None
    this, other = (one.total.get(column.name) for one in (told.comparison.this, told.comparison.other))
    before = _("%(when)s: %(value)s") % {
        "value": _("not known") if other is None else shown(column.kind, other, viewer),
        "when": days_word(told.comparison.other_label, _today(viewer)),
    }
    found: dict[str, Any] = {"before": before, "before_url": calls_url(told.comparison.other.calls_query)}
    if not all(isinstance(value, int | float) for value in (this, other)):
        return found
    change = this - other  # type: ignore[operator]  # both are numbers
    found["delta"] = difference(column.kind, change)
    found["trend"] = "same" if unchanged(column.kind, change) else "up" if change > 0 else "down"
    better = listed(FIGURES[told.panel.figure]).better if column.name == told.comparison.headline else ""
    if better in ("up", "down") and found["trend"] != "same" and told.comparison.change.enough:
        found["mood"] = "good" if found["trend"] == better else "bad"
    return found


def panel(viewer: Viewer, asked: Asked, told: Told, key: str) -> dict[str, Any]:
    """A panel: its chart, its table and its definition."""
    about = {
        "key": key,
        "title": title_of(told.panel),
        "problem": told.problem,
        "figure_url": figure_address(told.panel, asked),
        "wide": told.panel.figure in WIDE,
    }
    if told.problem:
        return about
    answer: Answer = told.answer
    how = drawing_of(told.panel, answer.by)
    rows = _rows(viewer, asked, told)
    if how in ("bars", "columns") and len(rows) < _LEAST_BARS:
        how = "number" if rows else how
    about |= {
        "drawing": how,
        "definition": definition(viewer, answer),
        "calls_url": calls_url(answer.calls_query),
        "calls": shown(Kind.COUNT, answer.sample or answer.total.get("calls"), viewer),
        "more": answer.more or len(answer.rows) > MOST_ROWS,
        "small": answer.small_sample and bool(answer.sample),
        "empty": _nothing(answer, rows),
        "column": _name_of(told.panel, answer),
    }
    if how == "number":
        only = f"{dimension_word(answer.by)}: {rows[0].word}" if answer.by and len(rows) == 1 else ""
        return about | {"stat": {**number(viewer, told), "label": only}}
    columns = _columns(answer)
    about["head"] = _head(viewer, told, answer, columns)
    about["rows"] = [_cells(viewer, told, row, columns) for row in rows]
    if how != "table" and not about["empty"]:
        about["chart"] = _chart(viewer, told, answer, how, rows)
        about["chart_json"] = json.dumps(about["chart"], ensure_ascii=False)
    return about


def figure_address(panel: Panel, asked: Asked) -> str:
    """The page of a panel alone, with what the dashboard is asked."""
    own = {"by": panel.by, "draw": panel.draw, "column": panel.column, "ask": panel.ask}
    own |= {"variant": panel.variant, "title": panel.title}
    told = asked.address(**{name: value for name, value in own.items() if value})
    return f"{reverse('dashboard-figure', args=[panel.figure])}?{told}"


def definition(viewer: Viewer, answer: Answer) -> dict[str, Any]:
    """How a figure was counted: what stands behind "How it is counted"."""
    how = [_("version %(n)d") % {"n": answer.version}]
    if answer.variant:
        how.insert(0, _("variant %(name)s") % {"name": answer.variant})
    if answer.chosen:
        how.append(_("as your organisation chose, version %(n)d") % {"n": answer.chosen})
    first, last = answer.period
    return {
        "formula": said(answer.formula),
        "how": ", ".join(how),
        "calls": shown(Kind.COUNT, answer.sample, viewer) if answer.period[0] else "",
        "first": moment(first) if first else "",
        "last": moment(last) if last else "",
        "zone": answer.zone,
        "hours": answer.hours,
        "left_out": [
            (reason_word(why), shown(Kind.COUNT, count, viewer))
            for why, count in answer.excluded.items()
            if count
        ],
        "notes": [said(note) for note in answer.notes],
        "calls_url": calls_url(answer.calls_query),
    }


def _spread(viewer: Viewer, answer: Answer, column: Column) -> str:
    """Beside a mean, the median and what nine of ten had at most; beside a score, how many answered."""
    total = answer.total
    if column.name == "mean_s" and total.get("median_s") is not None and "p90_s" in total:
        return _("median %(median)s, 9 of 10 at most %(p90)s") % {
            "median": shown(Kind.SECONDS, total["median_s"], viewer),
            "p90": shown(Kind.SECONDS, total["p90_s"], viewer),
        }
    if total.get("response_rate") is not None and column.name != "response_rate":
        return _("%(share)s of those asked answered") % {
            "share": shown(Kind.SHARE, total["response_rate"], viewer)
        }
    return ""


def _today(viewer: Viewer) -> date:
    return to_datetime(viewer.now).astimezone(viewer.zone).date()


def _few(answer: Answer, value: object) -> str:
    if not answer.small_sample or value is None or not answer.sample:
        return ""
    return ngettext("Rests on %(n)d call only", "Rests on %(n)d calls only", answer.sample) % {
        "n": answer.sample
    }


def _left_out(viewer: Viewer, answer: Answer) -> str:
    why = ", ".join(
        f"{reason_word(reason)}: {shown(Kind.COUNT, count, viewer)}"
        for reason, count in answer.excluded.items()
        if count
    )
    return _("Left out: %(why)s") % {"why": why} if why else ""


def _nothing(answer: Answer, rows: list[_Part]) -> str:
    if answer.sample or (rows and any(part.row.get("calls") for part in rows)):
        return ""
    if any(answer.excluded.values()):
        return _("Not known: each of these calls lacks what this figure needs (%(why)s).") % {
            "why": ", ".join(reason_word(reason) for reason, count in answer.excluded.items() if count)
        }
    return _("No call answers this, so there is no figure.")


_IN_ORDER: dict[str, Callable[[str], Any]] = {"clock": str, "weekday": WEEKDAYS.index, "level": int}
"""Parts that only one side of a comparison has stand where they belong."""


class _Part(msgspec.Struct, frozen=True):
    """One part of a figure, and the same part of what it is compared with."""

    label: str
    word: str
    row: Row
    other: Row | None
    narrow_url: str


def _rows(viewer: Viewer, asked: Asked, told: Told) -> list[_Part]:
    answer: Answer = told.answer
    by = answer.by
    if by is None:
        return []
    if told.comparison is None:
        pairs = [(str(row[by]), row, None) for row in answer.rows]
    else:
        pairs = [
            (one.label, one.this or {"calls": 0}, one.other)
            for one in told.comparison.rows
            if one.this is not None or by not in DIMENSIONS or not DIMENSIONS[by].chronological
        ]
    if by in _IN_ORDER:
        pairs.sort(key=lambda pair: _IN_ORDER[by](pair[0]))
    pairs = pairs[:MOST_ROWS]
    parts = Parts(viewer, by, [label for label, _row, _other in pairs])
    return [
        _Part(label, _word(parts, label, row), row, other, _narrower(asked, by, label, row))
        for label, row, other in pairs
    ]


def _word(parts: Parts, label: str, row: Row) -> str:
    named = parts.of(label)
    name = row.get("name")
    return f"{name} ({label})" if name and named == label and name != label else named


def _narrower(asked: Asked, by: str, label: str, row: Row) -> str:
    """The dashboard with this part's calls only; none where the language cannot tell it from others."""
    behind = row.get("calls_query")
    if not behind or by not in _NARROWED:
        return ""
    exactly = DIMENSIONS[by].exactly(label)
    question = exactly if exactly and exactly in behind else DIMENSIONS[by].question(label)
    return "?" + asked.address(q=together(asked.q, _NEEDLESS.sub(r"\1", question)))


_NEEDLESS = re.compile(r'"(\w+)"')
"""Quotes around a word that means itself without them."""


def _name_of(panel: Panel, answer: Answer) -> str:
    return panel.column if panel.column in {column.name for column in answer.columns} else answer.headline


def _column(panel: Panel, answer: Answer) -> Column:
    name = _name_of(panel, answer)
    return next(column for column in answer.columns if column.name == name)


def _columns(answer: Answer) -> list[Column]:
    """The columns of the table: all that say something."""
    kept = [column for column in answer.columns if column.kind is not Kind.TEXT]
    return [column for column in kept if column.name != "calls" or column.name == answer.headline] or kept


def _head(viewer: Viewer, told: Told, answer: Answer, columns: list[Column]) -> list[dict[str, Any]]:
    head = [{"word": dimension_word(answer.by or ""), "num": False}]
    head.append({"word": _("Calls"), "num": True})
    for column in columns:
        if column.name != "calls":
            head.append({"word": column_word(column.name), "num": True})
    if told.comparison is not None:
        head.append({"word": _other_word(viewer, told), "num": True})
    return head


def _other_word(viewer: Viewer, told: Told) -> str:
    label = _series(viewer, told)[1]
    return label if len(label) < 40 else label[:38] + "…"


def _cells(viewer: Viewer, told: Told, part: _Part, columns: list[Column]) -> dict[str, Any]:
    row = part.row
    cells = [
        {"text": shown(column.kind, row.get(column.name), viewer), "word": column_word(column.name)}
        for column in columns
        if column.name != "calls"
    ]
    if told.comparison is not None:
        kept = _column(told.panel, told.answer)
        other = None if part.other is None else part.other.get(kept.name)
        text = shown(kept.kind, other, viewer)
        cells.append({"text": text, "word": _other_word(viewer, told), "url": _other_url(part)})
    return {
        "label": part.word,
        "narrow_url": part.narrow_url,
        "calls": shown(Kind.COUNT, row.get("calls"), viewer),
        "url": calls_url(row["calls_query"]) if row.get("calls_query") else "",
        "cells": cells,
        "small": bool(row.get("small_sample")) and bool(row.get("calls")),
    }


def _chart(viewer: Viewer, told: Told, answer: Answer, how: str, rows: list[_Part]) -> dict[str, Any]:
    """What static/js/charts.js draws."""
    column = _column(told.panel, answer)
    chart: dict[str, Any] = {
        "kind": how,
        "unit": str(column.kind),
        "value": column_word(column.name) if column.name != "calls" else _("Calls"),
        "by": dimension_word(answer.by or ""),
        "series": _series(viewer, told),
        "calls": _("Calls"),
    }
    if how == "heat":
        return chart | {"rows": _heat(answer), "by": _("Weekday"), "hour": _("Hour")}
    if how == "stack":
        names = STACKED[told.panel.figure]
        chart["stack"] = [
            {"key": name, "word": column_word(name)} for name in names if answer.total.get(name)
        ]
        chart["rows"] = [
            {
                "label": part.word,
                "url": calls_url(part.row["calls_query"]) if part.row.get("calls_query") else "",
                "values": {name: part.row.get(name) or 0 for name in names},
            }
            for part in rows
        ]
        return chart
    drawn = rows[:MOST_BARS] if how == "bars" else rows
    chart["rows"] = [_mark(viewer, part, column) for part in drawn]
    return chart


def _mark(viewer: Viewer, part: _Part, column: Column) -> dict[str, Any]:
    other = None if part.other is None else part.other.get(column.name)
    return {
        "label": part.word,
        "value": part.row.get(column.name),
        "other": other,
        "text": shown(column.kind, part.row.get(column.name), viewer),
        "other_text": shown(column.kind, other, viewer),
        "url": calls_url(part.row["calls_query"]) if part.row.get("calls_query") else "",
        "other_url": _other_url(part),
        "calls": shown(Kind.COUNT, part.row.get("calls"), viewer),
    }


def _series(viewer: Viewer, told: Told) -> list[str]:
    if told.comparison is None:
        return []
    today = _today(viewer)
    return [days_word(label, today) for label in (told.comparison.this_label, told.comparison.other_label)]


def _other_url(part: _Part) -> str:
    return calls_url(part.other["calls_query"]) if part.other and part.other.get("calls_query") else ""


def _heat(answer: Answer) -> list[dict[str, Any]]:
    days = {name: weekday_word(name) for name in WEEKDAYS}
    return [
        {
            "day": days[row["weekday"]],
            "place": place // 24,
            "hour": f"{row['hour']:02}",
            "value": row["calls"],
            "url": calls_url(row["calls_query"]),
        }
        for place, row in enumerate(answer.rows)
    ]
