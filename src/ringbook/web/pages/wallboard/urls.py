"""The addresses of the wallboard."""

from __future__ import annotations

from django.urls import path

from ringbook.web.pages.wallboard import links, views

urlpatterns = [
    path("wallboard/", views.wallboard, name="wallboard"),
    path("wallboard/now", views.now, name="wallboard-now"),
    path("wallboard/links/", links.links, name="wallboard-links"),
    path("wallboard/links/<uuid:link_id>/withdraw", links.withdraw, name="wallboard-link-withdraw"),
    path("wallboard/tv/<str:secret>/", views.screen, name="wallboard-screen"),
    path("wallboard/tv/<str:secret>/now", views.screen_now, name="wallboard-screen-now"),
]
