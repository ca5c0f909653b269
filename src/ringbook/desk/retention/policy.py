"""What holds for how long things are kept, at one moment: the rules that are on, and the limits of the organisation."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from ringbook.desk.organisation.models import organisation
from ringbook.desk.retention.records import Kept, RetentionLimit, RetentionRule
from ringbook.model.instant import DAY, Instant

CEILING = "ceiling"
"""What everything falls under that is older than the longest time that its kind is kept."""

KINDS = (Kept.CALLS, Kept.RECORDINGS, Kept.NOTES, Kept.FRAMES)
"""In the order in which they are removed: with a call goes everything of it."""


class Rule(msgspec.Struct, frozen=True):
    """A rule as it stood: ``days`` or ``most_bytes`` is given, or both."""

    key: str
    name: str
    kind: str
    query: str = ""
    days: int | None = None
    most_bytes: int | None = None
    version: int = 1

    @property
    def reference(self) -> str:
        """How the tombstones name it."""
        return f"rule {self.key} version {self.version}" if self.key != CEILING else f"limit of {self.kind}"


class Limit(msgspec.Struct, frozen=True):
    """The days before which nothing of a kind is removed, and after which everything is."""

    least_days: int | None = None
    most_days: int | None = None


class Policy(msgspec.Struct, frozen=True):
    """Rules and limits by kind, and the zone in which questions about days are read."""

    rules: tuple[Rule, ...] = ()
    limits: dict[str, Limit] = {}
    zone: str = "UTC"

    def of(self, kind: str) -> tuple[Rule, ...]:
        """The rules for a kind, the shortest first; the longest time that the kind is kept is one of them."""
        most = self.limit(kind).most_days
        ceiling = (Rule(CEILING, CEILING, kind, days=most),) if most is not None else ()
        found = [rule for rule in (*self.rules, *ceiling) if rule.kind == kind]
        return tuple(sorted(found, key=order))

    def limit(self, kind: str) -> Limit:
        """The limits of a kind; none unless somebody set them."""
        return self.limits.get(kind, Limit())

    def floor(self, kind: str) -> Instant:
        """The age (µs) that nothing of a kind is removed before. With a call goes everything of it, so all floors are its own."""
        kinds = KINDS if kind == Kept.CALLS else (kind,)
        return max((self.limit(one).least_days or 0) for one in kinds) * DAY

    def active(self) -> bool:
        """Whether anything is ever removed."""
        return any(self.of(kind) for kind in KINDS)


def order(rule: Rule) -> tuple[int, str, str]:
    """Shorter ages first; of equal ones, by name. Those by size alone come last."""
    return (rule.days if rule.days is not None else 2**31, rule.name, rule.key)


def policy_of(tenant: str) -> Policy:
    """What holds now."""
    rules = RetentionRule.objects.filter(tenant=tenant, on=True, removed_at=None)
    return Policy(tuple(rule_of(one) for one in rules), limits_of(tenant), zone_of(tenant))


def alone(tenant: str, rule: Rule) -> Policy:
    """What would hold if there were only this rule, and the times that nothing is removed before."""
    floors = {kind: Limit(limit.least_days) for kind, limit in limits_of(tenant).items()}
    return Policy((rule,), floors, zone_of(tenant))


def rule_of(row: RetentionRule) -> Rule:
    """A rule, as it reads now."""
    return Rule(str(row.pk), row.name, row.kind, row.query, row.days, row.most_bytes, row.version)


def limits_of(tenant: str) -> dict[str, Limit]:
    """The limits by kind."""
    rows: Iterable[RetentionLimit] = RetentionLimit.objects.filter(tenant=tenant)
    return {row.kind: Limit(row.least_days, row.most_days) for row in rows}


def zone_of(tenant: str) -> str:
    """The organisation's zone."""
    return organisation(tenant).zone or "UTC"
