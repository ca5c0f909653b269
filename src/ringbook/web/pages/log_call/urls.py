"""The address of logging a call by hand."""

from __future__ import annotations

from django.urls import path

from ringbook.web.pages.log_call import views

urlpatterns = [path("log-call/", views.log_call, name="log-call")]
