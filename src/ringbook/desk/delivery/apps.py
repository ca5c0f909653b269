"""The app of reports and alerts."""

from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    """Reports, alerts, webhooks, and what was sent."""

    name = "ringbook.desk.delivery"
    label = "delivery"
