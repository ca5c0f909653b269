"""The addresses of the settings."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import path

from ringbook.desk.people.roles import Right
from ringbook.web.guard import View, needs
from ringbook.web.pages.settings import editing, hours, house, numbers, queues, surveys, words
from ringbook.web.pages.settings.editing import Kind
from ringbook.web.templatetags.organisation import settings_entries
from ringbook.web.viewer import Asking

KINDS: dict[str, Kind[Any]] = {
    kind.slug: kind
    for kind in (
        numbers.NumberKind(),
        numbers.ExtensionKind(),
        numbers.SeatKind(),
        queues.QueueKind(),
        hours.HolidayKind(),
        surveys.RuleKind(),
        *words.WORDS.values(),
    )
}


@needs()
def settings(request: Asking) -> HttpResponseBase:
    """The first page of the settings that the viewer may see."""
    entries = settings_entries(request.viewer)
    if not entries:
        raise PermissionDenied
    return HttpResponseRedirect(entries[0].url)


def _new(kind: Kind[Any]) -> View:
    @needs(Right.MANAGE_SETTINGS)
    def view(request: Asking) -> HttpResponseBase:
        return editing.new(request, kind)

    return view


def _edit(kind: Kind[Any]) -> View:
    @needs(Right.MANAGE_SETTINGS)
    def view(request: Asking, pk: object) -> HttpResponseBase:
        return editing.edit(request, kind, pk)

    return view


def _take_away(kind: Kind[Any]) -> View:
    @needs(Right.MANAGE_SETTINGS)
    def view(request: Asking, pk: object) -> HttpResponseBase:
        return editing.take_away(request, kind, pk)

    return view


urlpatterns = [
    path("settings/", settings, name="settings"),
    path("settings/organisation/", house.house, name="settings-organisation"),
    path("settings/numbers/", numbers.numbers, name="settings-numbers"),
    path("settings/numbers/many/", numbers.bulk, name="settings-numbers-many"),
    path("settings/queues/", queues.queues, name="settings-queues"),
    path("settings/hours/", hours.hours, name="settings-hours"),
    path("settings/hours/holidays/", hours.prefill, name="settings-holidays"),
    path("settings/outcomes/", words.outcomes, name="settings-outcomes"),
    path("settings/tags/", words.tags, name="settings-tags"),
    path("settings/tags/<uuid:pk>/merge/", words.merge, name="settings-tag-merge"),
    path("settings/fields/", words.fields, name="settings-fields"),
    path("settings/surveys/", surveys.surveys, name="settings-surveys"),
    path("settings/surveys/read/", surveys.read, name="settings-surveys-read"),
    path("settings/undo/<str:token>/", editing.undo, name="settings-undo"),
]
for slug in words.WORDS:
    urlpatterns.append(
        path(f"settings/{slug}/<uuid:pk>/back/", words.back, {"slug": slug}, name=f"settings-{slug}-back")
    )
for slug in ("outcome", "field"):
    urlpatterns.append(
        path(f"settings/{slug}/order/", words.order, {"slug": slug}, name=f"settings-{slug}-order")
    )
for slug, kind in KINDS.items():
    urlpatterns += [
        path(f"settings/{slug}/new/", _new(kind), name=f"settings-{slug}-new"),
        path(f"settings/{slug}/<uuid:pk>/", _edit(kind), name=f"settings-{slug}"),
        path(f"settings/{slug}/<uuid:pk>/remove/", _take_away(kind), name=f"settings-{slug}-remove"),
    ]
