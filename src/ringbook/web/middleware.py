"""What is found out about every request: who asks, and in which zone and language they read."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone, translation

from ringbook.desk.people.models import Person
from ringbook.web.country import numbers_as_in
from ringbook.web.viewer import Viewer, address_of, viewer_of


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

    def _viewer(self, request: HttpRequest) -> Viewer | None:
        person = request.user
        if isinstance(person, Person) and person.is_active:
            return viewer_of(person, address_of(request))
        return None
