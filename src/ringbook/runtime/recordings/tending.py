"""The recordings of a running process: folders are followed, waiting recordings joined, what a crash left is put in order."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import structlog
from prometheus_client.core import GaugeMetricFamily

from ringbook.capture.wire import paused
from ringbook.model.errors import RingbookError
from ringbook.model.scope import MAIN_TENANT
from ringbook.recordings.remote import is_remote
from ringbook.recordings.vault import Vault
from ringbook.runtime.home import Home
from ringbook.runtime.recordings.arriving import take_complete, uploads_of
from ringbook.runtime.recordings.joining import Joiner
from ringbook.runtime.recordings.opening import KEYS, open_vault
from ringbook.runtime.recordings.policing import Policing
from ringbook.runtime.recordings.policy import settle
from ringbook.runtime.recordings.pulling import PulledFolder
from ringbook.runtime.recordings.room import Room, room
from ringbook.runtime.recordings.silencing import finish_pending
from ringbook.runtime.recordings.sweeping import clear, sweep
from ringbook.runtime.recordings.taking import WORKPLACE, Taker
from ringbook.runtime.recordings.watching import SHARE, Folder, Positions

log = structlog.get_logger()

LOOK_S = 2.0
RETRY_S = 15.0
EVERY_S = 600.0
"""Seconds after which all waiting recordings are weighed again, whatever came."""

SOME = 200
"""Waiting recordings that are weighed when calls have come: those received last."""


class Tending:
    """Tends the recordings of a home. Tells how it goes by :meth:`told` and :meth:`metrics`."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._folders: list[Folder | PulledFolder] = []
        self._problem = ""
        self._room: Room | None = None
        self._came = asyncio.Event()
        self._stop = threading.Event()
        self._policing = Policing(home)

    def calls_came(self) -> None:
        """Have waiting recordings weighed: there are new calls, or known ones have changed."""
        self._came.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Tend until ``stop`` is set, and carry out what was decided about recording."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._policing.run(stop), name="recordings policy")
            tasks.create_task(self._tend(stop), name="recordings tend")

    async def _tend(self, stop: asyncio.Event) -> None:
        clear(self._home.folder / WORKPLACE, 0)
        vault = await self._opened(stop)
        if vault is None:
            return
        positions = Positions(self._home.folder / "recordings-taken.sqlite")
        try:
            taker = Taker(self._home, vault)
            self._folders = [
                PulledFolder(folder, self._home.folder, positions, taker)
                if is_remote(folder.path)
                else Folder(folder, positions, taker)
                for folder in self._home.settings.recordings.folders
            ]
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._told_to_stop(stop), name="recordings stop")
                tasks.create_task(self._again(stop, RETRY_S, partial(sweep, self._home, vault), once=True))
                tasks.create_task(self._join(stop), name="recordings join")
                arrived = self._again(stop, LOOK_S, self._take_uploads)
                tasks.create_task(arrived, name="recordings uploads")
                silenced = self._again(stop, EVERY_S, self._mend)
                tasks.create_task(silenced, name="recordings silence")
                for folder in self._folders:
                    name = f"recordings {folder.state.path}"
                    look = self._again(stop, LOOK_S, partial(folder.look, self._stop))
                    tasks.create_task(look, name=name)
        finally:
            positions.close()

    def told(self) -> dict[str, Any]:
        """How it goes, for ``/healthz``."""
        problems = [self._problem, *(folder.state.problem for folder in self._folders)]
        return {
            "problem": next(filter(None, problems), None),
            "completeness": self._policing.told(),
            "marks_unsilenced": self._policing.watched.unsilenced,
            "folders": [
                {
                    "source": folder.state.source,
                    "path": folder.state.path,
                    "taken": folder.state.taken,
                    "waiting": folder.state.waiting,
                    "failed": folder.state.failed,
                    "problem": folder.state.problem or None,
                }
                for folder in self._folders
            ],
        }

    def metrics(self) -> Iterable[GaugeMetricFamily]:
        """How it goes, for Prometheus."""
        labels = ["source", "path"]
        taken = GaugeMetricFamily("ringbook_recordings_taken", "Recordings taken since start.", labels=labels)
        waiting = GaugeMetricFamily(
            "ringbook_recordings_waiting", "Files that were not taken yet.", labels=labels
        )
        up = GaugeMetricFamily(
            "ringbook_recordings_up",
            "1 while recordings of a folder are taken; 0 when there is no room, or no folder.",
            labels=labels,
        )
        for folder in self._folders:
            of = [folder.state.source, folder.state.path]
            taken.add_metric(of, folder.state.taken)
            waiting.add_metric(of, folder.state.waiting)
            up.add_metric(of, 0 if folder.state.problem else 1)
        return taken, waiting, up, *self._policing.metrics(), *self._room_metrics()

    def _room_metrics(self) -> Iterable[GaugeMetricFamily]:
        """Families stay empty while nobody has looked, or can tell."""
        told = self._room
        families = {
            "bytes": ("Bytes that recordings take.", told.bytes if told else None),
            "limit_bytes": (
                "Bytes that they may take: the quota, or what the disk has.",
                told.limit if told else None,
            ),
            "full_in_days": ("Days until there is no room.", told.days_left if told else None),
            "room_low": ("1 when it is time to make room.", int(told.warns) if told else None),
        }
        for name, (about, value) in families.items():
            family = GaugeMetricFamily(f"ringbook_recordings_{name}", about)
            if value is not None:
                family.add_metric([], value)
            yield family

    async def _opened(self, stop: asyncio.Event) -> Vault | None:
        """The vault, once it is used: folders are followed, or somebody added a recording."""
        while not stop.is_set():
            used = (self._home.folder / KEYS).exists() or bool(uploads_of(self._home).complete())
            if used or self._home.settings.recordings.folders:
                try:
                    vault = await asyncio.to_thread(open_vault, self._home)
                except RingbookError as error:
                    self._problem = str(error)
                    log.error("recordings.closed", reason=str(error))  # noqa: TRY400  # an expected error
                else:
                    self._problem = ""
                    return vault
            await paused(stop, RETRY_S)
        return None

    def _mend(self) -> None:
        finish_pending(self._home)
        uploads_of(self._home).clean()
        told = room(self._home)
        if told.warns and not (self._room and self._room.warns):
            log.warning("recordings.room_low", bytes=told.bytes, limit=told.limit, days_left=told.days_left)
        self._room = told

    def _take_uploads(self) -> None:
        deque(take_complete(self._home), maxlen=0)

    async def _told_to_stop(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._stop.set()
        self._came.set()

    async def _join(self, stop: asyncio.Event) -> None:
        """Weigh waiting recordings when calls have come, all of them from time to time."""
        whole_at = 0.0
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._came.wait(), EVERY_S)
            self._came.clear()
            if stop.is_set():
                return
            most = None if time.monotonic() >= whole_at else SOME
            if most is None:
                whole_at = time.monotonic() + EVERY_S
            began = time.monotonic()
            await self._again(stop, LOOK_S, partial(self._weigh, most), once=True)
            await paused(stop, max(LOOK_S, SHARE * (time.monotonic() - began)))

    def _weigh(self, most: int | None) -> None:
        for recording in Joiner(self._home).again(MAIN_TENANT, most=most):
            log.debug("recording.joined", recording=recording.id, by=recording.joined.value)
            settle(self._home, recording)
            if self._stop.is_set():
                return

    async def _again(
        self, stop: asyncio.Event, every_s: float, do: Callable[[], object], *, once: bool = False
    ) -> None:
        """Do something again and again, or once; what fails is tried again after a while, until ``stop`` is set."""
        while not stop.is_set():
            try:
                await asyncio.to_thread(do)
            except (RingbookError, OSError) as error:
                log.warning("recordings.failed", reason=type(error).__name__, detail=str(error))
                await paused(stop, RETRY_S)
                continue
            if once:
                return
            await paused(stop, every_s)
