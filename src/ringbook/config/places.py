"""On which line of a TOML file each setting stands, for messages: exact for ordinary files, a near line otherwise."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import TypeAlias

KeyPath: TypeAlias = tuple[str | int, ...]
"""The way to a setting: ``("sources", "pbx", "inputs", 0, "port")``."""

_TABLE = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(
    r"""^\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*="""
)


def lines(text: str) -> dict[KeyPath, int]:
    """The first line, counted from 1, of each table and key."""
    found: dict[KeyPath, int] = {}
    counts: dict[KeyPath, int] = {}
    table: KeyPath = ()
    for number, line in enumerate(text.splitlines(), 1):
        header = _TABLE.match(line)
        if header:
            table = _resolved(_keys(header[2]), counts, array=header[1] == "[[")
            found.setdefault(table, number)
            continue
        key = _KEY.match(line)
        if key:
            found.setdefault((*table, *_keys(key[1])), number)
    return found


def line_of(found: dict[KeyPath, int], path: KeyPath) -> int:
    """The line of a setting, or of the nearest table around it; 0 if not even that is known."""
    for length in range(len(path), 0, -1):
        if path[:length] in found:
            return found[path[:length]]
    return 0


def _resolved(keys: tuple[str, ...], counts: dict[KeyPath, int], *, array: bool) -> KeyPath:
    """The path of a table, with the number of each array's element in its place."""
    path: KeyPath = ()
    for position, key in enumerate(keys):
        path = (*path, key)
        if array and position == len(keys) - 1:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def _keys(text: str) -> tuple[str, ...]:
    try:
        return tuple(_walk(tomllib.loads(f"{text} = 0")))
    except tomllib.TOMLDecodeError:
        return (text,)


def _walk(tree: object) -> Iterator[str]:
    while isinstance(tree, dict):
        key, tree = next(iter(tree.items()))
        yield key
