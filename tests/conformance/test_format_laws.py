"""The laws that every format keeps, over every fixture there is. A format that is added is judged by them without a word here.

When one of them fails, the message names the format, the fixture and what to look at.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ringbook.parse.format import Framer, Noise, Parsed, Piece, Rejected, Stated, Stream
from ringbook.parse.framing import MAX_DOCUMENT, MAX_RECORD
from ringbook.parse.registry import formats
from tests.conformance.hostile import DAMAGE, SHAPES, damaged, mutations
from tests.fold import pieces
from tests.formats.golden import Fixture, fixtures, line, lines

FIXTURES = fixtures()
FORMATS = formats()
every_fixture = pytest.mark.parametrize("fixture", FIXTURES, ids=[fixture.id for fixture in FIXTURES])
every_format = pytest.mark.parametrize("form", FORMATS.values(), ids=list(FORMATS))
some = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))

HOSTILE_BYTES = 60_000
DAMAGED_RECORDS = 5
CUTS = 400
BUDGET = 4_000_000
"""Bytes to frame in one test of a fixture: a large one is cut at fewer positions."""


def test_there_are_formats_and_fixtures() -> None:
    assert FORMATS
    assert FIXTURES


@every_format
def test_every_format_has_fixtures_and_says_where_they_come_from(form: Stream) -> None:
    found = fixtures(form.about.slug)
    assert found, f"{form.about.slug}: write tests/formats/{form.about.slug}/01-what-happened.in"
    readme = found[0].path.parent / "README.md"
    assert readme.exists(), f"{readme} should say where the fixtures come from"
    text = readme.read_text()
    untold = [fixture.path.name for fixture in found if fixture.path.stem not in text]
    assert not untold, f"{readme} does not say what happened in {untold}"


@every_fixture
def test_output_is_the_golden_output(fixture: Fixture) -> None:
    hint = f"run python -m tests.formats.golden {fixture.slug} and read the difference"
    assert fixture.golden.exists(), f"{fixture.id} has no golden output: {hint}"
    told = list(lines(fixture.form(), fixture.data))
    claimed = fixture.golden.read_text().splitlines()
    difference = _difference(told, claimed)
    assert not difference, f"{fixture.id}: {hint}\n{difference}"


@every_fixture
def test_no_byte_is_lost(fixture: Fixture) -> None:
    found = pieces(fixture.form(), fixture.data)
    whole = b"".join(piece.data for piece in found) == fixture.data
    assert whole, f"{fixture.id}: its pieces are not its bytes"
    assert all(piece.data for piece in found), f"{fixture.id}: an empty piece"


@every_fixture
def test_cutting_anywhere_changes_nothing(fixture: Fixture) -> None:
    form, data = fixture.form(), fixture.data
    whole = pieces(form, data)
    for cut in _positions(len(data), max(20, min(CUTS, BUDGET // max(1, len(data))))):
        difference = _difference(pieces(form, data, [cut]), whole)
        assert not difference, f"{fixture.id}: cut at byte {cut}\n{difference}"


@every_fixture
def test_cutting_in_many_places_changes_nothing(fixture: Fixture) -> None:
    form, data = fixture.form(), fixture.data
    whole = pieces(form, data)

    @some
    @given(st.lists(st.integers(0, len(data)), max_size=12))
    def check(cuts: list[int]) -> None:
        difference = _difference(pieces(form, data, cuts), whole)
        assert not difference, f"{fixture.id}: cut at {cuts}\n{difference}"

    check()
    short = data[:3000]
    difference = _difference(pieces(form, short, range(len(short))), pieces(form, short))
    assert not difference, f"{fixture.id}: byte by byte\n{difference}"


@every_fixture
def test_a_new_framer_goes_on_after_any_piece(fixture: Fixture) -> None:
    form, data = fixture.form(), fixture.data
    framer = form.framer()
    contexts: list[bytes] = []
    whole: list[Piece] = []
    for arriving in (data[: len(data) // 2], data[len(data) // 2 :]):
        for piece in framer.feed(arriving):
            contexts.append(framer.context)
            whole.append(piece)
    for piece in framer.finish():
        contexts.append(framer.context)
        whole.append(piece)
    ends = [0]
    for piece in whole:
        ends.append(ends[-1] + len(piece.data))
    for index in _positions(len(whole) - 1, 60):
        anew = _run(form.framer(contexts[index]), data[ends[index + 1] :])
        difference = _difference(anew, whole[index + 1 :])
        assert not difference, f"{fixture.id}: going on after piece {index + 1}\n{difference}"


@every_fixture
def test_a_piece_says_the_same_alone(fixture: Fixture) -> None:
    form, other = fixture.form(), fixture.form()
    found = pieces(form, fixture.data)
    told = [form.parse(piece) for piece in found]
    difference = _difference([other.parse(piece) for piece in reversed(found)], told[::-1])
    assert not difference, f"{fixture.id}: parse keeps state between pieces\n{difference}"


@every_fixture
def test_mutated_records_never_raise(fixture: Fixture) -> None:
    form = fixture.form()

    @some
    @given(mutations(fixture.data))
    def check(data: bytes) -> None:
        _survives(form, data)

    check()


@every_format
def test_binary_never_raises(form: Stream) -> None:
    @some
    @given(st.binary(max_size=2000))
    def check(data: bytes) -> None:
        _survives(form, data)

    check()


@every_format
@pytest.mark.parametrize("shape", SHAPES)
def test_hostile_shapes_never_raise(form: Stream, shape: str) -> None:
    _survives(form, SHAPES[shape](HOSTILE_BYTES))
    _survives(form, SHAPES[shape](300) + b"\n")


@every_format
def test_what_is_longer_than_any_record_is_a_reject(form: Stream) -> None:
    data = b"a" * (MAX_RECORD * 2 + 5) + b"\n"
    told = _survives(form, data, [MAX_RECORD - 1, MAX_RECORD, MAX_RECORD + 1])
    assert all(isinstance(one, Rejected) for one in told)
    assert all(len(piece.data) <= MAX_DOCUMENT for piece in pieces(form, data))


@every_fixture
def test_a_damaged_record_disturbs_no_other(fixture: Fixture) -> None:
    form, data = fixture.form(), fixture.data
    found = pieces(form, data)
    told = [line(piece, form.parse(piece)) for piece in found]
    ends = [0]
    for piece in found:
        ends.append(ends[-1] + len(piece.data))
    records = [index for index, one in enumerate(told) if '"stated"' in one]
    for record in records[:: max(1, len(records) // DAMAGED_RECORDS)]:
        start, size = ends[record], len(found[record].data.rstrip())
        for at in {start + size // 4, start + size // 2, start + size * 3 // 4}:
            for by in DAMAGE:
                hurt = list(lines(form, damaged(data, at, by)))
                before, after = record, len(told) - record - 1
                where = f"{fixture.id}: byte {at} of record {record + 1} became {by!r}"
                earlier = _difference(hurt[:before], told[:before])
                assert not earlier, f"{where}: an earlier record says something else\n{earlier}"
                later = _difference(hurt[-after:], told[-after:]) if after else ""
                assert not later, f"{where}: a later record says something else\n{later}"


@every_fixture
def test_its_own_format_wins_the_sniffing(fixture: Fixture) -> None:
    if '"stated"' not in fixture.golden.read_text():
        pytest.skip("nothing in it is a record: nobody needs to recognise it")
    head = fixture.data[:65_536]
    own = fixture.form().sniff(head, fixture.path.name)
    others = {
        slug: form.sniff(head, fixture.path.name) for slug, form in FORMATS.items() if slug != fixture.slug
    }
    assert all(0 <= bid <= 1 for bid in (own, *others.values()))
    better = {slug: bid for slug, bid in others.items() if bid >= own}
    assert own > 0, f"{fixture.id}: not recognised by its own format"
    assert not better, f"{fixture.id}: {fixture.slug} bids {own}, but {better} bid as much"


@every_format
def test_bytes_of_no_format_are_recognised_by_none(form: Stream) -> None:
    for nothing in (
        b"",
        b"\n\n",
        b"\0" * 100,
        b"\x7fELF\2\1\1",
        b"PK\3\4",
        b"%PDF-1.7\n",
        b"Dear Sir,\nhello\n",
    ):
        assert form.sniff(nothing, "letter") < 0.3, f"{form.about.slug} takes {nothing!r} for its own"


def _survives(form: Stream, data: bytes, cuts: list[int] | None = None) -> list[Parsed]:
    """What the format says of the bytes, having neither raised nor lost one of them."""
    assert 0 <= form.sniff(data[:65_536], "hostile") <= 1
    found = pieces(form, data, cuts or ())
    whole = b"".join(piece.data for piece in found) == data
    assert whole, "its pieces are not its bytes"
    told = [form.parse(piece) for piece in found]
    for one in told:
        assert isinstance(one, Stated | Noise | Rejected)
        if isinstance(one, Stated):
            assert one.statements, "understood, but nothing stated: that is noise or a reject"
        if isinstance(one, Rejected):
            assert one.reason, "a reject without a reason"
            assert len(one.detail) <= 1000, "a detail is for reading, not a copy of the record"
    return told


def _difference(one: Sequence[object], two: Sequence[object]) -> str:
    """The first difference between two lists in a few lines, ``""`` if there is none.

    Comparing them in an assert would have pytest work out a full account of it, which takes minutes for large records.
    """
    for number, (left, right) in enumerate(zip(one, two, strict=False), 1):
        if left != right:
            here, there = str(left), str(right)
            at = next((i for i, (a, b) in enumerate(zip(here, there, strict=False)) if a != b), len(here))
            start = max(0, at - 100)
            return (
                f"number {number}:\n  is     …{here[start : at + 200]}\n  not    …{there[start : at + 200]}"
            )
    return "" if len(one) == len(two) else f"{len(one)} of them, not {len(two)}"


def _run(framer: Framer, data: bytes) -> list[Piece]:
    return [*framer.feed(data), *framer.finish()]


def _positions(length: int, most: int) -> range:
    """All positions, or that many of them evenly over the length."""
    return range(0, length, max(1, length // most))
