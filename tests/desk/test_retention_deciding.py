"""The rules of conflict, for any rules and any things: pure, so without a home."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringbook.desk.retention.deciding import Candidate, Decider
from ringbook.desk.retention.policy import CEILING, KINDS, Limit, Policy, Rule
from ringbook.desk.retention.records import Kept
from ringbook.model.instant import DAY

pytestmark = pytest.mark.skipif("RINGBOOK_TEST_DATABASE" in os.environ, reason="no database has a part in it")

NOW = 1_000_000 * DAY
DAYS = st.integers(min_value=1, max_value=40)
RULES = st.lists(
    st.builds(
        Rule,
        key=st.sampled_from(["a", "b", "c", "d"]),
        name=st.sampled_from(["One", "Two"]),
        kind=st.sampled_from(["calls", "recordings"]),
        days=DAYS,
    ),
    max_size=4,
    unique_by=lambda rule: rule.key,
)
LIMITS = st.dictionaries(
    st.sampled_from([kind.value for kind in KINDS]),
    st.builds(Limit, st.none() | DAYS, st.none() | DAYS),
    max_size=4,
)
THINGS = st.builds(
    Candidate,
    id=st.just("x"),
    call=st.just("x"),
    at=st.integers(min_value=0, max_value=45).map(lambda days: NOW - days * DAY),
    size=st.integers(min_value=0, max_value=100),
    rules=st.frozensets(st.sampled_from(["a", "b", "c", "d"])),
    holds=st.sampled_from([(), (), ("Case",)]),
    young=st.booleans(),
)


@given(RULES, LIMITS, THINGS, st.sampled_from(["calls", "recordings"]))
def test_the_shortest_rule_wins_never_below_the_floor_and_a_hold_beats_everything(
    rules: list[Rule], limits: dict[str, Limit], thing: Candidate, kind: str
) -> None:
    policy = Policy(tuple(rules), limits)
    own = Candidate(
        thing.id, thing.call, thing.at, thing.size, thing.rules | {CEILING}, thing.holds, thing.young
    )
    decided = Decider(policy, kind, NOW).decide(own)
    age = (NOW - thing.at) // DAY
    most = limits.get(kind, Limit()).most_days
    days = [rule.days or 0 for rule in rules if rule.kind == kind and rule.key in thing.rules]
    days += [most] if most is not None else []
    kinds = limits if kind == "calls" else [kind]
    floor = max((limits.get(one, Limit()).least_days or 0 for one in kinds), default=0)
    falls = any(age >= one for one in days)
    if decided.rule is not None:
        assert falls
        assert age >= floor
        assert not thing.holds
        assert not thing.young
        assert decided.rule.days == min(one for one in days if age >= one) == min(days)
    else:
        assert not falls or age < floor or thing.young or bool(thing.holds)
    assert (decided.held, decided.young).count(True) <= 1
    assert decided.held == (falls and age >= floor and not thing.young and bool(thing.holds))


@given(RULES, LIMITS, THINGS, st.randoms(use_true_random=False))
def test_the_order_in_which_rules_were_made_decides_nothing(
    rules: list[Rule], limits: dict[str, Limit], thing: Candidate, random: object
) -> None:
    shuffled = list(rules)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    first = Decider(Policy(tuple(rules), limits), "calls", NOW).decide(thing)
    assert Decider(Policy(tuple(shuffled), limits), "calls", NOW).decide(thing) == first


@given(
    st.lists(st.tuples(st.integers(1, 100), st.booleans(), st.booleans()), max_size=20),
    st.integers(0, 800),
)
def test_a_rule_about_size_removes_the_oldest_and_no_more_than_it_must(
    sizes: list[tuple[int, bool, bool]], most: int
) -> None:
    rule = Rule("s", "Size", Kept.RECORDINGS, most_bytes=most)
    things = [
        Candidate(
            str(place),
            "",
            NOW - (100 - place) * DAY,
            size,
            frozenset({"s"} if within else ()),
            ("Case",) if held else (),
        )
        for place, (size, within, held) in enumerate(sizes)
    ]
    total = sum(thing.size for thing in things if thing.rules)
    decider = Decider(Policy((rule,)), Kept.RECORDINGS, NOW, {"s": total})
    gone = [thing for thing in things if decider.decide(thing).rule]
    left = total - sum(thing.size for thing in gone)
    free = [thing for thing in things if thing.rules and not thing.holds]
    assert gone == free[: len(gone)], "the oldest that may go"
    assert all(thing.rules and not thing.holds for thing in gone)
    assert left <= most or len(gone) == len(free)
    assert not gone or left + gone[-1].size > most, "no more than it must"
    assert sum(decider.over.values()) == max(0, left - most)
