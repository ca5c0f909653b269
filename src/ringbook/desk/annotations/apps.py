"""The app of annotations."""

from django.apps import AppConfig


class AnnotationsConfig(AppConfig):
    """Notes, tags, outcome codes, tasks, custom fields."""

    name = "ringbook.desk.annotations"
    label = "annotations"
