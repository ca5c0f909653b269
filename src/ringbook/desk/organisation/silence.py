"""Silence alarms: which sources have brought nothing for longer than somebody said they may."""

from __future__ import annotations

import msgspec

from ringbook.desk.organisation.hours import Hours
from ringbook.desk.organisation.models import SilenceAlarm
from ringbook.model.instant import SECOND, Instant


class Silence(msgspec.Struct, frozen=True):
    """How long a source has been silent, in the time that counts, and whether that is too long."""

    source: str
    silent_s: float
    allowed_s: float

    @property
    def alarming(self) -> bool:
        """Whether somebody should look."""
        return self.silent_s > self.allowed_s


def silence(alarm: SilenceAlarm, last_at: Instant | None, now: Instant, hours: Hours) -> Silence | None:
    """The silence of a source now; None before its first record, and while it is closed where only business hours count."""
    if last_at is None:
        return None
    counted = alarm.in_hours and hours.told
    if counted and not hours.open_at(now):
        return None
    silent_s = hours.business_seconds(last_at, now) if counted else max(0, now - last_at) / SECOND
    return Silence(alarm.source, silent_s, alarm.within_minutes * 60)
