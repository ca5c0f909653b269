"""What is found out about every request: who asks, and in which zone and language they read."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone, translation

from ringbook.desk.people.models import Person
from ringbook.model.errors import StopError, WaitError
from ringbook.web.country import numbers_as_in
from ringbook.web.problems import unavailable
from ringbook.web.viewer import Viewer, address_of, viewer_of

log = structlog.get_logger()


class ViewerMiddleware:
    """Sets ``request.viewer``: None while nobody is signed in (the API's tokens set it themselves)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._respond = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        viewer = self._viewer(request)
        request.viewer = viewer  # type: ignore[attr-defined]
        language = (viewer.language if viewer else "") or translation.get_language_from_request(request)
        with (
            translation.override(language),
            timezone.override(viewer.zone if viewer else None),
            numbers_as_in(viewer.country if viewer else ""),
        ):
            response = self._respond(request)
        response.headers.setdefault("Content-Language", language)
        if viewer:
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page that says that the call log cannot answer, while its store does not; None for any other error."""
        if isinstance(exception, (WaitError, StopError)) and not request.path.startswith("/api/"):
            log.error("page.unanswered", reason=type(exception).__name__)
            return unavailable(request)
        return None

    def _viewer(self, request: HttpRequest) -> Viewer | None:
        person = request.user
        if isinstance(person, Person) and person.is_active:
            return viewer_of(person, address_of(request))
        return None
