"""A recording that a browser made is heard, downloaded and silenced as any other; what cannot be played is given as it came."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from django.test import Client

from ringbook.desk.people.models import Person
from ringbook.desk.workspace.runner import run_waiting
from ringbook.recordings.vault import ORIGINAL, PEAKS, PLAY
from ringbook.runtime.home import Home

from ..house import People
from .browser.furnish_recordings import keep, recorded_call

pytestmark = pytest.mark.django_db

AsPerson = Callable[[Person], Client]
FILES = Path(__file__).parent.parent / "recordings" / "webm"


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else bytes(response.content)


def samples(audio: bytes) -> tuple[Any, int]:
    found, rate = soundfile.read(io.BytesIO(audio), always_2d=True)
    return found, int(rate)


def test_what_a_browser_recorded_is_heard(house: Home, people: People, as_: AsPerson) -> None:
    file = FILES / "browser.webm"
    recording = keep(house, file, recorded_call(house))
    assert (recording.codec, recording.channels, recording.problem) == ("WEBM/OPUS", 2, "")
    assert {one.form for one in recording.stored} == {ORIGINAL, PLAY, PEAKS}
    client, base = as_(people.owner), f"/recordings/{recording.id}"
    place = client.post(f"{base}/address").json()["url"]

    whole = client.get(place)
    played = body(whole)
    assert whole.headers["Content-Type"] == "audio/ogg"
    part = client.get(place, headers={"range": "bytes=100-299"})
    assert (part.status_code, body(part)) == (206, played[100:300])
    assert len(played) < file.stat().st_size, "packed anew, not coded anew"
    sound, rate = samples(played)
    assert len(sound) / rate == pytest.approx(2.46, abs=0.01)
    assert np.abs(sound).max() > 0.3
    outline = body(client.get(f"{base}/peaks"))
    assert len(outline) == 50 * 2 * 2

    stored = client.get(f"{base}/download/stored")
    assert body(stored) == file.read_bytes()
    assert 'browser.webm"' in stored.headers["Content-Disposition"]
    wave, rate = samples(body(client.get(f"{base}/download/wav")))
    assert len(wave) / rate == pytest.approx(2.46, abs=0.01)


def test_a_part_of_what_a_browser_recorded_is_silenced(house: Home, people: People, as_: AsPerson) -> None:
    recording = keep(house, FILES / "video.webm", recorded_call(house))
    client, base = as_(people.owner), f"/recordings/{recording.id}"
    told = {"start": ["1"], "stop": ["2"], "reason": "Card data"}
    assert client.post(f"{base}/silence", told).status_code == 302
    run_waiting()
    for form in ("stored", "wav"):
        sound, rate = samples(body(client.get(f"{base}/download/{form}")))
        assert np.abs(sound[round(1.1 * rate) : round(1.9 * rate)]).max() < 0.01
        assert np.abs(sound[: rate // 2]).max() > 0.05


def test_what_cannot_be_played_says_so_and_is_given_as_it_came(
    house: Home, people: People, as_: AsPerson
) -> None:
    file = FILES / "aac.m4a"
    recording = keep(house, file, recorded_call(house))
    client, base = as_(people.owner), f"/recordings/{recording.id}"
    assert "MP4" in client.get(f"{base}/", follow=True).content.decode()
    stored = client.get(f"{base}/download/stored")
    assert body(stored) == file.read_bytes()
    assert 'aac.m4a"' in stored.headers["Content-Disposition"]
    assert client.get(f"{base}/download/wav").status_code == 404
