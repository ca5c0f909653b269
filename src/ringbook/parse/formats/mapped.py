"""Anybody's own file: CSV, TSV, JSON lines or one JSON document, described by a mapping in the source's settings.

``ringbook sources map FILE`` proposes the mapping (``parse.mapping``). Each record is a call of its own unless the mapping names
the columns of an id; records that share it are one call. What the mapping does not name stays unknown.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping

import msgspec

from ringbook.parse.format import (
    About,
    Clock,
    FormatSettingError,
    Framer,
    Noise,
    Parsed,
    Piece,
    Reasons,
    Rejected,
    Setting,
    Stated,
    Transport,
)
from ringbook.parse.formats._mapped_record import RecordError, Records
from ringbook.parse.formats._mapped_rows import Rows
from ringbook.parse.framing import CsvFramer, LineFramer, WholeFramer
from ringbook.parse.mapping_model import EPOCHS, TIMES, FileMapping, Layout, MappingError, read_mapping

_FACTS = (
    "started_at answered_at ended_at duration_s direction outcome hangup_by cause from to dialled agents queue wait_s ring_s "
    "talk_s hold_s legs steps recordings cost account trunks"
)
_UNMAPPED = Rejected("no-mapping", "the source has no mapping; propose one with: ringbook sources map FILE")
_BOM = codecs.BOM_UTF8


class MappedFormat:
    """Records of files described by a mapping."""

    about = About(
        slug="mapped",
        vendor="any",
        product="Mapped file (CSV, TSV, JSON lines, JSON)",
        versions="as the mapping says",
        reference="the mapping's own reference: ringbook.parse.mapping",
        transports=(Transport.FILE, Transport.HTTP_POST, Transport.TCP_LISTEN, Transport.TCP_CONNECT),
        clock=Clock.LOCAL,
        facts=frozenset(_FACTS.split()),
        keys="The columns that the mapping names as id; without one each record is a call of its own",
        connect=(
            "ringbook sources map export.csv > my-export.toml\n"
            "# read it, correct it, then name it in the source's settings as its mapping"
        ),
        settings=(Setting("mapping", "the mapping, as TOML text; sources map FILE proposes one"),),
    )

    def __init__(self, mapping: FileMapping | None = None) -> None:
        self._mapping = mapping
        if mapping is None:
            return
        self._rows = Rows(mapping)
        clock = _clock(mapping)
        self._records = Records(mapping, local=clock is Clock.LOCAL)
        self.about = msgspec.structs.replace(type(self).about, clock=clock)

    def configure(self, settings: Mapping[str, str]) -> MappedFormat:
        """The format for files of the mapping in ``settings``; raises ``FormatSettingError`` if it cannot be used."""
        for name in settings:
            if name != "mapping":
                raise FormatSettingError(f"format mapped has no setting {name!r}; it has one: 'mapping'")
        if not settings.get("mapping"):
            raise FormatSettingError(
                "format mapped needs the setting 'mapping'; propose one with: ringbook sources map FILE"
            )
        try:
            return MappedFormat(read_mapping(settings["mapping"]))
        except MappingError as error:
            raise FormatSettingError(f"setting 'mapping' of format mapped: {error}") from None

    def sniff(self, head: bytes, name: str) -> float:  # noqa: ARG002
        """0 without a mapping; with one, certain where its columns are named, likely where its first records can be read."""
        if self._mapping is None:
            return 0.0
        framer = self.framer()
        pieces = list(framer.feed(head)) or list(framer.finish())
        told = [self.parse(piece) for piece in pieces[:20]]
        if any(isinstance(one, Noise) and one.what == "header" for one in told):
            return 0.97
        stated = sum(isinstance(one, Stated) for one in told)
        rejected = sum(isinstance(one, Rejected) for one in told)
        return 0.96 if stated and stated * 4 > rejected else 0.0

    def framer(self, context: bytes = b"") -> Framer:
        """One piece for each record; the whole document where it is one."""
        mapping = self._mapping
        if mapping is None or mapping.layout is Layout.JSONL:
            return LineFramer(context)
        if mapping.layout is Layout.JSON:
            return WholeFramer(context)
        rows = self._rows
        if not mapping.quote:
            return LineFramer(context, header=rows.is_header)
        framer: CsvFramer

        def starts(line: bytes) -> bool:
            return rows.may_start(line, framer.context)

        def closes(record: bytes) -> bool:
            return rows.is_whole(record, framer.context)

        framer = CsvFramer(
            context, starts=starts, closes=closes, header=rows.is_header, quote=mapping.quote.encode()
        )
        return framer

    def parse(self, piece: Piece) -> Parsed:
        """The call, or the calls, that a piece tells of."""
        mapping = self._mapping
        if mapping is None:
            return _UNMAPPED
        if piece.flaw:
            return Rejected(piece.flaw)
        data = piece.data.removeprefix(_BOM)
        if not data.strip():
            return Noise("blank")
        if b"\0" in data:
            return Rejected(Reasons.ENCODING, "NUL bytes")
        try:
            text = data.decode(mapping.encoding)
        except UnicodeDecodeError as error:
            return Rejected(Reasons.ENCODING, f"not {mapping.encoding}, at byte {error.start} of the record")
        text = text.rstrip("\r\n")
        if any(pattern.search(text) for pattern in mapping.skip):
            return Noise("skipped by the mapping")
        if mapping.layout is Layout.CSV and mapping.header and self._rows.is_header(data):
            return Noise("header")
        try:
            return self._told(text, piece)
        except RecordError as error:
            return Rejected(error.reason, error.detail)

    def _told(self, text: str, piece: Piece) -> Parsed:
        found = self._rows.records(text, piece.context)
        if not found:
            return Noise("no records")
        return Stated(tuple(self._records.segment(row, index, piece.data) for index, row in enumerate(found)))


FORMAT = MappedFormat()


def _clock(mapping: FileMapping) -> Clock:
    formats = {f for name in TIMES if name in mapping.fields for f in mapping.formats_of(name)}
    if formats <= set(EPOCHS) or mapping.zone == "UTC":
        return Clock.UTC
    if mapping.zone or all("%z" in f or f in (*EPOCHS, "rfc2822") for f in formats):
        return Clock.ZONED
    return Clock.LOCAL


__all__ = ["FORMAT", "MappedFormat"]
