"""The addresses of the worklist."""

from __future__ import annotations

from django.urls import path

from ringbook.web.pages.missed import acting, views

urlpatterns = [
    path("missed/", views.missed, name="missed"),
    path("missed/live", views.live, name="missed-live"),
    path("missed/count", views.count, name="missed-count"),
    path("missed/undo/<str:token>", acting.undo, name="missed-undo"),
    path("missed/<str:call_id>/more", acting.more, name="missed-more"),
    path("missed/<str:call_id>/assign", acting.assign, name="missed-assign"),
    path("missed/<str:call_id>/settle", acting.settle, name="missed-settle"),
]
