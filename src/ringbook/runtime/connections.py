"""Database connections of threads that ask the desk now and then."""

from __future__ import annotations

from django.db import connections


def let_go() -> None:
    """Close this thread's connections that are broken or too old, but none on which a transaction is open."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
