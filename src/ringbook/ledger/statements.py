"""SQL by name: every statement lives in a described ``.sql`` file beside this module."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

import msgspec

from ringbook.ledger.engines.engine import Migration

_NAMED = re.compile(
    r"^-- name: (?P<name>\w+)\n(?P<about>(?:--.*\n)+)(?P<sql>(?:(?!-- name: ).*\n?)+)", re.MULTILINE
)


class _Named(msgspec.Struct, frozen=True):
    about: str
    sql: str


def statement(file: str, name: str) -> str:
    """The text of one named statement of ``sql/<file>.sql``. Raises KeyError for a name that is not there."""
    return _statements(file)[name].sql


def described(file: str) -> dict[str, str]:
    """What each statement of a file is for, by name."""
    return {name: found.about for name, found in _statements(file).items()}


@cache
def _statements(file: str) -> dict[str, _Named]:
    text = (resources.files("ringbook.ledger") / "sql" / f"{file}.sql").read_text()
    return {
        found["name"]: _Named(
            " ".join(line.removeprefix("-- ") for line in found["about"].splitlines()),
            found["sql"].strip().rstrip(";"),
        )
        for found in _NAMED.finditer(text)
    }


def migrations() -> list[Migration]:
    """All steps of the schema, in order."""
    folder = resources.files("ringbook.ledger") / "sql" / "migrations"
    steps = []
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".sql"):
            parts = tuple(part.strip() for part in re.split(r";\s*$", file.read_text(), flags=re.MULTILINE))
            steps.append(Migration(int(file.name[:4]), file.name[:-4], tuple(part for part in parts if part)))
    return steps
