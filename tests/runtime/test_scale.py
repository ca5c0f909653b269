"""Two thousand simulated calls, read at once, in pieces, out of order and followed live: the same calls, each once."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from ringbook.model.public import public
from ringbook.model.source import Source
from ringbook.runtime.simulation.asterisk import CDR, CEL, QUEUE_LOG, Exchange
from ringbook.runtime.simulation.company import northwind
from tests.fold import fold

from .conftest import Served, start, stop
from .crash import settled

pytestmark = pytest.mark.slow

CALLS = 2_000
ZONE = "America/Chicago"
SLUGS = {CDR: "asterisk_cdr_csv", CEL: "asterisk_cel", QUEUE_LOG: "asterisk_queue_log"}
SETTINGS = f"""
[files]
poll_s = 0.05

[sources.followed]
timezone = "{ZONE}"
region = "US"
kind = "file"
path = ["pbx/Master.csv", "pbx/cel.csv", "pbx/queue_log"]
"""

_OF_THE_SOURCE = ("id", "sources", "frames", "frame", "revision")


@pytest.fixture(scope="module")
def home(tmp_path_factory: Any) -> Iterator[Served]:
    """A running serve that follows the files of a simulated phone system."""
    folder = tmp_path_factory.mktemp("scale")
    (folder / "pbx").mkdir()
    (folder / "ringbook.toml").write_text(SETTINGS)
    process, address = start(folder)
    yield Served(folder, address)
    stop(process)


@pytest.fixture(scope="module")
def records() -> dict[str, bytes]:
    """The files that a simulated phone system wrote for the calls."""
    exchange, chance = Exchange(northwind(), seed=11), Random(11)
    at, lines = 1_772_400_000.0, []
    for _ in range(CALLS):
        at += chance.expovariate(1 / 20)
        lines += exchange.call(at)
    lines.sort()
    return {name: "".join(line.text for line in lines if line.file == name).encode() for name in SLUGS}


@pytest.fixture(scope="module")
def facts(records: dict[str, bytes]) -> list[str]:
    """What the calls are, by a fold of all records in memory."""
    source = Source("memory", timezone=ZONE, region="US")
    calls = fold([(SLUGS[name], data) for name, data in records.items()], source)
    return plain([msgspec.json.decode(msgspec.json.encode(public(call))) for call in calls])


def plain(calls: list[dict[str, Any]]) -> list[str]:
    """The calls without what belongs to the source or to how often it was read, in a fixed order."""
    return sorted(json.dumps(facts_of(call), sort_keys=True) for call in calls)


def facts_of(value: Any) -> Any:
    """The value without the names of frames, which carry the source's."""
    if isinstance(value, list):
        return [facts_of(item) for item in value]
    if isinstance(value, dict):
        return {name: facts_of(item) for name, item in value.items() if name not in _OF_THE_SOURCE}
    return value


def compare(served: Served, source: str, facts: list[str]) -> None:
    """The source's calls are those of the fold."""
    found = plain(served.calls(f"source:{source}"))
    assert len(found) == len(facts) == CALLS
    different = [(one, two) for one, two in zip(found, facts, strict=True) if one != two]
    assert different[:1] == []


def test_at_once_through_workers(
    home: Served, records: dict[str, bytes], facts: list[str], tmp_path: Path
) -> None:
    assert records[CEL].count(b"\n") > 15_000, "not enough for the workers"
    for name, data in records.items():
        (tmp_path / name).write_bytes(data)
    result = home.take(tmp_path, source="at-once", timezone=ZONE, region="US")["result"]
    assert (result["rejected"], result["calls_new"]) == ({}, CALLS)
    compare(home, "at-once", facts)


def test_in_many_files_in_any_order(
    home: Served, records: dict[str, bytes], facts: list[str], tmp_path: Path
) -> None:
    chance = Random(12)
    parts = []
    for name, data in records.items():
        lines = data.splitlines(keepends=True)
        chance.shuffle(lines)
        for number in range(0, len(lines), 1_500):
            part = tmp_path / f"{number}-{name}"
            part.write_bytes(b"".join(lines[number : number + 1_500]))
            parts.append(part)
    chance.shuffle(parts)
    for begin in range(0, len(parts), 8):
        home.take(*parts[begin : begin + 8], source="shuffled", timezone=ZONE, region="US")
    compare(home, "shuffled", facts)
    again = home.take(*parts[:5], source="shuffled")["result"]
    assert again["frames"] == 0


def test_followed_while_they_are_written_in_odd_pieces(
    home: Served, records: dict[str, bytes], facts: list[str]
) -> None:
    chance = Random(13)
    left = dict(records)
    files = {name: (home.home / "pbx" / name).open("ab", buffering=0) for name in left}
    while any(left.values()):
        name = chance.choice([name for name, data in left.items() if data])
        cut = chance.randrange(1, 200_000)
        files[name].write(left[name][:cut])
        left[name] = left[name][cut:]
        time.sleep(0.05)
    for file in files.values():
        file.close()
    settled(lambda: plain(home.calls("source:followed")) == facts, "the calls of all records", 180)
    compare(home, "followed", facts)


def test_duplicates_from_another_origin_change_nothing(
    home: Served, records: dict[str, bytes], facts: list[str], tmp_path: Path
) -> None:
    lines = records[CDR].splitlines(keepends=True)
    (tmp_path / "again.csv").write_bytes(b"".join(lines[i] for i in range(len(lines) - 1, -1, -3)))
    result = home.take(tmp_path / "again.csv", source="at-once", timezone=ZONE)["result"]
    assert (result["repeated"], result["calls_new"], result["calls_updated"]) == (result["frames"], 0, 0)
    compare(home, "at-once", facts)


def test_rebuilding_changes_nothing(home: Served, facts: list[str]) -> None:
    asked = {
        "since": None,
        "until": None,
        "source": "shuffled",
        "timezone": None,
        "region": None,
        "zone_shown": "UTC",
    }
    outcome = home.run("rederive", **asked)[-1]
    assert (outcome["calls"], outcome["unchanged"], outcome["updated"], outcome["new"]) == (
        CALLS,
        CALLS,
        0,
        0,
    )
    compare(home, "shuffled", facts)


def test_the_accounts_add_up_after_all_this(home: Served) -> None:
    assert home.differences() == []
