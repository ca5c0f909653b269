"""Settings, audit log."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from ringbook.desk.governance import audit
from ringbook.desk.governance.models import AuditEntry
from ringbook.desk.people.models import Person
from ringbook.desk.people.roles import Role
from ringbook.model.masking import masked
from ringbook.web.pages.audit.asked import Asked
from ringbook.web.pages.audit.subjects import subjects_of
from ringbook.web.pages.audit.words import DETAILS, KINDS, words_of
from ringbook.web.pages.people.forms import ROLE_WORDS
from ringbook.web.viewer import Asking, Viewer

PAGE = 50
FAULTS_SHOWN = 100
_COLUMNS = ("seq", "at", "actor", "actor_name", "action", "subject", "address", "detail", "hash")
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|[0-9a-f]{64}")
ROLE_NAMES = {role.value for role in ROLE_WORDS}


def log(request: Asking) -> HttpResponse:
    """Entries, newest first, fifty at a time."""
    asked = Asked.read(request.GET)
    found = asked.entries(request.viewer.scope, request.viewer.zone)
    before = request.GET.get("before", "")
    if before.isascii() and before.isdecimal() and len(before) < 19:
        found = found.filter(seq__lt=int(before))
    entries = list(found[: PAGE + 1])
    more = entries[PAGE - 1].seq if len(entries) > PAGE else None
    entries = entries[:PAGE]
    told = {
        "asked": asked,
        "rows": _rows(request, entries),
        "next": f"{reverse('settings-audit')}?{asked.address}&before={more}" if more else "",
        "people": _people(request),
        "kinds": [(f"{kind}:", words) for kind, words in KINDS.items()],
        "filtered": bool(asked.address),
        "about": subjects_of(request.viewer, [asked.subject]).get(asked.subject),
    }
    part = bool(request.headers.get("HX-Request") == "true" and before)
    return render(request, "audit/_rows.html" if part else "audit/audit.html", told)


@require_POST
def verify(request: Asking) -> HttpResponse:
    """Whether the whole log is as it was written."""
    faults = list(islice(audit.faults(), FAULTS_SHOWN + 1))
    told = {
        "faults": faults[:FAULTS_SHOWN],
        "more": len(faults) > FAULTS_SHOWN,
        "count": AuditEntry.objects.count(),
    }
    audit.record(request.viewer.actor, "audit:verified", faults=len(faults))
    return render(request, "audit/verified.html", told)


def export(request: Asking) -> StreamingHttpResponse:
    """The entries asked for as CSV, as they are read."""
    asked = Asked.read(request.GET)
    audit.record(request.viewer.actor, "audit:exported", query=asked.address)
    entries = asked.entries(request.viewer.scope, request.viewer.zone).iterator(chunk_size=1_000)
    writer = csv.writer(_Echo())
    lines = (writer.writerow(_plain(request.viewer, audit.told(entry))) for entry in entries)
    answer = StreamingHttpResponse(
        _all(writer.writerow(_COLUMNS), lines), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = 'attachment; filename="audit-log.csv"'
    return answer


class _Echo:
    """Gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def _all(head: str, lines: Iterator[str]) -> Iterator[str]:
    yield head
    yield from lines


def _plain(viewer: Viewer, told: dict[str, Any]) -> list[str]:
    """Cells that no spreadsheet takes for a formula."""
    told["detail"] = json.dumps(_detail(viewer, told["detail"]), ensure_ascii=False) if told["detail"] else ""
    return [
        f"'{text}" if text[:1] in "=+-@\t\r" and text else text for text in (str(told[c]) for c in _COLUMNS)
    ]


def _rows(request: Asking, entries: list[AuditEntry]) -> list[dict[str, Any]]:
    """Entries as the page shows them; what they are about by the name it has now."""
    about = subjects_of(request.viewer, {entry.subject for entry in entries})
    return [
        {
            "entry": entry,
            "words": words_of(entry.action),
            "about": about.get(entry.subject),
            "detail": _particulars(request.viewer, entry),
        }
        for entry in entries
    ]


def _particulars(viewer: Viewer, entry: AuditEntry) -> list[tuple[str, str]]:
    """What else is known, in words. Ids that mean nothing to people are left to the export."""
    told = _detail(viewer, json.loads(entry.detail) if entry.detail else {})
    return [
        (str(DETAILS.get(name, name.replace("_", " "))), _value(name, value))
        for name, value in told.items()
        if value not in ("", None, [], {}) and not (isinstance(value, str) and _ID.fullmatch(value))
    ]


def _detail(viewer: Viewer, told: dict[str, Any]) -> dict[str, Any]:
    """The detail of an entry; for a viewer who sees no whole numbers, without those that were searched for or written."""
    return (
        {name: masked({"said": value})["said"] for name, value in told.items()}
        if viewer.scope.masked
        else told
    )


def _value(name: str, value: Any) -> str:
    if name in ("role", "before", "after") and value in ROLE_NAMES:
        return str(ROLE_WORDS[Role(value)])
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)


def _people(request: Asking) -> list[tuple[str, str]]:
    """Everybody, to choose from."""
    there = Person.objects.filter(tenant=request.viewer.scope.tenant).order_by("name", "email")
    return [(f"person:{one.pk}", str(one)) for one in there]
