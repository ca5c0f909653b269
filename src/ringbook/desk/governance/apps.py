"""The app of governance."""

from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    """The audit log."""

    name = "ringbook.desk.governance"
    label = "governance"
