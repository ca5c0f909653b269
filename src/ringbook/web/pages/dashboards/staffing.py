"""Staffing: how many agents a service level takes in a half-hour, with sliders, and in each half-hour of the coming weeks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from ringbook.analyse.answer import Answer
from ringbook.analyse.definition import Kind
from ringbook.analyse.staffing import Option, StaffingAnswer, StaffingQuestion, staff
from ringbook.desk.insight import figures
from ringbook.desk.people.roles import Right
from ringbook.model.errors import AskError
from ringbook.web.guard import needs
from ringbook.web.pages.dashboards.values import shown
from ringbook.web.pages.dashboards.views import tabs
from ringbook.web.pages.overview.charts import VERSION
from ringbook.web.templatetags.calls import calls_url
from ringbook.web.viewer import Asking, Viewer

HALF_HOUR_S = 1800.0
MEASURED = "last-28-days"
"""The days in which handling time, patience and the busiest half-hour were measured that the sliders begin with."""


class Slider(msgspec.Struct, frozen=True):
    """Something that can be moved: shares are in percent."""

    name: str
    label: Any
    unit: Any
    least: float
    most: float
    step: float
    usual: float


SLIDERS = (
    Slider("calls", gettext_lazy("Calls in the half-hour"), "", 1, 400, 1, 40),
    Slider("aht", gettext_lazy("Handling time"), "s", 10, 1200, 5, 240),
    Slider("target", gettext_lazy("Answered in time"), "%", 1, 99, 1, 80),
    Slider("within", gettext_lazy("In time is within"), "s", 0, 180, 5, 20),
    Slider("shrinkage", gettext_lazy("Shrinkage: breaks, training, absence"), "%", 0, 60, 1, 30),
    Slider("occupancy", gettext_lazy("Nobody busier than"), "%", 50, 100, 1, 85),
    Slider("patience", gettext_lazy("Callers' patience (0: not known)"), "s", 0, 600, 5, 0),
)


@require_GET
@needs(Right.SEE_OVERVIEW)
def staffing(request: Asking) -> HttpResponse:
    """The page: sliders with their answer, measured values to begin with."""
    measured = _measured(request.viewer)
    begun = {name: one["value"] for name, one in measured.items() if one["value"]}
    values = values_of({**begun, **request.GET.dict()})
    context = {
        "tabs": tabs(request.viewer),
        "current": "staffing",
        "query": request.GET.get("q", "has:queue"),
        "charts_url": reverse("overview-charts", args=[VERSION]),
        "weeks_url": f"{reverse('dashboard-weeks')}?{request.GET.urlencode()}",
        "sliders": [
            {"is": one, "value": f"{values[one.name]:g}", "measured": measured.get(one.name)}
            for one in SLIDERS
        ],
        **_answer(values),
    }
    return render(request, "dashboards/staffing.html", context)


@require_GET
@needs(Right.SEE_OVERVIEW)
def what_if(request: Asking) -> HttpResponse:
    """The answer for other values."""
    return render(request, "dashboards/_what_if.html", _answer(values_of(request.GET.dict())))


def values_of(told: Mapping[str, Any]) -> dict[str, float]:
    """What the sliders say; what is no number is as usual. Impossible numbers are answered by the model with a reason."""
    found = {}
    for one in SLIDERS:
        try:
            value = float(told.get(one.name, one.usual))
        except ValueError:
            value = one.usual
        found[one.name] = value if -1e9 < value < 1e9 else one.usual
    return found


def _answer(values: Mapping[str, float]) -> dict[str, Any]:
    try:
        answer = staff(_question(values))
    except AskError as error:
        return {"problem": str(error)}
    return {
        "answer": answer,
        "model": model_name(answer.model),
        "facts": _facts(answer),
        "options": [_option(one, answer) for one in (answer.erlang_a or answer.erlang_c).options],
        "other": _other(answer),
    }


def model_name(model: str) -> str:
    """A model as it is shown."""
    return _("Erlang A, with patience") if model == "erlang_a" else _("Erlang C: nobody hangs up")


def _question(values: Mapping[str, float]) -> StaffingQuestion:
    return StaffingQuestion(
        calls=values["calls"],
        interval_s=HALF_HOUR_S,
        aht_s=values["aht"],
        target_share=values["target"] / 100,
        within_s=values["within"],
        patience_s=values["patience"] or None,
        shrinkage_share=values["shrinkage"] / 100,
        max_occupancy_share=values["occupancy"] / 100 if values["occupancy"] < 100 else None,
    )


def _facts(answer: StaffingAnswer) -> list[tuple[str, str]]:
    told = [
        (_("Load"), _("%(n)s erlang") % {"n": number_format(round(answer.load_erlang, 2), 2)}),
        (_("Answered in time"), _percent(answer.service_level_share)),
        (_("Average speed of answer"), _span(answer.asa_s)),
        (_("Busy"), _percent(answer.occupancy_share)),
    ]
    if answer.abandonment_share is not None:
        told.append((_("Give up"), _percent(answer.abandonment_share)))
    return told


def _option(one: Option, answer: StaffingAnswer) -> dict[str, Any]:
    given = one.outcome
    return {
        "agents": one.agents,
        "scheduled": one.scheduled_agents,
        "level": _percent(given.service_level_share) if one.stable else _("the queue grows without end"),
        "asa": _span(given.asa_s),
        "busy": _percent(given.occupancy_share),
        "reached": one.target_reached and one.stable,
        "kept": one.cap_kept,
        "chosen": one.agents == answer.agents,
    }


def _other(answer: StaffingAnswer) -> str:
    """What the other model says, where both answer."""
    if answer.erlang_a is None:
        return ""
    return _("Erlang C, by which nobody hangs up, would take %(n)d.") % {"n": answer.erlang_c.agents}


def _percent(share: float) -> str:
    return f"{number_format(round(share * 100, 1), 1)} %"


def _span(seconds: float | None) -> str:
    return "–" if seconds is None else _("%(n)s s") % {"n": number_format(round(seconds, 1), 1)}


def _measured(viewer: Viewer) -> dict[str, dict[str, Any]]:
    """What was measured lately, by the slider that it begins."""

    def figure(name: str, query: str = "", by: str | None = None) -> Answer:
        return figures.figure(
            viewer.scope,
            name,
            query,
            by=by,
            period=MEASURED,
            zone=viewer.zone_name,
            now=viewer.now,
            me=viewer.handle,
        )

    handling, patience = figure("aht", "has:queue"), figure("patience")
    queued = figure("calls", "has:queue", by="half-hour")
    busiest = max(queued.rows, key=lambda row: row["calls"], default=None)
    found = {}
    for name, answer in (("aht", handling), ("patience", patience)):
        seconds = answer.total["mean_s"]
        if seconds:
            found[name] = _told(round(seconds), answer.calls_query, shown(Kind.SECONDS, seconds, viewer))
    if busiest and busiest["calls"]:
        when = shown(Kind.INSTANT, busiest["half-hour"].replace("Z", "+00:00"), viewer)
        found["calls"] = _told(busiest["calls"], busiest["calls_query"] or "", f"{busiest['calls']}, {when}")
    return found


def _told(value: float, query: str, text: str) -> dict[str, Any]:
    return {"value": value, "url": calls_url(query) if query else "", "text": text}
