"""Sessions: who came in and went out is recorded; one that nobody uses ends, and so does one that is too old."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from allauth.account.signals import password_changed, password_set
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from ringbook.desk.governance import audit
from ringbook.desk.governance.audit import Actor
from ringbook.desk.people.models import Person

SEEN_EVERY_S = 300
"""How often it is written down that a session is in use: seldom, because it is a write."""

_BEGAN = "began"
_SEEN = "seen"
_WHY = "ringbook.session-ended"


class SessionMiddleware:
    """Ends sessions in time, and keeps those alive that somebody uses."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._respond = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if isinstance(request.user, Person):
            self._look(request)
        return self._respond(request)

    def _look(self, request: HttpRequest) -> None:
        now = int(time.time())
        began = request.session.setdefault(_BEGAN, now)
        seen = request.session.setdefault(_SEEN, now)
        if now - seen > settings.SESSION_COOKIE_AGE or now - began > settings.SESSION_ENDS_AFTER_S:
            request.META[_WHY] = "too old"
            logout(request)
        elif now - seen >= SEEN_EVERY_S and not _by_itself(request):
            request.session[_SEEN] = now
            UserSession.objects.filter(session_key=request.session.session_key).update(
                last_seen_at=timezone.now(), ip=_address(request)
            )


def watch() -> None:
    """Record from now on who comes in and goes out."""
    user_logged_in.connect(_came_in, dispatch_uid="ringbook")
    user_logged_out.connect(_went_out, dispatch_uid="ringbook")
    user_login_failed.connect(_was_refused, dispatch_uid="ringbook")
    for signal in (password_changed, password_set):
        signal.connect(_changed_password, dispatch_uid="ringbook")
    authenticator_added.connect(_added_factor, dispatch_uid="ringbook")
    authenticator_removed.connect(_removed_factor, dispatch_uid="ringbook")


def _came_in(request: HttpRequest, user: Person, **_: Any) -> None:
    request.session[_BEGAN] = request.session[_SEEN] = int(time.time())
    told = request.session.get("account_authentication_methods") or []
    ways = sorted({str(way.get("type") or way.get("method")) for way in told if isinstance(way, dict)})
    audit.record(_actor(user, request), "session:began", f"person:{user.pk}", ways=ways)


def _went_out(request: HttpRequest, user: Person | None, **_: Any) -> None:
    if user is not None:
        reason = request.META.get(_WHY, "signed out")
        audit.record(_actor(user, request), "session:ended", f"person:{user.pk}", reason=reason)


def _was_refused(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    """What was typed is not kept: it may be a password in the wrong field."""
    email = str(credentials.get("email") or "").strip().lower()
    person = Person.objects.filter(email=email).first() if email else None
    actor = Actor("nobody", address=_address(request) if request else "")
    audit.record(actor, "session:refused", f"person:{person.pk}" if person else "")


def _changed_password(request: HttpRequest, user: Person, **_: Any) -> None:
    audit.record(_actor(user, request), "person:password-changed", f"person:{user.pk}")


def _added_factor(request: HttpRequest, user: Person, authenticator: Authenticator, **_: Any) -> None:
    kind = str(authenticator.type)
    audit.record(_actor(user, request), "person:second-factor-added", f"person:{user.pk}", kind=kind)


def _removed_factor(request: HttpRequest, user: Person, authenticator: Authenticator, **_: Any) -> None:
    kind = str(authenticator.type)
    audit.record(_actor(user, request), "person:second-factor-removed", f"person:{user.pk}", kind=kind)


def _actor(person: Person, request: HttpRequest) -> Actor:
    return Actor(f"person:{person.pk}", str(person), person.tenant, _address(request))


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


def _by_itself(request: HttpRequest) -> bool:
    """Whether the page asks by itself, with nobody there: that is no use of a session."""
    return "since" in request.GET or request.headers.get("X-Live") == "true"
