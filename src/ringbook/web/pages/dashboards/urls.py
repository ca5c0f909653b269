"""The addresses of the dashboards."""

from __future__ import annotations

from django.urls import path

from ringbook.web.pages.dashboards import figure, people, saving, staffing, views, weeks

urlpatterns = [
    path("dashboards/", views.home, name="dashboards"),
    path("dashboards/-/figures/", figure.catalogue, name="dashboard-figures"),
    path("dashboards/-/figures/<slug:name>/", figure.figure, name="dashboard-figure"),
    path("dashboards/-/keep", saving.keep, name="dashboard-keep"),
    path("dashboards/-/add", saving.add, name="dashboard-add"),
    path("dashboards/own/<uuid:dashboard_id>/", views.own, name="dashboard-own"),
    path("dashboards/own/<uuid:dashboard_id>/numbers", views.own_numbers, name="dashboard-own-numbers"),
    path("dashboards/own/<uuid:dashboard_id>/panel/<int:place>", views.own_panel, name="dashboard-own-panel"),
    path("dashboards/own/<uuid:dashboard_id>/edit", saving.edit, name="dashboard-edit"),
    path("dashboards/own/<uuid:dashboard_id>/delete", saving.delete, name="dashboard-delete"),
    path("dashboards/own/<uuid:dashboard_id>/restore", saving.restore, name="dashboard-restore"),
    path("dashboards/staffing/", staffing.staffing, name="dashboard-staffing"),
    path("dashboards/staffing/what-if", staffing.what_if, name="dashboard-what-if"),
    path("dashboards/staffing/weeks", weeks.weeks, name="dashboard-weeks"),
    path("dashboards/staffing/weeks.csv", weeks.as_csv, name="dashboard-weeks-csv"),
    path("dashboards/staffing/weeks.xlsx", weeks.as_xlsx, name="dashboard-weeks-xlsx"),
    path("dashboards/people/spread", people.spread, name="dashboard-people"),
    path("dashboards/<slug:slug>/", views.board, name="dashboard"),
    path("dashboards/<slug:slug>/numbers", views.numbers, name="dashboard-numbers"),
    path("dashboards/<slug:slug>/panel/<int:place>", views.panel, name="dashboard-panel"),
]
