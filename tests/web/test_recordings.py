"""Recordings as they are heard: who may, which part, for how long, and what is on record of it."""

from __future__ import annotations

import asyncio
import io
import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.handlers.asgi import ASGIRequest
from django.test import Client

from ringbook.desk.governance.models import AuditEntry
from ringbook.desk.people.models import Person
from ringbook.ledger.recordings import Catalogue
from ringbook.model.call import AgentTalk, Call, Direction, Outcome
from ringbook.model.recording import KeptRecording
from ringbook.model.scope import Scope
from ringbook.recordings.seal import CHUNK
from ringbook.runtime.home import Home
from ringbook.runtime.recordings.opening import FOLDER, open_vault
from ringbook.web.pages.recordings import links, streaming, uploading
from ringbook.web.pages.recordings.heard import merged
from ringbook.web.pages.recordings.ranges import Part, UnsatisfiableRangeError, wanted

from ..house import People, made_up_calls, write_calls
from ..search.calls import at, identity, inside, outside
from ..warrants import a_warrant
from .browser.furnish_recordings import LENGTH_S, keep, recorded_call, tones

pytestmark = pytest.mark.django_db

AsPerson = Callable[[Person], Client]


class Heard(NamedTuple):
    """A recording of one of Bo's calls, one of somebody else's, one that waits, and what the first one's bytes are."""

    mine: KeptRecording
    foreign: KeptRecording
    waiting: KeptRecording
    content: bytes


@pytest.fixture(scope="module")
def kept(house: Home, tmp_path_factory: Any) -> Heard:
    room: Path = tmp_path_factory.mktemp("audio")
    mine = tones(room / "mine.wav")
    began = at("2026-11-18T15:00")
    of_cy = Call(
        id=identity(began, 0x4712),
        tenant="main",
        started_at=began,
        answered_at=began + 5_000_000,
        ended_at=began + 65_000_000,
        direction=Direction.INBOUND,
        outcome=Outcome.ANSWERED,
        caller=outside("+15125550188"),
        called=inside("102", "Cy Falk"),
        agents=(AgentTalk("102", "Cy Falk", 60.0),),
        sources=("office",),
    )
    write_calls(house, [of_cy])
    return Heard(
        keep(house, mine, recorded_call(house)),
        keep(house, tones(room / "foreign.wav", 3.0, 1, 500.0), of_cy.id),
        keep(house, tones(room / "waiting.wav", 3.0, 1, 700.0)),
        mine.read_bytes(),
    )


def address(client: Client, recording: KeptRecording) -> str:
    """Where a session can hear a recording now."""
    response = client.post(f"/recordings/{recording.id}/address")
    assert response.status_code == 200, response.status_code
    return str(response.json()["url"])


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else bytes(response.content)


# --- parts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("", None),
        ("bytes=0-", Part(0, 1000)),
        ("bytes=0-0", Part(0, 1)),
        ("bytes=10-19", Part(10, 20)),
        ("bytes=990-5000", Part(990, 1000)),
        ("bytes=-10", Part(990, 1000)),
        ("bytes=-5000", Part(0, 1000)),
        ("bytes=0-99999999999999999999999999999999", Part(0, 1000)),
        ("BYTES = 5-6", Part(5, 7)),
        ("bytes=9-5", None),
        ("bytes=-", None),
        ("bytes=--5", None),
        ("bytes=5", None),
        ("bytes=0-1,5-6", None),
        ("bytes=" + ",".join(f"{n}-{n}" for n in range(2000)), None),
        ("bytes=٠-٩", None),
        ("items=0-5", None),
        ("bytes=" + "9" * 5000 + "-", None),
        ("bytes=0x0-0x9", None),
        ("bytes=1_0-2_0", None),
    ],
)
def test_a_range_is_read_as_the_standard_says(header: str, part: Part | None) -> None:
    assert wanted(header, 1000) == part


@pytest.mark.parametrize(
    "header", ["bytes=1000-", "bytes=-0", "bytes=99999999999999999999-", "bytes=1000-1000"]
)
def test_a_range_behind_the_end_cannot_be_satisfied(header: str) -> None:
    with pytest.raises(UnsatisfiableRangeError):
        wanted(header, 1000)


def test_nothing_of_an_empty_file_can_be_asked_for() -> None:
    for header in ("bytes=0-", "bytes=-1"):
        with pytest.raises(UnsatisfiableRangeError):
            wanted(header, 0)


def test_any_part_is_given_as_it_was_kept(house: Home, people: People, as_: AsPerson, kept: Heard) -> None:
    client = as_(people.agent)
    place = address(client, kept.mine)
    size = len(kept.content)
    assert size > 2 * CHUNK, "the parts below cross chunks"
    whole = client.get(place)
    assert (whole.status_code, whole["Content-Type"], whole["Content-Length"]) == (
        200,
        "audio/wav",
        str(size),
    )
    assert whole["Cache-Control"] == "private, no-store"
    assert whole["Accept-Ranges"] == "bytes"
    assert body(whole) == kept.content
    for header, start, stop in (
        ("bytes=0-0", 0, 1),
        (f"bytes={CHUNK - 3}-{CHUNK + 2}", CHUNK - 3, CHUNK + 3),
        (f"bytes={CHUNK}-{3 * CHUNK}", CHUNK, min(size, 3 * CHUNK + 1)),
        ("bytes=-7", size - 7, size),
        ("bytes=44-", 44, size),
    ):
        part = client.get(place, headers={"Range": header})
        assert part.status_code == 206, header
        assert part["Content-Range"] == f"bytes {start}-{stop - 1}/{size}"
        assert part["Content-Length"] == str(stop - start)
        assert body(part) == kept.content[start:stop], header
    beyond = client.get(place, headers={"Range": f"bytes={size}-"})
    assert (beyond.status_code, beyond["Content-Range"]) == (416, f"bytes */{size}")
    head = client.head(place, headers={"Range": "bytes=0-9"})
    assert (head.status_code, head["Content-Length"], body(head)) == (206, "10", b"")
    assert client.post(place).status_code == 405


def test_a_part_of_other_bytes_is_not_given(house: Home, people: People, as_: AsPerson, kept: Heard) -> None:
    client = as_(people.owner)
    place = address(client, kept.mine)
    tag = client.get(place)["ETag"]
    same = client.get(place, headers={"Range": "bytes=0-9", "If-Range": tag})
    assert (same.status_code, len(body(same))) == (206, 10)
    for other in ('"something else"', f"W/{tag}", "Sat, 21 Nov 2026 10:00:00 GMT"):
        response = client.get(place, headers={"Range": "bytes=0-9", "If-Range": other})
        assert (response.status_code, body(response)) == (200, kept.content), other


def test_a_server_reads_without_keeping_others_waiting(house: Home, kept: Heard) -> None:
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "query_string": b"",
        "headers": [(b"range", b"bytes=5-")],
    }
    request = ASGIRequest(scope, io.BytesIO())
    response: Any = streaming.audio(
        request, open_vault(house).open("main", kept.mine.id), kept.mine.id, "audio/wav", "x"
    )
    assert response.is_async, "the parts are read in threads"

    async def given() -> bytes:
        return b"".join([part async for part in response])

    assert response.status_code == 206
    assert asyncio.run(given()) == kept.content[5:]


def test_a_damaged_chunk_is_silence_and_the_rest_is_heard(
    house: Home, people: People, as_: AsPerson, kept: Heard, tmp_path: Path
) -> None:
    file = tones(tmp_path / "damaged.wav", pitch=900.0)
    recording = keep(house, file, recorded_call(house))
    [sealed] = (house.folder / FOLDER).rglob(f"{recording.id}/original")
    stored = bytearray(sealed.read_bytes())
    stored[8 + CHUNK + 16 + 100] ^= 1  # in the second chunk
    sealed.write_bytes(bytes(stored))
    client = as_(people.owner)
    content = file.read_bytes()
    given = body(client.get(address(client, recording)))
    assert given[:CHUNK] == content[:CHUNK]
    assert given[CHUNK : 2 * CHUNK] == bytes(CHUNK)
    assert given[2 * CHUNK :] == content[2 * CHUNK :]
    refused = client.get(f"/recordings/{recording.id}/download/stored")
    assert refused.status_code == 409
    assert "damaged" in refused.content.decode()


# --- who may -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["owner", "administrator", "auditor", "supervisor", "agent", "other"])
def test_each_role_hears_the_calls_that_it_sees(
    house: Home, people: People, as_: AsPerson, kept: Heard, role: str
) -> None:
    client = as_(getattr(people, role))
    whole = role in ("owner", "administrator", "auditor")
    allowed = {
        kept.mine.id: whole or role in ("agent", "supervisor"),
        kept.foreign.id: whole or role == "other",
        kept.waiting.id: whole,
    }
    for recording in (kept.mine, kept.foreign, kept.waiting):
        base = f"/recordings/{recording.id}"
        wanted_status = 200 if allowed[recording.id] else 404
        statuses = {
            "address": client.post(f"{base}/address").status_code,
            "peaks": client.get(f"{base}/peaks").status_code,
        }
        assert set(statuses.values()) == {wanted_status}, (recording.name, statuses)
        assert client.get(f"{base}/audio").status_code == (403 if allowed[recording.id] else 404)
        heard = client.post(f"{base}/heard", {"spans": "[[0, 1]]"}).status_code
        assert heard == (204 if allowed[recording.id] else 404)
        may_download = role in ("owner", "administrator", "supervisor")
        status = client.get(f"{base}/download/stored").status_code
        assert status == (403 if not may_download else wanted_status), (role, recording.name)
    unknown = uuid.UUID(int=7)
    for answer in (client.post(f"/recordings/{unknown}/address"), client.get(f"/recordings/{unknown}/audio")):
        assert answer.status_code == 404


def test_an_address_is_of_one_session_and_one_recording(
    house: Home, people: People, as_: AsPerson, kept: Heard
) -> None:
    agent, other_session, owner = as_(people.agent), as_(people.agent), as_(people.owner)
    place = address(agent, kept.mine)
    assert agent.get(place).status_code == 200
    assert other_session.get(place).status_code == 403, "the same person, another session"
    assert owner.get(place).status_code == 403
    assert as_(people.other).get(place).status_code == 404
    assert Client().get(place).status_code == 302
    shown = place.partition("pass=")[2]
    owners = address(owner, kept.mine).partition("pass=")[2]
    for recording, given in (
        (kept.foreign, owners),
        (kept.mine, shown),
        (kept.mine, owners[:-1]),
        (kept.mine, ""),
        (kept.mine, "a" * 5000),
        (kept.mine, "%00%ff:é:٣"),
        (kept.mine, owners.replace(":", "", 1)),
    ):
        assert owner.get(f"/recordings/{recording.id}/audio?pass={given}").status_code == 403, given[:20]


def test_an_address_works_for_a_few_minutes(
    house: Home, people: People, as_: AsPerson, kept: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = as_(people.agent)
    place = address(client, kept.mine)
    assert timedelta(minutes=1) < links.LASTS <= timedelta(minutes=5)
    monkeypatch.setattr(links, "LASTS", timedelta(seconds=-1))
    assert client.get(place).status_code == 403


def test_who_was_switched_off_hears_nothing_more(
    house: Home, people: People, as_: AsPerson, kept: Heard
) -> None:
    client = as_(people.agent)
    place = address(client, kept.mine)
    people.agent.is_active = False
    people.agent.save()
    assert client.get(place).status_code == 302


# --- what is on record --------------------------------------------------------------------------------------------------


def test_what_was_heard_is_on_record_and_shown_on_the_call(
    house: Home, people: People, as_: AsPerson, kept: Heard
) -> None:
    client = as_(people.agent)
    address(client, kept.mine)
    address(client, kept.mine)
    base = f"/recordings/{kept.mine.id}"
    for spans in ([[0, 3.14159]], [[3, 5], [9.5, 11]]):
        assert client.post(f"{base}/heard", {"spans": json.dumps(spans)}).status_code == 204
    entries = AuditEntry.objects.filter(subject=f"recording:{kept.mine.id}").order_by("seq")
    told = [(one.action, one.actor_name, json.loads(one.detail).get("spans")) for one in entries]
    assert told == [
        ("recording:opened", "Bo Dahl", None),
        ("recording:heard", "Bo Dahl", [[0.0, 3.1]]),
        ("recording:heard", "Bo Dahl", [[3.0, 5.0], [9.5, 11.0]]),
    ]
    assert {json.loads(one.detail)["call"] for one in entries} == {kept.mine.call}
    page = as_(people.auditor).get(f"/calls/{kept.mine.call}/listeners").content.decode()
    assert "Bo Dahl" in page
    assert "0:00–0:05" in page
    assert "0:09–0:11" in page
    assert as_(people.agent).get(f"/calls/{kept.mine.call}/listeners").status_code == 403


@pytest.mark.parametrize(
    "spans",
    [
        *("", "x", "{}", "[1]", "[[1]]", "[[1,2,3]]", "[[2,1]]", "[[-1,2]]", "[[0,1e999]]", "[[0,99999]]"),
        *('[["a","b"]]', "[[NaN,1]]", "[[0,1]]" + " " * 20_000, json.dumps([[0, 1]] * 51), "null", "7"),
    ],
)
def test_what_cannot_have_been_heard_is_not_put_on_record(
    house: Home, people: People, as_: AsPerson, kept: Heard, spans: str
) -> None:
    client = as_(people.agent)
    response = client.post(f"/recordings/{kept.mine.id}/heard", {"spans": spans})
    assert response.status_code in (204, 400)
    assert not AuditEntry.objects.filter(action="recording:heard").exists()


def test_spans_that_touch_are_one() -> None:
    assert merged([(5, 9), (0, 3), (3.2, 4), (8, 12)]) == [(0, 4), (5, 12)]


# --- downloads ------------------------------------------------------------------------------------------------------------


def test_a_download_is_in_the_form_that_was_asked_for_and_on_record(
    house: Home, people: People, as_: AsPerson, kept: Heard
) -> None:
    client = as_(people.supervisor)
    base = f"/recordings/{kept.mine.id}/download"
    stored = client.get(f"{base}/stored")
    assert stored["Content-Disposition"] == 'attachment; filename="mine.wav"'
    assert body(stored) == kept.content
    made = client.get(f"{base}/mp3")
    assert (made["Content-Type"], made["Content-Disposition"]) == (
        "audio/mpeg",
        'attachment; filename="mine.mp3"',
    )
    content = body(made)
    assert content[:3] == b"ID3" or content[0] == 0xFF
    assert int(made["Content-Length"]) == len(content)
    assert body(client.get(f"{base}/wav"))[:4] == b"RIFF"
    assert client.get(f"{base}/exe").status_code == 404
    forms = [
        json.loads(one.detail)["form"]
        for one in AuditEntry.objects.filter(action="recording:downloaded").order_by("seq")
    ]
    assert forms == ["stored", "mp3", "wav"]
    assert list((house.folder / "recordings-at-work").iterdir()) == [], "nothing plain is left behind"


@pytest.mark.parametrize(
    "name", ['../../etc/passwd"\r\nX: y.wav', "..\\..\\x.wav", "é\x00?.wav", "…", "." * 300]
)
def test_a_name_cannot_leave_its_header(
    house: Home, people: People, as_: AsPerson, tmp_path: Path, name: str
) -> None:
    file = tones(tmp_path / "odd.wav", 0.5, 1, 300.0 + len(name))
    recording = keep(house, file, recorded_call(house), name=name)
    response = as_(people.owner).get(f"/recordings/{recording.id}/download/stored")
    told = response["Content-Disposition"].removeprefix('attachment; filename="').removesuffix('"')
    assert response.status_code == 200
    assert told.endswith(".wav")
    assert not set(told[:-4]) - set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-")
    body(response)


def test_what_is_no_audio_is_said_to_be_none_and_can_be_downloaded(
    house: Home, people: People, as_: AsPerson, tmp_path: Path
) -> None:
    (tmp_path / "evil.wav").write_bytes(b"<script>alert(1)</script>" * 100)
    recording = keep(house, tmp_path / "evil.wav", recorded_call(house))
    assert recording.problem
    client = as_(people.owner)
    page = client.get(f"/calls/{recording.call}/").content.decode()
    assert "This recording cannot be played" in page
    played = client.get(address(client, recording))
    assert played["Content-Type"] == "application/octet-stream"
    assert played["X-Content-Type-Options"] == "nosniff"
    assert client.get(f"/recordings/{recording.id}/download/mp3").status_code == 404
    assert (
        body(client.get(f"/recordings/{recording.id}/download/stored"))
        == (tmp_path / "evil.wav").read_bytes()
    )


# --- pages ------------------------------------------------------------------------------------------------------------------


def test_the_player_is_on_the_page_of_the_call(
    house: Home, people: People, as_: AsPerson, kept: Heard
) -> None:
    page = as_(people.agent).get(f"/calls/{kept.mine.call}/").content.decode()
    assert f'data-address="/recordings/{kept.mine.id}/address"' in page
    assert f'data-duration="{LENGTH_S}"' in page
    assert "/download/" not in page
    assert "/download/mp3" in as_(people.owner).get(f"/calls/{kept.mine.call}/").content.decode()
    assert "data-player" not in as_(people.owner).get(f"/calls/{made_up_calls()[0].id}/").content.decode()


def test_the_list_leads_to_the_player(house: Home, people: People, as_: AsPerson, kept: Heard) -> None:
    page = as_(people.agent).get("/calls/", {"q": "Vera"}).content.decode()
    assert f'<a href="/calls/{kept.mine.call}/#call-recordings" aria-label="Play the recording"' in page


def test_the_outline_has_every_moment_of_both_sides(
    house: Home, people: People, as_: AsPerson, kept: Heard
) -> None:
    outline = body(as_(people.agent).get(f"/recordings/{kept.mine.id}/peaks"))
    assert len(outline) == LENGTH_S * 20 * 2 * 2
    assert set(outline[4 * 20 * 4 + 8 : 8 * 20 * 4 - 8]) == {0}, "nobody says anything there"


def test_a_recording_without_a_call_is_listed_and_joined_by_hand(
    house: Home, people: People, as_: AsPerson, tmp_path: Path
) -> None:
    recording = keep(house, tones(tmp_path / "stray.wav", 1.0, 1, 1200.0))
    owner, auditor = as_(people.owner), as_(people.auditor)
    listed = auditor.get("/recordings/").content.decode()
    assert "stray.wav" in listed
    assert f"/recordings/{recording.id}/" in listed
    one = owner.get(f"/recordings/{recording.id}/", {"q": f"id:{recorded_call(house)[:13]}"}).content.decode()
    assert f'value="{recorded_call(house)}"' in one
    assert "search-problem" in owner.get(f"/recordings/{recording.id}/", {"q": "nosuch:x"}).content.decode()
    place = f"/recordings/{recording.id}/join"
    assert auditor.post(place, {"call": recorded_call(house)}).status_code == 403
    assert as_(people.agent).post(place, {"call": recorded_call(house)}).status_code == 403
    assert owner.post(place, {"call": str(uuid.UUID(int=5))}).status_code == 404
    response = owner.post(place, {"call": recorded_call(house)})
    assert response["Location"] == f"/calls/{recorded_call(house)}/#call-recordings"
    [joined] = Catalogue(house.ledger).get(Scope(), [recording.id])
    assert (joined.call, joined.joined, joined.confidence) == (recorded_call(house), "hand", 1.0)
    assert AuditEntry.objects.filter(action="recording:joined", actor_name="Olga Orr").count() == 1
    assert owner.get(f"/recordings/{recording.id}/")["Location"].startswith("/calls/")
    assert owner.post(place, {"call": recorded_call(house)}).status_code == 404, "it has one already"
    assert "stray.wav" not in auditor.get("/recordings/").content.decode()


def test_uploaded_recordings_are_taken_and_what_became_of_them_is_told(
    house: Home, people: People, as_: AsPerson, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploading, "_sources", lambda: ["office"])
    client = as_(people.owner)
    assert client.get("/recordings/upload").status_code == 200
    good = tones(tmp_path / "up.wav", 1.0, 1, 2100.0).read_bytes()
    files = [
        SimpleUploadedFile("../../in-7005550199-20260101-100000.wav", good),
        SimpleUploadedFile(".hidden.wav", b"no audio at all"),
    ]
    response = client.post("/recordings/upload", {"source": "office", "file": files})
    assert response.status_code == 302, response.content.decode()[-2000:]
    page = client.get(response["Location"]).content.decode()
    assert "in-7005550199-20260101-100000.wav" in page
    assert "Waits for its call" in page
    entries = AuditEntry.objects.filter(action="recording:uploaded")
    assert [json.loads(one.detail)["new"] for one in entries] == [True] * len(entries)
    again = SimpleUploadedFile("renamed.wav", good)
    client.post("/recordings/upload", {"source": "office", "file": [again]})
    last = AuditEntry.objects.filter(action="recording:uploaded").latest("seq")
    assert json.loads(last.detail) == {"new": False}
    assert list((house.folder / "recordings-at-work").iterdir()) == []


def test_what_cannot_be_uploaded_is_said(
    house: Home, people: People, as_: AsPerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploading, "_sources", lambda: ["office"])
    client = as_(people.administrator)
    file = SimpleUploadedFile("x.wav", b"x")
    for fields, told in (
        ({"source": "office"}, "Choose at least one file."),
        ({"source": "nosuch", "file": [file]}, "Choose the phone system"),
    ):
        response = client.post("/recordings/upload", fields)
        assert response.status_code == 422
        assert told in response.content.decode()
    assert client.get("/recordings/uploaded", {"id": ["x", str(uuid.UUID(int=3))]}).status_code == 200
    for person in (people.auditor, people.supervisor, people.agent):
        assert as_(person).post("/recordings/upload", {"source": "office"}).status_code == 403


@pytest.mark.parametrize("role", ["supervisor", "agent"])
def test_who_sees_some_calls_sees_no_recording_without_one(
    house: Home, people: People, as_: AsPerson, kept: Heard, role: str
) -> None:
    client = as_(getattr(people, role))
    assert client.get("/recordings/").status_code == 403
    assert client.get(f"/recordings/{kept.waiting.id}/").status_code == 403


def test_a_cursor_of_somebody_elses_making_is_no_page(house: Home, people: People, as_: AsPerson) -> None:
    client = as_(people.owner)
    for cursor in ("x", "1.x", "9" * 40 + ".x", "-", "٣.x", "1e5.x"):
        assert client.get("/recordings/", {"after": cursor}).status_code in (200, 404), cursor


def test_a_destroyed_recording_is_as_one_that_never_was(
    house: Home, people: People, as_: AsPerson, tmp_path: Path
) -> None:
    recording = keep(house, tones(tmp_path / "gone.wav", 1.0, 1, 1500.0), recorded_call(house))
    client = as_(people.owner)
    place = address(client, recording)
    open_vault(house).destroy(a_warrant(), "main", recording.id)
    assert client.get(place).status_code == 404
    assert client.get(f"/recordings/{recording.id}/download/wav").status_code == 404
