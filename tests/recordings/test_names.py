"""The names of recordings are read wherever the facts stand in them."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringbook.recordings.names import Template, TemplateError, facts

UUID = "f78d5b18-0031-4df0-a456-898016177cb9"
AT = datetime(2026, 11, 21, 13, 11, 3)


@pytest.mark.parametrize(
    ("path", "ids", "numbers", "began"),
    [
        (
            "2026/11/21/in-3125550101-5125550101-20261121-131103-1795284663.113.wav",
            ("1795284663.113",),
            ("3125550101", "5125550101"),
            AT,
        ),
        (
            "out-+442079460958-101-20261121-131103-1795283601.925.wav",
            ("1795283601.925",),
            ("+442079460958", "101"),
            AT,
        ),
        (
            "q-600-5125550101-20261121-131103-pbx1-1795284663.113.WAV",
            ("1795284663.113",),
            ("600", "5125550101"),
            AT,
        ),
        (f"archive/2026/Nov/21/{UUID}.mp3", (UUID,), (), None),
        (f"cc-20261121-131103-3035550101-{UUID}.wav", (UUID,), ("3035550101",), AT),
        ("[Doe, Jane]_102-+13125550101_20261121131103(412).wav", (), ("102", "+13125550101", "412"), AT),
        ("C:\\Recordings\\102\\2026-11-21_13-11-03_5125550101.wav", (), ("5125550101",), AT),
        ("auto-1795284663-101-5125550101.wav", (), ("1795284663", "101", "5125550101"), None),
        ("conversation with anna.flac", (), (), None),
        ("20261399-256161-101.wav", (), ("20261399", "256161", "101"), None),
        ("", (), (), None),
    ],
)
def test_facts_are_found_by_their_shape(
    path: str, ids: tuple[str, ...], numbers: tuple[str, ...], began: datetime | None
) -> None:
    found = facts(path)
    assert (found.ids, found.numbers, found.began) == (ids, numbers, began)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1795282166.37-rx.wav", "1795282166.37-tx.wav"),
        ("call-17-in.wav", "call-17-out.wav"),
        ("call_17_left.flac", "call_17_right.flac"),
    ],
)
def test_the_two_of_a_pair_have_the_same_stem_and_other_sides(one: str, other: str) -> None:
    assert facts(one).stem == facts(other).stem
    assert (facts(one).side, facts(other).side) == ("in", "out")


def test_a_name_that_begins_with_in_is_no_side() -> None:
    assert facts("in-101-102.wav").side == ""


def test_a_template_says_it_exactly() -> None:
    template = Template("{year}/{month}/{day}/{any}_{from}_{to}_{time}_{id}")
    found = facts("/rec/2026/11/21/x_101_5125550101_131103_abc-77.wav", template)
    assert found.ids == ("abc-77",)
    assert found.numbers == ("101", "5125550101")
    assert found.began == AT
    assert facts("something-else-1795284663.113.wav", template).ids == ("1795284663.113",)


def test_a_template_may_tell_the_side() -> None:
    template = Template("{id}.{side}")
    assert facts("a77.rx.wav", template).side == "in"
    assert facts("a77.rx.wav", template).stem == facts("a77.tx.wav", template).stem == "a77"


@pytest.mark.parametrize("text", ["{nothing}-{id}", "{date}-{time}", ""])
def test_a_template_that_cannot_be_says_why(text: str) -> None:
    with pytest.raises(TemplateError, match="template"):
        Template(text)


@given(st.text(max_size=300))
def test_no_name_is_too_strange(path: str) -> None:
    assert len(facts(path).stem) <= len(path)
