"""Bad conditions: a full disk, homes that cannot be used, processes stopped in the middle, two at once."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from random import Random

import httpx
import pytest

from tests.runtime.conftest import Served, ringbook, start, stop
from tests.runtime.crash import cdr, check, json_cdr, settled

pytestmark = pytest.mark.slow

UTC = ("--timezone", "UTC")
MIB = 1 << 20


def calls_file(file: Path, count: int) -> Path:
    """A file of that many calls."""
    file.write_text("".join(cdr(number) for number in range(count)))
    return file


def peak_rss(home: Path, *arguments: str) -> tuple[int, int]:
    """The exit status of a command and the most memory that it or a process of its own had, in bytes."""
    command = [sys.executable, "-m", "ringbook", "--home", str(home), *arguments]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage.ru_maxrss * 1024


@contextlib.contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A disk of that size, as a folder; skips the test where none may be mounted."""
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "ringbook-test", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path, leave: int) -> Path:
    """Fill a disk up to so many bytes, by a file that can be deleted to make room."""
    ballast = folder / "ballast"
    disk = os.statvfs(folder)
    with ballast.open("wb") as file:
        left = disk.f_bavail * disk.f_frsize - leave
        while left > 0:
            left -= file.write(bytes(min(left, MIB)))
    return ballast


def resize(folder: Path, size: str) -> None:
    """Make room on a small disk."""
    subprocess.run(["mount", "-o", f"remount,size={size}", str(folder)], check=True)


def test_an_import_stops_on_a_full_disk_with_a_clear_error_and_goes_on_when_there_is_room(
    tmp_path: Path,
) -> None:
    file = calls_file(tmp_path / "Master.csv", 20_000)
    with small_disk(tmp_path / "disk", "64m") as home:
        assert ringbook(home, "calls", "count").stdout.strip() == "0"
        ballast = fill(home, 2 * MIB)
        stopped = ringbook(home, "import", str(file), "--source", "full", *UTC)
        assert (stopped.returncode, "Traceback" in stopped.stderr) == (74, False), stopped.stderr
        assert "make room" in stopped.stderr
        ballast.unlink()
        resize(home, "1g")
        done = ringbook(home, "import", str(file), "--source", "full", *UTC, "--json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["rejected"] == 0
        assert ringbook(home, "calls", "count").stdout.strip() == "20000"
        check(home)


SERVED = """
[files]
poll_s = 0.1
[spool]
keep_free_mb = 4
[sources.tail]
kind = "file"
timezone = "UTC"
path = ["{file}"]
[sources.http]
kind = "http-post"
format = "freeswitch_json_cdr"
token = "t"
"""


def test_serve_refuses_on_a_full_disk_says_so_and_goes_on_by_itself(tmp_path: Path) -> None:
    file = calls_file(tmp_path / "Master.csv", 20)
    with small_disk(tmp_path / "disk", "128m") as home:
        (home / "ringbook.toml").write_text(SERVED.format(file=file))
        process, address = start(home)
        try:
            acknowledged = serve_full(home, address, file)
        finally:
            stop(process)
        assert process.returncode == 0
        assert ringbook(home, "calls", "count", "source:tail").stdout.strip() == "1020"
        assert ringbook(home, "calls", "count", "source:http").stdout.strip() == str(acknowledged)
        check(home)


def serve_full(home: Path, address: str, file: Path) -> int:
    """Fill the disk under a running serve and make room again; how many posts were acknowledged."""
    served, acknowledged = Served(home, address), 0
    settled(lambda: len(served.calls("source:tail")) == 20, "the first lines of the file")
    with httpx.Client(base_url=address, headers={"authorization": "Bearer t"}, timeout=60) as client:
        assert client.get("/healthz").json()["status"] == "ok"
        assert client.post("/intake/http", json=json_cdr(1)).status_code == 200
        acknowledged += 1
        ballast = fill(home, MIB // 2)
        refused = client.post("/intake/http", json=json_cdr(2))
        assert refused.status_code == 503
        assert int(refused.headers["retry-after"]) > 0
        assert refused.json()["type"].startswith("urn:ringbook:problem:")
        with file.open("a") as more:
            more.write("".join(cdr(number) for number in range(20, 1_020)))
        settled(lambda: client.get("/healthz").status_code == 503, "healthz says that something is wrong")
        told = client.get("/healthz").json()
        assert (told["status"], bool(told["problems"])) == ("failing", True)
        ballast.unlink()
        settled(lambda: client.get("/healthz").status_code == 200, "healthz is well again")
        for number in (2, 3, 4):
            assert client.post("/intake/http", json=json_cdr(number)).status_code == 200
            acknowledged += 1
    settled(lambda: len(served.calls("source:tail")) == 1_020, "the rest of the file")
    return acknowledged


@pytest.mark.parametrize(
    "case", ["a file", "below a file", "ledger is a file", "journal is a file", "sources damaged"]
)
def test_a_home_that_cannot_be_used_is_named_with_what_to_do(tmp_path: Path, case: str) -> None:
    home = tmp_path / "home"
    match case:
        case "a file":
            home.write_text("x")
        case "below a file":
            home.write_text("x")
            home = home / "inner"
        case "sources damaged":
            home.mkdir()
            (home / "sources.json").write_text("[{")
        case _:
            home.mkdir()
            (home / case.split()[0]).write_text("x")
    done = ringbook(home, "calls", "count")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (74, "", 1)
    assert str(home) in done.stderr
    assert "Traceback" not in done.stderr


def test_a_home_on_a_disk_mounted_for_reading_is_refused(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "64m") as home:
        assert ringbook(home, "calls", "count").returncode == 0
        subprocess.run(["mount", "-o", "remount,ro", str(home)], check=True)
        done = ringbook(home, "import", str(calls_file(tmp_path / "a.csv", 3)), *UTC)
        assert (done.returncode, "Traceback" in done.stderr) == (74, False), done.stderr
        fresh = ringbook(home / "new", "calls", "count")
        assert (fresh.returncode, "Read-only file system" in fresh.stderr) == (74, True), fresh.stderr


def test_settings_with_errors_are_told_with_their_place(tmp_path: Path) -> None:
    wrong = {
        '[sources.a]\nkind = "file"\npth = ["x"]\n': ("line 3", "pth"),
        "[server]\nport = 99999\n": ("line 2", "port"),
        "[server\n": ("line 1", "ringbook.toml"),
        '[sources.a]\nkind = "file"\npath = ["x"]\nregion = "Germany"\n': ("line 4", "Germany"),
        '[sources.a]\nkind = "http-post"\nformat = "nonsense"\n': ("line 3", "nonsense"),
    }
    for text, (place, thing) in wrong.items():
        (tmp_path / "ringbook.toml").write_text(text)
        done = ringbook(tmp_path, "calls", "count")
        assert (done.returncode, place in done.stderr, thing in done.stderr) == (78, True, True), done.stderr


def test_a_long_home_works_alone_and_through_serve(tmp_path: Path) -> None:
    home = tmp_path / ("a-very-long-name-of-a-folder-" * 4) / ("and-another-one-below-it-" * 4) / "home"
    home.mkdir(parents=True)
    file = calls_file(tmp_path / "a.csv", 3)
    assert ringbook(home, "import", str(file), *UTC).returncode == 0
    process, _ = start(home)
    try:
        through = ringbook(home, "calls", "count")
        assert (through.returncode, through.stdout.strip()) == (0, "3"), through.stderr
    finally:
        stop(process)


def test_the_home_comes_from_the_environment_unless_named(tmp_path: Path) -> None:
    file = calls_file(tmp_path / "a.csv", 3)
    environment = {**os.environ, "RINGBOOK_HOME": str(tmp_path / "by-environment")}
    command = [sys.executable, "-m", "ringbook", "import", str(file), *UTC]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "by-environment" / "ledger").is_dir()
    assert ringbook(tmp_path / "named", "calls", "count", env=environment).stdout.strip() == "0"


def test_a_stale_socket_of_a_killed_serve_is_no_hindrance(tmp_path: Path) -> None:
    process, _ = start(tmp_path)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert (tmp_path / "ringbook.sock").exists()
    assert ringbook(tmp_path, "calls", "count").stdout.strip() == "0"
    process, _ = start(tmp_path)
    try:
        assert ringbook(tmp_path, "calls", "count").stdout.strip() == "0"
        second = ringbook(tmp_path, "serve", "--port", "0")
        assert (second.returncode, str(process.pid) in second.stderr) == (75, True), second.stderr
    finally:
        stop(process)
    assert process.returncode == 0
    assert not (tmp_path / "ringbook.sock").exists()


def test_two_commands_at_once_take_turns(tmp_path: Path) -> None:
    files = [calls_file(tmp_path / f"{n}.csv", 500 * n) for n in (1, 2, 3)]
    results: list[subprocess.CompletedProcess[str]] = []

    def run(file: Path) -> None:
        results.append(ringbook(tmp_path / "home", "import", str(file), "--source", "s", *UTC))

    threads = [threading.Thread(target=run, args=(file,)) for file in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [done.returncode for done in results] == [0, 0, 0], [done.stderr for done in results]
    assert ringbook(tmp_path / "home", "calls", "count").stdout.strip() == "1500"
    check(tmp_path / "home")


def test_an_import_stopped_by_ctrl_c_goes_on_where_it_was(tmp_path: Path) -> None:
    file = calls_file(tmp_path / "Master.csv", 60_000)
    home = tmp_path / "home"
    command = [sys.executable, "-m", "ringbook", "--home", str(home), "import", str(file), *UTC, "--json"]
    process = interruptible(command)
    settled(
        lambda: any((home / "ledger").glob("store/*/*/all_*")) or process.poll() is not None,
        "something is written",
    )
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the workers too
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert said.strip() == "stopped"
    done = ringbook(home, "import", str(file), *UTC, "--json")
    assert done.returncode == 0, done.stderr
    assert ringbook(home, "calls", "count").stdout.strip() == "60000"
    check(home)


@pytest.mark.parametrize("through_serve", [False, True])
def test_follow_takes_what_is_added_and_ends_with_ctrl_c(tmp_path: Path, through_serve: bool) -> None:
    file, home = calls_file(tmp_path / "Master.csv", 2), tmp_path / "home"
    home.mkdir()
    server = start(home)[0] if through_serve else None
    try:
        follow(home, file)
    finally:
        if server is not None:
            stop(server)
    assert ringbook(home, "calls", "count").stdout.strip() == "4"
    check(home)


def follow(home: Path, file: Path) -> None:
    """Follow a file of two calls while two more are written, then end it."""
    command = [
        sys.executable,
        "-m",
        "ringbook",
        "--home",
        str(home),
        "import",
        str(file),
        "--follow",
        "--json",
    ]
    process = interruptible([*command, *UTC])
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["calls_new"] == 2
    with file.open("a") as more:
        more.write(cdr(2) + cdr(3)[:50])
        more.flush()
        assert json.loads(process.stdout.readline())["calls_new"] == 1
        more.write(cdr(3)[50:])
    told = json.loads(process.stdout.readline())
    assert (told["calls_new"], told["rejected"]) == (1, 0)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said.strip()) == (130, "stopped")


def interruptible(command: list[str]) -> subprocess.Popen[str]:
    """A command in a session of its own that heeds Ctrl-C, also where these tests themselves run in the background."""
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def test_serve_ends_soon_and_cleanly_in_the_middle_of_an_import(tmp_path: Path) -> None:
    file, home = calls_file(tmp_path / "Master.csv", 40_000), tmp_path / "home"
    home.mkdir()
    process, address = start(home)
    command = [sys.executable, "-m", "ringbook", "--home", str(home), "import", str(file), *UTC]
    asking = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    served = Served(home, address)
    settled(lambda: served.count("") > 0, "the first calls of the import")
    process.terminate()
    assert process.wait(timeout=60) == 0, (home / "serve.log").read_text()[-2000:]
    _, said = asking.communicate(timeout=60)
    assert asking.returncode in (0, 75), said
    assert ringbook(home, "import", str(file), *UTC).returncode == 0
    assert ringbook(home, "calls", "count").stdout.strip() == "40000"
    check(home)


def test_verify_exits_1_and_prints_each_difference(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert ringbook(home, "import", str(calls_file(tmp_path / "a.csv", 10)), *UTC).returncode == 0
    tamper = (
        "import sys; from pathlib import Path; from ringbook.runtime.home import Home;"
        " from ringbook.ledger.batch import Batch, Position; import msgspec;"
        " from ringbook.model.scope import Scope;"
        " home = Home.open(Path(sys.argv[1])); [p] = home.ledger.positions(Scope());"
        " home.ledger.write(Batch(tenant='main', positions=[msgspec.structs.replace(p, offset=p.offset + 7)])); home.close()"
    )
    subprocess.run([sys.executable, "-c", tamper, str(home)], check=True, timeout=60)
    told = ringbook(home, "verify")
    assert (told.returncode, told.stderr) == (1, "")
    assert "✘" in told.stdout
    assert "1 difference\n" in told.stdout
    as_json = [json.loads(line) for line in ringbook(home, "verify", "--json").stdout.splitlines()]
    assert sum("difference" in finding for finding in as_json) == 1


@pytest.mark.parametrize(("kind", "size"), [("one line", 200), ("junk", 40)])
def test_memory_stays_bounded_for_megabytes_of_no_record(tmp_path: Path, kind: str, size: int) -> None:
    """The engine alone has some 350 MiB; what an import adds does not grow with the file."""
    file, chance = tmp_path / "big", Random(5)
    with file.open("wb") as sink:
        sink.write(cdr(1).encode())
        for _ in range(size):
            part = chance.randbytes(MIB)
            sink.write(part if kind == "junk" else part.translate(None, b"\r\n"))
    status, peak = peak_rss(tmp_path / "home", "import", str(file), *UTC, "--format", "asterisk_cdr_csv")
    assert status == 0
    assert peak < 1_100 * MIB, f"{peak / MIB:.0f} MiB"
