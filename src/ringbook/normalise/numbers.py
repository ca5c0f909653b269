"""Our numbers: E.164 where it can be."""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers

from ringbook.model.members import END_OUTSIDE, END_PERSON, END_PLUMBING, END_UNKNOWN
from ringbook.model.party import Endpoint, EndpointKind, Number
from ringbook.model.source import Source

_REMEMBERED = 100_000
"""Endpoints that a placer remembers."""

_SHORTEST_OUTSIDE = 7
"""Digits below which a number is never taken for a full telephone number."""


@lru_cache(maxsize=262_144)
def e164(raw: str, region: str) -> str:
    """The E.164 form of a number as written, or ``""`` if there is none without guessing.

    ``region`` is the ISO 3166 code of the country whose dialling rules the writer used, ``""`` if unknown; then only numbers
    written with ``+`` have a form. Extensions, feature codes, names and withheld numbers have none.
    """
    digits = sum(char.isdigit() for char in raw)
    if digits < _SHORTEST_OUTSIDE or len(raw) > _LONGEST_TEXT or not _DIALLED.fullmatch(raw):
        return ""
    try:
        number = phonenumbers.parse(raw, region or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    if not raw.startswith("+") and not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


class Placer:
    """Places the endpoints of one source: E.164 beside their digits and, where the record does not tell, ours or outside."""

    def __init__(self, source: Source) -> None:
        self._region = source.region
        self._extensions = re.compile(source.extensions)
        self._trunks = re.compile(source.trunks) if source.trunks else None
        self._devices = re.compile(source.extensions) if source.extensions != _ANY_EXTENSION else None
        self._known: dict[tuple[EndpointKind, Number, str, str], tuple[EndpointKind, Number, str]] = {}

    def end(self, end: Endpoint) -> Endpoint:
        """The endpoint as we know it."""
        seen = (end.kind, end.number, end.extension, end.device if self._trunks or self._devices else "")
        found = self._known.get(seen)
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            found = self._known[seen] = self._placed(end)
        kind, number, extension = found
        return Endpoint(kind, number, end.name, extension, end.channel, end.device)

    def _placed(self, end: Endpoint) -> tuple[EndpointKind, Number, str]:
        raw = end.number.raw
        kind, extension = end.kind, end.extension
        device = end.device.rpartition("/")[2]
        if self._trunks is not None and end.device and self._trunks.fullmatch(end.device):
            kind, extension = END_OUTSIDE, ""
        elif self._devices is not None and kind is END_OUTSIDE and self._devices.fullmatch(device):
            kind, extension = END_PERSON, device  # said to be ours, though it looks like a trunk
        if kind is END_UNKNOWN:
            kind = self._side(extension or raw)
        if kind is END_PERSON and not extension and self._extensions.fullmatch(raw):
            extension = raw
        if raw and kind is not END_PLUMBING:
            return kind, Number(raw, e164(raw, self._region)), extension
        return kind, end.number, extension

    def _side(self, digits: str) -> EndpointKind:
        if not digits:
            return END_UNKNOWN
        if self._extensions.fullmatch(digits):
            return END_PERSON
        if sum(char.isdigit() for char in digits) >= _SHORTEST_OUTSIDE:
            return END_OUTSIDE
        return END_UNKNOWN


_ANY_EXTENSION = Source("").extensions
_LONGEST_TEXT = 40
_DIALLED = re.compile(r"\+?[0-9 ().\-/]+")
