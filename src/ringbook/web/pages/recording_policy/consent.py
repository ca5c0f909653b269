"""What was said on one call to being recorded: shown on its page, and written down there."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ringbook.desk.people.roles import Right
from ringbook.desk.recording_policy import consent as said
from ringbook.desk.recording_policy import states
from ringbook.desk.recording_policy.models import ConsentEvidence, ConsentState
from ringbook.desk.wiring import ledger, vault
from ringbook.ledger.recordings import Catalogue
from ringbook.model.call import Call
from ringbook.model.errors import RingbookError
from ringbook.model.masking import masked_text
from ringbook.web.guard import call_or_404, needs
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking, Viewer

STATES = {
    ConsentState.ANNOUNCED.value: (gettext_lazy("Was told"), "info", "info"),
    ConsentState.OPTED_IN.value: (gettext_lazy("Agreed"), "good", "check"),
    ConsentState.REFUSED.value: (gettext_lazy("Refused"), "bad", "ban"),
    ConsentState.UNKNOWN.value: (gettext_lazy("Not known"), "quiet", "hourglass"),
}
EVIDENCE = {
    ConsentEvidence.PROMPT.value: gettext_lazy("the announcement was played"),
    ConsentEvidence.MENU.value: gettext_lazy("chosen in a menu"),
    ConsentEvidence.API.value: gettext_lazy("told by a program"),
    ConsentEvidence.HAND.value: gettext_lazy("written down by hand"),
}
PARTIES = {said.CALLER: gettext_lazy("Caller"), said.CALLED: gettext_lazy("Called")}


@needs(Right.SEE_CALLS)
def consent(request: Asking, call_id: str) -> HttpResponseBase:
    """What stands on the call; with a POST, one more word is written down."""
    call = call_or_404(request, call_id)
    problem = ""
    if request.method == "POST":
        if not request.viewer.may(Right.ANNOTATE):
            return HttpResponse(status=403)
        try:
            say(request.viewer, call, request.POST)
        except said.ConsentError as error:
            problem = str(error)
        else:
            if request.headers.get("HX-Request") != "true":
                return HttpResponseRedirect(f"{reverse('call', args=[call.id])}#call-consent")
            answer = render(request, "recording_policy/_consent.html", told(request.viewer, call))
            return toast(request, answer, _("Consent noted."))
    context = {**told(request.viewer, call), "problem": problem}
    return render(request, "recording_policy/_consent.html", context, status=422 if problem else 200)


def say(viewer: Viewer, call: Call, given: Any) -> None:
    """Write down what somebody said; a recording that is being heard is taken away when it was refused."""
    state = given.get("state", "")
    said.say(
        viewer.actor,
        call.id,
        given.get("party", ""),
        state,
        ConsentEvidence.HAND,
        given.get("detail", "")[: said.LONGEST_DETAIL],
    )
    if state == ConsentState.REFUSED:
        withdraw(viewer, call)


def withdraw(viewer: Viewer, call: Call) -> None:
    """Have whoever is hearing a recording of the call look again at whether they may."""
    try:
        for one in Catalogue(ledger()).of_calls(viewer.scope.whole(), [call.id]).get(call.id, []):
            vault().withdraw(one.id)
    except RingbookError:
        return  # nobody can hear anything of a vault that cannot be opened


def told(viewer: Viewer, call: Call) -> dict[str, Any]:
    """What the part of the page shows."""
    words = said.words(viewer.scope, call)
    return {
        "call_id": call.id,
        "may_say": viewer.may(Right.ANNOTATE),
        "words": [_word(viewer, word) for word in words],
        "refused": said.state_of(words) == ConsentState.REFUSED,
        "history": [
            (row, STATES[row.state][0], PARTIES.get(row.party, row.party))
            for row in states.history(viewer.scope, call.id)
        ],
        "states": [(state, words[0]) for state, words in STATES.items()],
        "parties": list(PARTIES.items()),
    }


def _word(viewer: Viewer, word: said.Word) -> dict[str, Any]:
    label, tone, icon = STATES[word.state]
    party = str(PARTIES.get(word.party, word.party))
    return {
        "party": masked_text(party) if viewer.scope.masked else party,
        "label": label,
        "tone": tone,
        "icon": icon,
        "evidence": EVIDENCE[word.evidence],
        "detail": masked_text(word.detail) if viewer.scope.masked else word.detail,
        "at": word.at,
        "by": word.by,
    }
