"""The audio of a recording, its outline, and the record of who heard what of it."""

from __future__ import annotations

import hashlib
import json
import math
import uuid
from datetime import UTC, datetime
from typing import Any

from django.core.cache import cache
from django.http import Http404, HttpResponse, HttpResponseForbidden, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ringbook.desk.governance import audit
from ringbook.desk.governance.models import AuditEntry
from ringbook.desk.people.roles import Right
from ringbook.desk.wiring import vault
from ringbook.model.recording import KeptRecording
from ringbook.recordings.errors import UnknownRecordingError, VaultKeyError, VaultUnwritableError
from ringbook.recordings.seal import Sealed
from ringbook.recordings.vault import ORIGINAL, PEAKS, PLAY
from ringbook.web.guard import needs
from ringbook.web.pages.recordings import links, streaming
from ringbook.web.pages.recordings.reach import recording_or_404
from ringbook.web.viewer import Asking, Viewer

MOST_SPANS = 50
"""Parts of a recording in one report of what was heard."""


REMEMBERED_S = 20
"""How long a player goes on without another look at whether its viewer may still see the call."""


class UnreadableError(Exception):
    """The vault cannot give it now."""


@needs(Right.LISTEN)
@require_POST
def address(request: Asking, recording_id: uuid.UUID) -> HttpResponse:
    """Where this session can hear the recording in the next minutes; that it was asked for is on record."""
    recording = recording_or_404(request, recording_id)
    _opened_by(request.viewer, recording)
    place = reverse("recording-audio", args=[recording.id])
    return JsonResponse(
        {
            "url": f"{place}?pass={links.passing(request, recording.id)}",
            "lasts_s": links.LASTS.total_seconds(),
        }
    )


@needs(Right.LISTEN)
@require_http_methods(["GET", "HEAD"])
def audio(request: Asking, recording_id: uuid.UUID) -> HttpResponseBase:
    """The audio in the form that browsers play, or the part of it that is asked for."""
    shown = request.GET.get("pass", "")
    valid = links.passes(request, str(recording_id), shown)
    recording = _found(request, recording_id, shown) if valid else recording_or_404(request, recording_id)
    if not valid:
        return HttpResponseForbidden("This address is no longer valid.", content_type="text/plain")
    try:
        opened, form = open_form(recording, PLAY, ORIGINAL)
    except UnreadableError:
        return _unavailable()
    kind = streaming.kind_of(opened)
    return streaming.audio(request, opened, recording.id, kind, hash_of(recording, form))


@needs(Right.LISTEN)
@require_GET
def peaks(request: Asking, recording_id: uuid.UUID) -> HttpResponseBase:
    """The outline of the recording: lowest and highest sample of each channel in each twentieth of a second, as int8."""
    recording = recording_or_404(request, recording_id)
    try:
        opened, form = open_form(recording, PEAKS)
    except UnreadableError:
        return _unavailable()
    kind = "application/octet-stream"
    return streaming.audio(request, opened, recording.id, kind, hash_of(recording, form))


@needs(Right.LISTEN)
@require_POST
def heard(request: Asking, recording_id: uuid.UUID) -> HttpResponse:
    """Put on record which parts were heard: the player tells it when it stops."""
    recording = recording_or_404(request, recording_id)
    spans = _spans(request.POST.get("spans", ""), recording.duration_s)
    if spans is None:
        return HttpResponse("Say which seconds were heard.", status=400, content_type="text/plain")
    if spans:
        record(request.viewer, "recording:heard", recording, spans=spans)
    return HttpResponse(status=204)


def _found(request: Asking, recording_id: uuid.UUID, shown: str) -> KeptRecording:
    """The recording of an address that is valid: a player that reads part after part is not looked up for each of them."""
    key = hashlib.sha256(f"{request.session.session_key}/{recording_id}/{shown}".encode()).hexdigest()
    found: KeptRecording | None = cache.get(key)
    if found is None:
        found = recording_or_404(request, recording_id)
        cache.set(key, found, REMEMBERED_S)
    return found


def record(viewer: Viewer, action: str, recording: KeptRecording, **detail: Any) -> None:
    """Have it in the audit log, with the call that the recording is of."""
    audit.record(viewer.actor, action, f"recording:{recording.id}", **detail, call=recording.call or "")


def open_form(recording: KeptRecording, *forms: str) -> tuple[Sealed, str]:
    """The first of these forms that is kept, to read, and which it is.

    :raises UnreadableError: its key is not there, or the place where it lies cannot be reached.
    """
    kept = {one.form for one in recording.stored}
    for form in forms:
        if form in kept:
            try:
                return vault().open(recording.tenant, recording.id, form), form
            except UnknownRecordingError:
                raise Http404 from None
            except (VaultKeyError, VaultUnwritableError) as error:
                raise UnreadableError from error
    raise Http404


def hash_of(recording: KeptRecording, form: str) -> str:
    """The hash of a form's bytes."""
    return next(one.sha256 for one in recording.stored if one.form == form)


def _opened_by(viewer: Viewer, recording: KeptRecording) -> None:
    """On record once for each listening: a player asks for a new address every few minutes."""
    recent = AuditEntry.objects.filter(
        tenant=viewer.scope.tenant,
        actor=viewer.actor.id,
        subject=f"recording:{recording.id}",
        action="recording:opened",
        at__gt=datetime.now(UTC) - 2 * links.LASTS,
    )
    if not recent.exists():
        record(viewer, "recording:opened", recording)


def _spans(text: str, duration_s: float | None) -> list[list[float]] | None:
    """The seconds heard, in order; None if that is not what stands there."""
    end = duration_s + 1 if duration_s is not None else math.inf
    try:
        told = json.loads(text) if len(text) < 10_000 else None
        spans = [[round(float(one), 1) for one in span] for span in told or ()]
    except (ValueError, TypeError):
        return None
    good = all(len(span) == 2 and 0 <= span[0] <= span[1] <= end < math.inf for span in spans)
    if not isinstance(told, list) or not good or len(spans) > MOST_SPANS:
        return None
    return sorted(span for span in spans if span[1] > span[0])


def _unavailable() -> HttpResponse:
    text = "The recording cannot be read at the moment."
    return HttpResponse(text, status=503, content_type="text/plain", headers={"Retry-After": "30"})
