"""The app of insight."""

from django.apps import AppConfig


class InsightConfig(AppConfig):
    """Choices of how figures are counted, and answers to surveys."""

    name = "ringbook.desk.insight"
    label = "insight"
