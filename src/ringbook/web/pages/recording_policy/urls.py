"""The addresses of the recording policy, and of consent on a call."""

from __future__ import annotations

from typing import Any

from django.http.response import HttpResponseBase
from django.urls import path

from ringbook.desk.people.roles import Right
from ringbook.web.guard import View, needs
from ringbook.web.pages.call.urls import CallReference  # noqa: F401  # registers what a call's id looks like
from ringbook.web.pages.recording_policy import consent, kinds, views
from ringbook.web.pages.settings import editing
from ringbook.web.pages.settings.editing import Kind
from ringbook.web.viewer import Asking

KINDS: tuple[Kind[Any], ...] = (kinds.RuleKind(), kinds.ListedKindOf(), kinds.CountryKind())


def _new(kind: Kind[Any]) -> View:
    @needs(Right.MANAGE_RECORDING_POLICY)
    def view(request: Asking) -> HttpResponseBase:
        return editing.new(request, kind)

    return view


def _edit(kind: Kind[Any]) -> View:
    @needs(Right.MANAGE_RECORDING_POLICY)
    def view(request: Asking, pk: object) -> HttpResponseBase:
        return editing.edit(request, kind, pk)

    return view


def _take_away(kind: Kind[Any]) -> View:
    @needs(Right.MANAGE_RECORDING_POLICY)
    def view(request: Asking, pk: object) -> HttpResponseBase:
        return editing.take_away(request, kind, pk)

    return view


urlpatterns = [
    path("settings/recording/", views.recording, name="settings-recording"),
    path("settings/recording/standard/", views.change_standard, name="settings-recording-standard"),
    path("settings/recording/order/", views.order, name="settings-recording-order"),
    path("settings/recording/never/", views.never, name="settings-recording-never"),
    path("settings/recording/never/<uuid:pk>/earlier/", views.earlier, name="settings-recording-earlier"),
    path("settings/recording/refused/", views.refused, name="settings-recording-refused"),
    path("settings/recording/refused/destroy/", views.destroy_refused, name="settings-recording-destroy"),
    path("settings/recording/countries/", views.countries, name="settings-recording-countries"),
    path("settings/recording/countries/usual/", views.prefill, name="settings-recording-prefill"),
    path("settings/recording/changes/", views.changes, name="settings-recording-changes"),
    path("calls/<call:call_id>/consent", consent.consent, name="call-consent"),
]
for kind in KINDS:
    urlpatterns += [
        path(f"settings/{kind.slug}/new/", _new(kind), name=f"settings-{kind.slug}-new"),
        path(f"settings/{kind.slug}/<uuid:pk>/", _edit(kind), name=f"settings-{kind.slug}"),
        path(
            f"settings/{kind.slug}/<uuid:pk>/remove/", _take_away(kind), name=f"settings-{kind.slug}-remove"
        ),
    ]
