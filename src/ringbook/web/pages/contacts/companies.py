"""Companies: who belongs to each, and the calls over all of their numbers."""

from __future__ import annotations

import uuid

from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Q
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ringbook.desk.directory.drafts import cleaned, haystack, state_of
from ringbook.desk.directory.models import Company, Contact, ContactNumber, ContactState
from ringbook.desk.directory.sync import queue
from ringbook.desk.governance.audit import record
from ringbook.desk.people.roles import Right
from ringbook.web.guard import needs
from ringbook.web.pages.contacts.forms import CompanyForm
from ringbook.web.pages.contacts.lists import Wanted, listed
from ringbook.web.pages.contacts.views import calls_page, counted, questions
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking, Viewer

MOST_NUMBERS = 500
"""Numbers over which a company's calls are told together: of more, those of the contacts that come first by name."""


@needs(Right.SEE_CONTACTS)
def companies(request: Asking) -> HttpResponse:
    """All companies by name, with how many contacts each has."""
    text = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    active = Count("contacts", filter=Q(contacts__state=ContactState.ACTIVE))
    found = Company.objects.within(request.viewer.scope).annotate(people=active).order_by("sort_name", "id")
    for word in text.casefold().split()[:8]:
        found = found.filter(sort_name__contains=word)
    page = Paginator(found, 100).get_page(request.GET.get("page"))
    told = {"page": page, "q": text}
    part = request.headers.get("HX-Target") == "companies-found"
    return render(request, "contacts/_companies.html" if part else "contacts/companies.html", told)


@needs(Right.SEE_CONTACTS)
def company(request: Asking, pk: uuid.UUID) -> HttpResponse:
    """One company: its people, and the calls with all of them."""
    viewer = request.viewer
    one = _company_or_404(viewer, pk)
    own = ContactNumber.objects.within(viewer.scope).filter(contact__company=one)
    numbers = list(own.order_by("contact__sort_name").values_list("number", flat=True)[:MOST_NUMBERS])
    page = calls_page(viewer, numbers, request.GET.get("cursor", ""), reverse("company", args=[pk]))
    if request.GET.get("cursor") and request.headers.get("HX-Request") == "true":
        return render(request, "contacts/_calls.html", page)
    record(viewer.actor, "company:seen", f"company:{pk}")
    told = {
        "company": one,
        "people": listed(viewer, Wanted(company=str(pk))),
        "summary": counted(viewer, numbers),
        **questions(f"company:{quoted(one.name)}"),
        **page,
    }
    return render(request, "contacts/company.html", told)


@needs(Right.EDIT_CONTACTS)
@require_http_methods(["GET", "POST"])
def edit_company(request: Asking, pk: uuid.UUID) -> HttpResponse:
    """Changing a company."""
    viewer = request.viewer
    one = _company_or_404(viewer, pk)
    version = one.version
    form = CompanyForm(request.POST or None, instance=one)
    stale = request.method == "POST" and request.POST.get("version") != str(version)
    if request.method == "POST" and not stale and form.is_valid():
        _save(viewer, form.save(commit=False))
        return toast(request, HttpResponseRedirect(reverse("company", args=[pk])), _("Saved."))
    told = {"form": form, "company": _company_or_404(viewer, pk), "version": version, "stale": stale}
    return render(request, "contacts/company_edit.html", told, status=409 if stale else 200)


def quoted(text: str) -> str:
    """The text as a value of the query language."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@transaction.atomic
def _save(viewer: Viewer, one: Company) -> None:
    one.name = cleaned(one.name)
    one.sort_name = one.name.casefold()[:200]
    one.version += 1
    one.save()
    for contact in Contact.objects.filter(company=one).select_related("company").prefetch_related("numbers"):
        Contact.objects.filter(pk=contact.pk).update(haystack=haystack(state_of(contact)))
    queue(one.tenant, ContactNumber.objects.filter(contact__company=one).values_list("number", flat=True))
    record(viewer.actor, "company:changed", f"company:{one.pk}")


def _company_or_404(viewer: Viewer, pk: uuid.UUID) -> Company:
    found: Company | None = Company.objects.within(viewer.scope).filter(pk=pk).first()
    if found is None:
        raise Http404("There is no such company.")
    return found
