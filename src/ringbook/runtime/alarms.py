"""Silence alarms of a running process: which sources should have brought something by now, for ``/healthz`` and ``/metrics``."""

from __future__ import annotations

import asyncio

import structlog
from django.db import DatabaseError

from ringbook.capture.wire import paused
from ringbook.model.errors import RingbookError
from ringbook.model.scope import MAIN_TENANT, Scope
from ringbook.runtime.connections import let_go
from ringbook.runtime.home import Home
from ringbook.runtime.importing import now

log = structlog.get_logger()

LOOK_S = 30.0


class Alarms:
    """Looks again and again which sources are silent for too long. ``silent`` has their seconds by name, as last seen."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self.silent: dict[str, float] = {}
        self.watched: tuple[str, ...] = ()

    async def run(self, stop: asyncio.Event) -> None:
        """Look until ``stop`` is set."""
        while not stop.is_set():
            try:
                await asyncio.to_thread(self.look)
            except (RingbookError, DatabaseError) as error:
                log.warning("alarms.unseen", reason=type(error).__name__)
            await paused(stop, LOOK_S)

    def look(self) -> None:
        """Look once."""
        from ringbook.desk.organisation.hours import hours_of  # only once Django is set up
        from ringbook.desk.organisation.models import SilenceAlarm
        from ringbook.desk.organisation.silence import silence

        let_go()
        try:
            alarms = list(SilenceAlarm.objects.filter(tenant=MAIN_TENANT))
            hours = hours_of(MAIN_TENANT)
        finally:
            let_go()
        at = now()
        last = (
            {s.source: s.last_received_at for s in self._home.ledger.source_status(Scope(), at)}
            if alarms
            else {}
        )
        found = {}
        for alarm in alarms:
            source = self._home.settings.sources.get(alarm.source)
            if source is None or source.paused:
                continue
            quiet = silence(alarm, last.get(alarm.source), at, hours)
            if quiet is not None and quiet.alarming:
                found[alarm.source] = quiet.silent_s
        for name in sorted(found.keys() - self.silent.keys()):
            log.warning("source.silent", source=name, silent_s=round(found[name]))
        self.watched = tuple(sorted(alarm.source for alarm in alarms))
        self.silent = found
