"""A harness that kills capture at random moments, again and again, while counting senders talk to it.

The process that is killed is a real one: a spool, a TCP listener, an HTTP intake under uvicorn and, if asked for, a consumer that
moves records into a small ledger of its own as the pipeline does: commit, then release. SIGKILL leaves it no last word.

``RINGBOOK_CRASH_ROUNDS`` sets how often a test kills it.
"""

from __future__ import annotations

import asyncio
import http.client
import multiprocessing
import os
import random
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from ringbook.capture.chunk import Chunk, Signal
from ringbook.capture.entries import Done
from ringbook.capture.http import Endpoint, HttpIntake
from ringbook.capture.spool import Limits, Spool
from ringbook.capture.tcp import Listener
from ringbook.capture.wire import Place
from ringbook.config.secret import Secret

ROUNDS = int(os.environ.get("RINGBOOK_CRASH_ROUNDS", "12"))
TOKEN = "counting-sender"
LIMITS = Limits(keep_free_bytes=0)

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.capture.crash"])


class Ports(NamedTuple):
    """Where the process listens."""

    http: int
    tcp: int


# -- the process that is killed -------------------------------------------------------------------------------------


def serve(home: Path, told: Connection, consume: bool) -> None:
    """Take records in until killed."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    asyncio.run(_serve(home, told, consume))


async def _serve(home: Path, told: Connection, consume: bool) -> None:
    spool = Spool(home / "spool.sqlite", LIMITS)
    listener = Listener(Place("pbx", "smdr", "x"), spool, host="127.0.0.1", port=0)
    intake = HttpIntake(spool, [Endpoint(Place("switch", "post", "x"), Secret(TOKEN))])

    async def durable(request: Request) -> PlainTextResponse:
        return PlainTextResponse(str(listener.status.bytes))

    app = Starlette(routes=[*intake.routes(), Route("/durable", durable)])
    web = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="off", access_log=False))
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(listener.run(stop))
        tasks.create_task(web.serve())
        if consume:
            tasks.create_task(asyncio.to_thread(consume_forever, spool, home / "ledger.sqlite"))
        await listener.ready.wait()
        while not web.started:
            await asyncio.sleep(0.001)
        told.send(Ports(web.servers[0].sockets[0].getsockname()[1], listener.port))


def consume_forever(spool: Spool, ledger: Path) -> None:
    """What the pipeline does, in small: join chunks to lines, commit each line once by place, release."""
    db = open_ledger(ledger)
    held: dict[str, tuple[int, bytes]] = {}
    after = 0
    while True:
        chunks = spool.take(after, limit=50)
        if not chunks:
            time.sleep(0.002)
            continue
        after = chunks[-1].seq
        done = [_consumed(db, held, chunk) for chunk in chunks]
        db.execute("COMMIT")
        spool.release(done).result()


def _consumed(db: sqlite3.Connection, held: dict[str, tuple[int, bytes]], chunk: Chunk) -> Done:
    if not db.in_transaction:
        db.execute("BEGIN")
    start, rest = held.pop(chunk.origin, (chunk.offset, b""))
    assert chunk.offset == start + len(rest), "a gap between chunks"
    data = rest + chunk.data
    ended = chunk.signal is Signal.END
    whole = len(data) if ended else data.rfind(b"\n") + 1
    if whole:
        db.execute("INSERT OR IGNORE INTO line VALUES (?, ?, ?)", (chunk.origin, start, data[:whole]))
    if not ended:
        held[chunk.origin] = (start + whole, data[whole:])
    return Done(origin=chunk.origin, seq=chunk.seq, offset=start + whole)


def open_ledger(path: Path) -> sqlite3.Connection:
    """The small ledger: what came of each stream, by place."""
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute(
        "CREATE TABLE IF NOT EXISTS line (origin TEXT, start INTEGER, data BLOB, PRIMARY KEY (origin, start))"
    )
    return db


# -- the senders ------------------------------------------------------------------------------------------------------


class Poster(threading.Thread):
    """Posts numbered bodies one after the other; one that got no answer is posted again when the process is back."""

    def __init__(self, number: int, seed: int) -> None:
        super().__init__(daemon=True)
        self.acknowledged: list[bytes] = []
        self.unanswered: bytes | None = None
        self.ports: Ports | None = None
        self.over = threading.Event()
        self._number = number
        self._count = 0
        self._draw = random.Random(seed * 1_000 + number)

    def run(self) -> None:
        while not self.over.is_set():
            ports = self.ports
            if ports is None:
                time.sleep(0.002)
                continue
            with suppress(OSError, http.client.HTTPException):
                self._talk(ports)

    def _talk(self, ports: Ports) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", ports.http, timeout=20)
        while self.ports == ports and not self.over.is_set():
            body = self.unanswered or self._next()
            self.unanswered = body
            connection.request("POST", "/intake/switch", body, {"Authorization": f"Bearer {TOKEN}"})
            answer = connection.getresponse()
            answer.read()
            if answer.status == 200:
                self.acknowledged.append(body)
                self.unanswered = None

    def _next(self) -> bytes:
        self._count += 1
        size = self._draw.choice([0, 50, 300, 300, 5_000, 70_000])
        return b"sender %d body %d " % (self._number, self._count) + self._draw.randbytes(size)


class Caller(threading.Thread):
    """Sends numbered lines over TCP as fast as they are taken; each connection is remembered with all it was sent."""

    def __init__(self, number: int, seed: int) -> None:
        super().__init__(daemon=True)
        self.sent: dict[str, bytearray] = {}  # by the peer's name as the listener sees it, and round
        self.round = 0
        self.ports: Ports | None = None
        self.over = threading.Event()
        self._number = number
        self._draw = random.Random(seed * 1_000 + 500 + number)

    def run(self) -> None:
        while not self.over.is_set():
            ports = self.ports
            if ports is None:
                time.sleep(0.002)
                continue
            with suppress(OSError):
                self._talk(ports)

    def _talk(self, ports: Ports) -> None:
        with socket.create_connection(("127.0.0.1", ports.tcp), timeout=20) as connection:
            name = f"127.0.0.1:{connection.getsockname()[1]}"
            sent = self.sent.setdefault(f"{self.round}/{name}", bytearray())
            for count in range(self._draw.choice([1, 20, 100_000])):
                if self.ports != ports or self.over.is_set():
                    return
                line = (
                    b"caller %d line %d " % (self._number, count)
                    + b"x" * self._draw.choice([0, 80, 900])
                    + b"\r\n"
                )
                sent += line
                cut = self._draw.randrange(len(line))
                connection.sendall(line[:cut])
                connection.sendall(line[cut:])


@contextmanager
def senders(posters: int, callers: int, seed: int) -> Iterator[list[Poster | Caller]]:
    """Running senders; they end with the block."""
    threads: list[Poster | Caller] = [
        *(Poster(n, seed) for n in range(posters)),
        *(Caller(n, seed) for n in range(callers)),
    ]
    for thread in threads:
        thread.start()
    try:
        yield threads
    finally:
        for thread in threads:
            thread.over.set()
        for thread in threads:
            thread.join(30)


# -- the killing ------------------------------------------------------------------------------------------------------


class Killed(NamedTuple):
    """What was known of a round when the process was killed: TCP bytes that it had called durable."""

    round: int
    durable: int


def kill_often(
    home: Path, threads: list[Poster | Caller], rounds: int, seed: int, consume: bool
) -> list[Killed]:
    """Start the process and kill it, so many times; one last start lets every sender get its answer."""
    draw = random.Random(seed)
    killed = []
    for number in range(rounds):
        ports, process = start(home, consume)
        for thread in threads:
            if isinstance(thread, Caller):
                thread.round = number
            thread.ports = ports
        time.sleep(draw.choice([0.0, draw.uniform(0, 0.02), draw.uniform(0, 0.25)]))
        durable = _durable(ports)
        time.sleep(draw.uniform(0, 0.02))
        process.kill()
        for thread in threads:
            thread.ports = None
        process.join(30)
        killed.append(Killed(number, durable))
        time.sleep(0.01)
    _last_round(home, threads, consume)
    return killed


def start(home: Path, consume: bool) -> tuple[Ports, multiprocessing.process.BaseProcess]:
    """A process that listens."""
    ours, theirs = _context.Pipe()
    process = _context.Process(target=serve, args=(home, theirs, consume), daemon=True)
    process.start()
    theirs.close()
    return ours.recv(), process


def _last_round(home: Path, threads: list[Poster | Caller], consume: bool) -> None:
    ports, process = start(home, consume)
    posters = [thread for thread in threads if isinstance(thread, Poster)]
    counts = [len(poster.acknowledged) for poster in posters]
    for poster in posters:
        poster.ports = ports
    deadline = time.monotonic() + 60
    while any(len(p.acknowledged) <= c for p, c in zip(posters, counts, strict=True)):
        assert time.monotonic() < deadline, "a sender got no answer from a process that was not killed"
        time.sleep(0.01)
    for poster in posters:
        poster.over.set()
        poster.join(30)
    process.kill()
    process.join(30)


def _durable(ports: Ports) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", ports.http, timeout=20)
    connection.request("GET", "/durable")
    return int(connection.getresponse().read())
