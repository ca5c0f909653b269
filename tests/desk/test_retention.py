"""Rules, limits and holds: what they choose, before anything is removed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import override_settings

from ringbook.desk.annotations import edit
from ringbook.desk.annotations.acting import By
from ringbook.desk.governance import audit
from ringbook.desk.people.access import scope_of
from ringbook.desk.retention import holds, runs, standing, telling
from ringbook.desk.retention.plan import preview
from ringbook.desk.retention.policy import CEILING, Limit, Policy, Rule
from ringbook.desk.retention.records import RetentionRule, RetentionRun
from ringbook.desk.retention.walking import Walk
from ringbook.model.instant import DAY, Instant, from_datetime
from ringbook.model.scope import Scope
from ringbook.runtime.home import Home
from ringbook.search import pages

from ..house import People

pytestmark = pytest.mark.django_db

NOW: Instant = from_datetime(datetime(2028, 1, 31, 12, tzinfo=UTC))
SCOPE = Scope("main")


def _count(house: Home, query: str) -> int:
    return pages.count_calls(house.ledger, SCOPE, query, zone="UTC", now=NOW)


def _calls(house: Home, query: str) -> list[str]:
    found = pages.iterate(house.ledger, SCOPE, query, zone="UTC", now=NOW)
    return [call.id for call in found]


def _policy(*rules: Rule, **limits: Limit) -> Policy:
    return Policy(rules, limits, "UTC")


def test_a_rule_chooses_the_calls_that_answer_its_question_and_are_old_enough(
    house: Home, people: People
) -> None:
    rule = Rule("r", "Old inbound", "calls", "direction:inbound", days=0)
    found = preview("main", _policy(rule), NOW)
    [part] = [part for part in found.parts if part.kind == "calls"]
    assert part.things == _count(house, "direction:inbound") > 20
    assert part.oldest_at is not None
    assert part.newest_at is not None
    assert part.oldest_at < part.newest_at <= NOW
    assert len(part.examples) == 5
    older = preview("main", _policy(Rule("r", "Old", "calls", "direction:inbound", days=10**4)), NOW)
    assert older.things == 0


def test_a_walk_in_small_pages_sees_what_one_in_a_large_page_sees(house: Home, people: People) -> None:
    rule = Rule("r", "All", "calls", days=0)
    walk = Walk("main", _policy(rule), "calls", NOW)
    small = [thing.id for page in walk.pages("", 7) for thing in page.things]
    large = [thing.id for page in walk.pages("", 10_000) for thing in page.things]
    assert small == large
    assert len(small) == len(set(small)) == _count(house, "")


def test_the_shortest_rule_takes_what_falls_under_several_and_the_ceiling_takes_the_rest(
    house: Home, people: People
) -> None:
    short, long = (
        Rule("a", "Short", "calls", "direction:inbound", days=500),
        Rule("b", "Long", "calls", "", days=700),
    )
    found = preview("main", _policy(long, short, calls=Limit(None, 800)), NOW)
    by = {part.rule: part.things for part in found.parts}
    calls = list(pages.iterate(house.ledger, SCOPE, "", zone="UTC", now=NOW))
    day = [call for call in calls if call.started_at <= NOW - 500 * DAY and call.direction == "inbound"]
    three = [call for call in calls if call.started_at <= NOW - 700 * DAY and call.direction != "inbound"]
    assert (by["a"], by["b"], by[CEILING]) == (len(day), len(three), 0)


def test_nothing_younger_than_the_floor_goes_and_a_call_is_bound_by_the_floors_of_its_parts(
    house: Home, people: People
) -> None:
    rule = Rule("r", "All", "calls", days=0)
    whole = preview("main", _policy(rule), NOW)
    floored = preview("main", _policy(rule, recordings=Limit(10**4)), NOW)
    assert floored.things == 0
    assert floored.young == whole.things > 0


def test_a_hold_keeps_the_calls_that_were_chosen_and_those_that_answer_later(
    house: Home, people: People
) -> None:
    actor = By.of(people.owner).actor
    chosen = _calls(house, "")[:3]
    inbound = _count(house, "direction:inbound")
    for words in ({"ids": chosen}, {"query": "direction:inbound"}):
        hold: Any = holds.place(
            actor, SCOPE, name="Case 7", reason="Court", review_on=date(2027, 1, 1), **words
        )
        held = holds.held(SCOPE, _calls(house, ""), NOW)
        assert set(held.values()) == {("Case 7",)}
        assert len(held) == (3 if "ids" in words else inbound)
        kept = preview("main", _policy(Rule("r", "All", "calls", days=0)), NOW)
        assert kept.held == len(held)
        assert kept.things == _count(house, "") - len(held)
        assert hold.calls.count() == len(held)
        holds.release(actor, hold, "Settled")
        assert holds.held(SCOPE, chosen, NOW) == {}


def test_calls_that_a_hold_fixed_stay_held_when_they_answer_its_question_no_longer(
    house: Home, people: People
) -> None:
    by = By.of(people.owner)
    call = _calls(house, "direction:inbound")[0]
    tagged = edit.tag(by, [call], ["court"], create=True)
    hold = holds.place(
        by.actor, SCOPE, name="Court", reason="Court", review_on=date(2027, 1, 1), query="tag:court"
    )
    edit.undo(by, tagged.batch)
    assert holds.held(SCOPE, [call], NOW) == {call: ("Court",)}
    holds.release(by.actor, hold, "Over")


@pytest.mark.parametrize(
    "words",
    [
        {"name": "", "reason": "x", "query": "outcome:missed"},
        {"name": "x", "reason": " ", "query": "outcome:missed"},
        {"name": "x", "reason": "x"},
    ],
)
def test_a_hold_without_name_reason_or_calls_is_refused(
    house: Home, people: People, words: dict[str, Any]
) -> None:
    with pytest.raises(holds.HoldError):
        holds.place(By.of(people.owner).actor, scope_of(people.owner), review_on=date(2027, 1, 1), **words)


def test_old_notes_and_finished_tasks_are_chosen_by_when_they_last_changed(
    house: Home, people: People
) -> None:
    by = By.of(people.owner)
    call = _calls(house, "direction:inbound")[0]
    edit.add_note(by, call, "remember the heron")
    later = from_datetime(datetime.now(UTC)) + 40 * DAY
    rule = Rule("n", "Notes", "notes", "direction:inbound", days=30)
    assert preview("main", _policy(rule), later).things == 1
    assert preview("main", _policy(rule), later - 20 * DAY).things == 0
    other = Rule("n", "Notes", "notes", "direction:outbound", days=30)
    assert preview("main", _policy(other), later).things == 0


def _rule_on(since: datetime) -> RetentionRule:
    return RetentionRule.objects.create(name="All", kind="calls", days=365, on=True, on_since=since)


def test_a_run_is_due_once_a_day_at_its_hour_after_the_rules_were_switched_on(people: People) -> None:
    """The organisation is in New York: three in the morning is eight in UTC, seven in summer."""
    at = datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert not standing.due("main", at), "no rule is on"
    _rule_on(at - timedelta(hours=1))
    assert not standing.due("main", at), "switched on after today's hour"
    assert not standing.due("main", at + timedelta(hours=19, minutes=59))
    assert standing.due("main", at + timedelta(hours=20))
    run = runs.begin(audit.SYSTEM, now=at + timedelta(hours=20))
    RetentionRun.objects.filter(pk=run.pk).update(
        made_at=at + timedelta(hours=20), state="done", finished_at=at + timedelta(hours=21)
    )
    assert not standing.due("main", at + timedelta(hours=43))
    assert standing.due("main", at + timedelta(hours=44))
    runs.pause_all(audit.SYSTEM, "Audit")
    assert not standing.due("main", at + timedelta(hours=44))


@pytest.mark.parametrize(
    ("after", "hour", "expected"),
    [
        ("2026-03-28T23:00", 2, "2026-03-29T01:00"),  # two o'clock is left out that night
        ("2026-10-24T23:30", 3, "2026-10-25T02:00"),
        ("2026-11-21T01:59", 3, "2026-11-21T02:00"),
        ("2026-11-21T02:00", 3, "2026-11-22T02:00"),
    ],
)
def test_an_hour_comes_every_day_also_when_clocks_change(after: str, hour: int, expected: str) -> None:
    at = datetime.fromisoformat(f"{after}:00+00:00")
    assert standing.next_hour(hour, "Europe/Berlin", at) == datetime.fromisoformat(f"{expected}:00+00:00")


def test_rules_that_were_not_applied_for_long_or_failed_raise_an_alarm(people: People) -> None:
    now = datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert standing.state_of("main", now).active is False
    _rule_on(now - timedelta(hours=27))
    assert standing.state_of("main", now).alarm == "overdue"
    assert standing.state_of("main", now - timedelta(hours=2)).alarm == ""
    runs.pause_all(audit.SYSTEM, "Audit")
    paused = standing.state_of("main", now)
    assert (paused.alarm, paused.detail, paused.next_at) == ("paused", "Audit", None)
    runs.resume_all(audit.SYSTEM)
    made = {"as_of": 0, "by": "system"}
    RetentionRun.objects.create(state="done", finished_at=now - timedelta(hours=3), **made)
    assert standing.state_of("main", now).alarm == ""
    RetentionRun.objects.create(
        state="failed", finished_at=now - timedelta(hours=1), message="disk full", **made
    )
    failed = standing.state_of("main", now)
    assert (failed.alarm, failed.detail) == ("failed", "disk full")
    assert telling.tell("main", failed) == 0, "no mail is set up"
    with override_settings(MAIL_IS_SET_UP=True):
        assert telling.tell("main", failed) == 2
    assert sorted(to for one in mail.outbox for to in one.to) == ["ada@example.com", "olga@example.com"]
    assert "disk full" in mail.outbox[0].body
