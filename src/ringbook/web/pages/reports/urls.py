"""The addresses of reports."""

from __future__ import annotations

from django.urls import path

from ringbook.web.pages.reports import editing, sending, views

urlpatterns = [
    path("reports/", views.reports, name="reports"),
    path("reports/new/", editing.new, name="report-new"),
    path("reports/<uuid:report_id>/", views.report, name="report"),
    path("reports/<uuid:report_id>/edit/", editing.edit, name="report-edit"),
    path("reports/<uuid:report_id>/mail/", views.mail, name="report-mail"),
    path("reports/<uuid:report_id>/pdf/", views.pdf, name="report-pdf"),
    path("reports/<uuid:report_id>/xlsx/", views.xlsx, name="report-xlsx"),
    path("reports/<uuid:report_id>/send/", sending.send, name="report-send"),
    path("reports/<uuid:report_id>/pause/", sending.pause, name="report-pause"),
    path("reports/<uuid:report_id>/remove/", sending.remove, name="report-remove"),
    path("reports/<uuid:report_id>/restore/", sending.restore, name="report-restore"),
    path("reports/deliveries/<uuid:delivery_id>/", views.delivery, name="delivery"),
    path("reports/deliveries/<uuid:delivery_id>/retry/", sending.retry, name="delivery-retry"),
]
