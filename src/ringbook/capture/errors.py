"""What can go wrong while bytes are taken in, by what the operator does about it.

::

    SettingsError                       fix the settings, then start again
    ├── ListenError                     an address that cannot be listened on
    └── LoginRefusedError               a phone system that does not let us in
    WaitError                           wait or try again
    ├── SpoolInUseError                 another Ringbook has this home open
    ├── SpoolBusyError          *       more is waiting for the disk than may wait in memory
    └── SpoolClosedError        *       Ringbook is stopping
    StopError                           mend the disk; intake goes on by itself afterwards
    ├── SpoolUnusableError              the spool's file cannot be opened, or is not a spool
    ├── SpoolFullError          *       the disk is full, or as full as it may become
    └── SpoolUnwritableError    *       the disk refuses to write: read-only, quota, input/output error

Those marked with a star are also :class:`SpoolUnavailableError`: the bytes were not taken, the sender is not acknowledged and
should send them again after ``retry_after_s``.
"""

from __future__ import annotations

from ringbook.model.errors import RingbookError, SettingsError, StopError, WaitError


class ListenError(SettingsError):
    """The address cannot be listened on: another program has it, or it is not this machine's."""


class LoginRefusedError(SettingsError):
    """A phone system does not let Ringbook in; its settings, or Ringbook's, have to be mended. It is tried again."""


class SpoolInUseError(WaitError):
    """Another Ringbook process takes records in for this home; stop it, or choose another home."""


class SpoolUnusableError(StopError):
    """The spool's file cannot be opened, or is not a spool."""


class SpoolUnavailableError(RingbookError):
    """The spool cannot take these bytes now, and has not; the sender is not acknowledged and should try again."""

    code = "spool-unavailable"
    retry_after_s = 30


class SpoolFullError(SpoolUnavailableError, StopError):
    """The disk that holds the spool is full. Make room; intake goes on by itself. Nothing acknowledged is lost."""

    code = "spool-full"


class SpoolUnwritableError(SpoolUnavailableError, StopError):
    """The disk refuses to write. Check that it is mounted for writing and sound; intake goes on by itself."""

    code = "spool-unwritable"


class SpoolBusyError(SpoolUnavailableError, WaitError):
    """More bytes are waiting for the disk than may wait in memory."""

    code = "spool-busy"
    retry_after_s = 1


class SpoolClosedError(SpoolUnavailableError, WaitError):
    """Ringbook is stopping."""

    code = "stopping"
    retry_after_s = 5
