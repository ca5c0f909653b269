"""Rules applied to a real home: what is old goes, with its bytes; what is held stays; a crash in the middle changes nothing."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .retention_child import HELD, MIDDLE, NEW, OLD, name, note, number

pytestmark = pytest.mark.skipif(
    bool(os.environ.get("RINGBOOK_TEST_DATABASE")), reason="the database has no part in it"
)


def child(home: Path, work: Path, *words: str, dies: bool = False) -> dict[str, Any]:
    """What the last ``tell`` of a process on a home said."""
    command = [sys.executable, "-m", "tests.runtime.retention_child", str(home), str(work), *words]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": ""}
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, env=environment)
    if dies:
        assert done.returncode == -signal.SIGKILL, done.stderr[-3000:]
        return {}
    assert done.returncode == 0, done.stderr[-3000:]
    lines = done.stdout.strip().splitlines()
    return json.loads(lines[-1]) if lines else {}


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: Any) -> tuple[Path, dict[str, Any]]:
    """A home that stands ready for a run, and what there is in it."""
    folder = tmp_path_factory.mktemp("retention")
    return folder / "home", child(folder / "home", folder, "furnish", "tell")


def copied(furnished: tuple[Path, dict[str, Any]], tmp_path: Path) -> Path:
    """A copy of that home."""
    shutil.copytree(furnished[0], tmp_path / "home", symlinks=True, ignore=shutil.ignore_patterns("*.sock"))
    return tmp_path / "home"


def found_in(home: Path, words: list[str]) -> list[tuple[str, str]]:
    """The words of which the bytes stand in some file of the home, and in which."""
    sought = [(word, form) for word in words for form in (word.encode(), word.encode("utf-16-le"))]
    found = []
    for file in home.rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            found += [(word, str(file.relative_to(home))) for word, form in sought if form in data]
    return found


def check_end(home: Path, told: dict[str, Any], before: dict[str, Any]) -> None:
    """What is there after a run, however often it was begun again."""
    held, gone = range(HELD), range(HELD, OLD)
    middle = [number("middle", place) for place in range(MIDDLE)]
    new = [number("new", place) for place in range(NEW)]
    assert told["numbers"] == sorted([number("old", place) for place in held] + middle + new)
    assert told["notes"] == sorted(
        [note("old", place) for place in held] + [note("new", place) for place in range(NEW)]
    )
    assert told["recordings"] == 2, "one that is held and a new one; those of middle age are destroyed"
    assert {told["frames"][one] for one in middle} == {0}
    assert {told["frames"][one] for one in new} == {1}
    assert {told["frames"][number("old", place)] for place in held} == {1}
    assert told["differences"] == before["differences"] == []
    assert told["audit"] == []
    run = told["run"]
    assert (run["state"], run["bytes_on_disk"]) == ("done", "gone")
    assert run["removed"] == {"calls": len(gone), "recordings": 2, "notes": MIDDLE, "frames": MIDDLE}
    assert run["kept"]["calls"]["held"] == HELD
    assert len(told["steps"]) == len(set(told["steps"])), "nothing twice"
    names = {rule["key"]: rule["kind"] for rule in run["rules"]}
    counts = {names[rule]: kinds for rule, kinds in told["tombstones"].items()}
    assert (counts["calls"]["call"], counts["calls"]["frame"]) == (len(gone), len(gone))
    assert counts["recordings"]["recording"] == 2
    assert counts["frames"]["frame"] == MIDDLE
    assert counts["calls"]["recording"] == 1
    assert set(run["sha256"]) == set(run["removed"])
    frames = "".join(f"{one}\n" for one in told["steps"] if len(one) == 32)
    assert run["sha256"]["frames"] == hashlib.sha256(frames.encode()).hexdigest()
    check_bytes(home, told, before)


def check_bytes(home: Path, told: dict[str, Any], before: dict[str, Any]) -> None:
    """Nothing of what went is left in any file of the home; what is held is."""
    gone = [number("old", place)[1:] for place in range(HELD, OLD)]
    names = [name("old", place) for place in range(HELD, OLD)]
    notes = [note("old", place) for place in range(HELD, OLD)] + [
        note("middle", place) for place in range(MIDDLE)
    ]
    lower = [one.lower() for one in names]
    assert found_in(home, gone + names + lower + notes) == []
    assert found_in(home, [note("old", 0)]), "the search itself finds what is there"
    held = [word for place in range(HELD) for word in (number("old", place)[1:], name("old", place).lower())]
    assert told["in_ledger"] == held
    assert len(before["in_ledger"]) == 2 * OLD


def test_what_is_old_goes_with_its_bytes_and_what_is_held_stays(
    furnished: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    home, before = copied(furnished, tmp_path), furnished[1]
    assert len(before["numbers"]) == OLD + MIDDLE + NEW
    assert before["recordings"] == 5
    told = child(home, furnished[0].parent, "apply", "tell")
    check_end(home, told, before)
    assert told["evidence"]["records"] == []
    [removed] = told["evidence"]["removed"]
    assert (removed["count"], removed["ground"]) == (1, "retention")


def test_bytes_that_others_kept_on_the_disk_go_later(
    furnished: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    home = copied(furnished, tmp_path)
    told = child(home, furnished[0].parent, "hinder", "apply", "tell")
    assert (told["run"]["state"], told["run"]["bytes_on_disk"]) == ("done", "hidden")
    assert found_in(home, [note("middle", 0), name("old", HELD).lower()])
    check_end(home, child(home, furnished[0].parent, "look", "tell"), furnished[1])


DEATHS = (
    "runtime.intake:Intake.remove:2+",  # removed, and not yet written down as done
    "runtime.intake:Intake.remove:2",
    "recordings.vault:Vault.destroy:1+",
    "ledger.engines.engine:Connected.change:3",
    "ledger.erasing:_wait:1",
    "runtime.retention.running:compact:1",
)


def test_a_run_that_is_killed_goes_on_and_does_nothing_twice(
    furnished: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    home = copied(furnished, tmp_path)
    for place in DEATHS:
        child(home, furnished[0].parent, f"apply={place}", dies=True)
    check_end(home, child(home, furnished[0].parent, "apply", "tell"), furnished[1])
