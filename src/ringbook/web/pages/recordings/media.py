"""The audio of a recording, its outline, and the record of who heard what of it."""

from __future__ import annotations

import hashlib
import json
import math
import uuid
from collections.abc import Callable
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
from ringbook.recordings.audible import outline_form, play_form
from ringbook.recordings.errors import UnknownRecordingError, VaultKeyError, VaultUnwritableError
from ringbook.recordings.seal import Sealed
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


class SilencingError(UnreadableError):
    """Spans of it are being silenced: until that is done, nothing of it may be heard."""


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
        opened, form = open_form(recording, play_form(recording))
    except UnreadableError as error:
        return _unavailable(error)
    kind = streaming.kind_of(opened)
    return streaming.audio(request, opened, recording.id, kind, hash_of(recording, form), still(recording))


@needs(Right.LISTEN)
@require_GET
def peaks(request: Asking, recording_id: uuid.UUID) -> HttpResponseBase:
    """The outline of the recording: lowest and highest sample of each channel in each twentieth of a second, as int8."""
    recording = recording_or_404(request, recording_id)
    try:
        opened, form = open_form(recording, outline_form(recording))
    except UnreadableError as error:
        return _unavailable(error)
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
    changed = vault().withdrawn.get(
        str(recording_id), 0
    )  # what was remembered before a span was silenced is not heeded
    key = hashlib.sha256(
        f"{request.session.session_key}/{recording_id}/{shown}/{changed}".encode()
    ).hexdigest()
    found: KeptRecording | None = cache.get(key)
    if found is None:
        found = recording_or_404(request, recording_id)
        cache.set(key, found, REMEMBERED_S)
    return found


def record(viewer: Viewer, action: str, recording: KeptRecording, **detail: Any) -> None:
    """Have it in the audit log, with the call that the recording is of."""
    audit.record(viewer.actor, action, f"recording:{recording.id}", **detail, call=recording.call or "")


def open_form(recording: KeptRecording, form: str | None) -> tuple[Sealed, str]:
    """A form that may be heard (see :mod:`ringbook.recordings.audible`), to read, and which it is.

    :raises SilencingError: spans of it are being silenced.
    :raises UnreadableError: its key is not there, or the place where it lies cannot be reached.
    """
    if recording.silencing:
        raise SilencingError
    if form is None:
        raise Http404
    try:
        return vault().open(recording.tenant, recording.id, form), form
    except UnknownRecordingError:
        raise Http404 from None
    except (VaultKeyError, VaultUnwritableError) as error:
        raise UnreadableError from error


def still(recording: KeptRecording) -> Callable[[], bool]:
    """Tells, while it is read, whether what may be heard of the recording is what it was."""
    there, seen = vault(), vault().withdrawn.get(recording.id, 0)
    return lambda: there.withdrawn.get(recording.id, 0) == seen


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


def _unavailable(error: UnreadableError) -> HttpResponse:
    text = "The recording cannot be read at the moment."
    if isinstance(error, SilencingError):
        text = "A part of the recording is being silenced. It can be heard when that is done."
    return HttpResponse(text, status=503, content_type="text/plain", headers={"Retry-After": "30"})
