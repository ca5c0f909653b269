"""What CDR rows tell of transfers, parking, pickups and forwards.

Rows are written as ``cdr_csv`` writes them, so that the whole way from bytes to call is told. All numbers are fictitious.
"""

from __future__ import annotations

import pytest

from ringbook.model.call import Direction, Outcome
from tests.correlate.cdr_rows import EPOCH, OTHER, PHONE, TRUNK, agents, call, moves, row, seconds

# ── hand-overs ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_blind_transfer_overwrites_the_number_dialled() -> None:
    one = call(
        row(TRUNK, PHONE, up=2, end=6, dst="102", context="from-internal", data="PJSIP/101,12,tk", seq=1),
        row(
            TRUNK,
            OTHER,
            at=6,
            up=6,
            end=15,
            dst="102",
            context="from-internal",
            data="PJSIP/102,15,tTkK",
            seq=2,
        ),
    )
    assert (moves(one), agents(one)) == ([("blind", "101", "102")], [("101", 4.0), ("102", None)])
    assert (one.dialled, one.talk_s, seconds(one)) == ("", None, (2.0, 15.0))


def test_a_blind_transfer_to_outside_leaves_the_customer_the_caller() -> None:
    one = call(
        row(TRUNK, PHONE, up=2, end=6, dst="92125550177", context="from-internal", data="PJSIP/101,12,tk", seq=1),
        row(TRUNK, "PJSIP/carrier-00000009", at=6, up=6, end=15, src="3125550100", dst="92125550177",
            data="PJSIP/2125550177@carrier,20,TK", seq=2),
    )  # fmt: skip
    assert (one.direction, one.caller.number) == (Direction.INBOUND, "+12125550100")
    assert (moves(one), one.dialled) == ([("blind", "101", "92125550177")], "")
    assert (agents(one), one.talk_s) == ([("101", 4.0)], 4.0)


def test_a_blind_transfer_into_a_queue() -> None:
    one = call(
        row(TRUNK, PHONE, up=2, end=6, dst="600", context="from-internal", data="PJSIP/101,12,tk", seq=1),
        row(
            TRUNK,
            OTHER,
            at=6,
            up=6,
            end=20,
            dst="support",
            app="Queue",
            data="support,tk",
            context="queues",
            seq=2,
        ),
    )
    assert (moves(one), one.queue) == ([("blind", "101", "600")], "support")
    assert [who for who, _ in agents(one)] == ["101", "102"]


def test_the_customer_of_an_outbound_call_is_transferred() -> None:
    one = call(
        row(
            PHONE,
            TRUNK,
            up=3,
            end=8,
            src="3125550100",
            dst="92125550107",
            data="PJSIP/2125550107@carrier,20,TK",
            seq=1,
        ),
        row(
            TRUNK,
            OTHER,
            at=8,
            up=8,
            end=20,
            src="92125550107",
            dst="102",
            data="PJSIP/102,15",
            uid="9",
            seq=2,
        ),
    )
    assert (one.direction, one.called.number, one.dialled) == (
        Direction.OUTBOUND,
        "+12125550107",
        "92125550107",
    )
    assert (moves(one), agents(one)) == ([("blind", "101", "102")], [("101", 5.0), ("102", None)])
    assert seconds(one) == (3.0, 20.0)


def test_a_consultation_with_its_own_linkedid_belongs_to_the_call() -> None:
    consult = row("PJSIP/101-0000000a", "PJSIP/102-0000000b", at=7, up=9, end=13, src="101", dst="102",
                  data="PJSIP/102,15", uid="7", linked="7", seq=3)  # fmt: skip
    consult = consult.replace(f'"{EPOCH}.7"', f'"{EPOCH + 7}.7"')
    one = call(
        row(TRUNK, PHONE, up=2, end=13, data="PJSIP/101,12,tk", seq=1),
        consult,
        row(TRUNK, "PJSIP/102-0000000b", at=13, up=13, end=19, data="PJSIP/101,12,tk", seq=5),
    )
    assert (moves(one), agents(one)) == ([("attended", "101", "102")], [("101", 11.0), ("102", 6.0)])
    assert (one.talk_s, one.dialled) == (17.0, "3125550101")


def test_a_queue_call_transferred_after_consulting_an_outside_number() -> None:
    consult = row("PJSIP/102-0000000a", "PJSIP/carrier-0000000b", at=7, up=9, end=13, src="3125550100", dst="92125550177",
                  data="PJSIP/2125550177@carrier", uid="7", linked="7", seq=3)  # fmt: skip
    one = call(
        row(TRUNK, OTHER, up=0, end=13, app="Queue", dst="sales", data="sales,tk", seq=1),
        consult.replace(f'"{EPOCH}.7"', f'"{EPOCH + 7}.7"'),
        row(
            TRUNK,
            "PJSIP/carrier-0000000b",
            at=13,
            up=13,
            end=19,
            app="Queue",
            dst="sales",
            data="sales,tk",
            seq=5,
        ),
    )
    assert (one.direction, one.queue, agents(one)) == (Direction.INBOUND, "sales", [("102", None)])
    assert [(kind, by, to[-10:]) for kind, by, to in moves(one)] == [("attended", "102", "2125550177")]


def test_a_blonde_transfer_ends_the_consulting_agents_talk_when_he_leaves() -> None:
    half = "Local/103@from-internal-00000002;"
    one = call(
        row(TRUNK, PHONE, up=2, end=12, data="PJSIP/101,12,tk", seq=1),
        row(
            PHONE,
            f"{half}1",
            at=12,
            up=12,
            end=15,
            src="101",
            dst="",
            app="AppDial",
            data="(Outgoing Line)",
            uid="2",
            seq=2,
        ),
        row(TRUNK, f"{half}1", at=12, up=12, end=30, data="PJSIP/101,12,tk", seq=3),
        row(
            f"{half}2",
            "PJSIP/103-00000004",
            at=12,
            up=18,
            end=30,
            dst="103",
            data="PJSIP/103,15",
            uid="4",
            seq=4,
        ),
    )
    assert (moves(one), agents(one)) == ([("attended", "101", "103")], [("101", 13.0), ("103", 12.0)])
    assert one.talk_s == 25.0


def test_a_parked_call_that_comes_back_was_not_handed_over() -> None:
    one = call(
        row(TRUNK, PHONE, up=2, end=5, data="PJSIP/101,12,tk", seq=1),
        row(TRUNK, at=5, up=5, end=20, app="Park", data="default:701", seq=2),
        row(
            TRUNK,
            "PJSIP/101-00000008",
            at=20,
            up=20,
            end=30,
            dst="PJSIP_101",
            context="park-dial",
            data="PJSIP/101,30",
            seq=3,
        ),
    )
    assert (moves(one), agents(one)) == ([], [("101", None)])
    assert (one.outcome, one.dialled, seconds(one)) == (Outcome.ANSWERED, "3125550101", (2.0, 30.0))


def test_a_pickup_takes_the_call_from_the_phone_that_rang() -> None:
    one = call(
        row(
            PHONE,
            up=None,
            end=3,
            src="101",
            dst="*8",
            app="AppDial",
            data="(Outgoing Line)",
            result="NO ANSWER",
            uid="2",
            seq=1,
        ),
        row(TRUNK, PHONE, up=3, end=3, data="PJSIP/101,12,tk", seq=2),
        row(TRUNK, "PJSIP/103-00000008", at=3, up=3, end=8, data="PJSIP/101,12,tk", seq=3),
    )
    assert (moves(one), agents(one), seconds(one)) == ([("pickup", "101", "103")], [("103", 5.0)], (3.0, 8.0))


def test_a_pickup_by_a_phone_that_rang_as_well() -> None:
    data = "PJSIP/101&PJSIP/102,15"
    one = call(
        row(TRUNK, OTHER, end=3, result="NO ANSWER", data=data, seq=1),
        row(TRUNK, PHONE, up=3, end=3, data=data, seq=2),
        row(TRUNK, "PJSIP/102-00000008", at=3, up=3, end=8, data=data, seq=3),
    )
    assert (moves(one), agents(one), one.talk_s) == ([("pickup", "101", "102")], [("102", 5.0)], 5.0)


def test_an_answer_of_no_length_is_an_answer() -> None:
    one = call(row(TRUNK, PHONE, up=3, end=3, data="PJSIP/101,12,tk"))
    assert (one.outcome, agents(one), one.talk_s) == (Outcome.ANSWERED, [("101", 0.0)], 0.0)


def test_a_call_forwarded_to_a_mobile_is_answered_by_nobody_of_ours() -> None:
    half = "Local/105@cfwd-00000008;"
    one = call(
        row(
            f"{half}2",
            "PJSIP/carrier-000000a7",
            up=2,
            end=8,
            dst="105",
            data="PJSIP/2125550188@carrier,15",
            uid="3",
        ),
        row(TRUNK, f"{half}1", up=2, end=8, data="Local/105@cfwd,20,tk"),
    )
    assert (one.outcome, agents(one), one.talk_s) == (Outcome.ANSWERED, [], 6.0)
    assert (moves(one), one.direction) == ([("forward", "105", "+12125550188")], Direction.INBOUND)


@pytest.mark.parametrize("options", ["g", "HhTtrgM(auto-blkvm)", "b(func^s^1,(1))Ttg"])
def test_going_on_after_a_dial_that_was_told_to_is_no_transfer(options: str) -> None:
    one = call(
        row(TRUNK, PHONE, up=2, end=6, data=f"PJSIP/101,12,{options}", seq=1),
        row(TRUNK, OTHER, at=6, up=6, end=15, data="PJSIP/102,15", seq=2),
    )
    assert (moves(one), one.dialled) == ([], "3125550101")


def test_options_in_brackets_are_not_the_dials_own() -> None:
    one = call(
        row(
            TRUNK, PHONE, up=2, end=6, dst="102", data="PJSIP/101,12,TtM(greeting)b(sub-gosub^s^1,(1))", seq=1
        ),
        row(TRUNK, OTHER, at=6, up=6, end=15, dst="102", data="PJSIP/102,15", seq=2),
    )
    assert moves(one) == [("blind", "101", "102")]
