"""The reference page says what the API does."""

from __future__ import annotations

from pathlib import Path

from ringbook.web.api.reference import markdown

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "api.md"


def test_the_page_is_the_one_that_the_description_makes() -> None:
    """Make it anew with: python -m ringbook.web.api.reference docs/reference/api.md."""
    assert PAGE.read_text("utf-8") == markdown()
