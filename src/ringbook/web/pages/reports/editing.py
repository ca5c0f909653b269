"""Making and changing a report."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ringbook.desk.delivery import edit as editing
from ringbook.desk.delivery.asking import listed
from ringbook.desk.delivery.models import Report
from ringbook.desk.organisation.changes import StaleError
from ringbook.desk.people.models import Person
from ringbook.desk.people.roles import Right
from ringbook.model.errors import AskError
from ringbook.web.guard import needs
from ringbook.web.pages.reports import figures
from ringbook.web.pages.reports.forms import ReportForm, fresh, initial_of
from ringbook.web.pages.reports.starts import STARTS, start_of
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking


def person_of(request: Asking) -> Person:
    """Who asks; pages are asked for by people."""
    person = request.viewer.person
    assert person is not None
    return person


def report_or_404(request: Asking, report_id: uuid.UUID) -> Report:
    """The report, if the viewer may look at it."""
    found = editing.visible(Report, person_of(request)).filter(pk=report_id).first()
    if found is None:
        raise Http404("There is no such report.")
    return found


@require_http_methods(["GET", "POST"])
@needs(Right.SEND_REPORTS)
def new(request: Asking) -> HttpResponseBase:
    """The form of a new report, begun from one of the offered ones; or the report kept."""
    if request.method == "POST":
        return _posted(request, None)
    start = start_of(request.GET.get("start", ""))
    if start is None and "start" not in request.GET:
        return render(request, "reports/start.html", {"starts": STARTS})
    initial = fresh(request.viewer)
    chosen = [{"figure": "calls", "by": "day"}]
    if start is not None:
        initial |= {**start.fields, "name": str(start.name)}
        known = listed(request.viewer.scope.tenant)
        chosen = [one for one in start.figures if one["figure"] in known]
    return _show(request, ReportForm(request.viewer, initial=initial), chosen, {}, None)


@require_http_methods(["GET", "POST"])
@needs(Right.SEND_REPORTS)
def edit(request: Asking, report_id: uuid.UUID) -> HttpResponseBase:
    """The form of a report, or the report with what was changed."""
    report = report_or_404(request, report_id)
    if not editing.may_change(person_of(request), report):
        raise Http404("There is no such report.")
    if request.method == "POST":
        return _posted(request, report)
    return _show(request, ReportForm(request.viewer, initial=initial_of(report)), report.figures, {}, report)


def _posted(request: Asking, report: Report | None) -> HttpResponseBase:
    chosen = figures.read(request.POST)
    after = figures.changed(chosen, request.POST)
    if after is not None:  # a button of a row: the form again, with nothing judged yet
        form = ReportForm(request.viewer, initial=_typed(request))
        return _show(request, form, after, {}, report)
    form = ReportForm(request.viewer, request.POST)
    if not form.is_valid():
        return _show(request, form, chosen, {}, report, status=422)
    known = listed(request.viewer.scope.tenant)
    told = form.told()
    person = person_of(request)
    kept, problems = figures.accepted(chosen, known, person, told["query"], told["zone"], told["hours"])
    if not chosen:
        form.add_error(None, _("Choose at least one figure."))
    if problems or not chosen:
        return _show(request, form, chosen, problems, report, status=422)
    return _saved(request, form, chosen, {**told, "figures": kept}, report)


def _saved(
    request: Asking, form: ReportForm, chosen: list[figures.Told], told: dict[str, Any], report: Report | None
) -> HttpResponseBase:
    version = request.POST.get("version", "")
    try:
        saved = editing.save_report(
            request.viewer.actor,
            person_of(request),
            told,
            list(form.cleaned_data["people"]),
            report,
            int(version) if version.isdigit() else 0,
        )
    except StaleError:
        form.add_error(
            None, _("Somebody changed this report meanwhile. Look at it in another window, then save again.")
        )
        fresh_one = Report.objects.get(pk=report.pk) if report else None
        return _show(request, form, chosen, {}, fresh_one, status=409)
    except AskError as error:
        form.add_error(None, str(error))
        return _show(request, form, chosen, {}, report, status=422)
    return toast(request, HttpResponseRedirect(reverse("report", args=[saved.pk])), _("Report saved."))


def _typed(request: Asking) -> dict[str, Any]:
    """What stands in the form, as it was typed."""
    typed: dict[str, Any] = dict(request.POST.items())
    typed["people"] = request.POST.getlist("people")
    return typed


def _show(
    request: Asking,
    form: ReportForm,
    chosen: list[figures.Told],
    problems: dict[int, str],
    report: Report | None,
    status: int = 200,
) -> HttpResponse:
    known = listed(request.viewer.scope.tenant)
    told = {
        "form": form,
        "rows": figures.rows(chosen, known, problems),
        "full": len(chosen) >= editing.MOST_FIGURES,
        "report": report,
        "other_sender": report is not None and report.sender != request.viewer.person,
    }
    return render(request, "reports/edit.html", told, status=status)
