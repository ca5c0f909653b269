"""The form that asks for a second factor: a wrong code is recorded."""

from __future__ import annotations

from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm
from django.core.exceptions import ValidationError

from ringbook.desk.governance import audit
from ringbook.desk.governance.audit import Actor


class CodeForm(AuthenticateForm):  # type: ignore[misc]
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
