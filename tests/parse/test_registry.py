"""Formats are found by walking the folder, offered surest first, and refused by name when they are none."""

from __future__ import annotations

import pkgutil

import pytest

from ringbook.parse import formats as folder
from ringbook.parse.registry import (
    BadFormatError,
    FormatClashError,
    UnknownFormatError,
    _claim,
    formats,
    named,
    sniff,
)


def test_every_file_of_the_folder_brings_a_format_of_its_name() -> None:
    files = {
        module.name for module in pkgutil.iter_modules(folder.__path__) if not module.name.startswith("_")
    }
    assert files <= set(formats())


def test_they_come_in_the_order_of_their_names() -> None:
    assert list(formats()) == sorted(formats())


def test_the_surest_comes_first() -> None:
    bids = sniff(b'{"vcon":"0.0.1","parties":[],"dialog":[]}', "a.vcon")
    assert bids[0][1] is named("vcon")
    assert [bid for bid, _ in bids] == sorted((bid for bid, _ in bids), reverse=True)
    assert all(bid > 0 for bid, _ in bids)


def test_what_no_format_knows_is_offered_to_none() -> None:
    assert sniff(b"Dear Sir,\n", "letter.txt") == []


def test_an_unknown_name_is_an_error_that_lists_them_and_suggests() -> None:
    with pytest.raises(UnknownFormatError, match=r"formats are: .*vcon.*Did you mean 'vcon'"):
        named("vcons")


def test_two_claims_on_one_slug_are_an_error_that_names_both() -> None:
    found = {"vcon": (named("vcon"), "here")}
    with pytest.raises(FormatClashError, match="here and there both claim the slug 'vcon'"):
        _claim(found, named("vcon"), "there")


def test_what_is_no_format_is_an_error_that_says_what_is_missing() -> None:
    with pytest.raises(BadFormatError, match="nowhere is no format: it needs about"):
        _claim({}, object(), "nowhere")
