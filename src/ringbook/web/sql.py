"""Answers to statements for a viewer: asked on the record, and in the forms that pages and API give."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from ringbook.analyse.door.answer import ROWS, TIME_S, Answer, answer, plain
from ringbook.desk.governance import audit
from ringbook.desk.wiring import ledger
from ringbook.model.errors import AskError
from ringbook.web.pages.jobs.cells import harmless
from ringbook.web.viewer import Viewer

ARROW_TYPE = "application/vnd.apache.arrow.stream"
PARQUET_TYPE = "application/vnd.apache.parquet"
CSV_TYPE = "text/csv; charset=utf-8"


def asked(viewer: Viewer, text: str, *, rows: int = ROWS, time_s: float = TIME_S) -> Answer:
    """The answer to a statement; that it was asked, and what it came to, is on record.

    :raises SqlError: it is not taken, or cannot be computed within its bounds.
    """
    try:
        found = answer(ledger(), viewer.scope, text, rows=rows, time_s=time_s)
    except AskError as error:
        audit.record(viewer.actor, "sql:refused", "", statement=text[:2_000], why=str(error))
        raise
    audit.record(viewer.actor, "sql:asked", "", statement=text[:20_000], rows=found.table.num_rows)
    return found


def arrow_of(found: Answer) -> bytes:
    """The rows as a stream of Arrow."""
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, found.table.schema) as stream:
        stream.write_table(found.table)
    return sink.getvalue()


def parquet_of(found: Answer) -> bytes:
    """The rows as a Parquet file."""
    sink = io.BytesIO()
    pq.write_table(found.table, sink, compression="zstd")
    return sink.getvalue()


def csv_of(found: Answer) -> Iterator[str]:
    """The rows as lines of CSV, harmless to spreadsheets: what would be a formula there is told as text."""
    sink = io.StringIO()
    lines = csv.writer(sink)
    lines.writerow([harmless(name) for name in found.table.column_names])
    for batch in found.table.to_batches(max_chunksize=1_000):
        lines.writerows([[_cell(value) for value in row.values()] for row in batch.to_pylist()])
        yield sink.getvalue()
        sink.seek(0)
        sink.truncate()
    yield sink.getvalue()


def _cell(value: object) -> str:
    return "" if value is None else harmless(str(plain(value)))


def columns_of(found: Answer) -> list[dict[str, str]]:
    """Names and types of the columns."""
    return [{"name": field.name, "type": str(field.type)} for field in found.table.schema]
