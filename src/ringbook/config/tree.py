"""Plain values become settings structs, each checked against its definition; nothing stops at the first problem."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import msgspec

from ringbook.config import environ
from ringbook.config.places import KeyPath
from ringbook.config.problems import Problem, nearest
from ringbook.config.secret import Secret

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")
"""What a source may be called: it stands in addresses and variables."""


def names_of(kind: type[msgspec.Struct]) -> tuple[str, ...]:
    """The names of a section's settings."""
    return tuple(field.name for field in msgspec.structs.fields(kind))


def written(path: KeyPath) -> str:
    """A setting's full name as people write it: ``[sources.pbx.inputs.0] port``."""
    *table, key = path
    return f"[{'.'.join(map(str, table))}] {key}" if table else str(key)


class Build:
    """Builds structs and collects what is wrong. ``where`` tells where a path was written."""

    def __init__(self, where: Callable[[KeyPath], str], problems: list[Problem]) -> None:
        self._where = where
        self._problems = problems

    def values(
        self, kind: type[msgspec.Struct], raw: dict[str, Any], path: KeyPath, leave: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        """The usable values of a section's settings by name."""
        hints = get_type_hints(kind, include_extras=True)
        allowed = [name for name in names_of(kind) if name not in leave]
        values: dict[str, Any] = {}
        for key, value in raw.items():
            here = (*path, key)
            if key not in allowed:
                self._problem(here, "there is no such setting", suggestion=nearest(key, allowed))
                continue
            made = self._made(hints[key], value, here)
            if made is not msgspec.UNSET:
                values[key] = made
        missing = [
            f.name for f in msgspec.structs.fields(kind) if f.required and f.name not in (*raw, *leave)
        ]
        for name in missing:
            self._problem((*path, name), "has to be given")
        return values

    def _made(self, hint: Any, value: Any, path: KeyPath) -> Any:
        plain = get_args(hint)[0] if get_origin(hint) is Annotated else hint
        inner = get_args(plain)[-1:] if get_origin(plain) is dict else get_args(plain)[:1]
        if _is_struct(plain):
            return self._struct(plain, value, path)
        if inner and _is_struct(inner[0]):
            if get_origin(plain) is dict:
                return self._table(inner[0], value, path)
            return self._list(inner[0], value, path)
        return self._value(hint, plain, value, path)

    def _struct(self, kind: type[msgspec.Struct], value: Any, path: KeyPath) -> Any:
        if not isinstance(value, dict):
            self._problem(
                path, "is a table: write its settings below a line with its name in brackets", value
            )
            return msgspec.UNSET
        before = len(self._problems)
        values = self.values(kind, value, path)
        return kind(**values) if len(self._problems) == before else msgspec.UNSET

    def _table(self, kind: type[msgspec.Struct], value: Any, path: KeyPath) -> Any:
        if not isinstance(value, dict):
            self._problem(path, "is a table of tables, such as [sources.pbx]", value)
            return msgspec.UNSET
        made: dict[str, Any] = {}
        for name, item in value.items():
            if not NAME.fullmatch(name):
                why = "a name has letters, digits, '-', '_' and '.', begins with a letter or digit, and has at most 63"
                self._problem((*path, name), why)
                continue
            struct = self._struct(kind, item, (*path, name))
            if struct is not msgspec.UNSET:
                made[name] = struct
        return made

    def _list(self, kind: type[msgspec.Struct], value: Any, path: KeyPath) -> Any:
        if not isinstance(value, list):
            self._problem(
                path, "is a list of tables, each below a line such as [[sources.pbx.inputs]]", value
            )
            return msgspec.UNSET
        return tuple(self._struct(kind, item, (*path, number)) for number, item in enumerate(value))

    def _value(self, hint: Any, plain: Any, value: Any, path: KeyPath) -> Any:
        if get_origin(plain) is tuple and isinstance(value, str):
            value = environ.as_list(value)
        if get_origin(plain) is dict and isinstance(value, dict):
            value = {key: _text(item) for key, item in value.items()}
        if plain is str and isinstance(value, str):
            value = value.strip() if path[-1] != "login" else value
        if isinstance(plain, type) and issubclass(plain, StrEnum) and value not in list(plain):
            self._problem(path, "is not a possible value", value, nearest(str(value), list(plain)))
            return msgspec.UNSET
        from_text = isinstance(value, str) and plain in (int, float, bool)
        from_variable = from_text and self._where(path).startswith("environment ")
        try:
            return msgspec.convert(value, hint, strict=not from_variable, dec_hook=_secret)
        except msgspec.ValidationError as error:
            self._problem(path, _plainly(str(error)), "" if plain is Secret else value)
            return msgspec.UNSET

    def _problem(self, path: KeyPath, why: str, value: Any = None, suggestion: str = "") -> None:
        shown = "" if value is None or value == "" else _shown(value)
        self._problems.append(
            Problem(where=self._where(path), key=written(path), why=why, value=shown, suggestion=suggestion)
        )


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _secret(kind: type, value: Any) -> Any:
    if kind is Secret and isinstance(value, str):
        return Secret(value)
    raise ValueError("has to be text in quotes")


def _text(value: Any) -> Any:
    """A format's settings are text; TOML's numbers and truth values are written as such."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value


def _shown(value: Any) -> str:
    text = msgspec.json.encode(value, enc_hook=str).decode()
    return text if len(text) <= 60 else text[:57] + "…"


def _plainly(message: str) -> str:
    """msgspec's message in the words of these pages."""
    text = message.split(" - at `")[0]
    for theirs, ours in (
        ("Expected `int`, got `str`", "has to be a whole number without quotes"),
        ("Expected `float`, got `str`", "has to be a number without quotes"),
        ("Expected `bool`, got `str`", "has to be true or false without quotes"),
        ("Expected `str`, got", "has to be text in quotes, not"),
        ("Expected `array`, got", "has to be text or a list of texts, not"),
        ("Expected `object`, got", "has to be a table, not"),
        ("Expected `int` >=", "has to be a whole number of at least"),
        ("Expected `int` <=", "has to be a whole number of at most"),
        ("Expected `float` >", "has to be a number over"),
    ):
        text = text.replace(theirs, ours)
    return text.replace("over= ", "of at least ").replace("`", "")
