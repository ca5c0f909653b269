"""What the 3CX fixtures tell as calls, classic lines and version 20 rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringbook.model.call import Call
from ringbook.model.source import Source
from ringbook.parse.format import Clock, FormatSettingError
from ringbook.parse.registry import named
from tests.fold import fold, statements
from tests.formats.golden import Fixture, fixtures
from tests.scenarios.test_segments_avaya_ipoffice import story

CLASSIC, V20 = "threecx_cdr", "threecx_cdr_v20"
SAMPLES = Path(__file__).parents[2].parent / "shared" / "samples" / "threecx"
CUSTOMER = "+442079460111"
OTHER = "+442079460222"
NOBODY: list[object] = []
ALICE, BOB, CARLA, DAN = "Alice Moreno", "Bob Nguyen", "Carla Rossi", "Dan Ito"

TOLD: dict[tuple[str, str], dict[str, object]] = {
    (CLASSIC, "01"): {
        "direction": "inbound",
        "outcome": "answered",
        "from": CUSTOMER,
        "to": "101",
        "dialled": "02079460000",
        "answered": "2026-03-02T09:00:06Z",
        "ended": "2026-03-02T09:02:06Z",
        "talk_s": 120.0,
        "agents": [("101", ALICE, 120.0)],
        "hangup": "caller",
    },
    (CLASSIC, "02"): {"outcome": "missed", "to": "101", "answered": None, "ring_s": 20.0, "talk_s": 0.0},
    (CLASSIC, "03"): {
        "outcome": "answered",
        "queue": "Sales",
        "wait_s": 40.0,
        "ring_s": None,
        "agents": [("103", CARLA, 60.0)],
        "hangup": "callee",
        "transfers": NOBODY,
    },
    (CLASSIC, "04"): {
        "outcome": "abandoned",
        "queue": "Sales",
        "wait_s": 50.0,
        "agents": NOBODY,
        "hangup": "caller",
    },
    (CLASSIC, "05"): {"outcome": "voicemail", "answered": None, "agents": NOBODY, "talk_s": 0.0},
    (CLASSIC, "06"): {
        "outcome": "answered",
        "to": "101",
        "agents": [("101", ALICE, None), ("102", BOB, None)],
        "transfers": [("blind", "101", "102")],
        "talk_s": 180.0,
    },
    (CLASSIC, "08"): {
        "direction": "internal",
        "started": "2026-03-02T23:58:30Z",
        "ended": "2026-03-03T00:02:40Z",
    },
    (CLASSIC, "09"): {"started": "2026-10-25T00:58:00Z", "ended": "2026-10-25T01:01:35Z", "talk_s": 210.0},
    (CLASSIC, "10"): {"direction": "inbound", "outcome": "answered", "to": "101", "talk_s": 30.0},
    (CLASSIC, "13"): {
        "direction": "outbound",
        "outcome": "answered",
        "from": "101",
        "to": OTHER,
        "answered": None,
        "ended": None,
        "talk_s": 41.5,
        "account": "ACME",
    },
    (CLASSIC, "14"): {
        "outcome": "abandoned",
        "queue": "Sales",
        "wait_s": 45.0,
        "answered": None,
        "agents": NOBODY,
    },
    (V20, "15"): {
        "direction": "inbound",
        "outcome": "answered",
        "queue": "Sales",
        "wait_s": 8.0,
        "agents": [("101", ALICE, 52.0)],
        "hangup": "callee",
    },
    (V20, "16"): {
        "direction": "outbound",
        "from": "101",
        "to": OTHER,
        "agents": [("101", ALICE, 32.0), ("102", BOB, 54.0)],
        "transfers": [("blind", "101", "102")],
        "hangup": "callee",
    },
    (V20, "17"): {
        "direction": "inbound",
        "to": "103",
        "agents": [("103", CARLA, 41.0)],
        "transfers": [("pickup", "101", "103")],
    },
    (V20, "19"): {
        "outcome": "missed",
        "to": "870",
        "ring_s": 20.5,
        "agents": NOBODY,
        "transfers": [("forward", "101", "102"), ("forward", "102", "870")],
        "hangup": "caller",
    },
    (V20, "01"): {
        "direction": "inbound",
        "outcome": "answered",
        "from": CUSTOMER,
        "to": "101",
        "dialled": "442079460000",
        "answered": "2026-02-10T08:00:06.200Z",
        "agents": [("101", ALICE, 59.3)],
        "hangup": "callee",
    },
    (V20, "02"): {"outcome": "missed", "to": "101", "answered": None, "hangup": "caller", "agents": NOBODY},
    (V20, "03"): {
        "direction": "inbound",
        "outcome": "answered",
        "from": CUSTOMER,
        "to": "104",
        "queue": "Support",
        "wait_s": 38.5,
        "ring_s": 8.0,
        "talk_s": 146.0,
        "agents": [("104", DAN, 60.0), ("102", BOB, 86.0)],
        "transfers": [("blind", "104", "102")],
        "hangup": "caller",
    },
    (V20, "05"): {
        "outcome": "abandoned",
        "queue": "Sales",
        "wait_s": 32.9,
        "agents": NOBODY,
        "hangup": "caller",
    },
    (V20, "06"): {"outcome": "abandoned", "answered": None, "wait_s": None, "agents": NOBODY},
    (V20, "07"): {
        "outcome": "voicemail",
        "answered": None,
        "to": "870",
        "agents": NOBODY,
        "transfers": NOBODY,
    },
    (V20, "08"): {
        "outcome": "answered",
        "agents": [("103", CARLA, 60.0)],
        "answered": "2026-02-10T08:00:07Z",
    },
    (V20, "10"): {
        "agents": [("101", ALICE, 46.0), ("102", BOB, 70.0)],
        "transfers": [("attended", "101", "102")],
        "from": CUSTOMER,
        "talk_s": 116.0,
    },
    (V20, "11"): {
        "direction": "inbound",
        "outcome": "answered",
        "agents": NOBODY,
        "transfers": [("forward", "101", "07700900123")],
    },
    (V20, "13"): {
        "direction": "inbound",
        "outcome": "answered",
        "from": CUSTOMER,
        "to": "101",
        "dialled": "",
    },
}


def fixture(slug: str, number: str) -> Fixture:
    """One fixture."""
    [found] = [f for f in fixtures(slug) if f.path.name.startswith(number)]
    return found


def calls(slug: str, number: str) -> list[Call]:
    """The calls of one fixture."""
    found = fixture(slug, number)
    return fold([(slug, found.data)], found.source())


@pytest.mark.parametrize(("slug", "number"), TOLD)
def test_the_fixture_tells_one_call(slug: str, number: str) -> None:
    [call] = calls(slug, number)
    told = story(call)
    expected = TOLD[slug, number]
    assert {name: told[name] for name in expected} == expected


def test_agents_who_rang_in_vain_are_legs_and_not_the_call() -> None:
    [call] = calls(CLASSIC, "03")
    assert [(leg.number, leg.outcome) for leg in call.legs if leg.role == "agent"] == [
        ("103", "answered"),
        ("101", "cancelled"),
        ("102", "cancelled"),
    ]


def test_where_types_were_not_chosen_a_queue_is_not_taken_for_a_person() -> None:
    told = [
        (
            str(c.outcome),
            c.answered_at is None,
            c.talk_s,
            c.called.number,
            c.queue,
            [a.extension for a in c.agents],
        )
        for c in calls(CLASSIC, "12")
    ]
    assert told == [
        ("answered", True, None, "103", "", ["103"]),
        ("answered", True, None, "104", "801", ["104"]),
        ("unknown", True, None, "800", "", []),
        ("cancelled", True, 0.0, "102", "", []),
        ("voicemail", True, 0.0, "102", "", []),
        ("answered", False, 180.0, "101", "", ["101", "102"]),
        ("machine", True, 0.0, "EndCall", "", []),
    ]
    assert calls(CLASSIC, "12")[2].ring_s is None


def test_agents_of_an_abandoned_queue_missed_it() -> None:
    [call] = calls(CLASSIC, "14")
    legs = {leg.number: str(leg.outcome) for leg in call.legs if leg.role == "agent"}
    assert legs == {"101": "missed", "102": "missed"}


def test_cost_and_account_and_busy() -> None:
    answered, busy = calls(CLASSIC, "07")
    assert (answered.direction, answered.cost, answered.account) == ("outbound", "0.17", "ACME")
    assert (busy.outcome, busy.called.number, busy.cost) == ("busy", OTHER, "")


def test_psql_and_csv_tell_the_same_call() -> None:
    [csv], [psql] = calls(V20, "03"), calls(V20, "04")
    assert story(csv) == story(psql)
    assert len(csv.frames) == len(psql.frames) == 18


def test_polls_that_another_member_ended_are_no_missed_calls() -> None:
    [call] = calls(V20, "08")
    assert sorted((leg.number, str(leg.outcome)) for leg in call.legs if leg.role == "agent") == [
        ("101", "cancelled"),
        ("102", "cancelled"),
        ("103", "answered"),
    ]
    assert [step.detail for step in call.steps if step.kind == "rang_no_answer"] == ["answered elsewhere"] * 2


def test_who_listens_in_is_no_agent_and_an_own_mailbox_is_a_machine() -> None:
    listened, mailbox = calls(V20, "18")
    assert [agent.extension for agent in listened.agents] == ["101"]
    assert (listened.talk_s, len(listened.frames)) == (56.0, 2)
    assert (mailbox.direction, mailbox.outcome, mailbox.agents) == ("internal", "machine", ())


def test_outbound_and_internal_calls() -> None:
    told = [(call.direction, call.outcome, call.called.number) for call in calls(V20, "09")]
    assert told == [
        ("outbound", "answered", OTHER),
        ("internal", "cancelled", "102"),
        ("internal", "answered", "104"),
        ("outbound", "busy", OTHER),
        ("outbound", "failed", "+999"),
    ]


def test_segments_in_any_order_tell_the_same_call() -> None:
    found = fixture(V20, "03")
    header, *rows = found.data.splitlines(keepends=True)
    for turned in (rows[::-1], rows[7:] + rows[:7], rows * 2):
        assert fold([(V20, header + b"".join(turned))], found.source()) == calls(V20, "03")


@pytest.mark.parametrize(
    ("slug", "number", "reasons"),
    [
        (
            CLASSIC,
            "11",
            "wrong-columns truncated implausible-time implausible-time bad-time negative-duration negative-duration "
            "missing-field wrong-columns wrong-columns wrong-columns bad-encoding",
        ),
        (
            V20,
            "14",
            "implausible-time truncated wrong-columns bad-encoding bad-syntax implausible-time missing-field bad-time "
            "negative-duration missing-field",
        ),
    ],
)
def test_damage_costs_only_its_own_rows(slug: str, number: str, reasons: str) -> None:
    found = fixture(slug, number)
    _, rejects = statements(found.form(), found.data, found.source())
    assert [rejected.reason for _, rejected in rejects] == reasons.split()
    assert [call.outcome for call in calls(slug, number)] == ["answered", "answered"]


def test_settings_that_cannot_be_meant_are_refused() -> None:
    form = named(CLASSIC)
    for settings, words in (
        ({"columns": "historyid,time_start,colour"}, "no field 'colour'"),
        ({"columns": "callid,duration"}, "historyid and time_start"),
        ({"separator": "colon"}, "comma, semicolon"),
        ({"zone": "utc"}, "no setting 'zone'"),
    ):
        with pytest.raises(FormatSettingError, match=words):
            form.configure(settings)
    assert form.about.clock is Clock.UTC
    assert form.configure({"times": "local"}).about.clock is Clock.LOCAL


@pytest.mark.skipif(not SAMPLES.exists(), reason="other people's samples are not here")
def test_the_two_real_calls_fold_to_two() -> None:
    [path] = SAMPLES.glob("cdroutput_two_calls*")
    said, rejects = statements(named(V20), path.read_bytes(), Source("pbx"))
    assert not rejects
    assert len(said) == 50
    assert sorted(len(call.frames) for call in fold([(V20, path)], Source("pbx"))) == [23, 27]
