"""Declaring an operation: which rights it needs, and everything that is checked before it is carried out."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Any, TypeAlias

import msgspec
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import Router
from ninja.decorators import decorate_view
from ninja.operation import Operation

from ringbook.desk.people.roles import Right
from ringbook.web import pace
from ringbook.web.api import kept, problems
from ringbook.web.api.credentials import viewer_asking
from ringbook.web.api.problems import Problem, invalid
from ringbook.web.viewer import Viewer

MOST_BYTES = 2 << 20
"""Bytes of a body at most; a note has 100 000 at most."""

Run: TypeAlias = Callable[..., HttpResponseBase]

paces = pace.Pace()
"""How fast everybody asks, in this process."""


def operation(
    router: Router,
    method: str,
    path: str,
    *rights: Right,
    answer: Any,
    status: int = 200,
    once: bool = False,
    headers: tuple[str, ...] = (),
    also: dict[int, Any] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A decorator that makes a function an operation of the API.

    ``once``: it makes something, so it takes an Idempotency-Key. ``headers`` are further request headers that it reads,
    ``also`` further statuses that it answers with.
    """

    def declared(view: Callable[..., Any]) -> Callable[..., Any]:
        view.needs = rights  # type: ignore[attr-defined]  # what the test that walks all routes reads
        extra = {"x-rights": [right.value for right in rights], "x-headers": list(headers), "x-once": once}
        summary, _, description = (view.__doc__ or "").partition("\n")
        register = router.api_operation(
            [method],
            path,
            response={status: answer, **(also or {})},
            by_alias=True,
            operation_id=view.__name__,
            summary=summary.rstrip("."),
            description="\n".join(line.strip() for line in description.strip().splitlines()),
            openapi_extra=extra,
        )
        register(decorate_view(_guarded(rights, once))(view))
        return view

    return declared


def _guarded(rights: tuple[Right, ...], once: bool) -> Callable[[Run], Run]:
    def wrap(run: Run) -> Run:
        declared: Operation = run.__self__  # type: ignore[attr-defined]
        known = _query_names(declared)

        def look(request: HttpRequest, **arguments: Any) -> HttpResponseBase:
            limits: dict[str, str] = {}
            try:
                viewer = viewer_asking(request)
                limits |= _paced(viewer)
                request.viewer = viewer  # type: ignore[attr-defined]
                _check(request, viewer, rights, known)
                response = (
                    kept.once(request, viewer, lambda: run(request, **arguments))
                    if once
                    else run(request, **arguments)
                )
            except Exception as error:  # noqa: BLE001  # every error has its problem; unexpected ones are logged there
                response = problems.answer(problems.of(error))
            for name, value in limits.items():
                response.headers[name] = value
            response.headers.setdefault("Cache-Control", "no-store")
            return response

        return look

    return wrap


def _paced(viewer: Viewer) -> dict[str, str]:
    left = paces.take(viewer.actor.id)
    headers = paces.headers(left)
    if not left.allowed:
        raise Problem("rate", headers={**headers, "Retry-After": str(left.wait_s)})
    return headers


def _check(request: HttpRequest, viewer: Viewer, rights: tuple[Right, ...], known: frozenset[str]) -> None:
    for right in rights:
        if not viewer.may(right):
            raise Problem("right", f"This needs the right {right}.", right=right.value)
    if strange := sorted(set(request.GET) - known):
        there = f"there are {', '.join(sorted(known))}" if known else "it takes none"
        raise Problem(
            "invalid",
            errors=[
                {"where": "query", "name": name, "problem": f"no such parameter; {there}"} for name in strange
            ],
        )
    _check_body(request)


def _check_body(request: HttpRequest) -> None:
    stated = request.META.get("CONTENT_LENGTH") or "0"
    if not stated.isdecimal() or int(stated) > MOST_BYTES:
        raise Problem("too-large", f"The body may have {MOST_BYTES:,} bytes.", most=MOST_BYTES)
    body = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise Problem("too-large", f"The body may have {MOST_BYTES:,} bytes.", most=MOST_BYTES)
    request._body = body  # read once, with a limit
    if body and request.content_type != "application/json":
        raise Problem("media-type")


def _query_names(declared: Operation) -> frozenset[str]:
    return frozenset(
        field.alias or name
        for model in declared.models
        if model.__ninja_param_source__ == "query"
        for name, field in model.model_fields.items()
    )


def answered(value: Any, status: int = 200, **headers: str) -> HttpResponse:
    """A value as JSON."""
    response = HttpResponse(msgspec.json.encode(value), status=status, content_type="application/json")
    for name, text in headers.items():
        response.headers[name.replace("_", "-")] = text
    return response


def tagged(request: HttpRequest, value: Any, status: int = 200) -> HttpResponse:
    """A value as JSON with an ETag over all of it; 304 for who has it as it stands."""
    body = msgspec.json.encode(value)
    tag = etag(body)
    unchanged = request.method == "GET" and tag in _tags(request.headers.get("If-None-Match", ""))
    response = HttpResponse(b"" if unchanged else body, status=304 if unchanged else status)
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "private, no-cache"
    if unchanged:
        del response.headers["Content-Type"]
    else:
        response.headers["Content-Type"] = "application/json"
    return response


def sent_version(request: HttpRequest) -> int:
    """The version that the request is about, from If-Match."""
    sent = request.headers.get("If-Match")
    if sent is None:
        raise Problem("precondition")
    known = re.fullmatch(r'(?:W/)?"(\d{1,9})"', sent.strip())
    if not known:
        raise invalid("header", "If-Match", 'send the ETag that was read, such as "3"')
    return int(known[1])


def etag(body: bytes) -> str:
    """The mark of a body's content."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def _tags(header: str) -> set[str]:
    return {part.strip().removeprefix("W/") for part in header.split(",")}
