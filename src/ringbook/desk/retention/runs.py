"""Runs: asked for, held up, gone on with, called off; and what one did, for a report."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from ringbook.desk.governance import audit
from ringbook.desk.governance.audit import Actor
from ringbook.desk.retention.policy import policy_of
from ringbook.desk.retention.records import UNDER_WAY, RetentionRun, RunState
from ringbook.desk.retention.standing import clock_of
from ringbook.model.errors import AskError
from ringbook.model.instant import from_datetime


class RunError(AskError):
    """The run cannot be begun, or nothing of the kind can be done to it where it stands."""


def begin(actor: Actor, *, now: datetime | None = None) -> RetentionRun:
    """A run, waiting to be taken up: it applies the rules as they are now to what is old enough now.

    :raises RunError: no rule is on, or another run is under way.
    """
    at = now or datetime.now(UTC)
    with transaction.atomic():
        policy = policy_of(actor.tenant)
        if not policy.active():
            raise RunError(_("No rule is switched on, so there is nothing to do."))
        if RetentionRun.objects.filter(tenant=actor.tenant, state__in=UNDER_WAY).exists():
            raise RunError(_("A run is under way already."))
        run = RetentionRun.objects.create(
            tenant=actor.tenant,
            as_of=from_datetime(at),
            policy=msgspec.to_builtins(policy),
            by=actor.id,
            by_name=actor.name,
        )
        audit.record(actor, "retention:run-begun", f"run:{run.pk}", rules=len(policy.rules))
    return run


def want(actor: Actor, run: RetentionRun, state: str) -> None:
    """Have a run stop: ``paused`` until somebody goes on with it, or ``cancelled``. What is removed stays removed.

    :raises RunError: it is over.
    """
    with transaction.atomic():
        waiting = RetentionRun.objects.filter(pk=run.pk, state__in=(RunState.QUEUED, RunState.PAUSED))
        at_once = {"finished_at": datetime.now(UTC)} if state == RunState.CANCELLED else {}
        changed = waiting.update(state=state, wanted="", **at_once)
        changed += RetentionRun.objects.filter(pk=run.pk, state=RunState.RUNNING).update(wanted=state)
        if not changed:
            raise RunError(_("This run is over."))
        audit.record(actor, f"retention:run-{state}", f"run:{run.pk}")
    run.refresh_from_db()


def go_on(actor: Actor, run: RetentionRun) -> None:
    """Have a paused run go on.

    :raises RunError: it is not paused.
    """
    with transaction.atomic():
        if not RetentionRun.objects.filter(pk=run.pk, state=RunState.PAUSED).update(state=RunState.QUEUED):
            raise RunError(_("This run is not paused."))
        audit.record(actor, "retention:run-resumed", f"run:{run.pk}")
    run.refresh_from_db()


def pause_all(actor: Actor, reason: str) -> None:
    """Have no run begin by itself until :func:`resume_all`.

    :raises RunError: no reason is given.
    """
    if not reason.strip():
        raise RunError(_("Say why nothing is to be removed for now."))
    clock = clock_of(actor.tenant)
    with transaction.atomic():
        clock.paused_at, clock.paused_by_name = datetime.now(UTC), actor.name
        clock.paused_reason = reason.strip()
        clock.version += 1
        clock.save()
        audit.record(actor, "retention:paused", reason=reason.strip())


def resume_all(actor: Actor) -> None:
    """Have runs begin by themselves again."""
    clock = clock_of(actor.tenant)
    with transaction.atomic():
        clock.paused_at, clock.paused_by_name, clock.paused_reason = None, "", ""
        clock.version += 1
        clock.save()
        audit.record(actor, "retention:resumed")


def digests(run: RetentionRun) -> dict[str, str]:
    """For each kind, the SHA-256 over the ids of all that the run removed by itself: in order, one a line."""
    ids: dict[str, list[str]] = {}
    for kind, chosen in run.steps.exclude(done_at=None).values_list("kind", "chosen"):
        ids.setdefault(kind, []).extend(thing for pairs in chosen.values() for thing, _call in pairs)
    return {kind: digest(found) for kind, found in ids.items()}


def digest(ids: list[str]) -> str:
    """The SHA-256 over ids: sorted, each followed by a line feed."""
    whole = hashlib.sha256()
    for one in sorted(ids):
        whole.update(f"{one}\n".encode())
    return whole.hexdigest()


def told(run: RetentionRun) -> dict[str, Any]:
    """A run as it leaves the program."""
    return {
        "id": str(run.pk),
        "state": run.state,
        "begun_by": run.by_name or run.by,
        "begun_at": _text(run.started_at or run.made_at),
        "finished_at": _text(run.finished_at),
        "removed": {
            kind: sum(one.get("things", 0) for one in rules.values()) for kind, rules in run.counts.items()
        },
        "by_rule": run.counts,
        "kept": run.kept,
        "sha256": run.digests,
        "warrants": run.warrants,
        "bytes_on_disk": run.physical or None,
        "gone_at": _text(run.gone_at),
        "message": run.message or None,
        "rules": run.policy.get("rules", []),
        "limits": run.policy.get("limits", {}),
    }


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
