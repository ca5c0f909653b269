"""The second factor: its secrets are kept encrypted, with the key of the home."""

from __future__ import annotations

import base64
import hashlib

from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.translation import gettext as _

from ringbook.model.errors import StopError


class SecondFactorKeyError(StopError):
    """The key of the home is not the one that second factors were kept with."""


class SecondFactorAdapter(DefaultMFAAdapter):
    """The second factor as it is here."""

    def encrypt(self, text: str) -> str:
        """What is kept of a secret."""
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The secret that was kept."""
        try:
            return _box().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            raise SecondFactorKeyError(
                "second factors were kept with another desk.key than that of this home; bring the key back, or let people "
                "enrol again with 'ringbook people link EMAIL --forget-second-factor'"
            ) from None

    def generate_authenticator_name(self, user: AbstractBaseUser, type: object) -> str:  # noqa: A002, ARG002
        """A name for a passkey that was given none."""
        return _("Passkey")


def _box() -> Fernet:
    key = hashlib.sha256(b"second factor\n" + str(settings.SECRET_KEY).encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
