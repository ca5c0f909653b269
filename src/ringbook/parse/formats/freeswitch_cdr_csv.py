"""FreeSWITCH mod_cdr_csv: one row per channel, in the columns of a template."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from msgspec.structs import replace

from ringbook.model.statement import ChannelRecord
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
from ringbook.parse.formats._freeswitch_bodies import text_of
from ringbook.parse.formats._freeswitch_csv import SHIPPED, Template, cells_of, row, shipped_for, template_of
from ringbook.parse.formats._freeswitch_document import uuids
from ringbook.parse.formats._freeswitch_rows import Row, RowFramer
from ringbook.parse.framing import CsvFramer

ABOUT = About(
    slug="freeswitch_cdr_csv",
    vendor="SignalWire",
    product="FreeSWITCH mod_cdr_csv",
    versions="1.0 to 1.10",
    reference="https://developer.signalwire.com/freeswitch/FreeSWITCH-Explained/Modules/mod_cdr_csv_1966241/",
    transports=(Transport.FILE,),
    clock=Clock.LOCAL,
    facts=frozenset(
        {
            "started_at", "answered_at", "ended_at", "direction", "outcome", "cause", "from", "to", "dialled",
            "agents", "duration_s", "talk_s", "transfers", "legs", "steps", "account",
        }
    ),
    keys="uuid and bleg_uuid; with a template that has them, originating_leg_uuid, bridge_uuid and cc_member_session_uuid too",
    connect="""\
In cdr_csv.conf.xml, and `reload mod_cdr_csv` (the last four columns make transfers and queues joinable; declare the same
text as the setting `template`):
  <param name="legs" value="ab"/>
  <template name="example">"${caller_id_name}","${caller_id_number}","${destination_number}","${context}",\
"${start_stamp}","${answer_stamp}","${end_stamp}","${duration}","${billsec}","${hangup_cause}","${uuid}","${bleg_uuid}",\
"${accountcode}","${direction}","${originating_leg_uuid}","${bridge_uuid}","${cc_member_session_uuid}"</template>""",
    settings=(
        Setting(
            "template",
            "the template in cdr_csv.conf.xml: the name of a shipped one, or its text with ${variables}, or a list of variables",
            "told from the columns",
        ),
    ),
)  # fmt: skip


class CdrCsv:
    """The format; ``template`` is None when it is to be told from each row."""

    about = ABOUT

    def __init__(self, template: Template | None = None) -> None:
        self._template = template

    def configure(self, settings: Mapping[str, str]) -> CdrCsv:
        """With ``template`` declared."""
        unknown = sorted(set(settings) - {"template"})
        if unknown:
            raise FormatSettingError(f"format {ABOUT.slug} has no setting {unknown[0]!r}; it has 'template'")
        declared = settings.get("template", "").strip()
        if not declared:
            return CdrCsv()
        template = template_of(declared)
        if template is None:
            raise FormatSettingError(
                f"template {declared!r:.80} is no template of mod_cdr_csv; give one of {', '.join(SHIPPED)}, the text with "
                "its ${variables}, or the names of the variables with commas between"
            )
        return CdrCsv(template)

    def sniff(self, head: bytes, name: str) -> float:  # noqa: ARG002 -- the contract's
        """Certain of rows with a uuid and times where a shipped (or the declared) template has them."""
        lines = [line for line in head.split(b"\n")[:20] if line.strip()][:10]
        if len(lines) > 1 and not head.endswith(b"\n"):
            lines = lines[:-1]
        fitting = sum(self._fits(line) for line in lines)
        return round(0.97 * fitting / len(lines), 3) if lines else 0.0

    def framer(self, context: bytes = b"") -> Framer:
        """Cuts between rows; a quoted value may hold line ends."""
        return RowFramer(
            context, lambda inner: CsvFramer(inner, starts=_starts, escape=b"\\"), self._remembered
        )

    def parse(self, piece: Piece) -> Parsed:
        """What one row says."""
        if piece.flaw:
            return Rejected(piece.flaw)
        told = _understood(self._template, piece.data)
        if not piece.context or not isinstance(told, Stated):
            return told
        [record] = told.statements
        beside = (f"ch:{uuid}" for uuid in uuids(piece.context.decode("ascii", "replace")))
        return Stated((replace(record, keys=tuple(dict.fromkeys((*record.keys, *beside)))),))

    def _remembered(self, piece: Piece) -> Row | None:
        """What the framer remembers of a row, if it is one."""
        parsed = self.parse(piece)
        if not isinstance(parsed, Stated):
            return None
        record = parsed.statements[0]
        if not isinstance(record, ChannelRecord) or record.at is None or record.ended_at is None:
            return None
        raw = record.extra
        return Row(
            record.channel,
            list(record.peers) if record.originated is None else [*record.peers, record.channel],
            raw.get("caller", ""),
            raw.get("caller_name", ""),
            raw.get("called", ""),
            raw.get("context", ""),
            record.cause.text,
            record.at,
            record.answered_at,
            record.ended_at,
        )

    def _fits(self, line: bytes) -> bool:
        if not _like_a_row(line):
            return False
        cells = cells_of(text_of(line), self._template.delimiter if self._template else ",")
        if self._template:
            return len(cells) == len(self._template.columns)
        return shipped_for(cells) is not None


@lru_cache(maxsize=2048)
def _understood(declared: Template | None, data: bytes) -> Parsed:
    """What a row says by itself; kept a while, since the framer asks before the parser does."""
    if not data.strip(b"\r\n\0 "):
        return Noise("blank")
    if b"\0" in data.strip(b"\0"):
        return Rejected(Reasons.ENCODING, "NUL bytes")
    text = text_of(data)
    cells = cells_of(text, declared.delimiter if declared else ",")
    if len(cells) > 1 and "uuid" in cells and not any(char.isdigit() for char in text):
        return Noise("header")
    template = declared or shipped_for(cells)
    if template is None or len(cells) != len(template.columns):
        return _unfitting(text, cells, template)
    return row(cells, template)


def _unfitting(text: str, cells: list[str], template: Template | None) -> Rejected:
    if text.count('"') % 2 and not text.rstrip("\r\n").endswith('"'):
        return Rejected(Reasons.TRUNCATED, "a quote is left open")
    if template is not None:
        return Rejected(
            Reasons.COLUMNS, f"{len(cells)} columns, the declared template has {len(template.columns)}"
        )
    same = [name for name, shipped in SHIPPED.items() if len(shipped.columns) == len(cells)]
    if same:
        return Rejected(Reasons.TIME, f"as many columns as template {same[0]}, but not its uuid and times")
    return Rejected(
        Reasons.COLUMNS, f"{len(cells)} columns fit no shipped template; declare the setting 'template'"
    )


def _starts(line: bytes) -> bool:
    """Whether a line looks like the beginning of a row.

    FreeSWITCH writes a quote inside a value as ``\\"``, so a line that begins with a bare one, unless it closes a value, goes
    on with none.
    """
    return _ROW_START.match(line) is not None


def _like_a_row(line: bytes) -> bool:
    return line.count(b",") + line.count(b";") + line.count(b"|") + line.count(b"\t") >= _CELLS


_CELLS = 3
_ROW_START = re.compile(rb'"(?!\s*(?:,|$))|INSERT INTO')

FORMAT = CdrCsv()
