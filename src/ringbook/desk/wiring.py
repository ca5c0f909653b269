"""What the running process hands to the desk: the ledger, the operations of the home, and where its files are.

The desk and the pages lie below ``runtime`` and never open a home themselves. ``runtime`` wires them once at start.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import Any, Protocol

import msgspec

from ringbook.ledger.ledger import Ledger
from ringbook.model.errors import StopError
from ringbook.recordings.vault import Vault


class NotWiredError(StopError):
    """The desk was asked for something of a home before it was told of one."""


class Operations(Protocol):
    """The operations that commands ask for, by name: see ``runtime.service``. They are not scoped: check the viewer first."""

    def run(self, operation: str, arguments: Mapping[str, Any]) -> Generator[dict[str, Any]]:
        """The answers to an operation, as they come."""
        ...


class Wired(msgspec.Struct, frozen=True):
    """What was handed over."""

    ledger: Ledger
    operations: Operations
    folder: Path
    vault: Callable[[], Vault] | None = None


_wired: list[Wired] = []


def wire(
    ledger: Ledger, operations: Operations, folder: Path, vault: Callable[[], Vault] | None = None
) -> None:
    """Hand over the home that this process serves; what was handed over before is let go."""
    _wired[:] = [Wired(ledger, operations, folder, vault)]


def wired() -> bool:
    """Whether this process serves a home."""
    return bool(_wired)


def ledger() -> Ledger:
    """The ledger of the home."""
    return _given().ledger


def operations() -> Operations:
    """The operations of the home."""
    return _given().operations


def home_folder() -> Path:
    """The folder of the home: exports and uploads lie in folders of their own in it."""
    return _given().folder


def vault() -> Vault:
    """Where the home keeps audio; opened when it is first asked for."""
    opened = _given().vault
    if opened is None:
        raise NotWiredError("the desk is not connected to a vault; start it with 'ringbook serve'")
    return opened()


def _given() -> Wired:
    if not _wired:
        raise NotWiredError("the desk is not connected to a ledger; start it with 'ringbook serve'")
    return _wired[0]
