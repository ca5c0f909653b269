"""What is done with a report: sent now, rested, removed; and trying again what was not delivered."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from django.http import Http404, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ringbook.desk.delivery import edit, posting, running
from ringbook.desk.delivery.models import Report
from ringbook.desk.governance.audit import record
from ringbook.desk.people.roles import Right
from ringbook.web.guard import needs
from ringbook.web.pages.reports.editing import person_of, report_or_404
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking


def changeable(request: Asking, report_id: uuid.UUID) -> Report:
    """The report, if the viewer may change it."""
    report = report_or_404(request, report_id)
    if not edit.may_change(person_of(request), report):
        raise Http404("There is no such report.")
    return report


@require_POST
@needs(Right.SEND_REPORTS)
def send(request: Asking, report_id: uuid.UUID) -> HttpResponseBase:
    """Have a report made and sent now."""
    report = changeable(request, report_id)
    running.ask_for(report, request.viewer.actor, datetime.now(UTC))
    return toast(request, _back(report), _("It is being made. The log below says when it was sent."))


@require_POST
@needs(Right.SEND_REPORTS)
def pause(request: Asking, report_id: uuid.UUID) -> HttpResponseBase:
    """Have a report rest, or go on."""
    report = changeable(request, report_id)
    edit.pause(request.viewer.actor, report, paused=not report.paused)
    text = _("It goes out again.") if report.paused else _("It rests until somebody lets it go on.")
    return toast(request, _back(report), text)


@require_POST
@needs(Right.SEND_REPORTS)
def remove(request: Asking, report_id: uuid.UUID) -> HttpResponseBase:
    """Take a report away; it can be brought back."""
    report = changeable(request, report_id)
    edit.remove(request.viewer.actor, report)
    text = _("%(name)s was removed.") % {"name": report.name}
    undo = reverse("report-restore", args=[report.pk])
    return toast(request, HttpResponseRedirect(reverse("reports")), text, undo=undo)


@require_POST
@needs(Right.SEND_REPORTS)
def restore(request: Asking, report_id: uuid.UUID) -> HttpResponseBase:
    """Bring a report back that was removed."""
    report = Report.objects.within(request.viewer.scope).filter(pk=report_id).first()
    if report is None or not edit.may_change(person_of(request), report):
        raise Http404("There is no such report.")
    if report.removed_at is not None:
        edit.restore(request.viewer.actor, report)
    return toast(request, _back(report), _("%(name)s is back.") % {"name": report.name})


@require_POST
@needs(Right.SEND_REPORTS)
def retry(request: Asking, delivery_id: uuid.UUID) -> HttpResponseBase:
    """Have a message tried again at once."""
    delivery = edit.deliveries(person_of(request)).filter(pk=delivery_id).first()
    if delivery is None:
        raise Http404("There is no such delivery.")
    back = HttpResponseRedirect(reverse("delivery", args=[delivery.pk]))
    if not posting.can_retry(delivery):
        return toast(request, back, _("There is nothing left of it to send."), tone="warn")
    posting.retry(delivery, datetime.now(UTC))
    record(request.viewer.actor, "delivery:retried", f"delivery:{delivery.pk}")
    return toast(request, back, _("It is being tried again."))


def _back(report: Report) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("report", args=[report.pk]))
