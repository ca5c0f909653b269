"""What can go wrong with what people keep of recordings."""

from __future__ import annotations

from ringbook.model.errors import AskError


class NoPartError(AskError):
    """That is no moment or part of the recording."""


class TitleError(AskError):
    """A clip needs a title that is not too long."""


class StaleError(AskError):
    """Somebody else changed it meanwhile."""


class NotYoursError(AskError):
    """It is somebody else's to change."""
