"""The addresses of clips, and of notes at moments."""

from __future__ import annotations

from django.urls import path

from ringbook.web.pages.clips import views

urlpatterns = [
    path("clips/", views.clips, name="clips"),
    path("clips/<uuid:clip_id>/", views.clip, name="clip"),
    path("clips/<uuid:clip_id>/change", views.change, name="clip-change"),
    path("clips/<uuid:clip_id>/remove", views.remove, name="clip-remove"),
    path("clips/<uuid:clip_id>/restore", views.restore, name="clip-restore"),
    path("clips/<uuid:clip_id>/download/<slug:form>", views.download, name="clip-download"),
    path("recordings/<uuid:recording_id>/clips", views.make, name="clip-make"),
    path("recordings/<uuid:recording_id>/notes", views.pin, name="recording-pin"),
]
