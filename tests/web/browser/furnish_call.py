"""What the page of a call shows in the browser tests: a queue call with hold and transfer, notes, tags, a task, a missed call."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from ringbook.desk.annotations import edit, vocabulary
from ringbook.desk.annotations.edit import By
from ringbook.model.call import (
    AgentTalk,
    Call,
    CallId,
    CallQuality,
    Cause,
    Direction,
    HangupBy,
    Leg,
    Outcome,
    Recording,
    Step,
    StepKind,
    Transfer,
)
from ringbook.model.instant import SECOND, Instant, from_datetime
from ringbook.model.party import EndpointKind, Party
from ringbook.runtime.home import Home

from ...house import People, write_calls

PERSON, OUTSIDE, QUEUE = EndpointKind.PERSON, EndpointKind.OUTSIDE, EndpointKind.QUEUE


def _id(days: int, hour: int) -> CallId:
    """The id of a call that began then: its first 48 bits say so."""
    millis = f"{_begun(days, hour) // 1000:012x}"
    return CallId(f"{millis[:8]}-{millis[8:]}-8000-8000-00000000ca1{days}")


def _begun(days: int, hour: int) -> Instant:
    return from_datetime(datetime(2026, 11, 20, hour, 30, tzinfo=UTC) - timedelta(days=days))


STORY, MISSED, LONG = _id(1, 14), _id(2, 16), _id(3, 13)
SHORT, OPEN, EMPTY = _id(4, 15), _id(5, 15), _id(6, 15)
NUMBER = "+15125550161"


def furnish(home: Home, people: People) -> None:
    """Write the calls and what people added to them."""
    write_calls(home, calls())
    owner, bo = By.of(people.owner), By.of(people.agent)
    for name, colour in (("VIP", 6), ("Refund", 2), ("Complaint", 1), ("Follow up", 4)):
        vocabulary.save_tag(owner, None, name, colour)
    for key, label, group in (
        ("sale", "Sale", "Sales"),
        ("no-sale", "No sale", "Sales"),
        ("solved", "Solved", "Support"),
        ("wrong-number", "Wrong number", ""),
    ):
        vocabulary.save_outcome(owner, None, key, label, group)
    vocabulary.save_field(owner, None, "order", "Order number", "text")
    vocabulary.save_field(owner, None, "satisfied", "Satisfied", "yes-no")
    note = edit.add_note(bo, STORY, "Wants a refund for order 8812.").note
    edit.edit_note(
        bo,
        note.pk,
        "Wants a refund for order 8812 (arrived broken). @sam please approve: https://example.com/orders/8812",
        1,
    )
    edit.add_note(
        By.of(people.supervisor), STORY, "Approved. Send the replacement first.\nThen close the ticket."
    )
    edit.tag(bo, [STORY], ["VIP", "Refund"])
    edit.set_outcome_code(bo, [STORY], "solved")
    edit.set_field(bo, [STORY], "order", "8812")
    soon = datetime.now(UTC) + timedelta(days=2)
    edit.add_task(bo, STORY, "Send the replacement", people.agent, soon)
    edit.add_task(bo, MISSED, "Call back", people.agent, datetime.now(UTC) - timedelta(days=1))


def calls() -> list[Call]:
    """The calls, all of Bo's."""
    return [_story(), _missed(), _long(), _short(), _open(), _empty()]


def _story() -> Call:
    start = _begun(1, 14)

    def at(seconds: float) -> Instant:
        return start + round(seconds * SECOND)

    return _call(
        STORY,
        start,
        answered_at=at(46),
        ended_at=at(412),
        outcome=Outcome.ANSWERED,
        hangup_by=HangupBy.CALLER,
        cause=Cause(q850=16, sip=200),
        queue="support",
        agents=(AgentTalk("101", "Bo Dahl", 214.0), AgentTalk("102", "Cy Falk", 152.0)),
        wait_s=38.0,
        ring_s=8.0,
        talk_s=366.0,
        hold_s=40.0,
        duration_s=412.0,
        transfers=(Transfer("attended", "101", "102", at(260)),),
        legs=(
            Leg(OUTSIDE, NUMBER, "Meridian Foods", "caller", start, None, at(46), at(412), 366.0),
            Leg(QUEUE, "support", "Support", "system", at(8), None, None, at(46)),
            Leg(
                PERSON,
                "103",
                "Di Roe",
                "agent",
                at(18),
                at(18),
                None,
                at(32),
                None,
                14.0,
                None,
                Outcome.MISSED,
            ),
            Leg(
                PERSON,
                "101",
                "Bo Dahl",
                "agent",
                at(38),
                at(38),
                at(46),
                at(260),
                214.0,
                8.0,
                40.0,
                Outcome.ANSWERED,
            ),
            Leg(
                PERSON,
                "102",
                "Cy Falk",
                "agent",
                at(236),
                at(236),
                at(242),
                at(412),
                152.0,
                6.0,
                None,
                Outcome.ANSWERED,
            ),
        ),
        steps=(
            Step(StepKind.STARTED, start, NUMBER),
            Step(StepKind.MENU, at(1), NUMBER),
            Step(StepKind.QUEUED, at(8), NUMBER, detail="support"),
            Step(StepKind.ANSWERED, at(46), "101"),
            Step(StepKind.HELD, at(200), "101"),
            Step(StepKind.RESUMED, at(240), "101"),
            Step(StepKind.TRANSFERRED, at(260), "101"),
            Step(StepKind.ENDED, at(412)),
        ),
        recordings=(Recording("q-support-20261120-8812.wav", duration_s=366.0),),
        quality=CallQuality(mos=4.1, loss_pct=0.4, jitter_ms=12.0),
    )


def _missed() -> Call:
    start = _begun(2, 16)
    return _call(
        MISSED,
        start,
        ended_at=start + 25 * SECOND,
        outcome=Outcome.MISSED,
        cause=Cause(q850=19),
        ring_s=25.0,
        duration_s=25.0,
        legs=(
            Leg(OUTSIDE, NUMBER, "Meridian Foods", "caller", start, None, None, start + 25 * SECOND),
            Leg(
                PERSON,
                "101",
                "Bo Dahl",
                "agent",
                start,
                start,
                None,
                start + 25 * SECOND,
                None,
                25.0,
                None,
                Outcome.MISSED,
            ),
        ),
    )


def _long() -> Call:
    start, hours = _begun(3, 13), 3 * 3600
    return _talk(LONG, start, 20, hours)


def _short() -> Call:
    return _talk(SHORT, _begun(4, 15), 1, 1)


def _talk(call: CallId, start: Instant, ring: int, talk: int) -> Call:
    answered, ended = start + ring * SECOND, start + (ring + talk) * SECOND
    return _call(
        call,
        start,
        answered_at=answered,
        ended_at=ended,
        outcome=Outcome.ANSWERED,
        agents=(AgentTalk("101", "Bo Dahl", float(talk)),),
        ring_s=float(ring),
        talk_s=float(talk),
        duration_s=float(ring + talk),
        legs=(
            Leg(OUTSIDE, NUMBER, "Meridian Foods", "caller", start, None, answered, ended, float(talk)),
            Leg(
                PERSON,
                "101",
                "Bo Dahl",
                "agent",
                start,
                start,
                answered,
                ended,
                float(talk),
                float(ring),
                None,
                Outcome.ANSWERED,
            ),
        ),
    )


def _open() -> Call:
    whole = _talk(OPEN, _begun(5, 15), 12, 60)
    legs = tuple(msgspec.structs.replace(leg, ended_at=None, talk_s=None) for leg in whole.legs)
    agents = (AgentTalk("101", "Bo Dahl"),)
    return msgspec.structs.replace(
        whole, ended_at=None, talk_s=None, duration_s=None, legs=legs, agents=agents
    )


def _empty() -> Call:
    legs = (Leg(OUTSIDE, NUMBER, "Meridian Foods", "caller"), Leg(PERSON, "101", "Bo Dahl", "agent"))
    return _call(EMPTY, _begun(6, 15), outcome=Outcome.UNKNOWN, legs=legs)


def _call(call: CallId, start: Instant, **told: Any) -> Call:
    return Call(
        id=call,
        tenant="main",
        started_at=start,
        direction=Direction.INBOUND,
        caller=Party(NUMBER, NUMBER, "Meridian Foods", OUTSIDE),
        called=Party("101", "101", "Bo Dahl", PERSON),
        dialled="+15125550100",
        sources=("office",),
        **told,
    )
