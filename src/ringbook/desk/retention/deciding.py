"""Whether a thing is removed, and under which rule. Pure: the same facts give the same answer, in a preview and in a run.

The rules of conflict:

1. Of the rules that a thing falls under, the one with the shortest time counts; what is older than that is removed.
2. Nothing younger than the least time of its kind is removed. A call carries its recordings, notes and raw records away with
   it, so it is as old as the largest of the four least times first.
3. What is older than the most time of its kind is removed, whether a rule says so or not.
4. A rule about size removes the oldest of what it is about until the rest fits.
5. A hold beats everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from ringbook.desk.retention.policy import Policy, Rule, order
from ringbook.model.instant import DAY, Instant


class Candidate(msgspec.Struct, frozen=True):
    """Something that may have to go: the rules whose questions it answers, and the holds it is under.

    ``youngest`` is when the youngest of what goes with it came to be, if that is later than ``at``.
    """

    id: str
    call: str
    at: Instant
    size: int = 0
    rules: frozenset[str] = frozenset()
    holds: tuple[str, ...] = ()
    young: bool = False


class Decision(msgspec.Struct, frozen=True):
    """The rule under which a thing goes; or why it stays although a rule would have it gone; or neither."""

    rule: Rule | None = None
    held: bool = False
    young: bool = False


class Decider:
    """Decides about the things of one kind, the oldest first, at an instant.

    ``totals`` says how many bytes there are of what each rule about size is about.
    """

    def __init__(
        self, policy: Policy, kind: str, as_of: Instant, totals: Mapping[str, int] | None = None
    ) -> None:
        self._rules = policy.of(kind)
        self._floor = policy.floor(kind)
        self._as_of = as_of
        self._over = {
            rule.key: (totals or {}).get(rule.key, 0) - rule.most_bytes
            for rule in self._rules
            if rule.most_bytes is not None
        }

    def decide(self, thing: Candidate) -> Decision:
        """What becomes of a thing."""
        age = self._as_of - thing.at
        reasons = [rule for rule in self._rules if rule.key in thing.rules and self._falls(rule, age)]
        if not reasons:
            return Decision()
        if age < self._floor or thing.young:
            return Decision(young=True)
        if thing.holds:
            return Decision(held=True)
        for key in self._over.keys() & thing.rules:
            self._over[key] -= thing.size
        return Decision(rule=min(reasons, key=order))

    def _falls(self, rule: Rule, age: Instant) -> bool:
        old = rule.days is not None and age >= rule.days * DAY
        return old or (rule.most_bytes is not None and self._over[rule.key] > 0)

    @property
    def over(self) -> dict[str, int]:
        """The bytes by which what is left is still more than each rule about size allows."""
        return {key: value for key, value in self._over.items() if value > 0}


def youngest_cut(rules: Iterable[Rule], as_of: Instant) -> Instant | None:
    """The instant from which on nothing falls under any of the rules by its age; None if size has a say."""
    found = list(rules)
    if any(rule.most_bytes is not None for rule in found):
        return None
    return as_of - min((rule.days or 0) for rule in found) * DAY if found else 0
