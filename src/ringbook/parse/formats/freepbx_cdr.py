"""Asterisk CDRs as FreePBX's table ``asteriskcdrdb.cdr`` gives them: its CSV export, and dumps of the table.

The first line names the columns, in any order, separated by comma, semicolon or tab; a file that begins with the date is read by
the table's own order. There are no columns for answer and end: both follow from calldate, duration and billsec, when calls
are made of them. Dates may be year-month-day or, out of a spreadsheet, day/month/year; lines may end with a comma too many, and
with a bare CR. Of an SQL dump (``INSERT INTO cdr VALUES (…),(…);``) the rows are read whether each stands on its own line or many
on one.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from functools import lru_cache

import msgspec

from ringbook.model.statement import Path
from ringbook.parse.format import (
    About,
    Clock,
    Framer,
    Noise,
    Parsed,
    Piece,
    Reasons,
    Rejected,
    Stated,
    Stream,
    Transport,
    without_settings,
)
from ringbook.parse.formats._asterisk_cdr import (
    BadFieldError,
    Layout,
    bid,
    fields_of,
    layout,
    parsed,
    path,
    text_of,
    words,
)
from ringbook.parse.formats.asterisk_cdr_csv import FACTS
from ringbook.parse.framing import CsvFramer

_TABLE = words(
    "calldate clid src dst dcontext channel dstchannel lastapp lastdata duration billsec disposition amaflags accountcode "
    "uniqueid userfield did recordingfile cnum cnam outbound_cnum outbound_cnam dst_cnam linkedid peeraccount sequence"
)
_NAMES = {"calldate": "start", "start_time": "start", "call date": "start", "recording": "recordingfile"}
_CLASSIC = 16
"""Columns of the table before FreePBX added its own."""


class FreepbxCdr:
    """FreePBX CDR export."""

    about = About(
        slug="freepbx_cdr",
        vendor="Sangoma",
        product="FreePBX",
        versions="FreePBX 2.11 to 17, Asterisk cdr_mysql and cdr_adaptive_odbc tables",
        reference="https://sangomakb.atlassian.net/wiki/spaces/PG/pages/26935416/CDR+Reports",
        transports=(Transport.FILE,),
        clock=Clock.LOCAL,
        facts=FACTS | {"recordings"},
        keys="linkedid and uniqueid, shared with CEL and queue_log; without linkedid also the names of the channels",
        connect=(
            "# Reports → CDR Reports → CSV file; or the table itself:\n"
            'mysql --batch asteriskcdrdb -e "select * from cdr" > cdr.tsv\n'
        ),
    )

    def configure(self, settings: Mapping[str, str]) -> Stream:
        """The format itself; it has no settings."""
        without_settings(self.about.slug, settings)
        return self

    def sniff(self, head: bytes, name: str) -> float:  # noqa: ARG002
        """How surely a file begins with this table's header or rows."""
        return bid(self.framer(), self.parse, head)

    def framer(self, context: bytes = b"") -> Framer:
        """One record a piece, each with the header as its context."""
        return CsvFramer(context, starts=_starts, header=_is_header)

    def parse(self, piece: Piece) -> Parsed:
        """The path that the record tells."""
        if not piece.flaw and _is_header(piece.data):
            return Noise("header")
        if not piece.flaw and not piece.data.strip(b"\r\n \t,;"):
            return Noise("blank line")
        if not piece.flaw and _SQL(piece.data):
            return Noise("SQL")
        match = None if piece.flaw else _INSERT(piece.data)
        if match is not None:
            return _inserted(piece, match)
        return parsed(_read, piece)


def _inserted(piece: Piece, match: re.Match[bytes]) -> Parsed:
    """All rows of one INSERT. A row that cannot be read makes the whole line a reject: its bytes are one frame."""
    if b"cdr" not in match["table"].lower():
        return Noise("rows of another table")
    try:
        text = text_of(piece)
        names = _columns(match["columns"])
        values = text[text.lower().index("values") + len("values") :]
        rest = _TUPLE.sub("", values).strip("\r\n ,;")
        if rest:
            raise BadFieldError(Reasons.TRUNCATED, f"what is no whole row: {rest[:80]}")
        found = [_row_of(row[0], at, names) for at, row in enumerate(_TUPLE.finditer(values))]
    except BadFieldError as error:
        return Rejected(error.reason, str(error)[:200])
    return Stated(tuple(found)) if found else Rejected(Reasons.TRUNCATED, "an INSERT without a whole row")


def _columns(listed: bytes | None) -> list[str]:
    names = (listed or b"").decode("latin-1").replace("`", "").lower().split(",")
    return [_NAMES.get(name.strip(), name.strip()) for name in names if name.strip()]


def _row_of(text: str, at: int, names: list[str]) -> Path:
    """The path of one row of an INSERT; rows without an identity of their own are told apart by their place in the line."""
    row = _sql_values(text)
    if names and len(row) != len(names):
        raise BadFieldError(Reasons.COLUMNS, f"{len(row)} values for {len(names)} columns")
    told = path(row, layout(names) if names else _bare_layout(len(row)))
    return told if told.identity else msgspec.structs.replace(told, order=at)


def _read(piece: Piece) -> Path:
    text = text_of(piece)
    if text.lstrip().startswith("("):
        row = _sql_values(text)
        return path(row, _bare_layout(len(row)))
    if not piece.context:
        delimiter = _delimiter(text)
        row = fields_of(text, delimiter)
        return path(row, _bare_layout(len(row)))
    columns, count, delimiter = _header(piece.context)
    row = _fields(text, delimiter)
    if len(row) == count + 1 and not row[-1]:
        row.pop()  # a comma too many at the end of every row
    if len(row) != count:
        raise BadFieldError(Reasons.COLUMNS, f"{len(row)} fields; the header names {count}")
    return path([_plain(value) for value in row], columns)


def _fields(text: str, delimiter: str) -> list[str]:
    """The fields of a row; ``mysql --batch`` separates by tabs and quotes nothing."""
    try:
        return fields_of(text, delimiter)
    except BadFieldError:
        if delimiter != "\t":
            raise
        return text.split("\t")


@lru_cache(maxsize=8)
def _header(line: bytes) -> tuple[Layout, int, str]:
    text = line.decode("utf-8-sig", "replace").rstrip("\r\n")
    delimiter = _delimiter(text)
    names = [name.strip().strip("\"'").lower() for name in text.split(delimiter)]
    while names and not names[-1]:
        names.pop()
    return layout(_NAMES.get(name, name) for name in names), len(names), delimiter


def _bare_layout(count: int) -> Layout:
    if count == _CLASSIC + 1:
        count = _CLASSIC  # the comma too many
    if not _CLASSIC <= count <= len(_TABLE):
        raise BadFieldError(
            Reasons.COLUMNS, f"{count} fields without a header; the table has 16 to {len(_TABLE)}"
        )
    return layout(_NAMES.get(name, name) for name in _TABLE[:count])


def _sql_values(text: str) -> list[str]:
    """The values of one row of an SQL dump: ``('2026-11-21 12:28:56','…',NULL,9)``, with what closes it."""
    inner = text.strip().rstrip(",;").strip()
    if not inner.endswith(")"):
        raise BadFieldError(Reasons.TRUNCATED, "the row does not end with a bracket")
    try:
        row = next(
            csv.reader((inner[1:-1],), quotechar="'", escapechar="\\", skipinitialspace=True, strict=True)
        )
    except (csv.Error, StopIteration) as error:
        raise BadFieldError(Reasons.SYNTAX, str(error)) from None
    return [_plain(value) for value in row]


def _plain(value: str) -> str:
    return "" if value in ("NULL", "\\N") else value


def _delimiter(text: str) -> str:
    return max(",;\t", key=text.count)


def _is_header(line: bytes) -> bool:
    low = line[:2000].lower()
    return (
        b"calldate" in low
        and b"disposition" in low
        and not low.lstrip(b" (").startswith((b"insert", b"create"))
    )


def _starts(line: bytes) -> bool:
    return _START(line) is not None


_SQL = re.compile(
    rb"\s*(?:--|/\*|LOCK |UNLOCK |DROP |SET |INSERT INTO \S+ (?:\([^)]*\) )?VALUES\s*$)", re.IGNORECASE
).match
_INSERT = re.compile(
    rb"\s*INSERT INTO (?P<table>[`\w.]+)\s*(?:\((?P<columns>[^)]*)\)\s*)?VALUES\s*\(", re.IGNORECASE
).match
_TUPLE = re.compile(r"\((?:'(?:[^'\\]|\\.|'')*+'|[^()'])*+\)", re.DOTALL)
_START = re.compile(rb"""\s*(?:INSERT INTO |[("']{0,2}(?:\d{4}-\d\d-\d\d|\d{1,2}/\d{1,2}/\d{4})[ T])""").match

FORMAT = FreepbxCdr()
