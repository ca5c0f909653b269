"""The coming weeks, half-hour by half-hour: the calls to be expected and the agents that they take, also as a file."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from typing import Any

import msgspec
import xlsxwriter
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from ringbook.analyse.roster import HalfHour, StaffingTable, Wanted
from ringbook.desk.dashboards.service import LONGEST_QUERY
from ringbook.desk.governance import audit
from ringbook.desk.insight import figures
from ringbook.desk.insight.words import said
from ringbook.desk.people.roles import Right
from ringbook.model.errors import AskError
from ringbook.web.guard import needs
from ringbook.web.pages.dashboards.staffing import SLIDERS, model_name, values_of
from ringbook.web.viewer import Asking, Viewer

WEEKS = (1, 2, 4, 8)
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
@needs(Right.SEE_OVERVIEW)
def weeks(request: Asking) -> HttpResponse:
    """The forecast and the agents of the coming weeks, for the page of staffing to take in."""
    try:
        table = _table(request)
    except AskError as error:
        return render(request, "dashboards/_weeks.html", {"problem": str(error)})
    return render(request, "dashboards/_weeks.html", _shown(request.viewer, table, request.GET.urlencode()))


@require_GET
@needs(Right.SEE_OVERVIEW, Right.EXPORT_CALLS)
def as_csv(request: Asking) -> HttpResponse:
    """The table as CSV, in columns with plain names."""
    table = _file(request, "csv")
    if isinstance(table, HttpResponse):
        return table
    text = io.StringIO()
    writer = csv.DictWriter(text, HalfHour.__struct_fields__, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(msgspec.structs.asdict(row) for row in table.rows)
    return _download(text.getvalue().encode(), "text/csv; charset=utf-8", "csv")


@require_GET
@needs(Right.SEE_OVERVIEW, Right.EXPORT_CALLS)
def as_xlsx(request: Asking) -> HttpResponse:
    """The table as a workbook, with a sheet that says what it was reckoned from."""
    table = _file(request, "xlsx")
    if isinstance(table, HttpResponse):
        return table
    data = io.BytesIO()
    # What people wrote is text, whatever it begins with.
    with xlsxwriter.Workbook(
        data, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        sheet = book.add_worksheet(_("Staffing")[:31])
        bold = book.add_format({"bold": True})
        sheet.write_row(0, 0, HalfHour.__struct_fields__, bold)
        for place, row in enumerate(table.rows, 1):
            sheet.write_row(place, 0, msgspec.structs.astuple(row))
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, 0, 18)
        about = book.add_worksheet(_("Definition")[:31])
        for place, line in enumerate(_definition(table)):
            about.write_row(place, 0, line)
        about.set_column(0, 0, 40)
    return _download(data.getvalue(), _XLSX, "xlsx")


def _definition(table: StaffingTable) -> list[tuple[str, ...]]:
    """What the table was reckoned from: the service wanted, the model, the forecast and its error."""
    wanted, told = table.wanted, table.forecast
    values = {
        "aht": None if table.aht_s is None else f"{table.aht_s:g} s ({said(table.aht_from)})",
        "target": f"{wanted.target_share:.0%}",
        "within": f"{wanted.within_s:g} s",
        "shrinkage": f"{wanted.shrinkage_share:.0%}",
        "occupancy": None if wanted.max_occupancy_share is None else f"{wanted.max_occupancy_share:.0%}",
        "patience": None if wanted.patience_s is None else f"{wanted.patience_s:g} s",
    }
    lines: list[tuple[str, ...]] = [
        (_("Formula"), model_name(table.model)),
        *((str(one.label), values[one.name] or "–") for one in SLIDERS if one.name in values),
        (_("Question"), told.query),
        (_("Time zone"), told.zone),
        (_("Forecast"), " – ".join(day for day in told.history if day)),
    ]
    return lines + [(said(text),) for text in dict.fromkeys((told.error_text, *table.notes)) if text]


def _table(request: Asking) -> StaffingTable:
    viewer, values = request.viewer, values_of(request.GET.dict())
    told = request.GET.get("weeks", "")
    own_aht = request.GET.get("own_aht") == "1"
    wanted = Wanted(
        target_share=values["target"] / 100,
        within_s=values["within"],
        aht_s=values["aht"] if own_aht else None,
        patience_s=values["patience"] or None,
        shrinkage_share=values["shrinkage"] / 100,
        max_occupancy_share=values["occupancy"] / 100 if values["occupancy"] < 100 else None,
    )
    return figures.staffing(
        viewer.scope,
        request.GET.get("q", "").strip()[:LONGEST_QUERY] or "has:queue",
        wanted,
        weeks=int(told) if told.isdecimal() and int(told) in WEEKS else 1,
        zone=viewer.zone_name,
        now=viewer.now,
        me=viewer.handle,
    )


def _file(request: Asking, form: str) -> StaffingTable | HttpResponse:
    try:
        table = _table(request)
    except AskError as error:
        return HttpResponse(str(error), status=422, content_type="text/plain; charset=utf-8")
    audit.record(request.viewer.actor, "staffing:exported", form, query=request.GET.get("q", ""))
    return table


def _download(data: bytes, kind: str, form: str) -> HttpResponse:
    answer = HttpResponse(data, content_type=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="staffing.{form}"'
    return answer


def _shown(viewer: Viewer, table: StaffingTable, asked: str) -> dict[str, Any]:
    told = table.forecast
    rows = [_row(viewer, row) for row in table.rows if row.calls >= _SEEN or row.agents]
    return {
        "rows": rows,
        "needed": said(told.needed),
        "notes": [said(note) for note in dict.fromkeys((*told.notes, *table.notes))],
        "error_text": said(told.error_text),
        "method": told.method,
        "aht_s": table.aht_s,
        "aht_from": said(table.aht_from),
        "asked": asked,
        "logged": any(row.logged_in is not None for row in table.rows),
        "may_export": viewer.may(Right.EXPORT_CALLS),
        "chart_json": json.dumps(_chart(viewer, table), ensure_ascii=False),
    }


_SEEN = 0.05
"""Half-hours with fewer calls to be expected are not shown; a file has them."""


def _row(viewer: Viewer, row: HalfHour) -> dict[str, Any]:
    local = datetime.fromisoformat(row.at).astimezone(viewer.zone)
    there = row.logged_in
    return {
        "day": date_format(local, pgettext("form of a date", "D j M")),
        "time": f"{local:%H:%M}",
        "calls": _tenths(row.calls),
        "between": _("%(low)s to %(high)s") % {"low": _tenths(row.low), "high": _tenths(row.high)},
        "agents": "–" if row.agents is None else row.agents,
        "scheduled": "–" if row.scheduled is None else row.scheduled,
        "level": "–" if row.service_level is None else f"{_tenths(row.service_level * 100)} %",
        "busy": "–" if row.occupancy is None else f"{_tenths(row.occupancy * 100)} %",
        "logged_in": "–" if there is None else _tenths(there),
        "short": there is not None and row.agents is not None and there < row.agents,
    }


def _chart(viewer: Viewer, table: StaffingTable) -> dict[str, Any]:
    rows = []
    for one in table.forecast.hours:
        local = datetime.fromisoformat(one.at).astimezone(viewer.zone)
        rows.append(
            {
                "label": f"{date_format(local, pgettext('form of a date', 'D j M'))} {local:%H:%M}",
                "value": round(one.calls, 2),
                "low": round(one.low, 2),
                "high": round(one.high, 2),
            }
        )
    return {
        "kind": "band",
        "unit": "number",
        "value": _("Calls"),
        "by": _("Hour"),
        "rows": rows,
        "words": {"low": _("At least, in 4 of 5 cases"), "high": _("At most, in 4 of 5 cases")},
    }


def _tenths(value: float) -> str:
    return number_format(round(value, 1), 1)
