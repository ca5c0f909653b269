"""The decoder: a process of its own in which audio files from outside are opened, with limits on memory, time and output.

A file that makes a decoder crash, loop or fill the memory ends this process and nothing else. :func:`decode` runs one task in it.
"""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec

from ringbook.recordings.errors import UndecodableError

MEMORY = 2 << 30
CPU_S = 1_800
OUTPUT = 8 << 30


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What to do: ``probe``, ``peaks``, ``write`` or ``together`` of :mod:`ringbook.recordings.audio`, with its arguments.

    ``look`` is ``probe`` and ``peaks`` in one.
    """

    do: str
    file: str
    to: str = ""
    second: str = ""
    form: str = "opus"
    spans: list[tuple[float, float]] = []
    cut: tuple[float, float] | None = None


def decode(task: Task, *, timeout_s: float = CPU_S) -> dict[str, Any]:
    """What the task gives: a probe's fields, or nothing for ``peaks``, which go to ``to``.

    :raises UndecodableError: the file is not audio that can be read, or it took more than it may.
    """
    command = [sys.executable, "-m", "ringbook.recordings.decoder"]
    quiet = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PATH": os.environ.get("PATH", "")}
    try:
        done = subprocess.run(
            command,
            input=msgspec.json.encode(task),
            capture_output=True,
            timeout=timeout_s,
            check=False,
            env=quiet,
        )
    except subprocess.TimeoutExpired:
        raise UndecodableError("reading it took longer than it may") from None
    if done.returncode:
        raise UndecodableError(_reason(done))
    return dict(msgspec.json.decode(done.stdout))


def _reason(done: subprocess.CompletedProcess[bytes]) -> str:
    if done.returncode < 0:
        return f"the decoder was ended by signal {-done.returncode}: the file is damaged, or made to do harm"
    told = done.stderr.decode(errors="replace").strip().splitlines()
    return told[-1][:300] if told else "it is not audio that can be read"


def _limit() -> None:
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_FSIZE, OUTPUT),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def _main() -> int:
    _limit()
    import soundfile

    from ringbook.recordings import audio

    task = msgspec.json.decode(sys.stdin.buffer.read(), type=Task)
    spans = [audio.Span(*span) for span in task.spans]
    try:
        told: Any = {}
        match task.do:
            case "probe":
                told = audio.probe(Path(task.file))
            case "look":
                told = audio.probe(Path(task.file))
                Path(task.to).write_bytes(audio.peaks(Path(task.file)))
            case "peaks":
                Path(task.to).write_bytes(audio.peaks(Path(task.file)))
            case "write":
                cut = audio.Span(*task.cut) if task.cut else None
                told = audio.write(Path(task.file), Path(task.to), task.form, spans, cut)
            case "together":
                told = audio.together(Path(task.file), Path(task.second), Path(task.to), task.form)
    except (soundfile.SoundFileError, ValueError, MemoryError, OSError) as error:
        # libsndfile begins with the path, which is one of ours and tells nobody anything.
        told_of = re.sub(r"^Error opening .*?: (?=\S)", "", str(error), flags=re.DOTALL)
        told_of = told_of.replace("Unspecified internal error.", "it is damaged")  # whatever libsndfile met
        sys.stderr.write(f"{told_of or type(error).__name__}\n")
        return 1
    sys.stdout.buffer.write(msgspec.json.encode(told))
    return 0


if __name__ == "__main__":
    sys.exit(_main())
