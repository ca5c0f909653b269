"""The public shape of a call: the names and types of the design, nothing invented, nothing left out."""

from __future__ import annotations

import json

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
from ringbook.model.instant import SECOND
from ringbook.model.party import EndpointKind, Party
from ringbook.model.public import FLAT_COLUMNS, flat, public

NAMES = (
    "id tenant started_at answered_at ended_at direction outcome hangup_by cause from to dialled agents queue trunks "
    "duration_s wait_s ring_s talk_s hold_s transfers legs steps recordings quality cost account sources keys frames revision"
).split()

NOON = 1_795_262_400 * SECOND  # 2026-11-21T12:00:00Z
ID = CallId("019aa650-0000-8000-8000-000000000001")

BARE = Call(id=ID, tenant="main", started_at=NOON)
FULL = Call(
    id=ID,
    tenant="main",
    started_at=NOON,
    answered_at=NOON + 4_500_000,
    ended_at=NOON + 65 * SECOND,
    direction=Direction.INBOUND,
    outcome=Outcome.ANSWERED,
    hangup_by=HangupBy.CALLER,
    cause=Cause(16, 200, "Normal, clearing"),
    caller=Party("+15125550101", "5125550101", "Anna Berg", EndpointKind.OUTSIDE),
    called=Party("101", "101", "Bo", EndpointKind.PERSON),
    dialled="+15125550199",
    agents=(AgentTalk("101", "Bo", 60.5), AgentTalk("", "Cy", None)),
    queue="sales",
    trunks=("PJSIP/carrier-a", "SIP/carrier-b"),
    duration_s=65.0,
    wait_s=0.0,
    ring_s=4.5,
    talk_s=60.5,
    hold_s=None,
    transfers=(Transfer("blind", "101", "102", NOON + 30 * SECOND),),
    legs=(Leg(EndpointKind.PERSON, "101", "Bo", "agent", NOON, cause=Cause(16)),),
    steps=(Step(StepKind.ANSWERED, NOON + 4_500_000, "101", "Bo", "", "00ff"),),
    recordings=(Recording("a.wav"),),
    quality=CallQuality(4.1),
    cost="1.20 EUR",
    account="acme",
    sources=("office",),
    keys=("office u:1",),
    frames=(bytes(15) + b"\x0a",),
    revision=3,
)


def test_every_name_of_the_design_is_there_in_its_order():
    assert list(public(BARE)) == NAMES
    assert list(public(FULL)) == NAMES


def test_values_are_text_numbers_lists_and_nulls():
    shape = json.loads(json.dumps(public(FULL)))
    assert shape["started_at"] == "2026-11-21T12:00:00Z"
    assert shape["answered_at"] == "2026-11-21T12:00:04.500Z"
    assert shape["direction"] == "inbound"
    assert shape["cause"] == {"q850": 16, "sip": 200, "text": "Normal, clearing"}
    assert shape["from"] == {"number": "+15125550101", "raw": "5125550101", "name": "Anna Berg"}
    assert shape["agents"][1] == {"extension": None, "name": "Cy", "talk_s": None}
    assert shape["transfers"] == [{"kind": "blind", "by": "101", "to": "102", "at": "2026-11-21T12:00:30Z"}]
    assert shape["legs"][0]["outcome"] == "unknown"
    assert shape["legs"][0]["cause"] == {"q850": 16, "sip": None, "text": None}
    assert shape["steps"][0]["frame"] == "00ff"
    assert shape["recordings"][0]["name"] == "a.wav"
    assert shape["quality"] == {"mos": 4.1, "pdd_s": None, "jitter_ms": None, "loss_pct": None}
    assert shape["frames"] == ["0000000000000000000000000000000a"]
    assert shape["trunks"] == ["PJSIP/carrier-a", "SIP/carrier-b"]
    assert public(BARE)["trunks"] is None
    assert shape["wait_s"] == 0.0
    assert shape["hold_s"] is None


def test_what_nobody_knows_is_null_or_unknown_and_never_zero():
    shape = public(BARE)
    known = {name for name, value in shape.items() if value not in (None, "unknown", [], {})}
    assert known == {"id", "tenant", "started_at", "cause", "from", "to", "quality", "revision"}
    for name in ("cause", "from", "to", "quality"):
        assert set(shape[name].values()) == {None}


def test_a_flat_row_has_every_column_as_text():
    row = flat(FULL)
    assert tuple(row) == FLAT_COLUMNS
    assert row["agents"] == "101;Cy"
    assert row["transfers"] == "blind:101>102"
    assert row["trunks"] == "PJSIP/carrier-a;SIP/carrier-b"
    assert row["talk_s"] == "60.5"
    assert row["wait_s"] == "0"
    assert row["hold_s"] == ""
    assert row["cause_text"] == "Normal, clearing"
    assert row["from_name"] == "Anna Berg"
    assert row["mos"] == "4.1"
    assert set(flat(BARE).values()) == {"", str(ID), "main", "2026-11-21T12:00:00Z", "unknown", "1"}
