"""Run many command lines in one process, to save its start: ``python -m tests.journeys.many HOME`` with JSON lists on stdin."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]


class Told(NamedTuple):
    """What a command said and how it ended."""

    status: int
    out: str
    err: str


def many(home: Path, commands: Sequence[Sequence[str]]) -> list[Told]:
    """What each of the command lines says, run one after the other in a process of their own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.journeys.many", str(home)],
        input="\n".join(json.dumps(list(command)) for command in commands),
        capture_output=True,
        text=True,
        timeout=300,
        cwd=ROOT,
        check=True,
        env={**os.environ, "COLUMNS": "200"},
    )
    answers = [Told(*json.loads(line)) for line in done.stdout.splitlines()]
    assert "Traceback" not in done.stderr, done.stderr
    return answers


def one(home: str, arguments: list[str]) -> Told:
    """Run one command line as ``ringbook`` does."""
    from ringbook.cli.app import main

    sys.argv = ["ringbook", "--home", home, *arguments]
    sys.stdout, sys.stderr = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    status = 0
    try:
        main()
    except SystemExit as stop:
        status = int(stop.code or 0)
    except Exception:  # noqa: BLE001  # told like any answer, so that the test shows which command it was
        status = -1
        traceback.print_exc()
    said = [stream.buffer.getvalue().decode() for stream in (sys.stdout, sys.stderr)]  # type: ignore[attr-defined]
    return Told(status, *said)


def run() -> None:
    """Run the command lines of standard input."""
    real, home = sys.stdout, sys.argv[1]
    for line in sys.stdin.read().splitlines():
        print(json.dumps(one(home, json.loads(line))), file=real, flush=True)


if __name__ == "__main__":
    run()
