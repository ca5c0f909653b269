"""The order of the tests, which of them run in one process, and which of them a run on PostgreSQL repeats.

What takes long comes first, so that no process is left with it at the end.
"""

from __future__ import annotations

import gc
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from . import desk_tables

LONG = (
    "tests/desk/test_postgresql.py",
    "tests/journeys/test_conditions.py",
    "tests/web/browser/test_call.py",
    "tests/web/browser/test_recording_policy.py",
    "tests/web/test_routes.py",
    "tests/runtime/test_recordings_served.py",
    "tests/ledger/test_elsewhere.py",
    "tests/runtime/test_scale.py",
    "tests/conformance/test_format_laws.py",
)
"""Files of a minute and more, and the first of those that stay together, the longest first. The others keep their order."""

TOGETHER = {
    "tests/web/browser/test_r": "half of those in the browser",
    "tests/web/browser/test_s": "half of those in the browser",
    "tests/web/browser/": "the other half",
    "tests/ledger/": "the ledger",
    "tests/client/": "the client",
    "tests/analyse/": "figures",
    "tests/search/": "searches",
}
"""Beginnings of files that share something dear, such as a ``serve`` or two nodes: one process has it and runs them all."""


gc.set_threshold(100_000, 20, 20)  # as the command line does

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")  # how fast it is must not matter


def pytest_collection_finish() -> None:
    """What was collected stays: Python need not look through it for rubbish again and again."""
    gc.freeze()


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


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give each process one file after the other, or all those that stay together."""
    from xdist.scheduler import LoadFileScheduling

    class Together(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return next((name for start, name in TOGETHER.items() if file.startswith(start)), file)

    return Together(config, log)


def _asks_a_database(item: pytest.Item) -> bool:
    fixtures: list[str] = getattr(item, "fixturenames", [])
    return "db" in fixtures or item.get_closest_marker("django_db") is not None
