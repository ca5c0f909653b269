"""The addresses of completeness."""

from __future__ import annotations

from django.urls import path

from ringbook.web.pages.completeness import views

urlpatterns = [
    path("completeness/", views.completeness, name="completeness"),
    path("completeness/calls/", views.calls, name="completeness-calls"),
]
