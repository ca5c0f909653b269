"""The recording policy of a running process: it is carried out, and whether enough is recorded is watched.

``/healthz`` and ``/metrics`` tell how complete the recordings of the last week are. When they are not, that is no reason to
restart anything, so it does not make the process unwell.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec
import structlog
from django.db import DatabaseError
from prometheus_client.core import GaugeMetricFamily

from ringbook.analyse.completeness import MISSING, Count, completeness
from ringbook.capture.wire import paused
from ringbook.config.settings import DIALOGUES
from ringbook.model.errors import RingbookError
from ringbook.model.instant import DAY, SECOND
from ringbook.model.scope import MAIN_TENANT, Scope
from ringbook.runtime.connections import let_go
from ringbook.runtime.home import Home
from ringbook.runtime.importing import now
from ringbook.runtime.recordings import policy

log = structlog.get_logger()

LOOK_S = 10.0
EVERY_S = 600.0
"""Seconds after which everything is looked at again although nobody changed anything."""

FRESH = 60 * SECOND
"""How long after something was told in dialogue it is looked for: it has to be in the ledger first."""

DAYS = 7
"""Days whose completeness is watched."""


class Watched(msgspec.Struct, frozen=True):
    """How complete the recordings of the last days are; ``alert_below`` is the percentage that somebody set, 0 for none."""

    count: Count = Count({})
    alert_below: float = 0.0
    at: int = 0
    unsilenced: dict[str, int] = {}  # marks that could not be made silent, by why

    @property
    def below(self) -> bool:
        """Whether somebody should look."""
        rate = self.count.rate
        return rate is not None and rate * 100 < self.alert_below


class Policing:
    """Carries the policy out and watches completeness; one for a process."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._seen: tuple[Any, ...] = ()
        self._due = 0.0
        self.watched = Watched()

    async def run(self, stop: asyncio.Event) -> None:
        """Look until ``stop`` is set."""
        while not stop.is_set():
            try:
                await asyncio.to_thread(self.look)
            except (RingbookError, DatabaseError, OSError) as error:
                log.warning("recordings.policy_waits", reason=type(error).__name__, detail=str(error))
            await paused(stop, LOOK_S)

    def look(self) -> None:
        """Carry out what changed; everything, from time to time."""
        if not policy.ready(self._home):
            return
        let_go()
        try:
            if self._told_lately():
                policy.take_marks(self._home, now() - 2 * FRESH)
            seen = _changes()
            if seen == self._seen and time.monotonic() < self._due:
                return
            policy.enforce(self._home)
            self._watch()
            self._seen, self._due = seen, time.monotonic() + EVERY_S
        finally:
            let_go()

    def _told_lately(self) -> bool:
        """Whether a phone system in dialogue with us has just told of something that nobody may hear."""
        serving = self._home.serving
        told = [s.last_received_at or 0 for s in serving.statuses() if s.kind in DIALOGUES] if serving else []
        return max(told, default=0) > now() - FRESH

    def _watch(self) -> None:
        from ringbook.desk.organisation.models import organisation
        from ringbook.desk.recording_policy.rules import policy_of, standard
        from ringbook.desk.recording_policy.unsilenced import Why, unsilenced

        at = now()
        found = completeness(
            self._home.ledger,
            Scope(),
            policy_of(MAIN_TENANT),
            since=at - DAYS * DAY,
            until=at,
            zone=organisation(MAIN_TENANT).zone or "UTC",
            now=at,
            agents=False,
        )
        before = self.watched
        held = standard(MAIN_TENANT)
        loud = unsilenced(self._home.ledger, Scope(), at - DAYS * DAY, at, held.grace_minutes * 60.0)
        why = Counter(one.why for one in loud)
        told = {one.value: why[one] for one in Why}
        self.watched = Watched(found.total, held.alert_below, at, told)
        if self.watched.below and not before.below:
            log.warning(
                "recordings.missing", missing=found.total.missing, expected=found.total.expected, days=DAYS
            )

    def told(self) -> dict[str, Any] | None:
        """How complete the recordings are, for ``/healthz``; None while nothing is expected."""
        count = self.watched.count
        if not count.expected:
            return None
        return {
            "days": DAYS,
            "expected": count.expected,
            "recorded": count.recorded,
            "rate": round(count.rate or 0.0, 4),
            "missing": {one.value: count.verdicts[one] for one in MISSING if count.verdicts.get(one)},
            "alert_below": self.watched.alert_below / 100 if self.watched.alert_below else None,
            "alarming": self.watched.below,
        }

    def metrics(self) -> Iterable[GaugeMetricFamily]:
        """The same, for Prometheus."""
        count = self.watched.count
        expected = GaugeMetricFamily(
            "ringbook_recordings_expected", "Calls of the last 7 days that should be in the vault."
        )
        missing = GaugeMetricFamily(
            "ringbook_recordings_missing",
            "Calls of the last 7 days that should be in the vault and are not.",
            labels=["reason"],
        )
        alarm = GaugeMetricFamily(
            "ringbook_recordings_completeness_alarm", "1 while fewer are recorded than the alert allows."
        )
        expected.add_metric([], count.expected)
        for one in MISSING:
            missing.add_metric([one.value], count.verdicts.get(one, 0))
        alarm.add_metric([], int(self.watched.below))
        ratio = GaugeMetricFamily(
            "ringbook_recordings_completeness_ratio",
            "Share of the calls of the last 7 days to be recorded that is in the vault.",
        )
        if count.rate is not None:
            ratio.add_metric([], count.rate)
        loud = GaugeMetricFamily(
            "ringbook_recordings_marks_unsilenced",
            "Spans of the last 7 days that nobody may hear and that could not be made silent.",
            labels=["reason"],
        )
        for why, number in self.watched.unsilenced.items():
            loud.add_metric([why], number)
        return expected, missing, alarm, ratio, loud


def _changes() -> tuple[Any, ...]:
    """Something that differs whenever what people decided, or what they said on calls, does."""
    from ringbook.desk.recording_policy.models import Consent, MaskMark, PolicyVersion

    rows = (
        kind.objects.order_by("-at", "-pk").values_list("pk", "at").first()
        for kind in (PolicyVersion, Consent, MaskMark)
    )
    return tuple(rows)
