"""How a source stands, in one word and with the reason: from its accounts, its inputs and its silence alarm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

import msgspec

from ringbook.desk.organisation.silence import Silence

NO_FILE = "there is no file yet"
"""What an input says that waits for a file: no failure."""


class Standing(StrEnum):
    """How a source stands; the first that applies."""

    PAUSED = "paused"  # somebody has it rest
    FAILING = "failing"  # an input cannot do its work
    SILENT = "silent"  # it has brought nothing for longer than it may
    WAITING = "waiting"  # it has brought nothing yet
    CONNECTED = "connected"
    IMPORTED = "imported"  # only files were imported; nothing is expected of it


class Stands(msgspec.Struct, frozen=True):
    """How a source stands, and why where there is something to do."""

    standing: Standing
    reason: str = ""


def stands(
    status: Mapping[str, Any], inputs: Sequence[Mapping[str, Any]], silence: Silence | None, *, alarmed: bool
) -> Stands:
    """How a source stands: its row of ``sources.status``, its rows of ``sources.inputs``, and its alarm if it has one."""
    if any(entry["paused"] for entry in inputs):
        return Stands(Standing.PAUSED)
    failing = next((e["problem"] for e in inputs if e["problem"] and e["problem"] != NO_FILE), "")
    if failing:
        return Stands(Standing.FAILING, failing)
    if not inputs:
        return Stands(Standing.IMPORTED)
    if status["last_record_at"] is None:
        return Stands(Standing.WAITING, next((e["problem"] for e in inputs if e["problem"]), ""))
    if silence is not None and silence.alarming:
        return Stands(Standing.SILENT)
    if not alarmed and status["state"] == "silent":
        return Stands(Standing.SILENT)
    return Stands(Standing.CONNECTED)
