"""The addresses of evidence packs."""

from __future__ import annotations

from django.urls import path

from ringbook.web.pages.evidence_packs import views

urlpatterns = [
    path("privacy/evidence/", views.packs, name="evidence"),
    path("privacy/evidence/new", views.new, name="evidence-new"),
]
