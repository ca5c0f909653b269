"""Sources added while ``serve`` runs: they take records at once, survive a start, and leave the operator's as they are."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from ringbook.config.added import FILE_NAME, Added, read, toml, write
from ringbook.model.errors import AskError, RingbookError
from ringbook.runtime.connecting import PathNotAllowedError, add, change, pause, remove, restore, settings_of
from ringbook.runtime.home import Home

from .conftest import Served, start, stop

POST: dict[str, Any] = {
    "region": "US",
    "inputs": [{"kind": "http-post", "format": "freeswitch_json_cdr"}],
}


def file_of(path: Path | str) -> dict[str, Any]:
    return {
        "timezone": "America/New_York",
        "region": "US",
        "inputs": [{"kind": "file", "path": [str(path)]}],
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: Any) -> Path:
    found: Path = tmp_path_factory.mktemp("connecting")
    (found / "ringbook.toml").write_text(
        f'[files]\npoll_s = 0.2\n[desk]\nsource_folders = ["{found}/logs"]\n'
        '[sources.theirs]\nkind = "http-post"\nformat = "freeswitch_json_cdr"\ntoken = "let-me-in"\n'
    )
    (found / "logs").mkdir()
    return found


@pytest.fixture
def home(folder: Path) -> Iterator[Home]:
    """The home, opened here, with no source but the operator's."""
    (folder / FILE_NAME).unlink(missing_ok=True)
    with Home.open(folder) as opened:
        yield opened


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    told = {
        "a.b": {
            "region": "GB",
            "paused": True,
            "inputs": [{"kind": "file", "path": ['/x "y"\\\n\x7f/ü/😀'], "settings": {"a b": "1"}}],
        },
        "c": {},
    }
    write(tmp_path, Added(told, {"d": {"timezone": "UTC"}}))
    found = read(tmp_path)
    assert (found.sources, found.removed) == (told, {"d": {"timezone": "UTC"}})
    assert found.text == toml(found)
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600


def test_a_source_is_added_with_a_token_of_its_own(home: Home) -> None:
    added = add(home, "fs", POST)
    assert len(added["inputs"][0]["token"]) >= 32
    assert home.settings.sources["fs"].inputs[0].token.reveal() == added["inputs"][0]["token"]
    assert home.sources.get("fs").region == "US"
    assert add(home, "fs2", POST)["inputs"][0]["token"] != added["inputs"][0]["token"]


def test_a_token_of_the_operators_is_not_told(home: Home) -> None:
    told = settings_of(home, "theirs")
    assert told["added"] is False
    assert "let-me-in" not in json.dumps(told)


@pytest.mark.parametrize("name", ["theirs", "a b", "../x", "", "x" * 64, "ü"])
def test_a_name_that_is_taken_or_is_none_is_refused(home: Home, name: str) -> None:
    with pytest.raises(AskError):
        add(home, name, POST)
    assert read(home.folder).sources == {}


def test_what_is_wrong_is_told_and_nothing_is_kept(home: Home) -> None:
    with pytest.raises(RingbookError, match="Europe/Berlin"):
        add(home, "x", {"timezone": "Europe/Berln", "inputs": []})
    with pytest.raises(RingbookError, match="there is no such format"):
        add(home, "x", {"inputs": [{"kind": "http-post", "format": "freeswitch_json"}]})
    assert read(home.folder).sources == {}
    assert "x" not in home.settings.sources


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "{home}/desk.key", "{home}/logs/../desk.key", "/*/passwd", "{home}/logs/out/x"]
)
def test_files_elsewhere_are_not_read(home: Home, path: str) -> None:
    link = home.folder / "logs/out"
    if not link.is_symlink():
        link.symlink_to("/etc")
    with pytest.raises(PathNotAllowedError):
        add(home, "x", file_of(path.format(home=home.folder)))


@pytest.mark.parametrize(
    "names",
    [
        {"kind": "tcp-connect", "host": "192.0.2.1", "port": 5, "password_file": "desk.key"},
        {"kind": "http-post", "token_file": "desk.key"},
        {"kind": "http-post", "token": "t", "format": "mapped", "mapping": "/etc/passwd"},
        {
            "kind": "ami",
            "host": "192.0.2.1",
            "login": "l",
            "password": "p",
            "tls": True,
            "ca_file": "/etc/passwd",
        },
    ],
)
def test_no_other_file_is_read_either(home: Home, names: dict[str, Any]) -> None:
    with pytest.raises(PathNotAllowedError, match="names a file"):
        add(home, "x", {"inputs": [{"format": "avaya_ipoffice_smdr", **names}]})
    assert read(home.folder).sources == {}


def test_two_sources_do_not_listen_on_one_port(home: Home) -> None:
    listens = {"inputs": [{"kind": "tcp-listen", "port": 5000, "format": "avaya_ipoffice_smdr"}]}
    add(home, "one", listens)
    with pytest.raises(AskError, match="source 'one' listens on port 5000"):
        add(home, "two", listens)


def test_a_change_of_an_old_version_is_refused(home: Home) -> None:
    seen = add(home, "fs", POST)
    changed = change(home, "fs", {**seen["settings"], "region": "GB"}, seen["version"])
    assert home.sources.get("fs").region == "GB"
    assert changed["inputs"][0]["token"] == seen["inputs"][0]["token"]
    with pytest.raises(AskError, match="somebody changed 'fs' meanwhile"):
        change(home, "fs", POST, seen["version"])
    with pytest.raises(AskError, match=r"ringbook\.toml"):
        change(home, "theirs", POST, "")


def test_what_is_removed_comes_back_with_its_token(home: Home) -> None:
    seen = add(home, "fs", POST)
    remove(home, "fs")
    assert "fs" not in home.settings.sources
    assert restore(home, "fs") == seen
    with pytest.raises(AskError):
        restore(home, "fs")


def test_a_name_in_both_files_is_told(home: Home) -> None:
    write(home.folder, Added({"theirs": {"region": "GB"}}))
    with pytest.raises(RingbookError, match=r"\[sources.theirs\].*take it out of one of the two files"):
        add(home, "x", POST)


def test_pausing_is_kept(home: Home) -> None:
    add(home, "fs", POST)
    assert pause(home, "fs", paused=True)["settings"]["paused"] is True
    assert home.settings.sources["fs"].paused


@pytest.fixture(scope="module")
def running(folder: Path) -> Iterator[Served]:
    (folder / FILE_NAME).unlink(missing_ok=True)
    process, address = start(folder)
    yield Served(folder, address)
    stop(process)


def record(uuid: str) -> dict[str, Any]:
    began = 1_789_900_000_000_000
    variables = {"uuid": uuid, "direction": "inbound", "start_uepoch": str(began), "answer_uepoch": "0"}
    variables |= {"end_uepoch": str(began + 9_000_000), "duration": "9", "billsec": "0"}
    profile = {"caller_id_number": "+12125550100", "destination_number": "101", "uuid": uuid}
    return {
        "core-uuid": "c",
        "channel_data": {"direction": "inbound", "state": "CS_REPORTING"},
        "variables": {**variables, "hangup_cause": "NO_ANSWER"},
        "callflow": [{"dialplan": "XML", "caller_profile": profile}],
    }


def post(running: Served, source: str, token: str, uuid: str) -> int:
    answer = httpx.post(
        f"{running.address}/intake/{source}", json=record(uuid), auth=("ringbook", token), timeout=30
    )
    return answer.status_code


def await_(running: Served, source: str, frames: int) -> dict[str, Any]:
    """The status of a source once it has so many frames."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        told = {row["source"]: row for row in running.run("sources.status")}
        if source in told and told[source]["frames"] >= frames:
            return told[source]
        time.sleep(0.1)
    raise AssertionError(f"{source} did not get {frames} frames: {told}")


def eventually(find: Callable[[], Any], expected: Any) -> None:
    """A batch is written table by table: what is asked of a later one may be there a moment after the frames."""
    deadline = time.monotonic() + 30
    while (found := find()) != expected and time.monotonic() < deadline:
        time.sleep(0.1)
    assert found == expected


def inputs(running: Served) -> dict[str, dict[str, Any]]:
    return {row["source"]: row for row in running.run("sources.inputs") if "source" in row}


def test_a_source_added_while_serve_runs_takes_what_is_posted_at_once(running: Served) -> None:
    token = running.run("sources.add", name="fs-live", settings=POST)[0]["inputs"][0]["token"]
    assert post(running, "fs-live", "wrong", "11111111-1111-4111-8111-111111111111") == 401
    assert post(running, "fs-live", token, "11111111-1111-4111-8111-111111111111") == 200
    assert await_(running, "fs-live", 1)["state"] == "connected"
    assert inputs(running)["fs-live"]["state"] == "listening"
    eventually(
        lambda: sum(
            row["frames"]
            for row in running.run("sources.throughput", since=0, step_s=60)
            if row["source"] == "fs-live"
        ),
        1,
    )


def test_a_paused_source_is_answered_so_that_senders_keep_their_records(running: Served) -> None:
    token = running.run("sources.add", name="fs-paused", settings=POST)[0]["inputs"][0]["token"]
    running.run("sources.pause", name="fs-paused", paused=True)
    assert post(running, "fs-paused", token, "22222222-2222-4222-8222-222222222222") == 503
    running.run("sources.pause", name="fs-paused", paused=False)
    assert post(running, "fs-paused", token, "22222222-2222-4222-8222-222222222222") == 200
    running.run("sources.remove", name="fs-paused")
    assert post(running, "fs-paused", token, "33333333-3333-4333-8333-333333333333") == 401
    running.run("sources.restore", name="fs-paused")
    assert post(running, "fs-paused", token, "33333333-3333-4333-8333-333333333333") == 200
    eventually(lambda: await_(running, "fs-paused", 2)["calls"], 2)


LINE = (
    '"","12125550100","101","in","12125550100","PJSIP/trunk-1","PJSIP/101-1","Dial","PJSIP/101",'
    '"2026-03-02 10:{0}:00","2026-03-02 10:{0}:02","2026-03-02 10:{0}:12",12,10,"ANSWERED","DOCUMENTATION","177246{0}00.1",""\n'
)


def test_a_file_is_followed_from_where_it_was_when_its_source_is_changed(running: Served) -> None:
    log = running.home / "logs/Master.csv"
    log.write_text(LINE.format("10"))
    seen = running.run("sources.add", name="tail-live", settings=file_of(log))[0]
    await_(running, "tail-live", 1)
    changed = {**seen["settings"], "extensions": "1\\d\\d"}
    running.run("sources.change", name="tail-live", settings=changed, version=seen["version"])
    with log.open("a") as sink:
        sink.write(LINE.format("11"))
    assert await_(running, "tail-live", 2)["frames"] == 2
    whole = [{"file": str(log), "format": "asterisk_cdr_csv", "bytes": log.stat().st_size}]
    eventually(lambda: running.run("sources.files", source="tail-live"), whole)
    assert running.differences() == []


def test_a_port_is_listened_on_while_its_source_is_there(running: Served) -> None:
    port = free_port()
    entry = {"kind": "tcp-listen", "host": "127.0.0.1", "port": port, "format": "avaya_ipoffice_smdr"}
    settings = {"timezone": "Europe/London", "region": "GB", "inputs": [entry]}
    running.run("sources.add", name="smdr-live", settings=settings)
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(b"this is no SMDR at all\r\n")
    told = await_(running, "smdr-live", 1)
    assert told["rejected"] == 1
    running.run("sources.remove", name="smdr-live")
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=2)


def test_added_sources_are_there_after_a_start(folder: Path) -> None:
    """The last of this file: it stops the running one's home by beginning another."""
    other = folder / "again"
    other.mkdir()
    process, address = start(other)
    served = Served(other, address)
    token = served.run("sources.add", name="fs-kept", settings=POST)[0]["inputs"][0]["token"]
    stop(process)
    process, address = start(other)
    assert post(Served(other, address), "fs-kept", token, "44444444-4444-4444-8444-444444444444") == 200
    stop(process)


def test_a_silent_source_is_told_by_health_and_metrics(tmp_path: Path) -> None:
    """In a process of its own: Django is set up for one home a process."""
    script = """
import sys
from pathlib import Path
from ringbook.runtime import desk
from ringbook.runtime.alarms import Alarms
from ringbook.runtime.connecting import add
from ringbook.runtime.home import Home
from ringbook.runtime.service import Service
with Home.open(Path(sys.argv[1])) as home:
    desk.start(home)
    from ringbook.desk.organisation.models import SilenceAlarm
    for name in ("loud", "quiet", "never"):
        add(home, name, {"inputs": [{"kind": "http-post", "format": "vcon"}]})
        SilenceAlarm.objects.create(source=name, within_minutes=30, in_hours=False)
    alarms = Alarms(home)
    at = 1_800_000_000_000_000
    import ringbook.runtime.alarms as module
    module.now = lambda: at
    from types import SimpleNamespace as Row
    rows = [Row(source="loud", last_received_at=at - 29 * 60_000_000), Row(source="quiet", last_received_at=at - 31 * 60_000_000)]
    home.ledger.source_status = lambda scope, now: rows
    alarms.look()
    print(alarms.watched, alarms.silent)
"""
    made = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "home")],
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": ""},
    )
    assert made.stdout.splitlines()[-1] == "('loud', 'never', 'quiet') {'quiet': 1860.0}"
