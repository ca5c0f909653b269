"""SQL by name: every statement lives in a described ``.sql`` file beside this module."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from ringbook.ledger.engines.engine import Migration

_NAMED = re.compile(
    r"^-- name: (?P<name>\w+)\n(?P<about>(?:--.*\n)+)(?P<sql>(?:(?!-- name: ).*\n?)+)", re.MULTILINE
)


@cache
def statement(file: str, name: str) -> str:
    """The text of one named statement of ``sql/<file>.sql``. Raises KeyError for a name that is not there."""
    return _statements(file)[name]


@cache
def _statements(file: str) -> dict[str, str]:
    text = (resources.files("ringbook.ledger") / "sql" / f"{file}.sql").read_text()
    return {found["name"]: found["sql"].strip().rstrip(";") for found in _NAMED.finditer(text)}


def migrations() -> list[Migration]:
    """All steps of the schema, in order."""
    folder = resources.files("ringbook.ledger") / "sql" / "migrations"
    steps = []
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".sql"):
            parts = tuple(part.strip() for part in re.split(r";\s*$", file.read_text(), flags=re.MULTILINE))
            steps.append(Migration(int(file.name[:4]), file.name[:-4], tuple(part for part in parts if part)))
    return steps
