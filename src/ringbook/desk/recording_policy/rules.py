"""Reading and changing what is to be recorded: every change is kept with who made it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from django.db import models, transaction
from django.utils import timezone

from ringbook.analyse.completeness import Listed, Policy, Wanted
from ringbook.desk.governance.audit import Actor
from ringbook.desk.organisation import changes
from ringbook.desk.recording_policy import states
from ringbook.desk.recording_policy.models import (
    CountryRule,
    DoNotRecord,
    PolicyVersion,
    RecordingRule,
    Standard,
)
from ringbook.model.instant import Instant, from_datetime
from ringbook.model.scope import Scope

Record = TypeVar("Record", bound=models.Model)

WORDS = {
    RecordingRule: "recording-rule",
    DoNotRecord: "do-not-record",
    Standard: "recording-standard",
    CountryRule: "recording-country",
}


def standard(tenant: str) -> Standard:
    """What holds for all recording of a tenant; the usual until somebody said otherwise."""
    return Standard.objects.filter(tenant=tenant).first() or Standard(tenant=tenant)


def policy_of(tenant: str) -> Policy:
    """What is to be recorded and what not, as it is decided now."""
    held = standard(tenant)
    return Policy(
        rules=tuple(_wanted(rule) for rule in RecordingRule.objects.filter(tenant=tenant)),
        listed=tuple(listed(entry) for entry in DoNotRecord.objects.filter(tenant=tenant)),
        refused=tuple(sorted(states.refused(Scope(tenant)))),
        least_share=held.least_percent / 100,
        grace_s=held.grace_minutes * 60,
    )


def listed(entry: DoNotRecord) -> Listed:
    """An entry of the list, as calls are looked for by it."""
    return Listed(
        kind=entry.kind, value=entry.value, since=_instant(entry.since), until=_instant(entry.until)
    )


def add(record: Record, actor: Actor) -> Record:
    """The record, kept for the first time. A rule comes after those there are."""
    with transaction.atomic():
        if isinstance(record, RecordingRule):
            last = RecordingRule.objects.filter(tenant=record.tenant).aggregate(last=models.Max("position"))
            record.position = (last["last"] or 0) + 1
        changes.add(record, actor, f"{WORDS[type(record)]}:added")  # type: ignore[index]
        _keep(record, actor)
    return record


def change(record: Record, version: int, actor: Actor, **fields: Any) -> Record:
    """The record with other values. Raises ``StaleError`` unless it has that version."""
    with transaction.atomic():
        changed = changes.change(record, version, actor, f"{WORDS[type(record)]}:changed", **fields)  # type: ignore[index]
        _keep(changed, actor)
    return changed


def remove(record: models.Model, actor: Actor) -> str:
    """Take one away; what ``changes.put_back`` needs to take that back."""
    with transaction.atomic():
        _keep(record, actor, gone=True)
        return changes.remove(record, actor, f"{WORDS[type(record)]}:removed")  # type: ignore[index]


def order(tenant: str, ids: list[str], actor: Actor) -> None:
    """Put the rules in an order; those that are not named come after."""
    with transaction.atomic():
        rules = list(RecordingRule.objects.filter(tenant=tenant))
        place = {one: n for n, one in enumerate(ids)}
        rules.sort(key=lambda rule: place.get(str(rule.pk), len(ids)))
        for n, rule in enumerate(rules, 1):
            if rule.position != n:
                change(rule, rule.version, actor, position=n)


def history(tenant: str, most: int = 100) -> list[PolicyVersion]:
    """What was changed, the last first."""
    return list(PolicyVersion.objects.filter(tenant=tenant)[:most])


def _keep(record: models.Model, actor: Actor, *, gone: bool = False) -> None:
    """Write down how a record reads now."""
    told = {
        field.name: _plain(getattr(record, field.name))
        for field in record._meta.concrete_fields
        if field.name not in ("id", "tenant", "version", "made_at")
    }
    PolicyVersion.objects.create(
        tenant=actor.tenant,
        kind=WORDS[type(record)],  # type: ignore[index]
        object_id=record.pk,
        version=getattr(record, "version", 1),
        values={**told, "removed": True} if gone else told,
        at=timezone.now(),
        by_name=actor.name,
    )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _wanted(rule: RecordingRule) -> Wanted:
    return Wanted(
        id=str(rule.pk),
        query=rule.query,
        percent=rule.percent,
        since=_instant(rule.since),
        until=_instant(rule.until),
    )


def _instant(at: datetime | None) -> Instant | None:
    return None if at is None else from_datetime(at)
