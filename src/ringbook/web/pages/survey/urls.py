"""The address of the question."""

from __future__ import annotations

from django.urls import path

from ringbook.web.pages.survey import views

urlpatterns = [path("survey/<str:secret>/", views.survey, name="survey")]
