"""The style page, and what its components ask the server for."""

from __future__ import annotations

import time

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from ringbook.desk.people.roles import Right
from ringbook.web.guard import needs
from ringbook.web.pages.style.example import ExampleForm, example_context, suggestions
from ringbook.web.toasts import toast


@require_safe
@needs(Right.USE_STYLE)
def style(request: HttpRequest) -> HttpResponse:
    """Every component in every state."""
    return render(request, "style/style.html", example_context(request))


@needs(Right.USE_STYLE)
def part(request: HttpRequest, part: str) -> HttpResponse:
    """The answers that the components on the style page ask for; nothing is kept."""
    match part:
        case "dialog":
            return render(request, "style/_dialog.html", {"form": ExampleForm(auto_id="dialog_%s")})
        case "saved":
            return toast(request, HttpResponse(), gettext("Saved."), undo=_address("undone"), close=True)
        case "undone":
            return HttpResponse(status=204)
        case "complete":
            return JsonResponse(suggestions(request.GET.get("q", ""), request.GET.get("caret", "")))
        case "live":
            return _live(request)
        case "job":
            return render(request, "style/_job.html", {"step": _step(request), "url": _address("job")})
        case "more":
            return render(request, "style/_rows.html", {"rows": range(3)})
    raise Http404


def _address(part: str) -> str:
    return reverse("style-part", args=[part])


def _live(request: HttpRequest) -> HttpResponse:
    if request.GET.get("since") != "0":
        return HttpResponse(status=204)
    response = render(request, "style/_rows.html", {"rows": range(2), "fresh": True})
    response["X-Live-Since"] = str(int(time.time()))
    return response


def _step(request: HttpRequest) -> int:
    step = request.GET.get("step", "0")
    return min(int(step), 4) if step.isdecimal() and len(step) < 3 else 0
