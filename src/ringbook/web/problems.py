"""Pages for what went wrong: each says what to do next."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy

from ringbook.model.warrant import Ground
from ringbook.web.guard import Removed

GROUNDS = {
    Ground.RETENTION: gettext_lazy("It had been kept long enough"),
    Ground.ERASURE: gettext_lazy("A person asked to be forgotten"),
    Ground.DO_NOT_RECORD: gettext_lazy("It should not have been recorded"),
    Ground.MASKING: gettext_lazy("Parts of it must not be heard"),
    Ground.UNDO: gettext_lazy("Its import was undone"),
    Ground.BY_HAND: gettext_lazy("Somebody with the right to removed it"),
}
"""What a warrant rested on, as a sentence."""


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """The page for a request that could not be understood."""
    return render(request, "errors/400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """The page for something that the viewer's role may not do."""
    return render(request, "errors/403.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The page for an address that leads nowhere, or to something that the viewer may not see, or that was removed for good."""
    if isinstance(exception, Removed):
        told = {"erasure": exception.erasure, "ground": GROUNDS[exception.erasure.ground]}
        return render(request, "errors/410.html", told, status=410)
    return render(request, "errors/404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """The page for a mistake of ours."""
    return render(request, "errors/500.html", status=500)


def unavailable(request: HttpRequest) -> HttpResponse:
    """The page while the store of calls, or that of the desk, cannot answer."""
    response = render(request, "errors/503.html", status=503)
    response.headers["Retry-After"] = "30"
    return response


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """The page for a form that was open for longer than its session, or that somebody else's page sent."""
    return render(request, "errors/403_csrf.html", status=403)
