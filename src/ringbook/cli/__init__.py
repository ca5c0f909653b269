"""The ``ringbook`` command: one file per noun."""

from ringbook.cli.app import main

__all__ = ["main"]
