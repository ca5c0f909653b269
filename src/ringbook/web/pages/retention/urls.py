"""The addresses of retention."""

from __future__ import annotations

from django.urls import path

from ringbook.web.pages.retention import holding, running, views

urlpatterns = [
    path("retention/", views.overview, name="retention"),
    path("retention/plan/", views.plan, name="retention-plan"),
    path("retention/limits/", views.limits, name="retention-limits"),
    path("retention/clock/", views.clock, name="retention-clock"),
    path("retention/rules/new/", views.rule, name="retention-rule-new"),
    path("retention/rules/<uuid:rule_id>/", views.rule, name="retention-rule"),
    path("retention/rules/<uuid:rule_id>/off/", views.rule_off, name="retention-rule-off"),
    path("retention/runs/begin/", running.begin, name="retention-begin"),
    path("retention/runs/<uuid:run_id>/", running.run, name="retention-run"),
    path("retention/runs/<uuid:run_id>/report.json", running.report, name="retention-report"),
    path("retention/runs/<uuid:run_id>/<slug:verb>/", running.act, name="retention-run-act"),
    path("retention/holds/", holding.listed, name="retention-holds"),
    path("retention/holds/new/", holding.place, name="retention-hold-new"),
    path("retention/holds/<uuid:hold_id>/", holding.hold, name="retention-hold"),
    path("retention/holds/<uuid:hold_id>/change/", holding.change, name="retention-hold-change"),
]
