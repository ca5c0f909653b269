"""The SQL of this package by name; it lives in ``sql/``, that of figures in ``figures.sql``, each statement described."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

_NAMED = re.compile(r"^-- name: (?P<name>\w+)\n(?P<about>(?:--.*\n)+)(?P<sql>(?:(?!-- name: ).*\n?)+)", re.M)


def statement(name: str, file: str = "figures") -> str:
    """The text of one named statement. Raises KeyError for a name that is not there."""
    return _found(file)[name]["sql"].strip()


def described(file: str = "figures") -> dict[str, str]:
    """What each statement is for, by name."""
    return {
        name: " ".join(line.removeprefix("-- ") for line in found["about"].splitlines())
        for name, found in _found(file).items()
    }


@cache
def _found(file: str) -> dict[str, re.Match[str]]:
    text = (resources.files("ringbook.analyse") / "sql" / f"{file}.sql").read_text()
    return {found["name"]: found for found in _NAMED.finditer(text)}
