"""One figure at full size, asked in any way, and the list of all of them."""

from __future__ import annotations

from itertools import groupby
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_GET

from ringbook.analyse.dimensions import DIMENSIONS
from ringbook.analyse.figures import FIGURES
from ringbook.desk.dashboards.service import LONGEST_QUERY, Panel
from ringbook.desk.insight import figures
from ringbook.desk.insight.words import column_word, dimension_word, said
from ringbook.desk.people.roles import Right
from ringbook.web.guard import needs
from ringbook.web.pages.dashboards import drawing
from ringbook.web.pages.dashboards.asking import asked_of, told
from ringbook.web.pages.dashboards.boards import TIME
from ringbook.web.pages.dashboards.texts import DRAWINGS, figure_title
from ringbook.web.pages.dashboards.views import filters, problem_with, tabs
from ringbook.web.viewer import Asking

GROUPS = {
    "traffic": gettext_noop("Traffic"),
    "queues": gettext_noop("Queues"),
    "lines": gettext_noop("Lines"),
    "people": gettext_noop("People"),
    "resolution": gettext_noop("Resolution"),
    "satisfaction": gettext_noop("Satisfaction"),
    "missed": gettext_noop("Missed business"),
}


@require_GET
@needs(Right.SEE_OVERVIEW)
def catalogue(request: Asking) -> HttpResponse:
    """Every figure with its formulas."""
    order = list(GROUPS)
    found = sorted(figures.catalogue(request.viewer.scope), key=lambda one: order.index(str(one.group)))
    groups = [
        {
            "title": _(GROUPS[group]),
            "figures": [
                {
                    "name": one.figure,
                    "title": figure_title(one.figure, one.title),
                    "formulas": [
                        {
                            "name": name,
                            "text": _put(said(text), one.threshold_s, one.short_s),
                            "usual": name == one.variant,
                        }
                        for name, text in one.formula.items()
                    ],
                    "version": one.version,
                    "chosen": one.chosen,
                    "url": reverse("dashboard-figure", args=[one.figure]),
                }
                for one in some
            ],
        }
        for group, some in groupby(found, key=lambda one: str(one.group))
    ]
    context = {"groups": groups, "tabs": tabs(request.viewer), "current": "figures"}
    return render(request, "dashboards/figures.html", context)


def _put(text: str, threshold_s: float | None, short_s: float | None) -> str:
    """A formula with its thresholds."""
    for mark, value in (("{T}", threshold_s), ("{short}", short_s)):
        text = text.replace(mark, "" if value is None else f"{value:g}")
    return text


@require_GET
@needs(Right.SEE_OVERVIEW)
def figure(request: Asking, name: str) -> HttpResponse:
    """One figure: by what, in which variant, drawn how, for which calls."""
    about = FIGURES.get(name)
    if about is None:
        raise Http404(_("There is no such figure."))
    viewer, panel = request.viewer, _panel(request, name)
    asked = asked_of(request.GET)
    problem = problem_with(viewer, asked)
    drawn = None if problem else drawing.panel(viewer, asked, told(viewer, asked, panel), "panel-0")
    allowed = list(DIMENSIONS) if about.by is None else list(about.by)
    context: dict[str, Any] = {
        **filters(viewer, asked, problem),
        "name": name,
        "title": drawing.title_of(panel),
        "chosen": panel,
        "panel": drawn,
        "ways": [
            *([(TIME, _("Time"))] if about.by is None else []),
            *((each, dimension_word(each)) for each in allowed),
        ],
        "usual_by": about.usual_by,
        "variants": [each for each in about.variants if each],
        "usual_variant": about.variant,
        "columns": [(one.name, column_word(one.name)) for one in about.columns if one.kind not in _NOT_DRAWN],
        "headline": about.headline,
        "drawings": DRAWINGS.items(),
        "tabs": tabs(viewer),
        "current": "figures",
        "extra": {key: value for key, value in _plain(panel).items() if value and key != "figure"},
        "kept": {**dict(parse_qsl(asked.address())), "ask": panel.ask, "title": panel.title},
        "keep_url": f"{reverse('dashboard-add')}?{request.GET.urlencode()}&figure={name}",
    }
    return render(request, "dashboards/figure.html", context, status=422 if problem else 200)


_plain = msgspec.structs.asdict
_NOT_DRAWN = ("instant", "text")


def _panel(request: Asking, name: str) -> Panel:
    """The panel that an address means; what the figure does not have is left out."""
    return panel_of({**request.GET.dict(), "figure": name})


def panel_of(told: dict[str, str]) -> Panel:
    """A panel from what an address or a form says; what the figure does not have is left out."""
    about = FIGURES[told["figure"]]
    by, variant, column = (told.get(key, "") for key in ("by", "variant", "column"))
    draw = told.get("draw", "")
    return Panel(
        figure=about.name,
        by=by if by == TIME or by in (DIMENSIONS if about.by is None else about.by) else "",
        draw=draw if draw in (*DRAWINGS, "stack") else "",
        column=column if column in {one.name for one in about.columns} else "",
        ask=told.get("ask", "").strip()[:LONGEST_QUERY],
        variant=variant if variant in about.variants else "",
        title=told.get("title", "").strip()[:120],
    )
