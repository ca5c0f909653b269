"""The app of the dashboards."""

from django.apps import AppConfig


class DashboardsConfig(AppConfig):
    """Saved dashboards and the links of wallboards."""

    name = "ringbook.desk.dashboards"
    label = "dashboards"
