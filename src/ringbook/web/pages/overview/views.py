"""The page of the overview."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext, pgettext
from django.views.decorators.http import require_GET

from ringbook.analyse.answer import Answer
from ringbook.analyse.overview import HEAT_WEEKS, TOP, Compared, Overview, Part
from ringbook.analyse.overview import overview as told_of
from ringbook.desk.directory.names import names_of
from ringbook.desk.insight.words import said
from ringbook.desk.people.roles import Right
from ringbook.desk.wiring import ledger
from ringbook.model.instant import DAY, to_datetime
from ringbook.web.guard import needs
from ringbook.web.pages.overview.charts import VERSION
from ringbook.web.templatetags.calls import UNKNOWN, calls_url, outcome_word, span, spelled_number
from ringbook.web.viewer import Asking, Viewer


@require_GET
@needs(Right.SEE_OVERVIEW)
def overview(request: Asking) -> HttpResponse:
    """Today, compared; the busy hours; callers, agents and queues."""
    viewer = request.viewer
    told = told_of(ledger(), viewer.scope, zone=viewer.zone_name, now=viewer.now, me=viewer.handle)
    today = to_datetime(viewer.now).astimezone(viewer.zone)
    weekday = date_format(today, "l")
    context = {
        "day": date_format(today, pgettext("form of a date", "l, j F")),
        "weekday": weekday,
        "until": f"{today:%H:%M}",
        "nothing": not told.figures[0].value
        and not told.figures[0].whole_before
        and not told.heat.total["calls"],
        "stats": [_stat(one) for one in told.figures],
        "hours": [
            {
                "hour": f"{one.hour:02}:00",
                "today": one.calls,
                "before": one.before,
                "url": calls_url(one.calls_query),
            }
            for one in told.hours
        ],
        "outcomes": [_outcome(part, told) for part in told.outcomes],
        "heat": _heat(told.heat),
        "heat_formula": said(told.heat.formula),
        "heat_weeks": HEAT_WEEKS,
        "callers": None if told.callers is None else _callers(viewer, told.callers),
        "agents": [_agent(row) for row in told.agents.rows[:TOP]],
        "queues": [_row(row["queue"] or _("Not known"), row) for row in told.queues.rows[:TOP]],
        "charts_url": reverse("overview-charts", args=[VERSION]),
    }
    context["drawn"] = {
        "hours": context["hours"],
        "outcomes": context["outcomes"],
        "heat": context["heat"],
        "words": {
            "today": _("Today"),
            "before": _("Last %(weekday)s") % {"weekday": weekday},
            "calls": _("Calls"),
            "hour": _("Hour"),
            "day": _("Day"),
        },
    }
    return render(request, "overview/overview.html", context)


def _stat(one: Compared) -> dict[str, Any]:
    label, better = _LABELS[one.name]
    trend, mood = _trend(one, better)
    before = _("No such calls last week to compare with")
    if one.whole_before is not None:
        before = _("%(value)s by this time last week, %(whole)s the whole day") % {
            "value": _value(one, one.before),
            "whole": _value(one, one.whole_before),
        }
    left_out = sum(one.left_out.values())
    notes = [before]
    if one.small_sample and one.value is not None:
        notes.append(
            ngettext("Rests on %(n)d call only", "Rests on %(n)d calls only", one.sample) % {"n": one.sample}
        )
    if left_out:
        why = ", ".join(f"{said(reason)}: {count}" for reason, count in one.left_out.items())
        notes.append(_("Left out: %(why)s") % {"why": why})
    return {
        "label": _(label),
        "value": _value(one, one.value),
        "href": calls_url(one.calls_query),
        "delta": _delta(one),
        "trend": trend,
        "mood": mood,
        "note": " · ".join(notes),
        "formula": said(one.formula),
    }


_LABELS = {
    # what it is called, and whether more is better (None: neither)
    "calls": (gettext_noop("Calls"), None),
    "answered-rate": (gettext_noop("Answered"), True),
    "lost": (gettext_noop("Missed, abandoned or voicemail"), False),
    "wait-mean": (gettext_noop("Average wait"), False),
    "wait-p90": (gettext_noop("9 of 10 waited at most"), False),
}


_LEFT_OUT = (
    # why a figure leaves calls out, as the questions behind them say it
    gettext_noop("wait not known"),
    gettext_noop("outcome not known"),
    gettext_noop("answered, wait not known"),
)


def _trend(one: Compared, better: bool | None) -> tuple[str, str]:
    if one.value is None or one.before is None:
        return "", ""
    if abs(one.value - one.before) < 1e-9:
        return "same", ""
    up = one.value > one.before
    mood = "" if better is None else "good" if up == better else "bad"
    return ("up" if up else "down"), mood


def _delta(one: Compared) -> str:
    if one.value is None or one.before is None:
        return ""
    change = one.value - one.before
    sign = "+" if change > 0 else "−" if change < 0 else "±"
    if one.unit == "share":
        return _("%(n)s points") % {"n": f"{sign}{number_format(round(abs(change) * 100, 1), 1)}"}
    if one.unit == "seconds":
        return f"{sign}{span(abs(change))}"
    return f"{sign}{number_format(int(abs(change)), force_grouping=True)}"


def _value(one: Compared, value: float | None) -> str:
    if value is None:
        return UNKNOWN
    if one.unit == "share":
        return f"{number_format(round(value * 100, 1), 1)} %"
    return span(value) if one.unit == "seconds" else number_format(int(value), force_grouping=True)


def _outcome(part: Part, told: Overview) -> dict[str, Any]:
    whole = told.figures[0].value or 0
    return {
        "key": part.name,
        "name": outcome_word(part.name),
        "calls": part.calls,
        "before": part.before,
        "share": f"{number_format(round(part.calls / whole * 100, 1), 1)} %" if whole else UNKNOWN,
        "url": calls_url(part.calls_query),
    }


def _heat(heat: Answer) -> list[dict[str, Any]]:
    monday = 4 * DAY  # of January 1970
    names = [date_format(to_datetime(monday + day * DAY), "D") for day in range(7)]
    place = {name: index for index, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))}
    return [
        {
            "day": names[place[row["weekday"]]],
            "place": place[row["weekday"]],
            "hour": f"{row['hour']:02}",
            "calls": row["calls"],
            "url": calls_url(row["calls_query"]),
        }
        for row in heat.rows
    ]


def _row(name: str, row: dict[str, Any], detail: str = "") -> dict[str, Any]:
    query = row["calls_query"]
    return {"name": name, "calls": row["calls"], "url": calls_url(query) if query else "", "detail": detail}


def _callers(viewer: Viewer, callers: Answer) -> list[dict[str, Any]]:
    known = [row for row in callers.rows if row["number"]][:TOP]
    names = names_of(viewer.scope, [row["number"] for row in known]) if viewer.may(Right.SEE_CONTACTS) else {}
    found = []
    for row in known:
        named, spelled = names.get(row["number"]), spelled_number(row["number"], viewer.country)
        found.append(_row(named.name, row, spelled) if named else _row(spelled, row))
    return found


def _agent(row: dict[str, Any]) -> dict[str, Any]:
    return _row(row["name"] or row["agent"] or _("Not known"), row, span(row["total_s"]))
