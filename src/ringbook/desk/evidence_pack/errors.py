"""What can be wrong with an evidence pack that somebody asks for."""

from __future__ import annotations

from ringbook.model.errors import AskError, StopError


class PackError(AskError):
    """A pack cannot be made as it was asked for; the text says what to ask for instead."""


class SigningKeyError(StopError):
    """The key that packs are signed with cannot be used: give back the file that it was, or mend its permissions."""
