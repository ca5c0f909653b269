"""The FreeSWITCH scenarios from each form of record alone, and from all forms of one switch together."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ringbook.model.call import Direction, Outcome
from ringbook.model.source import Source
from ringbook.parse.registry import named
from tests.fold import fold, pieces
from tests.scenarios.truth import Gap, check, differences, load

HERE = Path(__file__).parent / "freeswitch"
SCENARIOS = sorted(path.parent for path in HERE.glob("*/truth.jsonl"))
SOURCE = Source("freeswitch", region="US", timezone="America/New_York")
UNTOLD = (None, "", (), Direction.UNKNOWN, Outcome.UNKNOWN)
_UUID = 10  # its column in template example
Files = list[tuple[str, Path | bytes]]
every_scenario = pytest.mark.parametrize("folder", SCENARIOS, ids=[folder.name for folder in SCENARIOS])

REWRITTEN = "a transfer, a menu or a queue writes its own destination over the number dialled"
SILENT = "a row without bleg_uuid does not say which application answered: queue, announcement or mailbox"
UNSAID = "no column of the shipped templates names the queue"
CLEARED = "a number without a route is cleared normally at once, as is a caller who hangs up at once"
CUSTOMER = "who holds is said on the agent's own record only"
NO_B_ROW = "the row of a phone that never answered, or was transferred away from, stands in no file with the caller's"
NO_CUSTOMER = "the row of the leg to the carrier has no account code, so that it stands in no account's file"

CSV_GAPS = [
    *(Gap(name, "dialled", REWRITTEN) for name in ("blind_transfer_refer", "ivr_queue_answered", "queue_timeout_voicemail")),
    *(Gap(name, "outcome", SILENT) for name in ("inbound_announcement", "queue_abandoned", "queue_timeout_voicemail")),
    Gap("inbound_unallocated", "outcome", CLEARED),
]  # fmt: skip
ACCOUNT_GAPS = [
    *CSV_GAPS,
    *(Gap("blind_transfer_refer", field, NO_B_ROW) for field in (
        "calls", "agents", "transfers", "answered_at", "talk_s",
    )),
    Gap("pickup_intercept", "external", NO_B_ROW),
    *(Gap("click_to_call", field, NO_CUSTOMER) for field in (
        "direction", "external", "dialled", "agents", "answered_at", "talk_s",
    )),
]  # fmt: skip


def _records(folder: Path, form: str) -> Files:
    return [(f"freeswitch_{form}", path) for path in sorted((folder / form).iterdir())]


def _rows(folder: Path) -> Files:
    return [("freeswitch_cdr_csv", folder / "cdr-csv" / "Master.csv")]


def _accounts(folder: Path) -> Files:
    files = sorted((folder / "cdr-csv").glob("*.csv"))
    return [("freeswitch_cdr_csv", path) for path in files if path.name != "Master.csv"]


def _first_legs(folder: Path) -> Files:
    """What FreeSWITCH writes with ``log-b-leg`` off, as it is by default: channels that no other channel had placed."""
    files = _records(folder, "json_cdr")
    return [(slug, path) for slug, path in files if "originator" not in _variables(path)]


def _variables(path: Path | bytes) -> dict[str, str]:
    assert isinstance(path, Path)
    content: dict[str, dict[str, str]] = json.loads(path.read_bytes())
    return content["variables"]


def test_there_are_scenarios() -> None:
    assert len(SCENARIOS) >= 21


@every_scenario
@pytest.mark.parametrize("form", ["json_cdr", "xml_cdr"])
def test_documents_of_all_channels(folder: Path, form: str) -> None:
    facts = named(f"freeswitch_{form}").about.facts
    check(folder, fold(_records(folder, form), SOURCE), facts=facts)


@every_scenario
def test_documents_of_first_legs_only(folder: Path) -> None:
    facts = named("freeswitch_json_cdr").about.facts
    gaps = [Gap("hold_unhold", "hold_s", CUSTOMER)]
    check(folder, fold(_first_legs(folder), SOURCE), facts=facts, gaps=gaps)


@every_scenario
def test_rows_of_all_channels(folder: Path) -> None:
    facts = named("freeswitch_cdr_csv").about.facts
    check(folder, fold(_rows(folder), SOURCE), tolerance_s=2, facts=facts, gaps=CSV_GAPS)


@every_scenario
def test_rows_of_first_legs_only_say_less_but_nothing_false(folder: Path) -> None:
    """With ``legs=a``, mod_cdr_csv's default."""
    own = {_variables(path)["uuid"] for _, path in _first_legs(folder)}
    log = (folder / "cdr-csv" / "Master.csv").read_bytes().splitlines(keepends=True)
    rows = b"".join(line for line in log if line.split(b'","')[_UUID].decode() in own)
    found = differences(
        load(folder), fold([("freeswitch_cdr_csv", rows)], SOURCE), tolerance_s=2, facts=named("freeswitch_cdr_csv").about.facts
    )  # fmt: skip
    assert [str(one) for one in found if one.told not in UNTOLD] == []


@every_scenario
def test_rows_of_each_account(folder: Path) -> None:
    facts = named("freeswitch_cdr_csv").about.facts
    check(folder, fold(_accounts(folder), SOURCE), tolerance_s=2, facts=facts, gaps=ACCOUNT_GAPS)


@every_scenario
def test_all_forms_together_are_the_same_calls(folder: Path) -> None:
    documents = _records(folder, "json_cdr") + _records(folder, "xml_cdr")
    calls = fold(documents + _rows(folder), SOURCE)
    alone = fold(_records(folder, "json_cdr"), SOURCE)
    check(folder, calls)
    assert [call.id for call in fold(documents, SOURCE)] == [call.id for call in alone]
    assert [(c.talk_s, c.agents, c.dialled) for c in calls] == [
        (c.talk_s, c.agents, c.dialled) for c in alone
    ]


@pytest.mark.parametrize(
    "files", [_rows, lambda folder: _records(folder, "json_cdr")], ids=["rows", "documents"]
)
def test_all_scenarios_in_one_log_are_as_many_calls(files: Callable[[Path], Files]) -> None:
    calls = fold([one for folder in SCENARIOS for one in files(folder)], SOURCE)
    assert len(calls) == len(SCENARIOS)


def test_concatenated_documents_are_the_documents() -> None:
    for form in ("json_cdr", "xml_cdr"):
        paths = sorted(HERE.glob(f"*/{form}/*"))
        whole = b"\n".join(path.read_bytes() for path in paths)
        found = pieces(named(f"freeswitch_{form}"), whole)
        assert [piece.data.strip() for piece in found if piece.data.strip()] == [
            path.read_bytes().strip() for path in paths
        ]


def test_a_shared_log_is_joined_in_order_of_its_rows() -> None:
    log = b"".join((folder / "cdr-csv" / "Master.csv").read_bytes() for folder in SCENARIOS)
    calls = fold([("freeswitch_cdr_csv", log)], SOURCE)
    assert len(calls) == len(SCENARIOS)
    assert sum(call.outcome is Outcome.MISSED for call in calls) == 3  # no answer in, no answer out, given up


SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
GENUINE = [
    *((path, "freeswitch_json_cdr") for path in sorted(SAMPLES.glob("freeswitch_json_cdr/*.json"))),
    *((path, "freeswitch_xml_cdr") for path in sorted(SAMPLES.glob("freeswitch_xml_cdr/*.xml"))),
    *((path, "freeswitch_cdr_csv") for path in sorted(SAMPLES.glob("freeswitch_cdr_csv/*Master*.csv"))),
]


@pytest.mark.skipif(not GENUINE, reason="other people's records are not part of the project")
@pytest.mark.parametrize(("path", "slug"), GENUINE, ids=[path.name for path, _ in GENUINE])
def test_other_peoples_records_are_read(path: Path, slug: str) -> None:
    form = named(slug)
    data = path.read_bytes()
    assert form.sniff(data[:65536], path.name) > 0.9
    told = [form.parse(piece) for piece in pieces(form, data) if piece.data.strip()]
    assert told
    assert not [one for one in told if type(one).__name__ != "Stated"]
