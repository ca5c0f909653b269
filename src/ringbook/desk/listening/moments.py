"""Notes at a moment of a recording: ordinary notes of its call that know where they belong."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from ringbook.desk.annotations import edit
from ringbook.desk.annotations.edit import By
from ringbook.desk.listening.errors import NoPartError
from ringbook.desk.listening.models import Moment
from ringbook.model.recording import KeptRecording
from ringbook.model.scope import Scope


class Pinned(msgspec.Struct, frozen=True):
    """A note at a moment, as it reads now."""

    at_s: float
    text: str
    author: str
    made_at: datetime


def pin(by: By, recording: KeptRecording, at_s: float, text: str) -> Moment:
    """A new note on the recording's call, at a second of the recording.

    :raises NoPartError: the recording is of no call yet, or it is shorter.
    """
    if recording.call is None:
        raise NoPartError(_("A note needs a call: join the recording to its call first."))
    if not math.isfinite(at_s) or not 0 <= at_s <= (recording.duration_s or 0):
        raise NoPartError(_("The moment is a second within the recording."))
    with transaction.atomic():
        noted = edit.add_note(by, recording.call, text)
        return Moment.objects.create(
            tenant=by.scope.tenant, note=noted.note, recording=recording.id, at_s=round(at_s, 1)
        )


def pinned(scope: Scope, recordings: Iterable[str]) -> dict[str, list[Pinned]]:
    """The notes at moments of each recording that has any, in their order."""
    found: dict[str, list[Pinned]] = {}
    rows = Moment.objects.within(scope).filter(recording__in=list(recordings), note__removed_at=None)
    for row in rows.select_related("note"):
        note = row.note
        told = Pinned(row.at_s, note.text, note.author_name, note.made_at)
        found.setdefault(row.recording, []).append(told)
    return found
