"""Asterisk's own words: channel names, caller ids and applications, as its CDR, CEL and queue_log write them."""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

from ringbook.model.dialplan import ARTEFACTS, AppKind, app_end, app_kind, split_channel
from ringbook.model.members import END_OUTSIDE, END_PERSON, END_PLUMBING, END_UNKNOWN
from ringbook.model.party import Endpoint, EndpointKind, Number


class Channel(msgspec.Struct, frozen=True):
    """What a channel's name says.

    ``device`` is the phone or trunk behind it (``PJSIP/101``); of a ``Local`` channel the dialplan place it stands for
    (``Local/103@from-queue``), ``half`` being 1 or 2. ``number`` is what the name itself says of a telephone number:
    ``101`` for ``PJSIP/101``, ``103`` for ``Local/103@…``, ``5551234`` for ``DAHDI/i1/5551234``.
    """

    technology: str = ""
    device: str = ""
    name: str = ""
    number: str = ""
    half: int = 0
    kind: EndpointKind = EndpointKind.UNKNOWN


def channel(name: str) -> Channel:
    """What the name of a channel says: ``PJSIP/101-0000002b``, ``Local/103@from-queue-00000004;1``, ``DAHDI/i1/555-1``."""
    return _device(*split_channel(name))


@lru_cache(maxsize=4096)
def _device(device: str, half: int) -> Channel:
    technology, _, name = device.partition("/")
    tech = technology.lower()
    if tech == "local":
        exten = name.partition("@")[0]
        kind = END_PLUMBING
        return Channel(technology, device, name, exten if _is_number(exten) else "", half, kind)
    if tech in _INTERNAL:
        return Channel(technology, device, name, "", half, END_PLUMBING)
    if tech in ("dahdi", "zap", "capi", "misdn", "khomp", "vpb", "woomera"):
        return _line(technology, device, name, half)
    kind = _kind(tech, name)
    return Channel(technology, device, name, name if _SHORT(name) else "", half, kind)


def _line(technology: str, device: str, name: str, half: int) -> Channel:
    """An ISDN or analogue line: ``DAHDI/i1/5551234`` is a span, ``DAHDI/3`` may be a phone or an exchange line."""
    group, slash, number = name.partition("/")
    if slash:
        kind = END_OUTSIDE
        return Channel(
            technology, f"{technology}/{group}", name, number if _is_number(number) else "", half, kind
        )
    outside = technology.lower() in ("capi", "misdn", "khomp") or not group.isdigit()
    return Channel(technology, device, name, "", half, END_OUTSIDE if outside else END_UNKNOWN)


def _kind(tech: str, name: str) -> EndpointKind:
    if tech in _PHONES or _SHORT(name):
        return END_PERSON
    if tech in _TRUNKS or _ADDRESS(name) or name in ("anonymous", "guest"):
        return END_OUTSIDE
    return END_UNKNOWN


def endpoint(name: str, number: str = "", caller_name: str = "") -> Endpoint:
    """The end that a channel is, with the number and name that its record gives it.

    A device whose name is short digits, or that shows a short number, is a phone of ours. Another SIP, PJSIP or IAX2 device
    with a full number is a trunk. Where the record gives no number, the device's own digits stand.
    """
    device, half = split_channel(name)
    said = _device(device, half)
    kind = said.kind
    extension = ""
    short = number.isdecimal() and len(number) <= _LONGEST_SHORT
    if kind is END_UNKNOWN and device:
        kind = END_PERSON if short else END_OUTSIDE
        extension = number if short else ""
    elif kind is END_PERSON:
        extension = said.number or (number if short else "")
    return Endpoint(kind, Number(number or said.number), caller_name, extension, name, said.device)


@lru_cache(maxsize=8192)
def caller_id(clid: str) -> tuple[str, str]:
    """Name and number of a caller id: ``"JOHN" <5125550115>``; one cut at 79 bytes has a name and no number."""
    text = clid.strip()
    number = ""
    if text.endswith(">"):
        text, _, number = text[:-1].rpartition("<")
        text = text.strip()
    elif not text.startswith('"'):
        return ("", text) if _is_number(text) else (text, "")
    if text.startswith('"'):
        text = text[1:-1] if len(text) > 1 and text.endswith('"') else text[1:]
    if "\\" in text:
        text = _unescaped(text)
    return text.strip(), number.strip()


def _unescaped(text: str) -> str:
    """A name without the backslashes that Asterisk puts before quotes and backslashes, however often it did."""
    while True:
        plain = _ESCAPE.sub(r"\1", text)
        if plain == text:
            return plain
        text = plain


def epoch_of(uniqueid: str) -> int | None:
    """The instant (µs, UTC) at which a unique id's channel was made: ``1795282136.13``, ``pbx1-1795282136.13``; else None."""
    if uniqueid[10:11] == "." and uniqueid[:10].isdecimal() and uniqueid[11:].isdecimal():
        return int(uniqueid[:10]) * 1_000_000
    head, dot, count = uniqueid.rpartition(".")
    if not dot or not count.isdecimal():
        return None
    seconds = head[-10:]
    if len(seconds) < _EPOCH_DIGITS or not seconds.isdecimal() or head[-11:-10].isdecimal():
        head_digits = head.rpartition("-")[2]
        if not (head_digits.isdecimal() and _EPOCH_DIGITS <= len(head_digits) <= len(seconds)):
            return None
        seconds = head_digits
    return int(seconds) * 1_000_000


def is_uniqueid(text: str) -> bool:
    """Whether a text has the shape of a unique id: ``1795282136.13``, with or without a system name before it."""
    return _UNIQUEID(text) is not None


def key(uniqueid: str) -> str:
    """The correlation key of a unique or linked id; CDR, CEL and queue_log share it."""
    return f"u:{uniqueid}"


def made_key(channel: str, at: int) -> str:
    """The key of a channel by its name and the second in which it was made, on the record's own clock.

    It joins CDRs without ids to CEL. Names are used again after a restart, but never in the same second.
    """
    return f"m:{channel}@{at // 1_000_000}"


def _is_number(text: str) -> bool:
    return bool(text) and _NUMBER(text) is not None


_EPOCH_DIGITS = 9
_LONGEST_SHORT = 6
_SHORT = re.compile(r"\d{1,6}", re.ASCII).fullmatch
_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?", re.ASCII).fullmatch
_NUMBER = re.compile(r"[+*#]{0,3}[0-9][0-9 ().\-/*#]*", re.ASCII).fullmatch
_ESCAPE = re.compile(r"\\([\"\\])")
_UNIQUEID = re.compile(r"(?:[\w.-]*-)?\d{9,11}\.\d+", re.ASCII).fullmatch
_INTERNAL_NAMES = (
    "bridge message surrogate confbridgerecorder cbann cbrec announcer recorder rtp unicastrtp multicastrtp audiosocket "
    "externalmedia conference queue snoop"
)
_PHONE_NAMES = "console agent sccp skinny mgcp usbradio alsa oss phone"
_TRUNK_NAMES = "ooh323 h323 motif gtalk jingle dongle mobile quectel datacard sgsm voicetronix"
_INTERNAL, _PHONES, _TRUNKS = (
    frozenset(names.split()) for names in (_INTERNAL_NAMES, _PHONE_NAMES, _TRUNK_NAMES)
)

__all__ = [
    "ARTEFACTS",
    "AppKind",
    "Channel",
    "app_end",
    "app_kind",
    "caller_id",
    "channel",
    "endpoint",
    "epoch_of",
    "is_uniqueid",
    "key",
    "split_channel",
]
