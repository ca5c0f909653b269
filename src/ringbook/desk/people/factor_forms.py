"""The forms that ask for a second factor or a passkey: a wrong one is recorded, and one that is none is no error of ours."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.core.exceptions import ValidationError

from ringbook.desk.governance import audit
from ringbook.desk.governance.audit import Actor

_LONGEST = 20_000


class CodeForm(AuthenticateForm):
    """A code of the app, or a recovery code."""

    def clean_code(self) -> str:
        """The code, if it is right."""
        try:
            code: str = super().clean_code()
        except ValidationError:
            address = str(context.request.META.get("REMOTE_ADDR", ""))
            actor = Actor("nobody", address=address)
            audit.record(actor, "session:refused", f"person:{self.user.pk}", reason="second factor")
            raise
        return code


class CredentialField(forms.JSONField):
    """What a browser says of a passkey: an object, or a mistake."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        """The object. Raises ValidationError."""
        try:
            found = super().to_python(value) if len(str(value)) <= _LONGEST else None
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise _no_passkey()
        return found


class _Passkey:
    """A passkey's form: parts that are missing from what was sent are told like a wrong key."""

    def clean_credential(self) -> Any:
        """The authenticator that the passkey is."""
        try:
            return super().clean_credential()
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise _no_passkey() from error


class UsePasskeyForm(_Passkey, AuthenticateWebAuthnForm):
    """A passkey as second factor."""

    credential = CredentialField()


class SignInPasskeyForm(_Passkey, LoginWebAuthnForm):
    """A passkey instead of a password."""

    credential = CredentialField()


class ConfirmPasskeyForm(_Passkey, ReauthenticateWebAuthnForm):
    """A passkey to confirm who it is."""

    credential = CredentialField()


class AddPasskeyForm(AddWebAuthnForm):
    """A new passkey."""

    credential = CredentialField()

    def clean(self) -> dict[str, Any]:
        """The passkey, if it is one. Raises ValidationError."""
        try:
            cleaned: dict[str, Any] = super().clean()
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise _no_passkey() from error
        return cleaned


def _no_passkey() -> ValidationError:
    error: ValidationError = get_adapter().validation_error("invalid_login")
    return error
