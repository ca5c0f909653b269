"""Writes ``ringbook.client._generated`` from the description of the API: ``python -m ringbook.web.api.generate_client``."""

from __future__ import annotations

import keyword
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

PLACE = Path(__file__).parents[2] / "client" / "_generated.py"

_HEAD = '''"""The operations and shapes of the API, as its description names them.

Written by ``python -m ringbook.web.api.generate_client``; change the API, not this file.
"""

# ruff: noqa: A002

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Literal, TypeAlias, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

T = TypeVar("T")


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all shapes; keys that a newer server sends are passed over."""

'''

_BASE = '''
class Operations(ABC):
    """All operations of the API; ``ringbook.client.Ringbook`` carries them out."""

    @abstractmethod
    def _ask(
        self,
        kind: type[T],
        method: str,
        path: str,
        *,
        params: dict[str, Any] | None = None,
        body: dict[str, Any] | None = None,
        version: int | None = None,
        once: bool = False,
        idempotency_key: str | None = None,
    ) -> T:
        """The answer to a request, as the shape that is expected."""

'''

_PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}


def written(described: dict[str, Any]) -> str:
    """The text of the module, before it is formatted."""
    schemas = described["components"]["schemas"]
    operations = [
        (address, method, about)
        for address, methods in described["paths"].items()
        for method, about in methods.items()
    ]
    bodies = {name for _, _, about in operations if (name := _body_name(about))}
    shapes = {name: schema for name, schema in schemas.items() if name not in bodies}
    parts = [_HEAD]
    parts += [_alias(name, schema) for name, schema in sorted(shapes.items()) if "enum" in schema]
    parts += [_struct(name, schema) for name, schema in sorted(shapes.items()) if "enum" not in schema]
    parts.append(_BASE)
    parts += [_method(address, method, about, schemas) for address, method, about in operations]
    return "\n".join(parts)


def _alias(name: str, schema: dict[str, Any]) -> str:
    return f"{name}: TypeAlias = Literal[{', '.join(repr(word) for word in schema['enum'])}]\n"


def _struct(name: str, schema: dict[str, Any]) -> str:
    needed = set(schema.get("required", []))
    lines = [
        f"class {name}(Shape, frozen=True, kw_only=True):",
        f'    """{_words(schema.get("description", name))}"""',
        "",
    ]
    for key, one in schema.get("properties", {}).items():
        field, kind = _python(key), type_of(one)
        if field != key:
            lines.append(f"    {field}: {kind} = msgspec.field(name={key!r})")
        elif key in needed:
            lines.append(f"    {field}: {kind}")
        else:
            lines.append(f"    {field}: {_optional(kind)}")
    return "\n".join(lines) + "\n\n"


def type_of(schema: dict[str, Any]) -> str:
    """The Python type of a JSON schema."""
    match schema:
        case {"$ref": str(ref)}:
            return ref.rpartition("/")[2]
        case {"anyOf": list(kinds)}:
            return " | ".join(type_of(kind) for kind in kinds)
        case {"enum": list(words)}:
            return f"Literal[{', '.join(repr(word) for word in words)}]"
        case {"type": "array", "items": dict(item)}:
            return f"list[{type_of(item)}]"
        case {"type": "array"}:
            return "list[Any]"
        case {"type": "object", "additionalProperties": dict(value)}:
            return f"dict[str, {type_of(value)}]"
        case {"type": "object"}:
            return "dict[str, Any]"
        case {"type": str(plain)}:
            return _PLAIN[plain]
        case _:
            return "Any"


def _method(address: str, method: str, about: dict[str, Any], schemas: dict[str, Any]) -> str:
    places = [one["name"] for one in about["parameters"] if one["in"] == "path"]
    query = [one for one in about["parameters"] if one["in"] == "query"]
    headers = {one["name"] for one in about["parameters"] if one["in"] == "header"}
    once, kind = "Idempotency-Key" in headers, _answer(about)
    named = [_query(one) for one in query]
    body = schemas[_body_name(about)] if _body_name(about) else None
    named += _body(body) if body else []
    named += ["version: int"] if "If-Match" in headers else []
    named += ["idempotency_key: str | None = None"] if once else []
    named.sort(key=lambda one: "=" in one)
    arguments = ["self", *(f"{_python(name)}: str" for name in places), *(["*", *named] if named else [])]
    given = [repr(method.upper()), _address(address, places)]
    if query:
        given.append(f"params={_gathered([one['name'] for one in query])}")
    if body is not None:
        given.append(f"body={_gathered(list(body['properties']))}")
    given += ["version=version"] if "If-Match" in headers else []
    given += ["once=True", "idempotency_key=idempotency_key"] if once else []
    text = _words(about["summary"] + ("." if not about["summary"].endswith(".") else ""))
    more = f"\n\n{about['description']}\n" if about.get("description") else ""
    more = "\n".join(f"        {line}".rstrip() for line in more.split("\n")) if more else ""
    asked = f"self._ask({kind if kind != 'None' else 'type(None)'}, {', '.join(given)})"
    return (
        f"    def {about['operationId']}({', '.join(arguments)}) -> {kind}:\n"
        f'        """{text}{more.lstrip(" ") if more else ""}"""\n'
        f"        {'return ' if kind != 'None' else ''}{asked}\n"
    )


def _query(one: dict[str, Any]) -> str:
    name, schema = _python(one["name"]), one["schema"]
    kind = type_of(schema)
    if one["required"]:
        return f"{name}: {kind}"
    return f"{name}: {kind} = {schema.get('default')!r}"


def _body(schema: dict[str, Any]) -> list[str]:
    needed = set(schema.get("required", []))
    return [
        f"{_python(name)}: {type_of(one) if name in needed else _optional(type_of(one))}"
        for name, one in schema["properties"].items()
    ]


def _optional(kind: str) -> str:
    """A type with its default where it may be left out; ``None`` stands last."""
    plain = kind.removesuffix(" | None")
    return f"{plain} | UnsetType{' | None' if plain != kind else ''} = UNSET"


def _gathered(names: list[str]) -> str:
    return "{" + ", ".join(f"{name!r}: {_python(name)}" for name in names) + "}"


def _address(address: str, places: list[str]) -> str:
    if not places:
        return repr(address)
    text = address
    for name in places:
        text = text.replace("{" + name + "}", "{_segment(" + _python(name) + ")}")
    return f'f"{text}"'


def _answer(about: dict[str, Any]) -> str:
    good = min(status for status in about["responses"] if status.isdecimal())
    content = about["responses"][good].get("content", {}).get("application/json")
    if content:
        return type_of(content["schema"])
    return "None" if good == "204" else "bytes"


def _body_name(about: dict[str, Any]) -> str:
    schema = about.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _python(name: str) -> str:
    return f"{name}_" if keyword.iskeyword(name) else name


def _words(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"""', "'''")


_FOOT = '''

def _segment(text: str) -> str:
    """The text as one step of a path."""
    from urllib.parse import quote

    return quote(text, safe="")
'''


def module() -> str:
    """The text of the module, formatted. Django has to be set up."""
    from ringbook.web.api.description import described

    text = written(described()) + _FOOT
    formatted = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(PLACE), "-"],
        input=text,
        capture_output=True,
        text=True,
        check=True,
    )
    return formatted.stdout


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ringbook.desk.tooling")
    import django

    django.setup()
    PLACE.write_text(module())
