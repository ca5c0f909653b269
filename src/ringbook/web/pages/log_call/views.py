"""Logging a call by hand, and correcting one that was logged."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ringbook.desk.annotations import by_hand
from ringbook.desk.annotations.entry import EntryError
from ringbook.desk.annotations.models import LoggedCall
from ringbook.desk.people.roles import Right
from ringbook.model.errors import AskError
from ringbook.model.instant import to_datetime
from ringbook.web.annotating import by
from ringbook.web.guard import call_or_404, needs
from ringbook.web.pages.log_call.forms import LogForm
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking

_FIELDS = {"number": "party", "name": "party", "at": "at", "talk_s": "talk"}


@needs(Right.LOG_CALLS)
@require_http_methods(["GET", "POST"])
def log_call(request: Asking) -> HttpResponse:
    """The form, as a dialog for htmx; once it is sent, the call."""
    corrects = _corrected(request)
    if request.method == "GET":
        form = LogForm(initial=_initial(request, corrects), scope=request.viewer.scope)
        return _drawn(request, form, corrects)
    form = LogForm(request.POST, scope=request.viewer.scope)
    if not form.is_valid():
        return _drawn(request, form, corrects, 422)
    told = form.cleaned_data
    try:
        logged = by_hand.log_call(
            by(request.viewer),
            form.entry(request.viewer.zone_name),
            note=told["note"],
            tags=form.tags_told(),
            create_tags=request.viewer.may(Right.MANAGE_SETTINGS),
            key=str(told["key"] or ""),
            corrects=corrects,
            version=told["version"] if corrects else None,
        )
    except EntryError as error:
        form.add_error(_FIELDS.get(error.field), str(error))
        return _drawn(request, form, corrects, 422)
    except AskError as error:
        form.add_error(None, str(error))
        return _drawn(request, form, corrects, 422)
    return _done(request, logged, corrects)


def _done(request: Asking, logged: by_hand.Logged, corrects: LoggedCall | None) -> HttpResponse:
    text = _("Call corrected.") if corrects else _("Call logged.")
    if logged.unheard:
        names = ", ".join(f"@{handle}" for handle in logged.unheard)
        text = _("Call logged. %(names)s may not see it and will not be told.") % {"names": names}
    place = reverse("call", args=[logged.call_id])
    if request.headers.get("HX-Request") == "true":
        if corrects:
            return toast(request, HttpResponse(status=200, headers={"HX-Redirect": place}), text)
        return toast(request, HttpResponse(status=204), text, close=True)
    return toast(request, HttpResponseRedirect(place), text)


def _corrected(request: Asking) -> LoggedCall | None:
    """The entry that is to be corrected, if the address names its call."""
    given = request.GET.get("call")
    if not given:
        return None
    call = call_or_404(request, given)
    logged = by_hand.logged_of(by(request.viewer), call.id)
    if logged is None:
        raise Http404
    if not by_hand.may_correct(by(request.viewer), logged):
        raise PermissionDenied
    return logged


def _initial(request: Asking, corrects: LoggedCall | None) -> dict[str, Any]:
    if corrects is None:
        number = request.GET.get("number", "")[:60]
        return {
            "party": number,
            "direction": "outbound" if number else "inbound",
            "medium": "mobile",
            "outcome": "answered",
            "at": timezone.localtime(),
            "key": by_hand.new_key(),
        }
    entry = corrects.entry
    talk_s = entry.get("talk_s")
    return {
        "party": entry.get("number") or entry.get("name"),
        "direction": entry.get("direction"),
        "medium": entry.get("medium"),
        "outcome": entry.get("outcome"),
        "at": timezone.localtime(to_datetime(entry["at"]))
        if entry.get("at")
        else timezone.localtime(corrects.at),
        "talk": f"{int(talk_s) // 60}:{int(talk_s) % 60:02}" if talk_s is not None else "",
        "version": corrects.version,
    }


def _drawn(request: Asking, form: LogForm, corrects: LoggedCall | None, status: int = 200) -> HttpResponse:
    place = reverse("log-call") + (f"?call={corrects.call_id}" if corrects else "")
    context = {"form": form, "corrects": corrects, "place": place}
    if request.headers.get("HX-Request") != "true":
        return render(request, "log_call/log_call.html", context, status=status)
    if status == 200:
        return render(request, "log_call/_dialog.html", context)
    return render(request, "log_call/_form.html", {**context, "in_dialog": True}, status=status)
