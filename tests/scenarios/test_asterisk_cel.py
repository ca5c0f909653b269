"""Asterisk's scenarios from channel event logs alone, in their several shapes."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ringbook.model.call import Call
from ringbook.model.source import Source
from ringbook.parse.registry import named
from tests.fold import fold
from tests.scenarios.truth import Gap, check, differences, load

HERE = Path(__file__).parent / "asterisk"
FOLDERS = sorted(path.parent for path in HERE.rglob("truth.jsonl"))
NEW_YORK = ZoneInfo("America/New_York")
SOURCE = Source("pbx", timezone="America/New_York", region="US")

CLOCKS = [
    Gap(
        "crossing_midnight",
        field,
        "the phones' faked clock stood 1.04 s before the switch's: the truth and the record differ by the test's own making",
    )
    for field in ("started_at", "answered_at", "ended_at")
]
GAPS = [
    *CLOCKS,
    Gap(
        "batch_120_calm",
        "outcome",
        "the phone rang its 15 s out and nobody touched it; only the caller's SIP reply said 603 Decline",
        lambda truth: truth.outcome == "declined",
    ),
    Gap(
        "queue_joinempty_fallback",
        "queue",
        "the queue refused entry; without APP_START events no channel event names it",
    ),
]


def ids(folder: Path) -> str:
    """The scenario's name in test reports."""
    return str(folder.relative_to(HERE))


@pytest.mark.parametrize("folder", FOLDERS, ids=ids)
def test_channel_events_tell_what_happened(folder: Path) -> None:
    calls = fold([("asterisk_cel", folder / "cel.csv")], SOURCE)
    check(folder, calls, facts=facts(), gaps=GAPS)


@pytest.mark.parametrize("folder", FOLDERS, ids=ids)
def test_without_application_events(folder: Path) -> None:
    """``apps=all`` gives no APP_START and APP_END: the other events still tell the same."""
    kept = rewritten(folder, lambda row: None if row[0] in ("APP_START", "APP_END") else row)
    check(folder, fold([("asterisk_cel", kept)], SOURCE), facts=facts(), gaps=GAPS)


BASE = frozenset(
    ("calls", "direction", "external", "dialled", "agents", "transfers", "answered_at", "ended_at")
)


@pytest.mark.parametrize(
    "folder", [folder for folder in FOLDERS if folder.name != "crossing_midnight"], ids=ids
)
def test_older_switches_tell_the_calls_without_streams_and_applications(folder: Path) -> None:
    """Before Asterisk 20 nothing tells of music and prompts: hold and the queue's name are then unknown, and no more."""
    dropped = ("STREAM", "DTMF", "APP_")
    kept = rewritten(folder, lambda row: None if row[0].startswith(dropped) else row)
    calls = fold([("asterisk_cel", kept)], SOURCE)
    assert not [str(one) for one in differences(load(folder), calls) if one.field in BASE]
    assert all(call.hold_s is None for call in calls)


@pytest.mark.parametrize("folder", FOLDERS, ids=ids)
def test_text_times_lie_where_epochs_do(folder: Path) -> None:
    """``dateformat=%F %T``: whole seconds of the wall clock, also in the hour that summer time repeats."""

    def local(row: list[str]) -> list[str]:
        moment = datetime.fromtimestamp(float(row[1]), UTC).astimezone(NEW_YORK)
        return [row[0], moment.strftime("%Y-%m-%d %H:%M:%S"), *row[2:]]

    calls = fold([("asterisk_cel", rewritten(folder, local))], SOURCE)
    check(folder, calls, tolerance_s=2.0, facts=facts(), gaps=[gap for gap in GAPS if gap not in CLOCKS])


@pytest.mark.parametrize("folder", FOLDERS, ids=ids)
def test_a_table_export_tells_the_same(folder: Path) -> None:
    """The ``cel`` table as FreePBX keeps it: its own column names, SQL times in whole seconds, ties ordered by id."""
    calls = fold([("asterisk_cel", table(folder))], SOURCE)
    check(folder, calls, tolerance_s=2.0, facts=facts(), gaps=[gap for gap in GAPS if gap not in CLOCKS])


def test_the_order_of_the_lines_does_not_matter() -> None:
    folder = HERE / "attended_transfer_dtmf"
    lines = (folder / "cel.csv").read_bytes().splitlines(keepends=True)
    assert fold([("asterisk_cel", b"".join(reversed(lines)))], SOURCE) == calls_of(folder)


def test_a_log_that_stops_in_the_middle_of_a_call_invents_no_end() -> None:
    """The switch was killed: no hang-up is written, the call was answered and its end is unknown."""
    lines = (HERE / "inbound_answered" / "cel.csv").read_bytes().splitlines(keepends=True)
    cut = next(number for number, line in enumerate(lines) if line.startswith(b'"BRIDGE_EXIT"'))
    [call] = fold([("asterisk_cel", b"".join(lines[:cut]))], SOURCE)
    assert call.outcome == "answered"
    assert call.answered_at is not None
    assert (call.ended_at, call.talk_s, call.duration_s) == (None, None, None)
    assert [(agent.extension, agent.talk_s) for agent in call.agents] == [("101", None)]
    assert call.hangup_by == "unknown"


def test_a_call_that_still_rings_has_no_outcome() -> None:
    lines = (HERE / "inbound_no_answer" / "cel.csv").read_bytes().splitlines(keepends=True)
    cut = next(number for number, line in enumerate(lines) if line.startswith(b'"HANGUP"'))
    [call] = fold([("asterisk_cel", b"".join(lines[:cut]))], SOURCE)
    assert (call.outcome, call.ended_at, call.talk_s) == ("unknown", None, None)


def test_the_consultation_that_joins_nobody_stays_a_call_of_its_own() -> None:
    calls = calls_of(HERE / "attended_transfer_consult_only")
    assert [(call.caller.number, call.dialled, call.transfers) for call in calls] == [
        ("+15125550115", "3125550101", ()),
        ("101", "102", ()),
    ]


def test_a_listening_supervisor_is_no_agent() -> None:
    customer, listening = calls_of(HERE / "supervisor_listens")
    assert [agent.extension for agent in customer.agents] == ["101"]
    assert (listening.outcome, listening.agents, listening.talk_s) == ("machine", (), 0.0)


def test_hold_is_the_time_in_which_the_customer_heard_music() -> None:
    [call] = calls_of(HERE / "hold_unhold")
    assert call.hold_s is not None
    assert abs(call.hold_s - 5.0) < 0.1  # the three seconds for which the customer held us are not ours
    assert [step.kind.value for step in call.steps if step.kind.value in ("held", "resumed")] == [
        "held",
        "resumed",
    ]


def test_ring_and_wait() -> None:
    [queued] = calls_of(HERE / "queue_rna_then_second_agent")
    assert queued.wait_s == pytest.approx(12.0, abs=0.1)
    assert queued.ring_s == pytest.approx(
        10.0, abs=0.1
    )  # 8 s at one phone, 2 s at the next; not the pause between
    [direct] = calls_of(HERE / "inbound_no_answer")
    assert direct.ring_s == pytest.approx(12.0, abs=0.1)
    [busy] = calls_of(HERE / "inbound_busy")
    assert busy.ring_s is None


def test_legs_and_reasons() -> None:
    [call] = calls_of(HERE / "ring_group_answered")
    assert [(leg.number, leg.role, leg.outcome.value) for leg in call.legs] == [
        ("+12025550111", "caller", "answered"),
        ("101", "called", "cancelled"),
        ("102", "called", "answered"),
        ("103", "called", "cancelled"),
    ]
    frames = {frame.hex() for frame in call.frames}
    assert all(step.frame in frames for step in call.steps if step.frame)
    assert call.cause.q850 == 16


@pytest.mark.parametrize(
    ("name", "told"),
    [("inbound_no_answer_voicemail", "message"), ("inbound_voicemail_no_message", "no message")],
)
def test_the_timeline_tells_whether_a_message_was_left(name: str, told: str) -> None:
    [call] = calls_of(HERE / name)
    assert [step.detail for step in call.steps if step.kind.value == "voicemail"] == [told]


def test_a_forward_names_who_forwarded_to_whom() -> None:
    [dialplan] = calls_of(HERE / "forward_dialplan_local")
    assert [(move.kind, move.by, move.to) for move in dialplan.transfers] == [
        ("forward", "105", "+17735550188")
    ]
    [phone] = calls_of(HERE / "forward_302_internal")
    assert [(move.kind, move.by, move.to) for move in phone.transfers] == [("forward", "101", "103")]


@pytest.mark.parametrize("folder", FOLDERS, ids=ids)
def test_sniffed_as_channel_events(folder: Path) -> None:
    assert named("asterisk_cel").sniff((folder / "cel.csv").read_bytes()[:65536], "cel.csv") > 0.8


def calls_of(folder: Path) -> list[Call]:
    """The calls of a folder's channel events."""
    return fold([("asterisk_cel", folder / "cel.csv")], SOURCE)


def facts() -> frozenset[str]:
    """What the format can state, in the names that the comparer uses."""
    stated = named("asterisk_cel").about.facts
    return stated | {"external"} if "from" in stated else stated


def rewritten(folder: Path, change: Callable[[list[str]], list[str] | None]) -> bytes:
    """A folder's channel events with each row changed, or left out."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    with (folder / "cel.csv").open(newline="", encoding="utf-8") as rows:
        for row in csv.reader(rows):
            new = change(row)
            if new is not None:
                writer.writerow(new)
    return out.getvalue().encode()


def table(folder: Path) -> bytes:
    """A folder's channel events as an export of the table."""
    header = (
        "id,eventtype,eventtime,cid_name,cid_num,cid_ani,cid_rdnis,cid_dnid,exten,context,channame,appname,appdata,"
        "amaflags,accountcode,uniqueid,linkedid,peer,userdeftype,extra"
    )
    count = iter(range(1, 1_000_000))

    def row(old: list[str]) -> list[str]:
        moment = datetime.fromtimestamp(float(old[1]), UTC).astimezone(NEW_YORK)
        return [str(next(count)), old[0], moment.strftime("%Y-%m-%d %H:%M:%S"), *old[2:17], *old[18:]]

    return header.encode() + b"\n" + rewritten(folder, row)


def test_the_truth_is_there() -> None:
    assert len(FOLDERS) > 70
    assert sum(len(load(folder)) for folder in FOLDERS) > 200
    assert all(re.search(rb'"CHAN_START"', (folder / "cel.csv").read_bytes()) for folder in FOLDERS)
