"""Looking at reports: the list, one with its log, how it looks as message, PDF and XLSX, and one delivery."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from csp.decorators import csp
from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import OuterRef, Prefetch, Subquery
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.http import content_disposition_header
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET

from ringbook.desk.delivery import edit, messages, paper, posting, running, sheets
from ringbook.desk.delivery.content import Content
from ringbook.desk.delivery.models import Delivery, Report, ReportRun, Sent
from ringbook.desk.governance.audit import record
from ringbook.desk.people.roles import Right
from ringbook.web.guard import needs
from ringbook.web.pages.reports.editing import person_of, report_or_404
from ringbook.web.pages.reports.words import OCCASIONS, PERIODS, RUNS, SENT, schedule
from ringbook.web.viewer import Asking

RUNS_SHOWN = 20
_NOTHING = "'none'"
_MAIL_POLICY = {
    "default-src": [_NOTHING],
    "style-src": ["'unsafe-inline'"],
    "img-src": ["data:"],
    "frame-ancestors": ["'self'"],
}
"""A message carries its style in itself, as mail programs want it; nothing in it can run or fetch anything."""


@require_GET
@needs(Right.SEE_REPORTS)
def reports(request: Asking) -> HttpResponse:
    """The reports that the viewer may look at."""
    found = edit.visible(Report, person_of(request)).select_related("sender").prefetch_related("people")
    page = Paginator(found, 100).get_page(request.GET.get("page"))
    newest = Subquery(ReportRun.objects.filter(report=OuterRef("report")).values("pk")[:1])
    runs = ReportRun.objects.filter(report__in=[one.pk for one in page], pk=newest).prefetch_related(_SENT)
    last = {run.report_id: run for run in runs}
    told = {
        "rows": [_listed(one, last.get(one.pk)) for one in page],
        "page": page,
        "mail": settings.MAIL_IS_SET_UP,
    }
    return render(request, "reports/reports.html", told)


_SENT = Prefetch("deliveries", Delivery.objects.defer("body").select_related("person"))
"""The messages of runs, without what stands in them."""


def _listed(report: Report, last: ReportRun | None) -> dict[str, Any]:
    return {
        "report": report,
        "schedule": schedule(report),
        "period": PERIODS.get(report.period, report.period),  # type: ignore[call-overload]
        "recipients": len(report.people.all()) + len(report.addresses),
        "last": last,
        "state": _run_state(last) if last else None,
    }


def _run_state(run: ReportRun) -> dict[str, Any]:
    """Where a run stands, with what became of its messages."""
    word, tone = RUNS[run.state]  # type: ignore[index]
    states = [one.state for one in run.deliveries.all()]
    if run.state == "done" and states:
        worst = next(one for one in (Sent.FAILED, Sent.WAITING, Sent.SKIPPED, Sent.SENT) if one in states)
        word, tone = SENT[worst]
    return {"word": word, "tone": tone, "sent": states.count(Sent.SENT), "all": len(states)}


@require_GET
@needs(Right.SEE_REPORTS)
def report(request: Asking, report_id: uuid.UUID) -> HttpResponse:
    """One report: how it looks now, when it goes out, to whom, and what was sent."""
    found = report_or_404(request, report_id)
    runs = list(found.runs.prefetch_related(_SENT)[:RUNS_SHOWN])
    told = {
        "report": found,
        "schedule": schedule(found),
        "period": PERIODS.get(found.period, found.period),  # type: ignore[call-overload]
        "people": list(found.people.order_by("name")),
        "may_change": edit.may_change(person_of(request), found),
        "mail": settings.MAIL_IS_SET_UP,
        "runs": [
            {"run": run, **_run_state(run), "deliveries": [_delivered(one) for one in run.deliveries.all()]}
            for run in runs
        ],
        "working": any(run.state in ("waiting", "running") for run in runs),
    }
    return render(request, "reports/report.html", told)


def _delivered(delivery: Delivery) -> dict[str, Any]:
    word, tone = SENT[delivery.state]  # type: ignore[index]
    return {"delivery": delivery, "word": word, "tone": tone}


@require_GET
@needs(Right.SEE_REPORTS)
def delivery(request: Asking, delivery_id: uuid.UUID) -> HttpResponse:
    """One message to one recipient, with all that was tried."""
    found = edit.deliveries(person_of(request)).filter(pk=delivery_id).first()
    if found is None:
        raise Http404("There is no such delivery.")
    told = {
        **_delivered(found),
        "occasion": OCCASIONS[found.occasion],  # type: ignore[index]
        "tries": list(found.tries.all()),
        "may_retry": posting.can_retry(found) and request.viewer.may(Right.SEND_REPORTS),
        "report": found.run.report if found.run else None,
    }
    return render(request, "reports/delivery.html", told)


@xframe_options_sameorigin
@csp(_MAIL_POLICY)
@require_GET
@needs(Right.SEE_REPORTS)
def mail(request: Asking, report_id: uuid.UUID) -> HttpResponse:
    """The message as the viewer would get it now."""
    _found, content = _content(request, report_id)
    with translation.override(_language(request)):
        return HttpResponse(messages.page_of(content))


@require_GET
@needs(Right.SEE_REPORTS)
def pdf(request: Asking, report_id: uuid.UUID) -> HttpResponse:
    """The PDF as the viewer would get it now."""
    found, content = _content(request, report_id)
    with translation.override(_language(request)):
        return _file(request, found, content, paper.pdf(content), "application/pdf", "pdf")


@require_GET
@needs(Right.SEE_REPORTS, Right.EXPORT_CALLS)
def xlsx(request: Asking, report_id: uuid.UUID) -> HttpResponse:
    """The XLSX as the viewer would get it now."""
    found, content = _content(request, report_id)
    with translation.override(_language(request)):
        return _file(request, found, content, sheets.xlsx(content), running.XLSX, "xlsx")


def _language(request: Asking) -> str:
    return running.view_of(Report(tenant=request.viewer.scope.tenant), person_of(request)).language


def _content(request: Asking, report_id: uuid.UUID) -> tuple[Report, Content]:
    found = report_or_404(request, report_id)
    view = running.view_of(found, person_of(request))
    return found, running.content_for(found, view, datetime.now(UTC))


def _file(
    request: Asking, report: Report, content: Content, data: bytes, kind: str, ending: str
) -> HttpResponse:
    record(request.viewer.actor, "report:downloaded", f"report:{report.pk}", form=ending)
    response = HttpResponse(data, content_type=kind)
    name = f"{running.file_name(report, content)}.{ending}"
    response.headers["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=name) or ""
    )
    response.headers["Cache-Control"] = "no-store"
    return response
