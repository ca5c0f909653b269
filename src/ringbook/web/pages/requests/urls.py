"""The addresses of people's requests."""

from __future__ import annotations

from django.urls import path

from ringbook.web.pages.requests import deciding, preparing, running, views

urlpatterns = [
    path("privacy/", views.privacy, name="privacy"),
    path("privacy/requests/", views.listed, name="requests"),
    path("privacy/requests/new", preparing.new, name="request-new"),
    path("privacy/requests/<uuid:request_id>/", views.one, name="request"),
    path("privacy/requests/<uuid:request_id>/find", preparing.find, name="request-find"),
    path("privacy/requests/<uuid:request_id>/add", preparing.add, name="request-add"),
    path("privacy/requests/<uuid:request_id>/take-off", preparing.take_off, name="request-take-off"),
    path("privacy/requests/<uuid:request_id>/names", preparing.names, name="request-names"),
    path("privacy/requests/<uuid:request_id>/preview", preparing.shown_preview, name="request-preview"),
    path("privacy/requests/<uuid:request_id>/submit", preparing.submit, name="request-submit"),
    path("privacy/requests/<uuid:request_id>/confirm", deciding.confirm, name="request-confirm"),
    path("privacy/requests/<uuid:request_id>/decline", deciding.decline, name="request-decline"),
    path("privacy/requests/<uuid:request_id>/withdraw", deciding.withdraw, name="request-withdraw"),
    path("privacy/requests/<uuid:request_id>/again", deciding.again, name="request-again"),
    path("privacy/requests/<uuid:request_id>/archive", running.archive, name="request-archive"),
]
