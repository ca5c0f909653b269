"""The addresses of the API. What is not one of them is answered with a problem, as everything is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, path, re_path

from ringbook.web.api import description, problems, recordings_uploads
from ringbook.web.api.api import api
from ringbook.web.api.problems import Problem
from ringbook.web.guard import public_page

_METHOD = 405


def _as_problems(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """The view, whose own words for a wrong method are a problem, too."""

    def look(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponseBase:
        response = view(request, *arguments, **named)
        if response.status_code == _METHOD:
            return problems.answer(Problem("method", headers={"Allow": response.headers["Allow"]}))
        return response

    look.csrf_exempt = True  # type: ignore[attr-defined]  # sessions prove themselves in credentials
    look.operations = view  # type: ignore[attr-defined]  # what the test that walks all routes reads
    return look


def _operations() -> list[URLPattern | URLResolver]:
    found: list[URLPattern | URLResolver] = []
    for pattern in api.urls[0]:
        if isinstance(pattern, URLPattern) and pattern.name != "api-root":
            name = f"api-{str(pattern.name).replace('_', '-')}"
            found.append(
                URLPattern(pattern.pattern, _as_problems(pattern.callback), pattern.default_args, name)
            )
    return found


@public_page
def unknown(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """There is nothing at this address."""
    return problems.answer(Problem("not-found", "There is nothing at this address; see /api/v1/docs."))


unknown.csrf_exempt = True  # type: ignore[attr-defined]

urlpatterns = [
    path("openapi.json", description.as_json, name="api-openapi"),
    path("docs", description.as_page, name="api-docs"),
    path("recordings/uploads", recordings_uploads.uploads, name="api-uploads"),
    path("recordings/uploads/<uuid:upload_id>", recordings_uploads.upload, name="api-upload"),
    *_operations(),
    re_path("", unknown, name="api-unknown"),
]
