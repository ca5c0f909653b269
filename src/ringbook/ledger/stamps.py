"""When rows of calls were written, so that who follows them misses none.

A row is stamped before it is inserted and is seen when the insert is done, which for two inserts may come in the other order. So
nothing is told of rows stamped at the *horizon* or later: before it lies nothing that may still arrive. Inserts of this process
are known one by one; those of other processes (a cluster may have several writers) are given ``lag`` to arrive.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ringbook.model.instant import SECOND, Instant

OTHERS_LAG = 60 * SECOND


class Stamps:
    """Gives out stamps, each once and each later than the one before, and knows which are still on their way."""

    def __init__(self, last: Callable[[], Instant], lag: Instant = 0) -> None:
        """``last`` gives the last stamp of all rows there are: the clock may have been set back since."""
        self.lag = lag
        self._read_last: Callable[[], Instant] | None = last
        self._last: Instant = 0
        self._on_their_way: set[Instant] = set()
        self._lock = threading.Lock()

    @contextmanager
    def stamp(self) -> Iterator[Instant]:
        """A stamp for the rows that are inserted within."""
        with self._lock:
            self._last = at = self._next()
            self._on_their_way.add(at)
        try:
            yield at
        finally:
            with self._lock:
                self._on_their_way.discard(at)

    def late(self, at: Instant) -> bool:
        """Whether rows of this stamp, seen from now on, may have been missed by readers of other processes."""
        return self.lag > 0 and time.time_ns() // 1000 - at > self.lag // 2

    def horizon(self) -> Instant:
        """The instant before which no row will be stamped any more that cannot be seen yet."""
        with self._lock:
            return min(self._on_their_way | {self._next() - self.lag})

    def _next(self) -> Instant:
        if self._read_last is not None:
            self._last = self._read_last()
            self._read_last = None
        return max(time.time_ns() // 1000, self._last + 1)
