"""Telling the viewer what was done, with a way back."""

from __future__ import annotations

from typing import TypeVar

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django_htmx.http import trigger_client_event

R = TypeVar("R", bound=HttpResponseBase)

_LEVELS = {"good": messages.SUCCESS, "info": messages.INFO, "warn": messages.WARNING, "bad": messages.ERROR}


def toast(
    request: HttpRequest, response: R, text: str, *, tone: str = "good", undo: str = "", close: bool = False
) -> R:
    """The response, which will also show a short message; ``undo`` is an address that its button posts to.

    An answer to htmx carries it in a header; any other (a redirect) shows it on the page that follows.
    ``close`` closes the dialog that the request came from.
    """
    following = "HX-Redirect" in response.headers or "HX-Refresh" in response.headers
    if request.headers.get("HX-Request") == "true" and not following:
        trigger_client_event(response, "toast", {"text": str(text), "tone": tone, "undo": undo})
    else:
        messages.add_message(request, _LEVELS[tone], text, extra_tags=f"undo={undo}" if undo else "")
    return close_dialog(response) if close else response


def close_dialog(response: R) -> R:
    """The response, which will also close the dialog that the request came from."""
    trigger_client_event(response, "dialog-close", {})
    return response
