"""Calls from a queue's own log alone: never more than it says."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringbook.model.call import Call
from ringbook.model.source import Source
from ringbook.model.statement import AnyStatement
from ringbook.parse.formats.asterisk_queue_log import FORMAT
from tests.correlate.test_events import assembled
from tests.fold import statements

SOURCE = Source("pbx", timezone="Europe/Berlin", region="US")
CALL = "1795282010.5"


def told(*lines: str) -> list[Call]:
    """The calls of lines ``seconds|agent|event|data`` about one caller in the queue sales; whole lines as they are."""
    full = [line if line.startswith("179") else _line(line) for line in lines]
    said, rejects = statements(FORMAT, "\n".join(full).encode(), SOURCE)
    assert not rejects
    return assembled(said)


def _line(short: str) -> str:
    second, rest = short.split("|", 1)
    return f"{1795282010 + int(second)}|{CALL}|sales|{rest}"


def test_answered_by_the_second_agent() -> None:
    [call] = told(
        "0|NONE|ENTERQUEUE||2025550101|1",
        "8|Ann Example|RINGNOANSWER|8000",
        "12|Ben Example|CONNECT|12|1795282020.7|2",
        "18|Ben Example|COMPLETECALLER|12|6|1",
    )
    assert (call.outcome, call.queue, call.wait_s, call.talk_s, call.ring_s) == (
        "answered",
        "sales",
        12.0,
        6.0,
        2.0,
    )
    assert call.hangup_by == "caller"
    assert [(agent.extension, agent.name, agent.talk_s) for agent in call.agents] == [
        ("", "Ben Example", 6.0)
    ]
    assert call.caller.number == "+12025550101"
    assert [(leg.name, leg.outcome.value, leg.ring_s) for leg in call.legs] == [
        ("Ann Example", "missed", 8.0),
        ("Ben Example", "answered", 2.0),
    ]
    assert [step.kind.value for step in call.steps] == ["queued", "rang_no_answer", "answered", "ended"]
    assert call.dialled == ""


def test_an_interface_tells_the_extension_and_no_name() -> None:
    for interface in ("PJSIP/101", "Local/101@from-queue/n", "SIP/101"):
        [call] = told(f"3|{interface}|CONNECT|3|1795282011.6|2", f"9|{interface}|COMPLETEAGENT|3|6|1")
        assert [(agent.extension, agent.name) for agent in call.agents] == [("101", "")]
        assert call.hangup_by == "callee"


def test_abandoned_while_a_phone_rang() -> None:
    [call] = told(
        "0|NONE|ENTERQUEUE||2025550101|1", "6|Ann Example|RINGCANCELED|6004", "6|NONE|ABANDON|1|1|6"
    )
    assert (call.outcome, call.wait_s, call.talk_s, call.agents) == ("abandoned", 6.0, 0.0, ())
    assert call.ring_s == 6.004
    assert call.ended_at is not None


@pytest.mark.parametrize("event", ["EXITWITHTIMEOUT|1|1|18", "EXITEMPTY|1|1|18", "EXITWITHKEY|1|1|1|18"])
def test_what_followed_the_queue_is_unknown(event: str) -> None:
    [call] = told("0|NONE|ENTERQUEUE||2025550101|1", f"18|NONE|{event}")
    assert (call.outcome, call.wait_s, call.ended_at, call.talk_s) == ("unknown", 18.0, None, None)
    assert call.hangup_by == "unknown"


@pytest.mark.parametrize(
    ("event", "kind", "to"),
    [
        ("BLINDTRANSFER|103|from-internal|5|10|1", "blind", "103"),
        ("TRANSFER|103|internal|5|10", "blind", "103"),
        ("ATTENDEDTRANSFER|BRIDGE|0d0a3cd0-0000-4000-8000-000000000001|5|10|1", "attended", ""),
    ],
)
def test_after_a_transfer_the_talk_and_the_end_are_unknown(event: str, kind: str, to: str) -> None:
    [call] = told(
        "0|NONE|ENTERQUEUE||2025550101|1", "5|PJSIP/101|CONNECT|5|1795282011.6|3", f"15|PJSIP/101|{event}"
    )
    assert [(move.kind, move.by, move.to) for move in call.transfers] == [(kind, "101", to)]
    assert (call.outcome, call.talk_s, call.ended_at) == ("answered", None, None)
    assert [(agent.extension, agent.talk_s) for agent in call.agents] == [("101", 10.0)]


def test_a_switch_that_was_killed_leaves_the_end_unknown() -> None:
    [call] = told(
        "0|NONE|ENTERQUEUE||2025550101|1",
        "5|PJSIP/101|CONNECT|5|1795282011.6|3",
        "1795282030|NONE|NONE|NONE|QUEUESTART|",
    )
    assert (call.outcome, call.talk_s, call.ended_at, call.duration_s) == ("answered", None, None, None)


def test_a_caller_still_waiting_has_no_outcome() -> None:
    [call] = told("0|NONE|ENTERQUEUE||2025550101|1")
    assert (call.outcome, call.wait_s, call.talk_s, call.ring_s) == ("unknown", None, None, None)


def test_the_queue_that_answered_counts_and_waits_add_up() -> None:
    [call] = told(
        "0|NONE|ENTERQUEUE||2025550101|1",
        "20|NONE|EXITWITHTIMEOUT|1|1|20",
        f"1795282030|{CALL}|support|NONE|ENTERQUEUE||2025550101|1",
        f"1795282036|{CALL}|support|Ben Example|CONNECT|6|1795282034.9|2",
        f"1795282046|{CALL}|support|Ben Example|COMPLETEAGENT|6|10|1",
    )
    assert (call.queue, call.wait_s, call.talk_s) == ("support", 26.0, 10.0)


def test_text_times_of_the_hour_that_comes_twice_follow_the_call_id() -> None:
    """1793512790 is 01:59:50 in New York, ten seconds before the clock goes back; the call lasts five minutes."""
    header = "id,time,callid,queuename,agent,event,data1,data2,data3,data4,data5"
    rows = (
        "1,2026-11-01 01:59:50,1793512790.1,sales,NONE,ENTERQUEUE,,2025550101,1,,",
        "2,2026-11-01 01:00:05,1793512790.1,sales,PJSIP/101,CONNECT,15,1793512800.2,4,,",
        "3,2026-11-01 01:05:05,1793512790.1,sales,PJSIP/101,COMPLETEAGENT,15,300,1,,",
    )
    source = Source("pbx", timezone="America/New_York", region="US")
    said, rejects = statements(FORMAT, "\n".join((header, *rows)).encode(), source)
    assert not rejects
    [call] = assembled(said)
    assert call.started_at == 1_793_512_790_000_000
    assert call.answered_at == 1_793_512_805_000_000
    assert call.ended_at == 1_793_513_105_000_000


def test_agents_logging_in_are_no_calls() -> None:
    assert (
        told(
            "1795282010|NONE|NONE|Ann Example|PAUSEALL|Lunch",
            "1795282011|1795282011.9|sales|PJSIP/104|ADDMEMBER|",
        )
        == []
    )


SAID, _ = statements(
    FORMAT,
    "\n".join(
        _line(line)
        for line in (
            "0|NONE|ENTERQUEUE||2025550101|1",
            "8|Ann Example|RINGNOANSWER|8000",
            "12|Ben Example|CONNECT|12|1795282020.7|2",
            "12|Ann Example|RINGCANCELED|2000",
            "18|Ben Example|COMPLETECALLER|12|6|1",
        )
    ).encode(),
    SOURCE,
)


@settings(deadline=None, max_examples=40)
@given(st.permutations(SAID), st.lists(st.sampled_from(SAID), max_size=5))
def test_order_and_repetition_do_not_matter(order: list[AnyStatement], again: list[AnyStatement]) -> None:
    assert assembled([*order, *again]) == assembled(SAID)


@settings(deadline=None, max_examples=40)
@given(st.sets(st.sampled_from(range(len(SAID))), min_size=1))
def test_any_part_of_the_log_can_be_told(kept: set[int]) -> None:
    [call] = assembled([SAID[index] for index in sorted(kept)])
    assert call.queue == "sales"
    assert call.wait_s is None or call.wait_s >= 0


def test_a_log_cut_at_the_front_tells_when_the_wait_began() -> None:
    [call] = told("20|PJSIP/101|CONNECT|20|1795282020.6|2", "30|PJSIP/101|COMPLETECALLER|20|10|1")
    assert (call.started_at, call.wait_s, call.talk_s) == (1_795_282_010_000_000, 20.0, 10.0)
