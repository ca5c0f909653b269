"""Clips of recordings, and notes at moments of them: only for who may hear the recording."""

from __future__ import annotations

import uuid
from typing import Any

import msgspec
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from ringbook.desk.annotations import joined
from ringbook.desk.listening import clips as keeping
from ringbook.desk.listening import moments
from ringbook.desk.listening.clips import Draft
from ringbook.desk.listening.models import Clip
from ringbook.desk.people.roles import Right
from ringbook.desk.wiring import ledger
from ringbook.ledger.recordings import Catalogue
from ringbook.model.call import CallId
from ringbook.model.errors import AskError
from ringbook.model.recording import KeptRecording, RecordingId
from ringbook.web.annotating import by
from ringbook.web.guard import needs
from ringbook.web.pages.recordings import downloading
from ringbook.web.pages.recordings.reach import recording_or_404, sees_waiting
from ringbook.web.shapes import shown_many
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking

SHOWN = 200
"""Clips that are looked at for one list: the newest."""


class Row(msgspec.Struct):
    """A clip in the list, with its recording and the shape of its call."""

    clip: Clip
    recording: KeptRecording
    call: dict[str, Any] | None
    mine: bool


@needs(Right.LISTEN)
@require_GET
def clips(request: Asking) -> HttpResponseBase:
    """The clips that the viewer made and those that were shared, as far as their recordings may be heard."""
    own = request.GET.get("of") == "me"
    found = keeping.told(by(request.viewer))
    if own:
        found = found.filter(maker_actor=request.viewer.actor.id)
    return render(request, "clips/clips.html", {"rows": _rows(request, list(found[:SHOWN])), "own": own})


@needs(Right.LISTEN)
@require_GET
def clip(request: Asking, clip_id: uuid.UUID) -> HttpResponseBase:
    """A clip with its player."""
    found, recording = _clip(request, clip_id)
    return _page(request, found, recording)


@needs(Right.LISTEN, Right.ANNOTATE)
@require_POST
def make(request: Asking, recording_id: uuid.UUID) -> HttpResponseBase:
    """A new clip; then its page."""
    recording = recording_or_404(request, recording_id)
    try:
        made = keeping.make(by(request.viewer), recording, _draft(request))
    except AskError as error:
        back = HttpResponseRedirect(reverse("recording", args=[recording.id]))
        return toast(request, back, str(error), tone="bad")
    return toast(request, HttpResponseRedirect(reverse("clip", args=[made.pk])), _("Clip made."))


@needs(Right.LISTEN, Right.ANNOTATE)
@require_POST
def change(request: Asking, clip_id: uuid.UUID) -> HttpResponseBase:
    """A clip otherwise; what cannot be is shown as it was typed."""
    found, recording = _changed_by(request, clip_id)
    version = request.POST.get("version", "")
    try:
        draft = _draft(request)
        keeping.change(
            by(request.viewer), clip_id, recording, draft, int(version) if version.isdecimal() else 0
        )
    except AskError as error:
        return _page(request, found, recording, problem=str(error), typed=request.POST)
    return toast(request, HttpResponseRedirect(reverse("clip", args=[clip_id])), _("Clip changed."))


@needs(Right.LISTEN, Right.ANNOTATE)
@require_POST
def remove(request: Asking, clip_id: uuid.UUID) -> HttpResponseBase:
    """The list without a clip."""
    _changed_by(request, clip_id)
    keeping.remove(by(request.viewer), clip_id)
    there = HttpResponseRedirect(reverse("clips"))
    return toast(request, there, _("Clip removed."), undo=reverse("clip-restore", args=[clip_id]))


@needs(Right.LISTEN, Right.ANNOTATE)
@require_POST
def restore(request: Asking, clip_id: uuid.UUID) -> HttpResponseBase:
    """A removed clip, there again."""
    _changed_by(request, clip_id, removed=True)
    keeping.restore(by(request.viewer), clip_id)
    return toast(request, HttpResponseRedirect(reverse("clips")), _("The clip is back."))


@needs(Right.LISTEN, Right.DOWNLOAD_RECORDINGS)
@require_GET
def download(request: Asking, clip_id: uuid.UUID, form: str) -> HttpResponseBase:
    """The clip as a file of its own."""
    found, recording = _clip(request, clip_id)
    if form not in downloading.MADE or recording.problem:
        raise Http404
    return downloading.given(request, recording, form, (found.start_s, found.stop_s))


@needs(Right.LISTEN, Right.ANNOTATE)
@require_POST
def pin(request: Asking, recording_id: uuid.UUID) -> HttpResponseBase:
    """The page of the call with another note, at its moment."""
    recording = recording_or_404(request, recording_id)
    try:
        at = _seconds(request, "at")
        moments.pin(by(request.viewer), recording, at, request.POST.get("text", ""))
    except AskError as error:
        back = HttpResponseRedirect(reverse("recording", args=[recording.id]))
        return toast(request, back, str(error), tone="bad")
    there = f"{reverse('call', args=[recording.call])}#call-recordings"
    return toast(request, HttpResponseRedirect(there), _("Note added."))


def _page(
    request: Asking, found: Clip, recording: KeptRecording, problem: str = "", typed: Any = None
) -> HttpResponseBase:
    [row] = _rows(request, [found])
    told = {
        "row": row,
        "clip": found,
        "recording": recording,
        "bounds": [found.start_s, found.stop_s],
        "may_change": request.viewer.may(Right.ANNOTATE) and keeping.changes(by(request.viewer), found),
        "problem": problem,
        "typed": typed,
    }
    return render(request, "clips/clip.html", told, status=422 if problem else 200)


def _clip(request: Asking, clip_id: uuid.UUID, *, removed: bool = False) -> tuple[Clip, KeptRecording]:
    """A clip that the viewer made or that is shared, and its recording, if they may hear it; else as if there were none."""
    who = by(request.viewer)
    found = (
        Clip.objects.within(request.viewer.scope).filter(pk=clip_id, removed_at__isnull=not removed).first()
    )
    if found is None or not (found.shared or found.maker_actor == who.actor.id):
        raise Http404
    return found, recording_or_404(request, found.recording)


def _changed_by(request: Asking, clip_id: uuid.UUID, *, removed: bool = False) -> tuple[Clip, KeptRecording]:
    """A clip that the viewer may change, and its recording."""
    found, recording = _clip(request, clip_id, removed=removed)
    if not keeping.changes(by(request.viewer), found):
        raise PermissionDenied
    return found, recording


def _rows(request: Asking, found: list[Clip]) -> list[Row]:
    """Those whose recording the viewer may hear now."""
    viewer = request.viewer
    ids = {RecordingId(one.recording) for one in found}
    kept = {one.id: one for one in Catalogue(ledger()).get(viewer.scope.whole(), ids)} if ids else {}
    calls = [one.call for one in kept.values() if one.call]
    leads = joined.ends(viewer.scope, calls) if calls else {}
    seen = ledger().calls(viewer.scope, [CallId(one) for one in calls]) if calls else []
    shapes = {one["id"]: one for one in shown_many(viewer, seen)}
    rows = []
    for one in found:
        recording = kept.get(RecordingId(one.recording))
        if recording is None or recording.gone:
            continue
        call = shapes.get(leads.get(recording.call, recording.call)) if recording.call else None
        if call or (not recording.call and sees_waiting(viewer)):
            rows.append(Row(one, recording, call, one.maker_actor == viewer.actor.id))
    return rows


def _draft(request: Asking) -> Draft:
    return Draft(
        start_s=_seconds(request, "start"),
        stop_s=_seconds(request, "stop"),
        title=request.POST.get("title", ""),
        text=request.POST.get("text", ""),
        shared=request.POST.get("shared") == "yes",
    )


def _seconds(request: Asking, name: str) -> float:
    try:
        return float(request.POST.get(name, "").replace(",", "."))
    except ValueError:
        raise AskError(_("Say the second as a number, such as 12.5.")) from None
