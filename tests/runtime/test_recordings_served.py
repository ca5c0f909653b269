"""A running ``serve`` follows a folder of recordings: complete ones only, each once, whatever kills it; it says what waits."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from ringbook.recordings.places import Place

from ..recordings.test_places import s3
from .conftest import Served, start, stop

__all__ = ["s3"]

SCENARIOS = Path(__file__).parent.parent / "scenarios"
CALLS = SCENARIOS / "asterisk" / "same_caller_five_calls"
SPLIT = SCENARIOS / "recordings" / "inbound_answered_split_recording"
WAVS = sorted((SCENARIOS / "recordings" / "same_caller_five_calls").glob("*.wav"))
SETTINGS = """
[files]
poll_s = 0.2
[sources.pbx]
timezone = "America/New_York"
region = "US"
kind = "file"
path = ["in/Master.csv", "in/cel.csv"]
[recordings]
keep_free_mb = 0
{more}
[[recordings.folders]]
source = "pbx"
path = "monitor"
settle_s = 0.5
"""


def furnish(home: Path, more: str = "") -> Path:
    """A home that follows a folder, which is given back."""
    for name in ("in", "monitor"):
        (home / name).mkdir(parents=True)
    (home / "ringbook.toml").write_text(SETTINGS.format(more=more))
    return home / "monitor"


def bring(wav: Path, to: Path) -> None:
    """A recording as its recorder leaves it: whole at once, and not touched for a minute."""
    hidden = to / f".{wav.name}"
    shutil.copy(wav, hidden)
    os.utime(hidden, (time.time() - 120, time.time() - 120))
    hidden.rename(to / wav.name)


def listed(served: Served) -> list[dict[str, Any]]:
    asked = {"unmatched": False, "problems": False, "source": "", "limit": 1_000, "cursor": ""}
    return [one["recording"] for one in served.run("recordings.list", **asked) if "recording" in one]


def settled(reached: Callable[[], bool], patience_s: float = 60.0) -> bool:
    """Whether something is so within a while."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if reached():
            return True
        time.sleep(0.2)
    return False


def healthz(served: Served) -> dict[str, Any]:
    return dict(httpx.get(f"{served.address}/healthz", timeout=20).json()["recordings"])


def test_a_folder_is_followed_and_calls_that_come_later_find_their_recordings(tmp_path: Path) -> None:
    folder = furnish(tmp_path)
    process, address = start(tmp_path)
    served = Served(tmp_path, address)
    try:
        whole = WAVS[0].read_bytes()
        growing = folder / WAVS[0].name
        with growing.open("wb") as sink:
            sink.write(whole[:9_000])
            sink.flush()
            for wav in (*WAVS[1:], *SPLIT.glob("*x.wav")):
                bring(wav, folder)
            assert settled(lambda: len(listed(served)) == 5), listed(served)
            names = {one["name"] for one in listed(served)}
            assert names == {*(wav.name for wav in WAVS[1:]), "1795282166.37.wav"}  # the pair is one
            sink.write(whole[9_000:])
        assert settled(lambda: len(listed(served)) == 6)
        assert {one["call"] for one in listed(served)} == {None}
        for name in ("Master.csv", "cel.csv"):
            shutil.copy(CALLS / name, tmp_path / "in" / name)
        assert settled(lambda: sum(bool(one["call"]) for one in listed(served)) == 5), listed(served)
        assert settled(lambda: healthz(served)["folders"][0]["waiting"] == 0)
        told = healthz(served)
        assert (told["problem"], told["folders"][0]["taken"]) == (None, 6)
        metrics = httpx.get(f"{address}/metrics", timeout=20).text
        assert 'ringbook_recordings_taken{path="' in metrics
        [cut] = [one for one in listed(served) if one["name"] == WAVS[0].name]
        assert cut["size"] == len(whole)  # it was left alone until it was complete
    finally:
        stop(process)


def test_a_quota_that_is_reached_makes_recordings_wait_and_says_so(tmp_path: Path) -> None:
    folder = furnish(tmp_path, "quota_gb = 0.0001")  # 107 kB: three of the five
    for wav in WAVS:
        bring(wav, folder)
    process, address = start(tmp_path)
    served = Served(tmp_path, address)
    try:
        assert settled(lambda: "quota_gb" in (healthz(served)["problem"] or ""))
        before = len(listed(served))
        [told] = healthz(served)["folders"]
        assert 0 < before < 5
        assert told["waiting"] == 5 - before
        assert 'ringbook_recordings_up{path="' in httpx.get(f"{address}/metrics", timeout=20).text
    finally:
        stop(process)
    (tmp_path / "ringbook.toml").write_text(SETTINGS.format(more=""))
    process, address = start(tmp_path)
    served = Served(tmp_path, address)
    try:
        assert settled(lambda: len(listed(served)) == 5)
        assert settled(lambda: healthz(served)["problem"] is None)
    finally:
        stop(process)


ROUNDS = int(os.environ.get("RINGBOOK_CRASH_ROUNDS", "2"))


@pytest.mark.slow
@pytest.mark.parametrize("place", ["folder", "s3"])
def test_killed_again_and_again_it_has_each_recording_once_and_whole(
    tmp_path: Path, place: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    where: tuple[str, dict[str, Any]] = ("", {})
    if place == "s3":
        address = request.getfixturevalue("s3")
        for name, value in {
            "ACCESS_KEY_ID": "any",
            "SECRET_ACCESS_KEY": "any",
            "REGION": "us-east-1",
        }.items():
            monkeypatch.setenv(f"AWS_{name}", value)
        where = "s3://recordings/killed", {"endpoint": address, "client_options": {"allow_http": True}}
    settings = f'place = "{where[0]}"\nendpoint = "{where[1]["endpoint"]}"' if place == "s3" else ""
    folder = furnish(tmp_path, settings)
    for name in ("Master.csv", "cel.csv"):
        shutil.copy(CALLS / name, tmp_path / "in" / name)
    wavs = [*WAVS, *(SCENARIOS / "recordings" / "blind_transfer_dtmf").glob("*.wav")]
    wavs += (SCENARIOS / "recordings" / "crossing_dst_fallback").glob("*.wav")
    for wav in wavs:
        bring(wav, folder)
    for number in range(ROUNDS):
        process, _ = start(tmp_path)
        time.sleep(0.3 + number * 0.7)
        process.send_signal(signal.SIGKILL)
        process.wait()
    process, address = start(tmp_path)
    served = Served(tmp_path, address)
    try:
        assert settled(lambda: len(listed(served)) == len(wavs), 120)
        assert {one["name"] for one in listed(served)} == {wav.name for wav in wavs}
        assert served.run("recordings.verify")[-1]["damaged"] == 0
        objects = list(Place(where[0], tmp_path / "recordings", 0, where[1]).names(""))
        originals = sorted(name.split("/")[-2] for name in objects if name.endswith("/original"))
        assert originals == sorted(one["id"] for one in listed(served))
        assert list((tmp_path / "recordings-at-work").iterdir()) == []
    finally:
        stop(process)
