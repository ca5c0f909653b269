"""A run: the rules applied, step by step. What a step removes is written down before it goes.

Killed in the middle, a run goes on where it was: a step that was written down and not finished is done again, which comes to
the same end, and the walk goes on behind it. A step is chosen and removed while no hold can be placed.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any

import msgspec
import structlog
from django.db import DatabaseError, transaction

from ringbook.desk.governance import audit
from ringbook.desk.governance.audit import SYSTEM, Actor
from ringbook.desk.requests.compacting import NotCompactedError, compact
from ringbook.desk.retention import holds, runs, warrants
from ringbook.desk.retention.deciding import Decider
from ringbook.desk.retention.policy import KINDS, Policy, Rule
from ringbook.desk.retention.records import UNDER_WAY, RetentionRun, RunState, RunStep
from ringbook.desk.retention.walking import Walk
from ringbook.model.errors import RingbookError
from ringbook.model.scope import Scope
from ringbook.model.warrant import Ground, Warrant
from ringbook.runtime.home import Home
from ringbook.runtime.purging import purge_home
from ringbook.runtime.retention.removing import remove

log = structlog.get_logger()

STEP = 500
"""Things that are looked at, and at most removed, at a time."""

BREATH_S = 0.05
"""How long others have the home to themselves between two steps."""

PURGE = "purge"


class Runner:
    """Carries runs out. One at a time: whoever calls sees to it."""

    def __init__(self, home: Home, stop: threading.Event, *, step: int = STEP) -> None:
        self._home = home
        self._stop = stop
        self._step = step

    def carry_out(self, run: RetentionRun) -> None:
        """Carry a run on until it is over, is wanted otherwise, or ``stop`` is set; it can be carried on again then."""
        if run.state == RunState.QUEUED:
            run.state, run.started_at = RunState.RUNNING, run.started_at or datetime.now(UTC)
            run.stage = run.stage or KINDS[0]
            run.save(update_fields=["state", "started_at", "stage"])
        try:
            if self._removed(run):
                self._finish(run)
        except (RingbookError, DatabaseError, OSError) as error:
            log.warning("retention.failed", reason=type(error).__name__)
            self._over(run, RunState.FAILED, str(error).partition("\n")[0])

    def _removed(self, run: RetentionRun) -> bool:
        """Whether everything is removed that falls under the rules; else the run is to rest."""
        policy = msgspec.convert(run.policy, Policy)
        self._finish_step(run, policy)
        for kind in KINDS:
            if run.stage != kind:
                continue
            if not self._kind(run, policy, kind):
                return False
            place = KINDS.index(kind) + 1
            run.stage, run.cursor = (KINDS[place] if place < len(KINDS) else PURGE), ""
            run.save(update_fields=["stage", "cursor"])
        return True

    def _kind(self, run: RetentionRun, policy: Policy, kind: str) -> bool:
        if not policy.of(kind):
            return True
        decider = Decider(policy, kind, run.as_of, Walk(run.tenant, policy, kind, run.as_of).totals())
        while not self._rests(run):
            with holds.changing:
                # Holds are looked up anew for each step: one may have been placed since the last.
                page = next(Walk(run.tenant, policy, kind, run.as_of).pages(run.cursor, self._step))
                chosen: dict[str, list[tuple[str, str]]] = {}
                kept = {"held": 0, "young": 0}
                size = 0
                for thing in page.things:
                    decided = decider.decide(thing)
                    kept["held"] += decided.held
                    kept["young"] += decided.young
                    if decided.rule is not None:
                        chosen.setdefault(decided.rule.key, []).append((thing.id, thing.call))
                        size += thing.size
                step = RunStep(
                    run=run,
                    number=run.steps.count() + 1,
                    kind=kind,
                    chosen=chosen,
                    after=page.after,
                    kept={**kept, "bytes": size},
                )
                if chosen:
                    step.save()
                    self._apply(run, policy, step)
                self._count(run, step)
            if not page.after:
                run.kept[kind] = {**run.kept.get(kind, {}), "over": decider.over}
                run.save(update_fields=["kept"])
                return True
            self._stop.wait(BREATH_S)
        return False

    def _finish_step(self, run: RetentionRun, policy: Policy) -> None:
        """Do again the step in which a crash came, but for what was put under a hold since."""
        step = run.steps.filter(done_at=None).first()
        if step is None:
            return
        with holds.changing:
            calls = {call for pairs in step.chosen.values() for _, call in pairs if call}
            held = holds.held(Scope(run.tenant), calls)
            left = {
                key: [[thing, call] for thing, call in pairs if call not in held]
                for key, pairs in step.chosen.items()
            }
            spared = sum(map(len, step.chosen.values())) - sum(map(len, left.values()))
            step.chosen = left
            step.kept = {**step.kept, "held": step.kept.get("held", 0) + spared}
            step.save(update_fields=["chosen", "kept"])
            self._apply(run, policy, step)
            self._count(run, step)
        if not step.after:
            place = KINDS.index(step.kind) + 1
            run.stage, run.cursor = (KINDS[place] if place < len(KINDS) else PURGE), ""
            run.save(update_fields=["stage", "cursor"])

    def _apply(self, run: RetentionRun, policy: Policy, step: RunStep) -> None:
        rules = {rule.key: rule for rule in policy.of(step.kind)}
        for key, pairs in step.chosen.items():
            warrant = self._warrant(run, rules[key], step.kind)
            remove(self._home, warrant, step.kind, pairs)

    def _count(self, run: RetentionRun, step: RunStep) -> None:
        """Write down that a step is done, and where the walk goes on."""
        counts = run.counts.setdefault(step.kind, {})
        for key, pairs in step.chosen.items():
            one = counts.setdefault(key, {"things": 0})
            one["things"] += len(pairs)
        kept = run.kept.setdefault(step.kind, {})
        for name, number in step.kept.items():
            kept[name] = kept.get(name, 0) + number
        run.cursor = step.after
        with transaction.atomic():
            if step.pk:
                step.done_at = datetime.now(UTC)
                step.save(update_fields=["done_at"])
            run.save(update_fields=["counts", "kept", "cursor"])

    def _warrant(self, run: RetentionRun, rule: Rule, kind: str) -> Warrant:
        """The warrant for what a rule removes in this run: one for each rule, written down with the run."""
        name = (
            rule.key if rule.key in {r["key"] for r in run.policy.get("rules", [])} else f"{rule.key}:{kind}"
        )
        if name in run.warrants:
            return warrants.again(run.tenant, run.warrants[name])
        reason = f"kept long enough: {rule.name}"
        with transaction.atomic():
            made = warrants.issue(run.tenant, Ground.RETENTION, rule.reference, reason, "rule")
            run.warrants[name] = made.id
            run.save(update_fields=["warrants"])
        return made

    def _finish(self, run: RetentionRun) -> None:
        run.digests = runs.digests(run)
        run.physical = "hidden" if run.warrants else ""
        run.save(update_fields=["digests", "physical"])
        if run.warrants:
            self.purge(run)
        self._over(run, RunState.DONE, "")

    def purge(self, run: RetentionRun) -> None:
        """Have the bytes of what a run removed go from the disk; while others are in the way, they stay hidden."""
        warrant = warrants.again(run.tenant, next(iter(run.warrants.values())))
        purged = purge_home(self._home, warrant)
        run.physical = purged.state
        try:
            compact()
        except NotCompactedError as error:
            log.info("retention.not_compacted", reason=str(error))
            run.physical = "hidden"
        run.gone_at = datetime.now(UTC) if run.physical == "gone" else None
        run.save(update_fields=["physical", "gone_at"])

    def purge_late(self) -> None:
        """Have the bytes go that were only hidden when a run ended: it was cancelled, or others were in the way."""
        late = RetentionRun.objects.filter(physical="hidden").exclude(state__in=UNDER_WAY).order_by("made_at")
        for run in late:
            self.purge(run)
            if run.physical == "gone":  # so is what any other run removed
                late.update(physical="gone", gone_at=run.gone_at)
            return

    def _over(self, run: RetentionRun, state: RunState, message: str) -> None:
        run.state, run.message, run.finished_at, run.wanted = state, message, datetime.now(UTC), ""
        with transaction.atomic():
            run.save(update_fields=["state", "message", "finished_at", "wanted"])
            audit.record(_actor(run), f"retention:run-{state}", f"run:{run.pk}", **_audited(run))

    def _rests(self, run: RetentionRun) -> bool:
        """Whether the run is not to go on now: somebody said so, or the process ends."""
        if self._stop.is_set():
            return True
        wanted = RetentionRun.objects.filter(pk=run.pk).values_list("wanted", flat=True).first()
        if wanted == RunState.PAUSED:
            RetentionRun.objects.filter(pk=run.pk).update(state=RunState.PAUSED, wanted="")
            return True
        if wanted == RunState.CANCELLED:
            run.digests = runs.digests(run)
            run.physical = "hidden" if run.warrants else ""
            run.save(update_fields=["digests", "physical"])
            self._over(run, RunState.CANCELLED, "")
            return True
        return False


def _actor(run: RetentionRun) -> Actor:
    return Actor(SYSTEM.id, "retention", run.tenant)


def _audited(run: RetentionRun) -> dict[str, Any]:
    return {"removed": run.counts, "kept": run.kept, "sha256": run.digests, "on_disk": run.physical}
