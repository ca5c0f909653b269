"""One's own profile."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from ringbook.desk.governance import audit
from ringbook.desk.organisation.models import organisation
from ringbook.desk.people import staff
from ringbook.desk.people.models import Person
from ringbook.web.pages.people.forms import with_version
from ringbook.web.pages.profile.devices import device
from ringbook.web.pages.profile.forms import THEMES, ProfileForm
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking


def profile(request: Asking) -> HttpResponse:
    """The page, and what is saved on it."""
    person = _person(request)
    house = organisation(person.tenant)
    given = request.POST if request.method == "POST" else None
    form = ProfileForm(
        given, instance=_person(request), house_zone=house.zone, initial={"version": person.version}
    )
    if given is not None and form.is_valid():
        if _save(request, form):
            return toast(request, redirect("profile"), _("Saved."))
        person.refresh_from_db()
        form.data = with_version(given, person.version)
        form.add_error(
            None,
            _(
                "Somebody else changed your profile meanwhile: the name is now “%(name)s”. Save again to keep yours."
            )
            % {"name": person.name},
        )
    return render(
        request, "profile/profile.html", _told(request, person) | {"form": form}, status=422 if given else 200
    )


def _save(request: Asking, form: ProfileForm) -> bool:
    """Whether it could be saved: not if somebody else saved in the meantime."""
    person = _person(request)
    asked = form.cleaned_data
    version = asked.pop("version")
    with transaction.atomic():
        saved = Person.objects.filter(pk=person.pk, version=version).update(**asked, version=version + 1)
        if saved:
            changed = sorted(name for name in form.changed_data if name != "version")
            audit.record(request.viewer.actor, "person:changed", f"person:{person.pk}", fields=changed)
    return bool(saved)


def _told(request: Asking, person: Person) -> dict[str, object]:
    authenticators = list(Authenticator.objects.filter(user_id=person.pk).order_by("created_at"))
    codes = next((a for a in authenticators if a.type == Authenticator.Type.RECOVERY_CODES), None)
    return {
        "person": person,
        "totp": next((a for a in authenticators if a.type == Authenticator.Type.TOTP), None),
        "passkeys": [a for a in authenticators if a.type == Authenticator.Type.WEBAUTHN],
        "codes_left": len(codes.wrap().get_unused_codes()) if codes else None,
        "passkeys_work": request.is_secure() or request.get_host().partition(":")[0] == "localhost",
        "sessions": _sessions(request, person),
    }


def _sessions(request: Asking, person: Person) -> list[dict[str, object]]:
    """The sessions of the person, this one first."""
    here = request.session.session_key
    found = UserSession.objects.purge_and_list(person)
    found.sort(key=lambda one: (one.session_key != here, -one.last_seen_at.timestamp()))
    return [
        {
            "id": one.pk,
            "device": device(one.user_agent),
            "ip": one.ip,
            "began": one.created_at,
            "seen": one.last_seen_at,
            "here": one.session_key == here,
        }
        for one in found
    ]


@require_POST
def end_session(request: Asking, session_id: int) -> HttpResponse:
    """End another session of one's own."""
    person = _person(request)
    found = UserSession.objects.filter(pk=session_id, user_id=person.pk).first()
    if found is not None and found.session_key != request.session.session_key:
        found.end()
        audit.record(request.viewer.actor, "session:ended", f"person:{person.pk}", sessions=1)
    return toast(request, redirect(reverse("profile") + "#sessions"), _("That session has ended."))


@require_POST
def end_others(request: Asking) -> HttpResponse:
    """End all other sessions of one's own."""
    person = _person(request)
    ended = staff.end_sessions(request.viewer.actor, person, but=request.session.session_key)
    words = ngettext("%(n)d other session has ended.", "%(n)d other sessions have ended.", ended)
    return toast(request, redirect(reverse("profile") + "#sessions"), words % {"n": ended})


@require_POST
def theme(request: Asking) -> HttpResponse:
    """Keep the theme that somebody switched to."""
    chosen = request.POST.get("theme", "")
    chosen = "" if chosen == "system" else chosen
    if chosen not in {name for name, _words in THEMES}:
        return HttpResponse(status=400)
    Person.objects.filter(pk=_person(request).pk).update(theme=chosen)
    return HttpResponse(status=204)


def to_profile(request: Asking) -> HttpResponse:  # noqa: ARG001
    """Where second factor and passkeys are listed."""
    return redirect(reverse("profile") + "#second-factor")


def _person(request: Asking) -> Person:
    person = request.viewer.person
    if person is None:
        raise TypeError("pages are for people")
    return person
