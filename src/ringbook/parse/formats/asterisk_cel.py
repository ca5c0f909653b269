"""Asterisk channel event logging (CEL): cel_custom's CSV, and exports of the ``cel`` table with a header.

The times of a file are epochs (UTC) unless ``dateformat`` is set; a table has wall-clock text. Which it is stands in each
record, so statements say it themselves (``utc``). Keypad digits (DTMF events) are not taken over: they may be card numbers.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec

from ringbook.model.call import Cause
from ringbook.model.instant import plausible
from ringbook.model.party import Endpoint, EndpointKind, Number
from ringbook.model.statement import ChannelEvent, EventKind
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
from ringbook.parse.formats._asterisk import (
    AppKind,
    app_end,
    app_kind,
    caller_id,
    endpoint,
    epoch_of,
    key,
    made_key,
)
from ringbook.parse.formats._asterisk_clock import Moment, moment
from ringbook.parse.framing import CsvFramer

_ORDER = (
    "eventtype,eventtime,cid_name,cid_num,cid_ani,cid_rdnis,cid_dnid,exten,context,channame,appname,appdata,amaflags,"
    "accountcode,uniqueid,linkedid,peer,userfield,userdeftype,extra"
)
COLUMNS = tuple(_ORDER.split(","))
"""cel_custom's own order; older files end before ``extra``."""

_OTHER_NAMES = {"eventextra": "extra", "bridgepeer": "peer", "channel": "channame", "ani": "cid_ani"}
_OTHER_NAMES |= {
    "rdnis": "cid_rdnis",
    "dnid": "cid_dnid",
    "event_time": "eventtime",
    "event_type": "eventtype",
}

_KINDS = {
    "CHAN_START": EventKind.CREATED,
    "CHAN_END": EventKind.ENDED,
    "ANSWER": EventKind.ANSWERED,
    "HANGUP": EventKind.HANGUP,
    "APP_START": EventKind.APP_START,
    "APP_END": EventKind.APP_END,
    "BRIDGE_ENTER": EventKind.BRIDGE_ENTER,
    "BRIDGE_EXIT": EventKind.BRIDGE_EXIT,
    "BRIDGE_START": EventKind.BRIDGE_ENTER,  # before Asterisk 12: of the pair channel and peer
    "BRIDGE_END": EventKind.BRIDGE_EXIT,
    "CONF_ENTER": EventKind.BRIDGE_ENTER,
    "CONF_EXIT": EventKind.BRIDGE_EXIT,
    "PARK_START": EventKind.PARK_START,
    "PARK_END": EventKind.PARK_END,
    "BLINDTRANSFER": EventKind.BLIND_TRANSFER,
    "TRANSFER": EventKind.BLIND_TRANSFER,
    "ATTENDEDTRANSFER": EventKind.ATTENDED_TRANSFER,
    "PICKUP": EventKind.PICKUP,
    "FORWARD": EventKind.FORWARD,
    "LOCAL_OPTIMIZE": EventKind.LOCAL_OPTIMISED,
    "LINKEDID_END": EventKind.COMPLETE,
    "USER_DEFINED": EventKind.USER,
    "BRIDGE_UPDATE": EventKind.OTHER,
    "CONF_START": EventKind.OTHER,
    "CONF_END": EventKind.OTHER,
    "BRIDGE_TO_CONF": EventKind.OTHER,
    "LOCAL_OPTIMIZE_BEGIN": EventKind.OTHER,
    "HOOKFLASH": EventKind.OTHER,
    "3WAY_START": EventKind.OTHER,
    "3WAY_END": EventKind.OTHER,
    "STREAM_BEGIN": EventKind.OTHER,  # music on hold apart
    "STREAM_END": EventKind.OTHER,
    "DTMF": EventKind.OTHER,
}
_MUSIC = {"STREAM_BEGIN": EventKind.MUSIC_START, "STREAM_END": EventKind.MUSIC_END}

_RANK = {
    kind: rank
    for rank, kind in enumerate(
        (
            EventKind.CREATED,
            EventKind.APP_START,
            EventKind.ANSWERED,
            EventKind.BRIDGE_EXIT,
            EventKind.BRIDGE_ENTER,
            EventKind.APP_END,
            EventKind.HANGUP,
            EventKind.ENDED,
            EventKind.COMPLETE,
        )
    )
}
"""The order of one channel's events that bear the same time, where no row id tells it."""
_MIDDLE = _RANK[EventKind.BRIDGE_ENTER]

_JOINING = (
    "pickup_channel_uniqueid",
    "channel2_uniqueid",
    "transferee_channel_uniqueid",
    "transfer_target_channel_uniqueid",
    "local_two_uniqueid",
)
"""Members of the JSON that name further channels of the same call."""


_FACTS = (
    "started_at answered_at ended_at direction outcome hangup_by cause from to dialled agents queue duration_s wait_s "
    "ring_s talk_s hold_s transfers legs steps account trunks"
)


class CelFormat:
    """Asterisk CEL as a :class:`~ringbook.parse.format.Stream`."""

    about = About(
        slug="asterisk_cel",
        vendor="Sangoma",
        product="Asterisk CEL (cel_custom CSV, cel table)",
        versions="1.8 to 23; FreePBX 12 to 17",
        reference="https://docs.asterisk.org/Configuration/Reporting/Channel-Event-Logging-CEL/",
        transports=(Transport.FILE, Transport.TCP_CONNECT, Transport.TCP_LISTEN),
        clock=Clock.LOCAL,
        facts=frozenset(_FACTS.split()),
        keys="linkedid and uniqueid, shared with CDR and queue_log; the bridge in which channels meet",
        connect=(
            "; cel.conf\n[general]\nenable=yes\napps=dial,queue,voicemail,confbridge,park,parkedcall,background,playback,"
            "read,waitexten,chanspy,pickup,pickupchan\n"
            "events=CHAN_START,CHAN_END,ANSWER,HANGUP,APP_START,APP_END,BRIDGE_ENTER,BRIDGE_EXIT,PARK_START,PARK_END,"
            "BLINDTRANSFER,ATTENDEDTRANSFER,PICKUP,FORWARD,LOCAL_OPTIMIZE,LINKEDID_END,STREAM_BEGIN,STREAM_END\n"
            "; cel_custom.conf: the sample's [mappings] Master.csv line"
        ),
    )

    def configure(self, settings: Mapping[str, str]) -> Stream:
        """This format; it has no settings."""
        without_settings(self.about.slug, settings)
        return self

    def sniff(self, head: bytes, name: str) -> float:
        """Certain for a line that begins with a known event and a time, or for a header with CEL's columns."""
        lines = [line for line in head.split(b"\n", 20)[:20] if line.strip()]
        if any(_is_header(line) for line in lines[:3]):
            return 0.98
        found = [match for line in lines if (match := _START(line))]
        known = sum(1 for match in found if match[1].decode("latin-1") in _KINDS)
        if not known:
            return 0.0
        named = 0.02 if "cel" in name.lower() else 0.0
        return min(0.97, 0.6 + 0.35 * known / len(lines) + named)

    def framer(self, context: bytes = b"") -> CsvFramer:
        """One CSV record a piece; the header of a table export is the context."""
        return CsvFramer(context, starts=_starts, header=_is_header)

    def parse(self, piece: Piece) -> Parsed:
        """One event of one channel."""
        if piece.flaw:
            return Rejected(piece.flaw)
        if not piece.data.strip():
            return Noise("blank")
        if _is_header(piece.data):
            return Noise("header")
        if b"\0" in piece.data:
            return Rejected(Reasons.ENCODING, "NUL bytes")
        names, delimiter = _layout(piece.context)
        fields = _fields(_text(piece.data).strip("\r\n"), delimiter)
        if isinstance(fields, Rejected):
            return fields
        if len(fields) != len(names) and (piece.context or len(fields) != len(names) - 1):
            return Rejected(
                Reasons.COLUMNS, f"{len(fields)} fields; CEL has {len(names)}, or 19 without eventextra"
            )
        row = {name: _value(field) for name, field in zip(names, fields, strict=False)}
        return _event(row)


FORMAT: Stream = CelFormat()


def _fields(text: str, delimiter: str) -> list[str] | Rejected:
    """The fields of a record: quotes doubled as in CSV or, in MySQL's exports, after a backslash."""
    try:
        [fields] = csv.reader([text], delimiter=delimiter, strict=True)
    except (csv.Error, ValueError) as error:
        if '\\"' in text:
            try:
                [fields] = csv.reader(
                    [text], delimiter=delimiter, strict=True, doublequote=False, escapechar="\\"
                )
                return fields
            except (csv.Error, ValueError):
                pass
        return Rejected(Reasons.TRUNCATED if "end of data" in str(error) else Reasons.SYNTAX, str(error))
    return fields


def _event(row: dict[str, str]) -> Parsed:
    said = row.get("eventtype", "")
    if said.isdecimal() and row.get("eventenum"):
        said = row["eventenum"]
    kind = _KINDS.get(said)
    if kind is None:
        if row.get("userdeftype"):
            kind = EventKind.USER
        elif _EVENT_NAME(said):
            kind = EventKind.OTHER
        else:
            return Rejected(Reasons.UNKNOWN, f"event type {said[:40]!r}")
    when = moment(row.get("eventtime", ""))
    if when is None:
        return Rejected(Reasons.TIME, f"event time {row.get('eventtime', '')[:40]!r}")
    if not plausible(when.at):
        return Rejected(Reasons.IMPLAUSIBLE, f"event time {row['eventtime']!r}")
    if not row.get("uniqueid"):
        return Rejected(Reasons.MISSING, "no uniqueid")
    extra = _extra(row.get("extra", ""))
    if said in _MUSIC and ("MOH" in row.get("userdeftype", "") or "class" in extra):
        kind = _MUSIC[said]
    if said == "DTMF":
        extra = {}
    return Stated((_statement(row, said, kind, when, extra),))


def _statement(
    row: dict[str, str], said: str, kind: EventKind, when: Moment, extra: dict[str, str]
) -> ChannelEvent:
    unique, linked = row["uniqueid"], row.get("linkedid", "")
    cause, by, status = (
        _hangup(row.get("extra", ""), extra) if kind is EventKind.HANGUP else (Cause(), "", "")
    )
    if kind in (EventKind.OTHER, EventKind.USER):
        extra = {"type": row.get("userdeftype") or said, **extra}
    bridge = extra.get("bridge_id", "") or extra.get("bridge1_id", "")
    if said in ("CONF_ENTER", "CONF_EXIT"):
        bridge = f"conference {row.get('appdata', '')}"
    keys = (
        ()
        if row.get("channame", "").startswith(_NO_CALL)
        else _keys(unique, linked, bridge if _meeting(kind, said, extra) else "", extra)
    )
    if kind is EventKind.CREATED and keys and row.get("channame"):
        keys += (made_key(row["channame"], when.at),)
    number = row.get("id", "")
    order = int(number) if number.isdecimal() and len(number) <= _LONGEST_ID else _RANK.get(kind, _MIDDLE)
    return ChannelEvent(
        keys=keys,
        identity=f"{number}/{unique}/{said}" if number else "",
        at=when.at,
        hint_at=None if when.utc else epoch_of(unique),
        utc=when.utc,
        order=order,
        event=kind,
        channel=unique,
        linked=linked,
        end=_end(row, kind),
        exten=row.get("exten", ""),
        context=row.get("context", ""),
        app=row.get("appname", ""),
        app_data=row.get("appdata", ""),
        target=_target(row.get("appname", ""), row.get("appdata", "")),
        peer=row.get("peer", ""),
        bridge=bridge,
        cause=cause,
        by=by,
        dial_status=status,
        dnid=row.get("cid_dnid", ""),
        rdnis=row.get("cid_rdnis", ""),
        account=row.get("accountcode", ""),
        extra=extra,
    )


def _keys(unique: str, linked: str, bridge: str, extra: dict[str, str]) -> tuple[str, ...]:
    """The linked id first: it is the source's own name for the call."""
    names = [key(linked or unique), key(unique)]
    names += [key(extra[name]) for name in _JOINING if extra.get(name)]
    if bridge:
        names.append(f"bridge:{bridge}")
    return tuple(dict.fromkeys(names))


def _meeting(kind: EventKind, said: str, extra: dict[str, str]) -> bool:
    """Whether being in this bridge means being on one call: not where callers are held apart, in a parking lot."""
    if kind not in (EventKind.BRIDGE_ENTER, EventKind.BRIDGE_EXIT) or said in ("CONF_ENTER", "CONF_EXIT"):
        return False
    return extra.get("bridge_technology", "") != "holding_bridge"


def _end(row: dict[str, str], kind: EventKind) -> Endpoint:
    """Who is on the channel. The context it began in tells trunk from phone where its name does not."""
    name, shown = row.get("channame", ""), row.get("cid_name", "")
    if "\\" in shown:
        shown = caller_id(f'"{shown}"')[0]
    end = msgspec.structs.replace(endpoint(name, row.get("cid_num", ""), shown), channel=name)
    if end.kind is EndpointKind.PLUMBING or kind is not EventKind.CREATED:
        return end
    context = row.get("context", "")
    if end.device.rpartition("/")[
        2
    ].isdecimal():  # a phone by its name, unless it begins where only trunks do
        trunk = _TRUNK_CONTEXT(context)
        return msgspec.structs.replace(end, kind=EndpointKind.OUTSIDE, extension="") if trunk else end
    if _OUTSIDE_CONTEXT(context):
        return msgspec.structs.replace(end, kind=EndpointKind.OUTSIDE, extension="")
    if _INSIDE_CONTEXT(context):
        return msgspec.structs.replace(end, kind=EndpointKind.PERSON)
    return end


@lru_cache(maxsize=8192)
def _target(app: str, data: str) -> Endpoint:
    """What the application leads to: the queue, mailbox or room named first, or the outside number that is dialled."""
    kind = app_kind(app)
    if kind is AppKind.DIAL:
        return _dialled(data)
    end = app_end(app)
    if end is EndpointKind.UNKNOWN:
        return Endpoint()
    name = data.partition(",")[0].partition("|")[0]
    return Endpoint(end, name=name)


def _dialled(data: str) -> Endpoint:
    """The first outside number among ``PJSIP/101&PJSIP/5550123@carrier,20,tk`` or ``SIP/carrier/5550123|20``."""
    for one in data.partition(",")[0].partition("|")[0].split("&")[:_MOST_TARGETS]:
        technology, _, place = one.partition("/")
        if technology.lower() == "local":
            continue
        number, at, trunk = place.partition("@")
        if not at:
            trunk, _, number = place.rpartition("/")
        if trunk and _TELEPHONE(number):
            device = f"{technology}/{trunk.partition('/')[0]}"
            return Endpoint(EndpointKind.OUTSIDE, Number(number), device=device)
    return Endpoint()


def _hangup(text: str, extra: dict[str, str]) -> tuple[Cause, str, str]:
    """Cause, hangup source and dial status, as JSON (since 12) or as ``16,source,ANSWER`` (before)."""
    if extra.get("text"):
        cause, by, status = (*text.split(","), "", "")[:3]
    else:
        cause, by, status = (extra.get(name, "") for name in ("hangupcause", "hangupsource", "dialstatus"))
    value = int(cause) if cause.isdecimal() and len(cause) <= _LONGEST_CAUSE else 0
    return Cause(q850=value or None), by, status


def _extra(text: str) -> dict[str, str]:
    """The JSON's members as texts; what is no JSON object stands whole under ``text``."""
    if not text:
        return {}
    try:
        found: Any = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return {"text": text}
    if not isinstance(found, dict):
        return {"text": text}
    return {str(name): _plain(value) for name, value in found.items() if value not in _NOTHING}


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _value(field: str) -> str:
    field = field.strip()
    return "" if field in ("NULL", "\\N", "<unknown>") else field


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


@lru_cache(maxsize=64)
def _layout(header: bytes) -> tuple[tuple[str, ...], str]:
    """Column names and delimiter."""
    if not header:
        return tuple(COLUMNS), ","
    text = _text(header).strip("\ufeff\r\n \t")
    delimiter = max(",;\t|", key=text.count)
    names = [name.strip(' "`').lower() for name in text.split(delimiter)]
    return tuple(_OTHER_NAMES.get(name, name) for name in names), delimiter


def _is_header(line: bytes) -> bool:
    if len(line) > _LONGEST_HEADER:
        return False
    low = line.lower()
    return b"eventtype" in low and b"eventtime" in low and b"uniqueid" in low and b"linkedid" in low


def _starts(line: bytes) -> bool:
    return _START(line) is not None or _TABLE_START(line) is not None


_START = re.compile(
    rb'"?([^",\r\n]{1,80})"?,"?(?:\d{9,11}(?:\.\d{1,6})?|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[^",]{0,14})"?,'
).match
_TABLE_START = re.compile(rb'"?\d{1,18}"?[,;\t]"?[A-Z0-9_]{4,40}"?[,;\t]"?\d{4}-\d\d-\d\d').match
_EVENT_NAME = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*", re.ASCII).fullmatch
_OUTSIDE_CONTEXT = re.compile(
    r".*(trunk|pstn|outside|incoming|inbound|carrier|provider|from-did|from-(sip-)?external|public).*",
    re.IGNORECASE,
).fullmatch
_TRUNK_CONTEXT = re.compile(r".*(trunk|pstn|carrier|provider).*", re.IGNORECASE).fullmatch
_INSIDE_CONTEXT = re.compile(
    r"(?:.*[-_])?(internal|inside|phones|users|extensions)(?:[-_].*)?", re.IGNORECASE
).fullmatch
_LONGEST_ID = 18
_NO_CALL = "Message/"
"""The channel on which the switch handles text messages: it lives as long as the switch."""
_NOTHING = (None, "", "N/A")
_LONGEST_CAUSE = 3
_MOST_TARGETS = 50
_TELEPHONE = re.compile(r"[+*#]?[0-9*#]{2,30}", re.ASCII).fullmatch
_LONGEST_HEADER = 2000
