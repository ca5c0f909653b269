"""Recordings of calls: those that their records name, completed by what the vault keeps of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

import msgspec

from ringbook.ledger.ledger import Ledger
from ringbook.ledger.recordings import Catalogue
from ringbook.model.call import Call, Recording
from ringbook.model.recording import KeptRecording
from ringbook.model.scope import Scope
from ringbook.recordings.names import without_ending


def completed(ledger: Ledger, scope: Scope, calls: Sequence[Call]) -> list[Call]:
    """The calls with their recordings in the vault; a reader who may see a call may know what was recorded of it.

    However many calls there are, the catalogue is asked once or, where there are recordings at all, twice or three times.
    """
    if not calls:
        return []
    kept = Catalogue(ledger).of_calls(scope.whole(), [call.id for call in calls])
    return [_with(call, kept[call.id]) if call.id in kept else call for call in calls]


def _with(call: Call, kept: Sequence[KeptRecording]) -> Call:
    """The call with what the vault keeps in the place of what its records name, and what they do not name after it."""
    waiting = {_stem(one.name): one for one in reversed(kept)}
    named = []
    for recording in call.recordings:
        found = waiting.pop(_stem(recording.name), None)
        named.append(recording if found is None else _recording(found, recording))
    used = {one.id for one in named if one.id}
    rest = [_recording(one, None) for one in kept if one.id not in used]
    return msgspec.structs.replace(call, recordings=(*named, *rest))


def _recording(kept: KeptRecording, named: Recording | None) -> Recording:
    return Recording(
        name=named.name if named else kept.name,
        id=kept.id,
        started_at=kept.started_at or (named.started_at if named else None),
        duration_s=kept.duration_s,
        channels=kept.channels,
        sha256=kept.sha256,
        evidence=kept.joined.value,
        confidence=kept.confidence,
    )


def _stem(name: str) -> str:
    return without_ending(PurePosixPath(name.replace("\\", "/")).name)
