"""Asterisk CDRs as ``cdr_csv`` writes them: ``/var/log/asterisk/cdr-csv/Master.csv`` and its per-account files.

Source: ``cdr/cdr_csv.c`` of Asterisk 1.4 to 22; checked against files of Asterisk 20.20.1. No header, every text quoted, a
quote inside doubled, figures bare, an answer time that never came written as nothing at all. Sixteen columns, then what
``cdr.conf`` asks for: ``loguniqueid``, ``loguserfield``, ``newcdrcolumns`` (peeraccount, linkedid, sequence).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ringbook.model.statement import Path
from ringbook.parse.format import About, Clock, Framer, Parsed, Piece, Stream, Transport, without_settings
from ringbook.parse.formats._asterisk import is_uniqueid
from ringbook.parse.formats._asterisk_cdr import (
    Layout,
    bid,
    fields_of,
    layout,
    need,
    parsed,
    path,
    starts_quoted,
    text_of,
    words,
)
from ringbook.parse.framing import CsvFramer

FACTS = frozenset(
    words(
        "started_at answered_at ended_at direction outcome cause from to dialled agents queue trunks duration_s wait_s ring_s "
        "talk_s transfers legs steps account"
    )
)
"""What CDRs can state. They know nothing of hold, and never who hung up."""

_BASE = words(
    "accountcode src dst dcontext clid channel dstchannel lastapp lastdata start answer end duration billsec disposition "
    "amaflags"
)
_ADDED = ["peeraccount", "linkedid", "sequence"]
_LAYOUTS = {
    16: layout(_BASE),
    18: layout([*_BASE, "uniqueid", "userfield"]),
    19: layout([*_BASE, *_ADDED]),
    21: layout([*_BASE, "uniqueid", "userfield", *_ADDED]),
}
_EITHER = {
    17: (layout([*_BASE, "uniqueid"]), layout([*_BASE, "userfield"])),
    20: (layout([*_BASE, "uniqueid", *_ADDED]), layout([*_BASE, "userfield", *_ADDED])),
}
"""Column 17 of files with one of the two is the unique id if it looks like one, else the user field."""


class AsteriskCdrCsv:
    """Asterisk cdr_csv."""

    about = About(
        slug="asterisk_cdr_csv",
        vendor="Sangoma",
        product="Asterisk",
        versions="1.4 to 22 (cdr_csv: 16 to 21 columns)",
        reference="https://docs.asterisk.org/Configuration/Reporting/Call-Detail-Records-CDR/",
        transports=(Transport.FILE,),
        clock=Clock.LOCAL,
        facts=FACTS,
        keys="linkedid and uniqueid, shared with CEL and queue_log; without them, the names of the channels",
        connect=(
            "; /etc/asterisk/cdr.conf\n[general]\nenable=yes\nunanswered=yes\ncongestion=yes\n\n"
            "[csv]\nloguniqueid=yes\nloguserfield=yes\nnewcdrcolumns=yes\n"
        ),
    )

    def configure(self, settings: Mapping[str, str]) -> Stream:
        """The format itself; it has no settings."""
        without_settings(self.about.slug, settings)
        return self

    def sniff(self, head: bytes, name: str) -> float:
        """How surely a file begins with cdr_csv records."""
        sure = bid(self.framer(), self.parse, head)
        return min(1.0, sure + 0.04) if sure and "cdr-csv" in name else sure

    def framer(self, context: bytes = b"") -> Framer:
        """One record a piece; quoted fields may hold line ends."""
        return CsvFramer(context, starts=starts_quoted)

    def parse(self, piece: Piece) -> Parsed:
        """The path that the record tells."""
        return parsed(_read, piece)


def _read(piece: Piece) -> Path:
    text = text_of(piece)
    match = _USUAL(text)
    if match is None:
        row = fields_of(text)
        return path(row, _layout(row))
    fields = match.groups("")
    row = list(fields)
    if '"' in row[_CLID]:
        row[_CLID] = row[_CLID].replace('""', '"')
    return path(row, _LAYOUTS[21])


def _layout(row: list[str]) -> Layout:
    count = len(row)
    found = _LAYOUTS.get(count)
    if found is not None:
        return found
    either = _EITHER.get(count)
    if either is None:
        raise need(row, "16 to 21")
    return either[0] if is_uniqueid(row[16]) else either[1]


_QUOTED = r'"([^"]*+)"'
_CLID = 4
_USUAL = re.compile(
    ",".join(
        [
            *[_QUOTED] * 4,
            r'"((?:""[^"]*+"")?[^"]*+)"',  # the caller id, whose name stands in doubled quotes
            *[_QUOTED] * 5,
            r'(?:"([^"]*+)")?',  # the answer
            _QUOTED,
            r"(\d*),(\d*)",
            *[_QUOTED] * 6,
            r"(\d*)",
        ]
    ),
    re.ASCII,
).fullmatch
"""A record of 21 columns without any other quote inside: matching it takes half the time that reading CSV does."""

FORMAT = AsteriskCdrCsv()
