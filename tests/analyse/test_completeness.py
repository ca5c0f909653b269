"""Which calls should have been recorded and were: against calls and recordings made by hand, one for each way it can come out.

All numbers are fictitious (555-01xx).
"""

from __future__ import annotations

import uuid
from typing import Any

import msgspec
import pytest

from ringbook.analyse.completeness import (
    MISSING,
    Completeness,
    Count,
    Listed,
    Policy,
    Verdict,
    Wanted,
    completeness,
    missing,
)
from ringbook.ledger.batch import Batch, Gone
from ringbook.ledger.erasing import Removal, remove
from ringbook.ledger.ledger import Ledger
from ringbook.ledger.recordings import Catalogue
from ringbook.model.call import AgentTalk, Call, Direction, Outcome, Recording
from ringbook.model.instant import DAY, SECOND
from ringbook.model.recording import KeptRecording, RecordingId
from ringbook.model.scope import Reach, Scope
from ringbook.model.warrant import Ground
from tests.search.calls import at, identity, inside, outside
from tests.warrants import a_warrant

from .calls import MINUTE, NOW, call

TENANT = "complete"
SCOPE = Scope(TENANT)
BEGAN = at("2026-11-03T10:00")
UNTIL = at("2026-11-05T00:00")
PERIOD: dict[str, Any] = {"since": at("2026-11-03T00:00"), "until": UNTIL, "zone": "UTC", "now": NOW}
EVERYTHING = Wanted(id="all", query="")


def talk(minute: int, talk_s: float | None = 100.0, **facts: object) -> Call:
    """An answered call with Bo, in the queue Sales, two minutes after the one before."""
    began = BEGAN + minute * 2 * MINUTE
    told: dict[str, object] = {
        "answered_at": began + 10 * SECOND,
        "ended_at": began + 110 * SECOND,
        "direction": Direction.INBOUND,
        "outcome": Outcome.ANSWERED,
        "caller": outside("+15125550101"),
        "called": inside("101", "Bo"),
        "agents": (AgentTalk("101", "Bo", talk_s),),
        "queue": "Sales",
        "talk_s": talk_s,
        "duration_s": 110.0,
    }
    return call(7_000 + minute, began, TENANT, **{**told, **facts})


WHOLE = talk(0)
NOTHING = talk(1)
NAMED = talk(2, recordings=(Recording("named.wav"),))
SHORT = talk(3)
BROKEN = talk(4)
NEAR = talk(5)
REFUSED = talk(6)
LISTED = talk(7, caller=outside("+15125550190"))
TWO_PARTS = talk(8)
SAME_TWICE = talk(9)
REMOVED = talk(10)
UNMEASURED = talk(11)
OF_AN_ALIAS = talk(12)
UNKNOWN_TALK = talk(13, talk_s=None)
ELSEWHERE = talk(14, queue="Support", agents=(AgentTalk("102", "Cy", 100.0),), called=inside("102", "Cy"))
UNANSWERED = talk(15, outcome=Outcome.MISSED, agents=(), talk_s=None)
BY_HAND = talk(16, sources=("by-hand",))
OF_ANOTHER_SOURCE = talk(60, sources=("branch",))
NEXT_DAY = talk(16 * 30)
CALLS = [
    *(WHOLE, NOTHING, NAMED, SHORT, BROKEN, NEAR, REFUSED, LISTED, TWO_PARTS, SAME_TWICE, REMOVED),
    *(UNMEASURED, OF_AN_ALIAS, UNKNOWN_TALK, ELSEWHERE, UNANSWERED, BY_HAND, OF_ANOTHER_SOURCE, NEXT_DAY),
]
ALIAS = identity(BEGAN - DAY, 7_900)
BETWEEN = identity(BEGAN - DAY, 7_901)

TRUTH = {
    WHOLE.id: Verdict.RECORDED,
    NOTHING.id: Verdict.NO_FILE,
    NAMED.id: Verdict.NO_FILE,
    SHORT.id: Verdict.TOO_SHORT,
    BROKEN.id: Verdict.DECODE_ERROR,
    NEAR.id: Verdict.UNMATCHED,
    REFUSED.id: Verdict.REFUSED,
    LISTED.id: Verdict.DO_NOT_RECORD,
    TWO_PARTS.id: Verdict.RECORDED,
    SAME_TWICE.id: Verdict.TOO_SHORT,
    REMOVED.id: Verdict.RECORDED,
    UNMEASURED.id: Verdict.RECORDED,
    OF_AN_ALIAS.id: Verdict.RECORDED,
    UNKNOWN_TALK.id: Verdict.RECORDED,
    ELSEWHERE.id: Verdict.NO_FILE,
    OF_ANOTHER_SOURCE.id: Verdict.NO_FILE,
    NEXT_DAY.id: Verdict.NO_FILE,
}
"""What became of each call; those that nobody answered, or that were entered by hand, are not asked about."""

POLICY = Policy(
    rules=(EVERYTHING,), listed=(Listed(kind="number", value="+15125550190"),), refused=(REFUSED.id,)
)


def recording(number: int, of: Call | str | None, seconds: float | None, **facts: Any) -> KeptRecording:
    """A recording of a call that began with its talk."""
    began = of.answered_at if isinstance(of, Call) else None
    return KeptRecording(
        id=RecordingId(str(uuid.UUID(int=0x9000 + number))),
        tenant=TENANT,
        received_at=NOW - DAY,
        **{
            "source": "office",
            "name": f"{number}.wav",
            "call": of.id if isinstance(of, Call) else of,
            "started_at": began,
            "duration_s": seconds,
            **facts,
        },
    )


def kept() -> list[KeptRecording]:
    """The recordings."""
    began = TWO_PARTS.answered_at or 0
    twice = SAME_TWICE.answered_at or 0
    return [
        recording(0, WHOLE, 85.0),
        recording(3, SHORT, 79.0),
        recording(4, BROKEN, None, problem="no audio"),
        recording(5, None, 60.0, started_at=NEAR.started_at + 30 * SECOND),
        recording(6, REFUSED, 100.0),
        recording(7, LISTED, 100.0),
        recording(8, TWO_PARTS, 50.0),
        recording(80, TWO_PARTS, 45.0, started_at=began + 55 * SECOND),
        recording(9, SAME_TWICE, 45.0),
        recording(90, SAME_TWICE, 45.0, started_at=twice + 1 * SECOND),
        recording(10, REMOVED, 85.0),
        recording(11, UNMEASURED, None),
        recording(12, BETWEEN, 100.0, started_at=OF_AN_ALIAS.answered_at),
        recording(13, UNKNOWN_TALK, 5.0),
        recording(60, None, 60.0, started_at=OF_ANOTHER_SOURCE.started_at),
    ]


@pytest.fixture(scope="module")
def recorded(ledger: Ledger) -> Ledger:
    """The ledger with the calls and recordings of this file.

    One recording's call was joined into another, and that again; one that could be played and one that could not were removed.
    """
    gone = [Gone(BETWEEN, BEGAN, 2, ALIAS), Gone(ALIAS, BEGAN, 2, OF_AN_ALIAS.id)]
    ledger.write(Batch(tenant=TENANT, calls=CALLS, gone=gone))
    Catalogue(ledger).keep(TENANT, kept())
    removed = [one.id for one in kept() if one.call in (REMOVED.id, BROKEN.id)]
    remove(ledger, a_warrant(Ground.RETENTION, TENANT, "rule:1", by="rule"), Removal(recordings=removed))
    return ledger


def told(ledger: Ledger, policy: Policy, scope: Scope = SCOPE, **more: Any) -> Completeness:
    return completeness(ledger, scope, policy, **{**PERIOD, **more})


def listing(ledger: Ledger, policy: Policy = POLICY, scope: Scope = SCOPE, **more: Any) -> dict[str, Verdict]:
    found, _ = missing(ledger, scope, policy, **{**PERIOD, "verdicts": list(Verdict), "limit": 100, **more})
    return {one.call: one.verdict for one in found}


def of(parts: list[Any]) -> dict[str, tuple[int, int]]:
    """Recorded and expected by key."""
    return {part.key: (part.count.recorded, part.count.expected) for part in parts}


def test_each_call_comes_out_as_worked_out_by_hand(recorded: Ledger) -> None:
    assert listing(recorded) == TRUTH


def test_the_counts_are_those_of_the_calls(recorded: Ledger) -> None:
    found = told(recorded, POLICY)
    counted: dict[Verdict, int] = {}
    for verdict in TRUTH.values():
        counted[verdict] = counted.get(verdict, 0) + 1
    assert found.total.verdicts == counted
    assert (found.total.recorded, found.total.missing, found.total.expected) == (6, 9, 15)
    assert found.total.rate == 0.4
    assert of(found.days) == {"2026-11-03": (6, 14), "2026-11-04": (0, 1)}
    assert of(found.queues) == {"Sales": (6, 14), "Support": (0, 1)}
    assert [part.key for part in found.queues] == ["Sales", "Support"], "most is missing first"
    assert of(found.sources) == {"office": (6, 14), "branch": (0, 1)}
    assert of(found.agents) == {"101": (6, 14), "102": (0, 1)}
    assert {part.name for part in found.agents} == {"Bo", "Cy"}
    assert of(found.rules) == {"all": (6, 15)}


def test_the_calls_behind_each_figure_are_listed(recorded: Ledger) -> None:
    assert set(listing(recorded, queue="Support")) == {ELSEWHERE.id}
    assert set(listing(recorded, agent="102")) == {ELSEWHERE.id}
    assert listing(recorded, agent="") == {}
    assert set(listing(recorded, day="2026-11-04")) == {NEXT_DAY.id}
    assert set(listing(recorded, source="branch")) == {OF_ANOTHER_SOURCE.id}
    assert set(listing(recorded, rule="all")) == set(TRUTH)
    assert listing(recorded, rule="other") == {}
    assert set(listing(recorded, verdicts=[Verdict.TOO_SHORT])) == {SHORT.id, SAME_TWICE.id}
    found, _ = missing(recorded, SCOPE, POLICY, **PERIOD, limit=100)
    assert {one.verdict for one in found} == set(MISSING)
    assert [one.call for one in found if one.named] == [NAMED.id], "its records say that there is a recording"
    [short] = [one for one in found if one.call == SHORT.id]
    assert short.kept_s == 79.0


def test_pages_follow_one_another(recorded: Ledger) -> None:
    every, cursor = [], ""
    while True:
        some, cursor = missing(recorded, SCOPE, POLICY, **PERIOD, limit=4, cursor=cursor)
        every += some
        if not cursor:
            break
    assert [one.call for one in every] == [
        one.call for one in missing(recorded, SCOPE, POLICY, **PERIOD, limit=100)[0]
    ]
    assert [one.started_at for one in every] == sorted((one.started_at for one in every), reverse=True)


def test_without_rules_nothing_is_expected(recorded: Ledger) -> None:
    assert told(recorded, Policy()).total == Count({})
    assert missing(recorded, SCOPE, Policy(), **PERIOD) == ([], "")
    assert told(recorded, Policy()).total.rate is None


def test_the_first_rule_that_speaks_of_a_call_decides(recorded: Ledger) -> None:
    none = Wanted(id="none", query="queue:Support", percent=0)
    assert ELSEWHERE.id not in listing(recorded, Policy(rules=(none, EVERYTHING)))
    assert ELSEWHERE.id in listing(recorded, Policy(rules=(EVERYTHING, none)))
    found = told(recorded, Policy(rules=(Wanted(id="support", query="queue:Support"), EVERYTHING)))
    assert of(found.rules) == {"support": (0, 1), "all": (8, 16)}


def test_rules_hold_in_their_time(recorded: Ledger) -> None:
    later = Wanted(id="later", query="", since=NEXT_DAY.started_at)
    assert set(listing(recorded, Policy(rules=(later,)))) == {NEXT_DAY.id}
    before = Wanted(id="before", query="", until=NOTHING.started_at)
    assert set(listing(recorded, Policy(rules=(before,)))) == {WHOLE.id}


def test_a_share_is_of_the_same_calls_each_time_and_grows_with_itself(ledger: Ledger) -> None:
    calls = [
        msgspec.structs.replace(talk(0), id=identity(BEGAN + n * SECOND, n), started_at=BEGAN + n * SECOND)
        for n in range(400)
    ]
    ledger.write(
        Batch(tenant="shares", calls=[msgspec.structs.replace(one, tenant="shares") for one in calls])
    )

    def chosen(percent: float, rule: str = "one") -> set[str]:
        policy = Policy(rules=(Wanted(id=rule, query="", percent=percent),))
        return set(listing(ledger, policy, Scope("shares"), limit=1_000))

    some = chosen(25)
    assert some == chosen(25)
    assert 60 <= len(some) <= 140
    assert some < chosen(50) < chosen(100)
    assert len(chosen(100)) == 400
    assert chosen(0) == set()
    assert chosen(25, "two") != some, "another rule takes others"


def test_what_ended_a_moment_ago_is_waited_for(recorded: Ledger) -> None:
    soon = (NEXT_DAY.ended_at or 0) + 60 * SECOND
    assert listing(recorded, now=soon)[NEXT_DAY.id] is Verdict.WAITING
    assert told(recorded, POLICY, now=soon).total.expected == 14
    impatient = msgspec.structs.replace(POLICY, grace_s=30)
    assert listing(recorded, impatient, now=soon)[NEXT_DAY.id] is Verdict.NO_FILE


def test_how_much_of_a_talk_is_asked_for_can_be_said(recorded: Ledger) -> None:
    lenient = msgspec.structs.replace(POLICY, least_share=0.75)
    assert listing(recorded, lenient)[SHORT.id] is Verdict.RECORDED
    strict = msgspec.structs.replace(POLICY, least_share=0.9)
    assert listing(recorded, strict)[WHOLE.id] is Verdict.TOO_SHORT


@pytest.mark.parametrize(
    ("listed", "calls"),
    [
        (Listed(kind="extension", value="102"), {ELSEWHERE.id}),
        (Listed(kind="queue", value="Support"), {ELSEWHERE.id}),
        (Listed(kind="number", value="+1512555019*"), {LISTED.id}),
        (Listed(kind="number", value="+1512555019"), set()),
        (Listed(kind="queue", value="Support", until=BEGAN), set()),
        (Listed(kind="queue", value="Support", since=BEGAN, until=UNTIL), {ELSEWHERE.id}),
    ],
)
def test_the_list_names_numbers_extensions_and_queues_for_a_time(
    recorded: Ledger, listed: Listed, calls: set[str]
) -> None:
    policy = Policy(rules=(EVERYTHING,), listed=(listed,))
    assert set(listing(recorded, policy, verdicts=[Verdict.DO_NOT_RECORD])) == calls


def test_a_reader_is_told_of_the_calls_within_reach_only(recorded: Ledger) -> None:
    support = Scope(TENANT, (Reach(queues=("Support",)),))
    assert listing(recorded, scope=support) == {ELSEWHERE.id: Verdict.NO_FILE}
    assert told(recorded, POLICY, support).total.expected == 1
    assert told(recorded, POLICY, Scope("another")).total.expected == 0
