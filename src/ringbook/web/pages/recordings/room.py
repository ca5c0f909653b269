"""How much room there is for recordings, and discarding one that is of no call."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import Http404, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from ringbook.desk.governance import audit
from ringbook.desk.people.roles import Right
from ringbook.desk.wiring import operations
from ringbook.model.errors import AskError
from ringbook.web.guard import needs
from ringbook.web.pages.recordings.reach import recording_or_404, sees_waiting
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking

GIB = 1 << 30
BAR = 100
"""The height of the tallest bar."""

WORD = "discard"
"""What has to be typed before a recording is destroyed."""


@needs(Right.LISTEN, Right.SEE_SOURCES)
@require_GET
def room(request: Asking) -> HttpResponseBase:
    """The page."""
    if not sees_waiting(request.viewer):
        raise Http404
    told = room_now()
    return render(request, "recordings/room.html", {"room": told, "bars": _bars(told["days"])})


@needs(Right.LISTEN, Right.SEE_SOURCES, Right.MANAGE_RETENTION)
@require_POST
def discard(request: Asking, recording_id: uuid.UUID) -> HttpResponseBase:
    """The list without a recording that nobody will ask for; its audio and its key are gone."""
    viewer = request.viewer
    recording = recording_or_404(request, recording_id)
    back = HttpResponseRedirect(reverse("recording", args=[recording.id]))
    reason = request.POST.get("reason", "").strip()[:200]
    if request.POST.get("word", "").strip().lower() != WORD:
        return toast(request, back, _("Nothing was discarded: the word was not typed."), tone="bad")
    if not reason:
        return toast(request, back, _("Say why it is discarded."), tone="bad")
    who = str(viewer.person.pk) if viewer.person else viewer.actor.id
    try:
        next(operations().run("recordings.discard", {"id": recording.id, "by": who, "reason": reason}))
    except AskError as error:
        return toast(request, back, str(error), tone="bad")
    audit.record(viewer.actor, "recording:discarded", f"recording:{recording.id}")
    there = HttpResponseRedirect(reverse("recordings"))
    return toast(request, there, _("The recording is destroyed."))


def room_now() -> dict[str, Any]:
    """How much room there is, with what people read of it."""
    told = next(operations().run("recordings.room", {}))
    days = told["days_left"]
    return {**told, "whole_days": None if days is None else int(days), "percent": _percent(told["share"])}


def _percent(share: float | None) -> int | None:
    return None if share is None else min(100, int(share * 100))


def _bars(days: list[dict[str, int]]) -> list[dict[str, Any]]:
    """Each of the last thirty days: where its bar stands, and how tall it is."""
    by_day = {one["day"]: one for one in days}
    today = int(datetime.now(UTC).timestamp()) // 86_400
    most = max((one["bytes"] for one in days), default=0) or 1
    bars = []
    for at, day in enumerate(range(today - 29, today + 1)):
        one = by_day.get(day, {"bytes": 0, "recordings": 0})
        tall = round(BAR * one["bytes"] / most, 1)
        date = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)).date()
        bars.append(
            {
                "x": at * 10,
                "y": BAR - tall,
                "tall": tall,
                "date": date,
                **{k: one[k] for k in ("bytes", "recordings")},
            }
        )
    return bars
