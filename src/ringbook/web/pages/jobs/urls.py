"""The addresses of work in the background."""

from __future__ import annotations

from django.urls import path

from ringbook.web.pages.jobs import views

urlpatterns = [
    path("exports/", views.listed, name="exports"),
    path("exports/<uuid:job_id>", views.download, name="export"),
    path("jobs/<uuid:job_id>", views.one, name="job"),
    path("jobs/<uuid:job_id>/cancel", views.cancel, name="job-cancel"),
    path("jobs/<uuid:job_id>/retry", views.retry, name="job-retry"),
    path("jobs/<uuid:job_id>/delete", views.delete, name="job-delete"),
]
