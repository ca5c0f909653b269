"""What Asterisk's manager interface (AMI) tells of recording: that it was muted, and what a dialplan says of card data.

Blocks of ``Key: Value`` lines, ended by a blank one. All other events are passed over: the calls are told by CDR and CEL.
``Timestamp`` is there with ``timestampevents = yes`` only.
"""

from __future__ import annotations

import re

from ringbook.model.instant import SECOND, Instant, plausible
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
from ringbook.parse.formats._asterisk import epoch_of, key
from ringbook.parse.formats._blocks import BlockFormat, headers

_GREETING = b"Asterisk Call Manager/"

_DIRECTIONS = {"read": ("read",), "write": ("write",), "both": ("read", "write")}

_CARD = {"card-begins": True, "card-ends": False}
"""Names of the dialplan's own events, and whether what follows may not be heard."""

_CONNECT = """\
; manager.conf
[general]
enabled = yes
bindaddr = 127.0.0.1
timestampevents = yes

[ringbook]
secret = a long random text
deny = 0.0.0.0/0.0.0.0
permit = 127.0.0.1/255.255.255.255
read = call,user
write =
eventfilter = Event: MixMonitorMute
eventfilter = Event: UserEvent
"""


_ABOUT = About(
    slug="asterisk_ami",
    vendor="Sangoma",
    product="Asterisk manager interface: marks of what may not be heard",
    versions="16.17, 18.3 and newer for MixMonitorMute; 1.8 and newer for UserEvent",
    reference="https://docs.asterisk.org/Latest_API/API_Documentation/AMI_Events/MixMonitorMute/",
    transports=(Transport.AMI,),
    clock=Clock.UTC,
    facts=frozenset({"started_at"}),  # of a call that nothing else tells of: not before its first mark
    keys="linkedid and uniqueid, shared with CDR, CEL and queue_log",
    connect=_CONNECT,
)

_EVENT = re.compile(rb"\A(?:Response: [^\r\n]+\r?\n(?:[^\r\n]+\r?\n)*\r?\n)?Event: \w+\r?\nPrivilege: ").match


def _bid(head: bytes) -> float:
    """Sure of a greeting, or of an event with its class of privilege."""
    if head.startswith(_GREETING):
        return 0.97
    return 0.95 if _EVENT(head[:4096]) else 0.0


def _said(data: bytes) -> Parsed:
    if data.startswith(_GREETING):
        data = data.partition(b"\n")[2] or b"\n"
    told = headers(data)
    if not isinstance(told, dict):
        return told
    if "event" in told:
        return _event(told)
    if "response" in told:
        return Noise("response")
    return Rejected(Reasons.UNKNOWN, f"begins with {next(iter(told))[:40]!r}, not with Event")


FORMAT: Stream = BlockFormat(_ABOUT, _bid, _said)


def _event(told: dict[str, str]) -> Parsed:
    match told["event"].lower():
        case "mixmonitormute":
            parts = _DIRECTIONS.get(told.get("direction", "").lower())
            if parts is None:
                return Rejected(Reasons.MISSING, f"Direction {told.get('direction', '')[:20]!r}")
            if told.get("state") not in ("0", "1"):
                return Rejected(Reasons.NUMBER, f"State {told.get('state', '')[:20]!r}")
            return _mask(told, told["state"] == "1", parts)
        case "userevent":
            on = _CARD.get(told.get("userevent", "").lower())
            return Noise("other event") if on is None else _mask(told, on, ())
        case _:
            return Noise("other event")


def _mask(told: dict[str, str], on: bool, parts: tuple[str, ...]) -> Parsed:
    unique = told.get("uniqueid", "")
    if not unique:
        return Rejected(Reasons.MISSING, "no Uniqueid")
    stamp = told.get("timestamp", "")
    at = _instant(stamp) if stamp else epoch_of(unique)
    if at is None:
        return Rejected(Reasons.TIME, f"Timestamp {stamp[:40]!r}, Uniqueid {unique[:40]!r}")
    if not plausible(at):
        return Rejected(Reasons.IMPLAUSIBLE, f"Timestamp {stamp[:40]!r}")
    keys = dict.fromkeys((key(told.get("linkedid") or unique), key(unique)))
    mask = RecordingMask(
        keys=tuple(keys), at=at, on=on, channel=unique if parts else "", parts=parts, timed=bool(stamp)
    )
    return Stated((mask,))


def _instant(text: str) -> Instant | None:
    found = _STAMP(text)
    return int(found[1]) * SECOND + int(found[2].ljust(6, "0")) if found else None


_STAMP = re.compile(r"([0-9]{1,11})\.([0-9]{1,6})").fullmatch
