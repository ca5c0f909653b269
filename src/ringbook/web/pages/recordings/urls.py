"""The addresses of recordings."""

from __future__ import annotations

from django.urls import path

from ringbook.web.pages.call.urls import CallReference  # noqa: F401  # registers what a call's id looks like
from ringbook.web.pages.recordings import downloading, heard, media, room, silencing, uploading, waiting

urlpatterns = [
    path("recordings/", waiting.waiting, name="recordings"),
    path("recordings/upload", uploading.upload, name="recordings-upload"),
    path("recordings/uploaded", uploading.uploaded, name="recordings-uploaded"),
    path("recordings/room", room.room, name="recordings-room"),
    path("recordings/<uuid:recording_id>/discard", room.discard, name="recording-discard"),
    path("recordings/<uuid:recording_id>/", waiting.one, name="recording"),
    path("recordings/<uuid:recording_id>/join", waiting.join, name="recording-join"),
    path("recordings/<uuid:recording_id>/address", media.address, name="recording-address"),
    path("recordings/<uuid:recording_id>/audio", media.audio, name="recording-audio"),
    path("recordings/<uuid:recording_id>/peaks", media.peaks, name="recording-peaks"),
    path("recordings/<uuid:recording_id>/player", silencing.player, name="recording-player"),
    path("recordings/<uuid:recording_id>/silence", silencing.silence, name="recording-silence"),
    path("recordings/<uuid:recording_id>/unsilence", silencing.unsilence, name="recording-unsilence"),
    path("recordings/<uuid:recording_id>/heard", media.heard, name="recording-heard"),
    path(
        "recordings/<uuid:recording_id>/download/<slug:form>", downloading.download, name="recording-download"
    ),
    path("calls/<call:call_id>/listeners", heard.listeners, name="call-listeners"),
]
