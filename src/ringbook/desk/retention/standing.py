"""Whether the rules are applied as they should be: when the next run is due, and what is wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from ringbook.desk.retention.policy import policy_of, zone_of
from ringbook.desk.retention.records import (
    UNDER_WAY,
    RetentionClock,
    RetentionLimit,
    RetentionRule,
    RetentionRun,
    RunState,
)

LATE = timedelta(hours=26)
"""A run a day is due; after this long without one that was finished, something is wrong."""


class State(msgspec.Struct, frozen=True):
    """How retention stands: ``alarm`` is ``failed``, ``paused`` or ``overdue`` when somebody has to look."""

    active: bool
    next_at: datetime | None = None
    alarm: str = ""
    detail: str = ""
    last_done_at: datetime | None = None
    since: datetime | None = None
    running: bool = False


def clock_of(tenant: str) -> RetentionClock:
    """When the rules are applied; three in the morning until somebody says otherwise."""
    return RetentionClock.objects.filter(tenant=tenant).first() or RetentionClock(tenant=tenant)


def state_of(tenant: str, now: datetime) -> State:
    """How retention stands."""
    clock = clock_of(tenant)
    runs = RetentionRun.objects.filter(tenant=tenant)
    done = runs.filter(state=RunState.DONE).order_by("-finished_at").first()
    last = runs.exclude(state__in=[*UNDER_WAY, RunState.CANCELLED]).order_by("-finished_at").first()
    done_at = done.finished_at if done else None
    if not policy_of(tenant).active():
        return State(active=False, last_done_at=done_at)
    since = _active_since(tenant)
    waited = now - max(filter(None, (done_at, since)), default=now)
    alarm, detail = "", ""
    if last is not None and last.state == RunState.FAILED:
        alarm, detail = "failed", last.message
    elif waited > LATE:
        alarm = "paused" if clock.paused_at else "overdue"
        detail = clock.paused_reason
    return State(
        active=True,
        next_at=None if clock.paused_at else next_hour(clock.hour, zone_of(tenant), now),
        alarm=alarm,
        detail=detail,
        last_done_at=done_at,
        since=since,
        running=runs.filter(state=RunState.RUNNING).exists(),
    )


def due(tenant: str, now: datetime) -> bool:
    """Whether a run should begin: the hour has come since the rules were switched on, and none began since then."""
    clock = clock_of(tenant)
    if clock.paused_at or not policy_of(tenant).active():
        return False
    came = next_hour(clock.hour, zone_of(tenant), now - timedelta(days=1))
    since = _active_since(tenant)
    if came > now or (since is not None and since > came):
        return False
    return not RetentionRun.objects.filter(tenant=tenant, made_at__gte=came).exists()


def next_hour(hour: int, zone: str, after: datetime) -> datetime:
    """The first time after an instant that the clock of a zone shows a full hour; one that DST leaves out comes when it would."""
    local = after.astimezone(ZoneInfo(zone))
    for days in (0, 1, 2):
        day = local.date() + timedelta(days=days)
        at = datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo(zone)).astimezone(UTC)
        if at > after:
            return at
    raise AssertionError("an hour comes every day")


def _active_since(tenant: str) -> datetime | None:
    rules = RetentionRule.objects.filter(tenant=tenant, on=True, removed_at=None)
    limits = RetentionLimit.objects.filter(tenant=tenant).exclude(most_days=None)
    found = [*rules.values_list("on_since", flat=True), *limits.values_list("since", flat=True)]
    return min(filter(None, found), default=None)
