"""Pages: how long the server takes for what people open all day, over HTTP, signed in."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx
import msgspec

from ringbook.analyse.missed import missed
from ringbook.analyse.overview import overview
from ringbook.ledger.ledger import Ledger
from ringbook.model.errors import WaitError
from ringbook.model.instant import DAY
from ringbook.model.scope import Scope
from ringbook.runtime.bench.figures import Figure, median, p95, timed
from ringbook.runtime.home import Home
from ringbook.runtime.importing import now
from ringbook.search import pages as search
from ringbook.search.completion import complete

ROUNDS = 40
TARGET_MS = 150
_START_S = 120.0
_SCOPE = Scope()
_FACETS = ("direction", "outcome", "queue", "agent", "tag", "outcome-code", "source", "weekday", "hour")
_EMAIL, _PASSWORD = "bench@example.com", "correct horse battery staple"


class NoServerError(WaitError):
    """The server that was to be measured did not start."""


class _Page(msgspec.Struct, frozen=True):
    """What people open: its address, how long it may take, and what it asks of the engine."""

    name: str
    path: str
    asks: Callable[[Ledger], object]
    aimed_at: bool = True


def measure(home: Path) -> Iterator[Figure]:
    """Times of the pages over the calls of a home that nobody has open, beside what the engine takes for the same."""
    _run(home, ["people", "add", _EMAIL, "--role", "owner", "--password-stdin"], _PASSWORD)
    with Home.open(home) as opened:
        pages = list(_pages(opened.ledger))
        alone = {page.name: _engine_ms(page, opened.ledger) for page in pages}
    with _served(home) as (address, pid), httpx.Client(base_url=address, timeout=60) as client:
        _sign_in(client)
        for page in (*pages, _news(client, pages[0])):
            yield _figure(client, pid, page, alone.get(page.name))


def _figure(client: httpx.Client, pid: int, page: _Page, engine_ms: float | None) -> Figure:
    name = f"page: {page.name}"
    answer = client.get(page.path)
    if answer.status_code not in {200, 204}:
        return Figure(name=name, value=0, unit="ms p95", met=False, note=f"HTTP {answer.status_code}")
    before = _worked_ms(pid)
    spent = [timed(lambda: client.get(page.path)) * 1000 for _ in range(ROUNDS)]
    worked = (_worked_ms(pid) - before) / ROUNDS
    engine = "" if engine_ms is None else f"engine alone {engine_ms:.0f} ms, "
    return Figure(
        name=name,
        value=p95(spent),
        unit="ms p95",
        target=f"< {TARGET_MS}" if page.aimed_at else "",
        met=p95(spent) < TARGET_MS if page.aimed_at else None,
        ratio=median(spent) / engine_ms if engine_ms else None,
        note=f"median {median(spent):.0f} ms, {engine}{worked:.0f} ms of the processors, {len(answer.content) / 1000:.0f} kB",
    )


def _worked_ms(pid: int) -> float:
    """For how long a process has had the processors (Linux): tells more than the clock where others work beside it; else 0."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def _engine_ms(page: _Page, ledger: Ledger) -> float:
    page.asks(ledger)
    return median([timed(lambda: page.asks(ledger)) * 1000 for _ in range(ROUNDS)])


def _pages(ledger: Ledger) -> Iterator[_Page]:
    """The pages, and what each asks of the ledger; the pages that carry the aim come first."""

    def listed(query: str) -> Callable[[Ledger], object]:
        return lambda of: search.list_calls(of, _SCOPE, query, now=now())

    def counted(query: str) -> Callable[[Ledger], object]:
        return lambda of: search.facets(of, _SCOPE, query, _FACETS, now=now())

    yield _Page("list of calls", "/calls/", listed(""))
    yield _Page("list of a filter", "/calls/?q=outcome%3Amissed", listed("outcome:missed"))
    yield _Page("facets", "/calls/-/facets", counted(""))
    yield _Page("facets of a filter", "/calls/-/facets?q=outcome%3Amissed", counted("outcome:missed"))
    for call in search.list_calls(ledger, _SCOPE, "", limit=1, now=now()).items:
        yield _Page("one call", f"/calls/{call.id}/", partial(_show, call.id))
    yield _Page("overview", "/overview/", lambda of: overview(of, _SCOPE, now=now()))
    yield _Page(
        "completion",
        "/calls/-/complete?q=queue%3A&caret=6",
        lambda of: complete(of, _SCOPE, "queue:", 6, now=now()),
    )
    yield _Page(
        "count of all calls", "/calls/-/count", lambda of: search.count_calls(of, _SCOPE, now=now()), False
    )
    yield _Page(
        "missed and not returned",
        "/missed/",
        lambda of: missed(of, _SCOPE, since=now() - 7 * DAY, until=now()),
        False,
    )


def _show(call_id: str, ledger: Ledger) -> object:
    return search.show_call(ledger, _SCOPE, call_id)


def _news(client: httpx.Client, listed: _Page) -> _Page:
    """What an open list asks every few seconds."""
    found = re.search(r'data-live-since="([^"]+)"', client.get(listed.path).text)
    since = found[1] if found else ""
    return _Page("news of a list", f"/calls/-/news?q=&since={since}", listed.asks)


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
def _served(home: Path) -> Iterator[tuple[str, int]]:
    """The address and process of a ``serve`` on the home, ended afterwards."""
    log = home / "bench-serve.log"
    with log.open("w", encoding="utf-8") as sink:
        command = [sys.executable, "-m", "ringbook", "--home", str(home), "serve", "--port", "0"]
        process = subprocess.Popen(command, stdout=sink, stderr=sink)
    try:
        yield _address(process, log), process.pid
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
