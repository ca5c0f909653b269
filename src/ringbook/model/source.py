"""A source: one phone system, as the person who runs Ringbook has named and described it."""

from __future__ import annotations

import msgspec


class Source(msgspec.Struct, frozen=True):
    """What parsing and normalising need to know of a phone system.

    ``timezone`` is an IANA zone (or ``UTC±HH:MM``) for records whose clock is local; ``region`` an ISO 3166 code for
    numbers written without a country code. ``extensions`` and ``trunks`` say which numbers and devices are ours and which
    lead outside, where the records' own shape does not tell; both are regular expressions matched in full.
    ``settings`` are the format's own (a template's name, a mapping).
    """

    name: str
    tenant: str = "main"
    timezone: str = ""
    region: str = ""
    extensions: str = r"\d{2,6}"
    trunks: str = ""
    settings: dict[str, str] = {}
