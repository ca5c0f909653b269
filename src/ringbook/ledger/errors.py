"""What can go wrong with the call store, by what the person who runs Ringbook does about it.

::

    LedgerAddressError (SettingsError)   the store's address cannot be understood
    LedgerBusyError (WaitError)          another process has the embedded store open
    LedgerUnavailableError (WaitError)   the store is down or cannot be reached; trying again may help
    LedgerUnwritableError (StopError)    the disk is full or refuses to write; nothing was acknowledged
    LedgerDamagedError (StopError)       the store's tables are not those that this version knows how to use
    LedgerRefusedError (RingbookError)   the engine refused a statement: a mistake in Ringbook, please report it
"""

from __future__ import annotations

from ringbook.model.errors import RingbookError, SettingsError, StopError, WaitError


class LedgerAddressError(SettingsError):
    """The address of the call store is neither ``chdb:///absolute/path`` nor ``http(s)://host:port/database``."""


class LedgerBusyError(WaitError):
    """Another process has the embedded call store open, and it takes only one."""


class LedgerUnavailableError(WaitError):
    """The call store does not answer."""


class LedgerUnwritableError(StopError):
    """The call store cannot be written."""


class LedgerDamagedError(StopError):
    """The call store holds something that this version of Ringbook did not make."""


class LedgerRefusedError(RingbookError):
    """The engine refused a statement."""
