"""The addresses of alerts and webhooks."""

from __future__ import annotations

from django.urls import path

from ringbook.web.pages.alerts import editing, hooks, views

urlpatterns = [
    path("reports/alerts/", views.alerts, name="alerts"),
    path("reports/alerts/new/", editing.new, name="alert-new"),
    path("reports/alerts/<uuid:alert_id>/", views.alert, name="alert"),
    path("reports/alerts/<uuid:alert_id>/edit/", editing.edit, name="alert-edit"),
    path("reports/alerts/<uuid:alert_id>/test/", views.test, name="alert-test"),
    path("reports/alerts/<uuid:alert_id>/pause/", views.pause, name="alert-pause"),
    path("reports/alerts/<uuid:alert_id>/acknowledge/", views.acknowledge, name="alert-acknowledge"),
    path("reports/alerts/<uuid:alert_id>/remove/", views.remove, name="alert-remove"),
    path("reports/alerts/<uuid:alert_id>/restore/", views.restore, name="alert-restore"),
    path("reports/webhooks/", hooks.webhooks, name="webhooks"),
    path("reports/webhooks/new/", hooks.new, name="webhook-new"),
    path("reports/webhooks/<uuid:webhook_id>/", hooks.webhook, name="webhook"),
    path("reports/webhooks/<uuid:webhook_id>/secret/", hooks.secret, name="webhook-secret"),
    path("reports/webhooks/<uuid:webhook_id>/test/", hooks.test, name="webhook-test"),
    path("reports/webhooks/<uuid:webhook_id>/remove/", hooks.remove, name="webhook-remove"),
]
