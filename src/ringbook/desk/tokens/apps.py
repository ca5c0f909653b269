"""The app of tokens."""

from django.apps import AppConfig


class TokensConfig(AppConfig):
    """API tokens."""

    name = "ringbook.desk.tokens"
    label = "tokens"
