"""Files of calls: CSV, XLSX, JSON Lines and Parquet, written a chunk at a time so that memory does not grow with them."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from ringbook.web.pages.jobs.cells import COLUMNS, NUMBERS, PARQUET, TIMES, harmless, row, typed

Shapes: TypeAlias = Iterable[Sequence[dict[str, Any]]]
"""Shapes of calls, a chunk at a time."""


class Format(msgspec.Struct, frozen=True):
    """A kind of file: what it is called, and what writes it."""

    name: str
    label: str
    extension: str
    content_type: str
    write: Callable[[Path, Shapes, Writing], None]


class Writing(msgspec.Struct, frozen=True):
    """How a file is written: with a mark of UTF-8 before CSV, and with the times of a zone in XLSX."""

    bom: bool = False
    zone: str = "UTC"


def _csv(place: Path, chunks: Shapes, how: Writing) -> None:
    with place.open("w", encoding="utf-8-sig" if how.bom else "utf-8", newline="") as sink:
        lines = csv.writer(sink)
        lines.writerow(COLUMNS)
        for chunk in chunks:
            lines.writerows([[harmless(told[name]) for name in COLUMNS] for told in map(row, chunk)])


def _jsonl(place: Path, chunks: Shapes, how: Writing) -> None:  # noqa: ARG001 - as all formats
    encoder = msgspec.json.Encoder()
    with place.open("wb") as sink:
        for chunk in chunks:
            sink.write(encoder.encode_lines(chunk))


def _parquet(place: Path, chunks: Shapes, how: Writing) -> None:  # noqa: ARG001 - as all formats
    with pq.ParquetWriter(place, PARQUET, compression="zstd") as sink:
        for group in _grouped(chunks, ROW_GROUP):
            sink.write_table(pa.Table.from_pylist(group, schema=PARQUET))


ROW_GROUP = 10_000
"""Rows of one group in a Parquet file: as many as memory is spent on."""


def _grouped(chunks: Shapes, size: int) -> Iterator[list[dict[str, Any]]]:
    group: list[dict[str, Any]] = []
    for chunk in chunks:
        group += [typed(row(shape)) for shape in chunk]
        if len(group) >= size:
            yield group
            group = []
    if group:
        yield group


SHEET_ROWS = 1_048_575
"""Rows of one sheet below its heading: what XLSX allows."""

_BOOK = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": "yyyy-mm-dd hh:mm:ss",
}


def _xlsx(place: Path, chunks: Shapes, how: Writing) -> None:
    zone = ZoneInfo(how.zone)
    with xlsxwriter.Workbook(place, {**_BOOK, "tmpdir": str(place.parent)}) as book:
        sheet, at = None, SHEET_ROWS
        for chunk in chunks:
            for shape in chunk:
                if at >= SHEET_ROWS:
                    sheet, at = _sheet(book, how.zone), 0
                at += 1
                _xlsx_row(sheet, at, row(shape), zone)
        if sheet is None:
            _sheet(book, how.zone)


def _sheet(book: Any, zone: str) -> Any:
    """A new sheet with its heading; times say whose they are."""
    number = len(book.worksheets()) + 1
    sheet = book.add_worksheet("Calls" if number == 1 else f"Calls {number}")
    bold = book.add_format({"bold": True})
    for at, name in enumerate(COLUMNS):
        sheet.set_column(at, at, 20 if name in TIMES else 14)
        sheet.write_string(0, at, f"{name} ({zone})" if name in TIMES else name, bold)
    sheet.freeze_panes(1, 0)
    return sheet


def _xlsx_row(sheet: Any, at: int, told: dict[str, str], zone: ZoneInfo) -> None:
    for column, name in enumerate(COLUMNS):
        text = told[name]
        if not text:
            continue
        if name in TIMES:
            sheet.write_datetime(
                at, column, datetime.fromisoformat(text).astimezone(zone).replace(tzinfo=None)
            )
        elif name in NUMBERS:
            sheet.write_number(at, column, float(text))
        else:
            sheet.write_string(at, column, text[:_CELL])


_CELL = 32_767
"""Characters that a cell of XLSX holds."""

FORMATS: dict[str, Format] = {
    form.name: form
    for form in (
        Format("csv", "CSV", "csv", "text/csv; charset=utf-8", _csv),
        Format(
            "xlsx",
            "Excel",
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            _xlsx,
        ),
        Format("jsonl", "JSON Lines", "jsonl", "application/jsonl", _jsonl),
        Format("parquet", "Parquet", "parquet", "application/vnd.apache.parquet", _parquet),
    )
}
"""All formats by name."""
