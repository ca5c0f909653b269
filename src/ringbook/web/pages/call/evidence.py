"""Where each value of a call came from, down to the records; and who looked at the call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from ringbook.desk.governance import audit
from ringbook.desk.governance.models import AuditEntry
from ringbook.desk.people.roles import Right
from ringbook.desk.wiring import operations
from ringbook.model.masking import keys_hidden
from ringbook.web.guard import call_or_404, needs
from ringbook.web.shapes import shown
from ringbook.web.viewer import Asking, Viewer

LONGEST = 20_000
"""Letters of a record that are shown."""

VIEWS = {
    "events": gettext_lazy("Channel events, the finest record of what happened"),
    "channels": gettext_lazy("Channel records, one for each line with all its times"),
    "segments": gettext_lazy("Call segments that the system itself explains"),
    "paths": gettext_lazy("Call detail records, one for each pair of lines"),
    "queues": gettext_lazy("The queue's own log"),
}
FIELDS = {
    "started_at": gettext_lazy("Began"),
    "answered_at": gettext_lazy("Answered"),
    "ended_at": gettext_lazy("Ended"),
    "direction": gettext_lazy("Direction"),
    "outcome": gettext_lazy("Outcome"),
    "hangup_by": gettext_lazy("Hung up by"),
    "cause": gettext_lazy("Cause"),
    "caller": gettext_lazy("Caller"),
    "called": gettext_lazy("Called"),
    "dialled": gettext_lazy("Dialled"),
    "agents": gettext_lazy("Who talked"),
    "queue": gettext_lazy("Queue"),
    "trunks": gettext_lazy("Trunks"),
    "wait_s": gettext_lazy("Waited"),
    "ring_s": gettext_lazy("Rang"),
    "talk_s": gettext_lazy("Talked"),
    "hold_s": gettext_lazy("On hold"),
    "transfers": gettext_lazy("Transfers"),
    "legs": gettext_lazy("Parties' times"),
    "steps": gettext_lazy("Steps"),
    "recordings": gettext_lazy("Recordings"),
    "quality": gettext_lazy("Quality"),
    "cost": gettext_lazy("Cost"),
    "account": gettext_lazy("Account"),
}
_NAMES = {"caller": "from", "called": "to"}


@needs(Right.SEE_CALLS, Right.SEE_EVIDENCE)
@require_GET
def evidence(request: Asking, call_id: str) -> HttpResponse:
    """For each value of a call the view and the record that decided it, and all its records as they came."""
    call = call_or_404(request, call_id)
    if request.viewer.scope.masked:
        raise PermissionDenied
    audit.record(request.viewer.actor, "call:evidence-seen", f"call:{call.id}")
    answer = next(operations().run("calls.show", {"id": call.id}))
    shape = shown(request.viewer, call)
    context = {
        "call": call,
        "shape": shape,
        "decided": _decided(shape, answer["evidence"]["why"]),
        "removed": answer["evidence"]["removed"],
        "records": [
            {**one, "text": one["text"][:LONGEST], "cut": len(one["text"]) > LONGEST}
            for one in records_for(request.viewer, answer["evidence"]["records"])
        ],
    }
    return render(request, "call/_evidence.html", context)


def records_for(viewer: Viewer, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The records, without the keys that somebody pressed for who does not decide what may be heard: they may be a card's."""
    if viewer.may(Right.MASK_RECORDINGS):
        return records
    return [{**one, "text": keys_hidden(one["text"])} for one in records]


@needs(Right.SEE_CALLS, Right.SEE_EVIDENCE)
@require_GET
def looks(request: Asking, call_id: str) -> HttpResponse:
    """Who looked at the call, how often and when last."""
    call = call_or_404(request, call_id)
    rows = (
        AuditEntry.objects.filter(
            tenant=call.tenant, subject=f"call:{call.id}", action__in=("call:seen", "call:evidence-seen")
        )
        .values("actor", "actor_name")
        .annotate(times=Count("seq"), last=Max("at"))
        .order_by("-last")[:50]
    )
    return render(request, "call/_looks.html", {"looks": rows})


def _decided(shape: Mapping[str, Any], why: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = []
    for field, reason in why.items():
        value = shape.get(_NAMES.get(field, field))
        found.append(
            {
                "label": FIELDS.get(field, field),
                "value": _plain(value),
                "view": VIEWS.get(reason["view"], reason["view"]),
                "record": reason["record"],
            }
        )
    return found


def _plain(value: Any) -> str:
    """A value of the public shape in a few letters."""
    if value is None or value == []:
        return "–"
    if isinstance(value, list):
        return ", ".join(_plain(one) for one in value[:6]) + (" …" if len(value) > 6 else "")
    if isinstance(value, dict):
        parts = [
            str(one)
            for name, one in value.items()
            if one not in (None, "", []) and name not in ("contact", "raw", "frame")
        ]
        return " ".join(parts[:5])
    return f"{value:g} s" if isinstance(value, float) else str(value)
