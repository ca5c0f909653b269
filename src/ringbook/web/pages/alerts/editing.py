"""Making and changing an alert."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ringbook.desk.delivery import edit as keeping
from ringbook.desk.delivery.asking import listed
from ringbook.desk.delivery.models import Alert, AlertKind
from ringbook.desk.organisation.changes import StaleError
from ringbook.desk.people.roles import Right
from ringbook.desk.wiring import ledger
from ringbook.model.errors import AskError
from ringbook.web.guard import needs
from ringbook.web.pages.alerts.forms import FORMS, AlertForm, fresh, initial_of
from ringbook.web.pages.alerts.words import KINDS
from ringbook.web.pages.reports.editing import person_of
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking, Viewer


def alert_or_404(request: Asking, alert_id: uuid.UUID, *, to_change: bool = False) -> Alert:
    """The alert, if the viewer may look at it (or change it)."""
    person = person_of(request)
    found = keeping.visible(Alert, person).filter(pk=alert_id).first()
    if found is None or (to_change and not keeping.may_change(person, found)):
        raise Http404("There is no such alert.")
    return found


@require_http_methods(["GET", "POST"])
@needs(Right.SEND_REPORTS)
def new(request: Asking) -> HttpResponseBase:
    """The kinds there are; the form of one; or the alert kept."""
    kind = request.GET.get("kind", "")
    if kind not in FORMS:
        kinds = [{"key": key.value, "name": name, "about": about} for key, (name, about) in KINDS.items()]
        return render(request, "alerts/start.html", {"kinds": kinds})
    if request.method == "POST":
        return _posted(request, kind, None)
    return _show(request, form_of(request.viewer, kind, initial=fresh(request.viewer, kind)), kind, None)


@require_http_methods(["GET", "POST"])
@needs(Right.SEND_REPORTS)
def edit(request: Asking, alert_id: uuid.UUID) -> HttpResponseBase:
    """The form of an alert, or the alert with what was changed."""
    alert = alert_or_404(request, alert_id, to_change=True)
    if request.method == "POST":
        return _posted(request, alert.kind, alert)
    initial = initial_of(alert, listed(alert.tenant))
    return _show(request, form_of(request.viewer, alert.kind, initial=initial), alert.kind, alert)


def form_of(viewer: Viewer, kind: str, data: Any = None, initial: dict[str, Any] | None = None) -> AlertForm:
    """The form of a kind of alert."""
    known = listed(viewer.scope.tenant)
    named: dict[str, Any] = {"initial": initial}
    if kind == AlertKind.SILENCE:
        statuses = ledger().source_status(viewer.scope, viewer.now)
        named["sources"] = sorted(
            {one.source for one in statuses} | {(initial or {}).get("source", "")} - {""}
        )
    return FORMS[kind](viewer, known, data, **named)


def _posted(request: Asking, kind: str, alert: Alert | None) -> HttpResponseBase:
    form = form_of(request.viewer, kind, request.POST)
    if not form.is_valid():
        return _show(request, form, kind, alert, status=422)
    version = request.POST.get("version", "")
    try:
        saved = keeping.save_alert(
            request.viewer.actor,
            person_of(request),
            {**form.told(), "kind": kind},
            list(form.cleaned_data["people"]),
            list(form.cleaned_data["webhooks"]),
            alert,
            int(version) if version.isdigit() else 0,
        )
    except StaleError:
        text = _("Somebody changed this alert meanwhile. Look at it in another window, then save again.")
        form.add_error(None, text)
        return _show(request, form, kind, Alert.objects.get(pk=alert.pk) if alert else None, status=409)
    except AskError as error:
        form.add_error(None, str(error))
        return _show(request, form, kind, alert, status=422)
    return toast(request, HttpResponseRedirect(reverse("alert", args=[saved.pk])), _("Alert saved."))


def _show(
    request: Asking, form: AlertForm, kind: str, alert: Alert | None, status: int = 200
) -> HttpResponse:
    name, about = KINDS[kind]  # type: ignore[index]
    told = {
        "form": form,
        "kind": kind,
        "kind_name": name,
        "about": about,
        "alert": alert,
        "other_sender": alert is not None and alert.sender != request.viewer.person,
        "hooks": form.fields["webhooks"].queryset.exists(),  # type: ignore[attr-defined]
    }
    return render(request, "alerts/edit.html", told, status=status)
