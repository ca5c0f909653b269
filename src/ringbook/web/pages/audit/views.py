"""Settings, audit log."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from itertools import islice
from typing import Any
from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_POST

from ringbook.desk.governance import audit
from ringbook.desk.governance.models import AuditEntry
from ringbook.desk.people.models import Person
from ringbook.desk.people.roles import Right
from ringbook.web.pages.audit.asked import Asked
from ringbook.web.pages.audit.words import KINDS, words_of
from ringbook.web.viewer import Asking

PAGE = 50
FAULTS_SHOWN = 100
_COLUMNS = ("seq", "at", "actor", "actor_name", "action", "subject", "address", "detail", "hash")


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
    lines = (writer.writerow(_plain(audit.told(entry))) for entry in entries)
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


def _plain(told: dict[str, Any]) -> list[str]:
    """Cells that no spreadsheet takes for a formula."""
    told["detail"] = json.dumps(told["detail"], ensure_ascii=False) if told["detail"] else ""
    return [
        f"'{text}" if text[:1] in "=+-@\t\r" and text else text for text in (str(told[c]) for c in _COLUMNS)
    ]


def _rows(request: Asking, entries: list[AuditEntry]) -> list[dict[str, Any]]:
    """Entries as the page shows them; people by the name they have now."""
    keys = {key for entry in entries if (key := _person_key(entry.subject))}
    names = {f"person:{one.pk}": str(one) for one in Person.objects.filter(pk__in=keys)}
    return [
        {
            "entry": entry,
            "words": words_of(entry.action),
            "subject": names.get(entry.subject, entry.subject),
            "url": _url(request, entry.subject),
            "detail": _particulars(entry),
        }
        for entry in entries
    ]


def _particulars(entry: AuditEntry) -> list[tuple[str, str]]:
    told = json.loads(entry.detail) if entry.detail else {}
    return [
        (name.replace("_", " "), ", ".join(map(str, value)) if isinstance(value, list) else str(value))
        for name, value in told.items()
    ]


def _people(request: Asking) -> list[tuple[str, str]]:
    """Everybody, to choose from."""
    there = Person.objects.filter(tenant=request.viewer.scope.tenant).order_by("name", "email")
    return [(f"person:{one.pk}", str(one)) for one in there]


def _url(request: Asking, subject: str) -> str:
    """The page of what an entry is about, if the viewer may open it."""
    kind, _, key = subject.partition(":")
    pages = {"call": "call", "contact": "contact", "company": "company"}
    if request.viewer.may(Right.MANAGE_PEOPLE):
        pages |= {"person": "person", "team": "team"}
    try:
        return reverse(pages[kind], args=[key]) if key else ""
    except (KeyError, NoReverseMatch):
        return ""


def _person_key(subject: str) -> UUID | None:
    kind, _, key = subject.partition(":")
    try:
        return UUID(key) if kind == "person" else None
    except ValueError:
        return None
