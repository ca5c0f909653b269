"""The addresses of the sources' pages."""

from __future__ import annotations

from django.urls import path

from ringbook.web.pages.sources import adding, inputs, mapping, undoing, uploading, views

urlpatterns = [
    path("sources/", views.sources, name="sources"),
    path("sources/add/", adding.choose, name="source-add"),
    path("sources/add/own/", mapping.own, name="source-add-own"),
    path("sources/add/<slug:system>/<slug:way>/", adding.add, name="source-add-way"),
    path("sources/upload/", uploading.upload, name="source-upload"),
    path("sources/upload/imports/", undoing.imported, name="imports"),
    path("sources/upload/imports/undo/", undoing.undo, name="imports-undo"),
    path("sources/upload/<uuid:pk>/", uploading.uploaded, name="source-uploaded"),
    path("sources/upload/<uuid:pk>/import/", uploading.begin, name="source-import"),
    path("sources/upload/<uuid:pk>/discard/", uploading.discard, name="source-discard"),
    path("sources/<path:name>/inputs/add/", inputs.add_input, name="source-input-add"),
    path("sources/<path:name>/inputs/<str:entry>/", inputs.change_input, name="source-input"),
    path("sources/<path:name>/inputs/<str:entry>/remove/", inputs.remove_input, name="source-input-remove"),
    path("sources/<path:name>/change/", adding.change, name="source-change"),
    path("sources/<path:name>/live/", views.live, name="source-live"),
    path("sources/<path:name>/waiting/", views.waiting, name="source-waiting"),
    path("sources/<path:name>/rejects/", views.rejects, name="source-rejects"),
    path("sources/<path:name>/replay/", views.replay, name="source-replay"),
    path("sources/<path:name>/alarm/", views.alarm, name="source-alarm"),
    path("sources/<path:name>/pause/", views.pause, name="source-pause"),
    path("sources/<path:name>/remove/", views.remove, name="source-remove"),
    path("sources/<path:name>/restore/", views.restore, name="source-restore"),
    path("sources/<path:name>/reread/", uploading.reread, name="source-reread"),
    path("sources/<path:name>/", views.source, name="source"),
]
