"""How much room there is for recordings, how fast it goes, and when it will be gone: told early, while something can be done."""

from __future__ import annotations

import msgspec

from ringbook.ledger.recordings import Catalogue, DayOfRecordings
from ringbook.model.instant import DAY
from ringbook.model.scope import Scope
from ringbook.recordings.errors import VaultUnwritableError
from ringbook.runtime.home import Home
from ringbook.runtime.importing import now
from ringbook.runtime.recordings.arriving import uploads_of
from ringbook.runtime.recordings.opening import open_vault

GIB = 1 << 30
DAYS = 30
"""Days that are looked back on."""

MEASURED = 14
"""Of these, the last whole ones that the growth of a day is measured by."""


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes taken, and that may still be; ``limit`` is None where nobody set one and nobody can tell.

    ``bound`` is what ends it: ``quota`` or ``disk``. ``days_left`` is how long it lasts if it goes on as in the last days.
    """

    bytes: int
    recordings: int
    quota: int | None
    disk: int | None
    limit: int | None
    bound: str
    share: float | None
    a_day: float
    days_left: float | None
    warns: bool
    full: bool
    days: list[DayOfRecordings]
    waiting: list[str]


def room(home: Home) -> Room:
    """How much room there is now."""
    settings, catalogue, at = home.settings.recordings, Catalogue(home.ledger), now()
    totals = catalogue.totals(Scope())
    days = catalogue.growth(Scope(), at - DAYS * DAY)
    disk = _disk(home)
    quota = round(settings.quota_gb * GIB) or None
    left = [
        (size, name)
        for name, size in (
            ("quota", None if quota is None else max(0, quota - totals.bytes)),
            ("disk", disk),
        )
        if size is not None
    ]
    free, bound = min(left, default=(None, ""))
    limit = None if free is None else totals.bytes + free
    share = None if limit is None else totals.bytes / limit if limit else 1.0
    a_day = _a_day(days, at)
    waiting = [one.problem for one in uploads_of(home).complete() if one.problem]
    full = free is not None and free <= 0
    return Room(
        bytes=totals.bytes,
        recordings=totals.kept,
        quota=quota,
        disk=disk,
        limit=limit,
        bound=bound,
        share=share,
        a_day=a_day,
        days_left=None if free is None or not a_day else free / a_day,
        warns=full or (share is not None and share >= settings.warn_at),
        full=full,
        days=days,
        waiting=list(dict.fromkeys(waiting)),
    )


def _disk(home: Home) -> int | None:
    """Bytes that the place of the vault may still take; what is kept free is not counted."""
    try:
        return open_vault(home).room()
    except VaultUnwritableError:
        return 0


def _a_day(days: list[DayOfRecordings], at: int) -> float:
    """The bytes of a usual day: the mean of the last whole days since the first recording among them."""
    today = at // DAY
    counted = [one for one in days if today - MEASURED <= one.day < today]
    if not counted:
        return float(sum(one.bytes for one in days if one.day == today))
    return sum(one.bytes for one in counted) / (today - counted[0].day)
