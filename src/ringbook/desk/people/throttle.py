"""How many wrong tries at signing in are taken, and when the next one is.

Counted in this process: what was counted is forgotten when ``serve`` is started again.
"""

from __future__ import annotations

import hashlib
import time

import msgspec
from django.core.cache import cache


class Limit(msgspec.Struct, frozen=True):
    """So many wrong tries within so many seconds."""

    tries: int
    within_s: int


FROM_HERE = Limit(5, 300)
"""Of one address at one account."""

OF_ACCOUNT = Limit(40, 3600)
"""Of all addresses at one account: guesses that many machines share. Larger, so that nobody is locked out by one stranger."""

OF_ADDRESS = Limit(60, 600)
"""Of one address at all accounts: one password tried with many names. Larger, because an office has one address."""


def wait_s(address: str, account: str) -> int:
    """Seconds until another try is taken; 0 for now."""
    now = time.time()
    return max(_wait(key, limit, now) for key, limit in _counted(address, account))


def failed(address: str, account: str) -> None:
    """Count a wrong try."""
    now = time.time()
    for key, limit in _counted(address, account):
        cache.set(key, [*_recent(key, limit, now), now][-limit.tries :], limit.within_s)


def succeeded(address: str, account: str) -> None:
    """Forget the wrong tries of this address at this account; those of others go on counting."""
    cache.delete(_counted(address, account)[0][0])


def _counted(address: str, account: str) -> list[tuple[str, Limit]]:
    account = account.strip().lower()
    return [
        (_key("from-here", address, account), FROM_HERE),
        (_key("account", account), OF_ACCOUNT),
        (_key("address", address), OF_ADDRESS),
    ]


def _key(*parts: str) -> str:
    return "throttle:" + hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _recent(key: str, limit: Limit, now: float) -> list[float]:
    return [at for at in cache.get(key, []) if now - at < limit.within_s]


def _wait(key: str, limit: Limit, now: float) -> int:
    recent = _recent(key, limit, now)
    return 0 if len(recent) < limit.tries else max(1, int(recent[0] + limit.within_s - now) + 1)
