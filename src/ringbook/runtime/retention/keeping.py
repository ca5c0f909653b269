"""Retention of a running process: a run begins every day at its hour, goes on after a crash, and is missed when it fails."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import structlog
from django.db import DatabaseError
from prometheus_client.core import GaugeMetricFamily

from ringbook.capture.wire import paused
from ringbook.model.errors import RingbookError
from ringbook.model.scope import MAIN_TENANT
from ringbook.runtime.connections import let_go
from ringbook.runtime.home import Home

log = structlog.get_logger()

LOOK_S = 5.0
PURGE_S = 900.0
"""After which what others kept from being taken off the disk is tried again."""


class Keeping:
    """Applies the rules of a home. Tells how it goes by :meth:`told` and :meth:`metrics`, as last seen."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._told: dict[str, Any] = {"active": False, "alarm": None}
        self._last_done_at: float | None = None
        self._purge_at = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Look again and again, until ``stop`` is set."""
        ending = threading.Event()
        while not stop.is_set():
            work = asyncio.create_task(asyncio.to_thread(partial(self._safely, ending)))
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait({work, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if stop.is_set():
                ending.set()
            stopping.cancel()
            await work
            await paused(stop, LOOK_S)

    def told(self) -> dict[str, Any]:
        """How it goes, for ``/healthz``."""
        return dict(self._told)

    def metrics(self) -> Iterable[GaugeMetricFamily]:
        """How it goes, for Prometheus."""
        yield GaugeMetricFamily(
            "ringbook_retention_alarm",
            "1 while rules are on and were not applied for over 26 hours, or the last run failed.",
            1 if self._told["alarm"] else 0,
        )
        last_done = GaugeMetricFamily(
            "ringbook_retention_last_done_timestamp_seconds", "When the rules were last applied to the end."
        )
        if self._last_done_at is not None:
            last_done.add_metric([], self._last_done_at)
        yield last_done

    def _safely(self, ending: threading.Event) -> None:
        let_go()
        try:
            self.look(ending)
        except (RingbookError, DatabaseError, OSError) as error:
            log.warning("retention.unseen", reason=type(error).__name__)
        finally:
            let_go()

    def look(self, ending: threading.Event) -> None:
        """Look once: begin a run that is due, carry on the one that is under way, see how it stands."""
        from ringbook.desk.governance.audit import SYSTEM, Actor  # only once Django is set up
        from ringbook.desk.retention import holds, runs, standing
        from ringbook.desk.retention.records import UNDER_WAY, RetentionRun, RunState
        from ringbook.runtime.retention.running import Runner

        for hold in holds.unfixed():
            holds.fix(hold)
        under_way = RetentionRun.objects.filter(tenant=MAIN_TENANT, state__in=UNDER_WAY)
        if standing.due(MAIN_TENANT, datetime.now(UTC)) and not under_way.exists():
            runs.begin(Actor(SYSTEM.id, "retention", MAIN_TENANT))
        self._see()
        waiting = RetentionRun.objects.filter(state__in=(RunState.QUEUED, RunState.RUNNING)).order_by(
            "made_at"
        )
        for run in waiting:
            Runner(self._home, ending).carry_out(run)
        if waiting:
            self._see()
        elif time.monotonic() >= self._purge_at:
            self._purge_at = time.monotonic() + PURGE_S
            Runner(self._home, ending).purge_late()

    def _see(self) -> None:
        from ringbook.desk.retention import standing, telling  # only once Django is set up

        state = standing.state_of(MAIN_TENANT, datetime.now(UTC))
        if state.alarm and state.alarm != self._told["alarm"]:
            log.warning("retention.alarm", reason=state.alarm)
            telling.tell(MAIN_TENANT, state)
        self._last_done_at = state.last_done_at.timestamp() if state.last_done_at else None
        self._told = {
            "active": state.active,
            "alarm": state.alarm or None,
            "detail": state.detail or None,
            "last_done_at": state.last_done_at.isoformat(timespec="seconds") if state.last_done_at else None,
            "next_at": state.next_at.isoformat(timespec="seconds") if state.next_at else None,
        }
