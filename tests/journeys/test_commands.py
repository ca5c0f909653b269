"""Every command by itself and through a running serve: the same words, the same numbers, the same exit status."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import zstandard

from tests.runtime.conftest import SCENARIOS, ringbook, start, stop

from .many import Told, many

pytestmark = pytest.mark.slow

ASTERISK = SCENARIOS / "asterisk"
ZONE = ("--timezone", "America/New_York", "--region", "US")

_VARIES = [
    (re.compile(r"in \d+\.\d s \([\d,]+ records/s\)"), "in S"),
    (re.compile(r'"seconds": [\d.]+, "records_per_s": \d+'), '"seconds": 0'),
    (re.compile(r'"(received_at|last_record_at)": "[^"]+"'), r'"\1": "NOW"'),
    (re.compile(r'"frames_last_(hour|day)": \d+'), r'"frames_last_\1": 0'),
    (re.compile(r"received 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d"), "received NOW"),
    (re.compile(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d(?=\s+\S+\s+asterisk)"), "NOW"),
    (re.compile(r"ringbook-\w+/standard-input"), "standard-input"),
    (re.compile(r"(?<=imported  )20\d\d-\d\d-\d\d \d\d:\d\d:\d\d"), "NOW"),
    (re.compile(r"--cursor \S+"), "--cursor C"),
]


class Homes:
    """Two homes, one of them held by a running serve."""

    def __init__(self, alone: Path, served: Path) -> None:
        self.folders = (alone, served)
        self._pool = ThreadPoolExecutor(2)

    def each(self, *commands: tuple[str, ...]) -> list[list[Told]]:
        """What the commands say alone, and what they say through serve."""
        return list(self._pool.map(lambda home: many(home, commands), self.folders))

    def both(self, *commands: tuple[str, ...]) -> list[Told]:
        """What the commands say either way."""
        alone, served = (
            [plain(told, home) for told in answers]
            for home, answers in zip(self.folders, self.each(*commands), strict=True)
        )
        assert alone == served
        return alone


def plain(told: Told, home: Path) -> Told:
    """What was said without what differs from run to run."""
    out, err = told.out.replace(str(home), "HOME"), told.err.replace(str(home), "HOME")
    for pattern, instead in _VARIES:
        out, err = pattern.sub(instead, out), pattern.sub(instead, err)
    return Told(told.status, out, err)


def rows(told: Told) -> list[dict[str, Any]]:
    """The JSON objects that a command printed."""
    assert told.status == 0, told.err
    return [json.loads(line) for line in told.out.splitlines()]


@pytest.fixture(scope="module")
def files(tmp_path_factory: Any) -> Path:
    """A folder of records to import, of three phone systems."""
    folder: Path = tmp_path_factory.mktemp("records")
    for name in ("queue_rna_then_second_agent", "inbound_voicemail_no_message", "blind_transfer_refer"):
        (folder / name).mkdir()
        for file in ("Master.csv", "cel.csv", "queue_log"):
            if (ASTERISK / name / file).exists():
                (folder / name / file).write_bytes((ASTERISK / name / file).read_bytes())
    master = (ASTERISK / "batch_120_calm" / "Master.csv").read_bytes()
    (folder / "batch.csv.gz").write_bytes(gzip.compress(master))
    (folder / "batch.csv.zst").write_bytes(zstandard.compress(master))
    lines = (ASTERISK / "same_caller_five_calls" / "Master.csv").read_bytes().splitlines(keepends=True)
    (folder / "bad.csv").write_bytes(b"".join([*lines[:2], b'"half a record\xff,"\n', *lines[2:]]))
    return folder


@pytest.fixture(scope="module")
def homes(tmp_path_factory: Any, files: Path) -> Iterator[Homes]:
    """Both homes, with the same records imported by the same commands."""
    alone, held = tmp_path_factory.mktemp("alone"), tmp_path_factory.mktemp("held")
    process, _ = start(held)
    yield Homes(alone, held)
    stop(process)


def test_import_tells_the_same(homes: Homes, files: Path) -> None:
    queue = str(files / "queue_rna_then_second_agent")
    first, again, pattern, packed, twice = homes.both(
        ("import", queue, "--source", "berlin", *ZONE, "--json"),
        ("import", queue, "--source", "berlin"),
        ("import", str(files / "*" / "Master.csv"), "--source", "glob", *ZONE),
        ("import", str(files / "batch.csv.gz"), "--source", "packed", *ZONE, "--json"),
        ("import", str(files / "batch.csv.zst"), "--source", "packed", "--json"),
    )
    [counts] = rows(first)
    assert (counts["calls_new"], counts["rejected"], counts["files"]) == (1, 0, 3)
    assert "0 records: 0 understood" in again.out
    assert "3 with nothing new" in again.out
    assert "calls: 3 new, 0 updated, 0 unchanged" in pattern.out
    [[one], [two]] = rows(packed), rows(twice)
    assert one["calls_new"] == 120
    assert (two["repeated"], two["calls_new"], two["calls_updated"]) == (one["frames"], 0, 0)


def test_standard_input_and_pipes_are_read(homes: Homes, files: Path) -> None:
    record = files / "blind_transfer_refer" / "Master.csv"
    for home in homes.folders:
        done = ringbook(home, "import", "-", "--source", "piped", *ZONE, input=record.read_text())
        assert (done.returncode, "calls: 1 new" in done.stdout) == (0, True), done.stderr
        line = f"{sys.executable} -m ringbook --home {home} import <(cat {record}) --source piped --json"
        done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        assert (told["repeated"], told["calls_new"]) == (told["frames"], 0)


def test_strict_exits_1_on_rejects_and_only_then(homes: Homes, files: Path) -> None:
    record = ("import", str(files / "bad.csv"), "--source", "strict", "--format", "asterisk_cdr_csv")
    strict, calm = homes.both((*record, *ZONE, "--strict"), (*record, "--strict"))
    assert strict.status == 1
    assert "1 rejected" in strict.out
    assert "calls: 5 new" in strict.out
    assert calm.status == 0


def test_calls_are_listed_counted_and_shown_the_same(homes: Homes) -> None:
    count, listed, table, csv, berlin, wrong = homes.both(
        ("calls", "count"),
        ("calls", "list", "--json", "--limit", "1000"),
        ("calls", "list", "source:berlin", "--zone", "UTC"),
        ("calls", "list", "source:glob", "--csv"),
        ("calls", "list", "source:berlin", "--json"),
        ("calls", "list", "source:nobody"),
    )
    found = rows(listed)
    assert len(found) == int(count.out)
    starts = [datetime.fromisoformat(call["started_at"]) for call in found]
    assert starts == sorted(starts, reverse=True)
    assert "answered" in table.out
    assert len(csv.out.splitlines()) == 4
    assert wrong.out == "No calls answer this.\n"
    [call] = rows(berlin)
    shown, story = homes.both(
        ("calls", "show", call["id"], "--json"),
        ("calls", "show", call["id"][:18], "--zone", "America/New_York"),
    )
    [told] = rows(shown)
    assert {name: told[name] for name in call} == call
    assert "sales" in story.out
    assert [record["text"][:20] in story.out for record in told["evidence"]["records"]].count(False) == 0


def test_pages_join_into_the_whole_list(homes: Homes) -> None:
    page = ("calls", "list", "source:packed", "--json", "--limit", "50")
    for home in homes.folders:
        whole, first = many(home, [("calls", "list", "source:packed", "--json", "--limit", "1000"), page])
        [second] = many(home, [(*page, "--cursor", cursor(first))])
        [third] = many(home, [(*page, "--cursor", cursor(second))])
        assert "--cursor" not in third.err
        assert len(rows(whole)) == 120
        assert rows(first) + rows(second) + rows(third) == rows(whole)


def cursor(told: Told) -> str:
    """The cursor with which a list goes on."""
    found = re.search(r"--cursor (\S+)", told.err)
    assert found, told.err
    return found[1]


def test_rejects_are_listed_shown_and_replayed_the_same(homes: Homes) -> None:
    [listed] = homes.both(("rejects", "list", "--json", "--source", "strict"))
    [reject] = rows(listed)
    table, shown, as_json, one, all_ = homes.both(
        ("rejects", "list", "--reason", reject["reason"]),
        ("rejects", "show", reject["id"]),
        ("rejects", "show", reject["id"], "--json"),
        ("rejects", "replay", "--id", reject["id"], "--json"),
        ("rejects", "replay", "--source", "strict"),
    )
    assert reject["reason"] in table.out
    assert reject["detail"] in shown.out
    assert rows(as_json)[0]["data"] == reject["data"]
    [outcome] = rows(one)
    assert (outcome["tried"], outcome["understood"], outcome["still_rejected"]) == (1, 0, 1)
    assert "1 tried: 0 now understood, 1 still rejected" in all_.out


def test_sources_verify_and_rederive_tell_the_same(homes: Homes) -> None:
    status, table, verified, findings, rebuilt, moved, day, after = homes.both(
        ("sources", "status", "--json"),
        ("sources", "status"),
        ("verify",),
        ("verify", "--json"),
        ("rederive", "--source", "packed", "--json"),
        ("rederive", "--source", "glob", "--timezone", "Europe/Berlin"),
        ("rederive", "--since", "2026-11-21", "--until", "2026-11-22"),
        ("verify",),
    )
    told = {row["source"]: row for row in rows(status)}
    assert told["strict"]["rejected_by_reason"] == {"wrong-columns": 1}
    assert told["packed"]["calls"] == 120
    assert "strict" in table.out
    assert verified.out.endswith("no difference\n")
    assert all("checked" in finding for finding in rows(findings))
    [outcome] = rows(rebuilt)
    assert (outcome["calls"], outcome["unchanged"], outcome["updated"], outcome["gone"]) == (120, 120, 0, 0)
    assert outcome["frames"] == told["packed"]["frames"]
    assert "3 updated" in moved.out
    assert (day.status, after.status) == (0, 0)


ERRORS = [
    (("calls", "list", "outcom:missed"), 2, "outcome"),
    (("calls", "list", "outcome:mised"), 2, "missed"),
    (("calls", "list", "--cursor", "xx"), 2, "cursor"),
    (("calls", "list", "--limit", "0"), 2, "--limit"),
    (("calls", "list", "--zone", "Mars/Base"), 2, "Mars/Base"),
    (("calls", "show", "0123456789ab"), 2, "0123456789ab"),
    (("calls", "count", "--bogus"), 2, "--bogus"),
    (("nonsense",), 2, "nonsense"),
    (("rejects", "list", "--cursor", "xx"), 2, "cursor"),
    (("rejects", "show", "zz"), 2, "zz"),
    (("rejects", "replay", "--id", "00"), 2, "00"),
    (("import", "/nowhere/at/all.csv"), 2, "/nowhere/at/all.csv"),
    (("import", "/nowhere/*.csv"), 2, "/nowhere/*.csv"),
    (("import", "/etc/passwd"), 2, "passwd"),
    (("import", "FILE", "--format", "nonsense"), 2, "nonsense"),
    (("import", "FILE", "--source", ""), 2, "source"),
    (("import", "FILE", "--source", "x", "--region", "Germany"), 2, "Germany"),
    (("import", "FILE", "--source", "x", "--timezone", "Mars/Base"), 78, "Mars/Base"),
    (("import", "FILE", "--source", "x", "--timezone", "UTC+99"), 78, "UTC+99"),
    (("import", "FILE", "--source", "x", "--set", "nonsense"), 2, "nonsense"),
    (("import", "FILE", "--source", "x", "--set", "colour=red"), 78, "colour"),
    (
        ("import", "FILE", "--source", "berlin", "--timezone", "UTC"),
        2,
        "rederive --source berlin --timezone UTC",
    ),
    (("import",), 2, "PATH"),
    (("rederive", "--source", "nobody"), 2, "nobody"),
    (("rederive", "--since", "yesterday"), 2, "yesterday"),
    (("rederive", "--timezone", "UTC"), 2, "--source"),
    (("verify", "all"), 2, "all"),
]


def test_errors_name_the_thing_and_end_with_their_status(homes: Homes, files: Path) -> None:
    record = str(files / "blind_transfer_refer" / "Master.csv")
    asked = [tuple(record if word == "FILE" else word for word in words) for words, _, _ in ERRORS]
    for (words, status, says), told in zip(ERRORS, homes.both(*asked), strict=True):
        assert told.status == status, (words, told)
        assert says in told.err, (words, told)


def test_what_needs_no_home_answers_too(homes: Homes) -> None:
    listed, table, version, mapping = homes.both(
        ("sources", "list", "--json"), ("sources", "list"), ("--version",), ("sources", "map", "/etc/passwd")
    )
    assert {"asterisk_cdr_csv", "mapped", "vcon"} <= {row["format"] for row in rows(listed)}
    assert "asterisk_cel" in table.out
    assert "version" in version.out
    assert (mapping.status, "passwd" in mapping.err) == (2, True)


def test_a_reader_who_has_seen_enough_is_no_error(homes: Homes) -> None:
    for form in (("--json",), ("--csv",), ()):
        words = [sys.executable, "-m", "ringbook", "--home", str(homes.folders[0]), "calls", "list", *form]
        process = subprocess.Popen(
            [*words, "--limit", "1000"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        process.stdout.close()
        _, said = process.communicate(timeout=60)
        assert (process.returncode, said) == (0, "")


def test_an_output_that_takes_no_more_is_told(homes: Homes) -> None:
    words = [sys.executable, "-m", "ringbook", "--home", str(homes.folders[0]), "calls", "list", "--json"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (74, "ringbook: No space left on device\n")
