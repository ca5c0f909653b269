"""All recordings of all scenarios, each phone system's together: every one goes to the call that the phones say it is of.

The files are made here, with the names and lengths of those that the phone systems wrote; what is in them is noise.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import soundfile

from ringbook.model.call import Call
from ringbook.model.instant import DAY
from ringbook.model.scope import Scope
from ringbook.recordings import audio
from ringbook.recordings.decoder import Task
from ringbook.runtime.home import Home
from ringbook.runtime.importing import now
from ringbook.runtime.recordings import joining, taking
from ringbook.runtime.service import Service

SCENARIOS = Path(__file__).parent.parent / "scenarios"
FILES = [json.loads(line) for line in (SCENARIOS / "recordings" / "all.jsonl").read_text().splitlines()]
SCENES = sorted({one["scene"] for one in FILES})
RECORDS = ("Master.csv", "cel.csv", "json_cdr")
RATE = 8_000


def system(scene: str) -> str:
    """The phone system on which a scene was played: those of one share its counters and its clock."""
    return "classic" if "classic16" in scene else scene.partition("/")[0]


SYSTEMS = sorted({system(scene) for scene in SCENES})


def decoded(task: Task) -> dict[str, Any]:
    """What the decoder says, without a process for each of all these files."""
    file, to = Path(task.file), Path(task.to)
    if task.do == "together":
        return dict(msgspec.to_builtins(audio.together(file, Path(task.second), to, task.form)))
    assert task.do == "look"
    to.write_bytes(audio.peaks(file))
    return dict(msgspec.to_builtins(audio.probe(file)))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    monkeypatch.setattr(taking, "decode", decoded)
    with Home.open(tmp_path / "home") as opened:
        yield opened


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for each phone system, with its recordings."""
    folder, chance = tmp_path_factory.mktemp("recorded"), np.random.default_rng(4)
    for one in FILES:
        file = folder / system(one["scene"]) / one["scene"].replace("/", "_") / one["file"]
        file.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(file, chance.normal(0, 0.01, round(one["seconds"] * RATE)), RATE, "PCM_16")
        if "beside" in one:
            file.with_suffix(".txt").write_text(one["beside"])
    return folder


def run(home: Home, operation: str, **arguments: Any) -> list[dict[str, Any]]:
    return list(Service(home).run(operation, arguments))


def bring_calls(home: Home) -> None:
    for name in SYSTEMS:
        paths = [SCENARIOS / scene / part for scene in SCENES if system(scene) == name for part in RECORDS]
        there = [str(path) for path in paths if path.exists()]
        run(home, "import", paths=there, source=name, timezone="America/New_York", region="US")


def bring_files(home: Home, folder: Path) -> list[dict[str, Any]]:
    return [
        answer["recording"]
        for name in SYSTEMS
        for answer in run(home, "recordings.add", paths=[str(folder / name)], source=name)
    ]


def listed(home: Home) -> list[dict[str, Any]]:
    asked = {"unmatched": False, "problems": False, "source": "", "limit": 1_000, "cursor": ""}
    return [one["recording"] for one in run(home, "recordings.list", **asked) if "recording" in one]


def truths(scene: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (SCENARIOS / scene / "truth.jsonl").read_text().splitlines()]


def began(recording: dict[str, Any]) -> list[float]:
    """When the calls began that the phones say the file is of: those that name it, or the only call of its scene."""
    parts = {recording["name"], *(part["name"] for part in recording["parts"])}
    [scene] = {one["scene"] for one in FILES if f"/{one['scene'].replace('/', '_')}/" in recording["origin"]}
    told = truths(scene)
    named = [one for one in told if parts & {Path(file).name for file in one.get("recording_file") or ()}]
    assert named or len(told) == 1, recording["name"]
    return [one["started_at"] for one in named or told]


def right(recording: dict[str, Any], calls: dict[str, Call]) -> bool:
    call = calls.get(recording["call"] or "")
    return call is not None and any(abs(call.started_at / 1e6 - at) < 2 for at in began(recording))


def wrong(home: Home) -> list[tuple[str, str]]:
    """The recordings that are not joined to the right call."""
    calls = {str(call.id): call for call in home.ledger.select(Scope(), limit=1_000)}
    found = listed(home)
    sides = sum(one["file"].endswith(("-rx.wav", "-tx.wav")) for one in FILES)
    assert len(found) == len(FILES) - sides // 2
    return [(one["name"], one["why"]) for one in found if not right(one, calls)]


@pytest.mark.parametrize("order", ["calls first", "recordings first"])
def test_every_recording_of_every_scenario_is_joined_to_its_call(
    home: Home, files: Path, order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when the others come weeks later, and when the files come twice."""
    if order == "calls first":
        bring_calls(home)
    else:
        bring_files(home, files)
        assert {one["call"] for one in listed(home)} == {None}
    for module in (taking, joining):
        monkeypatch.setattr(module, "now", lambda: now() + 20 * DAY)
    if order == "calls first":
        bring_files(home, files)
    else:
        bring_calls(home)
    assert wrong(home) == []
    ids = {one["id"] for one in listed(home)}
    assert {one["id"] for one in bring_files(home, files)} == ids
    assert {one["id"] for one in listed(home)} == ids
    assert wrong(home) == []


def test_files_that_were_renamed_are_joined_to_their_call_or_to_none(
    home: Home, files: Path, tmp_path: Path
) -> None:
    """With something before the name all are found; without the id only by time and number, and never at a wrong call."""
    bring_calls(home)
    calls = {str(call.id): call for call in home.ledger.select(Scope(), limit=1_000)}
    for change in ("more", "less"):
        for one in FILES:
            if "voicemail" in one["file"] or one["file"].endswith(("-rx.wav", "-tx.wav")):
                continue
            file = files / system(one["scene"]) / one["scene"].replace("/", "_") / one["file"]
            stem = file.stem if change == "more" else file.stem.rpartition("-")[0]
            if len(file.stem.rpartition("-")[2]) == 12:  # the end of a UUID
                stem = file.stem if change == "more" else file.stem[:-37]
            to = tmp_path / change / one["scene"].replace("/", "_") / f"copy of {stem}.wav"
            to.parent.mkdir(parents=True, exist_ok=True)
            to.write_bytes(file.read_bytes() + bytes(2 * (change == "less")))  # else it were the same audio
            [found] = run(home, "recordings.add", paths=[str(to)], source=system(one["scene"]))
            recording = {**found["recording"], "name": file.name, "origin": str(file)}
            if change == "more" or recording["call"]:
                assert right(recording, calls), (to.name, recording["why"])
