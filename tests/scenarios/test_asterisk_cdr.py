"""The Asterisk scenarios told by CDRs alone: the best call that CDRs can give, and what they cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringbook.model.call import Call, Outcome
from ringbook.model.source import Source
from ringbook.parse.registry import named
from tests.fold import fold
from tests.scenarios.truth import Gap, Truth, check

HERE = Path(__file__).parent / "asterisk"
CLASSIC = "variant_classic16"
FOLDERS = sorted(path.parent for path in HERE.rglob("truth.jsonl"))
WITH_CDR = [folder for folder in FOLDERS if (folder / "Master.csv").exists()]
WITHOUT_CDR = [folder for folder in FOLDERS if not (folder / "Master.csv").exists()]

QUEUE = "a Queue row's answer is the queue's; when the agent answered is in no CDR unless the member is a Local channel"
UP = (
    "the caller was up already, by Answer() or within the second: the row cannot tell when the phone answered"
)
LEG = "after a blind transfer the new leg's answer is its start; how long the target rang is in no CDR"
REWRITTEN = "a blind transfer writes its target over the first row's dst"
LED = "the dialplan led the call away from the number dialled before the row was written"
REFUSED = "a queue that refuses entry leaves no trace in the CDR"
ORIGINATED = "the PBX rang the agent first: the row's answer is the agent's own, and nothing shows that the call was originated"
SKEWED = "the clocks of PBX and phones were faked for this scenario and are 1.04 s apart"
DECLINED = "a declined call reads NO ANSWER, as one that rang out"


def _queued(truth: Truth) -> bool:
    """Answered out of a queue whose members are phones: their own rows, which Local members have, are missing."""
    return truth.outcome == "answered" and bool(truth.queue) and truth.queue != "support"


def _led_away(truth: Truth) -> bool:
    """Inbound through a menu, a queue, an announcement, to no number at all, or transferred blindly since."""
    led = bool(truth.queue or truth.transferred_to) or truth.outcome in _SWITCH or truth.dialled in _MENUS
    return truth.direction == "inbound" and led


_SWITCH = ("announcement", "abandoned_ivr", "rejected")
_MENUS = ("3125550100", "+13125550100")

NO_TIMES = ("answered_at", "talk_s")
GAPS = [
    *(Gap(name, field, QUEUE, _queued) for field in NO_TIMES for name in (
        "crossing_dst_fallback", "crossing_midnight", "ivr_queue_answered", "pbx_core_stop_now_mid_call",
        "queue_dynamic_login_pause", "queue_ringall_answered", "queue_rna_then_second_agent",
    )),
    *(Gap(name, field, UP) for field in NO_TIMES for name in ("forkcdr_userfield", "inbound_instant_answer", "resetcdr")),
    *(Gap(name, "talk_s", LEG) for name in ("blind_transfer_dtmf", "blind_transfer_refer")),
    Gap("queue_joinempty_fallback", "queue", REFUSED),
    Gap("click_to_call", "answered_at", ORIGINATED),
    Gap("batch_120_calm", "outcome", DECLINED, lambda truth: truth.outcome == "declined"),
    *(Gap("batch_120_calm", field, QUEUE) for field in NO_TIMES),
]  # fmt: skip
"""What no CDR can tell, whatever its columns."""

UNKEPT = [
    *(Gap(name, "dialled", REWRITTEN) for name in (
        "blind_transfer_dtmf", "blind_transfer_no_answer", "blind_transfer_refer",
    )),
    *(Gap(name, "dialled", LED, _led_away) for name in (
        "batch_120_calm", "crossing_dst_fallback", "crossing_midnight", "inbound_announcement_only", "inbound_unallocated",
        "ivr_operator_voicemail", "ivr_queue_answered", "ivr_timeout", "pbx_core_stop_now_mid_call", "queue_abandoned",
        "queue_dynamic_login_pause", "queue_local_members_answered", "queue_ringall_answered",
        "queue_rna_then_second_agent", "queue_timeout_voicemail", "ivr_abandoned",
    )),
]  # fmt: skip
"""What Master.csv cannot tell; a custom column with CDR(did) keeps it."""


def _calls(folder: Path, *files: tuple[str, str]) -> list[Call]:
    utc = folder.parent.name == CLASSIC and files == (("asterisk_cdr_csv", "Master.csv"),)
    source = Source("pbx", timezone="UTC" if utc else "America/New_York", region="US")
    return fold([(slug, folder / name) for slug, name in files if (folder / name).exists()], source)


def _mine(folder: Path, gaps: list[Gap]) -> list[Gap]:
    """The gaps declared for the main scenarios; those of the classic variant, which has the same names, where it has them."""
    if folder.parent.name != CLASSIC:
        return gaps
    return [gap for gap in gaps if gap.scenario == folder.name]


@pytest.mark.parametrize("folder", WITH_CDR, ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_master_csv_tells_the_call(folder: Path) -> None:
    calls = _calls(folder, ("asterisk_cdr_csv", "Master.csv"))
    facts = named("asterisk_cdr_csv").about.facts
    check(folder, calls, tolerance_s=2.0, facts=facts, gaps=_mine(folder, GAPS + UNKEPT))


@pytest.mark.parametrize("folder", WITH_CDR, ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_cdr_custom_tells_the_call(folder: Path) -> None:
    calls = _calls(folder, ("asterisk_cdr_custom", "cdr-custom-Master.csv"))
    facts = named("asterisk_cdr_custom").about.facts
    check(folder, calls, tolerance_s=2.0, facts=facts, gaps=_mine(folder, GAPS))


@pytest.mark.parametrize("folder", WITH_CDR, ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_the_same_rows_from_three_files_are_the_same_calls_with_finer_times(folder: Path) -> None:
    files = [
        ("asterisk_cdr_custom", "cdr-custom-Master.csv"),
        ("asterisk_cdr_custom", "cdr-custom-Epoch.csv"),
    ]
    if folder.parent.name != CLASSIC:  # there Master.csv has no ids and another clock
        files.append(("asterisk_cdr_csv", "Master.csv"))
    calls = _calls(folder, *files)
    facts = named("asterisk_cdr_custom").about.facts
    check(folder, calls, tolerance_s=1.0, facts=facts, gaps=_mine(folder, [*GAPS, *FINER]))


FINER = [
    Gap("click_to_call", "talk_s", ORIGINATED),
    Gap("resetcdr", "started_at", "ResetCDR() forgets the time before it"),
    *(Gap("crossing_midnight", field, SKEWED) for field in ("started_at", "answered_at", "ended_at")),
]
"""What only shows at a tolerance of one second."""


@pytest.mark.parametrize("folder", WITHOUT_CDR, ids=lambda folder: folder.name)
def test_a_call_without_cdr_is_declared(folder: Path) -> None:
    assert folder.name in ("nocdr_call", "inbound_unallocated"), "NoCDR(); unanswered=no"


def test_epochs_alone_tell_times_and_nothing_of_people() -> None:
    [call] = _calls(HERE / "inbound_answered", ("asterisk_cdr_custom", "cdr-custom-Epoch.csv"))
    assert (call.outcome, call.agents, call.caller.number, call.talk_s) == (Outcome.UNKNOWN, (), "", None)
    assert call.duration_s == pytest.approx(9.03, abs=0.1)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("attended_transfer_dtmf", [("attended", "101", "103")]),
        ("blind_transfer_no_answer", [("blind", "101", "102")]),
        ("park_retrieve", [("park", "101", "102")]),
        ("pickup_directed", [("pickup", "101", "103")]),
        ("forward_302_internal", [("forward", "101", "103")]),
        ("forward_dialplan_local", [("forward", "105", "+17735550188")]),
        ("park_abandoned", []),
        ("conference_three", []),
    ],
)
def test_hand_overs_say_by_whom_to_whom(name: str, expected: list[tuple[str, str, str]]) -> None:
    [call] = _calls(HERE / name, ("asterisk_cdr_csv", "Master.csv"))
    assert [(one.kind, one.by, one.to) for one in call.transfers] == expected


def test_an_agent_is_found_by_the_channel_when_the_company_number_is_shown() -> None:
    [call] = _calls(HERE / "outbound_answered", ("asterisk_cdr_csv", "Master.csv"))
    assert (call.caller.number, call.caller.raw, call.called.number) == ("101", "3125550100", "+12065550134")


def test_talk_of_each_agent_is_told_where_it_is_known() -> None:
    [call] = _calls(HERE / "attended_transfer_dtmf", ("asterisk_cdr_csv", "Master.csv"))
    assert [(agent.extension, agent.talk_s) for agent in call.agents] == [("101", 16.0), ("103", 5.0)]
    [call] = _calls(HERE / "blind_transfer_refer", ("asterisk_cdr_csv", "Master.csv"))
    assert [(agent.extension, agent.talk_s) for agent in call.agents] == [("101", 4.0), ("102", None)]


def test_old_local_rows_without_ids_join_channel_events_by_name_and_second() -> None:
    folder = HERE / CLASSIC / "attended_transfer_dtmf"
    local = (folder / "Master.csv").read_text().replace("2026-11-21 18:", "2026-11-21 13:")
    source = Source("pbx", timezone="America/New_York", region="US")
    files = [("asterisk_cdr_csv", local.encode()), ("asterisk_cel", folder / "cel.csv")]
    [call] = fold(files, source)
    assert len(call.frames) == len(local.splitlines()) + len((folder / "cel.csv").read_text().splitlines())
