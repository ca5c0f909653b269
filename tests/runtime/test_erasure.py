"""Somebody is erased from a whole home: what a hold keeps stays until it is released, and then no byte of theirs is left."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest

from ..desk.postgres import create, running
from .erased_home import SCENARIOS, VICTIM

pytestmark = pytest.mark.slow
TRACES = (
    rb"8[\s\-./()]{0,3}0[\s\-./()]{0,3}0[\s\-./()]{0,3}555[\s\-./()]{0,3}1000",
    rb"8005551999",
    rb"(?i)bigcorp",
)


class Erased(NamedTuple):
    """The home, and what the steps came to."""

    folder: Path
    told: dict[str, Any]
    database: Path  # the folder in which the relational store is


def child(folder: Path, *words: str, dies: bool = False) -> dict[str, Any]:
    """What a process on a home said last, or nothing if it is to die."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.runtime.erased_home", str(folder), *words],
        check=False,
        capture_output=True,
        text=True,
        timeout=900,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": ""},
    )
    if dies:
        assert done.returncode == -signal.SIGKILL, done.stderr[-4_000:]
        return {}
    assert done.returncode == 0, done.stderr[-4_000:]
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def erased(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Erased]:
    """A home from which somebody was erased, in a process of its own."""
    folder = tmp_path_factory.mktemp("erased") / "home"
    if request.param == "sqlite":
        yield Erased(folder, child(folder), folder)
        return
    with running() as server:
        address = create(server, "erased")
        folder.mkdir()
        (folder / "ringbook.toml").write_text(f'[desk]\ndatabase = "{address}"\n')
        told = child(folder)
        assert not (folder / "desk.sqlite").exists()
        yield Erased(folder, told, data_of(address))


def data_of(address: str) -> Path:
    """Where a database server keeps its files, brought up to date."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        row = connection.execute("SHOW data_directory").fetchone()
    assert row is not None
    return Path(row[0])


def traces(folder: Path) -> dict[str, str]:
    """Each file of a home in which the person still is, in UTF-8 or UTF-16, with what was found."""
    found: dict[str, str] = {}
    for file in folder.rglob("*"):
        if not file.is_file():
            continue
        data = file.read_bytes()
        for pattern in TRACES:
            hit = re.search(pattern, data) or re.search(pattern, data.replace(b"\0", b""))
            if hit:
                found[str(file.relative_to(folder))] = hit[0].decode(errors="replace")
    return found


def test_the_preview_counts_what_there_is(erased: Erased) -> None:
    told = erased.told["preview"]
    assert (told["calls"], told["by_number"], told["recordings"]) == (5, 5, 5)
    assert told["held"] == {"Case 7": 1}
    assert told["frames_alone"] >= 1, "the record that nobody understood"
    rows = told["rows"]
    assert (rows["contact"], rows["callback"], rows["savedview"], rows["audit-detail"]) == (1, 1, 1, 1)


def test_what_a_hold_keeps_stays_until_it_is_released(erased: Erased) -> None:
    held = erased.told["held"]
    assert erased.told["interrupted_after"]["step"] == "calls"
    assert held["row"]["state"] == "held"
    assert held["mine"] == [erased.told["made"]["held"]]
    assert (held["report"]["held_calls"], held["report"]["holds"]) == (1, ["Case 7"])
    assert held["row"]["identifiers"]["numbers"], "they are needed when the hold is released"


def test_everything_of_the_person_goes_and_nothing_of_others(erased: Erased) -> None:
    before, done = erased.told["before"], erased.told["done"]
    assert (len(before["mine"]), done["mine"]) == (5, [])
    assert done["others"] == before["others"]
    assert done["kept"] == before["kept"] - 5
    assert done["notes"] == ["Has nothing to do with it"]
    assert done["row"] == {"state": "done", "subject": "", "identifiers": {}, "reason": "[erased] wrote"}
    counts = done["report"]["counts"]
    assert (counts["calls"], counts["recordings"], counts["contact"], counts["files"]) == (5, 5, 1, 1)


def test_the_accounts_and_the_audit_log_are_whole_afterwards(erased: Erased) -> None:
    before = erased.told["before"]
    for after in (erased.told["held"], erased.told["done"]):
        assert after["faults"] == []
        assert after["entries"] > before["entries"]
        assert after["queries"] == 1, "the search that named somebody else keeps its words"
        assert [one["checked"] for one in after["verify"]] == [one["checked"] for one in before["verify"]]
        assert all("difference" not in one for one in after["verify"])


def test_no_byte_of_the_person_is_left_in_the_home(erased: Erased) -> None:
    done = erased.told["done"]["report"]
    assert done["physical"] == {"state": "gone", "hidden_rows": 0}
    assert done["search"]["found"] == []
    assert done["search"]["clean"] is True
    assert done["search"]["files"] > 50
    assert traces(erased.folder) == {}
    # The write-ahead log of a server is its administrator's.
    assert {name for name in traces(erased.database) if not name.startswith("pg_wal")} == set()
    assert any(
        b"Has nothing to do with it" in file.read_bytes()
        for file in erased.database.rglob("*")
        if file.is_file()
    )


def test_no_audio_of_the_person_can_be_had(erased: Erased) -> None:
    """Neither as it was, nor sealed: of five recordings nothing lies in the vault, and their keys are gone."""
    lying = b"".join(file.read_bytes() for file in erased.folder.rglob("*") if file.is_file())
    for recording in (SCENARIOS / "recordings" / VICTIM).glob("*.wav"):
        data = recording.read_bytes()
        assert all(data[at : at + 48] not in lying for at in range(200, len(data) - 48, 1_601))
    folders = {file.parent for file in (erased.folder / "recordings").rglob("original")}
    assert len(folders) == erased.told["done"]["kept"]


DEATHS = (
    "recordings.vault:Vault.destroy:3",
    "desk.requests.scrubbing:of_calls:1",
    "ledger.engines.engine:Connected.change:3",
    "runtime.intake:Intake.remove:1+",
    "desk.requests.scrubbing:of_person:1",
    "desk.requests.scrubbing:_remove_or_rewrite:3",
    "ledger.erasing:_wait:1",
    "desk.requests.compacting:compact:1",
)


def test_an_erasure_that_is_killed_again_and_again_is_finished_and_leaves_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    before = child(home, "ask")["before"]
    assert traces(home)
    for place in DEATHS:
        child(home, f"run={place}", dies=True)
    told = child(home, "run")
    assert (told["row"], told["subject"], told["mine"]) == ("done", "", [])
    assert told["report"]["physical"] == {"state": "gone", "hidden_rows": 0}
    assert "search" not in told["report"], "it had forgotten whom to look for"
    assert (told["others"], told["kept"]) == (before["others"], before["kept"] - 5)
    assert told["notes"] == ["Has nothing to do with it"]
    assert told["faults"] == []
    assert all("difference" not in one for one in told["verify"])
    assert traces(home) == {}
    assert child(home, "run")["report"] == told["report"], "what is done stays as it is"
