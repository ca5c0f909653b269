"""Asterisk's scenarios from CDR, CEL and queue_log of one system together: the same calls, told better."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from ringbook.correlate.assemble import assemble
from ringbook.correlate.components import components
from ringbook.correlate.identity import call_id
from ringbook.model.call import Call
from ringbook.model.source import Source
from ringbook.model.statement import AnyStatement
from ringbook.parse.registry import named
from tests.fold import fold, statements
from tests.scenarios.test_asterisk_cel import FOLDERS, GAPS, HERE, SOURCE, ids
from tests.scenarios.truth import check

CDR = {"Master.csv": "asterisk_cdr_csv", "cdr-custom-Master.csv": "asterisk_cdr_custom"}
OTHERS = {"cel.csv": "asterisk_cel", "queue_log": "asterisk_queue_log"}


def files(folder: Path, cdr: str) -> list[tuple[str, Path]]:
    """What the folder has of the three kinds of record."""
    wanted = {cdr: CDR[cdr], **OTHERS}
    return [(slug, folder / name) for name, slug in wanted.items() if (folder / name).exists()]


@pytest.mark.parametrize("cdr", CDR)
@pytest.mark.parametrize("folder", FOLDERS, ids=ids)
def test_together_they_tell_what_happened(folder: Path, cdr: str) -> None:
    check(folder, fold(files(folder, cdr), source(folder, cdr)), gaps=GAPS)


@pytest.mark.parametrize("folder", [f for f in FOLDERS if (f / "queue_log").exists()], ids=ids)
def test_channel_events_with_the_queue_log(folder: Path) -> None:
    calls = fold([(slug, folder / name) for name, slug in OTHERS.items()], SOURCE)
    check(folder, calls, gaps=GAPS)


@pytest.mark.parametrize(
    "name", ["queue_local_members_answered", "attended_transfer_dtmf", "crossing_dst_fallback"]
)
def test_any_order_of_arrival_gives_the_same_calls(name: str) -> None:
    kinds = files(HERE / name, "cdr-custom-Master.csv")
    told = [fold(order, SOURCE) for order in itertools.permutations(kinds)]
    assert all(one == told[0] for one in told)


@pytest.mark.parametrize("name", ["queue_rna_then_second_agent", "park_retrieve", "blind_transfer_refer"])
def test_late_records_make_the_same_call_more_precise(name: str) -> None:
    """As records trickle in one by one, each state is a fold of what is there; the last is that of all at once."""
    said: list[AnyStatement] = []
    for slug, path in files(HERE / name, "cdr-custom-Master.csv"):
        found, rejects = statements(named(slug), path.read_bytes(), SOURCE)
        assert not rejects
        said += found
    for count in range(1, len(said) + 1):
        assert len(assembled(said[:count])) <= 2
    assert assembled(said) == assembled(list(reversed(said))) == assembled(said + said)
    [call] = assembled(said)
    assert call.outcome == "answered"


def test_members_are_not_doubled_and_carry_name_and_extension() -> None:
    [call] = fold(files(HERE / "queue_local_members_answered", "cdr-custom-Master.csv"), SOURCE)
    [agent] = call.agents
    assert (agent.extension, agent.name) == ("103", "Carla Rossi")
    assert agent.talk_s == pytest.approx(6.0, abs=0.1)
    assert call.queue == "support"
    assert call.account == "trunk-a"
    kinds = [step.kind.value for step in call.steps]
    assert kinds.count("queued") == 1
    assert kinds.count("answered") == 1


def test_a_cdr_and_the_queue_log_without_channel_events_share_one_agent() -> None:
    """The CDR knows the extension, the queue log the name and when a person answered."""
    folder = HERE / "queue_rna_then_second_agent"
    kinds = [one for one in files(folder, "cdr-custom-Master.csv") if one[0] != "asterisk_cel"]
    [call] = fold(kinds, SOURCE)
    assert [(agent.extension, agent.name, agent.talk_s) for agent in call.agents] == [
        ("102", "Bob Nguyen", 6.0)
    ]
    assert (call.wait_s, call.talk_s) == (12.0, 6.0)
    assert [step.kind.value for step in call.steps].count("answered") == 1


def test_each_kind_gives_what_it_knows_best() -> None:
    folder = HERE / "queue_abandoned"
    [call] = fold(files(folder, "cdr-custom-Master.csv"), SOURCE)
    assert (call.queue, call.dialled, call.outcome.value) == ("sales", "3125550104", "abandoned")
    assert call.wait_s == pytest.approx(6.0, abs=0.1)
    assert call.hangup_by == "caller"


def source(folder: Path, cdr: str) -> Source:
    """The switch; one variant of it wrote its sixteen columns in GMT."""
    gmt = folder.parent.name == "variant_classic16" and cdr == "Master.csv"
    return Source("pbx", timezone="UTC", region="US") if gmt else SOURCE


def assembled(said: list[AnyStatement]) -> list[Call]:
    """The calls of statements in the order in which they came."""
    groups = [[said[index] for index in group] for group in components([s.keys for s in said])]
    calls = [assemble("main", "pbx", call_id("main", "pbx", group), group) for group in groups]
    return sorted(calls, key=lambda call: call.started_at)


def test_a_queue_log_gives_the_answer_the_moment_that_cdrs_do_not_know() -> None:
    folder = HERE / "queue_rna_then_second_agent"
    [call] = fold(
        [("asterisk_cdr_csv", folder / "Master.csv"), ("asterisk_queue_log", folder / "queue_log")], SOURCE
    )
    answers = [(step.at, step.detail) for step in call.steps if step.kind == "answered"]
    assert [at for at, _ in answers] == [call.answered_at]
    assert "not in the records" not in answers[0][1]
