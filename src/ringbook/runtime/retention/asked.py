"""What commands ask of retention: what it would remove, that it is done now, and how it stands."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from ringbook.desk import wiring
from ringbook.model.instant import from_datetime, iso
from ringbook.model.scope import MAIN_TENANT
from ringbook.runtime.home import Home

LOOK_S = 0.5


def plan(home: Home) -> Iterator[dict[str, Any]]:
    """What a run would remove if it began now, by kind and rule, and what would stay."""
    _ready(home)
    from ringbook.desk.retention.plan import preview  # only once Django is set up
    from ringbook.desk.retention.policy import policy_of

    found = preview(MAIN_TENANT, policy_of(MAIN_TENANT), from_datetime(datetime.now(UTC)))
    for part in found.parts:
        told = msgspec.to_builtins(part)
        yield {"part": {**told, "oldest_at": iso(part.oldest_at), "newest_at": iso(part.newest_at)}}
    yield {"as_of": iso(found.as_of), "removed": found.things, "held": found.held, "too_young": found.young}


def run(home: Home) -> Iterator[dict[str, Any]]:
    """A run, begun now and followed to its end."""
    _ready(home)
    from ringbook.desk.governance.audit import SYSTEM, Actor  # only once Django is set up
    from ringbook.desk.retention import runs
    from ringbook.desk.retention.records import UNDER_WAY, RetentionRun
    from ringbook.runtime.retention.running import Runner

    waiting = RetentionRun.objects.filter(tenant=MAIN_TENANT, state__in=UNDER_WAY).first()
    found = waiting or runs.begin(Actor(SYSTEM.id, "command line", MAIN_TENANT))
    if home.serving is None:
        if found.state == "paused":
            runs.go_on(Actor(SYSTEM.id, "command line", MAIN_TENANT), found)
        Runner(home, threading.Event()).carry_out(found)
    while not found.over:
        found.refresh_from_db()
        yield {"state": found.state, "stage": found.stage, "removed": _removed(found.counts)}
        if found.state == "paused":
            break
        time.sleep(LOOK_S)
    found.refresh_from_db()
    yield {"run": runs.told(found)}


def status(home: Home) -> Iterator[dict[str, Any]]:
    """How retention stands, and the last runs."""
    _ready(home)
    from ringbook.desk.retention import runs, standing  # only once Django is set up
    from ringbook.desk.retention.records import Hold, RetentionRule, RetentionRun

    state = standing.state_of(MAIN_TENANT, datetime.now(UTC))
    yield {
        "active": state.active,
        "rules_on": RetentionRule.objects.filter(tenant=MAIN_TENANT, on=True, removed_at=None).count(),
        "holds": Hold.objects.filter(tenant=MAIN_TENANT, released_at=None).count(),
        "next_at": _text(state.next_at),
        "last_done_at": _text(state.last_done_at),
        "alarm": state.alarm or None,
        "detail": state.detail or None,
    }
    for one in RetentionRun.objects.filter(tenant=MAIN_TENANT)[:10]:
        yield {"run": runs.told(one)}


def _ready(home: Home) -> None:
    """The desk of a home that no ``serve`` has opened."""
    if wiring.wired() and wiring.ledger() is home.ledger:
        return
    from ringbook.runtime import desk

    desk.start(home)


def _removed(counts: dict[str, Any]) -> int:
    return sum(one["things"] for rules in counts.values() for one in rules.values())


def _text(at: datetime | None) -> str | None:
    return None if at is None else iso(from_datetime(at))
