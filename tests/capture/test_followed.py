"""Marks recognise content, and doubt leads to reading again."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringbook.capture.followed import MARK_BYTES, Identity, Look, Mark, fits

FILE = Identity(0xFD00, 2_164_440)


class Kept(msgspec.Struct, frozen=True):
    """A position as the ledger would keep it."""

    origin: str
    mark: str
    offset: int
    context: bytes = b""
    format: str = ""


@settings(deadline=None)
@given(st.binary(max_size=200), st.binary(max_size=50), st.integers(0, 9))
def test_a_mark_survives_being_written_and_knows_its_content_grown(
    head: bytes, more: bytes, generation: int
) -> None:
    mark = Mark.of(head, FILE)
    again = Mark.read(f"{mark}.{generation}" if generation else str(mark))
    assert again is not None
    assert again.begins(head + more)
    assert again.is_file(FILE)
    assert not again.is_file(Identity(FILE.device, FILE.inode + 1))
    if head:
        assert not again.begins(head[:-1])
        assert not again.begins(bytes([head[0] ^ 1]) + head[1:] + more)


@pytest.mark.parametrize("text", ["", "x", "12", "12:", ":abc", "-1:abc", "one:abc+1.2"])
def test_what_is_no_mark_is_none(text: str) -> None:
    assert Mark.read(text) is None


def test_a_mark_covers_a_bounded_beginning() -> None:
    mark = Mark.of(bytes(MARK_BYTES + 5), FILE)
    assert mark.length == MARK_BYTES
    assert mark.begins(bytes(MARK_BYTES))


def look(path: Path) -> Look:
    found = Look.at(path)
    assert found is not None
    return found


def test_a_position_fits_the_file_it_was_kept_for(tmp_path: Path) -> None:
    path = tmp_path / "cdr.csv"
    path.write_bytes(b"one\ntwo\n")
    mark = str(Mark.of(b"one\n", look(path).identity))
    assert fits(Kept("o", mark, 4), look(path))
    assert fits(Kept("o", mark, 8), look(path))
    assert fits(Kept("o", mark.partition("+")[0], 4), look(path))


@pytest.mark.parametrize(
    ("content", "mark", "offset"),
    [
        (b"one\ntwo\n", "4:0000000000000000", 4),  # other content
        (b"one\ntwo\n", None, 9),  # shorter than the position
        (b"one\ntwo\n", None, 3),  # not behind a line's end
        (b"one\ntwo\n", "nonsense", 4),
        (b"on", None, 2),  # shorter than the mark
    ],
)
def test_doubt_is_no_fit(tmp_path: Path, content: bytes, mark: str | None, offset: int) -> None:
    path = tmp_path / "cdr.csv"
    path.write_bytes(content)
    own = str(Mark.of(b"one\n", look(path).identity))
    assert not fits(Kept("o", mark or own, offset), look(path))


def test_folders_and_missing_files_are_no_look(tmp_path: Path) -> None:
    assert Look.at(tmp_path) is None
    assert Look.at(tmp_path / "missing") is None
    assert Look.at(tmp_path / "missing" / "deeper") is None
