"""Uploads that may be interrupted (tus 1.0.0), and files fetched from an address: safely, once, whole."""

from __future__ import annotations

import base64
import hashlib
import http.server
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.test import Client

from ringbook.desk.governance.audit import Actor
from ringbook.desk.people.roles import Role
from ringbook.desk.tokens import keys
from ringbook.desk.workspace.models import Job
from ringbook.desk.workspace.runner import run_waiting
from ringbook.ledger.recordings import Catalogue
from ringbook.model.recording import KeptRecording
from ringbook.model.scope import Scope
from ringbook.recordings.errors import VaultFullError
from ringbook.recordings.uploads import FOLDER, Uploads
from ringbook.runtime.home import Home
from ringbook.runtime.recordings import arriving
from ringbook.runtime.recordings.fetching import AddressError, Fetch, check, fetch, is_public
from ringbook.runtime.recordings.hand import add
from ringbook.runtime.recordings.taking import Taker
from ringbook.web.api import recordings as recordings_api

from ..house import People
from .browser.furnish_recordings import recorded_call, tones

pytestmark = pytest.mark.django_db

UPLOADS = "/api/v1/recordings/uploads"
TUS = {"Tus-Resumable": "1.0.0"}
BYTES = "application/offset+octet-stream"


def program(role: Role = Role.INTEGRATION) -> Client:
    """A program with a token of a role."""
    token = keys.make(Actor("x"), name=uuid.uuid4().hex[:8], role=role).text
    return Client(headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> str:
    """A phone system that is known."""
    monkeypatch.setattr(recordings_api, "_sources", lambda: ["office"])
    return "office"


@pytest.fixture
def content(tmp_path: Path, request: Any) -> bytes:
    """A recording that no other test has."""
    pitch = 100.0 + sum(request.node.name.encode()) % 1500
    return tones(tmp_path / "new.wav", 3.0, 1, pitch).read_bytes()


def meta(**texts: str) -> str:
    return ",".join(f"{name} {base64.b64encode(text.encode()).decode()}" for name, text in texts.items())


def begin(client: Client, content: bytes, source: str, **texts: str) -> str:
    told = {"filename": "day/../one.wav", "source": source} | texts
    headers = {**TUS, "Upload-Length": str(len(content)), "Upload-Metadata": meta(**told)}
    response = client.post(UPLOADS, headers=headers)
    assert response.status_code == 201, response.content
    assert response["Tus-Resumable"] == "1.0.0"
    return str(response["Location"])


def more(client: Client, place: str, offset: int, data: bytes, **headers: str) -> Any:
    sent = {**TUS, "Upload-Offset": str(offset), **headers}
    return client.patch(place, data=data, content_type=BYTES, headers=sent)


def state(client: Client, place: str) -> dict[str, Any]:
    return dict(client.get(place).json())


def row(house: Home, recording: str) -> KeptRecording:
    return Catalogue(house.ledger).get(Scope(), [recording])[0]  # type: ignore[list-item]


def test_a_recording_arrives_piece_by_piece(house: Home, people: People, source: str, content: bytes) -> None:
    client = program()
    call = recorded_call(house)
    can = client.options(UPLOADS)
    assert (can.status_code, can["Tus-Version"], can["Tus-Extension"]) == (
        204,
        "1.0.0",
        "creation,checksum,termination",
    )
    assert int(can["Tus-Max-Size"]) == 2 << 30
    place = begin(client, content, source, call=call)
    assert more(client, place, 0, content[:1000])["Upload-Offset"] == "1000"
    head = client.head(place, headers=TUS)
    assert (head["Upload-Offset"], head["Upload-Length"]) == ("1000", str(len(content)))
    for wrong in (0, 999, 1001):
        assert more(client, place, wrong, b"x").status_code == 409
    good = base64.b64encode(hashlib.sha1(content[1000:3000], usedforsecurity=False).digest()).decode()
    assert more(client, place, 1000, b"y" * 2000, **{"Upload-Checksum": f"sha1 {good}"}).status_code == 460
    assert state(client, place)["offset"] == 1000, "what is wrong is not kept"
    right = more(client, place, 1000, content[1000:3000], **{"Upload-Checksum": f"sha1 {good}"})
    assert right.status_code == 204
    assert more(client, place, 3000, content[3000:] + b"x").status_code == 413
    assert more(client, place, 3000, content[3000:]).status_code == 204
    assert state(client, place)["state"] == "waiting"
    list(arriving.take_complete(house))
    told = state(client, place)
    assert (told["state"], told["new"], told["offset"]) == ("taken", True, len(content))
    recording = row(house, told["recording"])
    assert recording.sha256 == hashlib.sha256(content).hexdigest()
    assert (recording.name, recording.call) == ("one.wav", call)
    assert more(client, place, len(content), b"x").status_code in (409, 413)
    assert not Uploads(house.folder / FOLDER).data(Uploads(house.folder / FOLDER).get(told["id"])).exists()


def test_an_upload_without_room_waits_and_says_why(
    house: Home, people: People, source: str, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = program()
    place = begin(client, content, source)
    more(client, place, 0, content)

    def full(*_: Any, **__: Any) -> Any:
        raise VaultFullError("recordings take 5 GiB, and recordings.quota_gb allows 5")

    with monkeypatch.context() as patched:
        patched.setattr(Taker, "take", full)
        list(arriving.take_complete(house))
    told = state(client, place)
    assert told["state"] == "waiting"
    assert "quota_gb" in told["problem"]
    list(arriving.take_complete(house))
    assert state(client, place)["state"] == "taken"
    again = begin(client, content, source)
    more(client, again, 0, content)
    list(arriving.take_complete(house))
    assert state(client, again)["new"] is False
    assert state(client, again)["recording"] == state(client, place)["recording"]


def test_who_may_not_does_not(house: Home, people: People, source: str, content: bytes) -> None:
    mine = program()
    place = begin(mine, content, source)
    for role, status in ((Role.INTEGRATION, 404), (Role.OWNER, 404), (Role.AUDITOR, 403), (Role.AGENT, 403)):
        other = program(role)
        answers = [
            other.head(place, headers=TUS),
            more(other, place, 0, b"x"),
            other.delete(place, headers=TUS),
            other.get(place),
        ]
        assert {one.status_code for one in answers} == {status}, role
    nobody = Client()
    assert nobody.post(UPLOADS, headers=TUS).status_code == 401
    assert nobody.head(place, headers=TUS).status_code == 401
    assert mine.delete(place, headers=TUS).status_code == 204
    assert mine.head(place, headers=TUS).status_code == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Tus-Resumable": "0.2.2"}, 412),
        ({"Upload-Length": ""}, 422),
        ({"Upload-Length": "-1"}, 422),
        ({"Upload-Length": "0"}, 422),
        ({"Upload-Length": "٣"}, 422),
        ({"Upload-Length": "9" * 18}, 413),
        ({"Upload-Length": "9" * 400}, 422),
        ({"Upload-Metadata": "source !!!"}, 422),
        ({"Upload-Metadata": meta(source="no such system")}, 422),
        ({"Upload-Metadata": "source /w=="}, 422),
        ({"Upload-Metadata": ""}, 422),
    ],
)
def test_what_is_no_upload_is_refused(
    house: Home, people: People, source: str, headers: dict[str, str], status: int
) -> None:
    sent = {**TUS, "Upload-Length": "10", "Upload-Metadata": meta(source=source), **headers}
    before = len(list(Uploads(house.folder / FOLDER).all()))
    assert program().post(UPLOADS, headers=sent).status_code == status
    assert len(list(Uploads(house.folder / FOLDER).all())) == before


def test_pieces_that_are_none_are_refused(house: Home, people: People, source: str, content: bytes) -> None:
    client = program()
    place = begin(client, content, source, filename="../../etc/\x00passwd")
    assert ".." not in Uploads(house.folder / FOLDER).get(place.rpartition("/")[2]).name
    for data, kind, headers, status in (
        (b"x", "text/plain", {"Upload-Offset": "0"}, 415),
        (b"x", BYTES, {}, 422),
        (b"x", BYTES, {"Upload-Offset": "-1"}, 422),
        (b"x", BYTES, {"Upload-Offset": "0", "Upload-Checksum": "md4 eA=="}, 422),
        (b"x", BYTES, {"Upload-Offset": "0", "Upload-Checksum": "sha1 ?"}, 422),
        (b"x" * (len(content) + 1), BYTES, {"Upload-Offset": "0"}, 413),
    ):
        answer = client.patch(place, data=data, content_type=kind, headers={**TUS, **headers})
        assert answer.status_code == status, headers
    assert state(client, place)["offset"] == 0
    assert client.put(place, headers=TUS).status_code == 405
    assert (
        client.patch(place, data=b"x", content_type=BYTES, headers={"Upload-Offset": "0"}).status_code == 412
    )


def test_an_upload_goes_on_after_kill_9(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path)
    content = os.urandom(3 << 20)
    about = uploads.begin(len(content), "x.wav", "office", "token:x")
    script = (
        "import sys, pathlib, itertools\n"
        "from ringbook.recordings.uploads import Uploads\n"
        "uploads = Uploads(pathlib.Path(sys.argv[1])); about = uploads.get(sys.argv[2])\n"
        "def pieces():\n"
        "    while piece := sys.stdin.buffer.read(1 << 16):\n"
        "        yield piece\n"
        "uploads.append(about, 0, pieces())\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path), about.id], stdin=subprocess.PIPE, bufsize=0
    )
    assert child.stdin
    child.stdin.write(content[: 2 << 20])
    ends = time.monotonic() + 60
    while uploads.offset(about) < 1 << 20:
        assert time.monotonic() < ends
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    child.wait()
    there = uploads.offset(about)
    assert 1 << 20 <= there <= 2 << 20
    assert uploads.data(about).read_bytes() == content[:there]
    assert uploads.append(about, there, [content[there:]]) == len(content)
    assert uploads.data(about).read_bytes() == content
    assert [one.id for one in uploads.complete()] == [about.id]


# --- files from an address ------------------------------------------------------------------------------------------


class _Files(http.server.BaseHTTPRequestHandler):
    """Serves one file, and addresses that lead elsewhere."""

    content = b""
    asked: list[str] = []

    def do_GET(self) -> None:  # the name that the server calls
        self.asked.append(self.path)
        if self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", base64.urlsafe_b64decode(self.path[4:]).decode())
            self.end_headers()
            return
        self.send_response(200)
        if self.path != "/endless":
            self.send_header("Content-Length", str(len(self.content)))
        self.end_headers()
        self.wfile.write(self.content * (40 if self.path == "/endless" else 1))

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def files(content: bytes) -> Iterator[str]:
    """A server with the recording, in our own network."""
    _Files.content, _Files.asked = content, []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Files)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def allow(house: Home, monkeypatch: pytest.MonkeyPatch, *hosts: str) -> None:
    recordings = msgspec.structs.replace(house.settings.recordings, fetch_hosts=hosts)
    monkeypatch.setattr(house, "settings", msgspec.structs.replace(house.settings, recordings=recordings))


def ask(client: Client, **fields: Any) -> Any:
    return client.post("/api/v1/recordings/fetch", fields, content_type="application/json")


def test_a_recording_is_fetched_once_and_checked(
    house: Home,
    people: People,
    source: str,
    content: bytes,
    files: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    allow(house, monkeypatch, files)
    client = program()
    call = recorded_call(house)
    sha256 = hashlib.sha256(content).hexdigest()
    asked = ask(
        client,
        url=f"http://{files}/a/call-17.wav",
        source=source,
        call=call,
        sha256=sha256.upper(),
        length=len(content),
    )
    assert asked.status_code == 202, asked.content
    run_waiting()
    done = client.get(asked["Location"]).json()
    assert (done["state"], done["detail"]) == ("done", None)
    recording = row(house, done["recording"])
    assert (recording.sha256, recording.name, recording.call) == (sha256, "call-17.wav", call)
    assert _Files.asked == ["/a/call-17.wav"]
    for wrong, words in (
        ({"sha256": "0" * 64}, "another SHA-256"),
        ({"length": len(content) + 1}, f"not {len(content) + 1:,}"),
        ({"length": 10}, "not 10"),
    ):
        job = ask(client, url=f"http://{files}/b.wav", source=source, **wrong)
        run_waiting()
        told = client.get(job["Location"]).json()
        assert told["state"] == "failed"
        assert words in told["detail"]
    other = program()
    assert other.get(asked["Location"]).status_code == 404
    listed = program(Role.OWNER).get(f"/api/v1/calls/{call}/recordings").json()["items"]
    assert recording.id in [one["id"] for one in listed]


def test_a_redirect_leads_nowhere_else(
    house: Home, files: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def through(target: str) -> str:
        return f"http://{files}/to/{base64.urlsafe_b64encode(target.encode()).decode()}"

    allowed = frozenset({files})
    good = Fetch(url=through(f"http://{files}/x.wav"), most=1 << 30, allowed=allowed)
    assert fetch(good, tmp_path / "x").name == "x.wav"
    port = files.rpartition(":")[2]
    for target in (
        f"http://localhost:{port}/x",
        f"https://127.0.0.2:{port}/x",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/x",
        "https://[::ffff:10.0.0.1]/x",
        "file:///etc/passwd",
        "ftp://192.0.2.1/x",
        f"http://user:secret@{files}/x",
        "https://0/x",
        "https://2130706433/x",
    ):
        with pytest.raises(AddressError):
            fetch(Fetch(url=through(target), most=1 << 30, allowed=allowed), tmp_path / "y")
    loop = through("/to/" + base64.urlsafe_b64encode(b"/x").decode())
    for _ in range(7):
        loop = through(loop)
    with pytest.raises(AddressError, match="more than 5 times"):
        fetch(Fetch(url=loop, most=1 << 30, allowed=allowed), tmp_path / "z")
    with pytest.raises(Exception, match="larger than"):
        fetch(Fetch(url=f"http://{files}/endless", most=1 << 17, allowed=allowed), tmp_path / "e")
    assert (tmp_path / "e").stat().st_size <= 1 << 17


def test_a_name_is_resolved_once_and_that_address_is_used(
    files: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = files.rpartition(":")[2]
    answers = iter(["127.0.0.1", "10.0.0.1"])
    real = socket.getaddrinfo
    asked: list[str] = []

    def rebinding(host: Any, *rest: Any, **more_: Any) -> Any:
        if host == "pbx.test":
            asked.append(host)
            return real(next(answers), *rest, **more_)
        return real(host, *rest, **more_)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    got = fetch(
        Fetch(url=f"http://pbx.test:{port}/x.wav", most=1 << 30, allowed=frozenset({"pbx.test"})),
        tmp_path / "x",
    )
    assert got.name == "x.wav"
    assert asked == ["pbx.test"]


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/a.wav",
        "https://user:secret@example.com/a.wav",
        "https:///a.wav",
        "javascript:alert(1)",
        "//example.com/a.wav",
        "https://exa mple.com/",
        "https://example.com:99999/",
        "https://[::1",
        "",
    ],
)
def test_an_address_that_is_none_is_refused_at_once(
    house: Home, people: People, source: str, url: str
) -> None:
    before = Job.objects.count()
    assert ask(program(), url=url, source=source).status_code in (400, 422)
    assert Job.objects.count() == before
    with pytest.raises(AddressError):
        check(url)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("192.0.2.1", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:93.184.215.14", True),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("2001::1", False),
        ("no address", False),
    ],
)
def test_only_addresses_of_the_public_net_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public


# --- what the API tells of recordings ---------------------------------------------------------------------------------


def test_a_program_hears_what_its_token_may(
    house: Home, people: People, content: bytes, tmp_path: Path, as_: Callable[..., Client]
) -> None:
    file = tmp_path / "told.wav"
    file.write_bytes(content)
    [told] = add(house, [str(file)], "office")
    recording = told["recording"]["id"]
    client = program(Role.OWNER)
    shape = client.get(f"/api/v1/recordings/{recording}").json()
    assert (shape["state"], shape["sha256"], shape["silenced"]) == (
        "playable",
        hashlib.sha256(content).hexdigest(),
        [],
    )
    part = client.get(shape["audio"], headers={"Range": "bytes=10-19"})
    assert (part.status_code, b"".join(part.streaming_content)) == (206, content[10:20])
    assert client.get(shape["audio"], headers={"Range": f"bytes={len(content)}-"}).status_code == 416
    for path in (f"/api/v1/recordings/{recording}", shape["audio"]):
        assert program().get(path).status_code == 403, "an integration brings recordings, and does not listen"
        assert as_(people.agent).get(path).status_code == 404, "a recording without a call"
        assert Client().get(path).status_code == 401
    for strange in ("x", str(uuid.UUID(int=7)), "../../etc/passwd", recording.upper() + "0"):
        assert client.get(f"/api/v1/recordings/{strange}").status_code == 404
