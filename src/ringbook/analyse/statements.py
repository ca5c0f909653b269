"""The SQL of figures by name; it lives in ``sql/figures.sql``, each statement described."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

_NAMED = re.compile(r"^-- name: (?P<name>\w+)\n(?P<about>(?:--.*\n)+)(?P<sql>(?:(?!-- name: ).*\n?)+)", re.M)


def statement(name: str) -> str:
    """The text of one named statement. Raises KeyError for a name that is not there."""
    return _found()[name]["sql"].strip()


def described() -> dict[str, str]:
    """What each statement is for, by name."""
    return {
        name: " ".join(line.removeprefix("-- ") for line in found["about"].splitlines())
        for name, found in _found().items()
    }


@cache
def _found() -> dict[str, re.Match[str]]:
    text = (resources.files("ringbook.analyse") / "sql" / "figures.sql").read_text()
    return {found["name"]: found for found in _NAMED.finditer(text)}
