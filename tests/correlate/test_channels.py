"""Calls told by whole-channel records, case by case; the records are written as FreeSWITCH's semantics have them."""

from __future__ import annotations

import itertools

import msgspec
import pytest

from ringbook.correlate.account import Account, Evidence
from ringbook.correlate.channels import tell
from ringbook.model.call import Cause, Direction, HangupBy, Outcome, Transfer
from ringbook.model.instant import SECOND
from ringbook.model.party import Endpoint, EndpointKind, Number
from ringbook.model.statement import Bridge, ChannelRecord

CLEARED = "NORMAL_CLEARING"


def at(second: float | None) -> int | None:
    return None if second is None else round(second * SECOND)


def outside(channel: str, number: str = "+442079460123") -> Endpoint:
    return Endpoint(EndpointKind.OUTSIDE, Number(number, number), "Zoe", "", channel)


def phone(channel: str, extension: str) -> Endpoint:
    return Endpoint(EndpointKind.PERSON, Number(extension), f"Name {extension}", extension, channel)


def half(channel: str) -> Endpoint:
    return Endpoint(EndpointKind.PLUMBING, Number("204"), channel=channel)


def met(peer: Endpoint, since: float, until: float) -> Bridge:
    return Bridge(peer.channel, peer, at(since), at(until))


def record(
    end: Endpoint,
    start: float,
    stop: float,
    *,
    came_in: bool = False,
    rang: float | None = None,
    up: float | None = None,
    bridges: tuple[Bridge, ...] = (),
    cause: str = CLEARED,
    by: HangupBy = HangupBy.SYSTEM,
    dialled: str = "",
    **more: object,
) -> ChannelRecord:
    made = ChannelRecord(
        keys=(f"ch:{end.channel}",),
        identity=end.channel,
        frame=end.channel.encode().ljust(16, b"."),
        at=at(start),
        channel=end.channel,
        originated=not came_in,
        end=end,
        caller=end if came_in else Endpoint(),
        dialled=dialled,
        rang_at=at(rang),
        answered_at=at(up),
        ended_at=at(stop),
        bridges=bridges,
        peers=tuple(b.peer for b in bridges if b.from_at is not None),
        cause=Cause(text=cause),
        hangup_by=by,
        hold_s=0.0,
    )
    return msgspec.structs.replace(made, **more)


def told(*records: ChannelRecord) -> Account:
    """The account, which does not depend on the order of the records."""
    one = tell(Evidence(records=records))
    for order in itertools.islice(itertools.permutations(records), 24):
        assert tell(Evidence(records=order)) == one
    return one


A, B, C, D = "a", "b", "c", "d"


def test_a_menu_that_answers_is_not_a_person() -> None:
    caller = record(
        outside(A), 0, 9, came_in=True, up=0.1, dialled="+442079460900", by=HangupBy.CALLER,
        app="play_and_get_digits", extra={"apps": "answer play_and_get_digits"},
    )  # fmt: skip
    call = told(caller)
    assert (call.outcome, call.answered_at, call.agents, call.talk_s) == (Outcome.ABANDONED, None, (), 0.0)
    spoke = msgspec.structs.replace(
        caller, app="playback", hangup_by=HangupBy.SYSTEM, extra={"apps": "answer playback hangup"}
    )
    assert told(spoke).outcome is Outcome.MACHINE


def test_a_ring_group_has_one_agent_and_no_missed_calls() -> None:
    won, lost = phone(B, "201"), phone(C, "202")
    call = told(
        record(outside(A), 0, 30, came_in=True, rang=1, up=6, bridges=(met(won, 6, 30),), by=HangupBy.CALLER),
        record(won, 0.5, 30, rang=1, up=6, bridges=(met(outside(A), 6, 30),), originator=A),
        record(lost, 0.5, 6, rang=1, cause="LOSE_RACE", originator=A),
    )
    assert call.outcome is Outcome.ANSWERED
    assert [(a.extension, a.talk_s) for a in call.agents or ()] == [("201", 24.0)]
    assert (call.ring_s, call.hangup_by, call.transfers) == (5.0, HangupBy.CALLER, ())


def test_a_queue_answers_when_its_agent_does() -> None:
    missed, took = phone(B, "201"), phone(C, "202")
    call = told(
        record(
            outside(A), 0, 40, came_in=True, up=0.1, bridges=(met(took, 20, 40),), by=HangupBy.SYSTEM, dialled="900",
            queue="sales", queue_side="member", queue_joined_at=at(2), queue_result="answered",
            extra={"apps": "answer callcenter", "sip_hangup_disposition": "send_bye"},
        ),
        record(missed, 3, 10, rang=3.5, cause="NO_ANSWER", queue="sales", queue_side="agent", originator=A),
        record(took, 11, 40, rang=12, up=20, bridges=(met(outside(A), 20, 40),), by=HangupBy.CALLEE,
               queue="sales", queue_side="agent", originator=A),
    )  # fmt: skip
    assert (call.answered_at, call.queue, call.wait_s, call.talk_s) == (at(20), "sales", 18.0, 20.0)
    assert [a.extension for a in call.agents or ()] == ["202"]
    assert call.hangup_by is HangupBy.CALLEE
    assert call.ring_s == 14.5  # 6.5 s at the first phone, 8 s at the second; not the pause between


@pytest.mark.parametrize(
    ("result", "by", "outcome"),
    [
        ("cancel:BREAK_OUT", HangupBy.CALLER, Outcome.ABANDONED),
        ("cancel:TIMEOUT", HangupBy.SYSTEM, Outcome.MISSED),
    ],
)
def test_leaving_a_queue(result: str, by: HangupBy, outcome: Outcome) -> None:
    call = told(
        record(
            outside(A), 0, 30, came_in=True, up=0.1, by=by, queue="sales", queue_side="member",
            queue_joined_at=at(1), queue_left_at=at(30), queue_result=result, extra={"apps": "answer callcenter"},
        )
    )  # fmt: skip
    assert (call.outcome, call.wait_s, call.answered_at) == (outcome, 29.0, None)


def test_an_attended_transfer_by_refer_is_four_channels_and_one_call() -> None:
    first, consult, target = phone(B, "201"), phone(C, "201"), phone(D, "202")
    customer = outside(A)
    call = told(
        record(customer, 0, 60, came_in=True, rang=1, up=5, dialled="+442079460900", by=HangupBy.CALLER,
               bridges=(met(first, 5, 40), met(target, 40, 60))),
        record(first, 0.5, 40, rang=1, up=5, bridges=(met(customer, 5, 40),), originator=A),
        record(consult, 20, 40, came_in=True, up=25, dialled="202", bridges=(met(target, 25, 40),)),
        record(target, 20.5, 60, rang=21, up=25, bridges=(met(consult, 25, 40), met(customer, 40, 60)), originator=C),
    )  # fmt: skip
    assert call.direction is Direction.INBOUND
    assert [(a.extension, a.talk_s) for a in call.agents or ()] == [("201", 35.0), ("202", 20.0)]
    assert call.transfers == (Transfer("attended", "201", "202", at(40)),)
    assert (call.answered_at, call.talk_s, call.dialled) == (at(5), 55.0, "+442079460900")


def test_a_phone_consulted_but_only_answering_after_the_first_hung_up_was_transferred_to() -> None:
    first, target = phone(B, "201"), phone(C, "202")
    call = told(
        record(outside(A), 0, 60, came_in=True, up=5, bridges=(met(first, 5, 45), met(target, 45, 60))),
        record(first, 0.5, 35, rang=1, up=5, bridges=(met(outside(A), 5, 35),), originator=A),
        record(target, 30, 60, rang=31, up=45, bridges=(met(outside(A), 45, 60),), originator=B),
    )
    assert call.transfers == (Transfer("attended", "201", "202", at(35)),)
    assert call.talk_s == 45.0


def test_the_next_phone_that_the_dialplan_tried_was_not_transferred_to() -> None:
    first, after = phone(B, "201"), phone(C, "202")
    call = told(
        record(outside(A), 0, 60, came_in=True, up=5, bridges=(met(after, 45, 60),)),
        record(first, 0.5, 35, rang=1, up=5, bridges=(met(outside(A), 5, 35),), originator=A),
        record(after, 36, 60, rang=37, up=45, bridges=(met(outside(A), 45, 60),), originator=A),
    )
    assert call.transfers == ()
    assert [(a.extension, a.talk_s) for a in call.agents or ()] == [("201", 30.0), ("202", 15.0)]


def test_a_customer_called_and_then_transferred_stays_the_customer() -> None:
    caller, customer, target = phone(A, "201"), outside(B), phone(C, "202")
    blind = Transfer("blind", A, "202", at(20))
    call = told(
        record(caller, 0, 20, came_in=True, up=5, dialled="902079460123", bridges=(met(customer, 5, 20),)),
        record(customer, 0.5, 50, rang=1, up=5, bridges=(met(caller, 5, 20), met(target, 25, 50)),
               transfers=(blind,), originator=A, by=HangupBy.CALLEE),
        record(target, 20, 50, rang=21, up=25, bridges=(met(customer, 25, 50),), originator=B),
    )  # fmt: skip
    assert call.direction is Direction.OUTBOUND
    assert [(a.extension, a.talk_s) for a in call.agents or ()] == [("201", 15.0), ("202", 25.0)]
    assert call.transfers == (Transfer("blind", "201", "202", at(20)),)
    assert (call.talk_s, call.ended_at, call.hangup_by) == (40.0, at(50), HangupBy.CALLEE)
    assert call.called is not None
    assert call.called.kind is EndpointKind.OUTSIDE


def test_loopback_channels_are_plumbing() -> None:
    customer, agent = outside(A), phone(D, "204")
    call = told(
        record(customer, 0, 30, came_in=True, up=5, bridges=(met(half(B), 5, 30),), by=HangupBy.CALLER),
        record(half(B), 0, 30, up=5, bridges=(met(customer, 5, 30),), originator=A),
        record(half(C), 0, 30, came_in=True, up=5, bridges=(met(agent, 5, 30),)),
        record(agent, 1, 30, rang=2, up=5, bridges=(met(half(C), 5, 30),), originator=C),
    )
    assert [(a.extension, a.talk_s) for a in call.agents or ()] == [("204", 25.0)]
    assert [leg.number for leg in call.legs] == ["+442079460123", "204"]


def test_a_mailbox_behind_a_loopback_channel_is_a_mailbox() -> None:
    customer = outside(A)
    call = told(
        record(customer, 0, 30, came_in=True, up=5, bridges=(met(half(B), 5, 30),), by=HangupBy.CALLER),
        record(half(B), 0, 30, up=5, bridges=(met(customer, 5, 30),), originator=A),
        record(half(C), 0, 30, came_in=True, up=5, extra={"apps": "answer voicemail"}),
    )
    assert (call.outcome, call.answered_at) == (Outcome.VOICEMAIL, None)


def test_those_in_a_conference_talk_from_when_they_are_there() -> None:
    def room(joined: float) -> dict[str, str]:
        return {"apps": "answer conference", "conference_name": "3000", "conference_at": str(at(joined))}

    call = told(
        record(phone(B, "201"), 0, 40, came_in=True, up=0.1, dialled="3000", extra=room(0.2)),
        record(outside(A), 10, 40, came_in=True, up=10.1, dialled="+442079460900", extra=room(10.2), by=HangupBy.CALLER),
        record(phone(C, "202"), 20, 40, came_in=True, up=20.1, dialled="3000", extra=room(20.2)),
    )  # fmt: skip
    assert (call.direction, call.outcome, call.dialled) == (
        Direction.INBOUND,
        Outcome.ANSWERED,
        "+442079460900",
    )
    assert [(a.extension, a.talk_s) for a in call.agents or ()] == [("201", 29.8), ("202", 19.8)]


def test_early_media_is_not_talk() -> None:
    """The bridge of a real record stood nine seconds before its answer."""
    agent = phone(B, "201")
    call = told(
        record(outside(A), 0, 30, came_in=True, up=10, bridges=(met(agent, 1, 30),), by=HangupBy.CALLER),
        record(agent, 0, 30, rang=1, up=10, bridges=(met(outside(A), 1, 30),), originator=A),
    )
    assert (call.answered_at, call.talk_s) == (at(10), 20.0)


def test_hold_is_known_only_with_every_channels_own_record() -> None:
    agent = phone(B, "201")
    customer = record(outside(A), 0, 30, came_in=True, up=5, bridges=(met(agent, 5, 30),))
    held = record(agent, 0, 30, up=5, originator=A, bridges=(met(outside(A), 5, 30),),
                  holds=((10 * SECOND, 18 * SECOND),), hold_s=8.0)  # fmt: skip
    assert told(customer, held).hold_s == 8.0
    assert told(customer).hold_s is None


def test_a_called_phone_alone_tells_who_called_it_not_that_it_called() -> None:
    """Its caller's own record comes later, or never if the switch was killed."""
    customer = outside("gone")
    alone = record(
        phone(B, "201"), 1, 30, rang=2, up=5, bridges=(met(customer, 5, 30),), originator="gone",
        caller=outside(""), by=HangupBy.CALLEE,
    )  # fmt: skip
    call = told(alone)
    assert (call.direction, call.outcome, call.dialled) == (Direction.INBOUND, Outcome.ANSWERED, "")
    assert [(a.extension, a.talk_s) for a in call.agents or ()] == [("201", 25.0)]
    assert (call.caller, call.hangup_by) == (outside(""), HangupBy.CALLEE)


def test_a_leg_to_the_carrier_alone_is_of_an_outbound_call() -> None:
    alone = record(
        outside(B), 1, 30, rang=2, up=5, bridges=(met(phone("gone", "201"), 5, 30),), originator="gone"
    )
    call = told(alone)
    assert (call.direction, call.called) == (Direction.OUTBOUND, outside(B))
    assert [a.extension for a in call.agents or ()] == ["201"]


def test_a_click_on_a_number_whose_agent_never_answered_is_outbound_and_missed() -> None:
    call = told(
        record(phone(A, "201"), 0, 20, rang=1, cause="NO_ANSWER",
               extra={"origination_caller_id_number": "+442079460123"})
    )  # fmt: skip
    assert (call.direction, call.outcome, call.dialled) == (
        Direction.OUTBOUND,
        Outcome.MISSED,
        "+442079460123",
    )


@pytest.mark.parametrize(
    ("cause", "sip", "came_from", "rang", "outcome"),
    [
        ("NO_ANSWER", 487, "outside", 1.0, Outcome.MISSED),
        ("ORIGINATOR_CANCEL", 487, "outside", 1.0, Outcome.MISSED),
        ("ORIGINATOR_CANCEL", 487, "phone", 1.0, Outcome.CANCELLED),
        ("USER_BUSY", 486, "phone", None, Outcome.BUSY),
        ("CALL_REJECTED", 603, "outside", 1.0, Outcome.REJECTED),
        ("CALL_REJECTED", 403, "phone", None, Outcome.FAILED),
        ("UNALLOCATED_NUMBER", 404, "phone", None, Outcome.FAILED),
        ("NORMAL_TEMPORARY_FAILURE", 503, "phone", None, Outcome.FAILED),
        ("NO_USER_RESPONSE", 480, "phone", None, Outcome.FAILED),
        ("NO_USER_RESPONSE", 480, "phone", 1.0, Outcome.MISSED),
        ("DESTINATION_OUT_OF_ORDER", 502, "outside", None, Outcome.FAILED),
    ],
)
def test_why_nobody_answered(
    cause: str, sip: int, came_from: str, rang: float | None, outcome: Outcome
) -> None:
    caller = outside(A) if came_from == "outside" else phone(A, "201")
    called = phone(B, "202") if came_from == "outside" else outside(B)
    call = told(
        record(caller, 0, 5, came_in=True, dialled="902079460123", cause=cause, extra={"apps": "bridge"}),
        msgspec.structs.replace(record(called, 0, 5, rang=rang, originator=A), cause=Cause(None, sip, cause)),
    )
    assert (call.outcome, call.answered_at, call.talk_s, call.agents) == (outcome, None, 0.0, ())


def test_a_phone_that_rang_out_counts_more_than_one_that_was_busy() -> None:
    call = told(
        record(outside(A), 0, 15, came_in=True, cause="USER_BUSY"),
        record(phone(B, "201"), 0, 0.1, cause="USER_BUSY", originator=A),
        record(phone(C, "202"), 0, 15, rang=1, cause="NO_ANSWER", originator=A),
    )
    assert call.outcome is Outcome.MISSED


def test_a_number_that_the_switch_refuses_is_rejected() -> None:
    for cause in (CLEARED, "UNALLOCATED_NUMBER", "NO_ROUTE_DESTINATION"):
        call = told(
            record(outside(A), 0, 0.1, came_in=True, cause=cause,
                   extra={"sip_hangup_disposition": "send_refuse"})
        )  # fmt: skip
        assert call.outcome is Outcome.REJECTED


def row(
    channel: str, caller: Endpoint, called: Endpoint, start: int, stop: int, **more: object
) -> ChannelRecord:
    """A row that names caller, destination and times only."""
    extra = {"called": called.number.raw, "caller": caller.number.raw}
    made = ChannelRecord(
        keys=(f"ch:{channel}",), identity=channel, frame=channel.encode().ljust(16, b"."), at=at(start), channel=channel,
        end=called, caller=caller, dialled=called.number.raw, ended_at=at(stop), extra=extra, cause=Cause(text=CLEARED),
    )  # fmt: skip
    return msgspec.structs.replace(made, **more)


def test_rows_that_do_not_tell_from_when_they_talked_say_nothing_of_it() -> None:
    """Up since a menu or another agent answered, then at a phone that was also its destination: one or the other."""
    caller, agent = outside(""), phone("", "202")
    whole = row(A, caller, agent, 0, 30, answered_at=at(1), peers=(B,))
    part = row(B, caller, agent, 10, 30, answered_at=at(15))
    call = told(whole, part)
    assert call.outcome is Outcome.ANSWERED
    assert (call.answered_at, call.talk_s) == (None, None)
    assert [(a.extension, a.talk_s) for a in call.agents or ()] == [("202", None)]


def test_a_row_alone_that_was_answered_by_something_is_unknown() -> None:
    call = told(row(A, outside(""), outside("", "+442079460900"), 0, 30, answered_at=at(1)))
    assert (call.outcome, call.answered_at, call.talk_s, call.agents) == (Outcome.UNKNOWN, None, None, None)


def test_every_deciding_frame_is_one_of_the_calls() -> None:
    records = [
        record(outside(A), 0, 30, came_in=True, up=5, bridges=(met(phone(B, "201"), 5, 30),)),
        record(phone(B, "201"), 0, 30, rang=1, up=5, originator=A),
    ]
    call = told(*records)
    assert {call.why["outcome"], call.why["answered_at"]} == {records[0].frame, records[1].frame}
    assert {step.frame for step in call.steps} <= {r.frame.hex() for r in records}
    assert [step.kind.value for step in call.steps] == ["started", "rang", "answered", "ended"]


def test_no_records_tell_nothing() -> None:
    assert tell(Evidence()) == Account()
