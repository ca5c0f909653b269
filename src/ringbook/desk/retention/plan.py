"""What a run would remove if it began now: counted by the very walk and decisions that the run takes."""

from __future__ import annotations

from typing import Any

import msgspec

from ringbook.desk.retention.deciding import Decider
from ringbook.desk.retention.policy import CEILING, KINDS, Policy
from ringbook.desk.retention.walking import Walk
from ringbook.model.instant import Instant, iso

EXAMPLES = 5
PAGE = 20_000


class Part(msgspec.Struct):
    """What a rule removes of a kind: how much, from when to when, and a few of them."""

    rule: str
    name: str
    kind: str
    things: int = 0
    bytes: int = 0
    oldest_at: Instant | None = None
    newest_at: Instant | None = None
    examples: list[str] = []

    def add(self, call: str, at: Instant, size: int) -> None:
        """Count one more."""
        self.things += 1
        self.bytes += size
        self.oldest_at = at if self.oldest_at is None else min(at, self.oldest_at)
        self.newest_at = at if self.newest_at is None else max(at, self.newest_at)
        if len(self.examples) < EXAMPLES and call and call not in self.examples:
            self.examples.append(call)


class Staying(msgspec.Struct):
    """What stays of a kind although a rule would have it go: under a hold, or too young; and bytes beyond a size."""

    held: int = 0
    young: int = 0
    over: dict[str, int] = {}


class Preview(msgspec.Struct):
    """What would be removed at an instant, by kind and rule, and what would stay."""

    as_of: Instant
    parts: list[Part]
    staying: dict[str, Staying]

    @property
    def things(self) -> int:
        """How many things would go."""
        return sum(part.things for part in self.parts)

    @property
    def held(self) -> int:
        """How many stay because of a hold."""
        return sum(one.held for one in self.staying.values())

    @property
    def young(self) -> int:
        """How many stay because they are too young."""
        return sum(one.young for one in self.staying.values())

    def counts(self) -> dict[str, Any]:
        """The numbers alone, for the audit log and for what is kept with a rule."""
        return {
            "as_of": iso(self.as_of),
            "removed": {f"{part.kind}/{part.rule}": part.things for part in self.parts},
            "bytes": sum(part.bytes for part in self.parts),
            "held": self.held,
            "too_young": self.young,
        }


def preview(tenant: str, policy: Policy, as_of: Instant) -> Preview:
    """What a run of these rules would remove if it began at an instant.

    What goes with a call is not counted again among recordings, notes and raw records.

    :raises QuestionError: a rule's question cannot be understood.
    """
    parts: list[Part] = []
    staying: dict[str, Staying] = {}
    gone: set[str] = set()
    for kind in KINDS:
        walk = Walk(tenant, policy, kind, as_of)
        decider = Decider(policy, kind, as_of, walk.totals(gone))
        found = {rule.key: Part(rule.key, rule.name, kind) for rule in policy.of(kind)}
        stays = Staying()
        for page in walk.pages("", PAGE):
            for thing in page.things:
                if thing.call in gone:
                    continue
                decided = decider.decide(thing)
                stays.held += decided.held
                stays.young += decided.young
                if decided.rule is not None:
                    found[decided.rule.key].add(thing.call, thing.at, thing.size)
                    if kind == KINDS[0]:
                        gone.add(thing.id)
        stays.over = decider.over
        parts += found.values()
        if found:
            staying[kind] = stays
    return Preview(as_of, parts, staying)


__all__ = ["CEILING", "Part", "Preview", "Staying", "preview"]
