"""The SQL door for programs: a statement, and its rows as JSON, CSV or a stream of Arrow."""

from __future__ import annotations

import msgspec
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from ninja import Router

from ringbook.analyse.door.answer import SqlError, plain
from ringbook.desk.people.roles import Right
from ringbook.web.api import schemas_sql as schemas
from ringbook.web.api.operation import answered, operation
from ringbook.web.api.problems import Problem
from ringbook.web.sql import ARROW_TYPE, CSV_TYPE, arrow_of, asked, columns_of, csv_of
from ringbook.web.viewer import Asking

router = Router(tags=["figures"])


@operation(router, "POST", "/sql", Right.QUERY_SQL, answer=schemas.SqlAnswer)
def ask_sql(request: Asking, ask: schemas.SqlAsk) -> HttpResponseBase:
    """The rows that a SELECT over the documented views gives, within the calls that the asker sees.

    `Accept: application/vnd.apache.arrow.stream` gives a stream of Arrow, `text/csv` lines of CSV, anything else JSON.
    With the first two, the header `X-Cut: true` says that there are more rows than were asked for.
    """
    try:
        found = asked(request.viewer, ask.statement, rows=ask.rows, time_s=ask.time_s)
    except SqlError as error:
        raise Problem("query", str(error)) from None
    wish = request.headers.get("Accept", "")
    if ARROW_TYPE in wish:
        response = HttpResponse(arrow_of(found), content_type=ARROW_TYPE)
    elif "text/csv" in wish:
        response = HttpResponse("".join(csv_of(found)), content_type=CSV_TYPE)
    else:
        rows = [[_value(value) for value in row.values()] for row in found.table.to_pylist()]
        return answered({"columns": columns_of(found), "rows": rows, "cut": found.cut})
    response.headers["X-Cut"] = "true" if found.cut else "false"
    return response


def _value(value: object) -> object:
    """A value as JSON can say it: lists and maps as they are, times as text."""
    if isinstance(value, (list, dict)):
        return msgspec.to_builtins(value, str_keys=True)
    return plain(value)
