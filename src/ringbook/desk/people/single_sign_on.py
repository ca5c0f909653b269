"""Signing in with the organisation's own service: who gets in, and as whom."""

from __future__ import annotations

from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import redirect

from ringbook.desk.governance import audit
from ringbook.desk.governance.audit import Actor
from ringbook.desk.people.models import Person
from ringbook.desk.people.roles import Role


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """People who exist get in, found by a verified address; others only where the settings give them a role."""

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Know somebody who comes in this way for the first time."""
        if sociallogin.is_existing:
            return
        email = _verified(sociallogin)
        person = Person.objects.filter(email=email).first() if email else None
        if person is not None and not person.is_active:
            raise ImmediateHttpResponse(redirect("account_inactive"))
        if person is not None:
            sociallogin.connect(request, person)
            audit.record(_actor(request), "person:single-sign-on-connected", f"person:{person.pk}")
        elif not self._role(sociallogin):
            audit.record(_actor(request), "session:refused", "", reason="nobody has this address")

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:  # noqa: ARG002
        """Whether somebody whom nobody invited may come in."""
        return bool(_verified(sociallogin) and self._role(sociallogin))

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> Person:
        """What the service says of somebody new."""
        person: Person = super().populate_user(request, sociallogin, data)
        person.name = str(data.get("name") or "")[:120]
        person.email = person.email.lower()
        return person

    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> Person:
        """Somebody new, with the role that the settings name."""
        person: Person = sociallogin.user
        person.role = self._role(sociallogin)
        person.handle = Person.objects.free_handle(person.email.partition("@")[0])
        saved: Person = super().save_user(request, sociallogin, form)
        audit.record(
            _actor(request), "person:added", f"person:{saved.pk}", role=saved.role, by="single sign-on"
        )
        return saved

    def _role(self, sociallogin: Any) -> str:
        role = settings.SINGLE_SIGN_ON_ROLES.get(sociallogin.account.provider, "")
        return Role(role).value if role else ""


def _verified(sociallogin: Any) -> str:
    """The address that the service vouches for."""
    known = (address.email for address in sociallogin.email_addresses if address.verified is True)
    return next(known, "").lower()


def _actor(request: HttpRequest) -> Actor:
    return Actor("nobody", address=str(request.META.get("REMOTE_ADDR", "")))
