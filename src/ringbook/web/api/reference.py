"""The reference page of the API, made from its description; `make docs` writes it."""

from __future__ import annotations

from typing import Any

_INTRODUCTION = """\
# The API

Version 1, under `/api/v1`. This page is made from the operations in `src/ringbook/web/api`; a running Ringbook shows the same at
`/api/v1/docs` and, for machines, `/api/v1/openapi.json`. How to begin: [howto/api.md](../howto/api.md).

Everything is JSON in UTF-8. Times are RFC 3339 text in UTC, spans are seconds, and what nobody knows is `null`. Calls have the
[public shape](data-model.md). Every request carries `Authorization: Bearer rb_…`.
"""


def markdown() -> str:
    """The whole page. Django has to be set up."""
    from ringbook.web.api.description import described, groups
    from ringbook.web.api.problems import KINDS

    parts = [_INTRODUCTION]
    for group in groups():
        parts.append(f"## {group['name'].capitalize()}\n")
        parts += [_operation(one) for one in group["operations"]]
    parts.append("## Shapes\n")
    for name, schema in sorted(described()["components"]["schemas"].items()):
        parts.append(_shape(name, schema))
    parts.append(
        "## Problems\n\n`application/problem+json`, with `type`, `title`, `status` and `detail` (RFC 9457).\n"
    )
    rows = [f"| `{name}` | {kind.status} | {kind.title}. {kind.meaning} |" for name, kind in KINDS.items()]
    parts.append("\n".join(["| type | status | meaning |", "| --- | --- | --- |", *rows, ""]))
    return "\n".join(parts).rstrip() + "\n"


def _operation(one: dict[str, Any]) -> str:
    lines = [f"### {one['method']} {one['address']}", "", f"{one['summary']}."]
    if one["description"]:
        lines += ["", one["description"].replace("|", "\\|")]
    rights = ", ".join(f"`{right}`" for right in one["rights"])
    lines += ["", f"In the client `{one['id']}`." + (f" Needs {rights}." if rights else "")]
    rows = [(each, each["in"]) for each in one["parameters"]] + [(each, "body") for each in one["body"]]
    if rows:
        lines += ["", "| parameter | in | type | meaning |", "| --- | --- | --- | --- |"]
        lines += [_row(each, place) for each, place in rows]
    lines += ["", f"Answers {one['status']}" + (f" with `{one['shape']}`." if one["shape"] else "."), ""]
    return "\n".join(lines)


def _row(each: dict[str, Any], place: str) -> str:
    name = f"`{each['name']}`" + ("" if each["required"] else "?")
    kind = each["type"].replace("|", "\\|")
    return f"| {name} | {place} | {kind} | {each.get('description', '').replace('|', '&#124;')} |"


def _shape(name: str, schema: dict[str, Any]) -> str:
    from ringbook.web.api.description import fields, type_text

    lines = [f"### {name}", ""]
    if "enum" in schema:
        return "\n".join([*lines, type_text(schema).replace("|", "·"), ""])
    told = " ".join(str(schema.get("description", "")).split())
    lines += [told, "", "| key | type | meaning |", "| --- | --- | --- |"]
    for each in fields(schema):
        kind = each["type"].replace("|", "\\|")
        lines.append(
            f"| `{each['name']}`{'' if each['required'] else '?'} | {kind} | {each['description']} |"
        )
    return "\n".join([*lines, ""])
