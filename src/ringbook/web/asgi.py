"""The pages and the API as an ASGI application, for ``runtime`` to serve."""

from __future__ import annotations

from pathlib import Path

from django.core.asgi import get_asgi_application
from django.core.handlers.asgi import ASGIHandler

STATIC = Path(__file__).parent / "static"


def application() -> ASGIHandler:
    """The application. Django must have been set up before."""
    return get_asgi_application()
