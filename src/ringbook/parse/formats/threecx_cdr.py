"""3CX CDR of versions 15 to 18: one line per call, its fields and their order chosen by the administrator.

Lines begin with ``Call ``. The common orders are recognised; any other is given in the setting ``columns``. Times are UTC
although nothing says so, unless the setting ``times`` is ``local``. ``historyid`` names the call; ``callid`` comes again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec

from ringbook.model.call import Cause, Direction, HangupBy
from ringbook.model.instant import SECOND, Instant
from ringbook.model.party import Endpoint, EndpointKind, Number
from ringbook.model.statement import PathResult, Segment
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
from ringbook.parse.formats._fields import FieldError, cells, days, span_s, stamp, text
from ringbook.parse.framing import LineFramer

KNOWN = (
    "historyid callid duration time_start time_answered time_end reason_terminated from_no to_no from_dn to_dn dial_no "
    "reason_changed final_number final_dn bill_code bill_rate bill_cost bill_name chain from_type to_type final_type "
    "from_dispname to_dispname final_dispname missed_queue_calls"
).split()
"""All fields that 3CX offers, in the order of its own documentation, which most installations keep."""

FREESIDE = "- callid duration - time_start - - - - bill_code - - - - - - from_no to_no".split()
"""The order that Freeside's import asks for; ``-`` is a column that is not read."""

VOICEMAIL = "999"
"""The extension of the voicemail service where the administrator has not moved it."""

ABOUT = About(
    slug="threecx_cdr",
    vendor="3CX",
    product="Phone System",
    versions="15 to 18",
    reference="https://www.3cx.com/docs/cdr-call-data-records",
    transports=(Transport.TCP_LISTEN, Transport.TCP_CONNECT, Transport.FILE),
    clock=Clock.UTC,
    facts=frozenset(
        {
            "started_at",
            "answered_at",
            "ended_at",
            "direction",
            "outcome",
            "hangup_by",
            "cause",
            "from",
            "to",
            "dialled",
            "agents",
            "queue",
            "duration_s",
            "wait_s",
            "ring_s",
            "talk_s",
            "transfers",
            "trunks",
            "legs",
            "steps",
            "cost",
            "account",
        }
    ),
    keys="historyid within two days (a new installation counts from 1 again)",
    connect=(
        "Settings > CDR: 3CX CDR Service is client / Active Socket, this machine's address and the port of this source\n"
        "Fields in this order: " + ", ".join(KNOWN)
    ),
    settings=(
        Setting(
            "columns", "the fields in the order chosen in 3CX, with commas; - for one that is not read", ""
        ),
        Setting("separator", "what stands between fields: comma, semicolon, tab or pipe", "comma"),
        Setting("times", "utc, or local when the system writes its own time zone's time", "utc"),
        Setting("voicemail", "numbers, with commas, that are the voicemail service", VOICEMAIL),
        Setting("date_order", "ymd, dmy or mdy, where the dates do not show it", "ymd"),
    ),
)

_SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
_ORDERS = ("ymd", "dmy", "mdy")
_FULL_NUMBER = 7  # digits
_FEWEST = 6  # up to time_end
HOUR = 3600 * SECOND
_SLACK = 2 * SECOND
_LINE = re.compile(
    rb"^\x00*(?:Call )?[^,;\t|\r\n]{0,80}[,;\t|][^,;\t|\r\n]{0,80}[,;\t|](?:\d\.)?\d\d:\d\d:\d\d(?:\.\d+)?[,;\t|]"
    rb"[^,;\t|\r\n]{0,40}[,;\t|]",
    re.MULTILINE,
)
_TIME = re.compile(r"\d{1,4}[/.\-]\d{1,2}[/.\-]\d{1,4} \d{1,2}:\d{2}.*")


class ThreeCxCdr:
    """Reads 3CX's CDR lines in the administrator's order."""

    def __init__(
        self,
        columns: tuple[str, ...] = (),
        separator: str = ",",
        local: bool = False,
        date_order: str = "ymd",
        voicemail: str = VOICEMAIL,
    ) -> None:
        self.about = msgspec.structs.replace(ABOUT, clock=Clock.LOCAL) if local else ABOUT
        self._columns = columns
        self._separator = separator
        self._order = date_order
        self._voicemail = frozenset(word.strip() for word in voicemail.split(","))

    def configure(self, settings: Mapping[str, str]) -> ThreeCxCdr:
        """The same with the administrator's choices; raises ``FormatSettingError`` for a choice there is not."""
        choices = {setting.name: setting.default for setting in ABOUT.settings} | dict(settings)
        unknown = sorted(set(choices) - {setting.name for setting in ABOUT.settings})
        if unknown:
            raise FormatSettingError(f"format {ABOUT.slug} has no setting {unknown[0]!r}")
        columns = tuple(
            word.strip().lower().replace("-", "_") for word in choices["columns"].split(",") if word
        )
        columns = tuple("-" if word in ("", "_") else word for word in columns)
        strange = [word for word in columns if word not in (*KNOWN, "-")]
        if strange:
            raise FormatSettingError(f"columns: 3CX has no field {strange[0]!r}; it has {', '.join(KNOWN)}")
        if columns and not {"historyid", "time_start"} <= {*columns}:
            raise FormatSettingError("columns: historyid and time_start are needed")
        for name, allowed in (
            ("separator", tuple(_SEPARATORS)),
            ("times", ("utc", "local")),
            ("date_order", _ORDERS),
        ):
            if choices[name] not in allowed:
                raise FormatSettingError(f"{name} = {choices[name]!r}; it can be {', '.join(allowed)}")
        separator = _SEPARATORS[choices["separator"]]
        local = choices["times"] == "local"
        return ThreeCxCdr(columns, separator, local, choices["date_order"], choices["voicemail"])

    def sniff(self, head: bytes, name: str) -> float:  # noqa: ARG002
        """Sure of lines that begin with ``Call`` and hold a duration and a time; less without the word."""
        lines = [line.lstrip(b"\0") for line in head[:16_384].splitlines()[:40] if line.strip(b"\0 ")]
        fitting = [line for line in lines if _LINE.match(line) and _fits(line, self._separator)]
        called = [line for line in lines if line.startswith(b"Call ") and _holds_times(line)]
        if len(called) * 3 >= max(1, len(lines)):
            return 0.95 if len(fitting) * 2 >= len(called) else 0.85
        return 0.6 if len(fitting) * 3 >= max(1, len(lines)) else 0.0

    def framer(self, context: bytes = b"") -> Framer:
        """One piece a line."""
        return LineFramer(context)

    def parse(self, piece: Piece) -> Parsed:
        """The call of one line."""
        if piece.flaw:
            return Rejected(piece.flaw, f"{len(piece.data)} bytes")
        try:
            line = text(piece.data)
            if not line.strip():
                return Noise("blank")
            words = [word.strip() for word in cells(line.removeprefix("Call "), self._separator)]
            if [word.lower().replace("-", "_") for word in words[:2]] == KNOWN[:2]:
                return Noise("header")
            return Stated(tuple(self._segments(self._row(words))))
        except FieldError as error:
            return error.rejected

    def _row(self, words: list[str]) -> dict[str, str]:
        columns = self._columns or _layout(words)
        words = _with_whole_chain(words, columns)
        if len(words) < min(len(columns), _FEWEST):
            raise FieldError(Reasons.TRUNCATED, f"{len(words)} fields; the layout has {len(columns)}")
        if self._columns and len(words) < len(columns):
            raise FieldError(
                Reasons.TRUNCATED, f"{len(words)} fields; the setting columns names {len(columns)}"
            )
        if len(words) > len(columns) and any(words[len(columns) :]):
            raise FieldError(Reasons.COLUMNS, f"{len(words)} fields; the layout has {len(columns)}")
        return {name: word for name, word in zip(columns, words, strict=False) if name != "-"}

    def _segments(self, row: dict[str, str]) -> Iterator[Segment]:
        began = self._time(row, "time_start")
        if began is None:
            raise FieldError(Reasons.MISSING, "time_start")
        answered, ended = self._time(row, "time_answered"), self._time(row, "time_end")
        took_s = span_s(row["duration"], "duration") if row.get("duration") else None
        if answered is not None and answered < began and not self._set_back(began, answered, None):
            raise FieldError(Reasons.NEGATIVE, "time_answered is before time_start")
        since = began if answered is None else answered
        if ended is not None and ended < since and not self._set_back(since, ended, took_s):
            raise FieldError(Reasons.NEGATIVE, "time_end is before what comes first")
        key = row.get("historyid") or row.get("callid")
        if not key:
            raise FieldError(Reasons.MISSING, "historyid")
        keys = tuple(f"3cx:{key}:{day}" for day in days(began, ended))
        told = _segment(row, keys, self._ends(row), (began, answered, ended))
        if took_s and "time_answered" not in row and told.result is PathResult.UNKNOWN:
            told = msgspec.structs.replace(told, result=PathResult.ANSWERED, talk_s=took_s)
        yield told
        yield from _rung(row, told)

    def _ends(self, row: dict[str, str]) -> tuple[Endpoint, Endpoint, Endpoint]:
        """Who called, whom the call first reached, and whom it ended with (nobody where it stayed)."""
        caller, first, final = (self._end(row, side) for side in ("from", "to", "final"))
        stayed = (final.kind, final.number.raw) == (first.kind, first.number.raw)
        if not final.number.raw or stayed or final.number.raw == caller.number.raw:
            final = Endpoint()
        return caller, first, final

    def _end(self, row: dict[str, str], side: str) -> Endpoint:
        end = _end(row, side)
        written = _bare(row.get("final_number" if side == "final" else f"{side}_no", ""))
        if written in self._voicemail:
            return Endpoint(EndpointKind.VOICEMAIL, end.number, end.name)
        return end

    def _set_back(self, earlier: Instant, later: Instant, took_s: float | None) -> bool:
        """Whether a local clock that was put back an hour between two times explains that the later one reads earlier."""
        if self.about.clock is not Clock.LOCAL or later < earlier - HOUR:
            return False
        return took_s is None or abs(later + HOUR - earlier - took_s * SECOND) <= _SLACK

    def _time(self, row: dict[str, str], name: str) -> Instant | None:
        words = row.get(name, "")
        return stamp(_year_first(words, self._order), name) if words else None


def _holds_times(line: bytes) -> bool:
    words = re.split(r"[,;\t|]", line[:2000].decode("latin-1"))
    return len(words) >= _FEWEST and sum(bool(_TIME.fullmatch(word.strip())) for word in words) >= 2


def _fits(line: bytes, separator: str) -> bool:
    words = line.decode("latin-1").split(separator)
    return len(words) >= _FEWEST and any(_TIME.fullmatch(word.strip()) for word in words[3:5])


def _layout(words: list[str]) -> tuple[str, ...]:
    """The common order that a line has; raises :class:`FieldError` when it is none of them."""

    def time_at(index: int) -> bool:
        return len(words) > index and bool(_TIME.fullmatch(words[index]))

    if time_at(3):
        return tuple(KNOWN)
    if time_at(4) and len(words) >= len(FREESIDE):
        return (*FREESIDE, *("-" for _ in words[len(FREESIDE) :]))
    raise FieldError(Reasons.COLUMNS, "none of the common orders of fields: set columns as chosen in 3CX")


def _with_whole_chain(words: list[str], columns: tuple[str, ...]) -> list[str]:
    """The fields with a chain that holds unquoted separators put together again."""
    extra = len(words) - len(columns)
    if extra <= 0 or "chain" not in columns:
        return words
    at = columns.index("chain")
    if not words[at].startswith("Chain:") or not any(words[len(columns) :]):
        return words
    return [*words[:at], ",".join(words[at : at + extra + 1]), *words[at + extra + 1 :]]


_DATE = re.compile(r"(\d{1,2})([/.\-])(\d{1,2})[/.\-](\d{4})( .*)")


def _year_first(words: str, order: str) -> str:
    """The time with its year first: dots mean day first, a half-day mark after slashes month first, else the setting says."""
    found = _DATE.fullmatch(words)
    if not found:
        return words
    if order == "ymd":
        half = words[-2:].lower() in ("am", "pm")
        order = "dmy" if found[2] == "." else "mdy" if half else ""
        if not order:
            raise FieldError(Reasons.TIME, f"{words!r}: day or month first? set date_order")
    day, month = (found[1], found[3]) if order == "dmy" else (found[3], found[1])
    return f"{found[4]}/{month}/{day}{found[5]}"


_PREFIXES = {
    "ext": EndpointKind.PERSON,
    "extension": EndpointKind.PERSON,
    "line": EndpointKind.OUTSIDE,
    "externalline": EndpointKind.OUTSIDE,
    "external": EndpointKind.OUTSIDE,
    "provider": EndpointKind.OUTSIDE,
    "outboundrule": EndpointKind.OUTSIDE,
    "queue": EndpointKind.QUEUE,
    "ringgroup": EndpointKind.GROUP,
    "group": EndpointKind.GROUP,
    "ivr": EndpointKind.IVR,
    "script": EndpointKind.IVR,
    "voicemail": EndpointKind.VOICEMAIL,
    "vmail": EndpointKind.VOICEMAIL,
    "voicemailbox": EndpointKind.VOICEMAIL,
    "conference": EndpointKind.CONFERENCE,
    "confplace": EndpointKind.CONFERENCE,
    "parking": EndpointKind.PARK,
    "park": EndpointKind.PARK,
    "fax": EndpointKind.ANNOUNCEMENT,
}


def _kind(word: str) -> EndpointKind | None:
    return _PREFIXES.get(re.sub(r"[^a-z]", "", word.lower()))


def _end(row: dict[str, str], side: str) -> Endpoint:
    """One end by its number, directory number, type and name; ``Ext.101`` tells its kind too."""
    number_name = "final_number" if side == "final" else f"{side}_no"
    number, dn = row.get(number_name, ""), row.get(f"{side}_dn", "")
    kind = _kind(row.get(f"{side}_type", ""))
    for words in (number, dn):
        prefix, dot, _ = words.partition(".")
        if words == "EndCall":
            kind = EndpointKind.ANNOUNCEMENT
        elif dot and kind is None:
            kind = _kind(prefix)
    number, dn = (_bare(words) for words in (number, dn))
    name = row.get(f"{side}_dispname", "")
    kind = kind or EndpointKind.UNKNOWN
    if kind is EndpointKind.PERSON:
        return Endpoint(kind, Number(dn or number), name, dn or number)
    if kind is EndpointKind.OUTSIDE:
        return Endpoint(kind, Number(number), name, device=dn)
    return Endpoint(kind, Number(number or dn), name)


def _bare(words: str) -> str:
    prefix, dot, rest = words.partition(".")
    words = rest if dot and _kind(prefix) else words
    return words.rstrip("#")


def _segment(
    row: dict[str, str],
    keys: tuple[str, ...],
    ends: tuple[Endpoint, Endpoint, Endpoint],
    times: tuple[Instant, Instant | None, Instant | None],
) -> Segment:
    began, answered, ended = times
    caller, first, final = ends
    moved = final != Endpoint()
    change, reason = row.get("reason_changed", ""), row.get("reason_terminated", "")
    first, instant = _by_machine(
        row, caller, first, moved, answered is not None and answered - began <= _AT_ONCE
    )
    reached = final if moved else first
    by, kind = (first, _change(change)) if moved and first.kind is EndpointKind.PERSON else (Endpoint(), "")
    queue = next((end for end in (first, final) if end.kind is EndpointKind.QUEUE), None)
    result = _result(reason, reached, answered is not None)
    if instant and not moved and reached.kind in (EndpointKind.PERSON, EndpointKind.UNKNOWN):
        result = PathResult.UNKNOWN  # picked up at once: a queue's number looks like an extension's
    return Segment(
        keys=keys,
        at=began,
        caller=caller,
        reached=reached,
        dialled=row.get("dial_no") or _bare(row.get("to_no", "")),
        direction=_direction(caller, first, reached, row.get("dial_no", "")),
        result=result,
        answered_at=None if instant else answered,
        ended_at=ended,
        queue=(queue.name or queue.number.raw) if queue else "",
        transferred_by=by,
        transfer_kind=kind,
        hangup_by=_hangup(reason),
        cause=Cause(text=reason),
        cost=row.get("bill_cost", "") if row.get("bill_cost", "").strip("0.") else "",
        account=row.get("bill_code", ""),
        extra={name: row[name] for name in ("chain", "reason_changed") if row.get(name)},
    )


_AT_ONCE = SECOND
"""Whole seconds that lie no further apart are one: nobody picks up that fast, a queue, menu or group always does."""


def _by_machine(
    row: dict[str, str], caller: Endpoint, first: Endpoint, moved: bool, at_once: bool
) -> tuple[Endpoint, bool]:
    """Whom the call first reached, and whether the time of answer is not a person's.

    Queues, menus and groups are written like extensions (``Ext.800``) where the types were not chosen; they answer at once.
    """
    untold = _kind(row.get("to_type", "")) is None
    change = row.get("reason_changed", "").lower()
    agents = {_bare(word) for word in re.split(r"[;,\s]+", row.get("missed_queue_calls", "")) if word}
    if first.kind is EndpointKind.PERSON and untold:
        if change.startswith("q") or agents - {first.extension, first.number.raw}:
            first = Endpoint(EndpointKind.QUEUE, first.number, first.name)
        elif "ivr" in change:
            first = Endpoint(EndpointKind.IVR, first.number, first.name)
        elif at_once and moved:
            first = Endpoint(EndpointKind.GROUP, first.number, first.name)
    people = first.kind in (EndpointKind.PERSON, EndpointKind.UNKNOWN)
    if not people:
        return first, at_once and moved
    return first, at_once and untold and not moved and caller.kind is not EndpointKind.PERSON


def _change(words: str) -> str:
    """How the call moved on, by 3CX's reason; empty when it moved and the reason says nothing of how."""
    low = words.lower()
    if "divert" in low or "forward" in low or "noanswer" in low or "busy" in low:
        return "forward"
    return "blind" if "transfer" in low or "refer" in low else ""  # ReplacedDst is written for every kind


def _direction(caller: Endpoint, first: Endpoint, reached: Endpoint, dialled: str) -> Direction:
    if caller.kind is EndpointKind.OUTSIDE:
        return Direction.INBOUND
    if caller.kind is EndpointKind.PERSON and first.kind is not EndpointKind.UNKNOWN:
        ended = first.kind is EndpointKind.ANNOUNCEMENT and sum(map(str.isdigit, dialled)) >= _FULL_NUMBER
        outside = EndpointKind.OUTSIDE in (first.kind, reached.kind) or ended
        return Direction.OUTBOUND if outside else Direction.INTERNAL
    return Direction.UNKNOWN


def _hangup(reason: str) -> HangupBy:
    low = reason.lower()
    if "bysrc" in low or "by_src" in low or low.startswith("src"):
        return HangupBy.CALLER
    if "bydst" in low or "by_dst" in low or low.startswith("dst"):
        return HangupBy.CALLEE
    return HangupBy.UNKNOWN


_FAILURES = (
    ("busy", PathResult.BUSY),
    ("noanswer", PathResult.NO_ANSWER),
    ("no_answer", PathResult.NO_ANSWER),
    ("timeout", PathResult.NO_ANSWER),
    ("reject", PathResult.REJECTED),
    ("declin", PathResult.REJECTED),
    ("cancel", PathResult.CANCELLED),
    ("bysrc", PathResult.CANCELLED),
    ("src_", PathResult.CANCELLED),
    ("bydst", PathResult.NO_ANSWER),
    ("dst_", PathResult.NO_ANSWER),
    ("fail", PathResult.FAILED),
    ("notfound", PathResult.FAILED),
    ("unreach", PathResult.FAILED),
)


def _result(reason: str, reached: Endpoint, answered: bool) -> PathResult:
    if answered:
        return PathResult.VOICEMAIL if reached.kind is EndpointKind.VOICEMAIL else PathResult.ANSWERED
    low = reason.lower()
    return next((result for word, result in _FAILURES if word in low), PathResult.UNKNOWN)


def _rung(row: dict[str, str], told: Segment) -> Iterator[Segment]:
    """The agents whom the queue rang in vain, one segment each; when and how long they rang is not said."""
    words = re.split(r"[;,\s]+", row.get("missed_queue_calls", ""))
    people = (EndpointKind.PERSON, EndpointKind.OUTSIDE, EndpointKind.UNKNOWN)
    taken = told.result is PathResult.ANSWERED and told.reached.kind in people
    for order, word in enumerate(dict.fromkeys(_bare(word) for word in words if word), 1):
        if word in (told.reached.extension, told.reached.number.raw, told.dialled):
            continue
        yield Segment(
            keys=told.keys,
            at=told.at,
            order=order,
            reached=Endpoint(EndpointKind.PERSON, Number(word), extension=word),
            result=PathResult.ELSEWHERE if taken else PathResult.NO_ANSWER,
        )


FORMAT = ThreeCxCdr()
