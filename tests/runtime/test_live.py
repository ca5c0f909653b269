"""A running serve and the outside world: files that are rotated and truncated, phone systems that hang up, senders that err."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from .conftest import Served, ringbook, start, stop
from .crash import SMDR, cdr, check, free_port, json_cdr, settled

pytestmark = pytest.mark.slow

SETTINGS = """
[files]
poll_s = 0.05

[server]
max_body_mb = 1

[sources.rotated]
kind = "file"
timezone = "UTC"
path = ["in/rotated.csv"]

[sources.truncated]
kind = "file"
timezone = "UTC"
path = ["in/truncated.csv"]

[sources.copied]
kind = "file"
timezone = "UTC"
path = ["in/copied.csv"]

[sources.folder]
kind = "file"
timezone = "UTC"
path = ["drop/*.csv"]

[sources.posted]
kind = "http-post"
format = "freeswitch_json_cdr"
token = "let-me-in"

[sources.other]
kind = "http-post"
format = "freeswitch_json_cdr"
token = "somebody-else"

[sources.smdr]
kind = "tcp-connect"
format = "avaya_ipoffice_smdr"
timezone = "UTC"
host = "127.0.0.1"
port = {port}
"""


def smdr(number: int) -> bytes:
    """An SMDR line of a call of its own."""
    minute, second = divmod(number, 60)
    return SMDR.format(
        day=1, minute=minute, second=second, caller=f"51255501{number % 100:02}", call=1_000_000 + number
    ).encode()


class FakePbx:
    """A phone system that writes lines to whoever connects and hangs up after a few, in the middle of a line at times."""

    def __init__(self) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.connections = 0
        self.lines = [smdr(number) for number in range(30)]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        sent = 0
        while True:
            line, _ = self.listening.accept()
            self.connections += 1
            with line:
                if sent < len(self.lines):
                    line.sendall(b"".join(self.lines[sent : sent + 10]))
                    sent += 10
                    time.sleep(0.3)
                    continue
                line.recv(1)  # stays until we stop


@pytest.fixture(scope="module")
def pbx() -> FakePbx:
    """A phone system that listens."""
    return FakePbx()


@pytest.fixture(scope="module")
def live(tmp_path_factory: Any, pbx: FakePbx) -> Iterator[Served]:
    """A running serve with inputs of every kind."""
    home = tmp_path_factory.mktemp("live")
    (home / "in").mkdir()
    (home / "drop").mkdir()
    (home / "ringbook.toml").write_text(SETTINGS.format(port=pbx.port))
    process, address = start(home)
    yield Served(home, address)
    stop(process)
    assert process.returncode == 0
    check(home)


@pytest.fixture
def client(live: Served) -> Iterator[httpx.Client]:
    """A sender of records."""
    with httpx.Client(base_url=live.address, timeout=60) as sender:
        yield sender


def append(file: Path, *numbers: int) -> None:
    """Add calls to a file as a phone system does."""
    with file.open("a") as sink:
        sink.write("".join(cdr(number) for number in numbers))


def arrived(live: Served, source: str, count: int) -> None:
    """Wait for that many calls, and be sure that there are no more."""
    settled(lambda: len(live.calls(f"source:{source}")) >= count, f"{count} calls of {source}")
    assert len(live.calls(f"source:{source}")) == count


def test_a_rotated_file_is_read_to_its_end_and_the_new_one_from_its_beginning(live: Served) -> None:
    file = live.home / "in" / "rotated.csv"
    append(file, *range(5))
    arrived(live, "rotated", 5)
    for round_ in range(1, 4):
        append(file, 10 * round_)
        file.rename(file.with_name(f"rotated.csv.{round_}"))
        append(file, 10 * round_ + 1, 10 * round_ + 2)
        arrived(live, "rotated", 5 + 3 * round_)
    append(file, 99)
    arrived(live, "rotated", 15)


def test_a_truncated_file_is_read_from_its_beginning_again(live: Served) -> None:
    file = live.home / "in" / "truncated.csv"
    append(file, *range(6))
    arrived(live, "truncated", 6)
    os.truncate(file, 0)
    append(file, 20, 21)
    arrived(live, "truncated", 8)


def test_copy_and_truncate_doubles_nothing(live: Served) -> None:
    file = live.home / "in" / "copied.csv"
    append(file, *range(6))
    arrived(live, "copied", 6)
    shutil.copy(file, file.with_name("copied.csv.1"))
    os.truncate(file, 0)
    append(file, 30)
    arrived(live, "copied", 7)


def test_files_that_appear_are_read_and_duplicates_and_order_do_not_matter(live: Served) -> None:
    drop = live.home / "drop"
    for name, numbers in {"b.csv": (3, 1, 2), "a.csv": (2, 4), "c.csv": (1, 5, 4)}.items():
        append(drop / name, *numbers)
    arrived(live, "folder", 5)


def test_a_phone_system_that_hangs_up_is_called_again(live: Served, pbx: FakePbx) -> None:
    arrived(live, "smdr", 30)
    assert pbx.connections >= 3
    [status] = [row for row in live.run("sources.status") if row["source"] == "smdr"]
    assert (status["state"], status["rejected"], status["frames"]) == ("connected", 0, 30)


def test_a_sender_is_told_what_is_wrong_and_nothing_of_it_is_kept(live: Served, client: httpx.Client) -> None:
    right, record = {"authorization": "Bearer let-me-in"}, json_cdr(500)
    image = {**right, "content-type": "image/png"}
    packed = {**right, "content-encoding": "gzip"}
    answers = {
        "no token": client.post("/intake/posted", json=record),
        "wrong token": client.post(
            "/intake/posted", json=record, headers={"authorization": "Bearer nonsense"}
        ),
        "another's token": client.post(
            "/intake/posted", json=record, headers={"authorization": "Bearer somebody-else"}
        ),
        "no such source": client.post("/intake/nobody", json=record, headers=right),
        "an image": client.post("/intake/posted", content=b"\x89PNG", headers=image),
        "too long": client.post("/intake/posted", content=b"x" * (1 << 20 | 1), headers=right),
        "too long packed": client.post(
            "/intake/posted", content=gzip.compress(bytes(9 << 20)), headers=packed
        ),
        "no gzip": client.post("/intake/posted", content=b"not gzip", headers=packed),
        "get": client.get("/intake/posted", headers=right),
        "elsewhere": client.get("/nowhere"),
    }
    statuses = {what: answer.status_code for what, answer in answers.items()}
    assert statuses == {
        "no token": 401,
        "wrong token": 401,
        "another's token": 401,
        "no such source": 401,
        "an image": 415,
        "too long": 413,
        "too long packed": 413,
        "no gzip": 400,
        "get": 405,
        "elsewhere": 404,
    }
    assert answers["wrong token"].text == answers["no such source"].text, (
        "who may not post learns what there is"
    )
    assert "let-me-in" not in "".join(answer.text for answer in answers.values())
    assert live.calls("source:posted") == []


def test_what_is_acknowledged_becomes_calls_once(live: Served, client: httpx.Client) -> None:
    right = {"authorization": "Bearer let-me-in"}
    packed = gzip.compress(json.dumps(json_cdr(601)).encode())
    for _ in range(3):
        assert client.post("/intake/posted", json=json_cdr(600), headers=right).status_code == 200
        answer = client.post("/intake/posted", content=packed, headers={**right, "content-encoding": "gzip"})
        assert answer.status_code == 200
    assert client.post("/intake/posted", json=json_cdr(602), auth=("any", "let-me-in")).status_code == 200
    arrived(live, "posted", 3)


def test_health_and_metrics_say_how_it_is(live: Served, client: httpx.Client) -> None:
    health = client.get("/healthz")
    told = health.json()
    assert (health.status_code, told["status"], told["problems"]) == (200, "ok", {})
    inputs = {(one["source"], one["kind"]): one for one in told["inputs"]}
    assert inputs["posted", "http-post"]["last_received_at"]
    assert {kind for _, kind in inputs} == {"file", "http-post", "tcp-connect"}
    text = client.get("/metrics").text
    values = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert float(values['ringbook_frames_total{kind="stated"}']) >= 50
    assert float(values['ringbook_calls_total{change="new"}']) >= 50
    assert values["ringbook_spool_rows"] == "0.0"
    assert float(values["ringbook_commit_seconds_count"]) > 0
    assert any(name.startswith("ringbook_input_up{input=") and 'source="smdr"' in name for name in values)
    assert "let-me-in" not in text + json.dumps(told)


def test_no_secret_and_no_number_stands_in_the_log(live: Served) -> None:
    log = (live.home / "serve.log").read_text()
    assert "let-me-in" not in log
    assert "somebody-else" not in log
    assert "5550101" not in log


def test_an_end_under_load_loses_nothing_acknowledged(tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "ringbook.toml").write_text(SETTINGS.format(port=port))
    (tmp_path / "in").mkdir()
    process, address = start(tmp_path)
    acknowledged: list[int] = []
    stopping = threading.Event()

    def send(first: int) -> None:
        with httpx.Client(base_url=address, timeout=60) as sender:
            for number in range(first, first + 10_000):
                try:
                    answer = sender.post(
                        "/intake/posted", json=json_cdr(number), headers={"authorization": "Bearer let-me-in"}
                    )
                except httpx.HTTPError:
                    return
                if answer.status_code == 200:
                    acknowledged.append(number)
                if stopping.is_set() and answer.status_code != 200:
                    return

    threads = [threading.Thread(target=send, args=(first,)) for first in (1_000, 20_000, 40_000)]
    for thread in threads:
        thread.start()
    file = tmp_path / "in" / "truncated.csv"
    append(file, *range(2_000))
    settled(lambda: len(acknowledged) > 100, "some posts")
    stopping.set()
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 0, (tmp_path / "serve.log").read_text()[-2000:]
    for thread in threads:
        thread.join(timeout=30)
    process, address = start(tmp_path)
    try:
        served = Served(tmp_path, address)
        settled(lambda: len(served.calls("source:truncated")) == 2_000, "the file's calls")
        settled(
            lambda: len(served.calls("source:posted")) == len(acknowledged), "every acknowledged post, once"
        )
    finally:
        stop(process)
    assert ringbook(tmp_path, "calls", "count", "source:posted").stdout.strip() == str(len(acknowledged))
    check(tmp_path)
