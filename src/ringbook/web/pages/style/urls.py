"""The addresses of the style page."""

from __future__ import annotations

from django.urls import path

from ringbook.web.pages.style import views

urlpatterns = [
    path("style/", views.style, name="style"),
    path("style/part/<slug:part>/", views.part, name="style-part"),
]
