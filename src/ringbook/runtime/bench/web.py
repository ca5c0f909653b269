"""Pages: how long the server takes for what people open all day, over HTTP, signed in."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from ringbook.model.errors import WaitError
from ringbook.runtime.bench.figures import Figure, median, p95, timed

ROUNDS = 20
TARGET_MS = 150
_START_S = 120.0
_EMAIL, _PASSWORD = "bench@example.com", "correct horse battery staple"


class NoServerError(WaitError):
    """The server that was to be measured did not start."""


def measure(home: Path) -> Iterator[Figure]:
    """Times of the pages over the calls of a home that nobody has open."""
    _run(home, ["people", "add", _EMAIL, "--role", "owner", "--password-stdin"], _PASSWORD)
    with _served(home) as address, httpx.Client(base_url=address, timeout=60) as client:
        _sign_in(client)
        for name, path in _pages(client):
            answer = client.get(path)
            if answer.status_code not in {200, 204}:
                yield Figure(
                    name=f"page: {name}", value=0, unit="ms p95", met=False, note=f"HTTP {answer.status_code}"
                )
                continue
            spent = [timed(lambda p=path: client.get(p)) * 1000 for _ in range(ROUNDS)]  # type: ignore[misc]
            yield Figure(
                name=f"page: {name}",
                value=p95(spent),
                unit="ms p95",
                target=f"< {TARGET_MS}",
                met=p95(spent) < TARGET_MS,
                note=f"median {median(spent):.0f} ms, {len(answer.content) / 1000:.0f} kB",
            )


def _pages(client: httpx.Client) -> Iterator[tuple[str, str]]:
    yield "list of calls", "/calls/"
    yield "list of a filter", "/calls/?q=outcome%3Amissed"
    yield "facets", "/calls/-/facets"
    yield "completion", "/calls/-/complete?q=queue%3A&caret=6"
    found = client.get("/api/v1/calls", params={"limit": 1})
    items = found.json().get("items", []) if found.status_code == 200 else []
    links = (
        [f"/calls/{items[0]['id']}/"]
        if items
        else re.findall(r'href="(/calls/[0-9a-f-]{36}/?)"', client.get("/calls/").text)
    )
    if links:
        yield "one call", links[0]
    yield "overview", "/overview/"


def _sign_in(client: httpx.Client) -> None:
    client.get("/sign-in/")
    answer = client.post(
        "/sign-in/",
        data={"login": _EMAIL, "password": _PASSWORD, "csrfmiddlewaretoken": client.cookies["csrftoken"]},
        headers={"Referer": str(client.base_url)},
    )
    if answer.status_code != 302:
        raise NoServerError(f"signing in to the measured server gave HTTP {answer.status_code}")


def _run(home: Path, arguments: list[str], said: str) -> None:
    command = [sys.executable, "-m", "ringbook", "--home", str(home), *arguments]
    done = subprocess.run(command, input=said, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoServerError(f"ringbook {arguments[0]} failed: {done.stderr.strip()[-500:]}")


@contextmanager
def _served(home: Path) -> Iterator[str]:
    """The address of a ``serve`` on the home, ended afterwards."""
    log = home / "bench-serve.log"
    with log.open("w", encoding="utf-8") as sink:
        command = [sys.executable, "-m", "ringbook", "--home", str(home), "serve", "--port", "0"]
        process = subprocess.Popen(command, stdout=sink, stderr=sink)
    try:
        yield _address(process, log)
    finally:
        process.terminate()
        process.wait()


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and process.poll() is None:
        found = re.search(r"at (http://\S+)", log.read_text(encoding="utf-8"))
        if found:
            return found[1]
        time.sleep(0.1)
    raise NoServerError(f"the server to be measured did not start: {log.read_text(encoding='utf-8')[-500:]}")
