"""The app of retention."""

from django.apps import AppConfig


class RetentionConfig(AppConfig):
    """Warrants, rules, holds."""

    name = "ringbook.desk.retention"
    label = "retention"
