"""Kill -9 in the middle, again and again, with senders that count: ``python -m tests.runtime.crash --rounds 100``.

Each harness runs rounds of: start, work, kill at a random moment, start again. At the end nothing acknowledged may be missing,
nothing may stand twice, and ``ringbook verify`` must find no difference.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from .conftest import Served, ringbook, start, stop

SMDR = (
    "2026/03/0{day} 10:{minute:02}:{second:02},00:00:05,3,{caller},I,201,201,,0,{call},0,E201,Extn201,T9001,Line 1,0,0,,,"
    ",,,,,,,,,,\r\n"
)
SETTINGS = """
[files]
poll_s = 0.1
[sources.tail]
kind = "file"
timezone = "UTC"
path = ["in/Master.csv"]
[sources.http]
kind = "http-post"
format = "freeswitch_json_cdr"
token = "t"
[sources.tcp]
kind = "tcp-listen"
format = "avaya_ipoffice_smdr"
timezone = "UTC"
port = {port}
"""


def cdr(number: int) -> str:
    """A CDR line of a call of its own."""
    at = 1_772_359_200 + number
    clock = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(at))
    end = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(at + 5))
    channels = f'"PJSIP/101-{number:08x}","PJSIP/102-{number:08x}"'
    times = f'"{clock}","{clock}","{end}",5,5,"ANSWERED","DOCUMENTATION"'
    return (
        f'"","101","102","internal","""A"" <101>",{channels},"Dial","PJSIP/102",{times},'
        f'"{at}.{number}","","","{at}.{number}",{number}\n'
    )


def json_cdr(number: int) -> dict[str, object]:
    """A FreeSWITCH record of a call of its own."""
    at = 1_772_359_200 + number
    uuid = f"00000000-0000-4000-8000-{number:012d}"
    variables = {
        "uuid": uuid,
        "call_uuid": uuid,
        "direction": "inbound",
        "start_epoch": str(at),
        "start_uepoch": f"{at}000000",
        "answer_epoch": "0",
        "answer_uepoch": "0",
        "end_epoch": str(at + 4),
        "end_uepoch": f"{at + 4}000000",
        "duration": "4",
        "billsec": "0",
        "hangup_cause": "ORIGINATOR_CANCEL",
    }
    profile = {
        "caller_id_number": "5125550101",
        "destination_number": "201",
        "uuid": uuid,
        "chan_name": "sofia/x/1",
    }
    times = {"created_time": f"{at}000000", "answered_time": "0", "hangup_time": f"{at + 4}000000"}
    return {
        "core-uuid": "c",
        "channel_data": {"state": "CS_REPORTING", "direction": "inbound"},
        "variables": variables,
        "callflow": [{"profile_index": "1", "caller_profile": profile, "times": times}],
    }


def kill_import(home: Path, rounds: int, chance: random.Random, records: int = 400) -> None:
    """Import many small files, killed again and again; then once to the end."""
    folder = home / "files"
    folder.mkdir()
    for index in range(records // 10):
        (folder / f"{index:04}.csv").write_text("".join(cdr(index * 10 + n) for n in range(10)))
    command = [
        sys.executable,
        "-m",
        "ringbook",
        "--home",
        str(home),
        "import",
        str(folder),
        "--source",
        "i",
        "--timezone",
        "UTC",
    ]
    for _ in range(rounds):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.8, 4.0))
        process.send_signal(signal.SIGKILL)
        process.wait()
    done = ringbook(home, "import", str(folder), "--source", "i", "--timezone", "UTC")
    assert done.returncode == 0, done.stderr
    assert ringbook(home, "calls", "count").stdout.strip() == str(records)
    check(home)


def kill_undo(home: Path, rounds: int, chance: random.Random, records: int = 3_000) -> None:
    """Undo an import, killed in the middle: the accounts add up, and nothing happened or all of it. Then import it again."""
    common, only = home / "common.csv", home / "only.csv"
    common.write_text("".join(cdr(number) for number in range(0, records, 2)))
    only.write_text("".join(cdr(number) for number in range(records)))
    ask = ("--source", "i", "--timezone", "UTC")
    for file in (only, common):
        assert ringbook(home, "import", str(file), *ask).returncode == 0
    [name] = [
        one["id"]
        for line in ringbook(home, "imports", "list", "--json").stdout.splitlines()
        if (one := json.loads(line))["file"] == str(only)
    ]
    command = [sys.executable, "-m", "ringbook", "--home", str(home), "imports", "undo", name, "--yes"]
    for _ in range(rounds):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(2.0, 6.0))
        process.send_signal(signal.SIGKILL)
        process.wait()
        checked = ringbook(home, "verify")
        assert checked.returncode == 0, checked.stdout
        assert int(ringbook(home, "calls", "count").stdout) in (records, records // 2)
        assert ringbook(home, "import", str(only), *ask).returncode == 0
        assert int(ringbook(home, "calls", "count").stdout) == records


def kill_serve(home: Path, rounds: int, chance: random.Random) -> None:
    """Send to a serve by HTTP, TCP and file while it is killed again and again; then let it finish."""
    port = free_port()
    (home / "in").mkdir()
    (home / "ringbook.toml").write_text(SETTINGS.format(port=port))
    acknowledged: set[int] = set()
    number = written = 0
    for _ in range(rounds):
        process, address = start(home)
        until = time.monotonic() + chance.uniform(0.3, 2.5)
        with (home / "in" / "Master.csv").open("a") as file, httpx.Client() as client:
            while time.monotonic() < until:
                number += 1
                if post(client, address, number):
                    acknowledged.add(number)
                file.write(cdr(number))
                file.flush()
                written = number
        process.send_signal(signal.SIGKILL)
        process.wait()
    process, address = start(home)
    served = Served(home, address)
    with httpx.Client() as client:
        for again in chance.sample(sorted(acknowledged), min(20, len(acknowledged))):
            assert post(client, address, again), "a record that was acknowledged before must be taken again"
    send_smdr(port, 50)
    settled(lambda: served.count("source:tail") == written, "every line of the followed file")
    settled(lambda: served.count("source:tcp") == 50, "every line sent by TCP")
    posted = served.calls("source:http")
    found = {int(key.rpartition("-")[2]) for call in posted for key in call["keys"]}
    assert not acknowledged - found, f"acknowledged and missing: {sorted(acknowledged - found)[:5]}"
    assert len(posted) == len(found), "a call stands twice"
    stop(process)
    check(home)


def post(client: httpx.Client, address: str, number: int) -> bool:
    """Whether a record was acknowledged."""
    try:
        answer = client.post(
            f"{address}/intake/http", json=json_cdr(number), headers={"authorization": "Bearer t"}, timeout=60
        )
    except httpx.HTTPError:
        return False
    return answer.status_code == 200


def send_smdr(port: int, lines: int) -> None:
    """Send SMDR lines over one connection, cut at odd places."""
    data = "".join(
        SMDR.format(day=1, minute=n // 60, second=n % 60, caller=f"51255501{n:02}", call=1_000_000 + n)
        for n in range(lines)
    ).encode()
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        for offset in range(0, len(data), 137):
            line.sendall(data[offset : offset + 137])


def settled(reached: Callable[[], bool], what: str, patience_s: float = 180.0) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + patience_s
    while not reached():
        if time.monotonic() > deadline:
            raise AssertionError(f"not reached in {patience_s:.0f} s: {what}")
        time.sleep(0.2)


def check(home: Path) -> None:
    """The accounts add up."""
    told = ringbook(home, "verify")
    assert told.returncode == 0, told.stdout[-2000:] + told.stderr[-2000:]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    """Run both harnesses."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, default=100)
    asked.add_argument("--seed", type=int, default=0)
    options = asked.parse_args()
    for harness in (kill_import, kill_serve):
        with tempfile.TemporaryDirectory(prefix="ringbook-crash-") as folder:
            harness(Path(folder), options.rounds, random.Random(options.seed))
        print(json.dumps({"harness": harness.__name__, "rounds": options.rounds, "result": "clean"}))


if __name__ == "__main__":
    main()
