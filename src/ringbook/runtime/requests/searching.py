"""Searching the whole home for what must not be there any more: every file as it lies, and every table of the ledger."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from ringbook.ledger.ledger import Ledger
from ringbook.model.scope import Scope

BLOCK = 4 << 20
OVERLAP = 4_096
MOST_NAMED = 50

_COLUMNS = """
SELECT table, name FROM system.columns
WHERE database = currentDatabase() AND default_kind NOT IN ('ALIAS', 'EPHEMERAL')
AND (type LIKE '%String%') AND NOT (type LIKE '%FixedString%')
AND table IN (SELECT table FROM system.columns WHERE database = currentDatabase() AND name = 'tenant')
AND {tenant:String} != '' ORDER BY table, position
"""


class Searched(msgspec.Struct, frozen=True, kw_only=True):
    """What was looked through and where something was found: files by their path in the home, tables by name."""

    files: int = 0
    bytes: int = 0
    tables: int = 0
    found: list[str] = []

    @property
    def clean(self) -> bool:
        """Whether nothing was found."""
        return not self.found


def search(
    folder: Path, ledger: Ledger, scope: Scope, patterns: list[re.Pattern[bytes]], needles: list[str]
) -> Searched:
    """Look for byte patterns in all files under a folder, and for texts in all tables of a tenant in the ledger."""
    found, size, number = list[str](), 0, 0
    for file in _files(folder):
        number += 1
        hit, read = _read(file, patterns)
        size += read
        if hit:
            found.append(str(file.relative_to(folder)))
    tables = _tables(ledger, scope)
    for table, columns in tables.items():
        if needles and _holds(ledger, scope, table, columns, needles):
            found.append(f"ledger: {table}")
    return Searched(files=number, bytes=size, tables=len(tables), found=found[:MOST_NAMED])


def _files(folder: Path) -> Iterator[Path]:
    for file in sorted(folder.rglob("*")):
        if file.is_file() and not file.is_symlink():
            yield file


def _read(file: Path, patterns: list[re.Pattern[bytes]]) -> tuple[bool, int]:
    """Whether a file has any of the patterns, and how many bytes were read. One that goes meanwhile has none."""
    before, size = b"", 0
    try:
        with file.open("rb") as source:
            while block := source.read(BLOCK):
                size += len(block)
                window = before + block
                if any(pattern.search(window) for pattern in patterns):
                    return True, size
                before = window[-OVERLAP:]
    except FileNotFoundError:
        return False, size
    return False, size


def _tables(ledger: Ledger, scope: Scope) -> dict[str, list[str]]:
    tables: dict[str, list[str]] = {}
    for table, column in ledger.query_rows(scope, _COLUMNS):
        tables.setdefault(str(table), []).append(str(column))
    return tables


def _holds(ledger: Ledger, scope: Scope, table: str, columns: list[str], needles: list[str]) -> bool:
    text = ", '\\n', ".join(f"toString({_quoted(column)})" for column in columns)
    sql = (
        f"SELECT count() FROM {_quoted(table)} WHERE tenant = {{tenant:String}}"
        f" AND multiSearchAnyCaseInsensitiveUTF8(concat({text}, ''), {{needles:Array(String)}})"
    )
    return bool(int(ledger.query_rows(scope, sql, {"needles": needles})[0][0]))


def _quoted(name: str) -> str:
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"
