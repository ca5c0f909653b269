"""A row of mod_cdr_csv under its template → a channel's record.

The template decides everything; those that FreeSWITCH ships are told apart by their number of columns and by where the uuid and
the times stand. Times are the switch's local wall clock unless the template has epochs.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache

import msgspec

from ringbook.model.call import Cause
from ringbook.model.instant import SECOND, Instant, from_datetime, plausible
from ringbook.model.party import Endpoint, EndpointKind, Number
from ringbook.model.statement import ChannelRecord
from ringbook.parse.format import Parsed, Reasons, Rejected, Stated
from ringbook.parse.formats._freeswitch_document import chan_user, side, uuids


class Template(msgspec.Struct, frozen=True):
    """A row's columns by the variables in them (``""`` for text of the template's own), and what divides them."""

    columns: tuple[str, ...]
    delimiter: str = ","

    def place(self, name: str) -> int:
        """The column of a variable; -1 if the template has none."""
        return self.columns.index(name) if name in self.columns else -1


_COMMON = (
    "caller_id_name,caller_id_number,destination_number,context,start_stamp,answer_stamp,end_stamp,duration,billsec,"
    "hangup_cause,uuid,bleg_uuid,accountcode"
)
SHIPPED: dict[str, Template] = {
    name: Template(tuple(columns.split(",")))
    for name, columns in {
        "example": f"{_COMMON},read_codec,write_codec",
        "asterisk": "accountcode,caller_id_number,destination_number,context,caller_id,channel_name,bridge_channel,last_app,"
        "last_arg,start_stamp,answer_stamp,end_stamp,duration,billsec,hangup_cause,amaflags,uuid,userfield",
        "sql": _COMMON,
        "snom": f"{_COMMON},read_codec,write_codec,sip_user_agent,call_clientcode,sip_rtp_rxstat,sip_rtp_txstat,"
        "sofia_record_file",
        "linksys": f"{_COMMON},read_codec,write_codec,sip_user_agent,sip_p_rtp_stat",
        "opencdrrate": "uuid,signal_bond,direction,ani,destination_number,answer_stamp,end_stamp,billsec,accountcode,userfield,"
        "network_addr,original_caller_id_name,sip_gateway_name",
    }.items()
}
"""The templates of FreeSWITCH's own cdr_csv.conf.xml."""


def template_of(setting: str) -> Template | None:
    """The template that a setting declares: a shipped one's name, its literal text, or a list of variables; None if neither."""
    text = setting.strip()
    if text in SHIPPED:
        return SHIPPED[text]
    if "${" in text:
        found = _VARIABLE.search(text)
        between = _BETWEEN.search(text)
        delimiter = between[1] if between else ","
        literal = text[text.find('"') :] if '"' in text else text
        cells = cells_of(literal.rstrip(");\r\n "), delimiter)
        columns = [_name(cell) for cell in cells]
        return Template(tuple(columns), delimiter) if found and any(columns) else None
    columns = [cell.strip() for cell in re.split(r"[,;|\t]", text)]
    if len(columns) < _FEWEST or not all(_NAME.fullmatch(column) for column in columns if column):
        return None
    divides = re.search(r"[,;|\t]", text)
    return Template(tuple(columns), divides[0] if divides else ",")


def shipped_for(cells: Sequence[str]) -> Template | None:
    """The shipped template that a row fits: its number of columns, its uuid and times where that template has them."""
    for template in SHIPPED.values():
        if len(cells) == len(template.columns) and _fits(cells, template):
            return template
    return None


def cells_of(text: str, delimiter: str = ",") -> list[str]:
    """The cells of a row. Blanks after a comma are the template's; FreeSWITCH writes a quote inside a value as ``\\"``."""
    body = text.strip("\r\n\0 ")
    if body.startswith(_INSERT):
        body = body[body.find("(") + 1 :].rstrip("); ")
    try:
        rows = list(csv.reader([body], delimiter=delimiter, escapechar="\\", skipinitialspace=True))
    except csv.Error:
        return []
    return rows[0] if len(rows) == 1 else []


def row(cells: Sequence[str], template: Template) -> Parsed:
    """What a row says."""
    named = zip(template.columns, cells, strict=True)
    values = {name: cell.strip() for name, cell in named if name}
    for name in ("caller_id_name", "caller_id", "caller_id_number"):
        if name in values:
            values[name] = _CONTROL.sub(" ", values[name]).strip()
    times = _times(values)
    if isinstance(times, Rejected):
        return times
    wrong = [name for name in _FIGURES if values.get(name) and not _FIGURE.fullmatch(values[name])]
    if wrong:
        negative = values[wrong[0]].startswith("-")
        return Rejected(
            Reasons.NEGATIVE if negative else Reasons.NUMBER, f"{wrong[0]} {values[wrong[0]]!r:.40}"
        )
    if template.place("uuid") >= 0 and not uuids(values["uuid"]):
        return Rejected(Reasons.MISSING, f"no uuid in column {template.place('uuid') + 1}")
    return Stated((_record(values, times),))


class Times(msgspec.Struct, frozen=True):
    """The times of a row; ``utc`` if they were epochs."""

    start: Instant
    answer: Instant | None
    end: Instant | None
    utc: bool


def _times(values: Mapping[str, str]) -> Times | Rejected:
    found: dict[str, Instant | None] = {}
    utc = False
    coarse = False
    for name in ("start", "answer", "end"):
        for column, read in _CLOCKS:
            text = values.get(f"{name}_{column}", "")
            at = read(text)
            if at is None and text.strip("0"):
                return Rejected(Reasons.TIME, f"{name}_{column} {text!r:.40}")
            if at is not None:
                utc = utc or column != "stamp"
                coarse = coarse or (column == "stamp" and text.count(":") == 1)
                found.setdefault(name, at)
    start = found.get("start") or found.get("answer") or found.get("end")
    if start is None:
        return Rejected(Reasons.MISSING, "no start")
    answer, end = found.get("answer"), found.get("end")
    if coarse:
        start, answer, end = _refined(values, start, answer)
    if any(at is not None and not plausible(at) for at in (start, answer, end)):
        return Rejected(Reasons.IMPLAUSIBLE, "a time before 1985 or after 2089")
    if not answer and values.get("billsec", "0").strip("0"):
        answer = None
    return Times(start, answer, end, utc)


def _refined(
    values: Mapping[str, str], start: Instant, answer: Instant | None
) -> tuple[Instant, Instant | None, Instant | None]:
    """Times of a file that a spreadsheet cut to the minute: the durations still tell the seconds apart."""
    duration, billed = values.get("duration", ""), values.get("billsec", "")
    if not _FIGURE.fullmatch(duration) or not _FIGURE.fullmatch(billed):
        return start, answer, None
    end = start + int(duration) * SECOND
    return start, end - int(billed) * SECOND if answer is not None else None, end


def _record(values: Mapping[str, str], times: Times) -> ChannelRecord:
    own = values.get("uuid", "")
    peers = tuple(u for u in dict.fromkeys(_named(values)) if u != own)
    outbound = _originated(values)
    caller = _caller(values, times, outbound)
    named = list(dict.fromkeys([own, *peers]))
    fallback = f"row:{times.start}/{times.end}/{values.get('caller_id_number', '')}/{values.get('destination_number', '')}"
    return ChannelRecord(
        keys=tuple(f"ch:{uuid}" for uuid in named if uuid) or (fallback,),
        identity=own or fallback,
        at=times.start,
        utc=times.utc,
        channel=own or fallback,
        originated=outbound,
        end=caller if outbound is False else _called(values, own if outbound else ""),
        caller=caller,
        dialled="" if outbound else _dialled(values, caller),
        answered_at=times.answer,
        ended_at=times.end,
        originator=next((u for n in _ORIGINS for u in uuids(values.get(n, "")) if u != own), ""),
        peers=peers,
        app=values.get("last_app", ""),
        cause=Cause(_whole(values.get("hangup_cause_q850", "")), text=values.get("hangup_cause", "")),
        account=values.get("accountcode", ""),
        extra=_extra(values),
    )


def _named(values: Mapping[str, str]) -> list[str]:
    told = (values.get(name) for name in (*_PEERS, *_ORIGINS))
    return [uuid for text in told if text for uuid in uuids(text)]


def _originated(values: Mapping[str, str]) -> bool | None:
    """Which way the channel was set up: a template may say; a channel called by its own number was placed by the switch."""
    direction = values.get("direction", "")
    if direction in ("inbound", "outbound"):
        return direction == "outbound"
    if any(uuids(values.get(name, "")) for name in _ORIGINS):
        return True
    number = values.get("caller_id_number", "")
    if number and number == values.get("destination_number") and values.get("caller_id_name") == _PLACEHOLDER:
        return True
    return None


def _caller(values: Mapping[str, str], times: Times, outbound: bool | None) -> Endpoint:
    """Who called, unless a transfer or pick-up has written our phone's number over an outside caller's."""
    number = values.get("caller_id_number", "") or values.get("ani", "")
    name = values.get("caller_id_name", "")
    if not name and values.get("caller_id"):
        name = values["caller_id"].partition("<")[0].strip(' "')
    kind = EndpointKind.UNKNOWN
    if values.get("context") == "public" and not outbound:
        kind = (
            EndpointKind.OUTSIDE
        )  # by FreeSWITCH's convention: the context of callers that it does not know
        rewritten = len(number) <= _SHORT < len(values.get("destination_number", ""))
        if rewritten and times.answer is not None:
            return Endpoint(kind)
    name = "" if name in (number, _PLACEHOLDER) else name
    return Endpoint(kind, Number("" if number == "0000000000" else number), name)


def _called(values: Mapping[str, str], channel: str) -> Endpoint:
    """Who the row's destination is."""
    number = values.get("destination_number", "")
    name = values.get("channel_name", "")
    kind = EndpointKind.OUTSIDE if values.get("sip_gateway_name") else EndpointKind.UNKNOWN
    if channel and name:
        kind = side(name) if kind is EndpointKind.UNKNOWN else kind
        number = number or chan_user(name)
    return Endpoint(kind, Number(number), channel=channel)


def _dialled(values: Mapping[str, str], caller: Endpoint) -> str:
    """The caller's digits, unless a transfer has rewritten the destination: to the name of a menu, or to a phone of ours
    in the context of our phones though the caller stands outside."""
    number = values.get("destination_number", "")
    if not _DIALLED.fullmatch(number):
        return ""
    outside = caller.kind is EndpointKind.OUTSIDE or len(caller.number.raw) > _SHORT
    if outside and values.get("context") == "default" and len(number) <= _SHORT:
        return ""
    return number


def _extra(values: Mapping[str, str]) -> dict[str, str]:
    extra = {
        "apps": values.get("last_app", ""),
        "last_arg": values.get("last_arg", ""),
        "caller": values.get("caller_id_number", ""),
        "caller_name": values.get("caller_id_name", ""),
        "called": values.get("destination_number", ""),
        "context": values.get("context", ""),
    }
    if extra["apps"] == "voicemail" and extra["last_arg"].startswith("check"):
        extra["mailbox_check"] = "true"
    return {name: value for name, value in extra.items() if value}


def _fits(cells: Sequence[str], template: Template) -> bool:
    uuid = template.place("uuid")
    stamps = [template.place(name) for name in ("start_stamp", "answer_stamp", "end_stamp")]
    texts = [cells[place] for place in stamps if place >= 0]
    known = [text for text in texts if text.strip()]
    return _UUID_CELL.fullmatch(cells[uuid].strip()) is not None and all(
        _stamp(text) is not None for text in known
    )


def _name(cell: str) -> str:
    """The variable in a template's cell; of an expression (``${regex(…)}``) its first variable."""
    found = _VARIABLE.findall(cell)
    return found[-1] if found else ""


@lru_cache(maxsize=4096)
def _stamp(text: str) -> Instant | None:
    """A wall clock (``2026-11-21 12:38:38``, or as a spreadsheet leaves it, ``2026/11/21 12:38``), as if it were UTC."""
    found = _STAMP.fullmatch(text.strip())
    if not found:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    try:
        return from_datetime(datetime(year, month, day, hour, minute, second, tzinfo=UTC))
    except ValueError:
        return None


def _epoch(text: str) -> Instant | None:
    return int(text) * SECOND if _FIGURE.fullmatch(text) and text.strip("0") and len(text) <= 11 else None


def _micros(text: str) -> Instant | None:
    return int(text) if _MICROS.fullmatch(text) and text.strip("0") else None


def _whole(text: str) -> int | None:
    return int(text) if _FIGURE.fullmatch(text) else None


_CLOCKS: tuple[tuple[str, Callable[[str], Instant | None]], ...] = (
    ("uepoch", _micros),
    ("epoch", _epoch),
    ("stamp", _stamp),
)
_STAMP = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})[ T](\d{1,2}):(\d{2})(?::(\d{2}))?", re.ASCII)
_FIGURE = re.compile(r"[0-9]{1,10}")
_MICROS = re.compile(r"[0-9]{1,17}")
_FIGURES = ("duration", "billsec", "progresssec", "waitsec", "mduration", "billmsec")
_PEERS = ("bleg_uuid", "bridge_uuid", "signal_bond", "last_bridge_to")
_ORIGINS = ("originating_leg_uuid", "originator", "cc_member_session_uuid")
_VARIABLE = re.compile(r"\$\{([A-Za-z_][\w.-]*)\}")
_BETWEEN = re.compile(r"\}[\"']?\s*([,;|\t])\s*[\"']?\$\{")
_NAME = re.compile(r"[A-Za-z_][\w.-]*")
_UUID_CELL = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DIALLED = re.compile(r"[+*#0-9]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_INSERT = "INSERT INTO"
_PLACEHOLDER = "Outbound Call"
_SHORT = 6
_FEWEST = 4
