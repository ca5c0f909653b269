"""A running ``ringbook serve`` that tests reach as commands do; each test uses sources of its own in it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ringbook.runtime.door import Remote

from .. import desk_tables

SCENARIOS = Path(__file__).parent.parent / "scenarios"
START_S = 300.0

SETTINGS = """
[files]
poll_s = 0.2

[sources.tailed]
timezone = "America/New_York"
region = "US"
kind = "file"
path = ["in/Master.csv", "in/cel.csv", "in/queue_log"]

[sources.posted]
kind = "http-post"
format = "freeswitch_json_cdr"
token = "let-me-in"
region = "US"
"""


class Served:
    """A home that a running ``serve`` holds."""

    def __init__(self, home: Path, address: str) -> None:
        self.home = home
        self.address = address

    def run(self, operation: str, **arguments: Any) -> list[dict[str, Any]]:
        """All answers to an operation."""
        return list(Remote(self.home / "ringbook.sock").run(operation, arguments))

    def take(self, *paths: Path | str, **asked: Any) -> dict[str, Any]:
        """The outcome of an import."""
        return self.run("import", paths=[str(path) for path in paths], **asked)[-1]

    def calls(self, query: str) -> list[dict[str, Any]]:
        """The calls that answer a query, newest first."""
        answers = self.run("calls.list", query=query, limit=10_000_000, cursor=None, timezone="UTC")
        return [answer["call"] for answer in answers if "call" in answer]

    def count(self, query: str) -> int:
        """How many calls answer a query."""
        return int(self.run("calls.count", query=query, timezone="UTC")[0]["count"])

    def differences(self) -> list[str]:
        """What ``verify`` finds wrong."""
        return [answer["difference"] for answer in self.run("verify") if "difference" in answer]


def ringbook(home: Path, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """One command, run to its end."""
    command = [sys.executable, "-m", "ringbook", "--home", str(home), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, **options)


def start(home: Path, *arguments: str) -> tuple[subprocess.Popen[str], str]:
    """A ``serve`` that answers, and its address."""
    desk_tables.bring(home)
    command = [sys.executable, "-m", "ringbook", "--home", str(home), "serve", "--port", "0", *arguments]
    log = home / "serve.log"
    with log.open("w") as sink:
        process = subprocess.Popen(
            command, stderr=sink, stdout=sink, text=True, env={**os.environ, "COLUMNS": "300"}
        )
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        found = re.search(r"at (http://\S+)", log.read_text())
        if found:
            return process, found[1]
        time.sleep(0.1)
    process.kill()
    process.wait()
    raise RuntimeError(f"serve did not start: {log.read_text()[-2000:]}")


def stop(process: subprocess.Popen[str]) -> None:
    """End a ``serve`` as an operator would."""
    process.terminate()
    process.wait(timeout=180)


@pytest.fixture(scope="package")
def served(tmp_path_factory: Any) -> Iterator[Served]:
    """A running ``serve``."""
    home = tmp_path_factory.mktemp("home")
    (home / "in").mkdir()
    (home / "ringbook.toml").write_text(SETTINGS)
    process, address = start(home)
    yield Served(home, address)
    stop(process)


@pytest.fixture
def scenario() -> Any:
    """The folder of a published scenario, by phone system and name."""

    def folder(name: str, system: str = "asterisk") -> Path:
        return SCENARIOS / system / name

    return folder
