"""Settings, people. Every rule of who may do what to whom is in ``desk.people.staff``; these show and ask."""

from __future__ import annotations

import uuid
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ringbook.desk.people import addresses, mail, staff
from ringbook.desk.people.addresses import AddressError
from ringbook.desk.people.models import Person
from ringbook.desk.people.roles import PERSONAL, Role
from ringbook.desk.people.staff import By, RefusedError, StaleError
from ringbook.web.pages.people.forms import ROLE_WORDS, InviteForm, PersonForm, with_version
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking


def by(request: Asking) -> By:
    """The viewer as somebody who changes people."""
    return By(request.viewer.actor, request.viewer.role)


def people(request: Asking) -> HttpResponse:
    """Everybody."""
    role, words, state = (request.GET.get(name, "") for name in ("role", "q", "state"))
    found = Person.objects.filter(tenant=request.viewer.scope.tenant).prefetch_related(
        "seats", "teams", "leads_teams"
    )
    if role in list(PERSONAL):
        found = found.filter(role=role)
    if state in ("on", "off"):
        found = found.filter(is_active=state == "on")
    protected = set(Authenticator.objects.values_list("user_id", flat=True))
    rows = [
        {
            "person": one,
            "role": ROLE_WORDS[Role(one.role)],
            "seats": _seats(one),
            "protected": one.pk in protected,
        }
        for one in found.order_by("-is_active", "name", "email")
        if words.lower() in f"{one.name} {one.email} {one.handle}".lower()
    ]
    told = {
        "rows": rows,
        "filter": {"role": role, "q": words, "state": state},
        "roles": [(each.value, ROLE_WORDS[each]) for each in PERSONAL],
        "filtered": bool(role or words or state),
    }
    return render(request, "people/people.html", told)


def invite(request: Asking) -> HttpResponseBase:
    """Adding somebody, and the link that they come in with."""
    form = InviteForm(request.POST or None, roles=staff.roles_to_give(by(request)))
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            person = staff.add(
                by(request),
                email=asked["email"],
                name=asked["name"],
                role=Role(asked["role"]),
                extensions=[asked["extension"]] if asked["extension"] else [],
            )
        except RefusedError as error:
            form.add_error("email", str(error))
        else:
            return _show_link(request, person)
    return render(
        request, "people/invite.html", {"form": form}, status=422 if request.method == "POST" else 200
    )


@require_POST
def new_link(request: Asking, person_id: uuid.UUID) -> HttpResponseBase:
    """Another link to choose a password; earlier ones end."""
    person = _person(request, person_id)
    try:
        return _show_link(request, person)
    except RefusedError as error:
        return toast(request, redirect("person", person.pk), str(error), tone="bad")


def person(request: Asking, person_id: uuid.UUID) -> HttpResponseBase:
    """One of them: name, role, seats, teams; and what is saved of it."""
    found = _person(request, person_id)
    may = staff.may_touch(by(request), found)
    roles = staff.roles_to_give(by(request)) if may else PERSONAL
    initial = {"version": found.version, "name": found.name, "role": found.role, "email": found.email}
    own = found == request.viewer.person
    form = PersonForm(request.POST or None, roles=roles, own=own, initial=initial)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            _change(by(request), found, asked)
        except StaleError:
            found.refresh_from_db()
            _say_stale(form, request.POST, found)
        except RefusedError as error:
            form.add_error("email" if isinstance(error, AddressError) else "role", str(error))
        else:
            return toast(request, redirect("person", found.pk), _("Saved."))
    factor = Authenticator.objects.filter(user_id=found.pk).exists()
    told = {
        "person": found,
        "form": form,
        "may": may,
        "factor": factor,
        "seats": found.seats.all(),
        "role": ROLE_WORDS[Role(found.role)],
    }
    return render(request, "people/person.html", told, status=422 if request.method == "POST" else 200)


def _change(who: By, found: Person, asked: dict[str, Any]) -> None:
    """All that was asked, or nothing of it."""
    with transaction.atomic():
        staff.change(who, found, asked["version"], name=asked["name"], role=Role(asked["role"]))
        if asked["email"].strip().lower() != found.email:
            addresses.change(who.actor, found, asked["email"], via="administrator")


@require_POST
def switch(request: Asking, person_id: uuid.UUID, to: str) -> HttpResponseBase:
    """Switch somebody off or on; the message offers to take it back."""
    if to not in ("off", "on"):
        raise Http404
    found = _person(request, person_id)
    try:
        (staff.disable if to == "off" else staff.enable)(by(request), found)
    except RefusedError as error:
        return toast(request, redirect("person", found.pk), str(error), tone="bad")
    words = _("%(name)s is switched off.") if to == "off" else _("%(name)s is switched on.")
    undo = reverse("person-switch", args=[found.pk, "on" if to == "off" else "off"])
    return toast(request, redirect("person", found.pk), words % {"name": found}, undo=undo)


@require_POST
def forget_second_factor(request: Asking, person_id: uuid.UUID) -> HttpResponseBase:
    """Take a lost second factor away."""
    found = _person(request, person_id)
    try:
        staff.forget_second_factor(by(request), found)
    except RefusedError as error:
        return toast(request, redirect("person", found.pk), str(error), tone="bad")
    return toast(request, redirect("person", found.pk), _("Their second factor and passkeys are removed."))


@require_POST
def end_sessions(request: Asking, person_id: uuid.UUID) -> HttpResponseBase:
    """Sign somebody out everywhere."""
    found = _person(request, person_id)
    if not staff.may_touch(by(request), found):
        return toast(request, redirect("person", found.pk), _("Only an owner changes owners."), tone="bad")
    staff.end_sessions(request.viewer.actor, found)
    return toast(request, redirect("person", found.pk), _("They are signed out everywhere."))


def _show_link(request: Asking, found: Person) -> HttpResponse:
    """The page that shows a new link, this once."""
    secret = staff.invite(by(request), found)
    path = reverse("entry-link", args=[secret])
    address = f"{settings.PUBLIC_URL}{path}" if settings.PUBLIC_URL else request.build_absolute_uri(path)
    sent = settings.MAIL_IS_SET_UP and mail.send_link(found, address)
    told: dict[str, Any] = {
        "person": found,
        "link": address,
        "sent": sent,
        "by_mail": settings.MAIL_IS_SET_UP,
    }
    answer = render(request, "people/link.html", told)
    answer["Cache-Control"] = "no-store"
    return answer


def _say_stale(form: PersonForm, given: QueryDict, found: Person) -> None:
    """Tell what stands there now, and let what was typed be saved over it knowingly."""
    form.data = with_version(given, found.version)
    now = {"name": found.name, "role": ROLE_WORDS[Role(found.role)]}
    form.add_error(
        None,
        _(
            "Somebody else has changed this person meanwhile: now “%(name)s”, %(role)s. Save again to put yours in its place."
        )
        % now,
    )


def _seats(found: Person) -> list[str]:
    return sorted({seat.extension for seat in found.seats.all() if seat.until is None})


def _person(request: Asking, person_id: uuid.UUID) -> Person:
    found = Person.objects.filter(tenant=request.viewer.scope.tenant, pk=person_id).first()
    if found is None:
        raise Http404("There is no such person.")
    return found
