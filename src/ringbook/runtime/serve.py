"""``ringbook serve``: the supervised process that takes records in, answers commands, and says how it is doing.

Everything runs in one process. Inputs and HTTP are asyncio tasks with an owner; the pump commits in a thread of its own, because
folding calls and the store's engine are not asynchronous. An input that fails is started again after a while; a store or disk
that refuses stops the pump, not the process: what was acknowledged waits on the spool, and ``/healthz`` says why.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

import structlog
import uvicorn

from ringbook.capture.chunk import Chunk
from ringbook.capture.entries import Done
from ringbook.capture.health import InputStatus
from ringbook.capture.spool import MIB, Spool
from ringbook.capture.wire import paused
from ringbook.config.settings import Settings
from ringbook.model.errors import RingbookError, StopError
from ringbook.runtime import desk
from ringbook.runtime.alarms import Alarms
from ringbook.runtime.delivery.dispatch import Dispatch
from ringbook.runtime.door import Door
from ringbook.runtime.health import Gauge, application
from ringbook.runtime.home import Home
from ringbook.runtime.inputs import limits
from ringbook.runtime.keypad import Keypad
from ringbook.runtime.live import Committed, Live
from ringbook.runtime.recordings.tending import Tending
from ringbook.runtime.retention.keeping import Keeping
from ringbook.runtime.service import Service
from ringbook.runtime.supervisor import RETRY_S, Supervisor

log = structlog.get_logger()

BATCH_CHUNKS = 1_000
BATCH_BYTES = 2 * MIB
"""What is committed together at most: about a second's work, so that a backlog comes in by steps that a crash does not undo."""

GATHER_S = 0.15
"""How long the pump lets chunks gather: the store likes batches, people like to see calls soon."""


class ServeError(StopError):
    """``serve`` cannot start."""


class Serving:
    """What a running process tells of its inputs, and has take effect."""

    def __init__(self, inputs: Supervisor, gauge: Gauge) -> None:
        self._inputs = inputs
        self._gauge = gauge

    def statuses(self) -> list[InputStatus]:
        """How each input is doing."""
        return self._inputs.statuses()

    def problems(self) -> dict[str, str]:
        """What is wrong with taking records in; empty when nothing is."""
        return self._gauge.problems()

    def apply(self, settings: Settings) -> None:
        """Have inputs run as these settings describe them."""
        self._inputs.apply(settings)


class Server:
    """The running process of one home."""

    def __init__(self, home: Home, host: str, port: int) -> None:
        self._home = home
        self._host = host
        self._port = port
        self._spool = Spool(home.folder / "spool.sqlite", limits(home.settings.spool))
        self._from_files: asyncio.Queue[Chunk] = asyncio.Queue(maxsize=64)
        self._inputs = Supervisor(home, self._spool, self._from_files.put)
        self._live = Live(home)
        self._alarms = Alarms(home)
        self._keypad = Keypad(home)
        self._recordings = Tending(home)
        self._retention = Keeping(home)
        self._gauge = Gauge(home, self._spool, self._inputs, self._alarms, self._recordings, self._retention)
        self._door = Door(Service(home), home.folder)
        home.serving = Serving(self._inputs, self._gauge)
        self._after = 0

    async def run(self, ready: Callable[[str], None]) -> None:
        """Serve until SIGTERM or SIGINT; what is on its way is finished first. ``ready`` is told the address."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, stop.set)
        web = uvicorn.Server(self._web_settings())
        web.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        self._door.open()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._web(web, stop, ready), name="web")
                tasks.create_task(self._pump(stop), name="pump")
                tasks.create_task(self._inputs.run(stop), name="inputs")
                tasks.create_task(self._alarms.run(stop), name="alarms")
                tasks.create_task(self._keypad.run(stop), name="keypad")
                tasks.create_task(self._recordings.run(stop), name="recordings")
                tasks.create_task(Dispatch().run(stop), name="dispatch")
                tasks.create_task(self._retention.run(stop), name="retention")
        finally:
            self._home.serving = None
            self._door.close()
            self._spool.close()

    # -- taking in ------------------------------------------------------------------------------------------------

    async def _pump(self, stop: asyncio.Event) -> None:
        """Commit what the spool and the files bring, until ``stop`` is set and the spool is empty or stuck."""
        while True:
            chunks = await self._gather(stop)
            if chunks:
                if not await self._commit(chunks):
                    self._begin_again()
                    if stop.is_set():
                        return
                    await paused(stop, RETRY_S)
            elif stop.is_set():
                return

    def _begin_again(self) -> None:
        """Have everything given again that the ledger does not have, and forget what was on its way."""
        self._after = 0
        self._live = Live(self._home)
        for tail in self._inputs.tails:
            tail.rewind()
        while not self._from_files.empty():
            self._from_files.get_nowait()

    async def _gather(self, stop: asyncio.Event) -> list[Chunk]:
        """What waits, files and spool each with their share, so that neither keeps the other waiting."""
        if not await self._spool.arrived(self._after, GATHER_S) and self._from_files.empty():
            return []
        if not stop.is_set():
            await paused(stop, GATHER_S)
        chunks: list[Chunk] = []
        size = 0
        while not self._from_files.empty() and size < BATCH_BYTES // 2:
            chunks.append(self._from_files.get_nowait())
            size += len(chunks[-1].data)
        spooled = await asyncio.to_thread(self._spool.take, self._after, BATCH_CHUNKS, BATCH_BYTES - size)
        if spooled:
            self._after = spooled[-1].seq
        chunks += spooled
        return chunks

    async def _commit(self, chunks: Sequence[Chunk]) -> bool:
        try:
            with self._gauge.committing(chunks):
                committed, result = await asyncio.to_thread(self._live.take, chunks)
        except RingbookError as error:
            self._gauge.problem("ledger", str(error))
            log.error("pump.stopped", reason=type(error).__name__)  # noqa: TRY400  # an expected error needs no trace
            return False
        self._gauge.solved("ledger")
        self._gauge.count(result)
        if result.calls_new or result.calls_updated:
            self._recordings.calls_came()
        await self._release(committed)
        return True

    async def _release(self, committed: Sequence[Committed]) -> None:
        spooled = [
            Done(origin=c.origin, seq=c.seq, offset=c.offset, context=c.context) for c in committed if c.seq
        ]
        if spooled:
            await asyncio.wrap_future(self._spool.release(spooled))
        for tail in self._inputs.tails:
            for done in committed:
                if not done.seq:
                    tail.committed(done.origin, done.mark, done.offset, done.context)

    # -- HTTP -----------------------------------------------------------------------------------------------------

    def _web_settings(self) -> uvicorn.Config:
        app = application(self._gauge, [*self._inputs.http.routes(), *desk.routes()])
        return uvicorn.Config(
            app,
            host=self._host,
            port=self._port,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
        )

    async def _web(self, web: uvicorn.Server, stop: asyncio.Event, ready: Callable[[str], None]) -> None:
        serving = asyncio.create_task(_serving(web, self._host, self._port), name="uvicorn")
        while not web.started and not serving.done():
            await asyncio.sleep(0.02)
        if web.started:
            port = web.servers[0].sockets[0].getsockname()[1]
            ready(f"http://{self._host}:{port}")
        stopping = asyncio.create_task(stop.wait(), name="web-stop")
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        web.should_exit = True
        await serving


async def _serving(web: uvicorn.Server, host: str, port: int) -> None:
    try:
        await web.serve()
    except SystemExit:
        raise ServeError(
            f"{host}:{port} cannot be listened on; another program may have it: choose another with --port"
        ) from None


def serve(folder: Path, host: str | None, port: int | None, ready: Callable[[str], None]) -> None:
    """Open a home and serve it until told to stop. Raises ``LedgerBusyError`` while another process has it open."""
    with Home.open(folder) as home:
        desk.start(home)
        settings = home.settings.server
        server = Server(home, host or settings.host, settings.port if port is None else port)
        try:
            with desk.working():
                asyncio.run(server.run(ready))
        except* RingbookError as errors:
            raise errors.exceptions[0] from None
