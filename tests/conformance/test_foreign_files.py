"""Other people's files and our scenarios: every format reads, or rejects, each of them without losing a byte.

The samples are not part of the project; without them only the scenarios are read.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from ringbook.parse.format import Noise, Rejected, Stated, Stream
from ringbook.parse.registry import formats, sniff
from tests.fold import pieces
from tests.formats.evidence import SAMPLES, SCENARIOS

FORMATS = formats()
HEAD = 12_000
"""Bytes of each file: enough for records of every kind, few enough to try each format on each file."""


@cache
def files() -> dict[str, bytes]:
    """The beginning of each file, by name; of all scenarios of one system some tell the same as all."""
    found = sorted(SAMPLES.rglob("*")) if SAMPLES.exists() else []
    found += [path for folder in sorted(SCENARIOS.glob("*/*"))[::6] for path in sorted(folder.rglob("*"))]
    return {str(path): _head(path) for path in found if path.is_file() and path.suffix != ".py"}


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD)


def test_there_is_something_to_read() -> None:
    assert len(files()) > 20


@pytest.mark.parametrize("form", FORMATS.values(), ids=list(FORMATS))
def test_every_format_survives_every_file(form: Stream) -> None:
    for name, data in files().items():
        found = pieces(form, data)
        whole = b"".join(piece.data for piece in found) == data
        cut = pieces(form, data, [len(data) // 3, len(data) // 2 + 1]) == found
        assert whole, f"{name}: its pieces are not its bytes"
        assert cut, f"{name}: cut elsewhere, it has other pieces"
        for piece in found:
            told = form.parse(piece)
            assert isinstance(told, Stated | Noise | Rejected), name


def test_no_two_formats_bid_the_same_for_a_file_that_one_of_them_reads() -> None:
    for name, data in files().items():
        bids = sniff(data, name)
        if len(bids) > 1 and bids[0][0] == bids[1][0]:
            readers = [
                form.about.slug
                for bid, form in bids
                if bid == bids[0][0] and any(isinstance(form.parse(p), Stated) for p in pieces(form, data))
            ]
            assert len(readers) < 2, f"{name}: {readers} bid {bids[0][0]} each"


def test_the_format_that_wins_a_file_understands_most_of_it() -> None:
    """A bid of nine tenths is a promise; a file of which most records are then rejects was promised too much."""
    for name, data in files().items():
        bids = sniff(data, name)
        if not bids or bids[0][0] < 0.9:
            continue
        form = bids[0][1]
        told = [form.parse(piece) for piece in pieces(form, data)[:-1]]
        stated = sum(isinstance(one, Stated) for one in told)
        rejected = [one for one in told if isinstance(one, Rejected)]
        assert len(rejected) <= max(3, stated), f"{name}: {form.about.slug} bid {bids[0][0]}: {rejected[:2]}"
