"""The supervisor: runs the inputs of a home, starts again those that fail, and has changes of the sources take effect at once.

Each input is a task with a stop of its own. What has arrived by the time that an input is stopped is taken in.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias

import msgspec
import structlog

from ringbook.capture.chunk import Chunk
from ringbook.capture.health import InputStatus
from ringbook.capture.spool import Spool
from ringbook.capture.tail import Tail
from ringbook.capture.wire import paused
from ringbook.config.settings import Input, Kind, Settings
from ringbook.model.errors import RingbookError, WaitError
from ringbook.runtime.home import Home
from ringbook.runtime.inputs import Runs, endpoints, intake, runs

log = structlog.get_logger()

RETRY_S = 5.0

_STOP_S = 20.0
"""How long an input may take to stop; one that takes longer is cut off, as at a crash: nothing acknowledged is lost."""

Name: TypeAlias = tuple[str, str]
"""Source and input."""


class SourceBusyError(WaitError):
    """The running inputs could not be changed in time."""


class Running(msgspec.Struct):
    """An input that runs."""

    entry: Input
    runs: Runs
    stop: asyncio.Event
    task: asyncio.Task[None]


class Supervisor:
    """Runs inputs. ``deliver`` is given what files bring; what arrives otherwise goes to the spool."""

    def __init__(self, home: Home, spool: Spool, deliver: Callable[[Chunk], Awaitable[None]]) -> None:
        self._home = home
        self._spool = spool
        self._deliver = deliver
        self._running: dict[Name, Running] = {}
        self._made = {
            name: self._make(home.settings, name[0], entry) for name, entry in _wanted(home.settings).items()
        }
        self._changing = asyncio.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: asyncio.TaskGroup | None = None
        self.http = intake(home.settings, spool)

    @property
    def tails(self) -> list[Tail]:
        """The inputs that follow files."""
        return [running.runs for running in self._running.values() if isinstance(running.runs, Tail)]

    def statuses(self) -> list[InputStatus]:
        """How each input is doing."""
        return [r.runs.status for r in [*self._running.values()]] + self.http.statuses

    async def run(self, stop: asyncio.Event) -> None:
        """Run the inputs until ``stop`` is set."""
        self._loop = asyncio.get_running_loop()
        async with asyncio.TaskGroup() as self._tasks:
            for name, entry in _wanted(self._home.settings).items():
                made = self._made.pop(name, None) or self._make(self._home.settings, name[0], entry)
                self._start(name, entry, made)
            await stop.wait()
            async with self._changing:
                for running in self._running.values():
                    running.stop.set()
                self._tasks = None

    def apply(self, settings: Settings) -> None:
        """Have inputs run as these settings describe them; for threads other than that of the inputs.

        Inputs that stay the same go on undisturbed. Raises :class:`SourceBusyError`.
        """
        if self._loop is None:
            return
        wanted = _wanted(settings)
        changed = {name: entry for name, entry in wanted.items() if not self._has(name, entry)}
        future = asyncio.run_coroutine_threadsafe(self._apply(settings, wanted, changed), self._loop)
        try:
            future.result(2 * _STOP_S)
        except TimeoutError:
            raise SourceBusyError("the inputs are still being changed; look again in a minute") from None

    def _has(self, name: Name, entry: Input) -> bool:
        return name in self._running and self._running[name].entry == entry

    async def _apply(self, settings: Settings, wanted: dict[Name, Input], changed: dict[Name, Input]) -> None:
        async with self._changing:
            if self._tasks is None:
                return  # everything is being stopped
            for name in [name for name in self._running if name not in wanted or name in changed]:
                await self._end(name)
            self.http.serve(endpoints(settings))
            for name, entry in changed.items():
                made = await asyncio.to_thread(self._make, settings, name[0], entry)
                self._start(name, entry, made)

    def _make(self, settings: Settings, source: str, entry: Input) -> Runs:
        return runs(settings, self._home.ledger, self._spool, source, entry)

    def _start(self, name: Name, entry: Input, made: Runs) -> None:
        assert self._tasks is not None
        stop = asyncio.Event()
        task = self._tasks.create_task(self._keep(made, stop), name=f"input {name[0]} {name[1]}")
        self._running[name] = Running(entry, made, stop, task)

    async def _end(self, name: Name) -> None:
        running = self._running.pop(name)
        running.stop.set()
        done, _ = await asyncio.wait({running.task}, timeout=_STOP_S)
        if not done:
            log.warning("input.cut_off", source=name[0], input=name[1])
            running.task.cancel()

    async def _keep(self, made: Runs, stop: asyncio.Event) -> None:
        """Run an input; if it fails, say so and start it again after a while, until ``stop`` is set."""
        while not stop.is_set():
            try:
                await self._once(made, stop)
            except (RingbookError, OSError) as error:
                name = made.status.input
                log.warning("input.failed", input=name, reason=type(error).__name__, detail=str(error))
                await paused(stop, RETRY_S)

    async def _once(self, made: Runs, stop: asyncio.Event) -> None:
        if isinstance(made, Tail):
            async for chunk in made.chunks(stop, self._home.settings.files.poll_s):
                await self._deliver(chunk)
        else:
            await made.run(stop)


def _wanted(settings: Settings) -> dict[Name, Input]:
    """The inputs that run as tasks."""
    return {
        (name, entry.name): entry
        for name, source in settings.sources.items()
        if not source.paused
        for entry in source.inputs
        if entry.kind is not Kind.HTTP_POST
    }
