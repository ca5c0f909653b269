"""The app of people."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """People, teams, seats."""

    name = "ringbook.desk.people"
    label = "people"
