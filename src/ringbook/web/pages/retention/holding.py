"""The pages of holds: placed, looked at again, released; and the dialog that places one on calls of the list."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.db.models import Count
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ringbook.desk.people.roles import Right
from ringbook.desk.retention import holds
from ringbook.desk.retention.holds import HoldError
from ringbook.desk.retention.records import HeldCall, Hold
from ringbook.desk.wiring import ledger
from ringbook.model.call import CallId
from ringbook.search.errors import QuestionError
from ringbook.web.guard import needs
from ringbook.web.pages.retention.forms import HoldForm
from ringbook.web.pages.retention.shown import hold_shown
from ringbook.web.shapes import shown_many
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking

MOST_CHOSEN = 500
SHOWN = 50
REVIEW_DAYS = 180
"""After how long a hold is to be looked at again, unless somebody says otherwise."""


@needs(Right.SEE_RETENTION)
@require_GET
def listed(request: Asking) -> HttpResponse:
    """All holds, those that stand first."""
    today = timezone.localdate()
    rows = [hold_shown(request.viewer, row) for row in Hold.objects.within(request.viewer.scope)]
    held = (
        HeldCall.objects.filter(hold__in=[row.pk for row in rows]).values("hold").annotate(calls=Count("pk"))
    )
    calls = dict(held.values_list("hold", "calls"))
    context = {
        "standing": [
            (hold, calls.get(hold.pk, 0), hold.review_on < today) for hold in rows if not hold.released_at
        ],
        "released": [hold for hold in rows if hold.released_at],
    }
    return render(request, "retention/holds.html", context)


@needs(Right.MANAGE_RETENTION)
@require_http_methods(["GET", "POST"])
def place(request: Asking) -> HttpResponseBase:
    """The form of a hold, or the hold placed: on chosen calls, or on those that answer a question."""
    told = request.POST if request.method == "POST" else request.GET
    chosen = list(dict.fromkeys(told.getlist("call")))
    dialog = request.headers.get("HX-Request") == "true"
    if told.get("everything") == "on":
        chosen = []
    if len(chosen) > MOST_CHOSEN:
        text = _("At most %(most)d calls can be chosen one by one.") % {"most": MOST_CHOSEN}
        return toast(request, HttpResponse(status=204), text, tone="bad")
    if request.method != "POST" or "apply" not in told:
        first = {
            "query": "" if chosen else told.get("q", ""),
            "review_on": timezone.localdate() + timedelta(days=REVIEW_DAYS),
            "follows": True,
        }
        return _asked(request, HoldForm(initial=first, auto_id="hold_%s"), chosen, dialog=dialog)
    form = HoldForm(told, auto_id="hold_%s")
    if form.is_valid():
        values = form.cleaned_data
        try:
            hold = holds.place(
                request.viewer.actor,
                request.viewer.scope,
                name=values["name"],
                reason=values["reason"],
                review_on=values["review_on"],
                query=values["query"],
                ids=chosen,
                zone=request.viewer.zone_name,
                follows=values["follows"],
            )
        except QuestionError as error:
            form.add_error("query", f"{error.problem} {error.hint}".strip())
        except HoldError as error:
            form.add_error(None, str(error))
        else:
            return _placed(request, hold, dialog=dialog)
    return _asked(request, form, chosen, dialog=dialog, status=422)


@needs(Right.SEE_RETENTION)
@require_GET
def hold(request: Asking, hold_id: uuid.UUID) -> HttpResponse:
    """One hold, with the calls that are fixed in it."""
    found = _hold(request, hold_id)
    ids = HeldCall.objects.filter(hold=found).order_by("-call_id").values_list("call_id", flat=True)
    calls = ledger().calls(request.viewer.scope, [CallId(one) for one in ids[:SHOWN]])
    context: dict[str, Any] = {
        "hold": hold_shown(request.viewer, found),
        "number": ids.count(),
        "calls": shown_many(request.viewer, calls[::-1]),
        "most": SHOWN,
        "overdue": not found.released_at and found.review_on < timezone.localdate(),
        "later": timezone.localdate() + timedelta(days=REVIEW_DAYS),
    }
    return render(request, "retention/hold.html", context)


@needs(Right.MANAGE_RETENTION)
@require_POST
def change(request: Asking, hold_id: uuid.UUID) -> HttpResponseBase:
    """A hold released, or looked at again and kept."""
    found = _hold(request, hold_id)
    there = HttpResponseRedirect(reverse("retention-hold", args=[found.pk]))
    reason = request.POST.get("reason", "")
    try:
        if request.POST.get("action") == "release":
            holds.release(request.viewer.actor, found, reason)
            return toast(request, there, _("The hold is released."))
        day = parse_date(request.POST.get("review_on", ""))
        if day is None or day <= timezone.localdate():
            raise HoldError(_("Choose a day in the future."))
        holds.review(request.viewer.actor, found, day, reason)
    except ValueError:
        return toast(request, there, _("Choose a day in the future."), tone="bad")
    except HoldError as error:
        return toast(request, there, str(error), tone="bad")
    return toast(request, there, _("The hold goes on."))


def _asked(
    request: Asking, form: HoldForm, chosen: list[str], *, dialog: bool, status: int = 200
) -> HttpResponse:
    number = len(chosen)
    context = {
        "form": form,
        "chosen": chosen,
        "words": ngettext("%(n)d chosen call", "%(n)d chosen calls", number) % {"n": number},
    }
    template = "retention/_hold_dialog.html" if dialog else "retention/hold_new.html"
    return render(request, template, context, status=200 if dialog else status)


def _placed(request: Asking, found: Hold, *, dialog: bool) -> HttpResponseBase:
    number = found.calls.count()
    text = ngettext("%(n)d call is on hold.", "%(n)d calls are on hold.", number) % {"n": number}
    if dialog:
        return toast(request, HttpResponse(status=204, headers={"HX-Refresh": "true"}), text, close=True)
    return toast(request, HttpResponseRedirect(reverse("retention-hold", args=[found.pk])), text)


def _hold(request: Asking, hold_id: uuid.UUID) -> Hold:
    found: Hold | None = Hold.objects.within(request.viewer.scope).filter(pk=hold_id).first()
    if found is None:
        raise Http404
    return found
