"""What the CUCM fixtures tell as calls."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringbook.model.call import Call
from ringbook.model.source import Source
from ringbook.model.statement import Quality
from ringbook.parse.format import FormatSettingError, Piece, Stated
from ringbook.parse.registry import named
from tests.fold import fold, pieces, statements
from tests.formats.golden import Fixture, fixtures
from tests.scenarios.test_segments_avaya_ipoffice import story

SLUG = "cisco_cucm"
SAMPLES = Path(__file__).parents[2].parent / "shared" / "samples" / SLUG
CUSTOMER = "+442079460111"
OTHER = "+442079460222"
NOBODY: list[object] = []

TOLD: dict[str, dict[str, object]] = {
    "01": {
        "direction": "inbound",
        "outcome": "answered",
        "from": CUSTOMER,
        "to": "1001",
        "dialled": "1001",
        "answered": "2026-03-02T09:00:07Z",
        "ended": "2026-03-02T09:02:07Z",
        "ring_s": 7.0,
        "talk_s": 120.0,
        "hold_s": None,
        "agents": [("1001", "amoreno", 120.0)],
        "hangup": "caller",
        "cause": 16,
        "account": "ACME",
    },
    "02": {"direction": "inbound", "outcome": "missed", "hangup": "caller", "ring_s": 14.0, "talk_s": 0.0},
    "04": {"outcome": "voicemail", "to": "1001", "answered": None, "agents": NOBODY, "dialled": "1001"},
    "05": {
        "direction": "inbound",
        "outcome": "answered",
        "agents": NOBODY,
        "transfers": [("forward", "1001", "07700900123")],
        "talk_s": 90.0,
        "hangup": "callee",
    },
    "06": {
        "outcome": "answered",
        "queue": "3000",
        "wait_s": 38.0,
        "agents": [("1004", "dito", 180.0)],
        "to": "1004",
    },
    "07": {"outcome": "abandoned", "queue": "3000", "wait_s": 50.0, "agents": NOBODY, "answered": None},
    "08": {
        "direction": "inbound",
        "from": CUSTOMER,
        "to": "1001",
        "agents": [("1001", "", 60.0), ("1002", "", 200.0)],
        "transfers": [("attended", "1001", "1002")],
        "talk_s": 260.0,
        "hangup": "caller",
        "ended": "2026-03-02T09:21:05Z",
    },
    "09": {
        "direction": "outbound",
        "from": "1001",
        "to": OTHER,
        "agents": [("1001", "", 30.0), ("1002", "", 100.0)],
        "transfers": [("blind", "1001", "1002")],
        "hangup": "caller",
    },
    "10": {
        "direction": "inbound",
        "outcome": "answered",
        "from": CUSTOMER,
        "talk_s": 340.0,
        "agents": [("1001", "", 340.0), ("1002", "", 240.0)],
        "transfers": NOBODY,
    },
    "18": {"direction": "outbound", "to": OTHER, "dialled": "9" + OTHER, "agents": [("1001", "", 30.0)]},
    "11": {"started": "2026-03-02T23:58:20Z", "ended": "2026-03-03T00:08:24Z", "direction": "outbound"},
}


def fixture(number: str) -> Fixture:
    """One fixture."""
    [found] = [f for f in fixtures(SLUG) if f.path.name.startswith(number)]
    return found


def calls(*numbers: str) -> list[Call]:
    """The calls of fixtures."""
    return fold([(SLUG, fixture(number).data) for number in numbers], fixture(numbers[0]).source())


@pytest.mark.parametrize("number", TOLD)
def test_the_fixture_tells_one_call(number: str) -> None:
    [call] = calls(number)
    told = story(call)
    assert {name: told[name] for name in TOLD[number]} == TOLD[number]


def test_each_reason_for_no_answer_is_its_own_outcome() -> None:
    told = [(call.outcome, call.hangup_by, call.cause.q850) for call in calls("03")]
    assert told == [
        ("busy", "callee", 17),
        ("rejected", "callee", 21),
        ("failed", "unknown", 1),
        ("missed", "unknown", 19),
    ]


def test_dialling_is_not_taken_for_ringing() -> None:
    [call] = calls("11")
    assert (call.caller.kind, call.ring_s, call.talk_s) == ("person", None, 600.0)
    assert calls("01")[0].ring_s == 7.0


def test_a_parked_call_is_one_call() -> None:
    [call] = calls("16")
    told = story(call)
    assert told["agents"] == [("1001", "", 30.0), ("1003", "", 45.0)]
    assert told["transfers"] == [("park", "1001", "1003")]
    assert told["hangup"] == "callee"


def test_a_hunt_group_whose_members_are_not_named() -> None:
    answered, missed = calls("17")
    assert [(agent.extension, agent.name) for agent in answered.agents] == [("", "SEP000000001004")]
    assert (answered.outcome, answered.ring_s, answered.dialled) == ("answered", 12.0, "3100")
    assert (missed.outcome, missed.called.number, missed.called.kind) == ("missed", "3100", "group")


def test_a_call_id_used_again_days_later_is_another_call() -> None:
    assert [call.caller.number for call in calls("12")] == ["1001", "1003"]


def test_quality_joins_the_call_that_it_is_about() -> None:
    [call] = calls("01", "13")
    assert (call.quality.mos, call.quality.jitter_ms, call.quality.loss_pct) == (4.21, 12.0, 1.0)
    assert len(call.frames) == 3
    said, _ = statements(named(SLUG), fixture("13").data, Source("pbx"))
    phone, gateway = said
    assert isinstance(phone, Quality)
    assert isinstance(gateway, Quality)
    assert phone.latency_ms == 3.0
    assert (gateway.mos, gateway.jitter_ms, gateway.loss_pct) == (None, None, None)


def test_damage_costs_only_its_own_rows() -> None:
    _, rejects = statements(named(SLUG), fixture("14").data, Source("pbx"))
    assert [rejected.reason for _, rejected in rejects] == [
        "truncated",
        "wrong-columns",
        "implausible-time",
        "implausible-time",
        "negative-duration",
        "negative-duration",
        "bad-number",
        "unknown-record",
        "missing-field",
        "missing-field",
    ]
    assert len(calls("14")) == 2


def test_a_row_without_a_header_is_rejected() -> None:
    _, [(_, rejected)] = statements(named(SLUG), fixture("15").data, Source("pbx"))
    assert rejected.reason == "missing-field"
    assert "header" in rejected.detail


def test_mailboxes_can_be_named() -> None:
    form = named(SLUG).configure({"voicemail": r"SIP-Unity-.*|3999"})
    data = fixture("01").data.replace(b"SEP000000001001", b"SIP-Unity-01")
    [stated] = [p for piece in pieces(form, data) if isinstance(p := form.parse(piece), Stated)]
    assert stated.statements[0].reached.kind == "voicemail"  # type: ignore[union-attr]
    with pytest.raises(FormatSettingError, match="regular expression"):
        named(SLUG).configure({"voicemail": "("})
    with pytest.raises(FormatSettingError, match="no setting 'mailbox'"):
        named(SLUG).configure({"mailbox": "x"})


def test_columns_are_found_by_name_in_any_order() -> None:
    rows = [line.split(b",") for line in fixture("02").data.split(b"\r\n")[:3]]
    turned = b"\n".join(b",".join([row[0], *reversed(row[1:3]), *row[3:]]) for row in rows) + b"\n"
    form = named(SLUG)
    straight = [form.parse(piece) for piece in pieces(form, fixture("02").data)][2]
    again = [form.parse(piece) for piece in pieces(form, turned)][2]
    assert straight == again
    assert isinstance(form.parse(Piece(b"junk\n")), type(form.parse(Piece(b"1,2,3\n"))))


@pytest.mark.skipif(not SAMPLES.exists(), reason="other people's samples are not here")
def test_the_real_file_is_understood() -> None:
    [path] = SAMPLES.glob("cucm_10_5_cdr_real*")
    said, rejects = statements(named(SLUG), path.read_bytes(), Source("pbx"))
    assert not rejects
    assert len(said) == 203
    assert sum(statement.answered_at is not None for statement in said) == 2  # type: ignore[union-attr]
    assert len(fold([(SLUG, path)], Source("pbx"))) == 203
