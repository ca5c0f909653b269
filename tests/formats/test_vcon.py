"""Calls told by vCons: one per vCon, joined with its later versions, transfers and holds as they were."""

from __future__ import annotations

import base64
import json
import sys
from itertools import permutations

import pytest

from ringbook.model.call import Call, Direction, HangupBy, Outcome
from ringbook.model.instant import iso
from ringbook.model.source import Source
from ringbook.model.statement import RecordingMade, Segment
from ringbook.parse.format import Noise, Piece, Rejected, Stated
from ringbook.parse.registry import named
from tests.fold import fold
from tests.formats.golden import HERE

CUSTOMER = {"tel": "+15125550115", "name": "Ada", "role": "customer"}
AGENT = {"tel": "201", "name": "Bob", "role": "agent"}
START = "2026-11-20T10:00:00Z"


def vcon(*dialogs: dict[str, object], parties: list[dict[str, str]] | None = None, **more: object) -> bytes:
    return json.dumps({"parties": parties or [CUSTOMER, AGENT], "dialog": dialogs, **more}).encode()


def recording(**more: object) -> dict[str, object]:
    return {"type": "recording", "start": START, "duration": 30, "parties": [0, 1], **more}


def calls(*documents: bytes) -> list[Call]:
    return fold([("vcon", document) for document in documents], Source("contact-centre"))


def fixture(number: str) -> bytes:
    [path] = (HERE / "vcon").glob(f"{number}-*.in")
    return path.read_bytes()


def parsed(data: bytes) -> Stated | Noise | Rejected:
    return named("vcon").parse(Piece(data))


def test_a_recorded_conversation_is_an_answered_call() -> None:
    [call] = calls(vcon(recording(filename="a.wav"), uuid="u1"))
    assert (call.direction, call.outcome) == (Direction.INBOUND, Outcome.ANSWERED)
    assert (iso(call.answered_at), iso(call.ended_at)) == ("2026-11-20T10:00:00Z", "2026-11-20T10:00:30Z")
    assert (call.talk_s, call.ring_s, call.hold_s) == (30.0, None, None)
    assert [(agent.extension, agent.name, agent.talk_s) for agent in call.agents] == [("201", "Bob", 30.0)]
    assert [(made.name, made.duration_s) for made in call.recordings] == [("a.wav", 30.0)]


def test_the_originator_called() -> None:
    [call] = calls(vcon(recording(originator=1), uuid="u1"))
    assert call.direction is Direction.OUTBOUND
    assert call.caller.name == "Bob"
    assert call.called.number == "+15125550115"


def test_between_two_full_numbers_nobody_knows_which_way_it_went() -> None:
    [call] = calls(vcon(recording(), parties=[{"tel": "+15125550115"}, {"tel": "+442079460018"}]))
    assert call.direction is Direction.UNKNOWN
    assert call.outcome is Outcome.ANSWERED


def test_a_later_version_joins_the_call_that_it_amends() -> None:
    one = vcon(recording(filename="a.wav"), uuid="u1")
    two = vcon(recording(filename="a.wav"), uuid="u2", amended={"uuid": "U1"})
    three = vcon(
        recording(filename="a.wav"),
        uuid="u3",
        redacted={"uuid": "u1"},
        parties=[{"name": "Ada"}, {"name": "Bob"}],
    )
    for order in permutations((one, two, three)):
        [call] = calls(*order)
        assert call.talk_s == 30.0
        assert [made.name for made in call.recordings] == ["a.wav"]
        assert call.caller.number == "+15125550115"


def test_an_attended_transfer_keeps_the_caller_and_credits_both_agents() -> None:
    [call] = calls(fixture("04"))
    assert call.caller.name == "Cleo"
    assert [(agent.name, agent.talk_s) for agent in call.agents] == [("Dan", 60.0), ("Erin", 120.5)]
    assert [(moved.kind, moved.by, moved.to) for moved in call.transfers] == [
        ("attended", "203", "erin@example.com")
    ]
    assert (call.hold_s, call.talk_s) == (20.0, 180.5)


def test_a_transfer_into_the_unknown_is_told_without_inventing_a_talk() -> None:
    [call] = calls(fixture("05"))
    assert [(moved.kind, moved.by) for moved in call.transfers] == [("blind", "203")]
    assert [agent.name for agent in call.agents] == ["Dan"]
    assert call.ended_at is None


@pytest.mark.parametrize(
    ("disposition", "outcome"),
    [
        ("no-answer", Outcome.MISSED),
        ("no_answer", Outcome.MISSED),
        ("busy", Outcome.BUSY),
        ("failed", Outcome.FAILED),
        ("congestion", Outcome.FAILED),
        ("voicemail-no-message", Outcome.VOICEMAIL),
        ("something else", Outcome.UNKNOWN),
        (None, Outcome.UNKNOWN),
    ],
)
def test_an_incomplete_dialog_says_why(disposition: str | None, outcome: Outcome) -> None:
    dialog = {"type": "incomplete", "start": START, "parties": [0, 1], "disposition": disposition}
    [call] = calls(vcon(dialog, uuid="u1"))
    assert call.outcome is outcome
    assert call.answered_at is None
    assert not call.agents


def test_who_hangs_up_before_an_answer_is_the_caller() -> None:
    dialog = {"type": "incomplete", "start": START, "parties": [0, 1], "disposition": "hung-up"}
    [call] = calls(vcon(dialog, uuid="u1"))
    assert call.hangup_by is HangupBy.CALLER
    assert call.outcome not in (Outcome.ANSWERED, Outcome.VOICEMAIL)


def test_a_duration_of_nothing_means_that_nobody_measured_it() -> None:
    [call] = calls(vcon(recording(duration=0), uuid="u1"))
    assert (call.outcome, call.talk_s, call.ended_at) == (Outcome.ANSWERED, None, None)


def test_one_party_alone_is_no_conversation() -> None:
    [call] = calls(vcon(recording(parties=[0]), uuid="u1"))
    assert (call.outcome, call.answered_at) == (Outcome.UNKNOWN, None)


def test_a_signed_vcon_is_read_and_says_that_nobody_checked() -> None:
    inner = base64.urlsafe_b64encode(vcon(recording(), uuid="u1")).rstrip(b"=").decode()
    told = parsed(json.dumps({"payload": inner, "signatures": [{"signature": "x"}]}).encode())
    assert isinstance(told, Stated)
    assert isinstance(told.statements[0], Segment)
    assert told.statements[0].extra == {"signature": "not verified"}


def test_an_encrypted_vcon_is_a_reject_that_says_what_to_do() -> None:
    told = parsed(b'{"protected":"x","ciphertext":"x","recipients":[]}')
    assert isinstance(told, Rejected)
    assert told.reason == "encrypted"
    assert "decrypt it" in told.detail


def test_audio_inside_is_not_copied_into_statements() -> None:
    data = vcon(recording(body="A" * 3_000_000, encoding="base64url", mediatype="audio/x-wav"), uuid="u1")
    told = parsed(data)
    assert isinstance(told, Stated)
    assert isinstance(told.statements[1], RecordingMade)
    assert len(repr(told)) < 3000
    assert sys.getsizeof(told.statements[1].name) < 300


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (vcon(recording(start="2026-11-20T10:00:00"), uuid="u"), "bad-time"),
        (vcon(recording(start="1970-01-01T00:00:00Z"), uuid="u"), "implausible-time"),
        (vcon(recording(start="2099-01-01T00:00:00Z"), uuid="u"), "implausible-time"),
        (vcon(recording(start=None), uuid="u"), "missing-field"),
        (vcon(recording(duration=-1), uuid="u"), "negative-duration"),
        (vcon(recording(duration="long"), uuid="u"), "bad-number"),
        (vcon({"type": "hologram", "start": START}, uuid="u"), "unknown-record"),
        (b'{"subject":"no vCon"}', "missing-field"),
        (b'{"parties":', "truncated"),
        (vcon(recording(), uuid="u").replace(b'"u"', b'"\xff"'), "bad-encoding"),
        (b"[1]", "bad-syntax"),
        (b'{"payload":"%%%","signatures":[]}', "bad-syntax"),
    ],
)
def test_what_cannot_be_understood_has_a_reason(data: bytes, reason: str) -> None:
    told = parsed(data)
    assert isinstance(told, Rejected), told
    assert told.reason == reason


def test_messages_are_no_calls() -> None:
    assert isinstance(parsed(vcon({"type": "text", "start": START, "parties": [0, 1]}, uuid="u")), Noise)
