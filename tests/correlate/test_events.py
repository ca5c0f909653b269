"""Calls from channel events: what each of Asterisk's habits means, told with the fewest events that show it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringbook.correlate.assemble import assemble
from ringbook.correlate.components import components
from ringbook.correlate.identity import call_id
from ringbook.model.call import Call
from ringbook.model.source import Source
from ringbook.model.statement import AnyStatement
from ringbook.parse.formats.asterisk_cel import FORMAT
from tests.fold import statements
from tests.scenarios.test_asterisk_cel import HERE

START = 1_795_300_000
SOURCE = Source("pbx", timezone="America/New_York", region="US")
CARRIER = "PJSIP/carrier-a"


class Switch:
    """Writes channel events. ``t`` is seconds since the call began."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.names: dict[str, tuple[str, str, str, str]] = {}

    def channel(
        self,
        key: str,
        t: float,
        name: str,
        *,
        linked: str,
        number: str = "",
        exten: str = "s",
        context: str = "from-internal",
    ) -> None:
        """A channel is made; ``key`` names it in the test, ``linked`` the channel whose call it belongs to."""
        unique = f"{START + int(t)}.{len(self.names) + 1}"
        link = unique if linked == key else self.names[linked][1]
        self.names[key] = (name, unique, link, number)
        self.event("CHAN_START", t, key, exten=exten, context=context)

    def event(
        self,
        kind: str,
        t: float,
        key: str,
        *,
        exten: str = "",
        context: str = "",
        app: str = "",
        data: str = "",
        peer: str = "",
        rdnis: str = "",
        number: str | None = None,
        extra: dict[str, object] | None = None,
        linked: str = "",
    ) -> None:
        """One event of a channel."""
        name, unique, link, own = self.names[key]
        link = self.names[linked][1] if linked else link
        fields = [
            kind,
            f"{START + t:.6f}",
            "",
            own if number is None else number,
            "",
            rdnis,
            "",
            exten,
            context,
            name,
            app,
            data,
        ]
        fields += [
            "3",
            "",
            unique,
            link,
            peer,
            "",
            f"MOH_{kind}" if "STREAM" in kind else "",
            json.dumps(extra) if extra else "",
        ]
        self.lines.append(",".join('"' + field.replace('"', '""') + '"' for field in fields))

    def inbound(
        self, key: str = "c", *, number: str = "5125550101", did: str = "3125550101", t: float = 0.0
    ) -> None:
        """A call comes in."""
        self.channel(
            key, t, f"{CARRIER}-0000000{key}", linked=key, number=number, exten=did, context="from-trunk"
        )

    def rings(self, key: str, t: float, extension: str, linked: str = "c") -> None:
        """A phone is rung."""
        self.channel(
            key, t, f"PJSIP/{extension}-000000{len(self.names):02x}", linked=linked, number=extension
        )

    def answers(self, key: str, t: float, app: str = "AppDial") -> None:
        """A placed channel answers."""
        self.event("ANSWER", t, key, app=app, data="(Outgoing Line)")

    def bridge(
        self, bridge: str, since: float, until: float | None, *keys: str, technology: str = "simple_bridge"
    ) -> None:
        """Channels share a bridge."""
        extra = {"bridge_id": bridge, "bridge_technology": technology}
        for key in keys:
            self.event("BRIDGE_ENTER", since, key, extra=extra)
            if until is not None:
                self.event("BRIDGE_EXIT", until, key, extra=extra)

    def gone(self, key: str, t: float, cause: int = 16, by: str = "", status: str = "") -> None:
        """A channel hangs up."""
        source = self.names[by][0] if by in self.names else by
        self.event(
            "HANGUP", t, key, extra={"hangupcause": cause, "hangupsource": source, "dialstatus": status}
        )
        self.event("CHAN_END", t, key)

    def calls(self) -> list[Call]:
        """What is told of it."""
        said, rejects = statements(FORMAT, "\n".join(self.lines).encode(), SOURCE)
        assert not rejects
        return assembled(said)

    def call(self) -> Call:
        """The one call that is told."""
        [call] = self.calls()
        return call


def assembled(said: Iterable[AnyStatement]) -> list[Call]:
    """The calls that statements are about."""
    given_ = list(said)
    groups = [[given_[index] for index in group] for group in components([s.keys for s in given_])]
    calls = [assemble("main", "pbx", call_id("main", "pbx", group), group) for group in groups]
    return sorted(calls, key=lambda call: (call.started_at, call.id))


def at(call: Call, instant: int | None) -> float | None:
    """Seconds since the test's beginning."""
    return None if instant is None else round(instant / 1_000_000 - START, 1)


def agents(call: Call) -> list[tuple[str, float | None]]:
    """Extension and talk of each agent."""
    return [
        (agent.extension, None if agent.talk_s is None else round(agent.talk_s, 1)) for agent in call.agents
    ]


def moves(call: Call) -> list[tuple[str, str, str]]:
    """Kind, by and to of each hand-over."""
    return [(move.kind, move.by, move.to) for move in call.transfers]


@pytest.fixture
def switch() -> Switch:
    """A switch that has written nothing yet."""
    return Switch()


def test_three_tenths_of_a_second_are_a_conversation(switch: Switch) -> None:
    switch.inbound()
    switch.rings("a", 0.1, "101")
    switch.answers("a", 2.0)
    switch.bridge("b1", 2.0, 2.3, "a", "c")
    switch.gone("a", 2.3, by="c")
    switch.gone("c", 2.3, by="c", status="ANSWER")
    call = switch.call()
    assert (call.outcome, agents(call), call.hangup_by) == ("answered", [("101", 0.3)], "caller")


def test_answered_and_gone_before_the_bridge_is_answered_without_talk(switch: Switch) -> None:
    switch.inbound()
    switch.rings("a", 0.1, "101")
    switch.bridge("b", 2.0, 2.1, "c")
    switch.answers("a", 2.0)
    switch.gone("a", 2.1, by="c")
    switch.gone("c", 2.1, by="c", status="ANSWER")
    assert switch.call().outcome == "answered"
    assert at(switch.call(), switch.call().answered_at) == 2.0
    assert switch.call().talk_s == 0.0


def test_answers_alone_tell_the_talk_where_no_bridge_is_written(switch: Switch) -> None:
    switch.inbound()
    switch.rings("a", 0.1, "101")
    switch.answers("a", 2.0)
    switch.event("ANSWER", 2.0, "c", exten="3125550101", app="Dial", data="PJSIP/101")
    switch.gone("a", 9.0, by="a")
    switch.gone("c", 9.1, by="a", status="ANSWER")
    call = switch.call()
    assert (agents(call), call.hangup_by, at(call, call.answered_at)) == ([("101", 7.0)], "callee", 2.0)


def test_blind_transfer_to_an_outside_number(switch: Switch) -> None:
    switch.inbound()
    switch.rings("a", 0.1, "101")
    switch.answers("a", 2.0)
    switch.bridge("b1", 2.0, 6.0, "a", "c")
    extra = {
        "extension": "97735550188",
        "context": "from-internal",
        "transferee_channel_uniqueid": switch.names["c"][1],
    }
    switch.event("BLINDTRANSFER", 6.0, "a", extra=extra)
    switch.gone("a", 6.0)
    switch.event("APP_START", 6.1, "c", exten="97735550188", app="Dial", data="PJSIP/7735550188@carrier-a,20")
    switch.channel("m", 6.2, f"{CARRIER}-000000ff", linked="c", context="from-trunk")
    switch.answers("m", 9.0)
    switch.bridge("b2", 9.0, 15.0, "m", "c")
    switch.gone("c", 15.0, by="c")
    switch.gone("m", 15.0, by="c")
    call = switch.call()
    assert (call.direction, call.outcome, agents(call)) == ("inbound", "answered", [("101", 4.0)])
    assert moves(call) == [("blind", "101", "97735550188")]
    assert at(call, call.ended_at) == 15.0
    assert [(leg.number, leg.talk_s) for leg in call.legs][-1] == ("+17735550188", 6.0)
    assert call.dialled == "3125550101"


def outbound(switch: Switch) -> None:
    """101 calls a customer and is answered after 4 s."""
    switch.channel("a", 0.0, "PJSIP/101-00000001", linked="a", number="101", exten="92065550134")
    switch.event(
        "APP_START",
        0.1,
        "a",
        exten="92065550134",
        app="Dial",
        data="PJSIP/2065550134@carrier-a,20",
        number="3125550100",
    )
    switch.channel("m", 0.2, f"{CARRIER}-00000002", linked="a", context="from-trunk")
    switch.answers("m", 4.0)


def test_an_outbound_customer_is_transferred_to_a_colleague(switch: Switch) -> None:
    outbound(switch)
    switch.bridge("b1", 4.0, 10.0, "a", "m")
    extra = {
        "extension": "102",
        "context": "from-internal",
        "transferee_channel_uniqueid": switch.names["m"][1],
    }
    switch.event("BLINDTRANSFER", 10.0, "a", extra=extra)
    switch.gone("a", 10.0)
    switch.rings("b", 10.2, "102", linked="a")
    switch.answers("b", 12.0)
    switch.bridge("b2", 12.0, 20.0, "m", "b")
    switch.gone("m", 20.0, by="m")
    switch.gone("b", 20.0, by="m")
    call = switch.call()
    assert (call.direction, call.called.number, call.dialled) == ("outbound", "+12065550134", "92065550134")
    assert agents(call) == [("101", 6.0), ("102", 8.0)]
    assert moves(call) == [("blind", "101", "102")]
    assert (call.talk_s, at(call, call.ended_at), call.hangup_by) == (14.0, 20.0, "callee")


def test_a_transfer_that_comes_back_names_each_agent_once(switch: Switch) -> None:
    switch.inbound()
    for number, (key, extension, since) in enumerate(
        [("a", "101", 2.0), ("b", "102", 8.0), ("d", "101", 14.0)]
    ):
        switch.rings(key, since - 1, extension)
        switch.answers(key, since)
        switch.bridge(f"b{number}", since, since + 4, key, "c")
        switch.gone(key, since + 4)
    switch.gone("c", 18.0, by="c")
    assert agents(switch.call()) == [("101", 8.0), ("102", 4.0)]


def consult_by_code(switch: Switch) -> None:
    """101 has the customer and presses *2 103: the party stays behind in its bridge, with music."""
    switch.inbound()
    switch.rings("a", 0.1, "101")
    switch.answers("a", 2.0)
    switch.bridge("b1", 2.0, None, "c")
    switch.bridge("b1", 2.0, 12.0, "a")
    switch.event("STREAM_BEGIN", 6.0, "c", extra={"class": "default"})
    switch.channel("l1", 12.0, "Local/103@from-internal-00000002;1", linked="c", exten="103")
    switch.channel("l2", 12.0, "Local/103@from-internal-00000002;2", linked="c", exten="103")
    switch.bridge("b2", 12.0, 15.0, "a", "l1")
    switch.rings("b", 12.1, "103")


def test_a_blonde_transfer(switch: Switch) -> None:
    """101 hangs up while 103 still rings; no event says that this was a transfer."""
    consult_by_code(switch)
    switch.gone("a", 15.0, by="a")
    switch.event("STREAM_END", 15.0, "c")
    switch.bridge("b1", 15.0, 25.0, "l1")
    switch.answers("b", 18.0)
    switch.bridge("b3", 18.0, 25.0, "l2", "b")
    switch.event("BRIDGE_EXIT", 25.0, "c", extra={"bridge_id": "b1"})
    for key in ("c", "l1", "l2", "b"):
        switch.gone(key, 25.0, by="c")
    call = switch.call()
    assert agents(call) == [("101", 13.0), ("103", 7.0)]
    assert moves(call) == [("attended", "101", "103")]
    assert call.hold_s == 9.0


def handed(switch: Switch, t: float) -> None:
    """The event of a transfer by feature code: its target is a Local channel."""
    extra = {
        "bridge1_id": "b1",
        "channel2_uniqueid": switch.names["a"][1],
        "transferee_channel_uniqueid": switch.names["c"][1],
        "transfer_target_channel_name": switch.names["l1"][0],
        "transfer_target_channel_uniqueid": switch.names["l1"][1],
    }
    switch.event("ATTENDEDTRANSFER", t, "a", extra=extra)


def test_a_blonde_transfer_that_nobody_takes_comes_back(switch: Switch) -> None:
    """The switch rings the transferer again, on a channel of its own making."""
    consult_by_code(switch)
    switch.bridge("b1", 15.0, 20.0, "l1")
    handed(switch, 15.0)
    switch.gone("a", 15.0, by="a")
    switch.event("STREAM_END", 15.0, "c")
    for key in ("l1", "l2", "b"):
        switch.gone(key, 20.0, cause=0)
    switch.channel("r", 20.1, "PJSIP/101-000000cc", linked="r", number="101")
    switch.event("ANSWER", 22.0, "r", app="AppDial2", data="(Outgoing Line)")
    switch.bridge("b1", 22.0, 30.0, "r")
    switch.event("BRIDGE_EXIT", 30.0, "c", extra={"bridge_id": "b1"})
    switch.gone("c", 30.0, by="c")
    switch.gone("r", 30.0, by="c")
    call = switch.call()
    assert (agents(call), moves(call)) == ([("101", 21.0)], [("attended", "101", "103")])
    assert (call.direction, call.caller.number) == ("inbound", "+15125550101")


def test_three_who_talk_are_no_transfer(switch: Switch) -> None:
    consult_by_code(switch)
    switch.answers("b", 13.0)
    switch.bridge("b3", 13.0, 30.0, "l2", "b")
    switch.event("STREAM_END", 15.0, "c")
    handed(switch, 15.0)
    switch.bridge("b1", 15.0, 30.0, "a", "l1")
    switch.event("BRIDGE_EXIT", 30.0, "c", extra={"bridge_id": "b1"})
    for key in ("c", "l1", "l2", "a", "b"):
        switch.gone(key, 30.0, by="c")
    call = switch.call()
    assert (agents(call), moves(call), call.talk_s) == ([("101", 28.0), ("103", 15.0)], [], 28.0)


def test_a_consultation_that_fails_gives_the_party_back(switch: Switch) -> None:
    consult_by_code(switch)
    switch.gone("b", 14.0, cause=17)
    switch.gone("l1", 15.0)
    switch.gone("l2", 15.0)
    switch.event("STREAM_END", 15.0, "c")
    switch.bridge("b1", 15.0, 20.0, "a")
    switch.event("BRIDGE_EXIT", 20.0, "c", extra={"bridge_id": "b1"})
    switch.gone("a", 20.0, by="c")
    switch.gone("c", 20.0, by="c")
    call = switch.call()
    assert (agents(call), moves(call), call.talk_s) == ([("101", 18.0)], [], 18.0)


def test_attended_transfer_of_a_queue_call_to_outside(switch: Switch) -> None:
    """The consultation is a call of its own until REFER joins them; then it is one call."""
    switch.inbound()
    switch.event("APP_START", 0.1, "c", exten="sales", app="Queue", data="sales,tk")
    switch.rings("a", 0.2, "101")
    switch.answers("a", 2.0, app="AppQueue")
    switch.bridge("b1", 2.0, 12.0, "a", "c")
    switch.channel("a2", 5.0, "PJSIP/101-000000aa", linked="a2", number="101", exten="97735550188")
    switch.event(
        "APP_START", 5.1, "a2", exten="97735550188", app="Dial", data="PJSIP/7735550188@carrier-a,20"
    )
    switch.channel("m", 5.2, f"{CARRIER}-000000bb", linked="a2", context="from-trunk")
    switch.answers("m", 7.0)
    switch.bridge("b2", 7.0, 12.0, "a2")
    switch.bridge("b2", 7.0, 20.0, "m")
    extra = {
        "channel2_uniqueid": switch.names["a2"][1],
        "transferee_channel_uniqueid": switch.names["c"][1],
        "transfer_target_channel_uniqueid": switch.names["m"][1],
    }
    switch.event("ATTENDEDTRANSFER", 12.0, "a", extra=extra)
    switch.bridge("b2", 12.0, 20.0, "c")
    switch.gone("a", 12.0)
    switch.gone("a2", 12.0)
    switch.gone("c", 20.0, by="c")
    switch.gone("m", 20.0, by="c")
    call = switch.call()
    assert (call.queue, agents(call)) == ("sales", [("101", 10.0)])
    assert moves(call) == [("attended", "101", "+17735550188")]
    assert call.wait_s == 1.9


def test_a_blonde_transfer_by_the_phone(switch: Switch) -> None:
    """REFER while the target still rings: a Local channel takes the consulting phone's place in its Dial."""
    switch.inbound()
    switch.rings("a", 0.1, "101")
    switch.answers("a", 2.0)
    switch.bridge("b1", 2.0, 8.0, "a")
    switch.bridge("b1", 2.0, 20.0, "c")
    switch.channel("a2", 5.0, "PJSIP/101-000000aa", linked="a2", number="101", exten="102")
    switch.event("APP_START", 5.1, "a2", exten="102", app="Dial", data="PJSIP/102,15")
    switch.rings("b", 5.2, "102", linked="a2")
    switch.channel("l1", 8.0, "Local/_attended@transfer-00000005;1", linked="c")
    switch.channel("l2", 8.0, "Local/_attended@transfer-00000005;2", linked="c")
    extra = {
        "channel2_uniqueid": switch.names["a2"][1],
        "transferee_channel_uniqueid": switch.names["c"][1],
        "app": "Dial",
        "transfer_target_channel_uniqueid": "N/A",
    }
    switch.event("ATTENDEDTRANSFER", 8.0, "a", extra=extra)
    switch.bridge("b1", 8.0, 20.0, "l1")
    switch.gone("a", 8.0)
    switch.gone("a2", 8.0)
    switch.answers("b", 11.0)
    switch.bridge("b3", 11.0, 20.0, "l2", "b")
    for key in ("c", "l1", "l2", "b"):
        switch.gone(key, 20.0, by="c")
    call = switch.call()
    assert (agents(call), moves(call)) == ([("101", 6.0), ("102", 9.0)], [("attended", "101", "102")])
    assert (call.talk_s, call.dialled, call.direction) == (15.0, "3125550101", "inbound")


def test_a_transfer_into_a_queue(switch: Switch) -> None:
    switch.inbound()
    switch.rings("a", 0.1, "101")
    switch.answers("a", 2.0)
    switch.bridge("b1", 2.0, 6.0, "a", "c")
    switch.event(
        "BLINDTRANSFER",
        6.0,
        "a",
        extra={"extension": "600", "transferee_channel_uniqueid": switch.names["c"][1]},
    )
    switch.gone("a", 6.0)
    switch.event("APP_START", 6.1, "c", exten="600", app="Queue", data="support,t")
    switch.rings("b", 6.2, "103")
    switch.answers("b", 10.0, app="AppQueue")
    switch.bridge("b2", 10.0, 20.0, "b", "c")
    switch.gone("c", 20.0, by="c")
    switch.gone("b", 20.0, by="c")
    call = switch.call()
    assert (agents(call), moves(call)) == ([("101", 4.0), ("103", 10.0)], [("blind", "101", "600")])
    assert (call.queue, call.wait_s) == ("support", 1.9)  # what the caller waited before anybody answered


def test_an_internal_caller_hands_over_whom_he_called(switch: Switch) -> None:
    """104 calls 101 and transfers 101 to 102: the talk goes on without whoever began it."""
    switch.channel("d", 0.0, "PJSIP/104-00000001", linked="d", number="104", exten="101")
    switch.rings("a", 0.1, "101", linked="d")
    switch.answers("a", 2.0)
    switch.bridge("b1", 2.0, 6.0, "a", "d")
    switch.event(
        "BLINDTRANSFER",
        6.0,
        "d",
        extra={"extension": "102", "transferee_channel_uniqueid": switch.names["a"][1]},
    )
    switch.gone("d", 6.0)
    switch.rings("b", 6.1, "102", linked="d")
    switch.answers("b", 8.0)
    switch.bridge("b2", 8.0, 15.0, "a", "b")
    switch.gone("a", 15.0, by="b")
    switch.gone("b", 15.0, by="b")
    call = switch.call()
    assert (call.direction, call.caller.number, call.dialled) == ("internal", "104", "101")
    assert (agents(call), moves(call)) == ([("101", 4.0), ("102", 7.0)], [("blind", "104", "102")])
    assert (call.talk_s, at(call, call.ended_at)) == (11.0, 15.0)


def test_hold_on_an_outbound_call_is_the_customers_music(switch: Switch) -> None:
    outbound(switch)
    switch.bridge("b1", 4.0, 14.0, "a", "m")
    switch.event("STREAM_BEGIN", 6.0, "m", extra={"class": "default"})
    switch.event("STREAM_END", 9.0, "m")
    switch.gone("m", 14.0, by="a")
    switch.gone("a", 14.0, by="a", status="ANSWER")
    call = switch.call()
    assert (call.hold_s, call.talk_s, call.hangup_by) == (3.0, 10.0, "caller")


def test_a_mobile_that_rings_with_the_phones_may_answer(switch: Switch) -> None:
    switch.inbound()
    switch.event(
        "APP_START", 0.1, "c", exten="3125550101", app="Dial", data="PJSIP/101&PJSIP/7735550188@carrier-a,20"
    )
    switch.rings("a", 0.2, "101")
    switch.channel("m", 0.2, f"{CARRIER}-000000ff", linked="c", context="from-trunk")
    switch.answers("m", 4.0)
    switch.gone("a", 4.0, cause=26)
    switch.bridge("b", 4.0, 9.0, "m", "c")
    switch.gone("m", 9.0, by="c")
    switch.gone("c", 9.0, by="c")
    call = switch.call()
    assert (call.outcome, call.agents, call.called.number) == ("answered", (), "+17735550188")
    assert (at(call, call.answered_at), call.talk_s, call.transfers) == (4.0, 5.0, ())


def test_a_parked_call_returns_to_whoever_parked_it(switch: Switch) -> None:
    switch.inbound()
    switch.rings("a", 0.1, "101")
    switch.answers("a", 2.0)
    switch.bridge("b1", 2.0, 5.0, "a", "c")
    switch.event("PARK_START", 5.0, "c", extra={"parker_dial_string": "PJSIP/101", "parking_lot": "default"})
    switch.bridge("lot", 5.0, 50.0, "c", technology="holding_bridge")
    switch.gone("a", 7.0)
    switch.event("PARK_END", 50.0, "c", extra={"reason": "ParkedCallTimeOut"})
    switch.rings("b", 50.1, "101")
    switch.answers("b", 52.0)
    switch.bridge("b2", 52.0, 60.0, "b", "c")
    switch.gone("c", 60.0, by="c")
    switch.gone("b", 60.0, by="c")
    call = switch.call()
    assert (agents(call), moves(call)) == ([("101", 11.0)], [("park", "101", "101")])


def test_two_callers_in_one_parking_lot_are_two_calls(switch: Switch) -> None:
    switch.inbound("c")
    switch.inbound("d", number="5125550102", t=1.0)
    switch.bridge("lot", 2.0, 9.0, "c", "d", technology="holding_bridge")
    switch.gone("c", 9.0, by="c")
    switch.gone("d", 9.0, by="d")
    first, second = switch.calls()
    assert (first.agents, second.agents) == ((), ())


def test_a_conference_is_one_call_of_all_who_met(switch: Switch) -> None:
    switch.inbound("c")
    switch.channel("a", 1.0, "PJSIP/101-00000002", linked="a", number="101", exten="800")
    switch.bridge("room", 0.5, 10.0, "c", technology="softmix")
    switch.bridge("room", 2.0, 11.0, "a", technology="softmix")
    switch.gone("c", 10.0, by="c")
    switch.gone("a", 11.0, by="a")
    call = switch.call()
    assert (call.direction, agents(call), at(call, call.ended_at)) == ("inbound", [("101", 8.0)], 10.0)


def test_whoever_waits_in_a_conference_has_called_nobody(switch: Switch) -> None:
    switch.channel("a", 0.0, "PJSIP/101-00000002", linked="a", number="101", exten="800")
    switch.inbound("c", t=30.0, did="3125550108")
    extra = {"bridge_id": "room", "bridge_technology": "softmix"}
    for key, t in (("a", 0.5), ("c", 31.0)):
        switch.event("BRIDGE_ENTER", t, key, app="ConfBridge", data="800", extra=extra)
    switch.gone("c", 40.0, by="c")
    switch.gone("a", 50.0, by="a")
    call = switch.call()
    assert (call.direction, call.caller.number, call.dialled) == ("inbound", "+15125550101", "3125550108")
    assert (agents(call), at(call, call.started_at), at(call, call.ended_at)) == ([("101", 9.0)], 30.0, 40.0)


def test_group_pickup_of_a_ringing_phone(switch: Switch) -> None:
    switch.inbound()
    switch.rings("a", 0.1, "101")
    switch.channel("p", 3.0, "PJSIP/102-00000021", linked="p", number="102", exten="*8")
    switch.event("ANSWER", 3.0, "p", exten="*8")
    extra = {"pickup_channel": "PJSIP/102-00000021", "pickup_channel_uniqueid": switch.names["p"][1]}
    switch.event("PICKUP", 3.0, "a", extra=extra)
    switch.gone("a", 3.0, cause=26)
    switch.event("BRIDGE_ENTER", 3.1, "p", app="AppDial", data="(Outgoing Line)", extra={"bridge_id": "b"})
    switch.event("BRIDGE_ENTER", 3.1, "c", extra={"bridge_id": "b"})
    switch.gone("c", 8.1, by="c")
    switch.gone("p", 8.1, by="c")
    call = switch.call()
    assert (call.dialled, agents(call), moves(call)) == (
        "3125550101",
        [("102", 5.0)],
        [("pickup", "101", "102")],
    )


def test_a_second_trunk_answers_after_the_first_failed(switch: Switch) -> None:
    switch.channel("a", 0.0, "PJSIP/101-00000001", linked="a", number="101", exten="62065550140")
    for key, trunk, data in (
        ("m", "PJSIP/carrier-a", "PJSIP/2065550140@carrier-a"),
        ("n", "SIP/carrier-b", "SIP/carrier-b/2065550140"),
    ):
        switch.event("APP_START", 0.1, "a", exten="62065550140", app="Dial", data=data)
        switch.channel(key, 0.2, f"{trunk}-00000003", linked="a", context="from-trunk")
    switch.gone("m", 0.3, cause=34, by="m")
    switch.answers("n", 2.0)
    switch.bridge("b", 2.0, 6.0, "a", "n")
    switch.gone("a", 6.0, by="a", status="ANSWER")
    switch.gone("n", 6.0, by="a")
    call = switch.call()
    assert (call.outcome, call.called.number, call.hangup_by, call.talk_s) == (
        "answered",
        "+12065550140",
        "caller",
        4.0,
    )
    assert [leg.outcome for leg in call.legs] == ["unknown", "failed", "answered"]


def test_click_to_call_that_our_own_phone_does_not_answer(switch: Switch) -> None:
    """The customer was never called; the number is the caller id that the order gave our phone."""
    switch.channel("a", 0.0, "PJSIP/101-00000001", linked="a", number="101")
    switch.event(
        "HANGUP",
        20.0,
        "a",
        exten="s",
        app="AppDial2",
        data="(Outgoing Line)",
        number="6175550108",
        extra={"hangupcause": 0},
    )
    call = switch.call()
    assert (call.direction, call.outcome, call.called.number, call.agents) == (
        "outbound",
        "missed",
        "+16175550108",
        (),
    )
    assert (call.dialled, call.ring_s) == ("6175550108", 20.0)


@pytest.mark.parametrize(
    ("cause", "ended", "status", "by", "outcome"),
    [
        (17, 0.5, "BUSY", "dialplan/builtin", "busy"),
        (21, 0.01, "NOANSWER", "dialplan/builtin", "failed"),  # a network that refuses
        (21, 5.0, "NOANSWER", "dialplan/builtin", "rejected"),  # a person who declines
        (1, 3.0, "NOANSWER", "dialplan/builtin", "failed"),
        (34, 0.01, "CONGESTION", "dialplan/builtin", "failed"),
        (127, 5.0, "CANCEL", "a", "cancelled"),
        (0, 20.0, "NOANSWER", "dialplan/builtin", "missed"),
        (16, 20.0, "", "dialplan/builtin", "missed"),  # a hang-up without a dial status
    ],
)
def test_outbound_calls_that_nobody_answers(
    cause: int, ended: float, status: str, by: str, outcome: str
) -> None:
    switch = Switch()
    switch.channel("a", 0.0, "PJSIP/101-00000001", linked="a", number="101", exten="92065550134")
    switch.channel("m", 0.0, f"{CARRIER}-00000002", linked="a", context="from-trunk")
    switch.gone("m", ended, cause=cause, by="" if by == "a" else "m")
    switch.gone("a", ended, cause=cause, by=by, status=status)
    call = switch.call()
    assert (call.outcome, call.agents, call.talk_s, call.answered_at) == (outcome, (), 0.0, None)


@pytest.mark.parametrize(
    ("cause", "status", "by", "outcome"),
    [
        (17, "BUSY", "a", "busy"),
        (21, "NOANSWER", "a", "rejected"),
        (0, "NOANSWER", "", "missed"),
        (127, "CANCEL", "c", "missed"),
    ],
)
def test_inbound_calls_that_nobody_answers(cause: int, status: str, by: str, outcome: str) -> None:
    switch = Switch()
    switch.inbound()
    switch.rings("a", 0.1, "101")
    switch.gone("a", 4.0, cause=cause, by=by)
    switch.gone("c", 4.0, cause=cause, by="c" if by == "c" else "dialplan/builtin", status=status)
    assert switch.call().outcome == outcome


@pytest.mark.parametrize(("cause", "outcome"), [(21, "rejected"), (1, "failed"), (17, "busy")])
def test_an_outbound_call_that_the_switch_itself_refuses(cause: int, outcome: str) -> None:
    switch = Switch()
    switch.channel("a", 0.0, "PJSIP/101-00000001", linked="a", number="101", exten="900441632960999")
    switch.gone("a", 0.1, cause=cause, by="dialplan/builtin")
    call = switch.call()
    assert (call.direction, call.outcome, call.dialled) == ("outbound", outcome, "900441632960999")


def test_a_trunk_that_is_down_still_shows_whom_the_call_was_for(switch: Switch) -> None:
    """No channel could even be made for the outside party; the Dial names its number."""
    switch.channel("a", 0.0, "PJSIP/101-00000001", linked="a", number="101", exten="92065550134")
    switch.event("APP_START", 0.1, "a", exten="92065550134", app="Dial", data="PJSIP/2065550134@carrier-a,20")
    switch.gone("a", 0.2, cause=20, by="dialplan/builtin", status="CHANUNAVAIL")
    call = switch.call()
    assert (call.direction, call.outcome, call.called.number) == ("outbound", "failed", "+12065550134")


def test_a_phone_that_is_not_there_cannot_be_rung(switch: Switch) -> None:
    switch.inbound()
    switch.gone("c", 0.1, cause=20, by="dialplan/builtin", status="CHANUNAVAIL")
    assert switch.call().outcome == "failed"


@pytest.mark.parametrize(
    ("app", "data", "outcome"),
    [
        ("BackGround", "welcome", "abandoned"),
        ("WaitExten", "5", "abandoned"),
        ("Playback", "closed", "machine"),
        ("VoiceMail", "101@default,u", "voicemail"),
        ("ReceiveFAX", "/tmp/fax.tif", "machine"),
        ("ConfBridge", "800", "machine"),
    ],
)
def test_what_only_a_machine_dealt_with(app: str, data: str, outcome: str) -> None:
    switch = Switch()
    switch.inbound()
    switch.event("ANSWER", 0.1, "c", exten="s", app=app, data=data)
    switch.gone("c", 9.0, by="c")
    call = switch.call()
    assert (call.outcome, call.answered_at, call.talk_s) == (outcome, None, 0.0)


def test_a_queue_that_was_left_in_vain(switch: Switch) -> None:
    switch.inbound()
    switch.event("APP_START", 0.1, "c", app="Queue", data="sales,t", exten="sales")
    switch.rings("a", 0.2, "101")
    switch.event("HANGUP", 6.0, "a", app="AppQueue", extra={"hangupcause": 0})
    switch.event("APP_END", 6.0, "c", app="Queue", data="sales,t", exten="sales")
    switch.gone("c", 6.0, by="c", status="CANCEL")
    call = switch.call()
    assert (call.outcome, call.queue, call.wait_s, call.hangup_by) == ("abandoned", "sales", 5.9, "caller")
    system = Switch()
    system.lines, system.names = [line for line in switch.lines if "Queue(" not in line], switch.names
    assert system.call().outcome == "abandoned"


def test_two_queues_the_one_that_answered_counts(switch: Switch) -> None:
    switch.inbound()
    for t, queue in ((0.1, "sales"), (20.0, "support")):
        switch.event("APP_START", t, "c", app="Queue", data=f"{queue},t", exten="s")
        switch.event("APP_END", t + 15, "c", app="Queue", data=f"{queue},t", exten="s")
    switch.rings("a", 21.0, "101")
    switch.answers("a", 23.0, app="AppQueue")
    switch.bridge("b", 23.0, 35.0, "a", "c")
    switch.gone("a", 35.0, by="a")
    switch.gone("c", 35.0, by="a")
    call = switch.call()
    assert (call.queue, call.wait_s) == ("support", 22.9)


@pytest.mark.parametrize(("dialled", "direction"), [("600", "internal"), ("911", "outbound")])
def test_short_numbers_may_lead_inside_or_outside(dialled: str, direction: str) -> None:
    """A group in which a mobile rings with the phones is ours; an emergency number is not."""
    switch = Switch()
    switch.channel("a", 0.0, "PJSIP/104-00000001", linked="a", number="104", exten=dialled)
    switch.channel("m", 0.1, f"{CARRIER}-00000002", linked="a", context="from-trunk")
    if direction == "internal":
        switch.rings("b", 0.1, "101", linked="a")
    switch.answers("m", 4.0)
    switch.bridge("b1", 4.0, 9.0, "a", "m")
    switch.gone("a", 9.0, by="a")
    switch.gone("m", 9.0, by="a")
    assert switch.call().direction == direction


def test_the_channel_of_text_messages_is_no_call(switch: Switch) -> None:
    switch.channel("x", 0.0, "Message/ast_msg_queue", linked="x")
    assert switch.calls() == []


SAID, _ = statements(FORMAT, (HERE / "attended_transfer_dtmf" / "cel.csv").read_bytes(), SOURCE)
SAID_TWICE, _ = statements(FORMAT, (HERE / "attended_transfer_consult_only" / "cel.csv").read_bytes(), SOURCE)


@settings(max_examples=40, deadline=None)
@given(st.permutations(SAID), st.lists(st.sampled_from(SAID), max_size=8))
def test_order_and_repetition_do_not_matter(order: list[AnyStatement], again: list[AnyStatement]) -> None:
    assert assembled([*order, *again]) == assembled(SAID)


@settings(max_examples=40, deadline=None)
@given(st.sets(st.sampled_from(range(len(SAID_TWICE)))))
def test_any_part_of_the_events_can_be_told(kept: set[int]) -> None:
    """Events may be missing, cut off, or still to come: there is always an account, and it never has negative spans."""
    for call in assembled([SAID_TWICE[index] for index in sorted(kept)]):
        spans = (call.talk_s, call.hold_s, call.ring_s, call.wait_s, call.duration_s)
        assert all(span is None or span >= 0 for span in spans)
        assert call.ended_at is None or call.ended_at >= call.started_at


def test_a_log_that_begins_in_the_middle_still_tells_the_rest(switch: Switch) -> None:
    switch.inbound()
    switch.rings("a", 0.1, "101")
    switch.answers("a", 2.0)
    switch.bridge("b", 2.0, 9.0, "a", "c")
    switch.gone("a", 9.0, by="c")
    switch.gone("c", 9.0, by="c", status="ANSWER")
    switch.lines = [line for line in switch.lines if not line.startswith('"CHAN_START"')]
    call = switch.call()
    assert (call.direction, call.outcome, agents(call), call.hangup_by) == (
        "inbound",
        "answered",
        [("101", 7.0)],
        "caller",
    )


@pytest.mark.parametrize("odd", ["²", "٣", "①", "५"])
def test_characters_that_only_look_like_digits_break_nothing(switch: Switch, odd: str) -> None:
    switch.inbound(did=f"312555010{odd}")
    switch.rings("a", 0.1, "101")
    switch.gone("a", 4.0)
    switch.gone("c", 4.0, by="c")
    for old, new in (
        (f'"{START}.1"', f'"17953{odd}0000.{odd}"'),
        ('""hangupcause"": 16', f'""hangupcause"": ""{odd}""'),
    ):
        switch.lines = [line.replace(old, new) for line in switch.lines]
    table = [f"{odd},{line}" for line in switch.lines]
    header = "id,eventtype,eventtime,cid_name,cid_num,cid_ani,cid_rdnis,cid_dnid,exten,context,channame,appname,appdata,"
    header += "amaflags,accountcode,uniqueid,linkedid,peer,userfield,userdeftype,extra"
    said, rejects = statements(FORMAT, "\n".join((header, *table)).encode(), SOURCE)
    assert not rejects
    assert len(assembled(said)) == 1


def test_bridges_of_pairs_before_asterisk_12() -> None:
    fixture = Path(__file__).parents[1] / "formats" / "asterisk_cel" / "09-before-asterisk-12.in"
    said, _ = statements(FORMAT, fixture.read_bytes(), SOURCE)
    [call] = assembled(said)
    assert (call.direction, call.outcome, call.dialled, call.hangup_by) == (
        "inbound",
        "answered",
        "2025550199",
        "callee",
    )
    assert [(agent.extension, agent.name, agent.talk_s) for agent in call.agents] == [
        ("101", "Ben Example", 13.188)
    ]
    assert (call.cause.q850, call.hold_s) == (16, None)


def test_rooms_of_old_switches_hold_those_who_entered(switch: Switch) -> None:
    """CONF_ENTER names the room by its number, which is used again: it joins no calls, but tells who met within one."""
    switch.inbound()
    switch.rings("a", 1.0, "101")
    for key, since in (("c", 2.0), ("a", 4.0)):
        switch.event("CONF_ENTER", since, key, app="MeetMe", data="800")
        switch.event("CONF_EXIT", 12.0, key, app="MeetMe", data="800")
    switch.gone("a", 12.0)
    switch.gone("c", 12.0, by="c")
    assert agents(switch.call()) == [("101", 8.0)]
