"""A running ``serve`` with calls and people, and programs with tokens that ask it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ringbook.client import Ringbook

from .. import desk_tables
from ..runtime.conftest import ringbook as command
from ..runtime.conftest import start, stop


class Served(NamedTuple):
    """A running home: its folder and address."""

    home: Path
    address: str

    def token(self, role: str = "integration", *options: str) -> str:
        """A new token, made in the terminal while ``serve`` runs."""
        made = command(self.home, "tokens", "create", "--role", role, "--name", "tests", *options)
        assert made.returncode == 0, made.stderr
        return made.stdout.strip()


@pytest.fixture(scope="package")
def served(tmp_path_factory: Any) -> Iterator[Served]:
    """A running ``serve`` on the home of ``tests.house``."""
    home = tmp_path_factory.mktemp("client")
    desk_tables.bring(home)
    made = subprocess.run(
        [sys.executable, "-m", "tests.client.prepare", str(home)],
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": ""},
    )
    assert made.returncode == 0, made.stderr[-3000:]
    process, address = start(home)
    yield Served(home, address)
    stop(process)


@pytest.fixture(scope="package")
def program(served: Served) -> Iterator[Ringbook]:
    """A program with a token of its own, of role integration."""
    with Ringbook(served.address, served.token()) as client:
        yield client


@pytest.fixture
def program_as(served: Served) -> Iterator[Callable[..., Ringbook]]:
    """A program with a token of a role."""
    opened: list[Ringbook] = []

    def program(role: str, *options: str) -> Ringbook:
        opened.append(Ringbook(served.address, served.token(role, *options)))
        return opened[-1]

    yield program
    for client in opened:
        client.close()
