"""What mod_json_cdr and mod_xml_cdr say of one channel, and how FreeSWITCH writes values, ids and channel names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import unquote

import msgspec

from ringbook.model.instant import Instant
from ringbook.model.party import EndpointKind


class Flow(msgspec.Struct, frozen=True):
    """One caller profile of a channel: what it was called and called for, until a transfer gave it another."""

    profile: dict[str, str] = {}
    times: dict[str, int] = {}
    originators: tuple[dict[str, str], ...] = ()  # channels that called this one
    originatees: tuple[dict[str, str], ...] = ()  # channels that this one called


class App(msgspec.Struct, frozen=True):
    """An application that ran on the channel, and when (None in records before 1.10)."""

    name: str
    data: str = ""
    at: Instant | None = None


class Document(msgspec.Struct, frozen=True):
    """One channel's record; ``flows`` oldest first."""

    variables: dict[str, str]
    direction: str = ""
    flows: tuple[Flow, ...] = ()
    apps: tuple[App, ...] = ()


def decoded(values: Mapping[str, str]) -> dict[str, str]:
    """The values as they were before the module percent-encoded them, if it did (``encode-values``, on by default).

    The module encodes blanks, quotes, ``@``, ``:``, ``<`` and more in every value or in none, so one such character bare says
    that none is encoded.
    """
    encoded = not any(_BARE.search(value) for value in values.values())
    return {name: _clean(_unquoted(value) if encoded else value) for name, value in values.items()}


def uuids(text: str) -> list[str]:
    """All channel ids in a value (``ARRAY::<uuid>;Outbound Call;201|:<uuid>;…``)."""
    return _UUID.findall(text)


def side(channel_name: str) -> EndpointKind:
    """What a channel's name alone says about its side: ``sofia/external/…`` is the profile for carriers by convention."""
    driver, _, rest = channel_name.partition("/")
    if driver == "loopback":
        return EndpointKind.PLUMBING
    if driver == "sofia" and rest.startswith("gateway/"):
        return EndpointKind.OUTSIDE
    return EndpointKind.UNKNOWN


def chan_user(channel_name: str) -> str:
    """The user part of a channel's name: ``201`` of ``sofia/internal/201@127.0.0.1:5201``."""
    return channel_name.rpartition("/")[2].partition("@")[0].removeprefix("sip:")


def whole(text: str) -> int | None:
    """A figure, or None if it is none."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST else None


def instants(times: Iterable[tuple[str, object]]) -> dict[str, int]:
    """The times of a flow that came about; ``"0"`` is never."""
    found = ((name, whole(str(value))) for name, value in times)
    return {name: value for name, value in found if value}


def _unquoted(value: str) -> str:
    """The text of a percent-encoded value: UTF-8, else Latin-1."""
    if "%" not in value:
        return value
    try:
        return unquote(value, errors="strict")
    except UnicodeDecodeError:
        return unquote(value, encoding="latin-1")


def _clean(text: str) -> str:
    return _CONTROL.sub(" ", text).strip()


_BARE = re.compile(r'[ <>"@:;\\|^`{}\[\]]')
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_LONGEST = 17
