"""Every framer keeps the laws: nothing lost, cuts do not matter, a new framer goes on after any piece, work is linear."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ringbook.parse import framing
from ringbook.parse.format import Framer, Piece, Reasons

Make = Callable[[bytes], Framer]


def _lines(context: bytes = b"") -> Framer:
    return framing.LineFramer(context, header=lambda line: line.startswith(b"#"))


def _csv(context: bytes = b"") -> Framer:
    return framing.CsvFramer(
        context, starts=lambda line: line.startswith(b"x"), header=lambda line: line.startswith(b"#")
    )


def _marks(context: bytes = b"") -> Framer:
    def splits(piece: bytes) -> int:
        return (piece.find(b">") + 1 or len(piece)) if piece.startswith(b"<") else len(piece)

    return framing.MarkFramer(context, mark=b"<", splits=splits)


def _strict_csv(context: bytes = b"") -> Framer:
    return framing.CsvFramer(
        context,
        starts=lambda line: line.startswith(b"x"),
        closes=lambda record: record.startswith(b"x"),
        header=lambda line: line.startswith(b"#"),
    )


MAKERS = {
    "lines": _lines,
    "csv": _csv,
    "strict csv": _strict_csv,
    "marks": _marks,
    "whole": framing.WholeFramer,
    "blocks": framing.BlockFramer,
}
every_framer = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
streams = st.lists(
    st.sampled_from([b"x", b"a", b"#", b'"', b"\n", b"\r", b"\r\n", b"<", b">", b"\0", b"x,1\n"]), max_size=60
).map(b"".join)


@pytest.fixture(autouse=True)
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits that short streams reach, so that every boundary is walked over."""
    monkeypatch.setattr(framing, "MAX_RECORD", 7)
    monkeypatch.setattr(framing, "MAX_DOCUMENT", 20)
    monkeypatch.setattr(framing, "MAX_QUOTED_LINES", 3)


def run(framer: Framer, chunks: list[bytes]) -> list[Piece]:
    found = [piece for chunk in chunks for piece in framer.feed(chunk)]
    return found + list(framer.finish())


@every_framer
@given(data=streams)
@example(data=b'x"\n#\na\n\n\nx"\n')
@example(data=b"aaaaaa\r\naaaaaaa\r\naaaaaaaa\r\n")
@example(data=b"<aaaaaaa<<a>b<aaaaaaaaaaaaaaaaaaa>b")
def test_pieces_are_the_input(make: Make, data: bytes) -> None:
    found = run(make(b""), [data])
    assert b"".join(piece.data for piece in found) == data
    assert all(piece.data for piece in found)
    assert all(len(piece.data) <= framing.MAX_DOCUMENT for piece in found)


@every_framer
@given(data=streams, cuts=st.lists(st.integers(0, 80), max_size=6))
def test_cuts_change_nothing(make: Make, data: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    chunks = [data[start:stop] for start, stop in pairwise(edges)]
    assert run(make(b""), chunks) == run(make(b""), [data])


@every_framer
@given(data=streams)
def test_bytes_one_by_one_change_nothing(make: Make, data: bytes) -> None:
    assert run(make(b""), [data[i : i + 1] for i in range(len(data))]) == run(make(b""), [data])


@every_framer
@given(data=streams, cut=st.integers(0, 80))
@example(data=b'x"\na\nxxxxxxxxxxxxxxxxx\nx\n', cut=80)
def test_a_new_framer_goes_on_after_any_piece(make: Make, data: bytes, cut: int) -> None:
    expected = run(make(b""), [data])
    framer = make(b"")
    contexts = []
    for chunk in (data[:cut], data[cut:]):
        for _ in framer.feed(chunk):
            contexts.append(framer.context)
    for _ in framer.finish():
        contexts.append(framer.context)
    at = 0
    for index, context in enumerate(contexts):
        at += len(expected[index].data)
        assert run(make(context), [data[at:]]) == expected[index + 1 :]


def test_a_line_ends_at_lf_crlf_and_lone_cr() -> None:
    pieces = run(framing.LineFramer(), [b"a\nb\r\nc\rd"])
    assert [piece.data for piece in pieces] == [b"a\n", b"b\r\n", b"c\r", b"d"]


def test_a_header_is_the_context_of_the_lines_after_it() -> None:
    pieces = run(_lines(), [b"a\n#h\nb\n#i\nc\n"])
    assert [piece.context for piece in pieces] == [b"", b"#h\n", b"#h\n", b"#i\n", b"#i\n"]


def test_a_quoted_line_end_does_not_end_a_record() -> None:
    pieces = run(_csv(), [b'x"a\nb"\nx\n'])
    assert [piece.data for piece in pieces] == [b'x"a\nb"\n', b"x\n"]


def test_an_open_quote_costs_only_its_own_record() -> None:
    pieces = run(_csv(), [b'x"a\nx,2\nx,3\n'])
    assert [piece.data for piece in pieces] == [b'x"a\n', b"x,2\n", b"x,3\n"]


def test_lines_that_make_no_record_are_not_joined() -> None:
    pieces = run(_strict_csv(), [b'x"a\nb"\na"\nx"\nb"\n'])
    assert [piece.data for piece in pieces] == [b'x"a\nb"\n', b'a"\n', b'x"\nb"\n']


def test_what_looks_like_a_header_inside_a_quoted_field_is_none() -> None:
    pieces = run(_csv(), [b'x"\n#"\nx\n'])
    assert [piece.context for piece in pieces] == [b"", b""]


@every_framer
def test_what_is_too_long_is_flawed_and_nothing_else(make: Make) -> None:
    data = b"<aaaaaaaaaaaaaaaaaaaaaaa\n<x>\n"
    pieces = run(make(b""), [data])
    flawed = b"".join(piece.data for piece in pieces if piece.flaw == Reasons.OVERSIZE)
    assert flawed in (b"<aaaaaaaaaaaaaaaaaaaaaaa\n", data)
    assert all(len(piece.data) <= framing.MAX_RECORD for piece in pieces if piece.flaw)


def test_a_line_that_comes_byte_by_byte_is_not_copied_for_each_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framing, "MAX_RECORD", 100_000)
    for make in (_lines, _csv, _marks):
        framer = make(b"")
        held = framer._lines if isinstance(framer, framing.CsvFramer | framing.BlockFramer) else framer
        for _ in range(50_000):
            assert not list(framer.feed(b"a"))
        assert len(held._held) == 50_000, "an unfinished record is joined before its end is here"


def test_blocks_end_at_blank_lines_and_an_oversize_one_disturbs_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(framing, "MAX_RECORD", 100)
    long = [b"k: " + b"x" * 30 + b"\n"] * 5
    pieces = run(framing.BlockFramer(), [b"a: 1\r\nb: 2\r\n\r\n", *long, b"\n", b"c: 3\n\n\nd"])
    whole = [piece.data for piece in pieces if not piece.flaw]
    assert whole == [b"a: 1\r\nb: 2\r\n\r\n", b"c: 3\n\n", b"\n", b"d"]
    flawed = [piece for piece in pieces if piece.flaw]
    assert {piece.flaw for piece in flawed} == {Reasons.OVERSIZE}
    assert b"".join(piece.data for piece in flawed) == b"".join(long) + b"\n"
