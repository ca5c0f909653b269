"""The addresses of the SQL door."""

from __future__ import annotations

from django.urls import path

from ringbook.web.pages.sql import views

urlpatterns = [
    path("sql/", views.sql, name="sql"),
    path("sql/answer", views.answer, name="sql-answer"),
    path("sql/file", views.file, name="sql-file"),
]
