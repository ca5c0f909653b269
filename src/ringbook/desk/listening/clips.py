"""Clips: made, changed, shared, removed, found. Whether somebody may hear the recording is the caller's to look at."""

from __future__ import annotations

import math
import uuid
from collections.abc import Iterable
from typing import cast

import msgspec
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from ringbook.desk.annotations.edit import By
from ringbook.desk.governance import audit
from ringbook.desk.listening.errors import NoPartError, NotYoursError, StaleError, TitleError
from ringbook.desk.listening.models import Clip, Moment
from ringbook.model.recording import KeptRecording
from ringbook.model.warrant import Warrant

SHORTEST_S = 0.5
LONGEST_TITLE = 120
LONGEST_TEXT = 2_000
MOST = 1_000
"""Clips of one person."""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A clip as somebody wants it."""

    start_s: float
    stop_s: float
    title: str
    text: str = ""
    shared: bool = False


def make(by: By, recording: KeptRecording, draft: Draft) -> Clip:
    """A new clip.

    :raises NoPartError: that is no part of the recording.
    :raises TitleError: it has no title, or too long a text.
    """
    start, stop = _part(recording, draft)
    title, text = _words(draft)
    if Clip.objects.filter(tenant=by.scope.tenant, maker_actor=by.actor.id, removed_at=None).count() >= MOST:
        raise NoPartError(
            _("You have %(most)s clips. Remove some before you make another.")
            % {"most": number_format(MOST, force_grouping=True)}
        )
    with transaction.atomic():
        clip = Clip.objects.create(
            tenant=by.scope.tenant,
            recording=recording.id,
            start_s=start,
            stop_s=stop,
            title=title,
            text=text,
            shared=draft.shared,
            maker=by.person,
            maker_actor=by.actor.id,
            maker_name=by.name,
            made_at=timezone.now(),
        )
        _audit(by, "clip:made", clip, seconds=[start, stop], shared=draft.shared)
    return clip


def change(by: By, clip_id: uuid.UUID, recording: KeptRecording, draft: Draft, version: int) -> Clip:
    """A clip as it is from now on.

    :raises StaleError: it is not the version any more that was changed.
    """
    start, stop = _part(recording, draft)
    title, text = _words(draft)
    with transaction.atomic():
        clip = _mine(by, clip_id)
        if clip.version != version:
            raise StaleError(
                _("Somebody else changed this clip meanwhile. Look at it again, and change it then.")
            )
        clip.start_s, clip.stop_s, clip.title, clip.text = start, stop, title, text
        clip.shared, clip.version = draft.shared, version + 1
        clip.save()
        _audit(by, "clip:changed", clip, seconds=[start, stop], shared=draft.shared)
    return clip


def remove(by: By, clip_id: uuid.UUID) -> None:
    """Hide a clip; the recording stays."""
    with transaction.atomic():
        clip = _mine(by, clip_id)
        if clip.removed_at is None:
            clip.removed_at = timezone.now()
            clip.save(update_fields=["removed_at"])
            _audit(by, "clip:removed", clip)


def restore(by: By, clip_id: uuid.UUID) -> None:
    """Bring a removed clip back."""
    with transaction.atomic():
        clip = _mine(by, clip_id)
        clip.removed_at = None
        clip.save(update_fields=["removed_at"])
        _audit(by, "clip:restored", clip)


def told(by: By) -> QuerySet[Clip]:
    """The clips that were made by somebody or shared, the newest first; not all of their recordings may be theirs to hear."""
    found = Clip.objects.within(by.scope).filter(removed_at=None)
    return cast("QuerySet[Clip]", found.filter(Q(shared=True) | Q(maker_actor=by.actor.id)))


def changes(by: By, clip: Clip) -> bool:
    """Whether somebody may change a clip: who made it, and owners and administrators."""
    return clip.maker_actor == by.actor.id or (clip.shared and by.keeps_order)


def forget(warrant: Warrant, recordings: Iterable[str]) -> int:
    """How many clips and moments of recordings were removed for good, with what people wrote about them."""
    of = {"tenant": warrant.tenant, "recording__in": list(recordings)}
    with transaction.atomic():
        return Clip.objects.filter(**of).delete()[0] + Moment.objects.filter(**of).delete()[0]


def _mine(by: By, clip_id: uuid.UUID) -> Clip:
    try:
        clip: Clip = Clip.objects.within(by.scope).select_for_update(of=("self",)).get(pk=clip_id)
    except (Clip.DoesNotExist, ValidationError) as error:
        raise NoPartError(_("There is no such clip.")) from error
    if not changes(by, clip):
        raise NotYoursError(
            _("Only who made a clip changes it; owners and administrators change shared ones.")
        )
    return clip


def _part(recording: KeptRecording, draft: Draft) -> tuple[float, float]:
    start, stop, whole = draft.start_s, draft.stop_s, recording.duration_s or 0.0
    if not (math.isfinite(start) and math.isfinite(stop)) or start < 0 or start >= whole:
        raise NoPartError(_("A clip begins at a second of the recording and ends at a later one."))
    stop = min(stop, whole)
    if stop - start < SHORTEST_S:
        raise NoPartError(_("A clip lasts at least %(least)g seconds.") % {"least": SHORTEST_S})
    return round(start, 1), round(stop, 1)


def _words(draft: Draft) -> tuple[str, str]:
    title, text = (" ".join(draft.title.replace("\0", " ").split()), draft.text.replace("\0", " ").strip())
    if not title:
        raise TitleError(_("Give the clip a title, so that others know what they will hear."))
    if len(title) > LONGEST_TITLE or len(text) > LONGEST_TEXT:
        raise TitleError(
            _("A title has at most %(title)s letters, and what stands below %(text)s.")
            % {"title": LONGEST_TITLE, "text": number_format(LONGEST_TEXT, force_grouping=True)}
        )
    return title, text


def _audit(by: By, action: str, clip: Clip, **detail: object) -> None:
    audit.record(by.actor, action, f"clip:{clip.pk}", recording=clip.recording, **detail)
