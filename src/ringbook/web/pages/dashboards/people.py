"""The people on their dashboard: each one's measures beside the spread of all, in the order of their names rather than ranked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET

from ringbook.analyse.answer import SMALL
from ringbook.analyse.definition import Kind
from ringbook.analyse.errors import FigureError
from ringbook.analyse.peers import People, Person, Spread
from ringbook.desk.insight import figures
from ringbook.desk.insight.words import said
from ringbook.desk.people.roles import Right
from ringbook.search.errors import QuestionError
from ringbook.web.guard import needs
from ringbook.web.pages.dashboards.asking import Asked, asked_of
from ringbook.web.pages.dashboards.values import Parts, shown
from ringbook.web.templatetags.calls import calls_url
from ringbook.web.viewer import Asking, Viewer

STRIP = 64
"""How wide the strip under a value is drawn; 3 at each end are for the mark itself."""

_END = 3


class Measure(msgspec.Struct, frozen=True):
    """Something that people are told of: the name of its value, what it is, and the name of how many calls it rests on."""

    name: str
    label: Any
    kind: Kind
    of: str = ""


MEASURES = (
    Measure("handled", gettext_lazy("Handled"), Kind.COUNT),
    Measure("mean_talk_s", gettext_lazy("Talk, mean"), Kind.SECONDS),
    Measure("mean_hold_s", gettext_lazy("Hold, mean"), Kind.SECONDS),
    Measure("transfer_share", gettext_lazy("Transferred"), Kind.SHARE),
    Measure("not_taken_share", gettext_lazy("Rings not taken"), Kind.SHARE),
    Measure("paused_s", gettext_lazy("Paused"), Kind.SECONDS),
    Measure("wrap_up_s", gettext_lazy("Wrap-up"), Kind.SECONDS),
    Measure("occupancy", gettext_lazy("Busy while logged in"), Kind.SHARE),
    Measure("not_again_share", gettext_lazy("Did not ring again"), Kind.SHARE, "not_again_calls"),
    Measure("resolved_share", gettext_lazy("Resolved"), Kind.SHARE, "resolved_calls"),
    Measure("satisfied_share", gettext_lazy("Satisfied"), Kind.SHARE, "satisfied_calls"),
)


@require_GET
@needs(Right.SEE_OVERVIEW)
def spread(request: Asking) -> HttpResponse:
    """The table of the people, for the dashboard to take in."""
    viewer, asked = request.viewer, asked_of(request.GET)
    return render(request, "dashboards/_people.html", people_of(viewer, asked))


def people_of(viewer: Viewer, asked: Asked) -> dict[str, Any]:
    """What the table is drawn from, or why it cannot be."""
    try:
        found = figures.people(
            viewer.scope,
            asked.q,
            period=asked.days,
            zone=viewer.zone_name,
            now=viewer.now,
            me=viewer.handle,
        )
    except (FigureError, QuestionError) as error:
        return {"problem": str(error)}
    told = [one for one in MEASURES if _tells(found, one)]
    named = Parts(viewer, "agent", [one.agent for one in found.rows])
    rows = [
        _row(viewer, asked, found, one, named, told)
        for one in found.rows
        if not asked.who or one.agent == asked.who
    ]
    return {
        "rows": sorted(rows, key=lambda row: str(row["name"]).casefold()),
        "measures": [one.label for one in told],
        "spread": [_told(viewer, found.spread.get(one.name), one) for one in told],
        "peers": max((one.people for one in found.spread.values() if one), default=0),
        "own": found.own,
        "notes": [said(note) for note in found.notes],
        "strip": STRIP,
    }


def _tells(found: People, measure: Measure) -> bool:
    """Whether anything is known of it; the number of calls always is."""
    return measure.name == "handled" or any(getattr(one, measure.name) is not None for one in found.rows)


def _row(
    viewer: Viewer, asked: Asked, found: People, one: Person, named: Parts, told: Sequence[Measure]
) -> dict[str, Any]:
    here = named.of(one.agent)
    called = one.name or _("Not known")
    return {
        "name": here if here != one.agent else f"{called} ({one.agent})" if one.agent != called else called,
        "narrow_url": "" if found.own or asked.who else f"?{asked.address(who=one.agent)}",
        "small": one.small_sample,
        "cells": [
            {
                "word": measure.label,
                "url": calls_url(one.calls_query) if measure.name == "handled" and one.calls_query else "",
                "text": shown(measure.kind, getattr(one, measure.name), viewer),
                "few": _few(one, measure),
                "mark": _mark(found, measure, getattr(one, measure.name)),
            }
            for measure in told
        ],
    }


def _few(one: Person, measure: Measure) -> str:
    """Of how few calls a value is, where the person's calls altogether do not say so."""
    calls = getattr(one, measure.of) if measure.of else 0
    if not 0 < calls < SMALL:
        return ""
    return ngettext("of %(n)d call", "of %(n)d calls", calls) % {"n": calls}


def _mark(found: People, measure: Measure, value: float | None) -> dict[str, Any] | None:
    """Where a value lies in the spread, to scale; None where there is no spread, or no value."""
    peers = found.spread.get(measure.name)
    if value is None or peers is None:
        return None
    known = [getattr(one, measure.name) for one in found.rows]
    values = [one for one in known if one is not None] + [peers.lowest_quarter, peers.highest_quarter]
    least, most = min(values), max(values)

    def at(place: float) -> float:
        share = (place - least) / (most - least) if most > least else 0.5
        return round(_END + share * (STRIP - 2 * _END), 1)

    low, high = at(peers.lowest_quarter), at(peers.highest_quarter)
    return {
        "low": low,
        "width": max(round(high - low, 1), 1.0),
        "median": at(peers.median),
        "own": at(value),
        "word": _where(peers, value),
    }


def _where(peers: Spread, value: float) -> str:
    if value < peers.lowest_quarter:
        return _("less than three quarters of the others")
    if value > peers.highest_quarter:
        return _("more than three quarters of the others")
    return _("in the middle half")


def _told(viewer: Viewer, peers: Spread | None, measure: Measure) -> dict[str, str]:
    if peers is None:
        return {"median": shown(measure.kind, None, viewer), "half": ""}
    low, high = (shown(measure.kind, one, viewer) for one in (peers.lowest_quarter, peers.highest_quarter))
    return {
        "median": shown(measure.kind, peers.median, viewer),
        "half": _("half: %(low)s to %(high)s") % {"low": low, "high": high},
    }
