"""Silencing parts of a recording by hand: choosing them on its outline, and taking that back."""

from __future__ import annotations

import math
import uuid
from datetime import UTC, datetime

from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ringbook.desk.people.roles import Right
from ringbook.desk.wiring import operations
from ringbook.desk.workspace.jobs import Work, enqueue, job
from ringbook.model.errors import AskError
from ringbook.model.recording import KeptRecording
from ringbook.web.guard import needs
from ringbook.web.pages.recordings.media import record
from ringbook.web.pages.recordings.reach import name_of, recording_or_404
from ringbook.web.templatetags.recordings import speeds
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking, Viewer

MOST = 50
"""Spans that one person silences at once."""

LONGEST_REASON = 200
ROWS = 3
"""Empty rows for spans, for browsers in which nothing is drawn."""

Spans = list[tuple[float, float]]


@needs(Right.LISTEN, Right.MASK_RECORDINGS)
@require_http_methods(["GET", "POST"])
def silence(request: Asking, recording_id: uuid.UUID) -> HttpResponseBase:
    """The page on which spans are chosen; once they are sent, nothing of the recording is heard until they are silent."""
    recording = recording_or_404(request, recording_id)
    problem = ""
    spans: Spans = []
    reason = request.POST.get("reason", "").strip()
    if request.method == "POST":
        try:
            spans = _spans(request)
            if not reason:
                raise AskError(_("Say why these parts may not be heard."))
            return _begun(request, recording, spans, reason[:LONGEST_REASON])
        except AskError as error:
            problem = str(error)
    rows = [*((f"{start:g}", f"{stop:g}") for start, stop in spans), *[("", "")] * ROWS]
    told = {
        "recording": recording,
        "name": name_of(request.viewer, recording),
        "back": _place(recording),
        "rows": rows,
        "reason": reason,
        "problem": problem,
        "destroys": next(operations().run("recordings.policy", {}))["destroys_original"],
    }
    return render(request, "recordings/silence.html", told, status=422 if problem else 200)


@needs(Right.LISTEN, Right.MASK_RECORDINGS)
@require_POST
def unsilence(request: Asking, recording_id: uuid.UUID) -> HttpResponseBase:
    """Have a span heard again, as long as the original is there."""
    recording = recording_or_404(request, recording_id)
    chosen = request.POST.getlist("silence")[:MOST]
    there = HttpResponseRedirect(_place(recording))
    try:
        next(operations().run("recordings.unsilence", {"id": recording.id, "silences": chosen}))
    except AskError as error:
        return toast(request, there, _sentence(error), tone="bad")
    back = [[one.start_s, one.stop_s] for one in recording.silences if one.id in chosen]
    record(request.viewer, "recording:unsilenced", recording, spans=back)
    _enqueue(request.viewer, recording)
    return toast(request, there, _("That part can be heard again in a moment."))


@needs(Right.LISTEN)
@require_GET
def player(request: Asking, recording_id: uuid.UUID) -> HttpResponse:
    """The player anew: it comes back when the silence is made."""
    recording = recording_or_404(request, recording_id)
    return render(
        request, "recordings/_player.html", {"recording": recording, "first": True, "speeds": speeds()}
    )


@job("silence-recording")
def silence_recording(work: Work) -> None:
    """Makes the audio in which the spans are silent."""
    next(operations().run("recordings.finish_silencing", {"id": work.params["recording"]}))
    work.note(_("The recording can be heard again."))


def _begun(request: Asking, recording: KeptRecording, spans: Spans, reason: str) -> HttpResponseBase:
    viewer = request.viewer
    asked = {"id": recording.id, "spans": spans, "by": _who(viewer), "reason": reason}
    next(operations().run("recordings.silence", asked))
    record(viewer, "recording:silenced", recording, spans=[list(span) for span in spans], reason=reason)
    _enqueue(viewer, recording)
    there = HttpResponseRedirect(_place(recording))
    return toast(request, there, _("From now on these parts are not heard any more."))


def _enqueue(viewer: Viewer, recording: KeptRecording) -> None:
    began = recording.started_at or recording.received_at
    day = datetime.fromtimestamp(began / 1e6, UTC).astimezone(viewer.zone).date().isoformat()
    title = _("Silence parts of a recording of %(day)s") % {"day": day}
    enqueue(viewer.person, "silence-recording", {"recording": recording.id}, title=title, scope=viewer.scope)


def _who(viewer: Viewer) -> str:
    return str(viewer.person.pk) if viewer.person else viewer.actor.id


def _place(recording: KeptRecording) -> str:
    if recording.call:
        return f"{reverse('call', args=[recording.call])}#call-recordings"
    return reverse("recording", args=[recording.id])


def _spans(request: Asking) -> Spans:
    """The spans of the form; rows that nobody filled in do not count.

    :raises AskError: what stands there are no spans.
    """
    rows = list(zip(request.POST.getlist("start"), request.POST.getlist("stop"), strict=False))
    filled = [(start.strip(), stop.strip()) for start, stop in rows if start.strip() or stop.strip()]
    if not filled:
        raise AskError(_("Choose at least one part: drag over the outline, or type its seconds."))
    if len(filled) > MOST:
        raise AskError(_("Silence at most %d parts at once.") % MOST)
    try:
        spans = [(float(start.replace(",", ".")), float(stop.replace(",", "."))) for start, stop in filled]
    except ValueError:
        raise AskError(_("A part is from one second to a later one, such as 12.5 to 20.")) from None
    if any(not math.isfinite(start + stop) or start < 0 or stop <= start for start, stop in spans):
        raise AskError(_("A part is from one second to a later one, such as 12.5 to 20."))
    return spans


def _sentence(error: AskError) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."
