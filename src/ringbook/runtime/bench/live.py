"""Live intake: a serve that takes records by HTTP and TCP at a steady rate while readers search."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from ringbook.runtime.bench.data import company
from ringbook.runtime.bench.figures import Figure, resident
from ringbook.runtime.door import SOCKET, Remote
from ringbook.runtime.simulation.asterisk import CDR, Exchange

RATE = 2_000
SECONDS = 20
READERS = 8
READ_EVERY_S = 1.0
"""How long a reader looks at an answer before asking the next question."""

SETTINGS = """
[sources.live]
kind = "tcp-listen"
format = "asterisk_cdr_csv"
timezone = "America/Chicago"
region = "US"
port = {port}
"""


def measure(folder: Path, port: int = 0) -> Iterator[Figure]:
    """Send records at the target rate to a serve of its own; how long they took to be searchable, and its memory."""
    port = port or _free_port()
    folder.mkdir()
    (folder / "ringbook.toml").write_text(SETTINGS.format(port=port), encoding="utf-8")
    serve = _start(folder)
    try:
        address = _address(folder, serve)
        time.sleep(3)
        idle = resident(serve.pid)
        yield Figure(
            name="serve: memory when idle", value=idle / 1e6, unit="MB", target="< 500", met=idle < 5e8
        )
        yield from asyncio.run(_measured(folder, port, address))
    finally:
        serve.terminate()
        serve.wait()


async def _measured(folder: Path, port: int, address: str) -> list[Figure]:
    lines = _lines(RATE * SECONDS)
    stop = asyncio.Event()
    readers = [asyncio.create_task(_read(folder, stop), name=f"reader-{n}") for n in range(READERS)]
    began = time.monotonic()
    await _send(port, lines)
    sent = time.monotonic() - began
    behind = await _caught_up(folder, len(lines))
    stop.set()
    errors = sum(await asyncio.gather(*readers))
    lag = _lag_p95(address)
    rate = len(lines) / sent
    return [
        Figure(
            name=f"live: records a second taken in beside {READERS} readers",
            value=rate,
            unit="records/s",
            target=f"≥ {RATE:,}",
            met=rate >= RATE * 0.98 and behind < 5 and not errors,
            note=f"{len(lines):,} records in {sent:.1f} s; searchable {behind:.1f} s after the last; {errors} reader errors",
        ),
        Figure(name="live: from received to searchable", value=lag, unit="s p95", target="< 2", met=lag < 2),
    ]


def _lines(count: int) -> list[bytes]:
    exchange, at = Exchange(company(), 99, frozenset((CDR,))), time.time() - 600
    lines: list[bytes] = []
    while len(lines) < count:
        lines += [line.text.encode() for line in exchange.call(at)]
        at += 0.005
    return lines[:count]


async def _send(port: int, lines: list[bytes]) -> None:
    """Send in steps of 50 ms at the target rate."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    step = RATE // 20
    began = time.monotonic()
    for index in range(0, len(lines), step):
        writer.write(b"".join(lines[index : index + step]))
        await writer.drain()
        await asyncio.sleep(max(0.0, began + (index + step) / RATE - time.monotonic()))
    writer.close()
    await writer.wait_closed()


async def _read(folder: Path, stop: asyncio.Event) -> int:
    """Search again and again; gives back how often that failed."""
    failed = 0
    questions = ("", "outcome:missed", "queue:sales", "name:REED", "last:7d")
    while not stop.is_set():
        for question in questions:
            ask = {"query": question, "limit": 50, "cursor": None, "timezone": "UTC"}
            try:
                await asyncio.to_thread(lambda a=ask: list(Remote(folder / SOCKET).run("calls.list", a)))  # type: ignore[misc]
            except Exception:  # noqa: BLE001  # any failure of a reader counts
                failed += 1
            await asyncio.sleep(READ_EVERY_S)
    return failed


async def _caught_up(folder: Path, frames: int, patience_s: float = 120.0) -> float:
    """Seconds until all frames are in the ledger."""
    began = time.monotonic()
    while time.monotonic() - began < patience_s:
        status = await asyncio.to_thread(lambda: list(Remote(folder / SOCKET).run("sources.status", {})))
        if sum(row["frames"] for row in status) >= frames:
            return time.monotonic() - began
        await asyncio.sleep(0.2)
    return patience_s


def _lag_p95(address: str) -> float:
    """The 95th percentile of received-to-searchable, from the serve's own histogram (upper bound of the bucket)."""
    with urllib.request.urlopen(f"{address}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    rows = re.findall(r'ringbook_received_to_searchable_seconds_bucket\{le="([^"]+)"\} (\S+)', text)
    total = float(rows[-1][1])
    return next(float(bound) for bound, count in rows if float(count) >= 0.95 * total)


def _start(folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "ringbook", "--home", str(folder), "serve", "--port", "0"]
    log = (folder / "serve.log").open("wb")
    return subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, "COLUMNS": "300"})


def _address(folder: Path, serve: subprocess.Popen[bytes], patience_s: float = 60.0) -> str:
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline and serve.poll() is None:
        found = re.search(r"at (http://\S+)", (folder / "serve.log").read_text(encoding="utf-8"))
        if found:
            return found[1]
        time.sleep(0.1)
    raise RuntimeError(f"serve did not start; see {folder / 'serve.log'}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
