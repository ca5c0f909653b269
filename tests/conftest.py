"""The order of the tests, and which of them a run on PostgreSQL repeats.

What takes long comes first, so that no process is left with it at the end.
"""

from __future__ import annotations

import os

import pytest

from . import desk_tables

LONG = (
    "tests/desk/test_postgresql.py",
    "tests/journeys/test_conditions.py",
    "tests/web/test_routes.py",
    "tests/runtime/test_recordings_served.py",
    "tests/ledger/test_elsewhere.py",
    "tests/runtime/test_scale.py",
    "tests/conformance/test_format_laws.py",
)
"""Files of a minute and more, the longest first. The others keep their order, so that a package's own home is made once."""


@pytest.fixture(scope="session", autouse=True)
def _tables(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Where the tables of desks are kept: in the folder of the whole run, of which each worker has one of its own."""
    folder = tmp_path_factory.getbasetemp()
    in_worker = hasattr(request.config, "workerinput")
    os.environ[desk_tables.FOLDER] = str(folder.parent if in_worker else folder)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the long files first; on PostgreSQL, leave out the tests that ask no database."""
    place = {file: number for number, file in enumerate(LONG)}
    items.sort(key=lambda item: place.get(item.nodeid.partition("::")[0], len(LONG)))
    if "RINGBOOK_TEST_DATABASE" in os.environ:
        elsewhere = [item for item in items if not _asks_a_database(item)]
        config.hook.pytest_deselected(items=elsewhere)
        items[:] = [item for item in items if _asks_a_database(item)]


def _asks_a_database(item: pytest.Item) -> bool:
    fixtures: list[str] = getattr(item, "fixturenames", [])
    return "db" in fixtures or item.get_closest_marker("django_db") is not None
