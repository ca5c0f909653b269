"""Asterisk's queue_log: the file (``epoch|callid|queue|agent|event|…``) and exports of the realtime table with a header."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias

from ringbook.model.instant import plausible
from ringbook.model.party import Endpoint, Number
from ringbook.model.statement import AgentState, AnyStatement, QueueEvent, QueueStep, SystemEvent
from ringbook.parse.format import (
    About,
    Clock,
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
from ringbook.parse.formats._asterisk import epoch_of, is_uniqueid, key
from ringbook.parse.formats._asterisk_clock import Moment, moment
from ringbook.parse.framing import LineFramer

_FACTS = (
    "started_at answered_at ended_at direction outcome hangup_by from to agents queue duration_s wait_s ring_s talk_s "
    "transfers legs steps"
)

_COLUMNS = ("time", "callid", "queuename", "agent", "event")
_OTHER_NAMES = {
    "queue": "queuename",
    "queue_name": "queuename",
    "call_id": "callid",
    "eventtype": "event",
    "verb": "event",
}
_DATA = ("data1", "data2", "data3", "data4", "data5", "data6", "data7", "data8")

_CALL_EVENTS = {
    "ENTERQUEUE": QueueEvent.ENTERED,
    "CONNECT": QueueEvent.CONNECTED,
    "COMPLETECALLER": QueueEvent.COMPLETED_BY_CALLER,
    "COMPLETEAGENT": QueueEvent.COMPLETED_BY_AGENT,
    "ABANDON": QueueEvent.ABANDONED,
    "RINGNOANSWER": QueueEvent.RANG_NO_ANSWER,
    "RINGCANCELED": QueueEvent.RING_CANCELLED,
    "RINGCANCELLED": QueueEvent.RING_CANCELLED,
    "EXITWITHTIMEOUT": QueueEvent.TIMED_OUT,
    "EXITWITHKEY": QueueEvent.LEFT_WITH_KEY,
    "EXITEMPTY": QueueEvent.LEFT_EMPTY,
    "TRANSFER": QueueEvent.BLIND_TRANSFER,  # before Asterisk 12
    "BLINDTRANSFER": QueueEvent.BLIND_TRANSFER,
    "ATTENDEDTRANSFER": QueueEvent.ATTENDED_TRANSFER,
}
_AGENT_EVENTS = {
    "ADDMEMBER": "added",
    "REMOVEMEMBER": "removed",
    "PAUSE": "pause",
    "UNPAUSE": "resume",
    "PAUSEALL": "pause",
    "UNPAUSEALL": "resume",
    "PENALTY": "penalty",
    "AGENTLOGIN": "login",
    "AGENTCALLBACKLOGIN": "login",
    "AGENTLOGOFF": "logout",
    "AGENTCALLBACKLOGOFF": "logout",
    "AGENTDUMP": "dump",
}
_SYSTEM_EVENTS = frozenset(
    ("QUEUESTART", "CONFIGRELOAD", "CONFIGRELOADED", "SYSCOMPAT", "DID", "INFO", "URL", "RELOAD", "ROTATE")
)
_NO_CALL = frozenset(("", "NONE", "REALTIME", "MANAGER", "CLI", "API", "AUTO", "NULL"))

_RANK = {
    event: rank
    for rank, event in enumerate(
        (
            QueueEvent.ENTERED,
            QueueEvent.RANG_NO_ANSWER,
            QueueEvent.RING_CANCELLED,
            QueueEvent.CONNECTED,
        )
    )
}
_LAST = len(_RANK)
"""The order of one caller's events within a second, where no row id tells it: what ends the stay comes last."""

Step: TypeAlias = dict[str, object]


class QueueLogFormat:
    """Asterisk's queue_log as a :class:`~ringbook.parse.format.Stream`."""

    about = About(
        slug="asterisk_queue_log",
        vendor="Sangoma",
        product="Asterisk queue_log (file, realtime table)",
        versions="1.4 to 23; FreePBX 2 to 17",
        reference="https://docs.asterisk.org/Configuration/Applications/Queue-Logs/",
        transports=(Transport.FILE, Transport.TCP_CONNECT, Transport.TCP_LISTEN),
        clock=Clock.LOCAL,
        facts=frozenset(_FACTS.split()),
        keys="the caller's uniqueid and that of the agent's channel, shared with CDR and CEL",
        connect="; logger.conf\n[general]\nqueue_log=yes\nqueue_adaptive_realtime=no",
    )

    def configure(self, settings: Mapping[str, str]) -> Stream:
        """This format; it has no settings."""
        without_settings(self.about.slug, settings)
        return self

    def sniff(self, head: bytes, name: str) -> float:
        """Certain for lines of epoch, call, queue, agent and a known event between bars, or the table's header."""
        lines = [line for line in head.split(b"\n", 20)[:20] if line.strip()]
        if any(_is_header(line) for line in lines[:3]):
            return 0.98
        known = sum(
            1 for line in lines if (found := _LINE(line)) and _known(found[1].decode("latin-1").upper())
        )
        if not known:
            return 0.0
        named = 0.02 if "queue_log" in name.lower() else 0.0
        return min(0.98, 0.6 + 0.35 * known / len(lines) + named)

    def framer(self, context: bytes = b"") -> LineFramer:
        """One line a piece; the header of a table export is the context."""
        return LineFramer(context, _is_header)

    def parse(self, piece: Piece) -> Parsed:
        """One event of a queue, an agent or the queue program."""
        if piece.flaw:
            return Rejected(piece.flaw)
        if not piece.data.strip():
            return Noise("blank")
        if _is_header(piece.data):
            return Noise("header")
        if b"\0" in piece.data:
            return Rejected(Reasons.ENCODING, "NUL bytes")
        text = _text(piece.data).strip("\r\n")
        row = _table_row(text, piece.context) if piece.context else _file_row(text)
        return row if isinstance(row, Rejected) else _stated(row)


FORMAT: Stream = QueueLogFormat()


class _Row(dict[str, str]):
    """The named columns of one row, and its ``data`` in order."""

    data: tuple[str, ...] = ()


def _file_row(text: str) -> _Row | Rejected:
    fields = text.split("|")
    if len(fields) < len(_COLUMNS):
        return Rejected(
            Reasons.COLUMNS, f"{len(fields)} fields between bars; a queue_log line has at least 5"
        )
    row = _Row(zip(_COLUMNS, (field.strip() for field in fields), strict=False))
    row.data = tuple(field.strip() for field in fields[len(_COLUMNS) :])
    return row


def _table_row(text: str, header: bytes) -> _Row | Rejected:
    names, delimiter = _layout(header)
    try:
        [fields] = csv.reader([text], delimiter=delimiter, strict=True)
    except (csv.Error, ValueError) as error:
        return Rejected(Reasons.TRUNCATED if "end of data" in str(error) else Reasons.SYNTAX, str(error))
    if len(fields) != len(names):
        return Rejected(Reasons.COLUMNS, f"{len(fields)} fields; the header has {len(names)}")
    row = _Row((name, _value(field)) for name, field in zip(names, fields, strict=True))
    row.data = tuple(row[name] for name in _DATA if name in row)
    if "data" in row and not row.data:
        row.data = tuple(row["data"].split("|"))
    return row


def _stated(row: _Row) -> Parsed:
    when = moment(row.get("time", ""))
    if when is None:
        return Rejected(Reasons.TIME, f"time {row.get('time', '')[:40]!r}")
    if not plausible(when.at):
        return Rejected(Reasons.IMPLAUSIBLE, f"time {row['time']!r}")
    event = row.get("event", "").upper()
    if event in _CALL_EVENTS:
        return _step(row, when, _CALL_EVENTS[event])
    if event in _AGENT_EVENTS:
        return _agent(row, when, _AGENT_EVENTS[event])
    if event in _SYSTEM_EVENTS:
        detail = "|".join(filter(None, (_named(row.get("queuename", "")), *row.data)))
        return Stated((SystemEvent(event=event, detail=detail, **_told(row, when)),))  # type: ignore[arg-type]
    return Rejected(Reasons.UNKNOWN, f"event {event[:40]!r}")


def _told(row: _Row, when: Moment, rank: int = 0) -> dict[str, object]:
    """What every statement says: when, by which clock, and its place among the rows."""
    number = row.get("id", "")
    known = number.isdecimal() and len(number) <= _LONGEST_ID
    call = row.get("callid", "")
    return {
        "at": when.at,
        "utc": when.utc,
        "hint_at": None if when.utc else epoch_of(call),
        "order": int(number) if known else rank,
        "identity": f"{number}/{call}/{row.get('event', '')}" if known else "",
    }


def _agent(row: _Row, when: Moment, state: str) -> Parsed:
    who = row.get("agent", "")
    if not _named(who):
        return Rejected(Reasons.MISSING, "no agent")
    reason = row.data[0] if row.data else ""
    queue = _named(row.get("queuename", ""))
    said = AgentState(agent=who, state=state, queue=queue, reason=reason, **_told(row, when))  # type: ignore[arg-type]
    return Stated((said,))


def _step(row: _Row, when: Moment, event: QueueEvent) -> Parsed:
    call = row.get("callid", "")
    if call.upper() in _NO_CALL:
        return Rejected(Reasons.MISSING, f"{row['event']} without a call id")
    read = _DETAILS[event]
    try:
        details = read(row.data)
    except ValueError as error:
        return Rejected(Reasons.NUMBER, str(error))
    if any(isinstance(value, float) and value < 0 for value in details.values()):
        return Rejected(Reasons.NEGATIVE, "|".join(row.data)[:80])
    agent = _named(row.get("agent", ""))
    channel = str(details.get("agent_channel", ""))
    keys = (key(call), key(channel)) if channel else (key(call),)
    step: AnyStatement = QueueStep(
        keys=keys,
        event=event,
        call=call,
        queue=_named(row.get("queuename", "")),
        agent=agent,
        **details,  # type: ignore[arg-type]
        **_told(row, when, _RANK.get(event, _LAST)),  # type: ignore[arg-type]
    )
    return Stated((step,))


def _entered(data: Sequence[str]) -> Step:
    caller = _at(data, 1)
    name = _at(data, 3)
    return {"caller": Endpoint(number=Number(caller), name=name), "position": _count(_at(data, 2))}


def _connected(data: Sequence[str]) -> Step:
    channel = _at(data, 1)
    return {
        "wait_s": _seconds(_at(data, 0)),
        "agent_channel": channel if is_uniqueid(channel) else "",
        "ring_s": _seconds(_at(data, 2)),
    }


def _completed(data: Sequence[str]) -> Step:
    return {
        "wait_s": _seconds(_at(data, 0)),
        "talk_s": _seconds(_at(data, 1)),
        "position": _count(_at(data, 2)),
    }


def _left(data: Sequence[str]) -> Step:
    return {"position": _count(_at(data, 0)), "wait_s": _seconds(_at(data, 2))}


def _left_with_key(data: Sequence[str]) -> Step:
    return {"target": _at(data, 0), "position": _count(_at(data, 1)), "wait_s": _seconds(_at(data, 3))}


def _rang(data: Sequence[str]) -> Step:
    """RINGNOANSWER and RINGCANCELED count milliseconds; 0 when the phone could not be reached."""
    millis = _seconds(_at(data, 0))
    return {"ring_s": None if millis is None else round(millis / 1000, 3)}


def _blind(data: Sequence[str]) -> Step:
    return {"target": _at(data, 0), "wait_s": _seconds(_at(data, 2)), "talk_s": _seconds(_at(data, 3))}


def _attended(data: Sequence[str]) -> Step:
    """``method|method-data|hold|talk|position``; the data is a bridge or a channel, not a number."""
    return {"target": "", "wait_s": _seconds(_at(data, 2)), "talk_s": _seconds(_at(data, 3))}


_DETAILS: dict[QueueEvent, Callable[[Sequence[str]], Step]] = {
    QueueEvent.ENTERED: _entered,
    QueueEvent.CONNECTED: _connected,
    QueueEvent.COMPLETED_BY_CALLER: _completed,
    QueueEvent.COMPLETED_BY_AGENT: _completed,
    QueueEvent.ABANDONED: _left,
    QueueEvent.TIMED_OUT: _left,
    QueueEvent.LEFT_EMPTY: _left,
    QueueEvent.LEFT_WITH_KEY: _left_with_key,
    QueueEvent.RANG_NO_ANSWER: _rang,
    QueueEvent.RING_CANCELLED: _rang,
    QueueEvent.BLIND_TRANSFER: _blind,
    QueueEvent.ATTENDED_TRANSFER: _attended,
}


def _at(data: Sequence[str], index: int) -> str:
    return data[index] if index < len(data) else ""


def _seconds(text: str) -> float | None:
    if not text:
        return None
    if not _FIGURE(text):
        raise ValueError(f"{text[:40]!r} is no number of seconds")
    return float(text)


def _count(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) <= _LONGEST_COUNT else None


def _named(text: str) -> str:
    return "" if text.upper() in ("NONE", "NULL") else text


def _known(event: str) -> bool:
    return event in _CALL_EVENTS or event in _AGENT_EVENTS or event in _SYSTEM_EVENTS


def _value(field: str) -> str:
    field = field.strip()
    return "" if field in ("NULL", "\\N") else field


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


@lru_cache(maxsize=64)
def _layout(header: bytes) -> tuple[tuple[str, ...], str]:
    """Column names and delimiter."""
    text = _text(header).strip("\ufeff\r\n \t")
    delimiter = max(",;\t|", key=text.count)
    names = [name.strip(' "`').lower() for name in text.split(delimiter)]
    return tuple(_OTHER_NAMES.get(name, name) for name in names), delimiter


def _is_header(line: bytes) -> bool:
    if len(line) > _LONGEST_HEADER:
        return False
    low = line.lower()
    return b"callid" in low and b"queuename" in low and b"event" in low and b"agent" in low


_LINE = re.compile(rb"\d{9,11}(?:\.\d{1,6})?\|[^|]*\|[^|]*\|[^|]*\|([A-Za-z]+)(?:\||\s*$)").match
_FIGURE = re.compile(r"-?\d{1,9}(?:\.\d{1,6})?", re.ASCII).fullmatch
_LONGEST_ID = 18
_LONGEST_COUNT = 6
_LONGEST_HEADER = 1000
