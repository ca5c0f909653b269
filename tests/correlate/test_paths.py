"""What CDR rows tell of a call: who is who, what answered, and which rows are one call.

Rows are written as ``cdr_csv`` writes them, so that the whole way from bytes to call is told. All numbers are fictitious.
"""

from __future__ import annotations

import pytest

from ringbook.model.call import Direction, Outcome
from ringbook.model.instant import SECOND
from ringbook.model.source import Source
from tests.correlate.cdr_rows import OTHER, PHONE, TRUNK, agents, call, calls, row, seconds
from tests.fold import fold

# ── who is who ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("trunk", "phone", "data"),
    [
        ("PJSIP/carrier-a-00000001", "PJSIP/101-00000002", "PJSIP/101,12,tk"),
        ("SIP/provider-0a1b2c3d", "SIP/101-0000002b", "SIP/101|12|tr"),
        ("IAX2/voip-provider-1234", "IAX2/101-99", "IAX2/101,12"),
        ("DAHDI/i1/2125550100-1a", "SIP/101-0000002b", "SIP/101,,tr"),
        ("SIP/203.0.113.5-00000007", "PJSIP/101-00000002", "PJSIP/101/sip:101@192.0.2.7:5060,,HhTtr"),
        ("PJSIP/anonymous-00000007", "SCCP/101-00000002", "SCCP/101,12"),
    ],
)
def test_trunk_and_phone_are_told_by_technology_and_name(trunk: str, phone: str, data: str) -> None:
    one = call(row(trunk, phone, up=3, end=9, data=data))
    assert (one.direction, one.outcome, agents(one)) == (Direction.INBOUND, Outcome.ANSWERED, [("101", 6.0)])
    assert (one.talk_s, one.ring_s, seconds(one)) == (6.0, 3.0, (3.0, 9.0))


@pytest.mark.parametrize(
    ("trunk", "data"),
    [
        ("PJSIP/carrier-00000002", "PJSIP/2125550133@carrier,20,TK"),
        ("SIP/provider-00000002", "SIP/provider/12125550133,300,Tt"),
        ("SIP/carrier-b-00000002", "SIP/+12125550133@carrier-b"),
        ("IAX2/provider-1234", "IAX2/provider/2125550133,60"),
        ("DAHDI/i1/2125550133-3", "DAHDI/g0/2125550133,60"),
        ("DAHDI/4-1", "DAHDI/g1/2125550133,60"),
    ],
)
def test_an_outbound_call_has_its_agent_in_the_channel_and_its_number_in_the_dial(
    trunk: str, data: str
) -> None:
    one = call(row("PJSIP/101-00000001", trunk, up=4, end=10, src="3125550100", dst="92125550133", data=data))
    assert (one.direction, one.called.number, one.dialled) == (
        Direction.OUTBOUND,
        "+12125550133",
        "92125550133",
    )
    assert (one.caller.number, agents(one)) == ("101", [("101", 6.0)])


def test_a_named_phone_is_known_by_its_short_number_or_by_being_dialled_by_name() -> None:
    out = call(row("PJSIP/alice-00000001", "PJSIP/carrier-00000002", up=4, end=10, src="3125550100", dst="92125550133",
                   data="PJSIP/2125550133@carrier"))  # fmt: skip
    assert (out.direction, agents(out)) == (Direction.OUTBOUND, [("alice", 6.0)])
    inside = call(
        row(
            "PJSIP/alice-00000001",
            "PJSIP/bob-00000002",
            up=4,
            end=10,
            src="101",
            dst="102",
            data="PJSIP/bob,20",
        )
    )
    assert (inside.direction, inside.caller.number, agents(inside)) == (
        Direction.INTERNAL,
        "101",
        [("102", 6.0)],
    )
    came = call(row(TRUNK, "PJSIP/bob-00000002", up=4, end=10, data="PJSIP/bob&PJSIP/alice,20"))
    assert (came.direction, agents(came)) == (Direction.INBOUND, [("bob", 6.0)])


def test_a_source_may_say_which_devices_are_trunks() -> None:
    rows = row("SIP/4711-00000001", PHONE, up=3, end=9, data="PJSIP/101")
    assert call(rows).direction is Direction.INTERNAL
    assert call(rows, trunks="SIP/4711").direction is Direction.INBOUND


def test_a_source_may_say_which_devices_are_phones() -> None:
    rows = row(TRUNK, "PJSIP/5550123-00000002", up=3, end=9, data="PJSIP/5550123")
    assert agents(call(rows, extensions=r"555\d{4}")) == [("5550123", 6.0)]


# ── what answered is not a person ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("dst", "app", "data", "outcome"),
    [
        ("s", "BackGround", "main-menu", Outcome.ABANDONED),
        ("t", "Hangup", "", Outcome.ABANDONED),
        ("3125550101", "Playback", "closed", Outcome.MACHINE),
        ("h", "NoOp", "", Outcome.MACHINE),
        ("3125550101", "VoiceMail", "101@default,u", Outcome.VOICEMAIL),
        ("3125550101", "Queue", "sales,tk", Outcome.ABANDONED),
        ("3125550101", "ConfBridge", "800", Outcome.MACHINE),
    ],
)
def test_the_switch_itself_answering_is_no_answer(dst: str, app: str, data: str, outcome: Outcome) -> None:
    one = call(row(TRUNK, up=0, end=20, dst=dst, app=app, data=data))
    assert (one.outcome, one.answered_at, agents(one), one.talk_s) == (outcome, None, [], 0.0)


def test_a_feature_code_and_listening_in_are_no_conversation() -> None:
    for dst, app in (("*45", "Hangup"), ("555101", "ChanSpy"), ("*97", "VoiceMailMain")):
        one = call(row("PJSIP/104-00000001", up=0, end=2, src="104", dst=dst, app=app))
        assert (one.direction, one.outcome, one.dialled) == (Direction.INTERNAL, Outcome.MACHINE, dst)


def test_an_answered_caller_for_whom_nobody_answered_was_missed() -> None:
    one = call(row(TRUNK, PHONE, up=0, end=15, dst="0", result="NO ANSWER", data="PJSIP/101,15"))
    assert (one.outcome, one.answered_at, one.ring_s, one.dialled) == (Outcome.MISSED, None, None, "")


def test_voicemail_hidden_by_the_hangup_extension() -> None:
    one = call(
        row(TRUNK, PHONE, end=6, result="NO ANSWER", data="PJSIP/101,6", seq=1),
        row(TRUNK, at=6, up=6, end=13, dst="h", app="NoOp", seq=2),
    )
    assert (one.outcome, one.answered_at, seconds(one)[1]) == (Outcome.VOICEMAIL, None, 13.0)


def test_who_answered_in_a_queue_is_known_and_when_is_not() -> None:
    one = call(
        row(
            TRUNK,
            PHONE,
            up=0,
            end=8,
            app="Queue",
            data="sales,tk,,,60",
            result="NO ANSWER",
            dst="sales",
            seq=1,
        ),
        row(TRUNK, OTHER, at=10, up=10, end=18, app="Queue", data="sales,tk,,,60", dst="sales", seq=2),
    )
    assert (one.outcome, one.queue, agents(one)) == (Outcome.ANSWERED, "sales", [("102", None)])
    assert (one.answered_at, one.talk_s, one.wait_s, one.dialled) == (None, None, None, "")


def test_two_moments_on_either_side_of_a_second_are_no_ringing() -> None:
    printed = row(TRUNK, PHONE, up=1, end=9, data="PJSIP/101,12")
    assert call(printed).answered_at is not None
    one = call(printed.replace(",9,8,", ",8,8,"))  # both began at once: Answer() before Dial
    assert (agents(one), one.answered_at, one.talk_s) == ([("101", None)], None, None)


def test_a_local_member_tells_when_its_phone_answered() -> None:
    one = call(
        row(TRUNK, "Local/102@from-queue-00000001;1", up=0, end=20, app="Queue", data="600,t", dst="600", context="ext-queues"),
        row("Local/102@from-queue-00000001;2", OTHER, at=1, up=5, end=20, dst="102", data="PJSIP/102/sip:102@192.0.2.7,15,tr",
            uid="3", context="from-queue"),
    )  # fmt: skip
    assert (agents(one), seconds(one), one.queue) == ([("102", 15.0)], (5.0, 20.0), "600")


def test_a_local_channel_that_leads_to_a_mailbox_is_no_person() -> None:
    one = call(
        row(TRUNK, "Local/102@ctx-00000001;1", up=2, end=20, data="Local/102@ctx", dst="3125550101"),
        row(
            "Local/102@ctx-00000001;2",
            at=0,
            up=2,
            end=20,
            dst="102",
            app="VoiceMail",
            data="102@default",
            uid="3",
        ),
    )
    assert (one.outcome, agents(one), one.answered_at) == (Outcome.VOICEMAIL, [], None)


# ── one call, several rows ─────────────────────────────────────────────────────────────────────────────────────────


def test_the_losers_of_a_ring_group_are_no_missed_calls() -> None:
    data = "PJSIP/101&PJSIP/102,15"
    one = call(
        row(TRUNK, PHONE, end=3, result="NO ANSWER", data=data, seq=1),
        row(TRUNK, OTHER, up=3, end=8, data=data, seq=2),
        row(TRUNK, at=8, up=8, end=8, dst="h", app="NoOp", seq=3),
    )
    assert (one.outcome, agents(one), one.talk_s) == (Outcome.ANSWERED, [("102", 5.0)], 5.0)
    assert [(leg.number, leg.outcome) for leg in one.legs[1:]] == [
        ("101", Outcome.MISSED),
        ("102", Outcome.ANSWERED),
    ]


def test_the_second_trunk_decides_when_the_first_fails() -> None:
    first = row(PHONE, "PJSIP/carrier-00000005", result="CONGESTION", src="3125550100", dst="62125550140",
                data="PJSIP/2125550140@carrier,20", seq=1)  # fmt: skip
    second = row(PHONE, "SIP/second-00000001", up=2, end=6, src="3125550100", dst="62125550140",
                 data="SIP/second/2125550140,20", seq=2)  # fmt: skip
    one = call(first, second)
    assert (one.outcome, one.called.number, agents(one)) == (Outcome.ANSWERED, "+12125550140", [("101", 4.0)])
    assert call(first).outcome is Outcome.FAILED


def test_a_fork_is_the_same_conversation() -> None:
    rows = [row(TRUNK, PHONE, up=3, end=9, data="PJSIP/101", seq=seq) for seq in (1, 2)]
    one = call(*rows)
    assert (agents(one), one.talk_s) == ([("101", 6.0)], 6.0)


def test_the_same_channel_names_after_a_restart_are_other_calls() -> None:
    early = row(TRUNK, PHONE, up=3, end=9, ids=False, data="PJSIP/101")
    late = row(TRUNK, PHONE, at=7200, up=7203, end=7209, src="2125550199", ids=False, data="PJSIP/101")
    assert [one.caller.number for one in calls(early, late)] == ["+12125550100", "+12125550199"]


def test_the_same_channel_names_after_a_crash_are_other_calls_where_there_are_ids() -> None:
    early = row(TRUNK, PHONE, up=3, end=9, data="PJSIP/101")
    late = row(TRUNK, PHONE, at=60, up=63, end=69, src="2125550199", linked="7", uid="7", data="PJSIP/101")
    assert [one.caller.number for one in calls(early, late)] == ["+12125550100", "+12125550199"]


def test_rows_without_ids_are_joined_by_their_channels_over_a_quarter_hour() -> None:
    one = call(
        row(TRUNK, PHONE, up=3, end=700, ids=False, data="PJSIP/101,12,tk"),
        row(TRUNK, OTHER, at=700, up=700, end=720, ids=False, dst="102", data="PJSIP/102,15,tTkK"),
    )
    assert [who for who, _ in agents(one)] == ["101", "102"]


# ── nobody answered ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("result", "end", "data", "outcome"),
    [
        ("CANCEL", 5, "PJSIP/2125550139@carrier,20", Outcome.CANCELLED),
        ("NO ANSWER", 5, "PJSIP/2125550139@carrier,20", Outcome.CANCELLED),
        ("NO ANSWER", 20, "PJSIP/2125550139@carrier,20", Outcome.MISSED),
        ("NO ANSWER", 30, "PJSIP/2125550139@carrier", Outcome.MISSED),
        ("NO ANSWER", 0, "PJSIP/2125550139@carrier,20", Outcome.FAILED),
        ("BUSY", 1, "PJSIP/2125550139@carrier,20", Outcome.BUSY),
        ("CONGESTION", 0, "PJSIP/2125550139@carrier,20", Outcome.FAILED),
        ("FAILED", 0, "PJSIP/2125550139@carrier,20", Outcome.FAILED),
    ],
)
def test_an_outbound_call_that_nobody_answered(result: str, end: int, data: str, outcome: Outcome) -> None:
    one = call(
        row(
            PHONE,
            "PJSIP/carrier-00000005",
            end=end,
            src="3125550100",
            dst="92125550139",
            result=result,
            data=data,
        )
    )
    assert (one.direction, one.outcome, one.talk_s) == (Direction.OUTBOUND, outcome, 0.0)


def test_a_refusal_at_once_is_the_carriers() -> None:
    one = call(
        row(PHONE, "PJSIP/carrier-00000005", src="3125550100", dst="92125550139", result="NO ANSWER", seq=1,
            data="PJSIP/2125550139@carrier,20"),
        row(PHONE, dst="92125550139", app="Hangup", data="21", result="NO ANSWER", seq=2),
    )  # fmt: skip
    assert (one.outcome, one.cause.q850) == (Outcome.FAILED, 21)


@pytest.mark.parametrize(
    ("cause", "outcome"), [("1", Outcome.FAILED), ("17", Outcome.BUSY), ("21", Outcome.REJECTED)]
)
def test_the_cause_handed_to_hangup_says_why(cause: str, outcome: Outcome) -> None:
    one = call(
        row(PHONE, "PJSIP/carrier-00000005", end=1, src="3125550100", dst="92125550139", result="NO ANSWER",
            data="PJSIP/2125550139@carrier,20", seq=1),
        row(PHONE, at=1, end=1, dst="92125550139", app="Hangup", data=cause, result="NO ANSWER", seq=2),
    )  # fmt: skip
    assert (one.outcome, one.cause.q850) == (outcome, int(cause))


@pytest.mark.parametrize(
    ("results", "outcome"),
    [
        (("BUSY", "BUSY"), Outcome.BUSY),
        (("BUSY", "NO ANSWER"), Outcome.MISSED),
        (("CANCEL", "CANCEL"), Outcome.MISSED),
        (("CONGESTION", "CONGESTION"), Outcome.FAILED),
    ],
)
def test_an_inbound_call_that_no_phone_answered(results: tuple[str, str], outcome: Outcome) -> None:
    data = "PJSIP/101&PJSIP/102,15"
    tried = enumerate(zip(results, (PHONE, OTHER), strict=True))
    one = call(*(row(TRUNK, phone, end=9, result=said, data=data, seq=n) for n, (said, phone) in tried))
    assert one.outcome is outcome


def test_a_caller_who_is_turned_away_is_rejected_and_one_who_is_let_ring_is_missed() -> None:
    assert call(row(TRUNK, end=0, dst="h", app="NoOp", result="NO ANSWER")).outcome is Outcome.REJECTED
    assert call(row(TRUNK, end=12, dst="h", app="NoOp", result="NO ANSWER")).outcome is Outcome.MISSED


def test_an_originated_call_whose_agent_did_not_answer() -> None:
    one = call(
        row(
            PHONE,
            end=12,
            src="2125550108",
            dst="s",
            app="AppDial",
            data="(Outgoing Line)",
            result="NO ANSWER",
        )
    )
    assert (one.direction, one.outcome, one.called.number) == (
        Direction.OUTBOUND,
        Outcome.MISSED,
        "+12125550108",
    )


def test_a_dial_without_its_other_channel_says_that_something_answered_and_not_who() -> None:
    one = call(row(TRUNK, up=3, end=12, data="PJSIP/101&PJSIP/102,12"))
    assert (one.outcome, one.agents, one.answered_at, one.talk_s) == (Outcome.UNKNOWN, (), None, None)


@pytest.mark.parametrize(("app", "outcome"), [("Congestion", Outcome.FAILED), ("Busy", Outcome.BUSY)])
def test_a_tone_for_our_own_caller_is_no_machine(app: str, outcome: Outcome) -> None:
    one = call(row(PHONE, up=0, end=4, src="3125550100", dst="92125550177", app=app, data="20"))
    assert (one.direction, one.outcome) == (Direction.OUTBOUND, outcome)


def test_a_called_phones_own_row_tells_who_answered_where_dialling_is_ignored() -> None:
    one = call(
        row(TRUNK, up=3, end=12, data="PJSIP/101&PJSIP/102,12", seq=1),
        row(
            PHONE,
            end=3,
            src="3125550101",
            dst="",
            app="AppDial",
            data="(Outgoing Line)",
            result="NO ANSWER",
            uid="2",
            seq=2,
        ),
        row(
            OTHER,
            up=3,
            end=12,
            src="3125550101",
            dst="",
            app="AppDial",
            data="(Outgoing Line)",
            uid="3",
            seq=3,
        ),
    )
    assert (one.direction, one.outcome, agents(one)) == (Direction.INBOUND, Outcome.ANSWERED, [("102", 9.0)])


def test_an_id_that_every_call_has_is_no_conversation() -> None:
    many = (row(TRUNK, PHONE, at=n, up=n + 1, end=n + 2, seq=n, data="PJSIP/101") for n in range(1001))
    one = call(*many)
    assert (one.outcome, one.agents, len(one.frames)) == (Outcome.UNKNOWN, (), 1001)


# ── clocks ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_duration_outlives_the_change_of_the_clock() -> None:
    head = "calldate,clid,src,dst,dcontext,channel,dstchannel,lastapp,lastdata,duration,billsec,disposition,uniqueid\n"
    line = '2026-11-01 01:59:47,x,2125550100,3125550101,did,SIP/t-{3},SIP/101-{4},Dial,"SIP/101",{0},{1},ANSWERED,{2}\n'
    text = head + line.format(20, 17, "1793512787.1", "00000001", "00000002")
    text += line.format(4000, 3997, "1793516387.9", "00000003", "00000004")
    first, second = fold([("freepbx_cdr", text.encode())], Source("pbx", timezone="America/New_York"))
    assert (first.started_at, first.ended_at) == (1793512787 * SECOND, 1793512807 * SECOND)
    assert (second.started_at, second.ended_at) == (1793516387 * SECOND, 1793520387 * SECOND)
    assert (first.answered_at, second.talk_s) == (1793512790 * SECOND, 3997.0)
