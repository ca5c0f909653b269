"""What FreeSWITCH's event socket (ESL) tells of recording: that it was masked or paused, and what a dialplan says of card data.

FreeSWITCH raises no event of its own when a recording is masked. It raises one for each command of its API (``API`` with
``uuid_record UUID mask FILE``) and one for each application of a dialplan (``CHANNEL_EXECUTE`` of ``record_session_mask``);
these are read. A message is two blocks: the envelope with its length, and the event, whose values are percent-encoded.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from ringbook.model.instant import plausible
from ringbook.model.statement import RecordingMask
from ringbook.parse.format import (
    About,
    Clock,
    Noise,
    Parsed,
    Reasons,
    Rejected,
    Stated,
    Stream,
    Transport,
)
from ringbook.parse.formats._blocks import BlockFormat, headers

_DONE = {
    "mask": ("mask", True),
    "unmask": ("mask", False),
    "pause": ("pause", True),
    "resume": ("pause", False),
}
"""What is done to a recording: of which kind it is, and whether what follows may not be heard."""

_CARD = {"ringbook::card-begins": True, "ringbook::card-ends": False}

_CONNECT = """\
<!-- autoload_configs/event_socket.conf.xml -->
<param name="listen-ip" value="127.0.0.1"/>
<param name="listen-port" value="8021"/>
<param name="password" value="a long random text"/>
<param name="apply-inbound-acl" value="loopback.auto"/>
"""


_ABOUT = About(
    slug="freeswitch_esl",
    vendor="SignalWire",
    product="FreeSWITCH event socket: marks of what may not be heard",
    versions="1.6 to 1.10",
    reference="https://developer.signalwire.com/freeswitch/FreeSWITCH-Explained/Modules/mod_event_socket_1048924/",
    transports=(Transport.ESL,),
    clock=Clock.UTC,
    facts=frozenset({"started_at"}),  # of a call that nothing else tells of: not before its first mark
    keys="uuid of the channel and of its call, shared with the CDRs",
    connect=_CONNECT,
)

_ENVELOPE = re.compile(
    rb"\A(?:Content-Length: \d+\r?\nContent-Type: text/event-plain|Content-Type: (?:auth/request|text/event-plain))\r?\n"
).match

_TEXT = re.compile(
    rb"[^\r\n:]*\r?\n(?:.*\n)*Content-Length: \d+\r?\nContent-Type: text/event-plain\r?\n\r?\n"
).fullmatch
"""What a command answered, which stands behind its event without a blank line, and the envelope that follows."""


def _bid(head: bytes) -> float:
    """Sure of an envelope of the event socket."""
    return 0.95 if _ENVELOPE(head[:4096]) else 0.0


def _said(data: bytes) -> Parsed:
    if _TEXT(data) and b"Event-Name:" not in data:
        return Noise("text of another event")
    told = headers(data)
    if not isinstance(told, dict):
        return told
    if "event-name" in told:
        return _event({name: unquote(value) for name, value in told.items()})
    if "content-type" in told:
        return Noise("envelope")
    return Rejected(Reasons.UNKNOWN, f"begins with {next(iter(told))[:40]!r}, and has no Event-Name")


FORMAT: Stream = BlockFormat(_ABOUT, _bid, _said)


def _event(told: dict[str, str]) -> Parsed:
    uuid, what, file = told.get("unique-id", ""), "", ""
    match told["event-name"]:
        case "API" if told.get("api-command") == "uuid_record":
            uuid, what, file = (*told.get("api-command-argument", "").split(None, 2), "", "", "")[:3]
        case "CHANNEL_EXECUTE":
            what, file = (
                told.get("application", "").removeprefix("record_session_"),
                told.get("application-data", ""),
            )
        case "CUSTOM":
            on = _CARD.get(told.get("event-subclass", ""))
            return Noise("other event") if on is None else _mask(told, uuid, on, ())
    if what.lower() not in _DONE:
        return Noise("other event")
    kind, on = _DONE[what.lower()]
    return _mask(told, uuid, on, (f"{kind} {file.strip()}",))


def _mask(told: dict[str, str], uuid: str, on: bool, parts: tuple[str, ...]) -> Parsed:
    if not uuid:
        return Rejected(Reasons.MISSING, "no uuid of a channel")
    stamp = told.get("event-date-timestamp", "")
    if not _STAMP(stamp):
        return Rejected(Reasons.TIME, f"Event-Date-Timestamp {stamp[:40]!r}")
    at = int(stamp)
    if not plausible(at):
        return Rejected(Reasons.IMPLAUSIBLE, f"Event-Date-Timestamp {stamp!r}")
    named = dict.fromkeys((uuid, told.get("channel-call-uuid") or uuid))
    keys = tuple(f"ch:{one}" for one in named)
    return Stated((RecordingMask(keys=keys, at=at, on=on, channel=uuid if parts else "", parts=parts),))


_STAMP = re.compile(r"[0-9]{1,17}").fullmatch
