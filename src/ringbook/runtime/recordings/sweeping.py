"""What a crash left: audio without a row in the catalogue is finished if it is whole, removed if it is not.

A recording is whole once its ``about`` is kept, which is last before the row. Of one that is not whole, the file is still where
it came from, because only a file whose row stands counts as taken.
"""

from __future__ import annotations

import re
import shutil
import time
from itertools import islice
from pathlib import Path

import msgspec
import structlog

from ringbook.ledger.recordings import Catalogue
from ringbook.model.recording import KeptRecording, RecordingId
from ringbook.model.scope import MAIN_TENANT, Scope
from ringbook.recordings.errors import DamagedRecordingError, UnknownRecordingError
from ringbook.recordings.vault import ABOUT, Vault
from ringbook.runtime.home import Home
from ringbook.runtime.recordings.joining import Joiner

log = structlog.get_logger()

STEP = 500


class Swept(msgspec.Struct):
    """How many recordings were finished, how many unfinished ones removed, and how many objects are nobody's."""

    finished: int = 0
    removed: int = 0
    strange: int = 0


def sweep(home: Home, vault: Vault) -> Swept:
    """Finish or remove what a crash left."""
    told = Swept()
    catalogue = Catalogue(home.ledger)
    there = vault.recordings(MAIN_TENANT)
    while ids := [RecordingId(one) for one in islice(there, STEP) if _is_id(one)]:
        known = {one.id for one in catalogue.get(Scope(), ids)}
        for recording in ids:
            if recording not in known:
                _settle(home, vault, catalogue, recording, told)
    if told != Swept():
        log.info("recordings.swept", **msgspec.to_builtins(told))
    return told


def _settle(home: Home, vault: Vault, catalogue: Catalogue, recording: RecordingId, told: Swept) -> None:
    with vault.changing:
        if recording in vault.at_work or catalogue.get(Scope(), [recording]):
            return
        if not vault.knows(recording):
            told.strange += (
                1  # another vault's, or destroyed: without a key it is noise, and not ours to remove
            )
            return
        about = _about(vault, recording)
        if about is None and vault.is_whole(MAIN_TENANT, recording):
            told.strange += 1  # told in words of another version: not ours to remove
            return
        if about is None:
            vault.abandon(MAIN_TENANT, recording)
            told.removed += 1
            return
    catalogue.keep(MAIN_TENANT, [Joiner(home).join(about)])
    told.finished += 1


def _about(vault: Vault, recording: str) -> KeptRecording | None:
    """What was kept of a recording beside its audio; None if it was not finished."""
    try:
        opened = vault.open(MAIN_TENANT, recording, ABOUT)
        return _ABOUT.decode(b"".join(opened.read(0, opened.size)))
    except (UnknownRecordingError, DamagedRecordingError, msgspec.MsgspecError):
        return None


def clear(folder: Path, older_than_s: float) -> None:
    """Remove what was worked on when a process ended: plain audio must not lie about."""
    if not folder.is_dir():
        return
    for left in folder.iterdir():
        if time.time() - left.stat().st_mtime >= older_than_s:
            shutil.rmtree(left, ignore_errors=True)


def _is_id(text: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text) is not None


_ABOUT = msgspec.json.Decoder(KeptRecording)
