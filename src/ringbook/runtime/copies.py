"""Keeping the ledger's copies of what people added to calls, and of whose numbers are whose, up to date while it serves.

A change puts its copy there itself. What could not be put there, because the ledger was down or a crash came between, and what
belongs to calls that were joined since, is put there by this. A ledger that was made anew is given all of it again.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from django.db import DatabaseError, connections

from ringbook.model.errors import RingbookError
from ringbook.runtime.connections import let_go

EVERY_S = 60.0
STOP_S = 10.0

log = structlog.get_logger()


@contextmanager
def kept(every_s: float = EVERY_S) -> Iterator[None]:
    """Copies are brought up to date at once and then every so often while this holds."""
    stop = threading.Event()
    thread = threading.Thread(target=_keep, args=(stop, every_s), name="copies", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(STOP_S)


def bring_up_to_date() -> int:
    """Put all copies into the ledger that wait for it; how many that were."""
    from ringbook.desk.annotations import sync as annotations  # only once Django is set up
    from ringbook.desk.directory import sync as directory

    return annotations.sync_pending() + directory.sync_pending()


def tend_requests() -> int:
    """Have people's requests go on that were interrupted, or that waited for a hold; how many do."""
    from ringbook.desk.requests import tending  # only once Django is set up

    return tending.tend()


def look_for_lost() -> int:
    """Have everything copied again if the ledger has nothing of it; how many calls and numbers wait for that now."""
    from ringbook.desk.annotations import sync as annotations  # only once Django is set up
    from ringbook.desk.directory import sync as directory

    return annotations.mark_lost() + directory.queue_lost()


def _keep(stop: threading.Event, every_s: float) -> None:
    looked = False
    while True:
        let_go()
        try:
            if not looked:
                look_for_lost()
                looked = True
            done = bring_up_to_date()
            if done:
                log.info("copies.brought_up_to_date", calls_and_numbers=done)
            tend_requests()
        except (DatabaseError, RingbookError, OSError) as error:
            log.warning("copies.wait", problem=str(error).partition("\n")[0])
        finally:
            connections.close_all()
        if stop.wait(every_s):
            return
