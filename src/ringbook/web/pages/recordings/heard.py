"""Who heard the recordings of a call, which part of them, and who took them away."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from ringbook.desk.governance.models import AuditEntry
from ringbook.desk.people.roles import Right
from ringbook.desk.wiring import ledger
from ringbook.ledger.recordings import Catalogue
from ringbook.web.guard import call_or_404, needs
from ringbook.web.viewer import Asking

ACTIONS = ("recording:opened", "recording:heard", "recording:downloaded")
MOST = 200
SHOWN = 20


class Listening(msgspec.Struct):
    """What one person did with the recordings of a call: the parts heard (seconds), and the forms downloaded."""

    name: str
    last: Any
    spans: list[tuple[float, float]] = []
    downloads: list[str] = []


@needs(Right.SEE_CALLS, Right.SEE_EVIDENCE)
@require_GET
def listeners(request: Asking, call_id: str) -> HttpResponse:
    """Everybody who listened, the last one first."""
    call = call_or_404(request, call_id)
    kept = Catalogue(ledger()).of_calls(request.viewer.scope.whole(), [call.id]).get(call.id, [])
    rows = AuditEntry.objects.filter(
        tenant=call.tenant, subject__in=[f"recording:{one.id}" for one in kept], action__in=ACTIONS
    ).order_by("-seq")[:MOST]
    people: dict[str, Listening] = {}
    for row in rows:
        one = people.setdefault(row.actor, Listening(row.actor_name or row.actor, row.at))
        told = json.loads(row.detail) if row.detail else {}
        one.spans += [(span[0], span[1]) for span in told.get("spans", ())]
        one.downloads += [told["form"]] if "form" in told else []
    for one in people.values():
        one.spans = merged(one.spans)
        one.downloads = sorted(set(one.downloads))
    return render(request, "recordings/_listeners.html", {"people": list(people.values())[:SHOWN]})


def merged(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The spans in order, those that touch made one."""
    found: list[tuple[float, float]] = []
    for start, stop in sorted(spans):
        if found and start <= found[-1][1] + 0.5:
            found[-1] = (found[-1][0], max(stop, found[-1][1]))
        else:
            found.append((start, stop))
    return found
