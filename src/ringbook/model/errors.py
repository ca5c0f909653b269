"""Every error that Ringbook raises on purpose, by what the person who runs it does about it.

::

    RingbookError
    ├── AskError          ask differently: an argument, a query, an id or a file that cannot be used as given
    ├── SettingsError     fix the settings: a value in ringbook.toml, the environment or a source's description
    ├── WaitError         wait or try again: a store that is down, a home that another process is using
    └── StopError         stop and mend: a full disk, a folder that cannot be written, a store that is damaged

A message names the thing, the value, what is allowed, and the next step. Packages derive their own errors from the four.
"""

from __future__ import annotations


class RingbookError(Exception):
    """Base of all errors raised on purpose; its text is meant for the person at the terminal."""


class AskError(RingbookError):
    """What was asked cannot be answered as asked."""


class SettingsError(RingbookError):
    """A setting has to be changed first."""


class WaitError(RingbookError):
    """It may work later without any change."""


class StopError(RingbookError):
    """Something outside Ringbook has to be mended first; nothing acknowledged is lost."""
