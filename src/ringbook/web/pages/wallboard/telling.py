"""What stands on the wallboard: figures of today so far and of the last hour, and how fresh the records are."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from ringbook.analyse.answer import Answer
from ringbook.analyse.definition import Kind
from ringbook.desk.insight import figures
from ringbook.desk.insight.words import said
from ringbook.desk.organisation.models import organisation
from ringbook.desk.wiring import operations
from ringbook.model.instant import SECOND, from_datetime, to_datetime
from ringbook.web.pages.dashboards.drawing import definition
from ringbook.web.pages.dashboards.values import Parts, shown
from ringbook.web.viewer import Viewer

MOST_AGENTS = 8
MOST_QUEUES = 6

STALE_S = 600
"""A wallboard says so when no source has brought a record for this long."""

_LOST = "direction:inbound outcome:missed,abandoned,voicemail"
_HOURS = 24
_TALL = 100


def board(viewer: Viewer, query: str) -> dict[str, Any]:
    """All of it, for the calls that answer a question. Raises FigureError and QuestionError."""
    asked = _Asking(viewer, query)
    level = asked.today("service-level")
    abandonment = asked.today("abandonment")
    callbacks = asked.today("callbacks")
    local = to_datetime(viewer.now).astimezone(viewer.zone)
    return {
        "house": organisation(viewer.scope.tenant).name,
        "query": query,
        "day": date_format(local, pgettext("form of a date", "l, j F")),
        "clock": f"{local:%H:%M}",
        "zone": viewer.zone_name,
        "level": asked.tile(_("Service level today"), level, "service_level"),
        "level_share": level.total["service_level"],
        "level_formula": said(level.formula),
        "tiles": [
            asked.tile(_("Calls today"), asked.today("calls"), "calls"),
            asked.tile(_("Answered"), asked.today("answered-rate"), "rate"),
            asked.tile(_("Gave up in a queue"), abandonment, "abandoned"),
            asked.tile(_("Average wait, answered"), asked.today("asa"), "mean_s"),
            asked.tile(_("Longest wait today"), asked.today("longest-wait"), "longest_s"),
            asked.to_call_back(callbacks),
        ],
        "hour": [
            asked.tile(_("Calls"), asked.last_hour("calls"), "calls"),
            asked.tile(_("Missed"), asked.last_hour("calls", _LOST), "calls"),
            asked.tile(_("Service level"), asked.last_hour("service-level"), "service_level"),
            asked.tile(_("Longest wait"), asked.last_hour("longest-wait"), "longest_s"),
        ],
        "agents": asked.agents(),
        "queues": asked.queues(),
        "bars": _bars(asked.today("calls", by="clock"), local.hour),
        "definitions": [
            {"title": title, "of": definition(viewer, answer)}
            for title, answer in (
                (_("Service level"), level),
                (_("Gave up in a queue"), abandonment),
                (_("To call back"), callbacks),
            )
        ],
        "freshness": freshness(viewer),
    }


class _Asking:
    """Asks figures of today and of the last hour."""

    def __init__(self, viewer: Viewer, query: str) -> None:
        self._viewer = viewer
        self._query = query

    def today(self, name: str, more: str = "", by: str | None = None) -> Answer:
        """A figure of today so far."""
        return self._figure(name, more, by, "today")

    def last_hour(self, name: str, more: str = "") -> Answer:
        """A figure of the last sixty minutes."""
        return self._figure(name, f"{more} last:60m".strip(), None, "")

    def _figure(self, name: str, more: str, by: str | None, period: str) -> Answer:
        viewer = self._viewer
        question = " ".join(
            part for part in (f"({self._query})" if self._query and more else self._query, more) if part
        )
        return figures.figure(
            viewer.scope,
            name,
            question,
            by=by,
            period=period,
            zone=viewer.zone_name,
            now=viewer.now,
            me=viewer.handle,
        )

    def tile(self, label: str, answer: Answer, column: str) -> dict[str, Any]:
        """One value with its name."""
        kind = next(one.kind for one in answer.columns if one.name == column)
        value = answer.total.get(column)
        note = ""
        if value is not None and answer.small_sample and answer.sample:
            note = ngettext("of %(n)d call", "of %(n)d calls", answer.sample) % {"n": answer.sample}
        return {"label": label, "value": shown(kind, value, self._viewer), "note": note}

    def to_call_back(self, answer: Answer) -> dict[str, Any]:
        """How many missed calls nobody has returned yet."""
        waiting = answer.total["not_returned"] + answer.total["open"]
        return {
            "label": _("Missed, to call back"),
            "value": shown(Kind.COUNT, waiting, self._viewer),
            "note": "",
            "tone": "bad" if waiting else "",
        }

    def agents(self) -> dict[str, Any]:
        """Who talked today, those with most calls first."""
        found = self.today("agents")
        named = Parts(self._viewer, "agent", [str(row["agent"]) for row in found.rows])
        names = Counter(row["name"] for row in found.rows)
        return {
            "count": len([row for row in found.rows if row["calls"]]),
            "rows": [
                {
                    "name": _name(row, named, alone=names[row["name"]] == 1),
                    "calls": shown(Kind.COUNT, row["calls"], self._viewer),
                    "talk": shown(Kind.SECONDS, row["total_s"], self._viewer),
                }
                for row in found.rows[:MOST_AGENTS]
            ],
        }

    def queues(self) -> list[dict[str, Any]]:
        """The queues with most calls today: how many, in time, gave up."""
        levels = self.today("service-level", by="queue")
        lost = {row["queue"]: row for row in self.today("abandonment", by="queue").rows}
        named = Parts(self._viewer, "queue", [str(row["queue"]) for row in levels.rows])
        return [
            {
                "name": named.of(str(row["queue"])),
                "calls": shown(Kind.COUNT, row["calls"], self._viewer),
                "level": shown(Kind.SHARE, row["service_level"], self._viewer),
                "abandoned": shown(Kind.COUNT, lost.get(row["queue"], {}).get("abandoned"), self._viewer),
            }
            for row in levels.rows[:MOST_QUEUES]
        ]


def _name(row: dict[str, Any], named: Parts, *, alone: bool) -> str:
    """What an agent is called here, or else in the records; with the extension where several are called the same."""
    extension = str(row["agent"])
    here = named.of(extension)
    if here != extension or not row["name"]:
        return here
    return row["name"] if alone or extension == row["name"] else f"{row['name']} ({extension})"


def _bars(answer: Answer, hour: int) -> list[dict[str, Any]]:
    """The calls of each hour of today, to scale; hours to come have none."""
    found = {int(str(row["clock"])[:2]): row["calls"] for row in answer.rows}
    most = max(found.values(), default=0) or 1
    return [
        {
            "hour": f"{place:02}",
            "calls": found.get(place, 0) if place <= hour else None,
            "x": place * 10,
            "height": round(_TALL * found.get(place, 0) / most, 1),
            "y": round(_TALL - _TALL * found.get(place, 0) / most, 1),
            "now": place == hour,
        }
        for place in range(_HOURS)
    ]


def freshness(viewer: Viewer) -> dict[str, Any]:
    """When the last record came, whatever it was about, and whether that is so long ago that the figures may be old."""
    told = [
        from_datetime(datetime.fromisoformat(row["last_record_at"]))
        for row in operations().run("sources.status", {})
        if row["last_record_at"]
    ]
    last = max(told, default=None)
    return {
        "last": last,
        "stale": last is None or viewer.now - last > STALE_S * SECOND,
    }
