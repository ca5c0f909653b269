"""Looking at alerts: the list, one with its episodes and what was sent; resting, testing and removing it."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from ringbook.desk.delivery import edit, watching
from ringbook.desk.delivery.asking import listed
from ringbook.desk.delivery.models import Alert, AlertEpisode
from ringbook.desk.governance.audit import record
from ringbook.desk.people.roles import Right
from ringbook.web.guard import needs
from ringbook.web.pages.alerts.editing import alert_or_404
from ringbook.web.pages.alerts.words import KINDS, STATES, every, lasted, watched
from ringbook.web.pages.reports.editing import person_of
from ringbook.web.pages.reports.words import OCCASIONS, SENT, clock
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking

EPISODES = 50
SENT_SHOWN = 30


@require_GET
@needs(Right.SEE_REPORTS)
def alerts(request: Asking) -> HttpResponse:
    """The alerts that the viewer may look at: those that are off first."""
    known = listed(request.viewer.scope.tenant)
    found = edit.visible(Alert, person_of(request)).select_related("sender")
    page = Paginator(found, 100).get_page(request.GET.get("page"))
    lasting = {
        one.alert_id: one
        for one in AlertEpisode.objects.filter(alert__in=[alert.pk for alert in page], closed_at=None)
    }
    rows = [
        {"alert": one, "watched": watched(one, known), "open": lasting.get(one.pk), **_state(one)}
        for one in page
    ]
    rows.sort(key=lambda row: row["open"] is None)
    told = {"rows": rows, "page": page, "mail": settings.MAIL_IS_SET_UP}
    return render(request, "alerts/alerts.html", told)


def _state(alert: Alert) -> dict[str, Any]:
    word, tone = STATES[alert.state]  # type: ignore[index]
    return {"word": word, "tone": tone}


@require_GET
@needs(Right.SEE_REPORTS)
def alert(request: Asking, alert_id: uuid.UUID) -> HttpResponse:
    """One alert: what it watches, what it saw last, its episodes, and what was sent."""
    found = alert_or_404(request, alert_id)
    sent = [
        {
            "delivery": one,
            "occasion": OCCASIONS[one.occasion],
            "word": SENT[one.state][0],
            "tone": SENT[one.state][1],
        }
        for one in found.deliveries.all()[:SENT_SHOWN]
    ]
    quiet = ""
    if found.quiet_from is not None and found.quiet_until is not None:
        quiet = f"{clock(found.quiet_from)} – {clock(found.quiet_until)}"
    told = {
        "alert": found,
        "kind": KINDS[found.kind][0],  # type: ignore[index]
        "watched": watched(found, listed(found.tenant)),
        **_state(found),
        "episodes": [{"episode": one, "lasted": lasted(one)} for one in found.episodes.all()[:EPISODES]],
        "sent": sent,
        "quiet": quiet,
        "every": every(found.every_minutes),
        "people": list(found.people.order_by("name")),
        "hooks": list(found.webhooks.filter(removed_at=None)),
        "may_change": edit.may_change(person_of(request), found),
        "mail": settings.MAIL_IS_SET_UP,
    }
    return render(request, "alerts/alert.html", told)


@require_POST
@needs(Right.SEND_REPORTS)
def test(request: Asking, alert_id: uuid.UUID) -> HttpResponseBase:
    """Send a test to everybody whom the alert tells, with what it sees now."""
    found = alert_or_404(request, alert_id, to_change=True)
    sent = watching.test(found, datetime.now(UTC))
    record(request.viewer.actor, "alert:tested", f"alert:{found.pk}", messages=len(sent))
    text = ngettext("%(n)d test is on its way.", "%(n)d tests are on their way.", len(sent)) % {
        "n": len(sent)
    }
    return toast(request, _back(found), text)


@require_POST
@needs(Right.SEND_REPORTS)
def pause(request: Asking, alert_id: uuid.UUID) -> HttpResponseBase:
    """Have an alert rest, or look again."""
    found = alert_or_404(request, alert_id, to_change=True)
    edit.pause(request.viewer.actor, found, paused=not found.paused)
    text = _("It looks again.") if found.paused else _("It rests until somebody lets it go on.")
    return toast(request, _back(found), text)


@require_POST
@needs(Right.SEND_REPORTS)
def acknowledge(request: Asking, alert_id: uuid.UUID) -> HttpResponseBase:
    """Say that somebody looks after the episode that lasts."""
    found = alert_or_404(request, alert_id, to_change=True)
    episode = found.episodes.filter(closed_at=None).first()
    if episode is None:
        return toast(request, _back(found), _("It is over already."), tone="warn")
    edit.acknowledge(request.viewer.actor, episode)
    return toast(request, _back(found), _("Nobody is reminded of it any more."))


@require_POST
@needs(Right.SEND_REPORTS)
def remove(request: Asking, alert_id: uuid.UUID) -> HttpResponseBase:
    """Take an alert away; it can be brought back."""
    found = alert_or_404(request, alert_id, to_change=True)
    edit.remove(request.viewer.actor, found)
    text = _("%(name)s was removed.") % {"name": found.name}
    undo = reverse("alert-restore", args=[found.pk])
    return toast(request, HttpResponseRedirect(reverse("alerts")), text, undo=undo)


@require_POST
@needs(Right.SEND_REPORTS)
def restore(request: Asking, alert_id: uuid.UUID) -> HttpResponseBase:
    """Bring an alert back that was removed."""
    found = Alert.objects.within(request.viewer.scope).filter(pk=alert_id).first()
    if found is None or not edit.may_change(person_of(request), found):
        raise Http404("There is no such alert.")
    if found.removed_at is not None:
        edit.restore(request.viewer.actor, found)
    return toast(request, _back(found), _("%(name)s is back.") % {"name": found.name})


def _back(alert: Alert) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("alert", args=[alert.pk]))
