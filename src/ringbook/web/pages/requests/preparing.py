"""Preparing a request: who asks, who that is in what is kept, what it comes to, and submitting it."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import msgspec
from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ringbook.desk.directory.models import Contact
from ringbook.desk.people.roles import Right
from ringbook.desk.requests import finding, flow, previewing
from ringbook.desk.requests.models import PersonRequest, RequestKind, RequestState
from ringbook.desk.requests.written import of
from ringbook.model.errors import AskError
from ringbook.web.guard import needs
from ringbook.web.pages.requests import words
from ringbook.web.pages.requests.views import page, request_or_404
from ringbook.web.viewer import Asking


class RequestForm(forms.Form):
    """Who asks for what, and since when."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What they ask for"),
        choices=RequestKind.choices,
        widget=forms.RadioSelect,
        initial=RequestKind.ERASURE,
    )
    subject = forms.CharField(
        label=gettext_lazy("Who asks"),
        max_length=200,
        help_text=gettext_lazy(
            "A name, a number or an address. It is removed with the rest when the person is erased."
        ),
    )
    received_on = forms.DateField(
        label=gettext_lazy("Received on"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    due_on = forms.DateField(
        label=gettext_lazy("To be answered by"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("The law gives a month as a rule."),
    )

    def clean(self) -> dict[str, object]:
        """The dates in their order."""
        told: dict[str, object] = super().clean() or {}
        received, due = told.get("received_on"), told.get("due_on")
        if isinstance(received, date) and received > timezone.localdate():
            self.add_error("received_on", _("That day is yet to come."))
        if isinstance(received, date) and isinstance(due, date) and due < received:
            self.add_error("due_on", _("That is before it was received."))
        return told


@require_http_methods(["GET", "POST"])
@needs(Right.HANDLE_REQUESTS)
def new(request: Asking) -> HttpResponse:
    """The form for a new request; once it is sent, its page."""
    today = timezone.localdate()
    initial = {
        "received_on": today,
        "due_on": today + timedelta(days=30),
        "subject": request.GET.get("who", ""),
    }
    form = RequestForm(request.POST or None, initial=initial)
    if request.method == "GET" or not form.is_valid():
        return render(request, "requests/new.html", {"form": form}, status=422 if request.POST else 200)
    told, viewer = form.cleaned_data, request.viewer
    row = flow.begin(
        viewer.actor,
        viewer.scope,
        viewer.person,
        kind=RequestKind(told["kind"]),
        subject=told["subject"],
        received_on=told["received_on"],
        due_on=told["due_on"],
    )
    return HttpResponseRedirect(reverse("request", args=[row.pk]))


@require_GET
@needs(Right.HANDLE_REQUESTS)
def find(request: Asking, request_id: uuid.UUID) -> HttpResponse:
    """What may be the person's, by what was typed."""
    row = request_or_404(request, request_id)
    asked = request.GET.get("q", "").strip()[:200]
    known = msgspec.to_builtins(of(row.identifiers))
    found = [
        (one, one.text in known.get(one.kind, ())) for one in finding.candidates(request.viewer.scope, asked)
    ]
    if request.headers.get("HX-Request") == "true":
        return render(request, "requests/_candidates.html", {"row": row, "asked": asked, "found": found})
    return page(request, row, asked=asked, found=found)


@require_POST
@needs(Right.HANDLE_REQUESTS)
def add(request: Asking, request_id: uuid.UUID) -> HttpResponse:
    """The request with the candidates that were ticked."""
    row = request_or_404(request, request_id)
    chosen = [
        (kind, text) for kind, _sep, text in (one.partition(":") for one in request.POST.getlist("candidate"))
    ]
    contacts = [text for kind, text in chosen if kind == "contacts"]
    there = Contact.objects.within(request.viewer.scope).filter(pk__in=filter(_is_id, contacts))
    known = {str(one.pk) for one in there}
    chosen = [(kind, text[:200]) for kind, text in chosen if kind != "contacts" or text in known]
    try:
        flow.identify(row, chosen)
    except AskError as error:
        return page(request, row, 409, problem=str(error))
    return HttpResponseRedirect(reverse("request", args=[row.pk]))


@require_POST
@needs(Right.HANDLE_REQUESTS)
def take_off(request: Asking, request_id: uuid.UUID) -> HttpResponse:
    """The request without one of the person's numbers, names, addresses or contacts."""
    row = request_or_404(request, request_id)
    try:
        flow.forget(row, request.POST.get("kind", ""), request.POST.get("text", ""))
    except AskError as error:
        return page(request, row, 409, problem=str(error))
    return HttpResponseRedirect(reverse("request", args=[row.pk]))


@require_POST
@needs(Right.HANDLE_REQUESTS)
def names(request: Asking, request_id: uuid.UUID) -> HttpResponse:
    """Whether calls that carry only a name are the person's."""
    row = request_or_404(request, request_id)
    try:
        flow.count_names(row, by_name=request.POST.get("by_name") == "on")
    except AskError as error:
        return page(request, row, 409, problem=str(error))
    return HttpResponseRedirect(reverse("request", args=[row.pk]))


@require_GET
@needs(Right.HANDLE_REQUESTS)
def shown_preview(request: Asking, request_id: uuid.UUID) -> HttpResponse:
    """What the request comes to now."""
    row = request_or_404(request, request_id)
    told = _preview(row, request) if of(row.identifiers) else None
    return render(request, "requests/_preview.html", {"row": row, "told": told, "now": True})


@require_POST
@needs(Right.HANDLE_REQUESTS)
def submit(request: Asking, request_id: uuid.UUID) -> HttpResponse:
    """The request as it waits for a second person."""
    row, viewer = request_or_404(request, request_id), request.viewer
    try:
        if row.state != RequestState.DRAFT:
            flow.identify(row, [])  # says why not
        told = msgspec.to_builtins(previewing.preview(row, viewer.scope)) if of(row.identifiers) else {}
        basis, reason = request.POST.get("basis", ""), request.POST.get("reason", "")
        flow.submit(viewer.actor, row, viewer.person, basis=basis, reason=reason, preview=told)
    except AskError as error:
        return page(request, row, 422, problem=str(error), reason=request.POST.get("reason", ""))
    return HttpResponseRedirect(reverse("request", args=[row.pk]))


def _preview(row: PersonRequest, request: Asking) -> dict[str, object]:
    return words.preview_told(msgspec.to_builtins(previewing.preview(row, request.viewer.scope)))


def _is_id(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
