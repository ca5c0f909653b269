"""Addresses of how figures are counted."""

from __future__ import annotations

from django.urls import path

from ringbook.web.pages.settings_figures import views

urlpatterns = [path("settings/figures/", views.figures, name="settings-figures")]
