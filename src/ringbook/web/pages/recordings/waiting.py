"""Recordings that are of no call yet: what is known of each, and saying which call it is of."""

from __future__ import annotations

import uuid
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from ringbook.desk.governance import audit
from ringbook.desk.people.roles import Right
from ringbook.desk.wiring import ledger, operations
from ringbook.ledger.recordings import Catalogue
from ringbook.model.instant import to_datetime
from ringbook.model.recording import KeptRecording
from ringbook.search import pages
from ringbook.search.errors import SearchError
from ringbook.web.guard import call_or_404, needs
from ringbook.web.pages.recordings.reach import name_of, recording_or_404, sees_waiting
from ringbook.web.pages.recordings.room import room_now
from ringbook.web.pages.recordings.words import why_waiting
from ringbook.web.shapes import shown_many
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking

PAGE = 50
CANDIDATES = 20


@needs(Right.LISTEN, Right.SEE_SOURCES)
@require_GET
def waiting(request: Asking) -> HttpResponse:
    """The list, the last received first."""
    if not sees_waiting(request.viewer):
        raise Http404
    cursor = request.GET.get("after", "")
    catalogue = Catalogue(ledger())
    try:
        page = catalogue.page(request.viewer.scope.whole(), unmatched=True, limit=PAGE, cursor=cursor)
    except ValueError:
        raise Http404 from None
    told = {
        "rows": [(one, name_of(request.viewer, one)) for one in page.items],
        "totals": catalogue.totals(request.viewer.scope.whole()),
        "next": page.cursor,
        "room": room_now(),
        "first": not cursor,
    }
    return render(request, "recordings/waiting.html", told)


@needs(Right.LISTEN, Right.SEE_SOURCES)
@require_GET
def one(request: Asking, recording_id: uuid.UUID) -> HttpResponseBase:
    """A recording without a call: its player, and the calls that it may be of. One that has a call is on its page."""
    recording = recording_or_404(request, recording_id)
    if recording.call:
        return HttpResponseRedirect(f"{reverse('call', args=[recording.call])}#call-recordings")
    query = request.GET.get("q", _likely(recording, request.viewer.zone))
    calls, problem = _found(request, query)
    told = {
        "recording": recording,
        "name": name_of(request.viewer, recording),
        "why": why_waiting(recording.why),
        "query": query,
        "calls": calls,
        "problem": problem,
    }
    return render(request, "recordings/one.html", told)


@needs(Right.LISTEN, Right.SEE_SOURCES, Right.UPLOAD_RECORDINGS)
@require_POST
def join(request: Asking, recording_id: uuid.UUID) -> HttpResponseBase:
    """Say of which call a recording is."""
    recording = recording_or_404(request, recording_id)
    call = call_or_404(request, request.POST.get("call", "")[:36])
    if recording.call:
        raise Http404
    next(operations().run("recordings.join", {"id": recording.id, "call": call.id}))
    audit.record(request.viewer.actor, "recording:joined", f"recording:{recording.id}", call=call.id)
    there = HttpResponseRedirect(f"{reverse('call', args=[call.id])}#call-recordings")
    return toast(request, there, _("The recording is now this call's."))


def _likely(recording: KeptRecording, zone: ZoneInfo) -> str:
    """A question that its call may be an answer to: the day on which it began."""
    began = recording.started_at or recording.received_at
    return f"on:{to_datetime(began).astimezone(zone):%Y-%m-%d}"


def _found(request: Asking, query: str) -> tuple[list[dict[str, Any]], str]:
    viewer = request.viewer
    try:
        page = pages.list_calls(
            ledger(),
            viewer.scope,
            query,
            limit=CANDIDATES,
            zone=viewer.zone_name,
            now=viewer.now,
            me=viewer.handle,
        )
    except SearchError as error:
        return [], str(error)
    return shown_many(viewer, page.items), ""
