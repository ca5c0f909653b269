"""Reports and alerts: the same that the pages have, with the same checks. They go out in somebody's name, so a person asks."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any, TypeVar

from django import forms
from django.http import HttpResponse
from ninja import Router
from ninja.params.functions import Query

from ringbook.desk.delivery import edit, running
from ringbook.desk.delivery.asking import listed
from ringbook.desk.delivery.models import Alert, AlertEpisode, Report, ReportRun
from ringbook.desk.organisation.changes import StaleError
from ringbook.desk.people.models import Person
from ringbook.desk.people.roles import Right
from ringbook.web.api import delivery_shapes as shapes
from ringbook.web.api import schemas_delivery as schemas
from ringbook.web.api.operation import answered, operation, sent_version
from ringbook.web.api.problems import Problem
from ringbook.web.pages.alerts.editing import form_of
from ringbook.web.pages.alerts.forms import fresh as fresh_alert
from ringbook.web.pages.alerts.forms import initial_of as alert_initial
from ringbook.web.pages.reports.figures import accepted
from ringbook.web.pages.reports.forms import ReportForm
from ringbook.web.pages.reports.forms import fresh as fresh_report
from ringbook.web.pages.reports.forms import initial_of as report_initial
from ringbook.web.viewer import Asking, Viewer

router = Router(tags=["reports and alerts"])

Thing = TypeVar("Thing", Report, Alert)
_LIMIT = Query(50, ge=1, le=500)


# --- reports ---------------------------------------------------------------------------------------------------------


@operation(router, "GET", "/reports", Right.SEE_REPORTS, answer=schemas.Reports)
def list_reports(request: Asking) -> HttpResponse:
    """The reports that one may look at: one's own; all of them for who manages settings or reads the audit log."""
    rows = edit.visible(Report, _person(request.viewer)).select_related("sender").prefetch_related("people")
    return answered({"items": [shapes.report(one) for one in rows]})


@operation(router, "POST", "/reports", Right.SEND_REPORTS, answer=schemas.Report, status=201, once=True)
def add_report(request: Asking, report: schemas.ReportSent) -> HttpResponse:
    """Make a report. It goes out in the name of who makes it, with what they may see."""
    viewer = request.viewer
    usual = {**fresh_report(viewer), "figures": [{"figure": "calls", "by": "day"}]}
    return _one(_save_report(viewer, usual, report, None, 0), 201)


@operation(
    router,
    "GET",
    "/reports/{id}",
    Right.SEE_REPORTS,
    answer=schemas.Report,
)
def get_report(request: Asking, id: str) -> HttpResponse:  # noqa: A002  # the public name
    """One report; `version` is what to send with a change."""
    return _one(_there(Report, request.viewer, id))


@operation(router, "PATCH", "/reports/{id}", Right.SEND_REPORTS, answer=schemas.Report, headers=("If-Match",))
def change_report(request: Asking, id: str, report: schemas.ReportSent) -> HttpResponse:  # noqa: A002  # the public name
    """Change a report; what is left out stays as it is. From then on it goes out in the name of who changed it."""
    viewer = request.viewer
    there, version = _there(Report, viewer, id, to_change=True), sent_version(request)
    usual = {**report_initial(there), "figures": there.figures}
    return _one(_save_report(viewer, usual, report, there, version))


@operation(router, "DELETE", "/reports/{id}", Right.SEND_REPORTS, answer=None, status=204)
def remove_report(request: Asking, id: str) -> HttpResponse:  # noqa: A002  # the public name
    """Take a report away; what it sent stays on record."""
    edit.remove(request.viewer.actor, _there(Report, request.viewer, id, to_change=True))
    return HttpResponse(status=204)


@operation(router, "POST", "/reports/{id}/pause", Right.SEND_REPORTS, answer=schemas.Report)
def pause_report(request: Asking, id: str) -> HttpResponse:  # noqa: A002  # the public name
    """Have a report rest."""
    return _paused(request.viewer, _there(Report, request.viewer, id, to_change=True), paused=True)


@operation(router, "POST", "/reports/{id}/resume", Right.SEND_REPORTS, answer=schemas.Report)
def resume_report(request: Asking, id: str) -> HttpResponse:  # noqa: A002  # the public name
    """Have a report go out again; times that passed meanwhile are not made up for."""
    return _paused(request.viewer, _there(Report, request.viewer, id, to_change=True), paused=False)


@operation(
    router, "POST", "/reports/{id}/send", Right.SEND_REPORTS, answer=schemas.Run, status=202, once=True
)
def send_report(request: Asking, id: str) -> HttpResponse:  # noqa: A002  # the public name
    """Have a report made and sent now; its runs and deliveries say what became of it."""
    there = _there(Report, request.viewer, id, to_change=True)
    return answered(shapes.run(running.ask_for(there, request.viewer.actor, datetime.now(UTC))), 202)


@operation(router, "GET", "/reports/{id}/runs", Right.SEE_REPORTS, answer=schemas.Runs)
def list_report_runs(request: Asking, id: str, limit: int = _LIMIT) -> HttpResponse:  # noqa: A002  # the public name
    """When a report was made, and what became of it."""
    rows = ReportRun.objects.filter(report=_there(Report, request.viewer, id))[:limit]
    return answered({"items": [shapes.run(one) for one in rows]})


@operation(router, "GET", "/deliveries", Right.SEE_REPORTS, answer=schemas.Deliveries)
def list_deliveries(
    request: Asking,
    report: str = Query("", description="Only of this report.", max_length=36),
    alert: str = Query("", description="Only of this alert.", max_length=36),
    limit: int = _LIMIT,
) -> HttpResponse:
    """What was sent to whom, and what became of it."""
    viewer = request.viewer
    rows = edit.deliveries(_person(viewer)).select_related("run")
    if report:
        rows = rows.filter(run__report=_there(Report, viewer, report))
    if alert:
        rows = rows.filter(alert=_there(Alert, viewer, alert))
    return answered({"items": [shapes.delivery(one) for one in rows.order_by("-made_at", "id")[:limit]]})


# --- alerts ----------------------------------------------------------------------------------------------------------


@operation(router, "GET", "/alerts", Right.SEE_REPORTS, answer=schemas.Alerts)
def list_alerts(request: Asking) -> HttpResponse:
    """The alerts that one may look at, with what they saw last."""
    rows = edit.visible(Alert, _person(request.viewer)).select_related("sender")
    return answered({"items": [shapes.alert(one) for one in rows.prefetch_related("people", "webhooks")]})


@operation(router, "POST", "/alerts", Right.SEND_REPORTS, answer=schemas.Alert, status=201, once=True)
def add_alert(request: Asking, alert: schemas.NewAlert) -> HttpResponse:
    """Make an alert. It looks in the name of who makes it, at what they may see."""
    viewer = request.viewer
    said = alert.model_dump(exclude_unset=True)
    kind = said.pop("kind")
    return _one(_save_alert(viewer, kind, fresh_alert(viewer, kind), said, None, 0), 201)


@operation(
    router,
    "GET",
    "/alerts/{id}",
    Right.SEE_REPORTS,
    answer=schemas.Alert,
)
def get_alert(request: Asking, id: str) -> HttpResponse:  # noqa: A002  # the public name
    """One alert; `version` is what to send with a change."""
    return _one(_there(Alert, request.viewer, id))


@operation(router, "PATCH", "/alerts/{id}", Right.SEND_REPORTS, answer=schemas.Alert, headers=("If-Match",))
def change_alert(request: Asking, id: str, alert: schemas.AlertSent) -> HttpResponse:  # noqa: A002  # the public name
    """Change an alert; what is left out stays as it is. An open episode ends without a word."""
    viewer = request.viewer
    there, version = _there(Alert, viewer, id, to_change=True), sent_version(request)
    usual = alert_initial(there, listed(there.tenant))
    said = alert.model_dump(exclude_unset=True)
    return _one(_save_alert(viewer, there.kind, usual, said, there, version))


@operation(router, "DELETE", "/alerts/{id}", Right.SEND_REPORTS, answer=None, status=204)
def remove_alert(request: Asking, id: str) -> HttpResponse:  # noqa: A002  # the public name
    """Take an alert away; what it sent stays on record."""
    edit.remove(request.viewer.actor, _there(Alert, request.viewer, id, to_change=True))
    return HttpResponse(status=204)


@operation(router, "POST", "/alerts/{id}/pause", Right.SEND_REPORTS, answer=schemas.Alert)
def pause_alert(request: Asking, id: str) -> HttpResponse:  # noqa: A002  # the public name
    """Have an alert rest; an open episode ends without a word."""
    return _paused(request.viewer, _there(Alert, request.viewer, id, to_change=True), paused=True)


@operation(router, "POST", "/alerts/{id}/resume", Right.SEND_REPORTS, answer=schemas.Alert)
def resume_alert(request: Asking, id: str) -> HttpResponse:  # noqa: A002  # the public name
    """Have an alert look again."""
    return _paused(request.viewer, _there(Alert, request.viewer, id, to_change=True), paused=False)


@operation(router, "GET", "/alerts/{id}/episodes", Right.SEE_REPORTS, answer=schemas.Episodes)
def list_alert_episodes(request: Asking, id: str, limit: int = _LIMIT) -> HttpResponse:  # noqa: A002  # the public name
    """When what an alert watches was off."""
    rows = AlertEpisode.objects.filter(alert=_there(Alert, request.viewer, id))[:limit]
    return answered({"items": [shapes.episode(one) for one in rows]})


@operation(
    router,
    "POST",
    "/alerts/{id}/episodes/{episode_id}/acknowledge",
    Right.SEND_REPORTS,
    answer=schemas.Episode,
)
def acknowledge_episode(request: Asking, id: str, episode_id: str) -> HttpResponse:  # noqa: A002  # the public name
    """Say that somebody looks after an episode: nobody is reminded of it any more."""
    alert = _there(Alert, request.viewer, id, to_change=True)
    there = AlertEpisode.objects.filter(alert=alert, pk=_uuid(episode_id)).first()
    if there is None:
        raise Problem("not-found", "There is no such episode.")
    return answered(shapes.episode(edit.acknowledge(request.viewer.actor, there)))


# --- what they share -------------------------------------------------------------------------------------------------


def _person(viewer: Viewer) -> Person:
    if viewer.person is None:
        text = "Reports and alerts belong to people: ask with a token that somebody made for themselves."
        raise Problem("request", text)
    return viewer.person


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _there(kind: type[Thing], viewer: Viewer, key: str, *, to_change: bool = False) -> Thing:
    person, known = _person(viewer), _uuid(key)
    there = edit.visible(kind, person).filter(pk=known).first() if known else None
    if there is None or (to_change and not edit.may_change(person, there)):
        raise Problem("not-found", f"There is no such {'report' if kind is Report else 'alert'}.")
    return there


def _one(thing: Report | Alert, status: int = 200) -> HttpResponse:
    shape = shapes.report(thing) if isinstance(thing, Report) else shapes.alert(thing)
    return answered(shape, status, ETag=f'"{thing.version}"')


def _paused(viewer: Viewer, thing: Report | Alert, *, paused: bool) -> HttpResponse:
    if thing.paused != paused:
        edit.pause(viewer.actor, thing, paused=paused)
        thing.refresh_from_db()
    return _one(thing)


def _save_report(
    viewer: Viewer, usual: dict[str, Any], sent: schemas.ReportSent, of: Report | None, version: int
) -> Report:
    """The report that was sent, checked as the form on the page checks it."""
    person, said = _person(viewer), sent.model_dump(exclude_unset=True)
    figures = said.pop("figures", None) or usual.pop("figures")
    usual.pop("figures", None)
    form = ReportForm(viewer, _typed(usual, said))
    if not form.is_valid():
        raise _refused(form)
    told = form.told()
    chosen = [shapes.typed_figure(one) for one in figures]
    known = listed(viewer.scope.tenant)
    kept, problems = accepted(chosen, known, person, told["query"], told["zone"], told["hours"])
    if problems:
        errors = [
            {"where": "body", "name": f"figures.{place}", "problem": text} for place, text in problems.items()
        ]
        raise Problem("invalid", errors=errors)
    people = list(form.cleaned_data["people"])
    try:
        return edit.save_report(viewer.actor, person, {**told, "figures": kept}, people, of, version)
    except StaleError as error:
        raise _changed(error, said) from None


def _save_alert(
    viewer: Viewer, kind: str, usual: dict[str, Any], said: dict[str, Any], of: Alert | None, version: int
) -> Alert:
    """The alert that was sent, checked as the form on the page checks it."""
    person, known = _person(viewer), listed(viewer.scope.tenant)
    form = form_of(viewer, kind, _typed(usual, shapes.typed_alert(usual, said, known)), usual)
    if not form.is_valid():
        raise _refused(form)
    told, given = {**form.told(), "kind": kind}, form.cleaned_data
    try:
        return edit.save_alert(
            viewer.actor, person, told, list(given["people"]), list(given["webhooks"]), of, version
        )
    except StaleError as error:
        raise _changed(error, said) from None


def _typed(usual: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    """What a form is given: what was sent over what is usual; null is nothing."""
    typed = {**usual, **said}
    if isinstance(typed.get("addresses"), list):
        typed["addresses"] = "\n".join(typed["addresses"])
    return {name: "" if value is None else value for name, value in typed.items()}


def _refused(form: forms.Form) -> Problem:
    named = {"watch": "figure", "__all__": ""}
    errors = [
        {"where": "body", "name": named.get(name, name), "problem": str(text)}
        for name, texts in form.errors.items()
        for text in texts
    ]
    return Problem("invalid", errors=errors)


def _changed(error: StaleError, yours: dict[str, Any]) -> Problem:
    now = error.current
    current = (
        shapes.report(now)
        if isinstance(now, Report)
        else shapes.alert(now)
        if isinstance(now, Alert)
        else None
    )
    return Problem("changed", "Somebody changed it meanwhile.", current=current, yours=yours)
