"""The order of the tests: what takes long comes first, so that no process is left with it at the end."""

from __future__ import annotations

import pytest

LONG = (
    "tests/desk/test_postgresql.py",
    "tests/journeys/test_conditions.py",
    "tests/runtime/test_recordings_served.py",
    "tests/ledger/test_elsewhere.py",
    "tests/runtime/test_scale.py",
)
"""Files of a minute and more, the longest first. The others keep their order, so that a package's own home is made once."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long files first."""
    place = {file: number for number, file in enumerate(LONG)}
    items.sort(key=lambda item: place.get(item.nodeid.partition("::")[0], len(LONG)))
