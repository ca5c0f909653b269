"""How signing in works here, told to the library that carries it out."""

from __future__ import annotations

from math import ceil
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from ringbook.desk.people import throttle


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up; who signs in too often with a wrong password has to wait, and is told how long."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("No account has this e-mail address and password."),
        "too_many_login_attempts": _("Too many wrong tries. Wait a few minutes, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """People are invited."""
        return False

    def add_message(self, request: HttpRequest, level: int, *told: Any, **more: Any) -> None:
        """Say what was done, but not what everybody sees: that they are in, or out."""
        template = told[0] if told else more.get("message_template")
        if not str(template or "").startswith("account/messages/logged_"):
            super().add_message(request, level, *told, **more)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002
        """Where a changed password leads."""
        return reverse("profile")

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse while the address or the account has to wait."""
        wait = throttle.wait_s(self.get_client_ip(request), str(credentials.get("email", "")))
        if wait:
            raise ValidationError(too_often(wait), code="too_many_login_attempts")

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """The person, if the password is theirs."""
        person: AbstractBaseUser | None = super().authenticate(request, **credentials)
        if person:
            throttle.succeeded(self.get_client_ip(request), str(credentials.get("email", "")))
        return person

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Count a wrong try."""
        throttle.failed(self.get_client_ip(request), str(credentials.get("email", "")))

    def reauthenticate(self, user: AbstractBaseUser, password: str) -> bool:
        """Whether the password is that of the person who is signed in already."""
        found = self.authenticate(self.request, email=user.get_username(), password=password)
        return found is not None and found.pk == user.pk


def too_often(wait_s: int) -> str:
    """What somebody is told who has to wait."""
    minutes = ceil(wait_s / 60)
    return ngettext(
        "Too many wrong tries. You can try again in %(minutes)d minute.",
        "Too many wrong tries. You can try again in %(minutes)d minutes.",
        minutes,
    ) % {"minutes": minutes}
