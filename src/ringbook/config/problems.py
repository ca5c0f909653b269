"""What can be wrong with settings, told so that it can be mended without looking anything up.

::

    SettingsError                   (model.errors: fix the settings)
    ├── SettingsFileError           ringbook.toml cannot be read, or is not TOML
    └── InvalidSettingsError        settings that do not exist, or have no usable value: all of them at once
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

import msgspec

from ringbook.model.errors import SettingsError


class SettingsFileError(SettingsError):
    """The settings file cannot be read, or is not TOML."""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to mend. ``where`` is a file and line, or an environment variable; ``key`` the setting's full name."""

    where: str
    key: str
    why: str
    value: str = ""
    suggestion: str = ""

    def __str__(self) -> str:
        value = f" = {self.value}" if self.value else ""
        hint = f"; {self.suggestion}" if self.suggestion else ""
        return f"{self.where}: {self.key}{value}: {self.why}{hint}"


class InvalidSettingsError(SettingsError):
    """Settings that do not exist or have no usable value; ``problems`` has all of them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def nearest(word: str, allowed: Iterable[str]) -> str:
    """``did you mean 'port'?`` for the nearest allowed word, or what is allowed when none is near."""
    words = sorted(map(str, allowed))
    near = get_close_matches(word.lower(), words, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"allowed are: {', '.join(words)}" if words else ""
