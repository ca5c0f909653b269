"""Recordings come from files into the vault and to the right call: whatever comes first, however often, under whatever name."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import pytest

from ringbook.ledger.recordings import Catalogue
from ringbook.model.call import Call
from ringbook.model.recording import Joined, KeptRecording
from ringbook.model.scope import MAIN_TENANT, Scope
from ringbook.model.warrant import Ground
from ringbook.recordings.errors import VaultFullError
from ringbook.recordings.vault import ABOUT, ORIGINAL, PEAKS, Vault
from ringbook.runtime import undoing
from ringbook.runtime.home import Home
from ringbook.runtime.recordings import hand
from ringbook.runtime.recordings.opening import open_vault
from ringbook.runtime.recordings.sweeping import Swept, sweep
from ringbook.runtime.service import Service

from ..warrants import a_warrant

SCENARIOS = Path(__file__).parent.parent / "scenarios"
RECORDINGS = SCENARIOS / "recordings"
SCENES = {
    "crossing_dst_fallback": "asterisk/crossing_dst_fallback",
    "same_caller_five_calls": "asterisk/same_caller_five_calls",
    "blind_transfer_dtmf": "asterisk/blind_transfer_dtmf",
    "freeswitch_ivr_queue_answered": "freeswitch/ivr_queue_answered",
    "freeswitch_outbound_answered": "freeswitch/outbound_answered",
}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with Home.open(tmp_path / "home") as opened:
        yield opened


def run(home: Home, operation: str, **arguments: Any) -> list[dict[str, Any]]:
    return list(Service(home).run(operation, arguments))


def bring_calls(home: Home, scene: str, source: str) -> None:
    folder = SCENARIOS / scene
    paths = [folder / name for name in ("Master.csv", "cel.csv", "json_cdr")]
    there = [str(path) for path in paths if path.exists()]
    run(home, "import", paths=there, source=source, timezone="America/New_York", region="US")


def add(home: Home, *paths: Path, source: str) -> list[dict[str, Any]]:
    return [
        answer["recording"]
        for answer in run(home, "recordings.add", paths=list(map(str, paths)), source=source)
    ]


def listed(home: Home, **asked: Any) -> dict[str, dict[str, Any]]:
    every = {"unmatched": False, "problems": False, "source": "", "limit": 1_000, "cursor": ""}
    answers = run(home, "recordings.list", **{**every, **asked})
    return {one["recording"]["id"]: one["recording"] for one in answers if "recording" in one}


def calls(home: Home, source: str) -> dict[str, Call]:
    return {call.id: call for call in home.ledger.select(Scope(), limit=1_000) if source in call.sources}


def is_right(scene: str, recording: dict[str, Any], call: Call) -> bool:
    """Whether the truth of the scene says that the phones of this call were recorded into this file."""
    truths = [json.loads(line) for line in (SCENARIOS / scene / "truth.jsonl").read_text().splitlines()]
    own = [
        truth
        for truth in truths
        if any(Path(file).name == recording["name"] for file in truth.get("recording_file") or [])
    ]
    return any(abs(call.started_at / 1e6 - truth["started_at"]) < 2 for truth in own)


def check_all(home: Home) -> None:
    """Every recording of every scene is joined to the right call."""
    for name, scene in SCENES.items():
        own, found = calls(home, name), list(listed(home, source=name).values())
        assert len(found) == len(list((RECORDINGS / name).glob("*.wav")))
        for recording in found:
            assert recording["call"] in own, (recording["name"], recording["why"])
            assert is_right(scene, recording, own[recording["call"]]), recording["name"]


@pytest.mark.parametrize("order", ["calls first", "recordings first"])
def test_every_recording_is_joined_to_the_right_call_whatever_comes_first(home: Home, order: str) -> None:
    steps = [lambda n: bring_calls(home, SCENES[n], n), lambda n: add(home, RECORDINGS / n, source=n)]
    for step in steps if order == "calls first" else reversed(steps):
        for name in SCENES:
            step(name)
    check_all(home)
    assert listed(home, unmatched=True) == {}


def test_a_recording_twice_or_under_another_name_is_the_same_one(home: Home, tmp_path: Path) -> None:
    name = "same_caller_five_calls"
    bring_calls(home, SCENES[name], name)
    first = add(home, RECORDINGS / name, source=name)
    again = add(home, RECORDINGS / name, source=name)
    renamed = shutil.copy(RECORDINGS / name / first[0]["name"], tmp_path / "listen to this.wav")
    [other] = add(home, Path(renamed), source=name)
    assert [one["id"] for one in again] == [one["id"] for one in first]
    assert other["id"] == first[0]["id"]
    assert len(listed(home)) == 5


def test_a_voicemail_finds_its_call_by_the_file_beside_it(home: Home) -> None:
    name = "inbound_no_answer_voicemail"
    bring_calls(home, f"asterisk/{name}", name)
    [recording] = add(home, RECORDINGS / name, source=name)
    [call] = calls(home, name).values()
    assert (recording["call"], recording["evidence"]) == (call.id, "overlap")
    assert recording["started_at"] == "2026-11-21T17:51:34Z"


def test_two_sides_become_one_stereo_recording_beside_the_mix(home: Home) -> None:
    name = "inbound_answered_split_recording"
    bring_calls(home, f"asterisk/{name}", name)
    found = add(home, RECORDINGS / name, source=name)
    sides = sorted((RECORDINGS / name).glob("1795282166.37-*.wav"))  # rx, tx
    [pair] = [one for one in found if one["parts"]]
    assert len(found) == 2
    assert pair["channels"] == 2
    assert [part["name"] for part in pair["parts"]] == [side.name for side in sides]
    assert pair["sha256"] == hashlib.sha256(b"".join(side.read_bytes() for side in sides)).hexdigest()
    [call] = calls(home, name).values()
    assert {one["call"] for one in found} == {call.id}
    assert len(add(home, RECORDINGS / name, source=name)) == 2
    assert len(listed(home)) == 2


def test_a_call_tells_of_its_recordings_and_is_found_by_them(home: Home) -> None:
    name = "blind_transfer_dtmf"
    bring_calls(home, SCENES[name], name)
    bring_calls(home, "asterisk/inbound_busy", "busy")
    [call] = calls(home, name).values()
    wavs = sorted((RECORDINGS / name).glob("*.wav"))
    added = {one["name"]: one for one in add(home, *wavs, source=name)}
    [[told], [shown]] = [
        [answer["call"] for answer in run(home, operation, **asked) if "call" in answer]
        for operation, asked in (
            ("calls.list", {"query": "has:recording", "limit": 50, "cursor": None, "timezone": "UTC"}),
            ("calls.show", {"id": call.id}),
        )
    ]
    assert told["recordings"] == shown["recordings"]
    kept = {Path(one["name"]).name: one for one in told["recordings"] if one["id"]}
    assert kept.keys() == added.keys()  # the one made after the transfer is of the same call
    for wav in wavs:
        assert kept[wav.name]["id"] == added[wav.name]["id"]
        assert kept[wav.name]["sha256"] == hashlib.sha256(wav.read_bytes()).hexdigest()
        assert kept[wav.name]["evidence"] in ("record", "id")


def test_a_recording_that_only_the_vault_knows_of_answers_has_recording(home: Home) -> None:
    bring_calls(home, "asterisk/inbound_busy", "busy")
    [call] = calls(home, "busy").values()
    [stray] = add(home, RECORDINGS / "freeswitch_outbound_answered", source="busy")
    asked = {"query": "has:recording", "timezone": "UTC"}
    assert (stray["call"], run(home, "calls.count", **asked)) == (None, [{"count": 0}])
    assert list(listed(home, unmatched=True)) == [stray["id"]]
    [joined] = run(home, "recordings.join", id=stray["id"], call=call.id[:18])
    assert joined["recording"]["evidence"] == "hand"
    assert run(home, "calls.count", **asked) == [{"count": 1}]
    assert listed(home, unmatched=True) == {}
    hand.joined(home, "busy")
    assert listed(home)[stray["id"]]["call"] == call.id


def test_what_is_no_audio_is_kept_and_listed_with_what_is_wrong(home: Home, tmp_path: Path) -> None:
    broken = tmp_path / "in-3125550101-5125550101-20261121-131103-1795284663.113.wav"
    broken.write_bytes(b"RIFF\xff\xff\xff\xffWAVEfmt " + b"\xff" * 4_000)
    [recording] = add(home, tmp_path, source="pbx")
    assert recording["problem"]
    assert recording["sha256"] == hashlib.sha256(broken.read_bytes()).hexdigest()
    assert list(listed(home, problems=True)) == [recording["id"]]
    opened = open_vault(home).open(MAIN_TENANT, recording["id"])
    assert b"".join(opened.read(0, opened.size)) == broken.read_bytes()


def test_verify_names_the_damaged_chunk(home: Home) -> None:
    name = "crossing_dst_fallback"
    [first, *_] = add(home, RECORDINGS / name, source=name)
    assert run(home, "recordings.verify")[-1]["damaged"] == 0
    stored = next((home.folder / "recordings").rglob(f"{first['id']}/{ORIGINAL}"))
    data = bytearray(stored.read_bytes())
    data[8 + (64 << 10) + 16 + 5] ^= 1  # in the second chunk
    stored.write_bytes(data)
    *found, total = run(home, "recordings.verify")
    assert [(one["damage"]["recording"], one["damage"]["chunks"]) for one in found] == [(first["id"], [1])]
    assert (total["damaged"], total["recordings"]) == (1, 3)


def row(home: Home, recording: str) -> list[KeptRecording]:
    return Catalogue(home.ledger).get(Scope(), [recording])  # type: ignore[list-item]


def test_a_whole_recording_without_a_row_is_finished_and_half_of_one_removed(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Cut(Exception):  # noqa: N818  # a crash, not an error
        pass

    def cut(*_: object) -> None:
        raise Cut

    keep = Vault.keep

    def cut_at_about(self: Vault, tenant: str, recording: str, form: str, parts: Any, expected: int) -> Any:
        if form == ABOUT:
            raise Cut
        return keep(self, tenant, recording, form, parts, expected)

    wavs = sorted((RECORDINGS / "same_caller_five_calls").glob("*.wav"))
    with monkeypatch.context() as patched:
        patched.setattr(Catalogue, "keep", cut)
        with pytest.raises(Cut):
            add(home, wavs[0], source="pbx")
    with monkeypatch.context() as patched:
        patched.setattr(Vault, "keep", cut_at_about)
        with pytest.raises(Cut):
            add(home, wavs[1], source="pbx")
    vault = open_vault(home)
    assert len(list(vault.recordings(MAIN_TENANT))) == 2
    assert sweep(home, vault) == Swept(finished=1, removed=1)
    assert sweep(home, vault) == Swept()
    [only] = listed(home).values()
    assert only["name"] == wavs[0].name
    assert {form["form"] for form in only["stored"]} == {ORIGINAL, PEAKS}
    assert run(home, "recordings.verify")[-1]["damaged"] == 0
    assert len(add(home, *wavs, source="pbx")) == 5
    assert len(listed(home)) == 5


def test_a_guess_gives_way_when_the_call_of_its_id_comes(home: Home) -> None:
    name = "same_caller_five_calls"
    bring_calls(home, SCENES[name], name)
    recordings = add(home, RECORDINGS / name, source=name)
    catalogue = Catalogue(home.ledger)
    [right] = row(home, recordings[0]["id"])
    wrong = next(call for call in calls(home, name).values() if call.id != right.call)
    changes = {"call": wrong.id, "joined": Joined.OVERLAP, "confidence": 0.8, "version": right.version + 1}
    catalogue.keep(MAIN_TENANT, [KeptRecording(**{**_fields(right), **changes})])
    hand.joined(home, name)
    assert row(home, right.id)[0].call == right.call


def _fields(recording: KeptRecording) -> dict[str, Any]:
    return {name: getattr(recording, name) for name in recording.__struct_fields__}


def test_a_full_disk_keeps_nothing_of_a_recording_and_it_is_taken_when_there_is_room(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if (
        shutil.which("mount") is None
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(disk)], capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("no file system can be mounted here")
    try:
        wavs = sorted((RECORDINGS / "same_caller_five_calls").glob("*.wav"))
        big = (
            RECORDINGS / "crossing_dst_fallback" / "in-3125550101-9175550111-20261101-015947-1793512787.0.wav"
        )
        folder = tmp_path / "home"
        folder.mkdir()
        (folder / "ringbook.toml").write_text("[recordings]\nkeep_free_mb = 0\n")
        (folder / "recordings").symlink_to(disk)
        with Home.open(folder) as home:
            add(home, *wavs[:3], source="pbx")
            filler = disk / "filler"
            with pytest.raises(OSError, match="No space left"), filler.open("wb", buffering=0) as sink:
                while True:
                    sink.write(b"\0" * 4096)
            with pytest.raises(VaultFullError):
                add(home, big, source="pbx")
            assert len(listed(home)) == 3
            filler.unlink()
            [taken] = add(home, wavs[3], source="pbx")
            assert taken["problem"] is None
            assert run(home, "recordings.verify")[-1] == {"recordings": 4, "bytes": ANY, "damaged": 0}
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_recordings_of_an_undone_import_wait_for_their_calls(home: Home) -> None:
    bring_calls(home, "asterisk/same_caller_five_calls", "pbx")
    kept = add(home, RECORDINGS / "same_caller_five_calls", source="pbx")
    assert all(one["call"] for one in kept)
    # One of them is where somebody put it, and nothing else says so.
    [first, second, *_] = kept
    run(home, "recordings.join", id=first["id"], call=second["call"])
    before = listed(home)
    files = [told["import"]["id"] for told in run(home, "imports.list")]
    list(undoing.undo(home, Scope(), files, a_warrant(Ground.UNDO)))
    assert calls(home, "pbx") == {}
    waiting = listed(home, unmatched=True)
    assert waiting.keys() == before.keys()
    assert {(one["call"], one["evidence"]) for one in waiting.values()} == {(None, None)}
    assert {one["why"] for one in waiting.values()} == {"the import that had brought its call was undone"}
    bring_calls(home, "asterisk/same_caller_five_calls", "pbx")
    after = listed(home)
    told = ("call", "evidence", "confidence")
    assert {name: [one[key] for key in told] for name, one in after.items()} == {
        name: [one[key] for key in told] for name, one in before.items()
    }
    assert after[first["id"]]["evidence"] == "hand"
