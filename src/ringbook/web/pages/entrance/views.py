"""Coming in and going out."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect

from ringbook.web.viewer import Asking


def home(request: Asking) -> HttpResponse:  # noqa: ARG001
    """The page that people work in: the calls."""
    return redirect("calls")
