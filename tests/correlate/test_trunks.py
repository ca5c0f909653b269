"""By which lines a call came in and went out: as each phone system names them, checked against what really happened."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from ringbook.correlate.assemble import tell
from ringbook.correlate.components import components
from ringbook.model.call import CallId, Direction
from ringbook.model.party import Endpoint, EndpointKind, Number, trunk
from ringbook.model.source import Source
from ringbook.model.statement import ChannelRecord, Segment
from ringbook.parse.registry import named
from tests.correlate.cdr_rows import call, row
from tests.fold import fold, statements

SCENARIOS = Path(__file__).parent.parent / "scenarios"
SOURCE = Source("pbx", timezone="America/New_York", region="US")
NAMES = {"carrierA": "PJSIP/carrier-a", "carrierB": "SIP/carrier-b"}
OUTSIDE = Number("+442079460123", "+442079460123")


@pytest.mark.parametrize(("slug", "name"), [("asterisk_cdr_csv", "Master.csv"), ("asterisk_cel", "cel.csv")])
def test_of_two_carriers_each_call_took_the_one_that_it_really_took(slug: str, name: str) -> None:
    folder = SCENARIOS / "asterisk" / "batch_120_calm"
    took = {}
    for line in (folder / "truth.jsonl").read_text().splitlines():
        truth = json.loads(line)
        for unique in truth["asterisk"]["linkedids"]:
            took[f"u:{unique}"] = (NAMES[truth["trunk"]],) if truth.get("trunk") else ()
    checked = 0
    for told in fold([(slug, folder / name)], SOURCE):
        known = [took[key] for key in told.keys if key in took]
        if known:
            assert told.trunks == known[0], told.keys
            checked += bool(known[0])
    assert checked > 80
    assert {name for names in took.values() for name in names} == set(NAMES.values())


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        ("outbound_answered", ("gateway/carrier-a",)),
        ("inbound_answered", ("sofia/external/127.0.0.12",)),
        ("hunt_to_mobile", ("sofia/external/127.0.0.12", "gateway/carrier-a")),
        ("internal_answered", ()),
    ],
)
def test_freeswitch_names_the_gateway_or_else_profile_and_address(
    scenario: str, expected: tuple[str, ...]
) -> None:
    records = sorted((SCENARIOS / "freeswitch" / scenario / "json_cdr").glob("*.json"))
    [told] = fold([("freeswitch_json_cdr", path) for path in records], SOURCE)
    assert told.trunks == expected


def test_a_second_carrier_after_the_first_refused_is_told_after_it() -> None:
    first = row(
        "PJSIP/101-00000001", "PJSIP/one-00000002", end=1, src="101", dst="2125550100", result="FAILED"
    )
    then = row(
        "PJSIP/101-00000001", "PJSIP/two-00000003", at=1, up=3, end=9, src="101", dst="2125550100", seq=1
    )
    told = call(first, then)
    assert told.direction is Direction.OUTBOUND
    assert told.trunks == ("PJSIP/one", "PJSIP/two")


def test_a_line_that_could_not_be_reached_is_known_by_what_was_dialled() -> None:
    dead = row("PJSIP/101-00000001", end=1, src="101", dst="2125550100", data="PJSIP/2125550100@carrier,30")
    assert call(dead.replace("ANSWERED", "FAILED")).trunks == ("PJSIP/carrier",)
    group = row(
        "PJSIP/101-00000001", "DAHDI/i1/2125550100-1", up=2, end=5, src="101", dst="2125550100",
        data="DAHDI/g0/2125550100,30",
    )  # fmt: skip
    assert call(group).trunks == ("DAHDI/i1",), (
        "the line that was taken, not the group that it was taken from"
    )


def test_between_phones_of_ours_there_is_no_line() -> None:
    inside = row(
        "PJSIP/101-00000001", "PJSIP/102-00000002", up=2, end=5, src="101", dst="102", data="PJSIP/102,20"
    )
    assert call(inside).trunks == ()


def test_the_evidence_names_the_record_that_names_the_line() -> None:
    data = row("PJSIP/one-00000001", "PJSIP/101-00000002", up=2, end=5, data="PJSIP/101,20").encode()
    said, _ = statements(named("asterisk_cdr_csv"), data, SOURCE)
    assert len(components([s.keys for s in said])) == 1
    told = tell("main", "pbx", CallId("x"), said)
    assert told.call.trunks == ("PJSIP/one",)
    assert told.why["trunks"] == ("paths", said[0].frame)


def test_a_source_that_explains_its_segments_may_name_the_line_of_a_party_or_of_the_whole() -> None:
    caller = Endpoint(EndpointKind.OUTSIDE, OUTSIDE, device="T9001")
    inside = Endpoint(EndpointKind.PERSON, Number("201"), "", "201")
    first = Segment(keys=("x:1",), at=1, frame=b"1" * 16, caller=caller, reached=inside)
    second = msgspec.structs.replace(first, caller=Endpoint(), trunk="ISDN 2", at=2, frame=b"2" * 16)
    assert tell("main", "pbx", CallId("x"), [first, second]).call.trunks == ("T9001", "ISDN 2")
    assert tell("main", "pbx", CallId("x"), [second]).why["trunks"] == ("segments", b"2" * 16)


def test_a_gateway_that_gave_no_channel_counts_only_where_there_is_no_other_line() -> None:
    phone = Endpoint(EndpointKind.PERSON, Number("201"), "", "201", "a")
    lead = ChannelRecord(
        keys=("ch:a",), at=1, frame=b"1" * 16, channel="a", originated=False, end=phone, caller=phone,
        dialled="2125550100", ended_at=2, extra={"gateway": "gateway/one", "apps": "bridge"},
    )  # fmt: skip
    assert tell("main", "pbx", CallId("x"), [lead]).call.trunks == ("gateway/one",)
    line = Endpoint(EndpointKind.OUTSIDE, OUTSIDE, channel="b", device="gateway/two")
    leg = ChannelRecord(
        keys=("ch:a", "ch:b"), at=1, frame=b"2" * 16, channel="b", originated=True, originator="a", end=line, caller=phone
    )  # fmt: skip
    assert tell("main", "pbx", CallId("x"), [lead, leg]).call.trunks == ("gateway/two",)


@pytest.mark.parametrize(
    ("device", "expected"),
    [
        ("sofia/external/15125550115@203.0.113.9:5060", "sofia/external/203.0.113.9"),
        ("sofia/external/15125550115@[2001:db8::9]:5060", "sofia/external/[2001:db8::9]"),
        ("sofia/external/15125550115@carrier.example;transport=tls", "sofia/external/carrier.example"),
        ("sofia/external/15125550115", ""),
        ("sofia/", ""),
        ("PJSIP/carrier-a", "PJSIP/carrier-a"),
        ("", ""),
    ],
)
def test_a_channels_name_is_no_line_but_its_profile_and_address_are(device: str, expected: str) -> None:
    assert trunk(Endpoint(EndpointKind.OUTSIDE, device=device)) == expected
    assert trunk(Endpoint(EndpointKind.PERSON, device=device)) == ""
