"""Guards: every view says which right it needs, and every call is fetched within the viewer's scope."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeAlias
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase

from ringbook.desk.people.roles import Right
from ringbook.desk.wiring import ledger
from ringbook.ledger.erased import Erasure
from ringbook.model.call import Call
from ringbook.search import pages
from ringbook.search.errors import RemovedCallError, SearchError
from ringbook.web.viewer import Viewer

View: TypeAlias = Callable[..., HttpResponseBase]


def needs(*rights: Right) -> Callable[[View], View]:
    """A decorator for views of people who are signed in and have all these rights (the right to use pages included)."""

    def guarded(view: View) -> View:
        @wraps(view)
        def look(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            viewer: Viewer | None = getattr(request, "viewer", None)
            if viewer is None:
                return _to_sign_in(request)
            if not all(viewer.may(right) for right in (Right.USE_PAGES, *rights)):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        look.needs = rights  # type: ignore[attr-defined]  # what the test that walks all routes reads
        return look

    return guarded


def public_page(view: View) -> View:
    """A decorator for views that everybody may see."""
    view.needs = None  # type: ignore[attr-defined]
    return view


def call_or_404(request: HttpRequest, call_id: str) -> Call:
    """The call with this id (or that this id leads to), if the viewer may see it.

    One outside the scope is answered as one that does not exist.
    """
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    try:
        return pages.show_call(ledger(), viewer.scope, call_id)
    except RemovedCallError as error:
        raise Removed(error.removed) from None
    except SearchError:
        raise Http404("There is no such call.") from None


class Removed(Http404):
    """The call was removed for good: whoever may see every call learns when, and under what."""

    def __init__(self, erasure: Erasure) -> None:
        self.erasure = erasure
        super().__init__("This call was removed for good.")


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    htmx = request.headers.get("HX-Request") == "true"
    back = request.headers.get("HX-Current-URL", "/") if htmx else request.get_full_path()
    if htmx or request.method != "GET":
        back = "/" + back.split("/", 3)[-1] if "://" in back else back
    there = f"{settings.LOGIN_URL}?{urlencode({'next': back})}"
    if htmx:
        return HttpResponse(status=401, headers={"HX-Redirect": there})
    return HttpResponseRedirect(there)
