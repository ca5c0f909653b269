"""What can go wrong with kept audio, by what to do about it."""

from __future__ import annotations

from ringbook.model.errors import AskError, SettingsError, StopError, WaitError


class VaultKeyError(SettingsError):
    """The key that recordings are sealed with is not there, or not one."""


class VaultFullError(WaitError):
    """There is no room for another recording."""


class StillWrittenError(WaitError):
    """A file is not complete yet."""


class VaultUnwritableError(StopError):
    """The place where audio is kept cannot be written or read."""


class UnknownRecordingError(AskError):
    """No recording has that id, or it was destroyed."""


class UndecodableError(AskError):
    """A file is not audio that can be read."""


class DamagedRecordingError(StopError):
    """Part of a kept recording is not as it was written. ``chunk`` says which part, from 0."""

    def __init__(self, text: str, chunk: int) -> None:
        super().__init__(text)
        self.chunk = chunk
