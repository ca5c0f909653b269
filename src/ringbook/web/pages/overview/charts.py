"""The library that draws charts in the browser: Vega-Lite, as vl-convert carries it; nothing is fetched from elsewhere."""

from __future__ import annotations

import gzip
import threading
from functools import cache
from importlib.metadata import version as version_of
from pathlib import Path

import vl_convert
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from ringbook.desk import wiring
from ringbook.desk.people.roles import Right
from ringbook.web.guard import needs

VERSION = version_of("vl-convert-python").replace(".", "-")
_SNIPPET = "window.vegaEmbed = vegaEmbed;"
_YEAR_S = 31_536_000
_MAKING = threading.Lock()


@require_GET
@needs(Right.SEE_OVERVIEW)
def library(request: HttpRequest, version: str) -> HttpResponse:  # noqa: ARG001 - as all views
    """The library, compressed; it never changes under its address."""
    if version != VERSION:
        raise Http404("There is no such version of the charts.")
    answer = HttpResponse(_compressed(), content_type="text/javascript; charset=utf-8")
    answer["Content-Encoding"] = "gzip"
    answer["Cache-Control"] = f"private, max-age={_YEAR_S}, immutable"
    return answer


def _compressed() -> bytes:
    with _MAKING:
        return _made()


@cache
def _made() -> bytes:
    """The library; made once for each version, which takes seconds, and kept in the home."""
    file = Path(wiring.home_folder()) / "cache" / f"charts-{VERSION}.js.gz"
    if file.is_file():
        return file.read_bytes()
    made = gzip.compress(vl_convert.javascript_bundle(_SNIPPET).encode(), 9)
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    part.write_bytes(made)
    part.replace(file)
    return made
