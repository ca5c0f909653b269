"""The addresses of tasks and mentions."""

from __future__ import annotations

from django.urls import path

from ringbook.web.pages.tasks import views

urlpatterns = [
    path("tasks/", views.tasks, name="tasks"),
    path("tasks/count", views.count, name="tasks-count"),
    path("tasks/mentions/<uuid:mention_id>/read", views.read, name="mention-read"),
]
