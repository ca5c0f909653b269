"""The style page, and keeping which theme a person wants."""

from __future__ import annotations

import json
import time

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from ringbook.desk.people.models import Person
from ringbook.desk.people.roles import Right
from ringbook.web.guard import needs
from ringbook.web.pages.style.example import ExampleForm, example_context, suggestions
from ringbook.web.toasts import toast

THEMES = {"light": "light", "dark": "dark", "system": ""}
YEAR_S = 365 * 24 * 3600


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


@require_POST
@needs()
def theme(request: HttpRequest) -> HttpResponse:
    """Keeps the theme that a person chose: light, dark or that of the device."""
    chosen = request.POST.get("theme") or _json_theme(request)
    if chosen not in THEMES:
        return HttpResponseBadRequest(gettext("The theme is light, dark or system."))
    person = request.user
    if isinstance(person, Person):
        Person.objects.filter(pk=person.pk).update(theme=THEMES[chosen])
    response = HttpResponse(status=204)
    response.set_cookie("theme", THEMES[chosen], max_age=YEAR_S, samesite="Lax")
    return response


def _address(part: str) -> str:
    return reverse("style-part", args=[part])


def _json_theme(request: HttpRequest) -> str:
    if request.content_type != "application/json":
        return ""
    try:
        sent = json.loads(request.body)
    except ValueError:
        return ""
    return str(sent.get("theme", "")) if isinstance(sent, dict) else ""


def _live(request: HttpRequest) -> HttpResponse:
    if request.GET.get("since") != "0":
        return HttpResponse(status=204)
    response = render(request, "style/_rows.html", {"rows": range(2), "fresh": True})
    response["X-Live-Since"] = str(int(time.time()))
    return response


def _step(request: HttpRequest) -> int:
    step = request.GET.get("step", "0")
    return min(int(step), 4) if step.isdecimal() and len(step) < 3 else 0
