"""Starting the desk: Django set up for a home, its tables brought up to date, the home's ledger wired to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import django
from django.conf import settings as django_conf
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import OperationalError
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from ringbook.config.settings import Settings
from ringbook.desk import wiring
from ringbook.desk.settings import django_settings
from ringbook.model.errors import StopError
from ringbook.runtime import copies
from ringbook.runtime.bodies import Bounded
from ringbook.runtime.connections import let_go
from ringbook.runtime.home import Home
from ringbook.runtime.recordings.opening import open_vault


class DeskDatabaseError(StopError):
    """The store of people, notes and contacts cannot be reached."""


def prepare(folder: Path, settings: Settings) -> None:
    """Set Django up for a home and bring its tables up to date. A process does it for one home."""
    if not django_conf.configured:
        django_conf.configure(**django_settings(folder, settings.desk, settings.mail))
        django.setup()
    try:
        if _behind():
            call_command("migrate", verbosity=0, interactive=False)
    except OperationalError as error:
        raise DeskDatabaseError(
            f"the database of the desk cannot be used: {str(error).splitlines()[0]}; mend it, or set desk.database"
        ) from error


def _behind() -> bool:
    """Whether the tables are not those of this version: to bring them up to date costs time even when there is nothing to do."""
    steps = MigrationExecutor(connection)
    return bool(steps.migration_plan(steps.loader.graph.leaf_nodes()))


def routes() -> list[BaseRoute]:
    """What the desk answers to: its static files, and everything else that nobody else does."""
    from ringbook.web import asgi  # only once Django is set up

    everything = Mount("/", Bounded(cast(ASGIApp, asgi.application())), name="desk")
    # A path with a line break in it is ours to answer, too.
    everything.path_regex = re.compile(everything.path_regex.pattern, re.DOTALL)
    files = CachedFiles(directory=asgi.STATIC, check_dir=False)
    return [
        Mount(str(django_conf.STATIC_URL).rstrip("/"), files, name="static"),
        everything,
    ]


class CachedFiles(StaticFiles):
    """Static files whose address changes when they do: a browser asks for each once."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        """The file, to be kept for a year."""
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def start(home: Home) -> None:
    """Make the desk of an opened home ready to answer."""
    prepare(home.folder, home.settings)
    from ringbook.runtime.service import (
        Service,  # some operations ask the desk, which is this module's to start
    )

    wiring.wire(home.ledger, Service(home), home.folder, lambda: open_vault(home))


@contextmanager
def at_hand(home: Home) -> Iterator[None]:
    """The desk of an opened home can be asked in this thread while this holds: by a command as well as in ``serve``."""
    if not wiring.wired() or wiring.home_folder() != home.folder:
        start(home)
    try:
        yield
    finally:
        let_go()


@contextmanager
def working() -> Iterator[None]:
    """Jobs that people asked for on the pages are run, and the ledger's copies kept up to date, while this holds."""
    from ringbook.desk.workspace import runner  # only once Django is set up

    import_module("ringbook.web.urls")  # the pages declare what can be run
    with runner.running(), copies.kept():
        yield
