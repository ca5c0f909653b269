"""Who is at the end of a line: numbers, endpoints and parties."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache

import msgspec


class EndpointKind(StrEnum):
    """What stands at one end of a path or channel."""

    PERSON = "person"  # a phone of ours: extension, agent, softphone
    OUTSIDE = "outside"  # somebody beyond a trunk
    QUEUE = "queue"
    GROUP = "group"  # a ring or hunt group
    IVR = "ivr"  # asks for keys
    ANNOUNCEMENT = "announcement"  # only speaks: playback, fax, echo, feature codes
    VOICEMAIL = "voicemail"
    CONFERENCE = "conference"
    PARK = "park"
    PLUMBING = "plumbing"  # the switch's own half channels (Asterisk Local/…;1, FreeSWITCH loopback)
    UNKNOWN = "unknown"


class Number(msgspec.Struct, frozen=True, omit_defaults=True):
    """A telephone number: what the source wrote, and E.164 where it can be (``+15125550115``), else ``""``."""

    raw: str = ""
    e164: str = ""

    @property
    def best(self) -> str:
        """E.164 where known, else what the source wrote."""
        return self.e164 or self.raw


class Endpoint(msgspec.Struct, frozen=True, omit_defaults=True):
    """One end of a path, channel or segment, as one record names it."""

    kind: EndpointKind = EndpointKind.UNKNOWN
    number: Number = Number()
    name: str = ""
    extension: str = ""  # our own short number, when this end is ours
    channel: str = ""  # the source's id of this very channel ("PJSIP/101-00000099", a uuid)
    device: str = ""  # the phone or trunk behind the channel ("PJSIP/101", "E201", "T9001")


class Party(msgspec.Struct, frozen=True, omit_defaults=True):
    """One side of a finished call: ``from`` or ``to`` in its public shape."""

    number: str = ""  # E.164 where it can be, else the digits as written
    raw: str = ""
    name: str = ""
    kind: EndpointKind = EndpointKind.UNKNOWN


def party(end: Endpoint) -> Party:
    """The party at an endpoint: an extension by its short number, anybody else by E.164 or the digits written."""
    if end.kind is EndpointKind.PERSON and end.extension:
        return Party(end.extension, end.number.raw or end.extension, end.name, end.kind)
    return Party(end.number.best, end.number.raw, end.name, end.kind)


def trunk(end: Endpoint) -> str:
    """The line that leads to whoever is outside, as the phone system names it; ``""`` where no record does."""
    device = end.device
    if not device or end.kind is not _OUTSIDE:
        return ""
    return _line(device) if device.startswith("sofia/") else device


_OUTSIDE = EndpointKind.OUTSIDE


@lru_cache(maxsize=4096)
def _line(channel: str) -> str:
    """Of FreeSWITCH's ``sofia/external/15125550115@203.0.113.9:5060`` profile and address: what stays the same for all calls."""
    _, profile, rest = (*channel.split("/", 2), "")[:3]
    address = rest.partition("@")[2]
    if address.startswith("[") and "]" in address:  # an IPv6 address, which has colons of its own
        host = address[: address.index("]") + 1]
    else:
        host = address.partition(":")[0].partition(";")[0]
    return f"sofia/{profile}/{host}" if host else ""
