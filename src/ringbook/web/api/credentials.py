"""Who asks: a program with a token, or a page with its session."""

from __future__ import annotations

import time

from django.http import HttpRequest
from ninja.utils import check_csrf

from ringbook.desk.organisation.models import organisation
from ringbook.desk.people.roles import Role
from ringbook.desk.tokens import keys
from ringbook.desk.tokens.models import ApiToken
from ringbook.web.api.problems import CHALLENGE, Problem
from ringbook.web.viewer import Viewer, address_of

_SAFE = ("GET", "HEAD", "OPTIONS")
_TELLTALE = ("token", "access_token", "api_key", "apikey", "key", "authorization", "bearer")


def viewer_asking(request: HttpRequest) -> Viewer:
    """The viewer that the request proves to be.

    :raises Problem: it proves nobody.
    :raises RefusedTokenError: its token opens nothing.
    """
    _refuse_in_address(request)
    shown = request.headers.get("Authorization", "")
    if shown:
        scheme, _, text = shown.partition(" ")
        if scheme.lower() != "bearer":
            raise Problem("token", "The Authorization header has to be: Bearer rb_…", headers=CHALLENGE)
        return viewer_of_token(keys.holder(text.strip()), address_of(request))
    viewer: Viewer | None = getattr(request, "viewer", None)
    if viewer is None:
        raise Problem("token", "Send a token: Authorization: Bearer rb_…", headers=CHALLENGE)
    if request.method not in _SAFE and check_csrf(request) is not None:
        raise Problem("csrf")
    return viewer


def viewer_of_token(token: ApiToken, address: str = "") -> Viewer:
    """The viewer that a program with this token is."""
    house = organisation(token.tenant)
    person = token.person
    return Viewer(
        role=Role(token.role),
        rights=keys.granted(token),
        scope=keys.reach(token),
        zone_name=(person.zone if person else "") or house.zone or "UTC",
        language=(person.language if person else "") or house.language,
        now=time.time_ns() // 1000,
        name=token.name,
        handle=person.handle if person else "",
        person=person,
        token_id=str(token.pk),
        address=address,
    )


def _refuse_in_address(request: HttpRequest) -> None:
    if any(name.lower() in _TELLTALE or str(value).startswith("rb_") for name, value in request.GET.items()):
        raise Problem("token-in-address")
