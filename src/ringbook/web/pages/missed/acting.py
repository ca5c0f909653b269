"""Taking care of somebody who was missed: assigning, settling, and taking that back.

Addresses name a call and never a number: who may not see the call cannot act on it, and no number stands in a log.
"""

from __future__ import annotations

import uuid

from django.core import signing
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from ringbook.desk.directory import callbacks
from ringbook.desk.directory.callbacks import callbacks_of, groups_of, party_of
from ringbook.desk.directory.errors import StaleError
from ringbook.desk.directory.models import Callback, CallbackState
from ringbook.desk.people.models import Person
from ringbook.desk.people.roles import Right
from ringbook.model.call import Call
from ringbook.web.guard import call_or_404, needs
from ringbook.web.pages.missed.views import people_of
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking

UNDONE_WITHIN_S = 3600


@needs(Right.ANNOTATE)
def more(request: Asking, call_id: str) -> HttpResponse:
    """What can be done with somebody: give to a person, or settle with a reason."""
    call, party, now = _about(request, call_id)
    told = {
        "call_id": call.id,
        "callback": now,
        "version": now.version if now else 0,
        "people": people_of(request.viewer),
        "name": "" if party.startswith("call:") else call.caller.name,
        "next": request.GET.get("next", ""),
    }
    dialog = request.headers.get("HX-Target") == "dialog-slot"
    return render(request, "missed/_more.html" if dialog else "missed/more.html", told)


@needs(Right.ANNOTATE)
@require_POST
def assign(request: Asking, call_id: str) -> HttpResponse:
    """Give somebody who was missed to a person: ``owner`` is me, a person's id, or empty."""
    call, party, now = _about(request, call_id)
    owner = _person(request, request.POST.get("owner", ""))
    try:
        row = callbacks.assign(request.viewer.actor, party, call.id, owner, _version(request))
    except StaleError:
        return _late(request, now)
    text = _("%(name)s takes care of it.") % {"name": owner} if owner else _("Nobody takes care of it now.")
    return _done(request, call, row, now, text)


@needs(Right.ANNOTATE)
@require_POST
def settle(request: Asking, call_id: str) -> HttpResponse:
    """Say that nothing is to be done: ``state`` is done or ignored; or that something is again: open."""
    call, party, now = _about(request, call_id)
    words = {
        "done": _("Marked as done. Who tries again comes back here."),
        "ignored": _("Ignored. Who tries again comes back here."),
        "open": _("Open again."),
    }
    state = request.POST.get("state", "")
    if state not in words:
        raise Http404("There is no such state.")
    reason = request.POST.get("reason", "").replace("\x00", "").strip()
    try:
        row = callbacks.settle(
            request.viewer.actor,
            party,
            call.id,
            CallbackState(state),
            call.started_at,
            _version(request),
            reason,
        )
    except StaleError:
        return _late(request, now)
    return _done(request, call, row, now, words[state])


@needs(Right.ANNOTATE)
@require_POST
def undo(request: Asking, token: str) -> HttpResponse:
    """Take back what was said last about somebody."""
    try:
        told = signing.loads(token, salt="missed-undo", max_age=UNDONE_WITHIN_S)
    except signing.BadSignature:
        return toast(request, _back(request), _("This can no longer be taken back."), tone="warn")
    call, party, now = _about(request, told["call"])
    try:
        callbacks.put_back(request.viewer.actor, party, call.id, told["was"], told["version"])
    except StaleError:
        return _late(request, now)
    return toast(request, _back(request), _("Undone."))


def _about(request: Asking, call_id: str) -> tuple[Call, str, Callback | None]:
    """The call within the viewer's scope, the party that called, and what was decided about it."""
    call = call_or_404(request, call_id)
    scope = request.viewer.scope
    number = call.caller.number
    party = party_of(scope, number, call.id)
    group = groups_of(scope, [number]).get(number) if number else None
    found = callbacks_of(scope, [(party, group.numbers if group else ())]).get(party)
    return call, party, found if found is None or found.party == party else None


def _person(request: Asking, text: str) -> Person | None:
    if text == "me":
        return request.viewer.person
    if not text:
        return None
    try:
        return Person.objects.filter(
            tenant=request.viewer.scope.tenant, is_active=True, pk=uuid.UUID(text)
        ).first()
    except ValueError:
        return None


def _version(request: Asking) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _done(request: Asking, call: Call, row: Callback, was: Callback | None, text: str) -> HttpResponse:
    token = signing.dumps(
        {"call": call.id, "was": callbacks.kept(was), "version": row.version}, salt="missed-undo"
    )
    return toast(request, _back(request), text, undo=reverse("missed-undo", args=[token]), close=True)


def _late(request: Asking, now: Callback | None) -> HttpResponse:
    who = now.by_name if now else ""
    text = _("%(name)s changed this meanwhile; this is how it stands now.") % {"name": who or _("Somebody")}
    return toast(request, _back(request), text, tone="warn", close=True)


def _back(request: Asking) -> HttpResponse:
    """To the list: htmx has it drawn again in place."""
    if request.headers.get("HX-Request") == "true":
        response = HttpResponse(status=204)
        trigger_client_event(response, "missed-changed", {})
        return response
    there = request.POST.get("next", "")
    allowed = url_has_allowed_host_and_scheme(there, allowed_hosts=None) and there.startswith("/missed/")
    return HttpResponseRedirect(there if allowed else reverse("missed"))
