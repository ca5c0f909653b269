"""Addresses of the audit log."""

from __future__ import annotations

from django.urls import path

from ringbook.desk.people.roles import Right
from ringbook.web.guard import needs
from ringbook.web.pages.audit import views

reader = needs(Right.SEE_AUDIT)

urlpatterns = [
    path("settings/audit/", reader(views.log), name="settings-audit"),
    path("settings/audit/verify/", reader(views.verify), name="audit-verify"),
    path("settings/audit/export/", reader(views.export), name="audit-export"),
]
