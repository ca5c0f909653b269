"""The reference page says what the code does."""

from __future__ import annotations

from pathlib import Path

from ringbook.search.fields import FIELDS, NUMBER_FIELDS
from ringbook.search.language import parse
from ringbook.search.reference import markdown

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "query-language.md"


def test_the_page_is_the_one_that_the_code_makes():
    """Make it anew with: python -c 'from ringbook.search.reference import markdown; print(markdown(), end="")'."""
    assert PAGE.read_text("utf-8") == markdown()


def test_every_field_is_described_with_examples_that_use_it():
    for name, field in FIELDS.items():
        assert field.help.endswith("."), name
        assert field.values, name
        assert field.examples, name
        for example in field.examples:
            assert f"{name}:" in example
            parse(example)


def test_number_fields_are_known_to_the_grammar():
    for name in NUMBER_FIELDS:
        tree = parse(f"{name}:+1 (512) 555-0101")
        assert tree.values[0].text == "+1 (512) 555-0101"  # type: ignore[union-attr]
