"""What the customer answered about a call, and the link that asks them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from ringbook.desk.delivery.content import public
from ringbook.desk.insight import links, surveys
from ringbook.desk.insight.surveys import SCORES, Kind, SurveyError
from ringbook.desk.people.roles import Right
from ringbook.model.call import Call
from ringbook.model.masking import masked_text
from ringbook.web.guard import call_or_404, needs
from ringbook.web.viewer import Asking

KIND_NAMES = {
    Kind.CSAT: gettext_lazy("Satisfaction (CSAT)"),
    Kind.NPS: gettext_lazy("Recommendation (NPS)"),
    Kind.CES: gettext_lazy("Effort (CES)"),
}
VIA_NAMES = {
    "api": gettext_lazy("by a program"),
    "ivr": gettext_lazy("by keypad"),
    "link": gettext_lazy("by link"),
    "hand": gettext_lazy("entered by hand"),
}


@needs(Right.SEE_CALLS)
@require_http_methods(["GET"])
def survey(request: Asking, call_id: str) -> HttpResponse:
    """The part of the page; nothing while there is nothing to ask and nothing was answered."""
    context = _part(request, call_or_404(request, call_id))
    if not (context["answers"] or context["links"] or context["may_ask"]):
        return HttpResponse(status=204)
    return render(request, "call/_survey.html", context)


@needs(Right.SEE_CALLS, Right.ANNOTATE)
@require_http_methods(["POST"])
def ask(request: Asking, call_id: str) -> HttpResponse:
    """The part with a new link in it, which is shown this once only."""
    call = call_or_404(request, call_id)
    more: dict[str, Any] = {}
    try:
        link, secret = links.make(request.viewer.actor, call)
        more = {"link": link, "address": address_of(request, secret)}
    except SurveyError as error:
        more = {"problem": str(error)}
    whole = request.headers.get("HX-Request") != "true"
    template = "call/survey.html" if whole else "call/_survey.html"
    return render(
        request, template, {**_part(request, call), **more}, status=422 if "problem" in more else 200
    )


def address_of(request: HttpRequest, secret: str) -> str:
    """The whole address of a link, as customers reach it."""
    path = reverse("survey", args=[secret])
    return public(path) or request.build_absolute_uri(path)


def _part(request: Asking, call: Call) -> dict[str, Any]:
    viewer = request.viewer
    made = links.links_of(viewer.scope, [str(call.id)])
    return {
        "call_id": call.id,
        "answers": [
            {
                "answer": one,
                "kind": KIND_NAMES[Kind(one.kind)],
                "most": SCORES[Kind(one.kind)][1],
                "via": VIA_NAMES[one.via],
                "comment": masked_text(one.comment) if viewer.scope.masked else one.comment,
            }
            for one in surveys.answers_of(viewer.scope, str(call.id))
        ],
        "links": made,
        "last": made[-1] if made else None,
        "may_ask": viewer.may(Right.ANNOTATE) and links.survey_of(viewer.scope.tenant).on,
    }
