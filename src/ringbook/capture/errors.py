"""What can go wrong while bytes are taken in, grouped by what the operator does about it.

::

    CaptureError
    ├── CaptureSettingsError        fix the settings, then start again
    │   ├── ListenError             the address cannot be listened on
    │   ├── SpoolInUseError         another Ringbook has this home open
    │   └── SpoolUnusableError      the spool's file cannot be opened or is not a spool
    └── SpoolUnavailableError       make room or wait; senders keep what was not acknowledged and try again
        ├── SpoolFullError          the disk is full, or as full as it may become
        ├── SpoolUnwritableError    the disk refuses to write: read-only, quota, input/output error
        ├── SpoolBusyError          more is waiting for the disk than may wait in memory
        └── SpoolClosedError        Ringbook is stopping

A group says whether trying again may help: ``SpoolUnavailableError.retry_after_s`` is how long a sender should wait.
"""

from __future__ import annotations


class CaptureError(Exception):
    """Something about taking bytes in failed; the message says what and what to do next."""


class CaptureSettingsError(CaptureError):
    """The settings ask for what cannot be had; change them and start again."""


class ListenError(CaptureSettingsError):
    """The address cannot be listened on: another program has it, or it is not this machine's."""


class SpoolInUseError(CaptureSettingsError):
    """Another Ringbook process takes records in for this home; stop it, or choose another home."""


class SpoolUnusableError(CaptureSettingsError):
    """The spool's file cannot be opened, or is not a spool."""


class SpoolUnavailableError(CaptureError):
    """The spool cannot take these bytes now, and has not; the sender is not acknowledged and should try again."""

    code = "spool-unavailable"
    retry_after_s = 30


class SpoolFullError(SpoolUnavailableError):
    """The disk that holds the spool is full. Make room; intake goes on by itself. Nothing acknowledged is lost."""

    code = "spool-full"


class SpoolUnwritableError(SpoolUnavailableError):
    """The disk refuses to write. Check that it is mounted for writing and sound; intake goes on by itself."""

    code = "spool-unwritable"


class SpoolBusyError(SpoolUnavailableError):
    """More bytes are waiting for the disk than may wait in memory."""

    code = "spool-busy"
    retry_after_s = 1


class SpoolClosedError(SpoolUnavailableError):
    """Ringbook is stopping."""

    code = "stopping"
    retry_after_s = 5
