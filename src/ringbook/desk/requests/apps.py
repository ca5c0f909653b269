"""The Django app."""

from __future__ import annotations

from django.apps import AppConfig


class RequestsConfig(AppConfig):
    """Requests of people about what is kept about them."""

    name = "ringbook.desk.requests"
    label = "requests"
