"""The description of the API: OpenAPI 3.1 for programs, and a page for people."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import escape
from django.utils.safestring import mark_safe

from ringbook.web.api import problems
from ringbook.web.api.api import VERSION, api
from ringbook.web.api.schemas import ProblemDetails
from ringbook.web.guard import public_page

PREFIX = "/api/v1"

_USUAL = (401, 403, 422, 429)
_HEADERS = {
    "If-None-Match": "The ETag that you have: 304 if it still stands.",
    "If-Match": "The ETag that you read, so that nobody's words are lost.",
}


@public_page
def as_json(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The description in OpenAPI 3.1."""
    response = HttpResponse(msgspec.json.encode(described()), content_type="application/json")
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@public_page
def as_page(request: HttpRequest) -> HttpResponse:
    """The description as a page, which runs nothing from anywhere else."""
    return render(request, "api/docs.html", {"groups": _coded(groups()), "problems": _coded(_problems())})


def _coded(value: Any) -> Any:
    """The same with what stands in back-ticks as code, ready for the page."""
    match value:
        case str() if "`" in value:
            return mark_safe(re.sub("`([^`]+)`", r"<code>\1</code>", escape(value)))  # escaped here
        case dict():
            return {name: _coded(one) for name, one in value.items()}
        case list():
            return [_coded(one) for one in value]
        case _:
            return value


@cache
def described() -> dict[str, Any]:
    """The description of all operations, in OpenAPI 3.1."""
    raw: dict[str, Any] = msgspec.json.decode(
        msgspec.json.encode(dict(api.get_openapi_schema(path_prefix="api/v1/")))
    )
    schemas = raw["components"]["schemas"]
    schemas["ProblemDetails"] = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
    for address, methods in raw["paths"].items():
        for method, about in methods.items():
            _complete(about, address, method)
    raw["components"]["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "rb_…"}
    }
    raw["security"] = [{"token": []}]
    raw["servers"] = [{"url": "/"}]
    raw["info"]["version"] = VERSION
    return raw


def _complete(about: dict[str, Any], address: str, method: str) -> None:
    """Say of an operation what all of them have: problems, limits, headers."""
    about["parameters"] = [_parameter(one) for one in about.get("parameters", [])]
    if about.get("description", "").rstrip(".") == about["summary"]:
        del about["description"]
    for name in about.pop("x-headers"):
        about["parameters"].append(_header(name, _HEADERS[name]))
    if about.pop("x-once"):
        text = "Any text of your own; the request is carried out once, however often it is sent within a day."
        about["parameters"].append(
            {**_header("Idempotency-Key", text), "schema": {"type": "string", "maxLength": 200}}
        )
    statuses = [*_USUAL]
    statuses += [404] if "{" in address else []
    statuses += [400, 409, 413, 415] if method in ("post", "put", "patch") else [400]
    for status in statuses:
        about["responses"].setdefault(str(status), _problem(status))
    about["responses"]["default"] = {"description": "Another problem", "content": _CONTENT}
    for status, response in about["responses"].items():
        if status != "default" and int(status) >= 400:
            response["content"] = _CONTENT
        elif status == "304":
            response["description"] = "It stands as you have it"


def _parameter(one: dict[str, Any]) -> dict[str, Any]:
    schema = {name: value for name, value in one["schema"].items() if name not in ("title", "description")}
    return {**one, "schema": schema}


def _header(name: str, text: str) -> dict[str, Any]:
    return {
        "in": "header",
        "name": name,
        "required": False,
        "description": text,
        "schema": {"type": "string"},
    }


def _problem(status: int) -> dict[str, Any]:
    titles = [kind.title for kind in problems.KINDS.values() if kind.status == status]
    return {"description": "; or: ".join(titles), "content": _CONTENT}


def groups() -> list[dict[str, Any]]:
    """The operations as the page shows them, by tag."""
    found: dict[str, list[dict[str, Any]]] = {}
    for address, methods in described()["paths"].items():
        for method, about in methods.items():
            [tag] = about["tags"]
            found.setdefault(tag, []).append(
                {"method": method.upper(), "address": address, **_readable(about)}
            )
    return [{"name": name, "operations": operations} for name, operations in found.items()]


def _readable(about: dict[str, Any]) -> dict[str, Any]:
    body = about.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    statuses = {int(status): one for status, one in about["responses"].items() if status.isdecimal()}
    good = min(statuses)
    content = statuses[good].get("content", {}).get("application/json", {}).get("schema")
    return {
        "id": about["operationId"],
        "summary": about["summary"],
        "description": about.get("description", ""),
        "rights": about["x-rights"],
        "parameters": [{**one, "type": type_text(one["schema"])} for one in about["parameters"]],
        "body": fields(body) if body else [],
        "status": good,
        "shape": type_text(content) if content else "",
        "answer": fields(content) if content else [],
    }


def fields(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The keys of an object: name, type, whether it is needed, what it is."""
    whole = _resolved(schema)
    needed = whole.get("required", [])
    return [
        {
            "name": name,
            "type": type_text(one),
            "required": name in needed,
            "description": one.get("description", ""),
        }
        for name, one in whole.get("properties", {}).items()
    ]


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        found: dict[str, Any] = described()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return found
    return schema


def type_text(schema: dict[str, Any]) -> str:
    """The type of a value in a few words."""
    if "$ref" in schema:
        target = _resolved(schema)
        return " | ".join(target["enum"]) if "enum" in target else schema["$ref"].rpartition("/")[2]
    if "anyOf" in schema:
        return " | ".join(type_text(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(str(one) for one in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {type_text(schema.get('items', {}))}"
    return str(schema.get("type", "any"))


def _problems() -> list[dict[str, Any]]:
    return [{"name": name, **msgspec.to_builtins(kind)} for name, kind in problems.KINDS.items()]


_CONTENT = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}
