"""Adding, changing, merging, putting away and deleting contacts."""

from __future__ import annotations

import contextlib
import uuid
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ringbook.desk.directory import edit
from ringbook.desk.directory.drafts import NumberDraft, state_of
from ringbook.desk.directory.errors import DirectoryError, DraftError, NumberTakenError, StaleError
from ringbook.desk.directory.models import Contact, ContactChange, NumberLabel
from ringbook.desk.directory.names import contact_of, search_contacts
from ringbook.desk.people.roles import Right
from ringbook.web.guard import needs
from ringbook.web.pages.contacts.forms import ContactForm, number_rows, typed_numbers
from ringbook.web.pages.contacts.numbers import contact_shown
from ringbook.web.pages.contacts.told import differences
from ringbook.web.pages.contacts.views import contact_or_404
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking


@needs(Right.EDIT_CONTACTS)
@require_http_methods(["GET", "POST"])
def new(request: Asking) -> HttpResponse:
    """A new contact; ``?number=`` and ``?name=`` come from a call that is to be named."""
    viewer = request.viewer
    if request.method == "POST":
        return _add(request)
    number = request.GET.get("number", "")[:80]
    known = contact_of(viewer.scope, number) if number else None
    if known:
        return _go(request, reverse("contact", args=[known.pk]))
    form = ContactForm(viewer=viewer, initial={"name": request.GET.get("name", "")[:200]})
    return _form(request, form, (NumberDraft(number, "other"),) if number else ())


def _add(request: Asking) -> HttpResponse:
    form = ContactForm(request.POST, viewer=request.viewer)
    numbers = typed_numbers(request)
    attach = request.POST.get("attach", "")
    if not form.is_valid() and not attach:
        return _form(request, form, numbers)
    try:
        if attach:
            one = _attach(request, attach, numbers)
        else:
            one = edit.add_contact(
                request.viewer.actor, form.draft(numbers), move=bool(request.POST.get("move"))
            )
    except (DraftError, NumberTakenError, DirectoryError) as problem:
        return _form(request, form, numbers, problem=problem)
    text = _("Calls with these numbers are %(name)s’s now, also those of the past.") % {"name": one.name}
    return toast(request, _go(request, _after(request, one)), text)


def _attach(request: Asking, to: str, numbers: tuple[NumberDraft, ...]) -> Contact:
    """The contact that somebody chose to give the number to, instead of a new one."""
    try:
        one = contact_or_404(request.viewer, uuid.UUID(to))
    except ValueError:
        raise DirectoryError(_("Choose a contact from the list.")) from None
    for number in numbers:
        if number.raw.strip():
            one = edit.add_number(
                request.viewer.actor, one.pk, number.raw, number.label, move=bool(request.POST.get("move"))
            )
    return one


def _after(request: Asking, one: Contact) -> str:
    back = request.POST.get("next", "")
    here = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return back if here else reverse("contact", args=[one.pk])


@needs(Right.EDIT_CONTACTS)
@require_http_methods(["GET", "POST"])
def edit_contact(request: Asking, pk: uuid.UUID) -> HttpResponse:
    """Changing a contact; who is late is shown both texts and loses nothing."""
    viewer = request.viewer
    one = contact_or_404(viewer, pk)
    now = state_of(one)
    if request.method != "POST":
        form = ContactForm(viewer=viewer, now=now)
        return _form(request, form, tuple(NumberDraft(line.raw, line.label) for line in now.lines), one)
    form = ContactForm(request.POST, viewer=viewer, now=now)
    numbers = typed_numbers(request)
    if not form.is_valid():
        return _form(request, form, numbers, one)
    # Whoever sees no whole number cannot send the contact's numbers back: they stay as they are.
    draft = form.draft(None if viewer.scope.masked else numbers)
    try:
        version = int(request.POST.get("version", "0"))
    except ValueError:
        version = 0
    try:
        one = edit.change_contact(viewer.actor, pk, version, draft, move=bool(request.POST.get("move")))
    except StaleError as stale:
        was = {**now.plain()}
        mine = {**was, **_plain(draft, was)}
        return _form(
            request,
            form,
            numbers,
            one,
            problem=stale,
            conflicts=differences(viewer, was, mine),
            version=stale.version,
        )
    except (DraftError, NumberTakenError, DirectoryError) as problem:
        return _form(request, form, numbers, one, problem=problem, version=version)
    return toast(request, _go(request, reverse("contact", args=[pk])), _("Saved."), undo=_undo_of(one))


def _plain(draft: Any, was: dict[str, Any]) -> dict[str, Any]:
    """What was typed, in the form in which the contact's own state is compared."""
    told: dict[str, Any] = {name: getattr(draft, name) for name in ("name", "company", "title", "note")}
    told |= {"emails": list(draft.emails), "labels": list(draft.labels)}
    if draft.numbers is not None:
        known = {line["raw"]: line["number"] for line in was["lines"]}
        told["lines"] = [{"number": known.get(one.raw, one.raw)} for one in draft.numbers if one.raw.strip()]
    return told


def _undo_of(one: Contact) -> str:
    change = ContactChange.objects.filter(contact=one).order_by("-at").first()
    return reverse("contact-undo", args=[change.pk]) if change and change.before else ""


@needs(Right.EDIT_CONTACTS)
@require_http_methods(["GET", "POST"])
def merge_contact(request: Asking, pk: uuid.UUID) -> HttpResponse:
    """Merging another contact into this one: first which, then what becomes of both, then it is done."""
    viewer = request.viewer
    one = contact_or_404(viewer, pk)
    other = None
    with contextlib.suppress(ValueError):
        other = contact_or_404(viewer, uuid.UUID(request.POST.get("other") or request.GET.get("other") or ""))
    text = request.GET.get("q", "").replace("\x00", "")[:200]
    told: dict[str, Any] = {"contact": one, "other": other, "q": text}
    if request.method == "POST" and other:
        try:
            change = edit.merge(viewer.actor, one.pk, other.pk)
        except DirectoryError as problem:
            return render(request, "contacts/merge.html", {**told, "problem": str(problem)}, status=409)
        answer = _go(request, reverse("contact", args=[pk]))
        said = _("%(other)s was merged into %(name)s.") % {"other": other.name, "name": one.name}
        return toast(request, answer, said, undo=reverse("contact-undo", args=[change.pk]))
    if other:
        told["differences"] = differences(
            viewer, state_of(one).plain(), edit.merged_state(state_of(one), state_of(other)).plain()
        )
    else:
        found = search_contacts(viewer.scope, text or one.name.split(" ")[-1], 12)
        told["found"] = [each for each in found if each.pk != one.pk]
    return render(request, "contacts/merge.html", told)


@needs(Right.EDIT_CONTACTS)
@require_POST
def archive(request: Asking, pk: uuid.UUID) -> HttpResponse:
    """Put a contact away, or take it out again."""
    one = contact_or_404(request.viewer, pk)
    away = request.POST.get("archived") != "0"
    answer = _go(request, reverse("contact", args=[pk]))
    try:
        change = edit.set_archived(request.viewer.actor, pk, archived=away)
    except DirectoryError as problem:
        return toast(request, answer, str(problem), tone="bad")
    text = _("%(name)s was archived.") if away else _("%(name)s was restored.")
    return toast(request, answer, text % {"name": one.name}, undo=reverse("contact-undo", args=[change.pk]))


@needs(Right.EDIT_CONTACTS)
@require_POST
def delete(request: Asking, pk: uuid.UUID) -> HttpResponse:
    """Delete a contact for good; the page has its name typed first."""
    one = contact_or_404(request.viewer, pk)
    edit.delete(request.viewer.actor, pk)
    return toast(request, _go(request, reverse("contacts")), _("%(name)s was deleted.") % {"name": one.name})


@needs(Right.EDIT_CONTACTS)
@require_POST
def undo_change(request: Asking, pk: uuid.UUID) -> HttpResponse:
    """Put back what a change did."""
    change = ContactChange.objects.within(request.viewer.scope).filter(pk=pk).first()
    place = reverse("contact", args=[change.contact_id]) if change else reverse("contacts")
    try:
        one = edit.undo(request.viewer.actor, pk)
    except DirectoryError as problem:
        return toast(request, _go(request, place), str(problem), tone="bad")
    return toast(request, _go(request, place if one else reverse("contacts")), _("Undone."))


def _form(
    request: Asking,
    form: ContactForm,
    numbers: tuple[NumberDraft, ...],
    one: Contact | None = None,
    *,
    problem: DirectoryError | None = None,
    conflicts: list[dict[str, str]] | None = None,
    version: int = 0,
) -> HttpResponse:
    told: dict[str, Any] = {
        "form": form,
        "contact": contact_shown(request.viewer, one) if one else None,
        "version": version or (one.version if one else 0),
        "numbers": number_rows(numbers),
        "labels": [{"value": value, "label": label} for value, label in NumberLabel.choices],
        "numbers_hidden": request.viewer.scope.masked and one is not None,
        "conflicts": conflicts,
        "next": request.POST.get("next") or request.GET.get("next", ""),
        "naming": bool(request.GET.get("number")) and one is None,
    }
    status = 200
    if isinstance(problem, DraftError):
        told["number_problem"] = problem.fields.get("numbers", "")
        for field, text in problem.fields.items():
            form.add_error(field if field in form.fields else None, text)
        status = 422
    elif isinstance(problem, NumberTakenError):
        told["taken"] = problem
        status = 409
    elif problem is not None:
        told["problem"] = str(problem)
        status = 409
    elif form.is_bound:
        status = 422
    dialog = request.headers.get("HX-Target") == "dialog-slot"
    response = render(request, "contacts/_dialog.html" if dialog else "contacts/edit.html", told)
    # htmx shows only answers that say all is well.
    response.status_code = 200 if request.headers.get("HX-Request") == "true" else status
    return response


def _go(request: Asking, place: str) -> HttpResponse:
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=200, headers={"HX-Redirect": place})
    return HttpResponseRedirect(place)
