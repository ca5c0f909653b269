"""A running serve in dialogue with Asterisk and FreeSWITCH: what they say may not be heard is silent in the recordings.

No phone system runs here: a stand-in for each speaks its protocol. All numbers are fictitious (555-01xx).
"""

from __future__ import annotations

import hashlib
import math
import socket
import struct
import threading
import time
import wave
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from .conftest import Served, start, stop
from .crash import check, json_cdr
from .crash import settled as settled_in

pytestmark = pytest.mark.slow

SECRET = "never-in-a-log-5551"
LENGTH_S = 40

SETTINGS = """
[files]
poll_s = 0.1

[sources.asterisk]
timezone = "UTC"

[[sources.asterisk.inputs]]
kind = "file"
format = "asterisk_cel"
path = ["in/cel.csv"]

[[sources.asterisk.inputs]]
kind = "ami"
host = "127.0.0.1"
port = {ami}
login = "ringbook"
password_file = "secret"

[[sources.freeswitch.inputs]]
kind = "http-post"
format = "freeswitch_json_cdr"
token = "let-me-in"

[[sources.freeswitch.inputs]]
kind = "esl"
host = "127.0.0.1"
port = {esl}
password_file = "secret"

[[recordings.folders]]
source = "asterisk"
path = "asterisk"
settle_s = 0.2

[[recordings.folders]]
source = "freeswitch"
path = "freeswitch"
settle_s = 0.2
"""


def settled(reached: Callable[[], bool], what: str) -> None:
    settled_in(reached, what, 60.0)


class StandIn:
    """A phone system that is logged in to; what it tells goes to whoever is."""

    def __init__(self, greeting: bytes, mark: bytes, answer: Callable[[str], tuple[bytes, bool]]) -> None:
        self._greeting, self._mark, self._answer = greeting, mark, answer
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.logged_in: list[socket.socket] = []
        self.times = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def tell(self, data: bytes) -> None:
        """Send something to whoever is logged in."""
        settled(lambda: bool(self.logged_in), "a log-in")
        self.logged_in[-1].sendall(data)

    def hang_up(self) -> None:
        """Close the connection."""
        self.logged_in.pop().shutdown(socket.SHUT_RDWR)

    def _serve(self) -> None:
        while True:
            line, _ = self._listening.accept()
            threading.Thread(target=self._talk, args=(line,), daemon=True).start()

    def _talk(self, line: socket.socket) -> None:
        line.sendall(self._greeting)
        heard = b""
        while data := line.recv(65_536):
            heard += data
            while self._mark in heard:
                asked, _, heard = heard.partition(self._mark)
                answer, ready = self._answer(asked.decode())
                line.sendall(answer)
                if ready:
                    self.logged_in.append(line)
                    self.times += 1


def asterisk_answers(asked: str) -> tuple[bytes, bool]:
    told = dict(text.split(": ", 1) for text in asked.splitlines())
    name = told.get("ActionID", "")
    if told["Action"] == "Challenge":
        return f"Response: Success\r\nActionID: {name}\r\nChallenge: 31\r\n\r\n".encode(), False
    if told["Action"] != "Login":
        return b"Response: Success\r\nPing: Pong\r\n\r\n", False
    well = told["Key"] == hashlib.md5(f"31{SECRET}".encode(), usedforsecurity=False).hexdigest()
    return f"Response: {'Success' if well else 'Error'}\r\nActionID: {name}\r\n\r\n".encode(), well


def freeswitch_answers(asked: str) -> tuple[bytes, bool]:
    well = not asked.startswith("auth ") or asked == f"auth {SECRET}"
    text = b"+OK" if well else b"-ERR invalid"
    return b"Content-Type: command/reply\nReply-Text: %s\n\n" % text, asked.startswith("event ")


@pytest.fixture(scope="module")
def asterisk() -> StandIn:
    return StandIn(b"Asterisk Call Manager/9.0.0\r\n", b"\r\n\r\n", asterisk_answers)


@pytest.fixture(scope="module")
def freeswitch() -> StandIn:
    return StandIn(b"Content-Type: auth/request\n\n", b"\n\n", freeswitch_answers)


@pytest.fixture(scope="module")
def live(tmp_path_factory: Any, asterisk: StandIn, freeswitch: StandIn) -> Iterator[Served]:
    """A running serve that is logged in to both."""
    home = tmp_path_factory.mktemp("dialogue")
    for folder in ("in", "asterisk", "freeswitch"):
        (home / folder).mkdir()
    (home / "secret").write_text(SECRET + "\n")
    (home / "ringbook.toml").write_text(SETTINGS.format(ami=asterisk.port, esl=freeswitch.port))
    process, address = start(home)
    yield Served(home, address)
    stop(process)
    assert process.returncode == 0
    check(home)
    assert SECRET not in (home / "serve.log").read_text()


def tone(file: Path) -> None:
    """A recording of that length."""
    with wave.open(str(file), "wb") as sink:
        sink.setnchannels(1)
        sink.setsampwidth(2)
        sink.setframerate(8_000)
        frames = (int(9_000 * math.sin(n * 0.3)) for n in range(8_000 * LENGTH_S))
        sink.writeframes(struct.pack(f"<{8_000 * LENGTH_S}h", *frames))


def silent(live: Served, source: str) -> list[list[float]] | None:
    """The spans that are silent in the one recording of a source."""
    asked = {"unmatched": False, "problems": False, "source": source, "limit": 10, "cursor": ""}
    found = [row["recording"] for row in live.run("recordings.list", **asked) if "recording" in row]
    return found[0]["silenced"] if found else None


def cel(at: float, name: str, channel: str, unique: str, linked: str, app: str = "") -> str:
    cells = [
        name,
        f"{at:.6f}",
        "",
        "5125550158",
        "5125550158",
        "",
        "101",
        "101",
        "inbound",
        channel,
        app,
        "",
        "3",
        "",
    ]
    return ",".join(f'"{cell}"' for cell in [*cells, unique, linked, "", "", "", ""])


def test_asterisk_says_what_may_not_be_heard_while_the_call_goes_on(live: Served, asterisk: StandIn) -> None:
    began = int(time.time()) - 3_000
    caller, ours = f"{began}.1", f"{began}.2"

    def muted(at_s: float, on: bool) -> bytes:
        return (
            f"Event: MixMonitorMute\r\nPrivilege: call,all\r\nTimestamp: {began + at_s:.6f}\r\nUniqueid: {ours}\r\n"
            f"Linkedid: {caller}\r\nDirection: both\r\nState: {on:d}\r\n\r\n"
        ).encode()

    asterisk.tell(
        muted(12, on=True) + b"Event: Newstate\r\nTimestamp: 1.0\r\n\r\n" + muted(20, on=False)[:50]
    )
    time.sleep(0.3)
    asterisk.hang_up()  # in the middle of an event: the connection that follows brings it whole
    settled(lambda: asterisk.times == 2, "a second log-in")
    asterisk.tell(muted(20, on=False) + b"Event: Broken\r\nno colon\r\n\r\n")
    settled(lambda: len(rejects(live, "asterisk")) == 2, "what was damaged")
    assert {row["reason"] for row in rejects(live, "asterisk")} == {"truncated", "bad-syntax"}

    at = datetime.fromtimestamp(began + 2, UTC)
    tone(live.home / "asterisk" / f"in-101-5125550158-{at:%Y%m%d-%H%M%S}-{caller}.wav")
    lines = [
        cel(began, "CHAN_START", "PJSIP/trunk-1", caller, caller),
        cel(began + 1, "CHAN_START", "PJSIP/101-1", ours, caller),
        cel(began + 2, "ANSWER", "PJSIP/101-1", ours, caller),
        cel(began + 2, "ANSWER", "PJSIP/trunk-1", caller, caller, "Dial"),
        cel(began + 42, "HANGUP", "PJSIP/trunk-1", caller, caller),
        cel(began + 42, "CHAN_END", "PJSIP/trunk-1", caller, caller),
        cel(began + 42, "CHAN_END", "PJSIP/101-1", ours, caller),
        cel(began + 42, "LINKEDID_END", "PJSIP/trunk-1", caller, caller),
    ]
    (live.home / "in" / "cel.csv").write_text("\n".join(lines) + "\n")
    settled(lambda: silent(live, "asterisk") == [[9.0, 19.0]], "the recording silent where it was muted")
    assert len(live.calls("source:asterisk")) == 1


def test_freeswitch_says_what_may_not_be_heard_after_the_recording_is_there(
    live: Served, freeswitch: StandIn
) -> None:
    began = int(time.time()) - 4_000
    record = json_cdr(700)
    uuid = str(record["variables"]["uuid"])  # type: ignore[index]
    for part, name, value in (
        ("variables", "start", began),
        ("variables", "answer", began + 2),
        ("variables", "end", began + 42),
    ):
        record[part] |= {f"{name}_epoch": str(value), f"{name}_uepoch": f"{value}000000"}  # type: ignore[operator]
    record["callflow"][0]["times"] = {  # type: ignore[index]
        "created_time": f"{began}000000",
        "answered_time": f"{began + 2}000000",
        "hangup_time": f"{began + 42}000000",
    }
    at = datetime.fromtimestamp(began + 2, UTC)
    tone(live.home / "freeswitch" / f"in-101-5125550158-{at:%Y%m%d-%H%M%S}-{uuid}.wav")
    sent = httpx.post(
        f"{live.address}/intake/freeswitch", json=record, headers={"authorization": "Bearer let-me-in"}
    )
    assert sent.status_code == 200
    settled(lambda: silent(live, "freeswitch") == [], "the recording")

    def masked(at_s: int, what: str) -> bytes:
        body = (
            f"Event-Name: API\nEvent-Date-Timestamp: {began + at_s}000000\nAPI-Command: uuid_record\n"
            f"API-Command-Argument: {uuid}%20{what}%20/rec/{uuid}.wav\n\n"
        ).encode()
        return b"Content-Length: %d\nContent-Type: text/event-plain\n\n%s" % (len(body), body)

    freeswitch.tell(masked(12, "mask") + masked(20, "unmask"))
    settled(lambda: silent(live, "freeswitch") == [[9.0, 19.0]], "the recording silent where it was masked")
    assert len(live.calls("source:freeswitch")) == 1
    kinds = {one["kind"]: one["state"] for one in httpx.get(f"{live.address}/healthz").json()["inputs"]}
    assert (kinds["ami"], kinds["esl"]) == ("connected", "connected")


def rejects(live: Served, source: str) -> list[dict[str, Any]]:
    found = live.run("rejects.list", source=source, reason=None, limit=10, cursor=None)
    return [row["reject"] for row in found if "reject" in row]
