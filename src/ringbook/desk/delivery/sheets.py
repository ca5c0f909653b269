"""A report as XLSX: a sheet for each figure with numbers that can be computed with, and one that says what they are."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter
from django.utils.translation import gettext as _

from ringbook.analyse.answer import Answer
from ringbook.analyse.definition import Column, Kind
from ringbook.desk.delivery import wording
from ringbook.desk.delivery.content import Content, Figure
from ringbook.desk.delivery.paper import lead
from ringbook.desk.insight.words import dimension_word

_BOOK = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": "yyyy-mm-dd hh:mm:ss",
}
_FORMS = {Kind.SHARE: "0.0%", Kind.SECONDS: "[h]:mm:ss", Kind.COUNT: "#,##0", Kind.NUMBER: "#,##0.00"}
_DAY_S = 86_400
_LONGEST_NAME = 31
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")


def xlsx(content: Content) -> bytes:
    """The report as a workbook."""
    sink = io.BytesIO()
    with xlsxwriter.Workbook(sink, _BOOK) as book:
        book.set_properties(
            {"title": content.title, "company": content.organisation, "created": datetime.now(UTC)}
        )
        forms = {kind: book.add_format({"num_format": form}) for kind, form in _FORMS.items()}
        forms[Kind.INSTANT] = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        bold = book.add_format({"bold": True})
        names = _names(content)
        _about(book.add_worksheet(names[0]), content, bold)
        for name, one in zip(names[1:], content.figures, strict=True):
            _sheet(book.add_worksheet(name), one, content.zone, forms, bold)
    return sink.getvalue()


def _names(content: Content) -> list[str]:
    """A name for each sheet, none twice and none that XLSX refuses."""
    taken: list[str] = []
    for wish in (_("About"), *(one.title for one in content.figures)):
        plain = _FORBIDDEN.sub(" ", wish).strip().strip("'")[:_LONGEST_NAME] or "?"
        name, number = plain, 1
        while name.casefold() in {other.casefold() for other in taken}:
            number += 1
            mark = f" {number}"
            name = plain[: _LONGEST_NAME - len(mark)] + mark
        taken.append(name)
    return taken


def _about(sheet: Any, content: Content, bold: Any) -> None:
    """What the report is, and the definition of each of its figures."""
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 110)
    sheet.write_string(0, 0, content.title, bold)
    at = 1
    for line in (content.days, *lead(content), *content.intro.splitlines()):
        sheet.write_string(at, 0, line)
        at += 1
    for one in content.figures:
        at += 1
        sheet.write_string(at, 0, one.title, bold)
        sheet.write_string(at, 1, one.value)
        for line in [one.problem] if one.problem else [line for line in (one.small, *one.definition) if line]:
            at += 1
            sheet.write_string(at, 1, line)
        at += 1


def _sheet(sheet: Any, one: Figure, zone: str, forms: dict[Kind, Any], bold: Any) -> None:
    answer = one.answer
    if answer is None:
        sheet.write_string(0, 0, one.problem)
        return
    if answer.figure == "heat-map":
        _heat(sheet, answer, bold)
        return
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, len(answer.columns) + 1, 15)
    heads = [dimension_word(answer.by) if answer.by else "", *one.heads]
    heads += [_("Before"), _("Few calls")] if one.before else [_("Few calls")]
    for at, head in enumerate(heads):
        sheet.write_string(0, at, head, bold)
    sheet.freeze_panes(1, 1)
    others = _others(one)
    rows = [*answer.rows, answer.total] if answer.by else [answer.total]
    for at, row in enumerate(rows, start=1):
        whole = row is answer.total
        label = _("All") if whole else wording.part(str(row[answer.by or ""]), answer.by or "", zone)
        sheet.write_string(at, 0, label)
        for place, column in enumerate(answer.columns, start=1):
            _cell(sheet, at, place, row.get(column.name), column, zone, forms)
        place = len(answer.columns) + 1
        if one.before is not None:
            _cell(sheet, at, place, others[at - 1], _headline(answer), zone, forms)
            place += 1
        if row.get("small_sample"):
            sheet.write_string(at, place, _("yes"))


def _others(one: Figure) -> list[Any]:
    """The headline in the time before for each row, and for the whole."""
    if one.comparison is None or one.answer is None:
        return []
    name = one.answer.headline
    mine = [pair for pair in one.comparison.rows if pair.this is not None] if one.answer.by else []
    return [
        *(pair.other.get(name) if pair.other else None for pair in mine),
        one.comparison.other.total.get(name),
    ]


def _headline(answer: Answer) -> Column:
    return next(column for column in answer.columns if column.name == answer.headline)


def _cell(
    sheet: Any, at: int, place: int, told: Any, column: Column, zone: str, forms: dict[Kind, Any]
) -> None:
    """A number as a number; what is not known stays empty."""
    if told is None:
        return
    match column.kind:
        case Kind.TEXT:
            sheet.write_string(at, place, str(told))
        case Kind.INSTANT:
            local = datetime.fromisoformat(told).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
            sheet.write_datetime(at, place, local, forms[Kind.INSTANT])
        case Kind.SECONDS:
            sheet.write_number(at, place, told / _DAY_S, forms[Kind.SECONDS])
        case _:
            sheet.write_number(at, place, told, forms[column.kind])


def _heat(sheet: Any, answer: Answer, bold: Any) -> None:
    """Weekdays down, hours across."""
    for hour in range(24):
        sheet.write_string(0, hour + 1, f"{hour:02}", bold)
    lines: dict[str, int] = {}
    for row in answer.rows:
        line = lines.setdefault(row["weekday"], len(lines) + 1)
        if row["hour"] == 0:
            sheet.write_string(line, 0, wording.part(row["weekday"], "weekday", answer.zone), bold)
        sheet.write_number(line, row["hour"] + 1, row["calls"])
