"""The app of the pages: their templates and translations."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Pages and API."""

    name = "ringbook.web"
    label = "web"
