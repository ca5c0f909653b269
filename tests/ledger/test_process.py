"""What holds beyond one process: crashes, a second process, a disk that refuses."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from ringbook.ledger.errors import LedgerUnwritableError
from ringbook.ledger.ledger import open_ledger

from .child import SIZE

ROOT = Path(__file__).parents[2]
CRASHES = 10


def start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.ledger.child", *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def answer(*arguments: str) -> str:
    done = start(*arguments)
    out, _ = done.communicate(timeout=300)
    assert done.returncode == 0
    return out


def told(*arguments: str) -> dict[str, Any]:
    found = json.loads(answer(*arguments))
    assert isinstance(found, dict)
    return found


@pytest.mark.slow
def test_killed_while_writing_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    address, noted = f"chdb://{tmp_path}/store", tmp_path / "noted"
    started = time.monotonic()
    answer("write", address, str(noted), "3")
    write_s = (time.monotonic() - started) / 6
    chance = random.Random(8)
    for _ in range(CRASHES):
        child = start("write", address, str(noted), "1000")
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        time.sleep(chance.random() * 2 * write_s)
        child.kill()
        child.wait()
    # The batch that was cut short is written again, as the journal does.
    answer("write", address, str(noted), "1")
    batches = len(noted.read_bytes())
    assert batches > 3
    assert told("check", address) == {
        "calls": SIZE * batches - (batches - 1),
        "frames": SIZE * batches,
        "differences": [],
    }


def test_a_second_process_is_told_who_is_there(tmp_path: Path) -> None:
    address = f"chdb://{tmp_path}/store"
    first = start("hold", address)
    assert first.stdout is not None
    assert first.stdout.readline() == "ready\n"
    message = answer("busy", address)
    assert f"in use by process {first.pid}" in message
    assert "ringbook serve" in message
    first.communicate("", timeout=60)
    assert first.returncode == 0
    assert told("check", address)["calls"] == 0


def test_a_disk_that_refuses_acknowledges_nothing(tmp_path: Path) -> None:
    found = told("choke", f"chdb://{tmp_path}/store")
    assert "make room" in found["error"]
    assert found["before"] == SIZE
    assert found["after"] == 2 * SIZE - 1
    assert found["differences"] == []


def test_a_folder_of_any_name_and_a_foreign_config_in_the_working_directory(tmp_path: Path) -> None:
    (tmp_path / "config.xml").write_text("<clickhouse><path>/nowhere</path><broken></clickhouse>")
    script = (
        "import sys; from ringbook.ledger.ledger import open_ledger; from ringbook.model.scope import Scope;"
        "ledger = open_ledger(sys.argv[1]); print(ledger.count(Scope())); ledger.close()"
    )
    store = tmp_path / "Müller & 50 % off'"
    done = subprocess.run(
        [sys.executable, "-c", script, f"chdb://{store}"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "0\n"), done.stderr
    assert (store / "ringbook.lock").exists()


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(LedgerUnwritableError, match="cannot be written"):
        open_ledger(f"chdb://{tmp_path}/file/store")


def test_a_reader_never_sees_a_moved_call_twice_or_not_at_all(tmp_path: Path) -> None:
    assert told("read_beside_writing", f"chdb://{tmp_path}/store", "30")["seen"] == [SIZE]
