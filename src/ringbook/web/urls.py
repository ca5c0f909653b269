"""All addresses of the pages and the API. Each page brings its own: every package in ``pages`` that has ``urls`` is found."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules

from django.urls import URLPattern, URLResolver, include, path

from ringbook.web import pages

handler400 = "ringbook.web.problems.bad_request"
handler403 = "ringbook.web.problems.forbidden"
handler404 = "ringbook.web.problems.not_found"
handler500 = "ringbook.web.problems.server_error"


def _pages() -> list[URLPattern | URLResolver]:
    found: list[URLPattern | URLResolver] = []
    for module in iter_modules(pages.__path__):
        name = f"{pages.__name__}.{module.name}.urls"
        if module.ispkg and find_spec(name):
            found += import_module(name).urlpatterns
    return found


def _api() -> list[URLPattern | URLResolver]:
    if find_spec("ringbook.web.api") and find_spec("ringbook.web.api.urls"):
        return [path("api/v1/", include("ringbook.web.api.urls"))]
    return []


urlpatterns = [*_pages(), *_api()]
