"""How quickly recordings are taken, drawn and played, and what an hour of them weighs."""

from __future__ import annotations

import random
import wave
from array import array
from collections.abc import Iterator
from pathlib import Path

from ringbook.recordings.decoder import Task, decode
from ringbook.recordings.vault import ORIGINAL
from ringbook.runtime.bench.figures import Figure, p95, timed
from ringbook.runtime.home import Home
from ringbook.runtime.recordings.opening import open_vault
from ringbook.runtime.recordings.taking import Taker

MINUTES = 20
RATE = 8_000
RANGES = 300
FIRST_MS = 50.0
MIB = 1 << 20


def measure(folder: Path, home: Home) -> Iterator[Figure]:
    """Take a recording of a call of 20 minutes, both sides, and read it."""
    file = folder / "call.wav"
    _speech(file)
    span, size = MINUTES * 60.0, file.stat().st_size
    taken_s = timed(lambda: Taker(home, open_vault(home)).take(file, "bench"))
    yield Figure(
        name="media: take a recording",
        value=span / taken_s,
        unit="× real time",
        note=f"{MINUTES} min of stereo, {size / MIB:.0f} MiB: hashed, drawn, sealed, catalogued; one core",
    )
    peaks_s = timed(lambda: decode(Task(do="peaks", file=str(file), to=str(folder / "peaks"))))
    yield Figure(name="media: peaks", value=span / peaks_s, unit="× real time", note="one core")
    opus = folder / "call.opus"
    opus_s = timed(lambda: decode(Task(do="write", file=str(file), to=str(opus), form="opus")))
    yield Figure(name="media: transcode to Opus", value=span / opus_s, unit="× real time", note="one core")
    first_ms = p95(_first_bytes(home, size))
    yield Figure(
        name="media: first bytes of a range, p95",
        value=first_ms,
        unit="ms",
        target=f"< {FIRST_MS:g} ms",
        met=first_ms < FIRST_MS,
        note=f"{RANGES} ranges out of the vault, without HTTP",
    )
    for name, bytes_ in (("Opus", opus.stat().st_size), ("as recorded", size)):
        an_hour = bytes_ * 3_600 / span / MIB
        yield Figure(name=f"media: an hour, {name}", value=an_hour, unit="MiB")


def _first_bytes(home: Home, size: int) -> list[float]:
    """Milliseconds until the first bytes of ranges somewhere in the recording are there."""
    vault = open_vault(home)
    [recording] = vault.recordings("main")
    chance = random.Random(1)

    def read(start: int) -> bytes:
        return next(vault.open("main", recording, ORIGINAL).read(start, size))

    return [1_000 * timed(lambda: read(chance.randrange(size))) for _ in range(RANGES)]


def _speech(file: Path) -> None:
    """A stereo recording of that length in which the two sides take turns, as loud noise and as quiet."""
    chance = random.Random(2)
    loud = array("h", (chance.randrange(-6_000, 6_000) for _ in range(RATE)))
    quiet = array("h", (chance.randrange(-30, 30) for _ in range(RATE)))
    with wave.open(str(file), "wb") as sink:
        sink.setparams((2, 2, RATE, 0, "NONE", ""))
        for second in range(MINUTES * 60):
            sides = (loud, quiet) if second % 10 < 5 else (quiet, loud)
            frame = array("h", bytes(4 * RATE))
            frame[0::2], frame[1::2] = sides
            sink.writeframes(frame.tobytes())
