"""The app of the workspace."""

from django.apps import AppConfig


class WorkspaceConfig(AppConfig):
    """Saved views, chosen columns, jobs."""

    name = "ringbook.desk.workspace"
    label = "workspace"
