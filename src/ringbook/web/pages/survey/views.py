"""The question, its answer, and thanks. It tells whose call it was about and the day, and nothing else of the call."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from ringbook.desk.insight import links
from ringbook.desk.insight.models import SurveyLink
from ringbook.desk.insight.surveys import LONGEST_COMMENT, SCORES, Kind, SurveyError
from ringbook.desk.organisation.models import organisation
from ringbook.web.guard import public_page
from ringbook.web.pace import Pace, Policy
from ringbook.web.viewer import address_of

paces = Pace(Policy(120, 60))
"""How fast one address may ask, in this process: a house with one address outside may hold many customers."""


@csrf_exempt  # nobody is signed in here: what the address holds is the whole proof, and no cookie is set
@public_page
@require_http_methods(["GET", "HEAD", "POST"])
def survey(request: HttpRequest, secret: str) -> HttpResponseBase:
    """The question behind a link, or the answer taken."""
    left = paces.take(address_of(request))
    if not left.allowed:
        text = _("Too many questions from where you are. Try again in a minute.")
        response = _page(request, {"problem": text}, 429)
        response.headers["Retry-After"] = str(left.wait_s)
        return response
    link = links.opened(secret)
    if link is None:
        return _page(request, {"dead": True}, 404)
    if request.method == "POST":
        return _answered(request, link)
    return _page(request, _asked(link, done="thanks" in request.GET))


def _answered(request: HttpRequest, link: SurveyLink) -> HttpResponseBase:
    text = request.POST.get("score", "")
    comment = request.POST.get("comment", "")
    try:
        if not text.isascii() or not text.isdecimal() or len(text) > 2:
            raise SurveyError(_("Choose a number first."))
        links.answer(link, int(text), comment, address_of(request))
    except SurveyError as error:
        context = {**_asked(link), "error": str(error), "comment": comment[:LONGEST_COMMENT]}
        return _page(request, context, 422)
    return _private(HttpResponseRedirect(f"{request.path}?thanks"))


def _asked(link: SurveyLink, *, done: bool = False) -> dict[str, Any]:
    house, survey = organisation(link.tenant), links.survey_of(link.tenant)
    language = translation.get_language() or "en"
    given = links.given(link)
    lowest, highest = SCORES[Kind(link.kind)]
    ends = {
        Kind.CSAT: (_("Not at all"), _("Very")),
        Kind.NPS: (_("Not at all likely"), _("Very likely")),
        Kind.CES: (_("Not at all"), _("Entirely")),
    }
    return {
        "house": house.name,
        "day": link.day,
        "until": link.expires_at,
        "question": links.question(survey, language, link.kind),
        "thanks": links.thanks(survey, language),
        "scores": range(lowest, highest + 1),
        "kind": link.kind,
        "low": ends[Kind(link.kind)][0],
        "high": ends[Kind(link.kind)][1],
        "score": given.score if given else None,
        "comment": given.comment if given else "",
        "longest": LONGEST_COMMENT,
        "done": done and given is not None,
        "path": "?",
    }


def _page(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    return _private(render(request, "survey/survey.html", context, status=status))


def _private(response: HttpResponse) -> HttpResponse:
    """The answer as nobody keeps it, and its address as no other site is told it."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
