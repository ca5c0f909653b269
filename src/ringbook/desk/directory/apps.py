"""The app of contacts."""

from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    """Contacts, companies, call-backs."""

    name = "ringbook.desk.directory"
    label = "directory"
