"""The addresses of the overview."""

from __future__ import annotations

from django.urls import path

from ringbook.web.pages.overview import charts, views

urlpatterns = [
    path("overview/", views.overview, name="overview"),
    path("overview/charts-<slug:version>.js", charts.library, name="overview-charts"),
]
