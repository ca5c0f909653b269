"""The view of segments: one-segment calls with few or many facts, chains, groups, and laws over all of them."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringbook.correlate.account import Account, Evidence
from ringbook.correlate.assemble import assemble, tell
from ringbook.correlate.segments import tell as account
from ringbook.model.call import Call, CallId, Cause, Direction, HangupBy, Outcome, StepKind
from ringbook.model.instant import SECOND
from ringbook.model.party import Endpoint, EndpointKind, Number
from ringbook.model.statement import PathResult, Segment

T0 = 1_772_442_000 * SECOND
KIND = EndpointKind


def at(seconds: float) -> int:
    """An instant of the story."""
    return T0 + round(seconds * SECOND)


def ours(extension: str, name: str = "") -> Endpoint:
    """A phone of ours."""
    return Endpoint(KIND.PERSON, Number(extension), name, extension)


def end(kind: EndpointKind, number: str = "", name: str = "") -> Endpoint:
    """Any other end."""
    return Endpoint(kind, Number(number), name)


CUSTOMER = end(KIND.OUTSIDE, "+442079460111", "Nadia Karim")
MOBILE = end(KIND.OUTSIDE, "07700900123")
INBOUND, OUTBOUND = Direction.INBOUND, Direction.OUTBOUND


def segment(start: float = 0, **facts: object) -> Segment:
    """A segment with its own frame."""
    frame = hashlib.blake2b(repr((start, sorted(facts.items()))).encode(), digest_size=16).digest()
    return Segment(keys=("x:1",), at=at(start), frame=frame, **facts)  # type: ignore[arg-type]


def call(*segments: Segment) -> Call:
    """The call that segments tell."""
    return assemble("main", "pbx", CallId("x"), segments)


def talks(told: Call) -> list[tuple[str, float | None]]:
    """Who talked how long."""
    return [(agent.extension, agent.talk_s) for agent in told.agents]


def handed(told: Call) -> list[tuple[str, str, str]]:
    """Who handed the call on."""
    return [(made.kind, made.by, made.to) for made in told.transfers]


def test_a_phone_log_with_a_duration_only() -> None:
    told = call(segment(caller=CUSTOMER, direction=INBOUND, result=PathResult.ANSWERED, talk_s=33.0))
    assert (told.outcome, told.direction, told.talk_s) == (Outcome.ANSWERED, INBOUND, 33.0)
    assert (told.answered_at, told.ended_at, told.ring_s, told.hold_s, told.wait_s) == (None,) * 5
    assert told.duration_s is None
    assert told.hangup_by is HangupBy.UNKNOWN


def test_answer_and_end_are_worked_out_only_from_what_is_stated() -> None:
    ring = segment(caller=CUSTOMER, reached=ours("101"), result=PathResult.ANSWERED, ring_s=5.0, talk_s=20.0)
    assert (call(ring).answered_at, call(ring).ended_at) == (at(5), at(25))
    back = segment(
        caller=CUSTOMER, reached=ours("101"), result=PathResult.ANSWERED, talk_s=20.0, ended_at=at(31)
    )
    assert (call(back).answered_at, call(back).ring_s) == (at(11), 11.0)
    waited = segment(caller=CUSTOMER, reached=ours("101"), result=PathResult.ANSWERED, wait_s=9.0, ring_s=4.0)
    assert call(waited).answered_at is None
    assert call(waited).wait_s == 9.0


@pytest.mark.parametrize(
    ("result", "direction", "outcome"),
    [
        (PathResult.NO_ANSWER, INBOUND, Outcome.MISSED),
        (PathResult.NO_ANSWER, OUTBOUND, Outcome.MISSED),
        (PathResult.CANCELLED, INBOUND, Outcome.MISSED),
        (PathResult.CANCELLED, OUTBOUND, Outcome.CANCELLED),
        (PathResult.CANCELLED, Direction.INTERNAL, Outcome.CANCELLED),
        (PathResult.BUSY, OUTBOUND, Outcome.BUSY),
        (PathResult.REJECTED, INBOUND, Outcome.REJECTED),
        (PathResult.CONGESTION, OUTBOUND, Outcome.FAILED),
        (PathResult.FAILED, OUTBOUND, Outcome.FAILED),
        (PathResult.VOICEMAIL, INBOUND, Outcome.VOICEMAIL),
        (PathResult.UNKNOWN, INBOUND, Outcome.UNKNOWN),
    ],
)
def test_each_result_has_its_outcome(result: PathResult, direction: Direction, outcome: Outcome) -> None:
    ends = (CUSTOMER, ours("101")) if direction is INBOUND else (ours("101"), CUSTOMER)
    told = call(segment(caller=ends[0], reached=ends[1], direction=direction, result=result, ended_at=at(9)))
    assert told.outcome is outcome
    assert told.agents == ()
    assert told.answered_at is None
    assert told.talk_s == (None if outcome is Outcome.UNKNOWN else 0.0)


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        (KIND.QUEUE, Outcome.ABANDONED),
        (KIND.IVR, Outcome.ABANDONED),
        (KIND.ANNOUNCEMENT, Outcome.MACHINE),
        (KIND.VOICEMAIL, Outcome.VOICEMAIL),
        (KIND.CONFERENCE, Outcome.UNKNOWN),
        (KIND.PERSON, Outcome.ANSWERED),
        (KIND.OUTSIDE, Outcome.ANSWERED),
        (KIND.UNKNOWN, Outcome.ANSWERED),
    ],
)
def test_only_people_answer(kind: EndpointKind, outcome: Outcome) -> None:
    told = call(
        segment(
            caller=CUSTOMER,
            reached=end(kind, "800"),
            result=PathResult.ANSWERED,
            answered_at=at(2),
            ended_at=at(30),
            hangup_by=HangupBy.CALLER,
        )
    )
    assert told.outcome is outcome
    assert (told.answered_at is not None) == (outcome is Outcome.ANSWERED)


def test_a_menu_that_hangs_up_itself_dealt_with_the_call() -> None:
    menu = segment(
        caller=CUSTOMER, reached=end(KIND.IVR, "850"), answered_at=at(1), hangup_by=HangupBy.CALLEE
    )
    assert call(menu).outcome is Outcome.MACHINE


def queued_call() -> list[Segment]:
    """A queue that rings two agents at once; the second answers, holds, and transfers to a third."""
    return [
        segment(
            0, caller=CUSTOMER, reached=end(KIND.QUEUE, "800", "Sales"), answered_at=at(0), ended_at=at(20)
        ),
        segment(
            10, caller=CUSTOMER, reached=ours("101"), result=PathResult.ELSEWHERE, ended_at=at(20), order=1
        ),
        segment(
            10,
            caller=CUSTOMER,
            reached=ours("102", "Bob"),
            result=PathResult.ANSWERED,
            answered_at=at(20),
            ended_at=at(80),
            hold_s=15.0,
            order=2,
        ),
        segment(
            80,
            caller=CUSTOMER,
            reached=ours("103"),
            result=PathResult.ANSWERED,
            answered_at=at(85),
            ended_at=at(100),
            transferred_by=ours("102"),
            transfer_kind="blind",
            hangup_by=HangupBy.CALLER,
            cause=Cause(q850=16),
        ),
    ]


def test_a_queue_with_a_transfer_is_told_in_full() -> None:
    told = call(*queued_call())
    assert (told.outcome, told.direction, told.queue) == (Outcome.ANSWERED, INBOUND, "Sales")
    assert (told.caller.number, told.called.number) == ("+442079460111", "102")
    assert (told.wait_s, told.ring_s, told.talk_s, told.hold_s, told.duration_s) == (
        20.0,
        10.0,
        75.0,
        15.0,
        100.0,
    )
    assert talks(told) == [("102", 60.0), ("103", 15.0)]
    assert handed(told) == [("blind", "102", "103")]
    assert (told.hangup_by, told.cause.q850) == (HangupBy.CALLER, 16)
    assert [(leg.number, leg.role) for leg in told.legs] == [
        ("+442079460111", "caller"),
        ("800", "system"),
        ("101", "agent"),
        ("102", "agent"),
        ("103", "agent"),
    ]
    assert [step.kind for step in told.steps] == [
        StepKind.STARTED,
        StepKind.QUEUED,
        StepKind.RANG,
        StepKind.RANG,
        StepKind.RANG_NO_ANSWER,
        StepKind.ANSWERED,
        StepKind.HELD,
        StepKind.TRANSFERRED,
        StepKind.RANG,
        StepKind.ANSWERED,
        StepKind.ENDED,
    ]


def test_a_queue_after_an_answer_is_waited_in_until_the_next_one() -> None:
    reception = segment(
        0,
        caller=CUSTOMER,
        reached=ours("100"),
        answered_at=at(3),
        ended_at=at(30),
        result=PathResult.ANSWERED,
    )
    queue = segment(30, caller=CUSTOMER, reached=end(KIND.QUEUE, "800", "Sales"), ended_at=at(70))
    agent = segment(
        50,
        caller=CUSTOMER,
        reached=ours("102"),
        answered_at=at(70),
        ended_at=at(90),
        result=PathResult.ANSWERED,
    )
    assert call(reception, queue, agent).wait_s == 40.0
    assert call(reception, queue).wait_s == 40.0
    assert (call(reception, queue).outcome, call(reception, queue).called.number) == (Outcome.ANSWERED, "100")


def test_why_names_the_deciding_frames() -> None:
    parts = queued_call()
    why = tell("main", "pbx", CallId("x"), parts).why
    assert why["caller"] == ("segments", parts[0].frame)
    assert why["answered_at"] == ("segments", parts[2].frame)
    assert why["transfers"] == ("segments", parts[3].frame)
    assert why["hangup_by"] == ("segments", parts[3].frame)
    assert why["wait_s"] == ("segments", parts[0].frame)


def test_a_consultation_is_no_talk_with_the_customer() -> None:
    told = call(
        segment(
            0,
            caller=CUSTOMER,
            reached=ours("101"),
            answered_at=at(5),
            ended_at=at(60),
            result=PathResult.ANSWERED,
        ),
        segment(
            20,
            caller=ours("101"),
            reached=ours("102"),
            answered_at=at(25),
            ended_at=at(60),
            result=PathResult.ANSWERED,
        ),
        segment(
            60,
            caller=CUSTOMER,
            reached=ours("102"),
            answered_at=at(60),
            ended_at=at(90),
            result=PathResult.ANSWERED,
            transfer_kind="transfer",
        ),
    )
    assert talks(told) == [("101", 55.0), ("102", 30.0)]
    assert told.talk_s == 85.0
    assert handed(told) == [("attended", "101", "102")]


def test_a_forward_to_a_mobile_is_answered_by_nobody_of_ours() -> None:
    told = call(
        segment(
            caller=CUSTOMER,
            reached=MOBILE,
            direction=INBOUND,
            dialled="02079460000",
            answered_at=at(12),
            ended_at=at(50),
            result=PathResult.ANSWERED,
            transferred_by=ours("101"),
            transfer_kind="forward",
        )
    )
    assert (told.outcome, told.direction, told.called.number) == (Outcome.ANSWERED, INBOUND, "07700900123")
    assert told.agents == ()
    assert told.talk_s == 38.0
    assert handed(told) == [("forward", "101", "07700900123")]


def test_an_unanswered_group_rang_its_longest_ring() -> None:
    told = call(
        segment(0, caller=CUSTOMER, reached=end(KIND.GROUP, "870", "Front desk"), ended_at=at(20)),
        segment(0, caller=CUSTOMER, reached=ours("101"), result=PathResult.BUSY, ended_at=at(1), order=1),
        segment(
            0, caller=CUSTOMER, reached=ours("102"), result=PathResult.NO_ANSWER, ended_at=at(20), order=2
        ),
    )
    assert (told.outcome, told.called.name, told.ring_s) == (Outcome.MISSED, "Front desk", 20.0)


def test_an_unknown_talk_time_is_not_added_up_as_nothing() -> None:
    told = call(
        segment(0, caller=CUSTOMER, reached=ours("101"), result=PathResult.ANSWERED, talk_s=10.0),
        segment(30, caller=CUSTOMER, reached=ours("102"), result=PathResult.ANSWERED),
    )
    assert told.talk_s is None
    assert talks(told) == [("101", 10.0), ("102", None)]
    assert told.ended_at is None


def test_a_hang_up_on_a_turned_leg_is_told_from_the_whole_call() -> None:
    told = call(
        segment(
            0,
            caller=ours("101"),
            reached=CUSTOMER,
            direction=OUTBOUND,
            answered_at=at(5),
            ended_at=at(10),
            result=PathResult.ANSWERED,
        ),
        segment(
            20,
            caller=CUSTOMER,
            reached=ours("101"),
            answered_at=at(20),
            ended_at=at(40),
            result=PathResult.ANSWERED,
            hangup_by=HangupBy.CALLER,
        ),
    )
    assert told.direction is OUTBOUND
    assert told.hangup_by is HangupBy.CALLEE


def test_nothing_tells_nothing() -> None:
    assert account(Evidence()) == Account()
    bare = call(Segment(keys=("x:1",), frame=b"f" * 16))
    assert (bare.outcome, bare.direction, bare.talk_s) == (Outcome.UNKNOWN, Direction.UNKNOWN, None)


ENDS = st.sampled_from(
    [
        CUSTOMER,
        MOBILE,
        ours("101"),
        ours("102"),
        end(KIND.QUEUE, "800", "Sales"),
        end(KIND.IVR, "850"),
        end(KIND.VOICEMAIL, "101"),
        end(KIND.CONFERENCE, "700"),
        Endpoint(),
    ]
)
MOMENTS = st.none() | st.integers(0, 100).map(lambda seconds: at(seconds))
SPANS = st.none() | st.integers(0, 60).map(float)
SEGMENTS = st.lists(
    st.builds(
        Segment,
        keys=st.just(("x:1",)),
        at=st.integers(0, 50).map(lambda seconds: at(seconds)),
        frame=st.binary(min_size=16, max_size=16),
        order=st.integers(0, 2),
        caller=ENDS,
        reached=ENDS,
        result=st.sampled_from(PathResult),
        answered_at=MOMENTS,
        ended_at=MOMENTS,
        ring_s=SPANS,
        talk_s=SPANS,
        hold_s=SPANS,
        wait_s=SPANS,
        transferred_by=ENDS,
        transfer_kind=st.sampled_from(["", "blind", "transfer", "forward"]),
        continues=st.sampled_from([None, True, False]),
        hangup_by=st.sampled_from(HangupBy),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda s: s.frame,
)


@settings(max_examples=200, deadline=None)
@given(SEGMENTS, st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(parts: list[Segment], random: object) -> None:
    turned = parts + parts[:2]
    random.shuffle(turned)  # type: ignore[attr-defined]
    assert call(*turned) == call(*parts)


@settings(max_examples=300, deadline=None)
@given(SEGMENTS)
def test_whatever_is_told_agrees_with_itself(parts: list[Segment]) -> None:
    told = call(*parts)
    people = any(
        leg.outcome is Outcome.ANSWERED and leg.kind in (KIND.PERSON, KIND.OUTSIDE, KIND.UNKNOWN)
        for leg in told.legs
    )
    met = any(leg.kind is KIND.CONFERENCE for leg in told.legs) or any(
        p.caller.kind is KIND.CONFERENCE for p in parts
    )
    nameless = any(p.reached == Endpoint() for p in parts)
    assert told.outcome is not Outcome.ANSWERED or people or met or nameless
    assert told.outcome is Outcome.ANSWERED or (told.answered_at is None and told.agents == ())
    assert told.outcome is Outcome.ANSWERED or told.talk_s in (None, 0.0)
    for span in (told.duration_s, told.wait_s, told.ring_s, told.talk_s, told.hold_s):
        assert span is None or span >= 0
    known = [step.at for step in told.steps if step.at is not None]
    assert known == sorted(known)
    assert {step.frame for step in told.steps} <= {p.frame.hex() for p in parts}
