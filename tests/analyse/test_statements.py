"""Every figure's SQL is there, described, and reads nothing outside its scope."""

from __future__ import annotations

from importlib import resources

import pytest

from ringbook.analyse.figures import FIGURES
from ringbook.analyse.statements import described, statement

USED = {variant.sql for about in FIGURES.values() for variant in about.variants.values()}
USED |= {"account", "overview_days", "overview_waits"}


def test_no_statement_is_missing_or_left_over() -> None:
    assert set(described()) == USED
    text = (resources.files("ringbook.analyse") / "sql" / "figures.sql").read_text()
    assert text.count("-- name: ") == len(USED)


@pytest.mark.parametrize("name", sorted(USED))
def test_statement_is_described_and_scoped(name: str) -> None:
    assert len(described()[name].split()) > 3
    sql = statement(name)
    assert sql.count("FROM calls") == sql.count("{scope}")


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(KeyError):
        statement("nothing")
