"""Settings, API tokens: who has which, making one, taking one back."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ringbook.desk.people.roles import Right, Role
from ringbook.desk.tokens import keys
from ringbook.desk.tokens.errors import UnknownTokenError
from ringbook.desk.tokens.models import ApiToken
from ringbook.web.guard import needs
from ringbook.web.pages.tokens.forms import TokenForm
from ringbook.web.pages.tokens.words import RIGHTS, SHORT
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking


@require_GET
@needs(Right.MANAGE_TOKENS)
def tokens(request: Asking) -> HttpResponse:
    """All tokens: those that open something first."""
    rows = [_row(one) for one in keys.tokens(request.viewer.scope.tenant)]
    told = {
        "active": [row for row in rows if row["state"] == "active"],
        "over": [row for row in rows if row["state"] != "active"],
    }
    return render(request, "tokens/tokens.html", told)


@require_http_methods(["GET", "POST"])
@needs(Right.MANAGE_TOKENS)
def create(request: Asking) -> HttpResponse:
    """The form; once it is sent, the token, this once."""
    form = TokenForm(request.viewer, request.POST or None)
    if request.method == "GET" or not form.is_valid():
        return render(
            request, "tokens/new.html", {"form": form}, status=200 if request.method == "GET" else 422
        )
    told = form.cleaned_data
    made = keys.make(
        request.viewer.actor,
        name=told["name"],
        role=Role(told["role"]),
        rights=[Right(right) for right in told["rights"]] or None,
        person=told["person"],
        lasts=form.lasting,
    )
    response = render(
        request,
        "tokens/made.html",
        {"row": _row(made.token), "text": made.text, "address": _address(request)},
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
@needs(Right.MANAGE_TOKENS)
def revoke(request: Asking, token_id: uuid.UUID) -> HttpResponse:
    """The list, with one token less that opens something."""
    try:
        token = keys.revoke(request.viewer.actor, str(token_id))
    except UnknownTokenError:
        raise Http404(_("There is no such token.")) from None
    text = _("%(name)s opens nothing any more.") % {"name": token.name}
    return toast(request, HttpResponseRedirect(reverse("settings-tokens")), text)


def _row(token: ApiToken) -> dict[str, Any]:
    """A token as the templates show it."""
    granted = keys.granted(token)
    return {
        "token": token,
        "role": SHORT[token.role],
        "state": keys.state(token),
        "all": token.rights is None,
        "rights": [word for right, word in RIGHTS.items() if right in granted],
    }


def _address(request: Asking) -> str:
    return f"{request.scheme}://{request.get_host()}"
