"""The list of contacts and one contact with all that happened over its numbers."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse

from ringbook.analyse.contacts import Summary, summary
from ringbook.desk.annotations import reading
from ringbook.desk.directory.models import Company, Contact, ContactChange, ContactState
from ringbook.desk.directory.names import calls_query, search_contacts
from ringbook.desk.governance.audit import record
from ringbook.desk.people.roles import Right
from ringbook.desk.wiring import ledger
from ringbook.search.errors import SearchError
from ringbook.search.pages import list_calls
from ringbook.web.guard import needs
from ringbook.web.pages.contacts.lists import Wanted, listed
from ringbook.web.pages.contacts.numbers import contact_shown, number_shown, text_shown, unmasked
from ringbook.web.pages.contacts.told import told_changes
from ringbook.web.shapes import shown_many
from ringbook.web.viewer import Asking, Viewer

CALLS_A_PAGE = 25
ANNOTATED_CALLS = 50
NOTES = 5


@needs(Right.SEE_CONTACTS)
def contacts(request: Asking) -> HttpResponse:
    """The list, found by part of a name, company, e-mail or number while one types."""
    wanted = wanted_of(request)
    page = listed(request.viewer, wanted)
    more = request.GET.copy()
    more["cursor"] = page.cursor
    told: dict[str, Any] = {
        "wanted": wanted,
        "rows": page.rows,
        "next_url": f"{reverse('contacts')}?{more.urlencode()}" if page.cursor else "",
        "sort": wanted.sort,
    }
    if wanted.cursor and request.headers.get("HX-Request") == "true":
        return render(request, "contacts/_rows.html", told)
    if not page.rows and not wanted.text and not wanted.company:
        told["nobody"] = not Contact.objects.within(request.viewer.scope).exists()
    if wanted.company:
        told["company"] = Company.objects.within(request.viewer.scope).filter(pk=wanted.company).first()
    if request.headers.get("HX-Target") == "contacts-found":
        return render(request, "contacts/_found.html", told)
    return render(request, "contacts/list.html", told)


def wanted_of(request: Asking) -> Wanted:
    """What the address asks for; what it should not say is taken for nothing."""
    asked = request.GET
    company = asked.get("company", "")
    try:
        uuid.UUID(company)
    except ValueError:
        company = ""
    state = asked.get("state", "")
    sort = asked.get("sort", "")
    return Wanted(
        text=asked.get("q", "").replace("\x00", "").strip()[:200],
        company=company,
        state=state if state == ContactState.ARCHIVED.value else ContactState.ACTIVE.value,
        sort=sort if sort in ("name", "-name", "-last") else "name",
        cursor=asked.get("cursor", "")[:2_000],
    )


@needs(Right.SEE_CONTACTS)
def complete(request: Asking) -> HttpResponse:
    """Contacts that fit what was typed so far, for pickers."""
    text = request.GET.get("q", "").replace("\x00", "")[:200]
    fitting = search_contacts(request.viewer.scope, text) if text.strip() else []
    found = [contact_shown(request.viewer, one) for one in fitting]
    options = [
        {
            "id": str(one.pk),
            "value": one.name,
            "label": one.name,
            "hint": one.company.name if one.company else "",
        }
        for one in found
    ]
    return JsonResponse({"start": 0, "end": len(text), "options": options})


@needs(Right.SEE_CONTACTS)
def contact(request: Asking, pk: uuid.UUID) -> HttpResponse:
    """One contact: details, numbers, and the calls over all of them."""
    viewer = request.viewer
    one = contact_or_404(viewer, pk)
    if one.state == ContactState.MERGED and one.merged_into_id:
        return HttpResponseRedirect(reverse("contact", args=[one.merged_into_id]))
    numbers = [line.number for line in one.numbers.all()]
    page = calls_page(viewer, numbers, request.GET.get("cursor", ""), reverse("contact", args=[pk]))
    if request.GET.get("cursor") and request.headers.get("HX-Request") == "true":
        return render(request, "contacts/_calls.html", page)
    record(viewer.actor, "contact:seen", f"contact:{pk}")
    one = contact_shown(viewer, one)
    told = {
        "contact": one,
        "numbers": [
            {
                "number": number_shown(viewer, line.number),
                "label": line.get_label_display(),
                "plain": "" if viewer.scope.masked else line.number,
            }
            for line in one.numbers.all()
        ],
        "summary": counted(viewer, numbers),
        **added_to(viewer, numbers),
        **questions(f"contact:{pk}"),
        "changes": told_changes(viewer, ContactChange.objects.within(viewer.scope).filter(contact=one)[:50]),
        **page,
    }
    return render(request, "contacts/contact.html", told)


def added_to(viewer: Viewer, numbers: list[str]) -> dict[str, Any]:
    """The open tasks and last notes of calls with these numbers, the newest call first."""
    if not numbers:
        return {"tasks": [], "notes": []}
    calls = list_calls(
        ledger(),
        unmasked(viewer.scope),
        f"{calls_query(numbers)} (has:note or has:task)",
        limit=ANNOTATED_CALLS,
        zone=viewer.zone_name,
        now=viewer.now,
    ).items
    found = reading.of_calls(viewer.scope, [call.id for call in calls])
    tasks = [(call.id, task) for call in calls for task in found[call.id].tasks if task.done_at is None]
    notes = [(call.id, note) for call in calls for note in found[call.id].notes]
    return {
        "tasks": [
            {"call": call, "text": text_shown(viewer, task.text), "owner": task.owner, "due_at": task.due_at}
            for call, task in tasks
        ],
        "notes": [
            {"call": call, "text": text_shown(viewer, note.text), "author": note.author, "at": note.at}
            for call, note in notes[:NOTES]
        ],
    }


def questions(whose: str) -> dict[str, str]:
    """The questions behind the counts."""
    return {
        "calls_query": whose,
        "answered_query": f"{whose} outcome:answered",
        "missed_query": f"{whose} direction:inbound outcome:missed,abandoned,voicemail",
    }


def contact_or_404(viewer: Viewer, pk: uuid.UUID) -> Contact:
    """The contact of the viewer's tenant."""
    found: Contact | None = (
        Contact.objects.within(viewer.scope)
        .select_related("company", "owner", "merged_into")
        .prefetch_related("numbers")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise Http404("There is no such contact.")
    return found


def counted(viewer: Viewer, numbers: list[str]) -> Summary | None:
    """The viewer's calls with these numbers, counted; None without numbers."""
    if not numbers:
        return None
    question = calls_query(numbers)
    return summary(ledger(), unmasked(viewer.scope), question, zone=viewer.zone_name, now=viewer.now)


def calls_page(viewer: Viewer, numbers: list[str], cursor: str, url: str) -> dict[str, Any]:
    """A page of the viewer's calls with these numbers, the last first, and where the next one is."""
    if not numbers:
        return {"calls": [], "next_url": ""}
    try:
        page = list_calls(
            ledger(),
            unmasked(viewer.scope),
            calls_query(numbers),
            limit=CALLS_A_PAGE,
            cursor=cursor or None,
            zone=viewer.zone_name,
            now=viewer.now,
        )
    except SearchError:
        return {"calls": [], "next_url": ""}
    more = f"{url}?{urlencode({'cursor': page.next_cursor})}" if page.next_cursor else ""
    return {"calls": shown_many(viewer, page.items), "next_url": more}
