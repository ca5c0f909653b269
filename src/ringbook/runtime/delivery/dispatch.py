"""The dispatcher of a running process: takes reports that are due, looks at alerts, and sends what waits.

Two tasks, so that a mail server that does not answer keeps no alert waiting. Each turn works in a thread, because the
desk's store is not asynchronous. What a stop or a crash cuts short is written down in the store and goes on at the next start.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from django.db import DatabaseError

from ringbook.capture.wire import paused
from ringbook.model.errors import RingbookError
from ringbook.runtime.connections import let_go

log = structlog.get_logger()

LOOK_S = 10.0
"""How often the calendar and the alerts are looked at."""

SEND_S = 2.0
"""How often it is looked whether something waits to be sent."""


class Dispatch:
    """Reports and alerts while this process runs."""

    async def run(self, stop: asyncio.Event) -> None:
        """Work until ``stop`` is set."""
        await asyncio.to_thread(self._guarded, self._recover)
        await asyncio.gather(self._again(stop, self.make, LOOK_S), self._again(stop, self.send, SEND_S))

    async def _again(self, stop: asyncio.Event, turn: Callable[[], None], every_s: float) -> None:
        while not stop.is_set():
            await asyncio.to_thread(self._guarded, turn)
            await paused(stop, every_s)

    def make(self) -> None:
        """One turn: what is due is taken, what was taken is made, alerts are looked at."""
        from ringbook.desk.delivery import posting, running, watching  # only once Django is set up

        running.take_due(datetime.now(UTC))
        running.make_waiting()
        watching.look_at_due(datetime.now(UTC))
        posting.forget_given_up(datetime.now(UTC))

    def send(self) -> None:
        """One turn: messages whose time has come are sent."""
        from ringbook.desk.delivery import posting  # only once Django is set up

        posting.send_waiting()

    def _recover(self) -> None:
        from ringbook.desk.delivery import running  # only once Django is set up

        running.recover()

    def _guarded(self, turn: Callable[[], None]) -> None:
        let_go()
        try:
            turn()
        except (RingbookError, DatabaseError) as error:  # a store that is away comes back
            log.warning("dispatch.waits", reason=type(error).__name__)
        except Exception:  # a mistake in one turn must not end all reports and alerts until the next start
            log.exception("dispatch.failed")
        finally:
            let_go()
