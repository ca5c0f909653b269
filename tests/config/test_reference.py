"""The reference page is what the definitions say, and its example can be loaded."""

from __future__ import annotations

from pathlib import Path
from typing import get_type_hints

import msgspec
import pytest

from ringbook.config import load
from ringbook.config.reference import markdown
from ringbook.config.settings import Files, Input, Ledger, Log, Server, SourceSettings, Spool

PAGE = Path(__file__).parents[2] / "docs/reference/settings.md"


def test_the_page_is_what_the_definitions_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == markdown(), (
        "write it again: python -m ringbook.config.reference docs/reference/settings.md"
    )


@pytest.mark.parametrize("section", [Server, Ledger, Spool, Files, Log, Input, SourceSettings])
def test_every_setting_is_described(section: type[msgspec.Struct]) -> None:
    hints = get_type_hints(section, include_extras=True)
    for field in msgspec.structs.fields(section):
        (meta,) = hints[field.name].__metadata__
        assert len(meta.description) > 20, f"{section.__name__}.{field.name}"


def test_the_example_can_be_loaded(tmp_path: Path) -> None:
    (tmp_path / "ringbook.toml").write_text(markdown().split("```toml\n")[1].split("```")[0])
    (tmp_path / "switch.token").write_text("an-example-token")
    settings = load(tmp_path, {})
    assert list(settings.sources) == ["office", "pbx", "switch"]
    assert [len(source.inputs) for source in settings.sources.values()] == [1, 2, 1]
