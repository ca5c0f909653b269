"""A home: the folder in which a Ringbook lives, opened by one process at a time."""

from __future__ import annotations

import threading
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from ringbook.capture.health import InputStatus
from ringbook.config import load
from ringbook.config.settings import Settings
from ringbook.ledger.ledger import Ledger, open_ledger
from ringbook.model.errors import StopError
from ringbook.parse.registry import formats
from ringbook.recordings.vault import Vault
from ringbook.runtime.configured import described
from ringbook.runtime.intake import Intake
from ringbook.runtime.journal import Journal
from ringbook.runtime.sources import Sources
from ringbook.runtime.understand import Readers


class Serving(Protocol):
    """The inputs that this process runs."""

    def statuses(self) -> list[InputStatus]:
        """How each is doing."""
        ...

    def problems(self) -> dict[str, str]:
        """What is wrong with taking records in."""
        ...

    def apply(self, settings: Settings) -> None:
        """Have them run as these settings describe them."""
        ...


class HomeUnwritableError(StopError):
    """The home cannot be written: mend its permissions or make room."""


class Home:
    """An opened home. ``importing`` is held by an import: one at a time, or two would count the same bytes twice."""

    def __init__(self, folder: Path, settings: Settings, ledger: Ledger) -> None:
        self.folder = folder
        self.settings = settings
        self.ledger = ledger
        self.importing = threading.Lock()
        self.serving: Serving | None = None  # set while this process runs the inputs
        self.changing = threading.Lock()  # held while sources are added, changed or removed
        self.vault: Vault | None = None  # once somebody asked for it: see runtime.recordings.opening
        self.opening = threading.Lock()  # held while the vault is opened
        self.sources = Sources(folder / "sources.json", described(settings))
        self.readers = Readers(self.sources)
        journal = Journal(folder / "journal")
        self.intake = Intake(ledger, journal, self.readers)
        self.intake.recover()

    def describe(self, settings: Settings) -> None:
        """Go by other sources from now on: new records are read, and running inputs run, as these settings say."""
        before, self.settings = self.settings, settings
        self.sources.configure(described(settings))
        for name in {*before.sources, *settings.sources}:
            if before.sources.get(name) != settings.sources.get(name):
                self.readers.forget(name)
        if self.serving is not None:
            self.serving.apply(settings)

    @classmethod
    def open(cls, folder: Path) -> Home:
        """The home in that folder, made if there is none; a batch that a crash cut short is finished first.

        Raises ``LedgerBusyError`` while another process has it open, :class:`HomeUnwritableError`, or what is wrong with its
        settings.
        """
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            settings = load(folder, formats=formats())
            ledger = open_ledger(settings.ledger.address or f"chdb://{folder.absolute() / 'ledger'}")
        except OSError as error:
            raise _unwritable(folder, error) from error
        try:
            return cls(folder, settings, ledger)
        except OSError as error:
            ledger.close()
            raise _unwritable(folder, error) from error
        except BaseException:
            ledger.close()
            raise

    def close(self) -> None:
        """Let go of the home."""
        if self.vault is not None:
            self.vault.close()
            self.vault = None
        self.ledger.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _unwritable(folder: Path, error: OSError) -> HomeUnwritableError:
    return HomeUnwritableError(
        f"the home {folder} cannot be used ({error.strerror}); make room or mend its permissions, or choose another with --home"
    )
