"""The app of people."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """People, teams, seats."""

    name = "ringbook.desk.people"
    label = "people"

    def ready(self) -> None:
        """Record who comes in and goes out."""
        from ringbook.desk.people.sessions import watch

        watch()
