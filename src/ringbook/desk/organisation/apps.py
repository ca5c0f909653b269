"""The app of the organisation."""

from django.apps import AppConfig


class OrganisationConfig(AppConfig):
    """The organisation, its numbers, queues and hours."""

    name = "ringbook.desk.organisation"
    label = "organisation"
