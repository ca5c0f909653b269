"""Making and changing rules and limits: what is refused, what is written down, and what it would have removed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from ringbook.desk.governance import audit
from ringbook.desk.governance.audit import Actor
from ringbook.desk.organisation.changes import StaleError
from ringbook.desk.retention.plan import Preview
from ringbook.desk.retention.policy import KINDS, Limit, Rule, limits_of, zone_of
from ringbook.desk.retention.records import Kept, RetentionLimit, RetentionRule, RuleVersion
from ringbook.desk.retention.standing import clock_of
from ringbook.model.errors import AskError
from ringbook.model.instant import from_datetime
from ringbook.model.scope import Scope
from ringbook.search.plan import check

MOST_DAYS = 36_500


class RuleError(AskError):
    """The rule cannot be kept so; ``field`` is what has to be changed."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


class Draft(msgspec.Struct, frozen=True):
    """A rule as somebody wants it."""

    name: str
    kind: str
    query: str = ""
    days: int | None = None
    most_bytes: int | None = None

    def rule(self, key: str = "draft") -> Rule:
        """The same, to make a plan with."""
        return Rule(key, self.name, self.kind, self.query, self.days, self.most_bytes)


def checked(tenant: str, draft: Draft) -> None:
    """Nothing, if the rule can be kept.

    :raises RuleError: something is missing, or the limits forbid it.
    :raises QuestionError: the question cannot be understood.
    """
    if not draft.name.strip():
        raise RuleError("name", _("A rule needs a name: it stands on the tombstones of what it removes."))
    if draft.days is None and draft.most_bytes is None:
        raise RuleError("days", _("Say after how many days, or beyond which size."))
    if draft.most_bytes is not None and draft.kind != Kept.RECORDINGS:
        raise RuleError("most_gb", _("Only recordings can be limited by size."))
    if draft.days is not None:
        if not 0 < draft.days <= MOST_DAYS:
            raise RuleError("days", _("Between 1 and %(most)d days.") % {"most": MOST_DAYS})
        _within_limits(limits_of(tenant), draft)
    check(draft.query, Scope(tenant), zone=zone_of(tenant), now=from_datetime(datetime.now(UTC)))


def _within_limits(limits: Mapping[str, Limit], draft: Draft) -> None:
    assert draft.days is not None
    floors = {
        kind: limit.least_days
        for kind, limit in limits.items()
        if limit.least_days and (draft.kind == Kept.CALLS or kind == draft.kind)
    }
    kind = max(floors, key=lambda one: floors[one] or 0, default="")
    if kind and draft.days < (floors[kind] or 0):
        words = {"days": floors[kind], "kind": Kept(kind).label}
        if kind == draft.kind:
            text = _("The organisation keeps these for at least %(days)d days.") % words
        else:
            text = _("With a call goes everything of it, and %(kind)s are kept for at least %(days)d days.")
            text %= words
        raise RuleError("days", text)
    most = limits.get(draft.kind, Limit()).most_days
    if most is not None and draft.days > most:
        text = _(
            "The organisation keeps these for at most %(days)d days, so this rule would never do anything."
        )
        raise RuleError("days", text % {"days": most})


def save(
    actor: Actor,
    row: RetentionRule | None,
    version: int,
    draft: Draft,
    *,
    reason: str = "",
    plan: Preview | None = None,
) -> RetentionRule:
    """The rule, kept as the draft says. One that is on needs the preview of what it would remove.

    :raises RuleError, QuestionError: see :func:`checked`.
    :raises StaleError: somebody else changed it meanwhile.
    """
    checked(actor.tenant, draft)
    if row is not None and row.on and plan is None:
        raise RuleError("", _("This rule is on: look at what it would remove before you change it."))
    values = {"name": draft.name.strip(), "kind": draft.kind, "query": draft.query.strip()}
    numbers = {"days": draft.days, "most_bytes": draft.most_bytes}
    with transaction.atomic():
        if row is None:
            row = RetentionRule.objects.create(tenant=actor.tenant, **values, **numbers)
            action = "retention-rule:added"
        else:
            _update(row, version, **values, **numbers)
            action = "retention-rule:changed"
        _written(actor, row, action, reason, plan)
    return row


def switch(
    actor: Actor, row: RetentionRule, version: int, *, on: bool, reason: str = "", plan: Preview | None = None
) -> RetentionRule:
    """The rule, switched on (which needs the preview of what it would remove) or off.

    :raises RuleError: it is switched on unseen, or the limits forbid it by now.
    :raises StaleError: somebody else changed it meanwhile.
    """
    if on:
        checked(actor.tenant, Draft(row.name, row.kind, row.query, row.days, row.most_bytes))
        if plan is None:
            raise RuleError("", _("Look at what the rule would remove before you switch it on."))
    with transaction.atomic():
        _update(row, version, on=on, on_since=datetime.now(UTC) if on else None)
        _written(actor, row, f"retention-rule:switched-{'on' if on else 'off'}", reason, plan)
    return row


def discard(actor: Actor, row: RetentionRule, version: int) -> None:
    """Take a rule away; what it removed stays removed, and its versions stay.

    :raises StaleError: somebody else changed it meanwhile.
    """
    with transaction.atomic():
        _update(row, version, on=False, on_since=None, removed_at=datetime.now(UTC))
        _written(actor, row, "retention-rule:removed", "", None)


def set_limits(actor: Actor, limits: Mapping[str, Limit], *, counts: Mapping[str, Any] | None = None) -> None:
    """Keep other limits. ``counts`` is what they would have removed.

    :raises RuleError: they contradict each other or a rule that is on.
    """
    for kind in KINDS:
        limit = limits.get(kind, Limit())
        if (
            limit.least_days is not None
            and limit.most_days is not None
            and limit.least_days > limit.most_days
        ):
            raise RuleError(kind, _("The least time is longer than the most."))
    floors = {kind: limit.least_days or 0 for kind, limit in limits.items()}
    most_of_calls = limits.get(Kept.CALLS, Limit()).most_days
    longest = max(floors, key=lambda kind: floors[kind], default="")
    if most_of_calls is not None and longest and most_of_calls < floors[longest]:
        text = _("With a call goes everything of it, and %(kind)s are kept for at least %(days)d days.")
        raise RuleError(Kept.CALLS, text % {"kind": Kept(longest).label, "days": floors[longest]})
    for row in RetentionRule.objects.filter(tenant=actor.tenant, on=True, removed_at=None).exclude(days=None):
        try:
            _within_limits(limits, Draft(row.name, row.kind, row.query, row.days))
        except RuleError as error:
            text = _("The rule “%(name)s” contradicts this: change it first.") % {"name": row.name}
            raise RuleError(row.kind, f"{text} {error}") from None
    with transaction.atomic():
        for kind in KINDS:
            limit = limits.get(kind, Limit())
            values = {"least_days": limit.least_days, "most_days": limit.most_days}
            there = RetentionLimit.objects.filter(tenant=actor.tenant, kind=kind).first()
            if there is None or Limit(there.least_days, there.most_days) != limit:
                RetentionLimit.objects.update_or_create(
                    tenant=actor.tenant,
                    kind=kind,
                    defaults={**values, "version": (there.version if there else 0) + 1},
                )
        audit.record(actor, "retention-limits:set", limits=msgspec.to_builtins(dict(limits)), preview=counts)


def set_hour(actor: Actor, hour: int) -> None:
    """Have the rules applied at another hour.

    :raises RuleError: there is no such hour.
    """
    if not 0 <= hour <= 23:
        raise RuleError("hour", _("An hour is 0 to 23."))
    clock = clock_of(actor.tenant)
    with transaction.atomic():
        clock.hour = hour
        clock.version += 1
        clock.save()
        audit.record(actor, "retention:hour-set", hour=hour)


def _update(row: RetentionRule, version: int, **values: Any) -> None:
    mine = RetentionRule.objects.filter(pk=row.pk, version=version, removed_at=None)
    if not mine.update(**values, version=version + 1):
        raise StaleError(RetentionRule.objects.filter(pk=row.pk).first())
    row.refresh_from_db()


def _written(actor: Actor, row: RetentionRule, action: str, reason: str, plan: Preview | None) -> None:
    counts = plan.counts() if plan else None
    values = {
        "name": row.name,
        "kind": row.kind,
        "query": row.query,
        "days": row.days,
        "most_bytes": row.most_bytes,
        "on": row.on,
    }
    RuleVersion.objects.create(
        tenant=row.tenant,
        rule=row,
        version=row.version,
        values=values,
        reason=reason.strip(),
        preview=counts,
        by_name=actor.name,
    )
    audit.record(
        actor, action, f"rule:{row.pk}", version=row.version, reason=reason.strip(), preview=counts, **values
    )
