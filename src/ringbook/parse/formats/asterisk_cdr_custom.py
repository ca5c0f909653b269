"""Asterisk CDRs as ``cdr_custom`` writes them: any columns in any order, by default into a ``Master.csv`` of its own.

Source: ``cdr_custom.conf.sample`` of Asterisk 1.6 to 22; checked against files of Asterisk 20.20.1. Known by themselves are the
sample's order (18 columns, since Asterisk 12 with the sequence as the 19th), that order carried on as FreePBX's table does, and
the ids with epoch times. Any other order is declared in the setting ``columns``.
"""

from __future__ import annotations

from collections.abc import Mapping

from ringbook.model.statement import Path
from ringbook.parse.format import (
    About,
    Clock,
    FormatSettingError,
    Framer,
    Parsed,
    Piece,
    Reasons,
    Setting,
    Stream,
    Transport,
)
from ringbook.parse.formats._asterisk import is_uniqueid
from ringbook.parse.formats._asterisk_cdr import (
    COLUMNS,
    BadFieldError,
    Layout,
    bid,
    fields_of,
    layout,
    need,
    parsed,
    path,
    starts_bare,
    text_of,
    words,
)
from ringbook.parse.formats.asterisk_cdr_csv import FACTS
from ringbook.parse.framing import CsvFramer

_SAMPLE = words(
    "clid src dst dcontext channel dstchannel lastapp lastdata start answer end duration billsec disposition amaflags "
    "accountcode uniqueid userfield"
)
_MORE = words(
    "linkedid sequence peeraccount recordingfile did cnum cnam outbound_cnum outbound_cnam dst_cnam"
)
_EPOCHS = words("uniqueid linkedid sequence start answer end duration billsec disposition")
_LAYOUTS = {
    9: layout(_EPOCHS),
    18: layout(_SAMPLE),
    **{len(_SAMPLE) + more: layout(_SAMPLE + _MORE[:more]) for more in range(2, len(_MORE) + 1)},
}
_NINETEEN = (layout([*_SAMPLE, "linkedid"]), layout([*_SAMPLE, "sequence"]))
_SKIPPED = frozenset(words("amaflags peeraccount outbound_cnum outbound_cnam dst_cnam -"))
_NEEDED = ("start", "disposition")


class AsteriskCdrCustom:
    """Asterisk cdr_custom."""

    about = About(
        slug="asterisk_cdr_custom",
        vendor="Sangoma",
        product="Asterisk",
        versions="1.6 to 22 (cdr_custom)",
        reference="https://docs.asterisk.org/Configuration/Reporting/Call-Detail-Records-CDR/",
        transports=(Transport.FILE,),
        clock=Clock.LOCAL,
        facts=FACTS | {"recordings"},
        keys="linkedid and uniqueid, shared with CEL and queue_log; without them, the names of the channels",
        connect=(
            "; /etc/asterisk/cdr_custom.conf\n[mappings]\nMaster.csv => ${CSV_QUOTE(${CDR(clid)})},${CSV_QUOTE(${CDR(src)})},…\n"
        ),
        settings=(
            Setting(
                "columns",
                "names of the columns in the order of cdr_custom.conf, comma-separated; '-' for one to pass over. Known: "
                + ", ".join(COLUMNS),
            ),
        ),
    )

    def __init__(self, declared: tuple[Layout, int] | None = None) -> None:
        self._declared = declared

    def configure(self, settings: Mapping[str, str]) -> Stream:
        """The format with its columns as declared."""
        unknown = sorted(set(settings) - {"columns"})
        if unknown:
            raise FormatSettingError(
                f"format {self.about.slug} has no setting {unknown[0]!r}; it has 'columns'"
            )
        names = [name.strip() for name in settings.get("columns", "").split(",") if name.strip()]
        return AsteriskCdrCustom((_declared(names), len(names))) if names else self

    def sniff(self, head: bytes, name: str) -> float:
        """How surely a file begins with cdr_custom records."""
        sure = bid(self.framer(), self.parse, head)
        return min(1.0, sure + 0.04) if sure and "cdr-custom" in name else sure

    def framer(self, context: bytes = b"") -> Framer:
        """One record a piece; quoted fields may hold line ends."""
        return CsvFramer(context, starts=starts_bare)

    def parse(self, piece: Piece) -> Parsed:
        """The path that the record tells."""
        return parsed(self._read, piece)

    def _read(self, piece: Piece) -> Path:
        row = fields_of(text_of(piece))
        if self._declared is None:
            return path(row, _layout(row))
        columns, count = self._declared
        if len(row) != count:
            raise BadFieldError(Reasons.COLUMNS, f"{len(row)} fields; the setting 'columns' names {count}")
        return path(row, columns)


def _declared(names: list[str]) -> Layout:
    for name in names:
        if name not in COLUMNS and name not in _SKIPPED:
            raise FormatSettingError(
                f"setting 'columns': {name!r} is no CDR column; known are {', '.join(COLUMNS)}; '-' passes one over"
            )
    for name in _NEEDED:
        if name not in names:
            raise FormatSettingError(f"setting 'columns' must name {name!r}")
    return layout(names)


def _layout(row: list[str]) -> Layout:
    count = len(row)
    if count == len(_SAMPLE) + 1:
        return _NINETEEN[0] if is_uniqueid(row[-1]) else _NINETEEN[1]
    found = _LAYOUTS.get(count)
    if found is None:
        raise need(row, "9 and 18 to 28; declare others in the setting 'columns'")
    return found


FORMAT = AsteriskCdrCustom()
