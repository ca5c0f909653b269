"""Removing what a step chose: audio and keys first, then what people wrote, then the rows of the ledger.

In this order everything may be done again after a crash in the middle, and comes to the same end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from django.db import transaction

from ringbook.desk.annotations import joined, sync
from ringbook.desk.annotations.acting import chunks
from ringbook.desk.annotations.models import Change, Note, Task
from ringbook.desk.listening import clips
from ringbook.desk.requests import scrubbing
from ringbook.desk.retention.records import Kept
from ringbook.ledger.erasing import Removal
from ringbook.ledger.recordings import Catalogue
from ringbook.model.call import CallId
from ringbook.model.recording import RecordingId
from ringbook.model.scope import Scope
from ringbook.model.warrant import Warrant
from ringbook.runtime.home import Home
from ringbook.runtime.recordings.opening import open_vault

Pairs = Sequence[Sequence[str]]
"""What goes: the id of a thing, and of the call that it is of."""


def remove(home: Home, warrant: Warrant, kind: str, pairs: Pairs) -> None:
    """Remove things of a kind. May be repeated."""
    if pairs:
        _BY_KIND[kind](home, warrant, pairs)


def _calls(home: Home, warrant: Warrant, pairs: Pairs) -> None:
    scope = Scope(warrant.tenant)
    calls = [CallId(thing) for thing, _ in pairs]
    kept = Catalogue(home.ledger).of_calls(scope, calls)
    audio = [one.id for of_call in kept.values() for one in of_call if not one.gone]
    _destroy(home, warrant, audio)
    # Asked before the ledger forgets them: what was added to ids that were joined into these calls.
    scrubbing.of_calls(warrant.tenant, [*calls, *joined.origins(scope, calls)], audio)
    home.intake.remove(warrant, Removal(calls=calls, recordings=audio, notes=calls))


def _recordings(home: Home, warrant: Warrant, pairs: Pairs) -> None:
    ids = [RecordingId(thing) for thing, _ in pairs]
    _destroy(home, warrant, ids)
    scrubbing.of_calls(warrant.tenant, [], ids)
    home.intake.remove(warrant, Removal(recordings=ids))


def _notes(home: Home, warrant: Warrant, pairs: Pairs) -> None:
    calls = sorted({CallId(call) for _, call in pairs if call})
    written = [thing.partition(":")[2] for thing, _ in pairs]
    with transaction.atomic():
        sync.mark(warrant.tenant, calls)  # first: a crash from here on has the copies made anew
        for some in chunks(written):
            Change.objects.filter(
                tenant=warrant.tenant, object_id__in=some, kind__in=("note", "task")
            ).delete()
            Note.objects.filter(tenant=warrant.tenant, pk__in=some).delete()
            Task.objects.filter(tenant=warrant.tenant, pk__in=some).delete()
    home.intake.remove(warrant, Removal(notes=calls))
    sync.put(warrant.tenant, calls)


def _frames(home: Home, warrant: Warrant, pairs: Pairs) -> None:
    home.intake.remove(warrant, Removal(frames=[bytes.fromhex(thing) for thing, _ in pairs]))


def _destroy(home: Home, warrant: Warrant, recordings: Sequence[str]) -> None:
    if not recordings:
        return
    vault = open_vault(home)
    for one in recordings:
        vault.destroy(warrant, warrant.tenant, one)
    clips.forget(warrant, recordings)


_BY_KIND: Mapping[str, Callable[[Home, Warrant, Pairs], None]] = {
    Kept.CALLS: _calls,
    Kept.RECORDINGS: _recordings,
    Kept.NOTES: _notes,
    Kept.FRAMES: _frames,
}
