"""Our numbers: E.164 where it can be."""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers

from ringbook.model.party import Endpoint, EndpointKind, Number
from ringbook.model.source import Source

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


def placed(end: Endpoint, source: Source) -> Endpoint:
    """The endpoint with E.164 beside its digits and, where the record did not tell, its side: ours or outside."""
    raw = end.number.raw
    kind = end.kind
    if end.device and source.trunks and _matcher(source.trunks).fullmatch(end.device):
        kind = EndpointKind.OUTSIDE
    if kind is EndpointKind.UNKNOWN:
        kind = _side(end.extension or raw, source)
    extension = end.extension
    if kind is EndpointKind.PERSON and not extension and _matcher(source.extensions).fullmatch(raw):
        extension = raw
    number = (
        Number(raw, e164(raw, source.region)) if raw and kind is not EndpointKind.PLUMBING else end.number
    )
    return Endpoint(kind, number, end.name, extension, end.channel, end.device)


def _side(digits: str, source: Source) -> EndpointKind:
    if not digits:
        return EndpointKind.UNKNOWN
    if _matcher(source.extensions).fullmatch(digits):
        return EndpointKind.PERSON
    if sum(char.isdigit() for char in digits) >= _SHORTEST_OUTSIDE:
        return EndpointKind.OUTSIDE
    return EndpointKind.UNKNOWN


@lru_cache(maxsize=1024)
def _matcher(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


_LONGEST_TEXT = 40
_DIALLED = re.compile(r"\+?[0-9 ().\-/]+")
