"""Steps, counts and reports of requests in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ringbook.desk.requests.models import PersonRequest, RequestKind, RequestState

TONES = {
    RequestState.DRAFT: "quiet",
    RequestState.WAITING: "warn",
    RequestState.DECLINED: "quiet",
    RequestState.WITHDRAWN: "quiet",
    RequestState.RUNNING: "info",
    RequestState.HELD: "warn",
    RequestState.DONE: "good",
}
ICONS = {
    RequestState.DRAFT: "pencil",
    RequestState.WAITING: "hourglass",
    RequestState.DECLINED: "ban",
    RequestState.WITHDRAWN: "undo-2",
    RequestState.RUNNING: "rotate-cw",
    RequestState.HELD: "lock",
    RequestState.DONE: "check",
}
ROWS = {
    "calls": gettext_lazy("Calls"),
    "records": gettext_lazy("Raw records"),
    "recordings": gettext_lazy("Recordings"),
    "note": gettext_lazy("Notes"),
    "noteversion": gettext_lazy("Versions of notes"),
    "calltag": gettext_lazy("Tags on calls"),
    "calloutcome": gettext_lazy("Outcome codes of calls"),
    "task": gettext_lazy("Tasks"),
    "fieldvalue": gettext_lazy("Fields of calls"),
    "change": gettext_lazy("Entries in the history of calls"),
    "loggedcall": gettext_lazy("Calls logged by hand"),
    "contact": gettext_lazy("Contacts"),
    "contactnumber": gettext_lazy("Numbers of contacts"),
    "contactchange": gettext_lazy("Entries in the history of contacts"),
    "company": gettext_lazy("Companies that mention the person"),
    "callback": gettext_lazy("Call-backs"),
    "savedview": gettext_lazy("Saved views"),
    "job": gettext_lazy("Jobs in the background"),
    "files": gettext_lazy("Files that people had made"),
    "uploads": gettext_lazy("Uploaded files"),
    "file": gettext_lazy("Files that people had made"),
    "audit-detail": gettext_lazy("Details in the audit log"),
    "personrequest": gettext_lazy("Other requests that name the person"),
}
"""What is counted, in words; anything else is shown by its name."""

_ORDER = {RequestState.DRAFT: 0, RequestState.WAITING: 3, RequestState.RUNNING: 4, RequestState.HELD: 4}


def steps(row: PersonRequest) -> list[dict[str, Any]]:
    """The steps of a request: those that are done, and the one that it is at."""
    erasing = row.kind == RequestKind.ERASURE
    names = [
        _("Who it is"),
        _("What there is"),
        _("Submit"),
        _("Second person"),
        _("Erase") if erasing else _("Put together"),
        _("Proof") if erasing else _("Hand over"),
    ]
    state = RequestState(row.state)
    at = _ORDER.get(state, 5 if state == RequestState.DONE else 3)
    if state == RequestState.DRAFT and row.identifiers:
        at = 1
    over = state == RequestState.DONE
    return [
        {"name": name, "done": number < at or over, "current": number == at and not over}
        for number, name in enumerate(names)
    ]


def preview_told(told: Mapping[str, Any]) -> dict[str, Any]:
    """The counts of a preview with their words, the largest first; what there is none of is left out."""
    rows = [(ROWS.get(name, name), count) for name, count in dict(told.get("rows", {})).items() if count]
    return {**told, "rows": sorted(rows, key=lambda one: (-one[1], str(one[0])))}


def report_told(report: Mapping[str, Any]) -> dict[str, Any]:
    """A report with its words."""
    rows = [(ROWS.get(name, name), count) for name, count in dict(report.get("counts", {})).items() if count]
    return {**report, "rows": sorted(rows, key=lambda one: (-one[1], str(one[0])))}
