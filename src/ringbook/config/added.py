"""The sources that were added in the desk: in a file beside ``ringbook.toml`` that Ringbook writes and people may read.

``[sources.NAME]`` means there what it means in ``ringbook.toml``. ``[removed.NAME]`` was removed and can be put back.
The file holds the tokens and passwords of these sources: only its owner may read it.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from ringbook.config.problems import SettingsFileError

FILE_NAME = "sources-added.toml"

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_HEAD = (
    "# The phone systems that were added in the desk. Ringbook writes this file: change them there, or move a source\n"
    "# into ringbook.toml while Ringbook is not running.\n"
)


class Added(msgspec.Struct, frozen=True):
    """What the file holds, as written: settings by the name of the source. ``text`` is the file itself."""

    sources: dict[str, dict[str, Any]] = {}
    removed: dict[str, dict[str, Any]] = {}
    text: str = ""


def read(home: Path) -> Added:
    """What was added to a home. Raises :class:`SettingsFileError` if the file is not as it was written."""
    file = home / FILE_NAME
    try:
        text = file.read_text(encoding="utf-8")
        tree = tomllib.loads(text)
        return Added(_tables(tree, "sources"), _tables(tree, "removed"), text)
    except FileNotFoundError:
        return Added()
    except OSError as error:
        raise SettingsFileError(f"{file} cannot be read: {error.strerror}; mend its permissions") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, TypeError) as error:
        raise SettingsFileError(
            f"{file} is not as Ringbook wrote it ({error}); mend it, or move it away and add the sources again"
        ) from error


def write(home: Path, added: Added) -> None:
    """Have these be the added sources; durable when this returns. Raises :class:`OSError`."""
    file = home / FILE_NAME
    draft = file.with_suffix(".draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as sink:
        sink.write(toml(added))
        sink.flush()
        os.fsync(sink.fileno())
    draft.replace(file)


def toml(added: Added) -> str:
    """The text of the file."""
    lines = [_HEAD]
    for group, tables in (("sources", added.sources), ("removed", added.removed)):
        for name, source in sorted(tables.items()):
            lines += _table(f"{group}.{_key(name)}", source)
    return "\n".join(lines)


def _table(path: str, values: Mapping[str, Any], *, listed: bool = False) -> list[str]:
    """A table: its plain settings first, then the tables and lists of tables in it."""
    lines = [f"[[{path}]]" if listed else f"[{path}]"]
    inner: list[str] = []
    for key, value in values.items():
        if isinstance(value, Mapping):
            inner += _table(f"{path}.{_key(key)}", value)
        elif isinstance(value, (list, tuple)) and value and isinstance(value[0], Mapping):
            for item in value:
                inner += _table(f"{path}.{_key(key)}", item, listed=True)
        else:
            lines.append(f"{_key(key)} = {_value(value)}")
    return [*lines, "", *inner]


def _value(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_value(item) for item in value)}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _value(name)


def _tables(tree: Mapping[str, Any], group: str) -> dict[str, dict[str, Any]]:
    tables = tree.get(group, {})
    if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        raise TypeError(f"{group} holds something else than tables")
    return tables
