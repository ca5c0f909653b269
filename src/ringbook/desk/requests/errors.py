"""What can be wrong with a step of a request."""

from __future__ import annotations

from ringbook.model.errors import AskError


class RequestStateError(AskError):
    """The request is not where that step can be taken; the text says why."""


class RequestDraftError(AskError):
    """Something is missing that the request needs; the text says what."""
