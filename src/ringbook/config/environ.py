"""Settings from the environment: ``RINGBOOK_SERVER__PORT`` is ``[server] port``.

Two underscores part the names; letters may be of either case, and a dash in a source's name is written as an underscore.
Variables without two underscores are not settings (a container's platform makes such ones of its own).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ringbook.config.places import KeyPath
from ringbook.config.problems import Problem

PREFIX = "RINGBOOK_"


def overlay(tree: dict[str, Any], environ: Mapping[str, str]) -> tuple[dict[KeyPath, str], list[Problem]]:
    """Write the environment's settings into the tree; which path came from which variable, and what could not be placed."""
    placed: dict[KeyPath, str] = {}
    problems: list[Problem] = []
    for variable in sorted(environ):
        if not variable.upper().startswith(PREFIX) or "__" not in variable:
            continue
        parts = variable[len(PREFIX) :].lower().split("__")
        path = _set(tree, parts, environ[variable]) if all(parts) else None
        if path is None:
            why = "this variable leads to no setting; write RINGBOOK_SECTION__KEY, such as RINGBOOK_SERVER__PORT"
            problems.append(Problem(where="environment", key=variable, why=why))
        else:
            placed[path] = variable
    return placed, problems


def _set(tree: dict[str, Any], parts: list[str], text: str) -> KeyPath | None:
    """The path at which the text now stands; None if the tree has something else on the way."""
    node: Any = tree
    path: KeyPath = ()
    for part in parts[:-1]:
        key = _key(node, part)
        if key is None:
            return None
        path = (*path, key)
        node = node.setdefault(str(key), {}) if isinstance(node, dict) else node[key]
    if not isinstance(node, dict):
        return None
    key = _key(node, parts[-1])
    node[str(key)] = text
    return None if key is None else (*path, key)


def _key(node: Any, part: str) -> str | int | None:
    """The key of a table, or the number of an array's element, that a part of a variable's name means."""
    if isinstance(node, dict):
        return next((key for key in node if _plain(key) == part), part)
    if not isinstance(node, list):
        return None
    if part.isdecimal():
        return int(part) if int(part) < len(node) else None
    named = (
        n
        for n, item in enumerate(node)
        if isinstance(item, dict) and _plain(str(item.get("name", ""))) == part
    )
    return next(named, None)


def _plain(key: str) -> str:
    return key.lower().replace("-", "_").replace(".", "_")


def as_list(text: str) -> list[str]:
    """A list from a variable: a JSON array, or a single item."""
    if text.lstrip().startswith("["):
        try:
            items = json.loads(text)
        except ValueError:
            return [text]
        if isinstance(items, list):
            return [str(item) for item in items]
    return [text]
