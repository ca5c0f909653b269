"""Our clock: wall-clock times of a source become UTC instants, across both changes of summer time.

A wall clock that is put back shows one hour twice. Which of the two is meant is decided, in this order: by an instant that the
record itself carries in UTC (an id with an epoch), by the rule that a call does not end before it began, else the first.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ringbook.model.errors import SettingsError
from ringbook.model.instant import SECOND, Instant
from ringbook.model.statement import AnyStatement

HOUR = 3600 * SECOND
QUARTER = 900 * SECOND
_NEAR = 90 * SECOND
"""How far an id's own epoch may lie from the start it hints at before it is no longer taken as a hint of the hour."""


class ZoneNameError(SettingsError, ValueError):
    """A time zone name that is neither an IANA name (``Europe/Berlin``) nor an offset (``UTC+05:30``)."""


@lru_cache(maxsize=256)
def zone(name: str) -> tzinfo:
    """The time zone of that name; ``""`` and ``UTC`` are UTC. Raises :class:`ZoneNameError`."""
    if name in ("", "UTC"):
        return UTC
    offset = re.fullmatch(r"UTC([+-])(\d{1,2}):?(\d{2})?", name)
    if offset and int(offset[2]) < 24 and int(offset[3] or 0) < 60:
        span = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
        return timezone(span if offset[1] == "+" else -span)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ZoneNameError(
            f"time zone {name!r} is unknown; give an IANA name such as 'Europe/Berlin' or an offset such as 'UTC+05:30'"
        ) from None


class WallClock:
    """Turns wall-clock times of one zone into instants."""

    def __init__(self, zone_name: str) -> None:
        self._zone = zone(zone_name)
        self._offsets: dict[int, tuple[int, int]] = {}

    def instant(self, wall: int, hint: Instant | None = None, after: Instant | None = None) -> Instant:
        """The instant of a wall-clock time given in microseconds as if it were UTC.

        ``hint`` is an instant known to be within about a minute of the answer, or else unrelated; ``after`` is one that the
        answer should not precede.
        """
        hour = wall // QUARTER
        offsets = self._offsets.get(hour)
        if offsets is None:
            offsets = self._offsets[hour] = self._both(hour * QUARTER)
        first, second = wall - offsets[0], wall - offsets[1]
        if hint is not None:
            if abs(first - hint) <= _NEAR:
                return first
            for candidate in (second, first - HOUR, first + HOUR):
                if abs(candidate - hint) <= _NEAR:
                    return candidate
        if first != second and after is not None and first < after - SECOND:
            return second
        return first

    def _both(self, wall: int) -> tuple[int, int]:
        naive = datetime.fromtimestamp(wall // SECOND, UTC).replace(tzinfo=None)
        early = naive.replace(tzinfo=self._zone, fold=0).utcoffset()
        late = naive.replace(tzinfo=self._zone, fold=1).utcoffset()
        zero = timedelta()
        one = int((early or zero).total_seconds()) * SECOND
        two = int((late or zero).total_seconds()) * SECOND
        return (one, two) if one >= two else (one, one)


def offset_evidence(statements: Iterable[AnyStatement]) -> str:
    """The zone that records with a local clock show by the epochs in their ids: ``UTC-05:00``, or ``""`` if they show none.

    The commonest offset wins: a second leg of a long call begins long after the id it shows was made.
    """
    votes: Counter[int] = Counter()
    for statement in statements:
        if statement.at is not None and statement.hint_at is not None and not statement.utc:
            gap = statement.at - statement.hint_at
            quarters = round(gap / QUARTER)
            if abs(gap - quarters * QUARTER) <= _NEAR and abs(quarters) <= 14 * 4:
                votes[quarters] += 1
    if not votes:
        return ""
    quarters = max(votes, key=lambda value: (votes[value], -abs(value)))
    sign = "-" if quarters < 0 else "+"
    return f"UTC{sign}{abs(quarters) // 4:02}:{abs(quarters) % 4 * 15:02}"
