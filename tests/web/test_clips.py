"""Clips and notes at moments: made by who may hear the recording, heard by nobody else."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import soundfile
from django.test import Client

from ringbook.desk.annotations.models import Note
from ringbook.desk.governance.models import AuditEntry
from ringbook.desk.listening import clips
from ringbook.desk.listening.models import Clip, Moment
from ringbook.desk.people.models import Person
from ringbook.ledger.recordings import Catalogue
from ringbook.model.recording import KeptRecording
from ringbook.model.scope import Scope
from ringbook.model.warrant import Ground
from ringbook.runtime.home import Home

from ..house import People
from ..warrants import a_warrant
from .browser.furnish_recordings import LENGTH_S, keep, recorded_call, tones

pytestmark = pytest.mark.django_db

AsPerson = Callable[[Person], Client]


@pytest.fixture
def mine(house: Home, tmp_path: Path) -> KeptRecording:
    """A recording of one of Bo's calls."""
    return keep(house, tones(tmp_path / "clips.wav", pitch=777.0), recorded_call(house))


@pytest.fixture
def waiting(house: Home, tmp_path: Path) -> KeptRecording:
    """A recording of no call."""
    return keep(house, tones(tmp_path / "alone.wav", 3.0, 1, 888.0))


def make(client: Client, recording: KeptRecording, **fields: str) -> Any:
    told = {"start": "1", "stop": "3.5", "title": "A good opening", "shared": "yes"} | fields
    return client.post(f"/recordings/{recording.id}/clips", told, follow=True)


def test_a_clip_is_made_shared_and_heard_by_who_may_hear_the_recording(
    house: Home, people: People, as_: AsPerson, mine: KeptRecording
) -> None:
    made = make(as_(people.agent), mine, text="Listen to the first words")
    assert made.status_code == 200
    assert 'data-bounds="[1.0, 3.5]"' in made.content.decode()
    clip = Clip.objects.get()
    for role, status in (("supervisor", 200), ("owner", 200), ("auditor", 200), ("other", 404)):
        client = as_(getattr(people, role))
        assert client.get(f"/clips/{clip.pk}/").status_code == status, role
        assert ("A good opening" in client.get("/clips/").content.decode()) is (status == 200), role
    assert AuditEntry.objects.filter(action="clip:made", actor=f"person:{people.agent.pk}").count() == 1
    detail = AuditEntry.objects.get(action="clip:made").detail
    assert "opening" not in detail, "what people write is not in the log"


def test_one_that_is_not_shared_is_its_makers_alone(
    house: Home, people: People, as_: AsPerson, mine: KeptRecording
) -> None:
    make(as_(people.agent), mine, shared="")
    clip = Clip.objects.get()
    assert as_(people.agent).get(f"/clips/{clip.pk}/").status_code == 200
    for role in ("owner", "supervisor"):
        client = as_(getattr(people, role))
        assert client.get(f"/clips/{clip.pk}/").status_code == 404
        assert client.post(f"/clips/{clip.pk}/remove").status_code == 404
        assert "A good opening" not in client.get("/clips/").content.decode()


def test_it_is_changed_once_and_by_who_may(
    house: Home, people: People, as_: AsPerson, mine: KeptRecording
) -> None:
    make(as_(people.agent), mine)
    clip = Clip.objects.get()
    told = {"start": "2", "stop": "4", "title": "Better", "version": "1", "shared": "yes"}
    for role in ("supervisor", "auditor"):
        for verb in ("change", "remove"):
            refused = as_(getattr(people, role)).post(f"/clips/{clip.pk}/{verb}", told)
            assert refused.status_code == 403, (role, verb)
    assert as_(people.agent).post(f"/clips/{clip.pk}/change", told).status_code == 302
    stale = as_(people.administrator).post(f"/clips/{clip.pk}/change", told | {"title": "Mine <b>"})
    assert stale.status_code == 422
    assert "Mine &lt;b&gt;" in stale.content.decode(), "what was typed is not lost"
    clip.refresh_from_db()
    assert (clip.title, clip.start_s, clip.version) == ("Better", 2.0, 2)
    client = as_(people.agent)
    client.post(f"/clips/{clip.pk}/remove")
    assert client.get(f"/clips/{clip.pk}/").status_code == 404
    client.post(f"/clips/{clip.pk}/restore")
    assert client.get(f"/clips/{clip.pk}/").status_code == 200


def test_a_download_has_only_the_part(
    house: Home, people: People, as_: AsPerson, mine: KeptRecording
) -> None:
    make(as_(people.agent), mine)
    clip = Clip.objects.get()
    assert as_(people.agent).get(f"/clips/{clip.pk}/download/wav").status_code == 403
    client = as_(people.supervisor)
    response = client.get(f"/clips/{clip.pk}/download/wav")
    assert response.status_code == 200
    samples, rate = soundfile.read(io.BytesIO(b"".join(response.streaming_content)))
    assert len(samples) == round(2.5 * rate)
    assert client.get(f"/clips/{clip.pk}/download/stored").status_code == 404
    entry = AuditEntry.objects.filter(action="recording:downloaded").latest("seq")
    assert json.loads(entry.detail)["part"] == [1.0, 3.5]


@pytest.mark.parametrize(
    "fields",
    [
        {"start": "5", "stop": "4"},
        {"start": "nan"},
        {"stop": "inf"},
        {"start": "1e400", "stop": "1e401"},
        {"start": "-3"},
        {"start": "400", "stop": "500"},
        {"start": "1", "stop": "1.1"},
        {"start": "one"},
        {"title": "   "},
        {"title": "x" * 121},
        {"text": "x" * 2001},
    ],
)
def test_what_is_no_clip_is_not_made(
    house: Home, people: People, as_: AsPerson, mine: KeptRecording, fields: dict[str, str]
) -> None:
    assert make(as_(people.owner), mine, **fields).status_code == 200
    assert not Clip.objects.exists()


def test_nobody_makes_one_of_what_they_may_not_hear(
    house: Home, people: People, as_: AsPerson, mine: KeptRecording, waiting: KeptRecording
) -> None:
    for recording, role, status in (
        (mine, "other", 404),
        (mine, "auditor", 403),
        (waiting, "agent", 404),
        (waiting, "supervisor", 404),
    ):
        client = as_(getattr(people, role))
        assert make(client, recording).status_code == status, role
        noted = client.post(f"/recordings/{recording.id}/notes", {"at": "1", "text": "x"})
        assert noted.status_code == status, role
    assert not Clip.objects.exists()
    assert not Note.objects.exists()


def test_a_note_stands_at_its_moment(
    house: Home, people: People, as_: AsPerson, mine: KeptRecording, waiting: KeptRecording
) -> None:
    client = as_(people.agent)
    there = client.post(f"/recordings/{mine.id}/notes", {"at": "8.2", "text": "Promises to call <back>"})
    assert there.status_code == 302
    page = client.get(there["Location"]).content.decode()
    assert re.search(r'href="#t=8\.2(,\d+)?"', page)
    assert "Promises to call &lt;back&gt;" in page
    assert 'data-moments="[8.2]"' in page
    note = Note.objects.get()
    assert note.call_id == mine.call, "it is an ordinary note of the call"
    for at, text in (("99", "late"), ("nan", "x"), ("", "x"), ("1", "  ")):
        client.post(f"/recordings/{mine.id}/notes", {"at": at, "text": text})
    as_(people.owner).post(f"/recordings/{waiting.id}/notes", {"at": "1", "text": "no call"})
    assert Note.objects.count() == Moment.objects.count() == 1
    client.post(f"/calls/{mine.call}/notes/{note.pk}/remove", {"version": "1"})
    assert "Promises" not in client.get(f"/recordings/{mine.id}/player").content.decode()


def test_clips_go_with_their_recording(
    house: Home, people: People, as_: AsPerson, mine: KeptRecording
) -> None:
    make(as_(people.agent), mine)
    as_(people.agent).post(f"/recordings/{mine.id}/notes", {"at": "2", "text": "x"})
    assert clips.forget(a_warrant(ground=Ground.RETENTION), [mine.id]) == 2
    assert not Clip.objects.exists()
    assert not Moment.objects.exists()
    assert Catalogue(house.ledger).get(Scope(), [mine.id])[0].duration_s == LENGTH_S
