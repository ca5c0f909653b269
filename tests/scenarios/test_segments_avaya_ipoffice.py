"""What the IP Office fixtures tell as calls."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringbook.model.call import Call
from ringbook.model.instant import iso
from ringbook.model.source import Source
from ringbook.parse.registry import named, sniff
from tests.fold import fold, statements
from tests.formats.golden import fixtures

SLUG = "avaya_ipoffice_smdr"
SAMPLES = Path(__file__).parents[2].parent / "shared" / "samples" / SLUG
CUSTOMER = "+442079460111"
NOBODY: list[object] = []

TOLD: dict[str, dict[str, object]] = {
    "01": {
        "direction": "inbound",
        "outcome": "answered",
        "from": CUSTOMER,
        "to": "201",
        "dialled": "02079460000",
        "answered": "2026-03-02T09:15:06Z",
        "ended": "2026-03-02T09:17:58Z",
        "ring_s": 6.0,
        "talk_s": 172.0,
        "hold_s": 12.0,
        "agents": [("201", "Alice Moreno", 172.0)],
        "account": "ACME",
        "hangup": "unknown",
    },
    "02": {
        "outcome": "missed",
        "answered": None,
        "ring_s": 18.0,
        "talk_s": 0.0,
        "agents": NOBODY,
        "to": "201",
    },
    "03": {
        "outcome": "voicemail",
        "answered": None,
        "to": "202",
        "agents": NOBODY,
        "duration_s": 46.0,
        "transfers": NOBODY,
    },
    "04": {
        "direction": "inbound",
        "outcome": "answered",
        "from": CUSTOMER,
        "to": "07700900123",
        "agents": NOBODY,
        "talk_s": 65.0,
        "transfers": [("forward", "Sales", "07700900123")],
    },
    "05": {
        "agents": [("201", "Alice Moreno", 60.0), ("203", "Carla Rossi", 180.0)],
        "transfers": [("", "201", "203")],
        "talk_s": 240.0,
        "hold_s": 20.0,
        "from": CUSTOMER,
        "to": "201",
    },
    "06": {
        "direction": "outbound",
        "from": "201",
        "to": "+442079460222",
        "agents": [("201", "Alice Moreno", 40.0), ("203", "Carla Rossi", 60.0)],
        "transfers": [("attended", "201", "203")],
        "cost": "0.42 GBP",
    },
    "07": {
        "direction": "internal",
        "from": "207",
        "to": "203",
        "transfers": [("park", "203", "201")],
        "hold_s": 24.0,
        "outcome": "answered",
    },
    "08": {
        "outcome": "answered",
        "agents": [("201", "Alice Moreno", None)],
        "talk_s": 269.0,
        "transfers": NOBODY,
    },
    "09": {"started": "2026-03-02T23:58:30Z", "ended": "2026-03-03T00:02:35Z", "direction": "outbound"},
    "11": {
        "agents": [
            ("201", "Alice Moreno", 60.0),
            ("203", "Rossi, Carla", 30.0),
            ("204", "Okafor, Ngozi", 120.0),
        ],
        "transfers": [("", "201", "203"), ("", "203", "204")],
        "ended": "2026-03-02T14:03:38Z",
    },
    "12": {"outcome": "unknown", "talk_s": None, "answered": None, "direction": "outbound"},
    "14": {
        "outcome": "answered",
        "to": "211",
        "agents": [("211", "Extn211", 38.0)],
        "answered": "2026-03-02T18:00:09Z",
    },
}


def story(call: Call) -> dict[str, object]:
    """A call by short names."""
    return {
        "direction": call.direction,
        "outcome": call.outcome,
        "from": call.caller.number,
        "to": call.called.number,
        "dialled": call.dialled,
        "started": iso(call.started_at),
        "answered": iso(call.answered_at),
        "ended": iso(call.ended_at),
        "duration_s": call.duration_s,
        "wait_s": call.wait_s,
        "ring_s": call.ring_s,
        "talk_s": call.talk_s,
        "hold_s": call.hold_s,
        "queue": call.queue,
        "agents": [(a.extension, a.name, a.talk_s) for a in call.agents],
        "transfers": [(t.kind, t.by, t.to) for t in call.transfers],
        "hangup": call.hangup_by,
        "cause": call.cause.q850 or call.cause.text,
        "cost": call.cost,
        "account": call.account,
        "mos": call.quality.mos,
        "jitter_ms": call.quality.jitter_ms,
        "loss_pct": call.quality.loss_pct,
    }


def calls(number: str) -> list[Call]:
    """The calls of one fixture."""
    [fixture] = [f for f in fixtures(SLUG) if f.path.name.startswith(number)]
    return fold([(SLUG, fixture.data)], fixture.source())


@pytest.mark.parametrize("number", TOLD)
def test_the_fixture_tells_one_call(number: str) -> None:
    [call] = calls(number)
    told = story(call)
    assert {name: told[name] for name in TOLD[number]} == TOLD[number]


def test_times_across_both_clock_changes_are_instants() -> None:
    spring, autumn = calls("10")
    assert (iso(spring.started_at), iso(spring.ended_at)) == ("2026-03-29T00:59:00Z", "2026-03-29T01:02:05Z")
    assert (iso(autumn.started_at), iso(autumn.ended_at)) == ("2026-10-25T00:58:00Z", "2026-10-25T01:01:05Z")


def test_a_call_id_used_again_is_another_call() -> None:
    assert [call.called.number for call in calls("13")] == ["201", "202"]


def test_voicemail_inside_is_no_answer_and_a_tone_is_nobody() -> None:
    message, tone = calls("16")
    assert (message.direction, message.outcome, message.agents) == ("internal", "voicemail", ())
    assert (tone.direction, tone.outcome, tone.answered_at, tone.agents) == ("internal", "machine", None, ())


def test_a_transfer_outside_is_told_by_the_call_that_goes_on() -> None:
    asked, transferred = calls("17")
    assert (asked.caller.number, asked.called.number, asked.talk_s) == ("207", "203", 13.0)
    told = story(transferred)
    assert (told["from"], told["to"]) == ("203", "+442079460222")
    assert told["transfers"] == [("attended", "203", "207")]
    assert [agent.extension for agent in transferred.agents] == ["203", "207"]


def test_damage_costs_only_its_own_lines() -> None:
    [fixture] = [f for f in fixtures(SLUG) if f.path.name.startswith("15")]
    _, rejects = statements(fixture.form(), fixture.data, fixture.source())
    assert sorted(call.called.name for call in calls("15")) == ["Alice Moreno", "René Dürr"]
    assert [rejected.reason for _, rejected in rejects] == [
        "truncated",
        "negative-duration",
        "negative-duration",
        "implausible-time",
        "implausible-time",
        "bad-time",
        "unknown-record",
        "bad-number",
        "bad-number",
        "wrong-columns",
        "wrong-columns",
        "bad-time",
        "bad-encoding",
    ]


def test_the_order_in_which_segments_arrive_does_not_matter() -> None:
    [fixture] = [f for f in fixtures(SLUG) if f.path.name.startswith("05")]
    there = fold([(SLUG, fixture.data)], fixture.source())
    back = fold([(SLUG, b"".join(reversed(fixture.data.splitlines(keepends=True))))], fixture.source())
    twice = fold([(SLUG, fixture.data * 2)], fixture.source())
    assert there == back == twice


@pytest.mark.skipif(not SAMPLES.exists(), reason="other people's samples are not here")
def test_real_lines_are_understood() -> None:
    path = SAMPLES / "ipo_smdr_lines.csv"
    data = path.read_bytes()
    bids = sniff(data, path.name)
    assert bids[0][1].about.slug == SLUG
    source = Source("pbx", timezone="Europe/London", region="GB")
    said, rejects = statements(named(SLUG), data, source)
    assert len(said) == 8
    assert all(len(piece.data.split(b",")) < 14 or b",abc," in piece.data for piece, _ in rejects)
    [manual] = [c for c in fold([(SLUG, data)], source) if iso(c.started_at) == "2002-06-28T08:30:57Z"]
    assert (manual.outcome, manual.talk_s, manual.hold_s, manual.ring_s) == ("answered", 24.0, 11.0, 7.0)
    assert [(a.extension, a.name) for a in manual.agents] == [("4750", "John Smith")]
    assert len(manual.frames) == 2
