"""People to mention in notes and to give tasks to, completed while one types."""

from __future__ import annotations

import re
from typing import Any

from django.db.models import Q
from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from ringbook.desk.people.models import Person
from ringbook.desk.people.roles import Right
from ringbook.web.guard import needs
from ringbook.web.viewer import Asking

_TYPED = re.compile(r"(?<![\w.@/-])@([\w.-]{0,60})$")
MOST = 8


@needs(Right.ANNOTATE)
@require_GET
def mentions(request: Asking) -> HttpResponse:
    """People whose handle or name begins with what was typed behind an ``@``."""
    text = request.GET.get("q", "")[:200_000]
    caret = _whole(request.GET.get("caret", ""), len(text))
    found = _TYPED.search(text[:caret])
    if not found:
        return JsonResponse({"start": caret, "end": caret, "options": []})
    options = [
        {"value": f"{one.at_handle} ", "label": one.at_handle, "hint": one.name}
        for one in _people(request, found[1])
    ]
    return JsonResponse({"start": found.start(), "end": caret, "options": options})


@needs(Right.ANNOTATE)
@require_GET
def owners(request: Asking) -> HttpResponse:
    """People who could do a task."""
    options: list[dict[str, Any]] = [
        {"value": one.handle, "label": one.name or one.handle, "hint": one.at_handle, "id": one.handle}
        for one in _people(request, request.GET.get("q", "").removeprefix("@"))
    ]
    return JsonResponse({"options": options})


def _people(request: Asking, begin: str) -> list[Person]:
    people = Person.objects.filter(tenant=request.viewer.scope.tenant, is_active=True)
    fits = Q(handle__istartswith=begin) | Q(name__istartswith=begin) | Q(name__icontains=f" {begin}")
    return list(people.filter(fits).order_by("name")[:MOST])


def _whole(text: str, other: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else other
