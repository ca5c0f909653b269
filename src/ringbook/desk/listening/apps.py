"""The app of what people keep of recordings."""

from django.apps import AppConfig


class ListeningConfig(AppConfig):
    """Notes pinned to a moment, and clips."""

    name = "ringbook.desk.listening"
    label = "listening"
