"""Coming in: set-up of a new home, links that let somebody in once, a forgotten password."""

from __future__ import annotations

from allauth.account.utils import perform_login
from allauth.account.views import LoginView
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from ringbook.desk.governance.audit import Actor
from ringbook.desk.people import links, mail, staff, throttle
from ringbook.desk.people.links import LinkError, Purpose
from ringbook.desk.people.models import EntryLink, Person
from ringbook.desk.people.staff import RefusedError
from ringbook.web.pages.entrance.forms import ForgottenForm, JoinForm, SetUpForm
from ringbook.web.viewer import Asking, address_of


def home(request: Asking) -> HttpResponse:  # noqa: ARG001
    """The page that people work in: the calls."""
    return redirect("calls")


class SignIn(LoginView):
    """Signing in with e-mail address and password."""

    def get_context_data(self, **more: object) -> dict[str, object]:
        """Also whether anybody can sign in at all."""
        told: dict[str, object] = super().get_context_data(**more)
        return told | {"nobody_yet": staff.nobody_yet()}


sign_in = SignIn.as_view()


@never_cache
@sensitive_post_parameters("password")
def set_up(request: HttpRequest, secret: str) -> HttpResponseBase:
    """The form with which the first owner describes the organisation and themselves."""
    try:
        links.look(secret, Purpose.SETUP)
    except LinkError:
        return _no_link(request)
    form = SetUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            owner = staff.set_up(
                secret,
                address_of(request),
                organisation_name=asked["organisation"],
                zone=asked["zone"],
                name=asked["name"],
                email=asked["email"],
                password=asked["password"],
            )
        except LinkError:
            return _no_link(request)
        except RefusedError as error:
            form.add_error("password", str(error))
        else:
            return _let_in(request, owner, reverse("welcome"))
    return render(request, "entrance/set_up.html", {"form": form}, status=_status(request))


def welcome(request: Asking) -> HttpResponse:
    """What to do next in a home that was just set up."""
    return render(request, "entrance/welcome.html")


@never_cache
@sensitive_post_parameters("password")
def enter(request: HttpRequest, secret: str) -> HttpResponseBase:
    """What a link leads to: choosing a password for who was invited, a button for who may come in at once.

    Opening it changes nothing, so that programs which look at links in messages use none up.
    """
    try:
        link = links.look(secret, Purpose.INVITE, Purpose.ENTER)
    except LinkError:
        return _no_link(request)
    if link.person is None:
        return _no_link(request)
    if link.purpose == Purpose.ENTER:
        return _come_in(request, link, link.person)
    return _join(request, link, link.person)


def _come_in(request: HttpRequest, link: EntryLink, person: Person) -> HttpResponseBase:
    if request.method != "POST":
        return render(request, "entrance/come_in.html", {"person": person})
    try:
        links.use(link, _actor(request))
    except LinkError:
        return _no_link(request)
    return _let_in(request, person, "/")


def _join(request: HttpRequest, link: EntryLink, person: Person) -> HttpResponseBase:
    form = JoinForm(request.POST or None, initial={"name": person.name})
    if request.method == "POST" and form.is_valid():
        try:
            staff.check_password(form.cleaned_data["password"], person)
            links.use(link, _actor(request))
        except RefusedError as error:
            form.add_error("password", str(error))
        except LinkError:
            return _no_link(request)
        else:
            Person.objects.filter(pk=person.pk).update(name=form.cleaned_data["name"].strip())
            person.refresh_from_db()
            staff.choose_password(_actor(request), person, form.cleaned_data["password"])
            return _let_in(request, person, "/")
    return render(
        request,
        "entrance/join.html",
        {"form": form, "person": person, "back": person.last_login is not None},
        status=_status(request),
    )


@never_cache
def forgotten(request: HttpRequest) -> HttpResponseBase:
    """Asking for a link to choose another password. The answer is the same whether or not the address is known."""
    form = ForgottenForm(request.POST or None)
    sent = False
    if request.method == "POST" and settings.MAIL_IS_SET_UP and form.is_valid():
        address, email = address_of(request), form.cleaned_data["email"].lower()
        if throttle.wait_s(address, f"forgotten {email}"):
            form.add_error(None, _("You asked several times. Wait a few minutes, and look into your mail."))
        else:
            throttle.failed(address, f"forgotten {email}")
            person = Person.objects.filter(email=email, is_active=True).first()
            if person:
                secret = links.make(_actor(request), Purpose.INVITE, person)
                mail.send_link(person, request.build_absolute_uri(reverse("entry-link", args=[secret])))
            sent = True
    return render(
        request,
        "entrance/forgotten.html",
        {"form": form, "sent": sent, "by_mail": settings.MAIL_IS_SET_UP},
        status=_status(request) if not sent else 200,
    )


def no_sign_up(request: HttpRequest) -> HttpResponse:
    """That people are invited."""
    return render(request, "account/signup_closed.html", status=403)


def _let_in(request: HttpRequest, person: Person, there: str) -> HttpResponseBase:
    """Sign somebody in who has shown a link; a second factor of theirs is asked for all the same."""
    if request.user.is_authenticated:
        request.session.flush()
    answer: HttpResponseBase = perform_login(request, person, email_verification="none", redirect_url=there)
    return answer


def _no_link(request: HttpRequest) -> HttpResponse:
    return render(request, "entrance/no_link.html", {"nobody_yet": staff.nobody_yet()}, status=410)


def _actor(request: HttpRequest) -> Actor:
    return Actor("nobody", address=address_of(request))


def _status(request: HttpRequest) -> int:
    return 422 if request.method == "POST" else 200
