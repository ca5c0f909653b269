"""The demonstration: a simulated company in a home of its own, its phone system writing records as a real one would.

Months of history are written first and imported like any files; then ``serve`` follows the files while calls go on arriving.
Nothing here writes to the ledger: every call has passed through the whole path.
"""

from __future__ import annotations

import heapq
import threading
import time
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import msgspec

from ringbook.runtime.home import Home
from ringbook.runtime.importing import Ask, Done, Importer, Notice, Progress
from ringbook.runtime.simulation.asterisk import CDR, CEL, QUEUE_LOG, Exchange, Line
from ringbook.runtime.simulation.company import northwind
from ringbook.runtime.simulation.rhythm import day, days

SOURCE = "northwind"
_FILES = (CDR, CEL, QUEUE_LOG)
_STATE = "written.json"
_DETAILED_DAYS = 2
"""Days of history for which channel events are written too: ten times as many records, for times to the microsecond."""

SETTINGS = """\
# The simulated phone system of Northwind Dental. A real Asterisk is connected in the same way:
# its own files, its own time zone, its own country.
[sources.northwind]
timezone = "America/Chicago"
region = "US"
kind = "file"
path = ["pbx/Master.csv", "pbx/cel.csv", "pbx/queue_log"]
"""


class Written(msgspec.Struct):
    """Up to when (epoch seconds) the simulated phone system has written its records, and how often it was started."""

    until: float = 0.0
    starts: int = 0


class Demo:
    """The simulated company of one home."""

    def __init__(self, folder: Path, history_days: int, calls_a_day: float) -> None:
        self.folder = folder
        self._pbx = folder / "pbx"
        self._days = history_days
        self._calls = calls_a_day
        self._company = northwind()

    def prepare(self) -> Iterator[Progress | Notice | Done]:
        """Write the history up to now and import it, telling how far that has come."""
        for folder in (self.folder, self._pbx):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        settings = self.folder / "ringbook.toml"
        if not settings.exists():
            settings.write_text(SETTINGS, encoding="utf-8")
        written = self._written()
        self._write_history(written)
        with Home.open(self.folder) as home:
            paths = [str(self._pbx / name) for name in _FILES]
            yield from Importer(home, Ask(paths=paths, source=SOURCE)).run(final=False)

    def go_on(self, stop: threading.Event, every_s: float) -> threading.Thread:
        """Begin to write the records of new calls, one about every so many seconds, until ``stop`` is set."""
        thread = threading.Thread(target=self._live, args=(stop, every_s), name="simulated-pbx", daemon=True)
        thread.start()
        return thread

    def _written(self) -> Written:
        file = self._pbx / _STATE
        return msgspec.json.decode(file.read_bytes(), type=Written) if file.exists() else Written()

    def _write_history(self, written: Written) -> None:
        zone = ZoneInfo(self._company.zone)
        until = time.time()
        first = written.until or until - self._days * 86_400
        exchange, random = Exchange(self._company, seed=written.starts), Random(written.starts)
        waiting: list[Line] = []
        for on in days(_day(first, zone), date.fromordinal(_day(until, zone).toordinal() + 1)):
            for start in day(random, on, zone, self._calls):
                if first <= start < until - 60:
                    waiting += exchange.call(start)
        detailed = until - _DETAILED_DAYS * 86_400
        kept = (line for line in waiting if line.at < until and (line.file != CEL or line.at > detailed))
        _append(self._pbx, sorted(kept))
        written.until, written.starts = until, written.starts + 1
        self._save(written)

    def _live(self, stop: threading.Event, every_s: float) -> None:
        exchange, random = Exchange(self._company, seed=int(time.time())), Random()
        due: list[Line] = []
        following = time.time() + 1
        while not stop.is_set():
            at = time.time()
            if at >= following:
                for line in exchange.call(following):
                    heapq.heappush(due, line)
                following += random.expovariate(1 / every_s)
            ready: list[Line] = []
            while due and due[0].at <= at:
                ready.append(heapq.heappop(due))
            if ready:
                _append(self._pbx, ready)
                self._save(Written(at, self._written().starts))
            stop.wait(0.2)

    def _save(self, written: Written) -> None:
        draft = self._pbx / f"{_STATE}.draft"
        draft.write_bytes(msgspec.json.encode(written))
        draft.replace(self._pbx / _STATE)


def _append(folder: Path, lines: list[Line]) -> None:
    for name in _FILES:
        text = "".join(line.text for line in lines if line.file == name)
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write(text)


def _day(at: float, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(at, zone).date()
