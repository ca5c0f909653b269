"""Silencing parts of recordings: from the moment somebody says so nobody hears them, in whatever form."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import soundfile
from django.test import Client

from ringbook.desk.governance.models import AuditEntry
from ringbook.desk.people.models import Person
from ringbook.desk.workspace.runner import run_waiting
from ringbook.ledger.recordings import Catalogue
from ringbook.model.errors import AskError
from ringbook.model.recording import KeptRecording
from ringbook.model.scope import Scope
from ringbook.recordings.audible import audio_form, outline_form, play_form
from ringbook.recordings.errors import UnknownRecordingError
from ringbook.recordings.vault import ABOUT, ORIGINAL, PEAKS
from ringbook.runtime.home import Home
from ringbook.runtime.recordings import silencing
from ringbook.runtime.recordings.hand import verify
from ringbook.runtime.recordings.opening import FOLDER, open_vault

from ..house import People
from .browser.furnish_recordings import LENGTH_S, RATE, keep, recorded_call, tones

pytestmark = pytest.mark.django_db

AsPerson = Callable[[Person], Client]
SPAN = (1.0, 3.0)


@pytest.fixture
def spoken(house: Home, tmp_path: Path, request: Any) -> KeptRecording:
    """A recording of Bo's call, of its own for each test; there is a tone in it between 0 and 4 s."""
    pitch = 200.0 + sum(request.node.name.encode()) % 900
    return keep(house, tones(tmp_path / "spoken.wav", pitch=pitch), recorded_call(house))


def row(house: Home, recording: KeptRecording) -> KeptRecording:
    return Catalogue(house.ledger).get(Scope(), [recording.id])[0]


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else bytes(response.content)


def loudness(audio: bytes, start: float, stop: float) -> float:
    samples, rate = soundfile.read(io.BytesIO(audio), always_2d=True)
    return float(np.abs(samples[round(start * rate) : round(stop * rate)]).max())


def address(client: Client, recording: KeptRecording) -> str:
    response = client.post(f"/recordings/{recording.id}/address")
    assert response.status_code == 200
    return str(response.json()["url"])


def send(client: Client, recording: KeptRecording, **fields: Any) -> Any:
    told = {"start": ["1"], "stop": ["3"], "reason": "Card data"} | fields
    return client.post(f"/recordings/{recording.id}/silence", told)


def test_a_part_is_heard_by_nobody_once_somebody_says_so(
    house: Home, people: People, as_: AsPerson, spoken: KeptRecording
) -> None:
    client, base = as_(people.owner), f"/recordings/{spoken.id}"
    place = address(client, spoken)
    before = body(client.get(place))
    assert loudness(before, *SPAN) > 0.3
    outline_before = body(client.get(f"{base}/peaks"))
    running = client.get(place)
    stream = iter(running.streaming_content)
    next(stream)

    assert send(client, spoken).status_code == 302

    assert list(stream) == [], "who was hearing it is cut off"
    for path in (place, f"{base}/peaks", f"{base}/download/stored", f"{base}/download/wav"):
        assert client.get(path).status_code in (423, 503), path
    waiting = client.get(f"{base}/player").content.decode()
    assert "being silenced" in waiting
    assert "data-player" not in waiting

    run_waiting()

    for path in (place, f"{base}/download/stored", f"{base}/download/wav", f"{base}/download/mp3"):
        given = body(client.get(path))
        assert loudness(given, SPAN[0] + 0.1, SPAN[1] - 0.1) < 0.01, path
        assert loudness(given, 0.2, 0.9) > 0.3, path
    outline = np.frombuffer(body(client.get(f"{base}/peaks")), np.int8)
    assert len(outline) == len(outline_before)
    assert not outline[4 * 20 * 1 + 4 : 4 * 20 * 3 - 4].any()
    told = row(house, spoken)
    assert told.silenced == (SPAN,)
    assert (told.sha256, told.silencing) == (spoken.sha256, False)
    hashes = {form.form: form.sha256 for form in told.stored}
    assert hashes[ORIGINAL] == spoken.sha256
    assert hashes["masked-1"] not in ("", spoken.sha256)
    assert not [one for one in verify(house) if one.get("damage", {}).get("recording") == spoken.id]
    page = client.get(f"{base}/player").content.decode()
    assert "Card data" in page
    assert "Olga Orr" in page
    [entry] = AuditEntry.objects.filter(action="recording:silenced", subject=f"recording:{spoken.id}")
    assert entry.actor == f"person:{people.owner.pk}"


def test_it_can_be_taken_back_while_the_original_is_there(
    house: Home, people: People, as_: AsPerson, spoken: KeptRecording
) -> None:
    client = as_(people.administrator)
    content = body(client.get(address(client, spoken)))
    send(client, spoken, start=["1", "8.5"], stop=["3", "9"])
    run_waiting()
    first, second = row(house, spoken).silences
    client.post(f"/recordings/{spoken.id}/unsilence", {"silence": [first.id]})
    run_waiting()
    partly = body(client.get(address(client, spoken)))
    assert loudness(partly, *SPAN) > 0.3
    assert loudness(partly, 8.6, 8.9) < 0.01
    assert open_vault(house).copies("main", spoken.id) == ["masked-2"], "the older copy is gone"
    client.post(f"/recordings/{spoken.id}/unsilence", {"silence": [second.id]})
    run_waiting()
    assert body(client.get(address(client, spoken))) == content
    told = row(house, spoken)
    assert (told.silences, told.silenced, told.silencing) == ((), (), False)
    assert open_vault(house).copies("main", spoken.id) == []
    again = client.post(f"/recordings/{spoken.id}/unsilence", {"silence": [second.id]}, follow=True)
    assert "took that back already" in again.content.decode()
    assert AuditEntry.objects.filter(action="recording:unsilenced").count() == 2


def test_the_original_is_destroyed_with_its_key_when_the_settings_say_so(
    house: Home, people: People, spoken: KeptRecording, monkeypatch: pytest.MonkeyPatch
) -> None:
    destroying(house, monkeypatch)
    vault = open_vault(house)
    key_before = vault._keys.key(spoken.id)
    told = silencing.silence(house, spoken.id, [SPAN], by="rule", reason="a mark of the phone system")
    assert told.lost[0].form == ORIGINAL
    assert told.lost[0].sha256 == told.sha256 == spoken.sha256
    assert [one.form for one in told.stored] == ["masked-1", "masked-1-peaks"]
    with pytest.raises(UnknownRecordingError):
        vault.open("main", spoken.id, ORIGINAL)
    assert vault._keys.key(spoken.id) != key_before, "a backup of the original is noise"
    assert sorted(path.name for path in (house.folder / FOLDER).rglob(f"{spoken.id}/*")) == [
        ABOUT,
        "masked-1",
        "masked-1-peaks",
    ]
    with pytest.raises(AskError, match="destroyed"):
        silencing.unsilence(house, spoken.id)
    [issued] = AuditEntry.objects.filter(action="warrant:issued")
    assert "masking" in issued.detail

    more = silencing.silence(house, spoken.id, [(8.5, 9.0)], by="rule", reason="another mark")
    assert [one.form for one in more.stored] == ["masked-2", "masked-2-peaks"]
    assert more.silenced == (SPAN, (8.5, 9.0))
    opened = vault.open("main", spoken.id, "masked-2")
    audio = b"".join(opened.read(0, opened.size))
    assert loudness(audio, 1.1, 2.9) == 0
    assert loudness(audio, 8.55, 8.95) == 0
    assert loudness(audio, 3.1, 3.9) > 0.1


def destroying(house: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    recordings = msgspec.structs.replace(house.settings.recordings, destroy_original_when_masked=True)
    monkeypatch.setattr(house, "settings", msgspec.structs.replace(house.settings, recordings=recordings))


def test_what_a_crash_interrupted_is_finished(
    house: Home, spoken: KeptRecording, monkeypatch: pytest.MonkeyPatch
) -> None:
    silencing.begin(house, spoken.id, [SPAN], by="rule", reason="a mark")
    assert [one.id for one in silencing.pending(house)] == [spoken.id]

    def dies(*_: Any) -> Any:
        raise KeyboardInterrupt

    for at in ("_copied", "_destroyed"):
        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(silencing, at, dies)
            silencing.finish(house, spoken.id)
        told = row(house, spoken)
        assert (play_form(told), audio_form(told), outline_form(told)) == (None, None, None)
    silencing.finish_pending(house)
    told = row(house, spoken)
    assert not told.silencing
    assert play_form(told) == audio_form(told) == "masked-2"
    assert open_vault(house).copies("main", spoken.id) == ["masked-2"]


def test_a_join_at_the_same_time_does_not_bring_the_words_back(house: Home, spoken: KeptRecording) -> None:
    catalogue = Catalogue(house.ledger)

    def meanwhile(seen: KeptRecording) -> KeptRecording:
        silencing.begin(house, spoken.id, [SPAN], by="rule", reason="a mark") if not seen.silences else None
        [now_there] = catalogue.get(Scope(), [spoken.id])
        return msgspec.structs.replace(now_there, why="weighed again")

    catalogue.change(Scope(), spoken.id, meanwhile)
    assert row(house, spoken).silenced == (SPAN,)
    assert row(house, spoken).why == "weighed again"
    silencing.finish(house, spoken.id)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"start": [], "stop": []}, "at least one part"),
        ({"start": ["3"], "stop": ["1"]}, "from one second to a later one"),
        ({"start": ["-1"], "stop": ["1"]}, "from one second to a later one"),
        ({"start": ["nan"], "stop": ["inf"]}, "from one second to a later one"),
        ({"start": ["1e999"], "stop": ["2e999"]}, "from one second to a later one"),
        ({"start": ["<b>"], "stop": ["1"]}, "from one second to a later one"),
        ({"start": ["100"], "stop": ["200"]}, "within the 12.0 seconds"),
        ({"start": ["1"] * 60, "stop": ["2"] * 60}, "at most 50"),
        ({"reason": "  "}, "Say why"),
    ],
)
def test_what_is_no_part_of_it_is_refused_with_what_is_wrong(
    house: Home, people: People, as_: AsPerson, spoken: KeptRecording, fields: dict[str, Any], words: str
) -> None:
    refused = send(as_(people.owner), spoken, **fields)
    assert refused.status_code == 422
    assert words in refused.content.decode()
    assert row(house, spoken).version == spoken.version


def test_only_who_may_silence_can(house: Home, people: People, as_: AsPerson, spoken: KeptRecording) -> None:
    for role in ("supervisor", "agent", "auditor", "other"):
        client = as_(getattr(people, role))
        assert client.get(f"/recordings/{spoken.id}/silence").status_code == 403, role
        assert send(client, spoken).status_code == 403, role
        taken_back = client.post(f"/recordings/{spoken.id}/unsilence", {"silence": ["x"]})
        assert taken_back.status_code == 403, role
    assert as_(people.other).get(f"/recordings/{spoken.id}/player").status_code == 404
    assert row(house, spoken).version == spoken.version
    assert "Silence parts" not in as_(people.agent).get(f"/recordings/{spoken.id}/player").content.decode()
    assert "Silence parts" in as_(people.owner).get(f"/recordings/{spoken.id}/player").content.decode()


def test_spans_are_kept_within_the_recording_and_put_together(house: Home, spoken: KeptRecording) -> None:
    told = silencing.begin(
        house, spoken.id, [(2.0, 3.0), (2.5, 4.0), (11.0, 500.0)], by="rule", reason="marks", origin="mark"
    )
    assert told.silenced == ((2.0, 4.0), (11.0, LENGTH_S))
    same = silencing.begin(house, spoken.id, [(2.1, 3.9)], by="rule", reason="again")
    assert same == told, "what is silent already is not silenced again"
    done = silencing.finish(house, spoken.id)
    opened = open_vault(house).open("main", spoken.id, audio_form(done) or "")
    samples, rate = soundfile.read(io.BytesIO(b"".join(opened.read(0, opened.size))))
    assert rate == RATE
    assert len(samples) == LENGTH_S * RATE
    assert not samples[2 * RATE : 4 * RATE].any()
    assert PEAKS in outline_form(done)  # type: ignore[operator]
