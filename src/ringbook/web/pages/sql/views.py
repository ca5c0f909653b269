"""The page of the SQL door: what may be asked, an answer in a table, and the answer as a file."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from ringbook.analyse.door.answer import MOST_ROWS, ROWS, plain
from ringbook.analyse.door.views import VIEWS
from ringbook.desk.people.roles import Right
from ringbook.model.errors import AskError
from ringbook.web.guard import needs
from ringbook.web.sql import CSV_TYPE, PARQUET_TYPE, asked, columns_of, csv_of, parquet_of
from ringbook.web.viewer import Asking

SHOWN = 200
"""Rows of an answer that the page shows; files have all."""
EXAMPLES = (
    (
        gettext_lazy("Answered calls and talk by queue, last 30 days"),
        "SELECT queue, count() AS calls, countIf(outcome = 'answered') AS answered, round(avg(talk_s)) AS talk_s\n"
        "FROM calls\nWHERE started_at >= now() - INTERVAL 30 DAY AND queue != ''\nGROUP BY queue\nORDER BY calls DESC",
    ),
    (
        gettext_lazy("Who called most, with their names"),
        "SELECT c.from_number, any(n.name) AS name, count() AS calls\nFROM calls AS c\n"
        "LEFT JOIN numbers AS n ON n.number = c.from_number\nWHERE c.direction = 'inbound' AND c.from_number != ''\n"
        "GROUP BY c.from_number\nORDER BY calls DESC\nLIMIT 20",
    ),
    (
        gettext_lazy("Waits by hour of the day"),
        "SELECT toHour(toTimeZone(started_at, 'Europe/Berlin')) AS hour, count() AS calls,\n"
        "       round(median(wait_s), 1) AS median_wait_s, round(quantile(0.9)(wait_s), 1) AS p90_wait_s\n"
        "FROM calls\nWHERE wait_s IS NOT NULL\nGROUP BY hour\nORDER BY hour",
    ),
)


@needs(Right.QUERY_SQL)
def sql(request: Asking) -> HttpResponse:
    """The form, what there is to read, and examples."""
    views = [
        {
            "name": view.name,
            "says": _(view.says),
            "columns": [{"name": one.name, "says": _(one.says), "type": one.type} for one in view.columns],
        }
        for view in VIEWS.values()
    ]
    told = {
        "views": views,
        "examples": [{"label": label, "statement": statement} for label, statement in EXAMPLES],
        "masked": request.viewer.scope.masked,
        "restricted": request.viewer.scope.restricted,
    }
    return render(request, "sql/sql.html", told)


@needs(Right.QUERY_SQL)
@require_POST
def answer(request: Asking) -> HttpResponse:
    """The answer to a statement as a table, or what is wrong with the statement."""
    try:
        found = asked(request.viewer, request.POST.get("statement", ""), rows=ROWS)
    except AskError as error:
        return render(request, "sql/_answer.html", {"problem": str(error)}, status=422)
    shown = found.table.slice(0, SHOWN).to_pylist()
    told: dict[str, Any] = {
        "columns": columns_of(found),
        "rows": [[plain(value) for value in row.values()] for row in shown],
        "total": found.table.num_rows,
        "shown": len(shown),
        "cut": found.cut,
    }
    return render(request, "sql/_answer.html", told)


@needs(Right.QUERY_SQL, Right.EXPORT_CALLS)
@require_POST
def file(request: Asking) -> HttpResponseBase:
    """The answer to a statement as a file: CSV or Parquet."""
    try:
        found = asked(request.viewer, request.POST.get("statement", ""), rows=MOST_ROWS)
    except AskError as error:
        return HttpResponse(str(error), status=422, content_type="text/plain; charset=utf-8")
    if request.POST.get("format") == "parquet":
        response: HttpResponseBase = HttpResponse(parquet_of(found), content_type=PARQUET_TYPE)
        name = "answer.parquet"
    else:
        response = StreamingHttpResponse(csv_of(found), content_type=CSV_TYPE)
        name = "answer.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
