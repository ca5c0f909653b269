"""Who was missed and not called back: stories worked out by hand, and any calls at all against a plain evaluation."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ringbook.analyse.missed import LOST, Caller, Group, Standing, backs, missed
from ringbook.analyse.statements import described, statement
from ringbook.ledger.batch import Batch
from ringbook.ledger.ledger import Ledger
from ringbook.model.call import AgentTalk, Call, Direction, Outcome
from ringbook.model.party import EndpointKind, Party
from ringbook.model.scope import Reach, Scope

from .calls import ANNA, BEN, CLARA, MINUTE, QUEUE_AT, call, outside

UNTIL = QUEUE_AT + 24 * 60 * MINUTE
_TENANTS = itertools.count()


def story(ledger: Ledger, *told: tuple[int, str, str], **more: object) -> list[Call]:
    """Calls of a tenant of their own: minute, who, and what became of it (``>`` before it: we rang them)."""
    tenant = f"missed-{next(_TENANTS)}"
    calls = []
    for number, (minute, who, outcome) in enumerate(told):
        ours = Party("101", "101", "Bo Dahl", EndpointKind.PERSON)
        out = outcome.startswith(">")
        became = Outcome(outcome.lstrip(">"))
        calls.append(
            call(
                number,
                QUEUE_AT + minute * MINUTE,
                tenant,
                direction=Direction.OUTBOUND if out else Direction.INBOUND,
                outcome=became,
                caller=ours if out else outside(who),
                called=outside(who) if out else ours,
                agents=(AgentTalk("101", "Bo Dahl", 60.0),) if became is Outcome.ANSWERED else (),
                queue="" if out else "Sales",
                wait_s=None if out else float(minute),
                **more,
            )
        )
    ledger.write(Batch(tenant=tenant, calls=calls))
    return calls


def those(ledger: Ledger, calls: list[Call], **more: object) -> list[Caller]:
    scope = Scope(calls[0].tenant)
    found = missed(ledger, scope, since=QUEUE_AT, until=UNTIL, **more)  # type: ignore[arg-type]
    return found.callers


def test_somebody_missed_waits_since_the_first_try(ledger: Ledger) -> None:
    calls = story(ledger, (1, ANNA, "missed"), (5, ANNA, "abandoned"), (9, ANNA, "voicemail"))
    [anna] = those(ledger, calls)
    assert (anna.key, anna.numbers, anna.standing, anna.back_at) == (ANNA, (ANNA,), Standing.WAITING, None)
    assert (anna.tries, anna.outcomes) == (3, {"missed": 1, "abandoned": 1, "voicemail": 1})
    assert anna.since_at == anna.first_at == QUEUE_AT + MINUTE
    assert anna.last_at == QUEUE_AT + 9 * MINUTE
    assert (anna.queues, anna.longest_wait_s, anna.last_call) == (("Sales",), 9.0, calls[2].id)


@pytest.mark.parametrize("back", [">answered", "answered"])
def test_an_answered_call_in_either_direction_returns_it(ledger: Ledger, back: str) -> None:
    calls = story(ledger, (1, ANNA, "missed"), (30, ANNA, back), (40, ANNA, ">answered"))
    [anna] = those(ledger, calls)
    assert (anna.standing, anna.back_at) == (Standing.RETURNED, QUEUE_AT + 30 * MINUTE)
    told = backs(ledger, Scope(calls[0].tenant), [anna])[anna.last_call]
    assert (told.call, told.by, told.extension, told.talk_s) == (calls[1].id, "Bo Dahl", "101", None)


def test_an_attempt_is_told_apart_and_does_not_return_it(ledger: Ledger) -> None:
    calls = story(ledger, (1, ANNA, "missed"), (3, ANNA, ">missed"), (4, ANNA, ">voicemail"))
    [anna] = those(ledger, calls)
    assert (anna.standing, anna.attempts, anna.back_at) == (Standing.TRIED, 2, QUEUE_AT + 3 * MINUTE)
    assert backs(ledger, Scope(calls[0].tenant), [anna])[anna.last_call].by == "Bo Dahl"


def test_missed_again_after_the_callback_waits_again(ledger: Ledger) -> None:
    calls = story(
        ledger, (1, ANNA, "missed"), (2, ANNA, ">answered"), (8, ANNA, "missed"), (9, ANNA, "missed")
    )
    [anna] = those(ledger, calls)
    assert (anna.standing, anna.tries, anna.since_at) == (Standing.WAITING, 3, QUEUE_AT + 8 * MINUTE)


def test_spoken_to_before_or_at_the_same_instant_returns_nothing(ledger: Ledger) -> None:
    calls = story(ledger, (1, ANNA, ">answered"), (2, ANNA, "missed"), (2, ANNA, ">answered"))
    [anna] = those(ledger, calls)
    assert anna.standing is Standing.WAITING


def test_withheld_numbers_stand_apart(ledger: Ledger) -> None:
    calls = story(ledger, (1, "", "missed"), (2, "", "abandoned"), (3, "", ">answered"))
    found = those(ledger, calls)
    assert [(one.withheld, one.tries, one.standing) for one in found] == [(True, 1, Standing.WAITING)] * 2
    assert {one.last_call for one in found} == {calls[0].id, calls[1].id}
    assert found[0].calls_query(LOST, QUEUE_AT, UNTIL) == ""


def test_all_numbers_of_a_contact_are_one_caller(ledger: Ledger) -> None:
    calls = story(ledger, (1, ANNA, "missed"), (4, BEN, "missed"), (9, CLARA, ">answered"))
    person = Group("contact:1", (ANNA, BEN, CLARA))

    def grouping(numbers: Sequence[str]) -> Mapping[str, Group]:
        return dict.fromkeys(set(numbers) & set(person.numbers), person)

    [one] = those(ledger, calls, grouping=grouping)
    assert (one.key, set(one.numbers), one.tries) == ("contact:1", {ANNA, BEN}, 2)
    assert (one.standing, one.back_at) == (Standing.RETURNED, QUEUE_AT + 9 * MINUTE)
    assert backs(ledger, Scope(calls[0].tenant), [one])[one.last_call].call == calls[2].id
    assert len(those(ledger, calls)) == 2


def test_kinds_and_queue_choose_which_calls_count(ledger: Ledger) -> None:
    calls = story(ledger, (1, ANNA, "missed"), (2, BEN, "voicemail"), (3, CLARA, "busy"))
    assert {one.key for one in those(ledger, calls)} == {ANNA, BEN}
    assert [one.key for one in those(ledger, calls, kinds=["voicemail"])] == [BEN]
    assert those(ledger, calls, queue="Support") == []
    assert len(those(ledger, calls, queue="Sales")) == 2


def test_waiting_longest_first_then_tried_then_returned(ledger: Ledger) -> None:
    calls = story(
        ledger,
        *((1, "+15125550111", "missed"), (2, "+15125550111", ">answered"), (3, "+15125550112", "missed")),
        *((4, "+15125550112", ">missed"), (5, "+15125550113", "missed"), (6, "+15125550114", "missed")),
    )
    assert [one.key[-1] for one in those(ledger, calls)] == ["3", "4", "2", "1"]


def test_nothing_outside_the_scope_is_told(ledger: Ledger) -> None:
    calls = story(ledger, (1, ANNA, "missed"), (2, ANNA, ">answered"))
    mine = Scope(calls[0].tenant, (Reach(extensions=("999",)),))
    assert missed(ledger, mine, since=QUEUE_AT, until=UNTIL).callers == []
    assert missed(ledger, Scope("nobody"), since=QUEUE_AT, until=UNTIL).callers == []


@pytest.mark.parametrize("name", ["tried", "spoken", "returned"])
def test_statements_are_described_and_scoped(name: str) -> None:
    assert set(described("missed")) == {"tried", "spoken", "returned"}
    sql = statement(name, "missed")
    assert sql.count("FROM calls") == sql.count("{scope}") == 1


OUTCOMES = ["missed", "abandoned", "voicemail", "answered", "busy", ">answered", ">missed", ">voicemail"]
PEOPLE = ["", ANNA, BEN, CLARA, "+15125550104"]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    told=st.lists(
        st.tuples(st.integers(0, 40), st.sampled_from(PEOPLE), st.sampled_from(OUTCOMES)),
        min_size=1,
        max_size=25,
    ),
    paired=st.booleans(),
)
def test_any_calls_are_told_as_a_plain_evaluation_tells_them(
    ledger: Ledger, told: list[tuple[int, str, str]], paired: bool
) -> None:
    calls = story(ledger, *told)
    pair = Group("contact:1", (ANNA, BEN))
    grouping = (lambda numbers: dict.fromkeys(set(numbers) & {ANNA, BEN}, pair)) if paired else None
    found = those(ledger, calls, grouping=grouping)
    expected: dict[str, tuple[object, ...]] = {}
    keys = {who: "contact:1" if paired and who in (ANNA, BEN) else who for who in PEOPLE if who}
    for key in set(keys.values()):
        mine = [(minute, became) for minute, who, became in told if keys.get(who) == key]
        lost = [minute for minute, became in mine if became in LOST]
        if not lost:
            continue
        last = max(lost)
        spoken = [minute for minute, became in mine if became.lstrip(">") == "answered"]
        tries = [minute for minute, became in mine if became in (">missed", ">voicemail") and minute > last]
        later = [minute for minute in spoken if minute > last]
        before = max((minute for minute in spoken if minute < last), default=-1)
        # A call at the same instant as the last lost one was not after it, so the waiting goes on from before it.
        since = min(minute for minute in lost if minute > before)
        standing = "returned" if later else "tried" if tries else "waiting"
        back = min(later, default=min(tries, default=None)) if (later or tries) else None
        expected[key] = (len(lost), min(lost), last, since, standing, back, len(tries) if not later else None)
    told_back = {
        one.key: (
            one.tries,
            *((at - QUEUE_AT) // MINUTE for at in (one.first_at, one.last_at, one.since_at)),
            one.standing.value,
            None if one.back_at is None else (one.back_at - QUEUE_AT) // MINUTE,
            one.attempts if one.standing is not Standing.RETURNED else None,
        )
        for one in found
        if not one.withheld
    }
    assert told_back == expected
    withheld = sum(1 for _, who, became in told if not who and became in LOST)
    assert sum(one.withheld for one in found) == withheld
