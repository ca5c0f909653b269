"""Computes how well each format is proven, from what there is to show.

Ground truth: ``tests/scenarios/<system>/<scenario>/`` with a ``truth.jsonl``; a format is proven by scenarios of which it reads a
file. Real captures: ``tests/formats/<slug>/evidence.toml`` names them::

    [[capture]]
    sample = "vcon/py_vcon/the_first.vcon"     # in the folder of other people's samples, which are never copied
    what = "a call recorded by ..."

``python -m tests.formats.evidence`` writes ``src/ringbook/parse/standings/<slug>.json``.
"""

from __future__ import annotations

import sys
import tomllib
from functools import cache
from pathlib import Path

import msgspec

from ringbook.parse.format import Stated
from ringbook.parse.registry import formats, sniff
from ringbook.parse.tiers import Standing, Tier
from tests.fold import pieces

HERE = Path(__file__).parent
SCENARIOS = HERE.parent / "scenarios"
STANDINGS = HERE.parents[1] / "src" / "ringbook" / "parse" / "standings"
SAMPLES = HERE.parents[2] / "shared" / "samples"
_ABOUT = frozenset({"README.txt", "README.md", "truth.jsonl"})


class Capture(msgspec.Struct, frozen=True):
    """Records that a real system wrote."""

    sample: str
    what: str


def captures(slug: str) -> list[Capture]:
    """The real captures that a format claims to read."""
    path = HERE / slug / "evidence.toml"
    if not path.exists():
        return []
    return msgspec.convert(tomllib.loads(path.read_text())["capture"], list[Capture])


@cache
def scenarios() -> dict[str, frozenset[str]]:
    """The scenarios with known truth of which each format reads a file, by slug."""
    found: dict[str, set[str]] = {}
    for truth in sorted(SCENARIOS.glob("*/*/truth.jsonl")):
        for path in truth.parent.rglob("*"):
            if path.is_file() and path.name not in _ABOUT and path.stat().st_size:
                slug = _read_by(path)
                if slug:
                    found.setdefault(slug, set()).add(truth.parent.name)
    return {slug: frozenset(names) for slug, names in found.items()}


def _read_by(path: Path) -> str:
    head = path.read_bytes()[:65_536]
    bids = sniff(head, path.name)
    if not bids:
        return ""
    form = bids[0][1]
    stated = any(isinstance(form.parse(piece), Stated) for piece in pieces(form, head)[:50])
    return form.about.slug if stated else ""


def standing(slug: str) -> Standing | None:
    """What the evidence says of one format; None if there is none beside its fixtures."""
    if slug in scenarios():
        return Standing(
            Tier.PROVEN, "real calls whose truth the phones themselves wrote down (tests/scenarios)"
        )
    real = captures(slug)
    return Standing(Tier.CAPTURE, "; ".join(one.what for one in real)) if real else None


def computed() -> dict[str, bytes]:
    """The files of ``standings/`` as the evidence has them, by name."""
    found = {slug: standing(slug) for slug in formats()}
    return {
        f"{slug}.json": msgspec.json.format(msgspec.json.encode(one), indent=1) + b"\n"
        for slug, one in found.items()
        if one is not None
    }


def main() -> None:
    """Write the standings, and take away those for which there is no evidence any more."""
    files = computed()
    STANDINGS.mkdir(exist_ok=True)
    for path in STANDINGS.glob("*.json"):
        if path.name not in files:
            path.unlink()
    for name, data in files.items():
        (STANDINGS / name).write_bytes(data)
    sys.stdout.write(f"written: {', '.join(sorted(files))}\n")


if __name__ == "__main__":
    main()
