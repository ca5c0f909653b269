"""The data that is measured with: CDR files of a simulated company."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from ringbook.runtime.simulation.asterisk import CDR, Exchange
from ringbook.runtime.simulation.company import Company, northwind
from ringbook.runtime.simulation.rhythm import day

LAST_DAY = date(2026, 10, 31)
DAYS = 365


def company() -> Company:
    """The company that is measured with."""
    return northwind(contacts=1_900)


def write_cdr(file: Path, records: int, seed: int = 1) -> int:
    """Write at least so many CDR lines over a year, in the order in which a PBX writes them; gives back how many calls."""
    calls = lines = 0
    with file.open("w", encoding="utf-8") as sink:
        for texts in _calls(records / 1.45 / DAYS, seed):
            sink.writelines(texts)
            calls += 1
            lines += len(texts)
            if lines >= records:
                break
    return calls


def _calls(a_day: float, seed: int) -> Iterator[list[str]]:
    world = company()
    exchange, random, zone = Exchange(world, seed, frozenset((CDR,))), Random(seed), ZoneInfo(world.zone)
    on = LAST_DAY - timedelta(days=DAYS)
    while True:
        for start in day(random, on, zone, a_day * 1.25):
            yield [line.text for line in exchange.call(start)]
        on += timedelta(days=1)
