"""Import: from a file of CDRs to searchable calls, beside the engine inserting the same rows itself."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

from ringbook.ledger import probe
from ringbook.model.scope import Scope
from ringbook.runtime.bench.data import company, write_cdr
from ringbook.runtime.bench.figures import Figure, resident, timed
from ringbook.runtime.home import Home
from ringbook.runtime.importing import Ask, Done, Importer

SOURCE = "bench"


def measure(folder: Path, records: int, home: Home) -> Iterator[Figure]:
    """Import so many CDRs into a fresh home; gives rate, ratio to the engine, memory and disk."""
    file = folder / "Master.csv"
    write_cdr(file, records)
    peak = Peak()
    with peak:
        ask = Ask(paths=[str(file)], source=SOURCE, timezone=company().zone, region="US")
        done = next(told for told in Importer(home, ask).run() if isinstance(told, Done))
    raw = probe.insert_again(home.ledger.engine)
    rate = done.result.frames / done.seconds
    yield Figure(
        name="import: records a second",
        value=rate,
        unit="records/s",
        target="≥ 60,000",
        met=rate >= 60_000,
        note=f"{done.result.frames:,} records, {done.result.calls_new:,} calls in {done.seconds:.1f} s",
    )
    yield Figure(
        name="import: time beside the engine inserting the same rows",
        value=done.seconds / raw,
        unit="×",
        target="≤ 4",
        met=done.seconds <= 4 * raw,
        ratio=done.seconds / raw,
        note=f"engine alone {raw:.1f} s",
    )
    yield Figure(
        name="import: most memory, workers included",
        value=peak.most / 1e6,
        unit="MB",
        target="< 1,500",
        met=peak.most < 1.5e9,
    )
    again = timed(lambda: list(Importer(home, Ask(paths=[str(file)], source=SOURCE)).run()))
    yield Figure(name="import: the same file again", value=again, unit="s")
    probe.settle(home.ledger.engine)
    calls = home.ledger.count(Scope())
    a_call = probe.parts_bytes(home.ledger.engine) / calls
    yield Figure(
        name="disk: bytes a call, frames included",
        value=a_call,
        unit="bytes",
        target="< 250",
        met=a_call < 250,
        note=f"{calls:,} calls, after merging",
    )


class Peak:
    """The most memory that this process and its children have while it is entered, looked at ten times a second."""

    def __init__(self) -> None:
        self.most = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self) -> None:
        while not self._stop.wait(0.1):
            self.most = max(self.most, resident(os.getpid()))

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
