"""How well a format is proven: computed from the evidence in the tests, kept beside the code for users to see.

``standings/<slug>.json`` is written by ``python -m tests.formats.evidence``; a test computes it again, so that it cannot claim
more than there is. A format without such a file rests on its specification.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from importlib import resources

import msgspec


class Tier(StrEnum):
    """What a format's reading rests on."""

    SPECIFICATION = "specification only"
    """Written after the vendor's documents; its fixtures are made up."""

    CAPTURE = "real capture"
    """It also reads records that a real system wrote."""

    PROVEN = "proven with ground truth"
    """Its calls were compared with what really happened on the phones."""


class Standing(msgspec.Struct, frozen=True):
    """A format's tier and the evidence for it, in words."""

    tier: Tier
    evidence: str


@cache
def standing(slug: str) -> Standing:
    """The standing of a format by its slug."""
    folder = resources.files("ringbook.parse") / "standings"
    for entry in folder.iterdir():
        if entry.name == f"{slug}.json":
            return msgspec.json.decode(entry.read_bytes(), type=Standing)
    return Standing(Tier.SPECIFICATION, "made after the vendor's documents")
