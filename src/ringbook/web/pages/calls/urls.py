"""The addresses of the log of calls."""

from __future__ import annotations

from django.urls import path

from ringbook.web.pages.calls import many, views
from ringbook.web.pages.calls.saving import change, columns, delete, restore, save, tabs
from ringbook.web.pages.jobs import exports  # noqa: F401 - registers what exports run as

urlpatterns = [
    path("calls/", views.calls, name="calls"),
    path("calls/-/count", views.count, name="calls-count"),
    path("calls/-/facets", views.facets, name="calls-facets"),
    path("calls/-/news", views.news, name="calls-news"),
    path("calls/-/complete", views.complete, name="calls-complete"),
    path("calls/-/dates", views.dates, name="calls-dates"),
    path("calls/-/help", views.language, name="calls-help"),
    path("calls/-/columns", columns, name="calls-columns"),
    path("calls/-/views", tabs, name="calls-views"),
    path("calls/-/views/new", save, name="calls-view-save"),
    path("calls/-/views/<uuid:view_id>", change, name="calls-view"),
    path("calls/-/views/<uuid:view_id>/delete", delete, name="calls-view-delete"),
    path("calls/-/views/<uuid:view_id>/restore", restore, name="calls-view-restore"),
    path("calls/-/chosen/<slug:action>", many.chosen, name="calls-chosen"),
    path("calls/-/undo/<uuid:batch>", many.undo, name="calls-undo"),
    path("calls/-/export", many.export, name="calls-export"),
]
