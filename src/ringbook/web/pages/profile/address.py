"""Changing one's own e-mail address."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from ringbook.desk.governance.audit import Actor
from ringbook.desk.people import addresses, mail, throttle
from ringbook.desk.people.adapter import too_often
from ringbook.desk.people.links import LinkError
from ringbook.desk.people.models import Person
from ringbook.desk.people.staff import RefusedError
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking, address_of


class EmailForm(forms.Form):
    """The address that somebody wants to have."""

    email = forms.EmailField(
        label=gettext_lazy("New e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


def email(request: Asking) -> HttpResponseBase:
    """The form; or the address changed, or a link sent to it that changes it. Who comes here has just confirmed who they are."""
    person = request.viewer.person
    if person is None:
        raise TypeError("pages are for people")
    form = EmailForm(request.POST or None)
    sent_to = ""
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data["email"]
        try:
            if not settings.MAIL_IS_SET_UP:
                addresses.change(request.viewer.actor, person, wanted, via="password")
                return toast(request, redirect("profile"), _("You sign in with the new address from now on."))
            _send(request, person, wanted)
            sent_to = wanted
        except RefusedError as error:
            form.add_error("email", str(error))
    told = {"form": form, "person": person, "sent_to": sent_to, "by_mail": settings.MAIL_IS_SET_UP}
    return render(request, "profile/email.html", told, status=422 if form.errors else 200)


@never_cache
def confirm(request: HttpRequest, secret: str) -> HttpResponseBase:
    """What the link leads to: a button that makes the address theirs. Opening it changes nothing."""
    try:
        person, wanted = addresses.asked(secret)
    except LinkError:
        return render(request, "entrance/no_link.html", {"nobody_yet": False}, status=410)
    problem = ""
    if request.method == "POST":
        actor = Actor(f"person:{person.pk}", str(person), person.tenant, address_of(request))
        try:
            addresses.change(actor, person, wanted, via="link")
        except RefusedError as error:
            problem = str(error)
        else:
            there = reverse("profile") if request.user.is_authenticated else settings.LOGIN_URL
            words = _("You sign in with the new address from now on.")
            return toast(request, redirect(there), words)
    told = {"email": wanted, "problem": problem}
    return render(request, "profile/email_confirm.html", told, status=422 if problem else 200)


def _send(request: Asking, person: Person, wanted: str) -> None:
    """Send the link. Raises :class:`RefusedError` when that cannot be, or was asked for too often."""
    key = f"address {person.pk}"
    wait = throttle.wait_s(request.viewer.address, key)
    if wait:
        raise RefusedError(too_often(wait))
    throttle.failed(request.viewer.address, key)
    path = reverse("profile-email-confirm", args=[addresses.ask(request.viewer.actor, person, wanted)])
    there = f"{settings.PUBLIC_URL}{path}" if settings.PUBLIC_URL else request.build_absolute_uri(path)
    if not mail.send_confirmation(person, wanted, there):
        raise RefusedError(_("The message could not be sent. Try again later, or ask an administrator."))
