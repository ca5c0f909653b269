"""How fast somebody may ask: one bucket for each token or address, which fills again as time passes.

Buckets are kept in this process; it answers all requests of a home.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

import msgspec


class Policy(msgspec.Struct, frozen=True):
    """So many requests within so many seconds."""

    requests: int
    window_s: int


USUAL = Policy(3_000, 60)
"""Fifty requests a second, of which a minute's worth may come at once."""


class Left(msgspec.Struct, frozen=True):
    """What is left in a bucket: whole requests, seconds until it is full, and seconds to wait for the next one if it is empty."""

    allowed: bool
    requests: int
    full_s: int
    wait_s: int


class Pace:
    """The buckets of everybody who asks."""

    def __init__(self, policy: Policy = USUAL, clock: Callable[[], float] = time.monotonic) -> None:
        self.policy = policy
        self._clock = clock
        self._levels: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def take(self, who: str) -> Left:
        """Whether one more request of somebody is allowed, and what is left."""
        rate = self.policy.requests / self.policy.window_s
        with self._lock:
            now = self._clock()
            level, at = self._levels.get(who, (float(self.policy.requests), now))
            level = min(float(self.policy.requests), level + (now - at) * rate)
            allowed = level >= 1
            level -= 1 if allowed else 0
            self._levels[who] = (level, now)
            if len(self._levels) > _MANY:
                self._forget(now)
        full_s = math.ceil((self.policy.requests - level) / rate)
        return Left(allowed, int(level), full_s, 0 if allowed else max(1, math.ceil((1 - level) / rate)))

    def headers(self, left: Left) -> dict[str, str]:
        """The RateLimit headers (draft-ietf-httpapi-ratelimit-headers)."""
        return {
            "RateLimit-Policy": f'"usual";q={self.policy.requests};w={self.policy.window_s}',
            "RateLimit": f'"usual";r={left.requests};t={left.full_s}',
        }

    def _forget(self, now: float) -> None:
        """Let go of the buckets that are full again."""
        self._levels = {
            who: (level, at) for who, (level, at) in self._levels.items() if now - at < self.policy.window_s
        }


_MANY = 10_000
