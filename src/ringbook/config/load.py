"""Settings from ``ringbook.toml`` and the environment: one frozen tree, or every reason why not at once."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from ringbook.config import added, checks, environ, places
from ringbook.config.added import Added
from ringbook.config.home import FILE_NAME
from ringbook.config.places import KeyPath
from ringbook.config.problems import InvalidSettingsError, Problem, SettingsFileError
from ringbook.config.settings import Input, Settings, SourceSettings
from ringbook.config.tree import Build, names_of


def load(
    home: Path,
    variables: Mapping[str, str] | None = None,
    *,
    formats: Collection[str] | None = None,
    others: Added | None = None,
) -> Settings:
    """The settings of a home; defaults where neither its ``ringbook.toml`` nor the environment says otherwise.

    ``variables`` is the environment (this process's own unless given); ``formats`` the slugs that there are, to check those
    that inputs name; ``others`` the sources added in the desk (those of the home unless given). Raises :class:`SettingsFileError`
    or :class:`InvalidSettingsError`, which lists all problems.
    """
    file = home / FILE_NAME
    text = _read(file)
    tree = _toml(text, file)
    others = added.read(home) if others is None else others
    clashes = _join(tree, others, home)
    placed, problems = environ.overlay(tree, os.environ if variables is None else variables)
    problems += clashes
    where = Where(file, places.lines(text), placed)
    where.elsewhere(home / added.FILE_NAME, others)
    _unfold(tree, where)
    build = Build(where.of, problems)
    values = build.values(Settings, tree, (), leave=("home",))
    settings = checks.Checker(home, where.of, problems, formats).checked(Settings(home=home, **values))
    if problems:
        raise InvalidSettingsError(problems)
    return settings


class Where:
    """Tells where a setting was written: ``…/ringbook.toml, line 4`` or ``environment RINGBOOK_SERVER__PORT``."""

    def __init__(self, file: Path, lines: dict[KeyPath, int], variables: dict[KeyPath, str]) -> None:
        self._file = file
        self._lines = lines
        self._variables = variables
        self.moved: dict[KeyPath, KeyPath] = {}  # as read: as written
        self._other: tuple[Path, dict[KeyPath, int], frozenset[str]] | None = None

    def elsewhere(self, file: Path, others: Added) -> None:
        """Be told of the file in which some sources were written."""
        if others.sources:
            self._other = (file, places.lines(others.text), frozenset(others.sources))

    def of(self, path: KeyPath) -> str:
        """Where the setting, or the table around it, was written."""
        written = self._written(path)
        for length in range(len(written), 0, -1):
            if written[:length] in self._variables:
                return f"environment {self._variables[written[:length]]}"
            if written[:length] in self._lines:
                break
        file, lines = self._file, self._lines
        if self._other and len(written) > 1 and written[0] == "sources" and written[1] in self._other[2]:
            file, lines = self._other[:2]
        line = places.line_of(lines, written)
        return f"{file}, line {line}" if line else str(file)

    def _written(self, path: KeyPath) -> KeyPath:
        for length in range(len(path), 0, -1):
            if path[:length] in self.moved:
                return (*self.moved[path[:length]], *path[length:])
        return path


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise SettingsFileError(f"{file} cannot be read: {error.strerror}; mend its permissions") from error
    except UnicodeDecodeError as error:
        raise SettingsFileError(f"{file} is not UTF-8 text (byte {error.start}); save it as UTF-8") from error


def _toml(text: str, file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsFileError(
            f"{file} is not TOML: {error}; text needs quotes, and a table begins with [name]"
        ) from error


def _join(tree: dict[str, Any], others: Added, home: Path) -> list[Problem]:
    """Put the added sources among those of the file; what is wrong when both have one of a name."""
    if not others.sources:
        return []
    sources = tree.setdefault("sources", {})
    if not isinstance(sources, dict):
        return []  # told of where the table is built
    clashes = sorted(set(others.sources) & sources.keys())
    for name in set(others.sources) - sources.keys():
        sources[name] = {**others.sources[name]}
    return [
        Problem(
            where=str(home / added.FILE_NAME),
            key=f"[sources.{name}]",
            why=f"{FILE_NAME} describes a source of this name too; take it out of one of the two files",
        )
        for name in clashes
    ]


def _unfold(tree: dict[str, Any], where: Where) -> None:
    """A source with one input may have the input's settings in its own table: give it its list of inputs."""
    sources = tree.get("sources")
    if not isinstance(sources, dict):
        return
    own = set(names_of(SourceSettings))
    of_input = set(names_of(Input)) - own
    for name, source in sources.items():
        if not isinstance(source, dict) or "inputs" in source or not of_input & source.keys():
            continue
        inner = {key: source.pop(key) for key in list(source) if key in of_input}
        source["inputs"] = [inner]
        at: KeyPath = ("sources", name, "inputs", 0)
        where.moved[at] = ("sources", name)
