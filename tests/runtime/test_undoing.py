"""Undoing imports: what only they brought goes, everything else is as it was, and the same file again brings the same calls."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ringbook.ledger import erasing
from ringbook.ledger.annotations import CallNotes
from ringbook.ledger.erasing import Removal
from ringbook.ledger.verify import verify
from ringbook.model.call import Call
from ringbook.model.frame import FrameKind, frame_id
from ringbook.model.scope import Scope
from ringbook.model.warrant import Ground
from ringbook.runtime import undoing
from ringbook.runtime.home import Home
from ringbook.runtime.importing import Ask, Done, Importer, now
from ringbook.runtime.intake import Portion
from ringbook.runtime.result import Result
from ringbook.runtime.understand import Understood
from ringbook.search import pages

from ..warrants import a_warrant
from .conftest import SCENARIOS
from .crash import cdr

SCOPE = Scope()


class Killed(BaseException):
    """Stands for the process dying here."""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """An empty home."""
    with Home.open(tmp_path / "home") as opened:
        yield opened


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Three files of ten records: ``a`` and ``b`` have five in common, ``c`` has none with them."""
    made = {}
    for name, first in (("a", 0), ("b", 5), ("c", 100)):
        made[name] = tmp_path / f"{name}.csv"
        made[name].write_text("".join(cdr(number) for number in range(first, first + 10)))
    return made


def take(home: Home, *paths: Path, **asked: Any) -> Result:
    """Import files; each time all of the accounts add up."""
    ask = {"source": "s", "timezone": "America/New_York", "region": "US"} | asked
    *_, done = Importer(home, Ask(paths=[str(path) for path in paths], **ask)).run()
    assert isinstance(done, Done)
    adds_up(home)
    return done.result


def adds_up(home: Home) -> None:
    """Nothing differs from the accounts."""
    assert [finding.text for finding in verify(home.ledger, SCOPE) if finding.differs] == []


def calls(home: Home) -> dict[str, Call]:
    """All calls by id, as if each had been told once."""
    found = pages.iterate(home.ledger, SCOPE, "", now=now())
    return {call.id: msgspec.structs.replace(call, revision=1) for call in found}


def named(home: Home, *paths: Path) -> list[str]:
    """The ids of imports of files."""
    told = [answer["import"] for answer in undoing.listed(home, SCOPE)]
    return [one["id"] for path in paths for one in told if one["file"] == str(path)]


def undo(home: Home, *paths: Path) -> dict[str, Any]:
    """What undoing imports of files came to: just what was said before; then everything adds up."""
    ids = named(home, *paths)
    before = undoing.effect(home, SCOPE, ids)
    told = list(undoing.undo(home, SCOPE, ids, a_warrant(Ground.UNDO)))[-1]
    assert {name: value for name, value in told.items() if name != "type"} == before
    adds_up(home)
    return before


def test_what_only_an_import_brought_goes_and_what_another_told_too_stays(
    home: Home, files: dict[str, Path]
) -> None:
    take(home, files["b"])
    only_b = calls(home)
    take(home, files["c"])
    before_a = calls(home)
    assert take(home, files["a"]).repeated == 5
    with_a = calls(home)
    assert undo(home, files["a"]) == {
        "files": 1, "records": 5, "staying": 0, "vanishing": 5, "annotated": 0, "changing": 0,
    }  # fmt: skip
    assert calls(home) == before_a
    assert take(home, files["a"]).calls_new == 5
    assert calls(home) == with_a
    # Now the file that brought the common records first.
    assert undo(home, files["b"]) == {
        "files": 1, "records": 5, "staying": 5, "vanishing": 5, "annotated": 0, "changing": 0,
    }  # fmt: skip
    assert len(calls(home)) == 20
    assert take(home, files["b"]).repeated == 5
    assert calls(home) == with_a
    # Both at once: nobody else told what they have in common.
    assert undo(home, files["a"], files["b"])["records"] == 15
    assert take(home, files["b"]).repeated == 0
    undo(home, files["c"])
    assert calls(home) == only_b
    undo(home, files["b"])
    assert calls(home) == {}
    assert named(home, *files.values()) == []


def test_calls_with_other_evidence_are_told_from_what_is_left(home: Home) -> None:
    scenarios = ("blind_transfer_refer", "queue_rna_then_second_agent", "park_retrieve")
    ones = [SCENARIOS / "asterisk" / name / "Master.csv" for name in scenarios]
    others = [SCENARIOS / "asterisk" / name / "cel.csv" for name in scenarios]
    take(home, *ones)
    alone = calls(home)
    take(home, *others)
    together = calls(home)
    assert alone != together
    done = undo(home, *others)
    assert done["changing"] > 0
    assert calls(home) == alone
    take(home, *others)
    assert calls(home) == together
    # The other way round the calls keep the ids by which people know them.
    done = undo(home, *ones)
    assert done["changing"] > 0
    kept = calls(home)
    assert kept.keys() <= together.keys()
    take(home, *ones)
    assert calls(home) == together


def test_a_call_that_only_the_import_held_together_falls_apart(home: Home, tmp_path: Path) -> None:
    """Two records of calls of their own; an event that names both makes them one."""
    one, link = tmp_path / "one.csv", tmp_path / "cel.csv"
    one.write_text(cdr(1) + cdr(2))
    event = (
        (SCENARIOS / "asterisk" / "blind_transfer_refer" / "cel.csv").read_text().splitlines()[0].split(",")
    )
    event[1] = '"1772359202.000000"'
    event[14], event[15] = '"1772359202.2"', '"1772359201.1"'
    link.write_text(",".join(event) + "\n")
    take(home, one, timezone="UTC")
    apart = calls(home)
    assert len(apart) == 2
    take(home, link, timezone="UTC")
    together = calls(home)
    assert len(together) == 1
    assert undo(home, link)["changing"] == 1
    assert calls(home) == apart
    take(home, link, timezone="UTC")
    assert calls(home) == together


def test_what_people_wrote_comes_back_with_the_call(home: Home, files: dict[str, Path]) -> None:
    take(home, files["a"])
    call = next(iter(calls(home)))
    home.ledger.annotate("main", [CallNotes(call=call, notes="refund")])
    assert undo(home, files["a"])["annotated"] == 1
    assert pages.count_calls(home.ledger, SCOPE, "note:refund", now=now()) == 0
    take(home, files["a"])
    assert pages.count_calls(home.ledger, SCOPE, "note:refund", now=now()) == 1


def test_what_was_removed_under_another_warrant_stays_accounted_for(
    home: Home, files: dict[str, Path]
) -> None:
    take(home, files["a"])
    gone = next(iter(calls(home).values()))
    home.intake.remove(a_warrant(Ground.ERASURE), Removal(calls=[gone.id]))
    adds_up(home)
    assert undo(home, files["a"])["records"] == 9
    # An erased call does not come back with its file.
    result = take(home, files["a"])
    assert (result.repeated, result.calls_new) == (1, 9)
    assert gone.id not in calls(home)
    undo(home, files["a"])
    assert calls(home) == {}


@pytest.mark.parametrize("after", [3, 8])
def test_an_undoing_that_dies_in_the_middle_is_finished_when_the_home_is_opened(
    tmp_path: Path, files: dict[str, Path], monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    with Home.open(tmp_path / "home") as home:
        take(home, files["b"])
        take(home, files["a"])
        whole = calls(home)
        change, count = home.ledger.engine.change, iter(range(1000))

        def dies(*args: Any) -> None:
            if next(count) == after:
                raise Killed
            change(*args)

        monkeypatch.setattr(home.ledger.engine, "change", dies)
        with pytest.raises(Killed):
            list(undoing.undo(home, SCOPE, named(home, files["b"]), a_warrant(Ground.UNDO)))
    with Home.open(tmp_path / "home") as home:
        adds_up(home)
        assert len(calls(home)) == 10
        assert named(home, files["b"]) == []
        take(home, files["b"])
        assert calls(home) == whole


def test_an_import_that_is_not_there_or_is_followed_is_not_undone(home: Home, files: dict[str, Path]) -> None:
    take(home, files["a"])
    with pytest.raises(undoing.UndoError, match="there is no import nonsense"):
        undoing.effect(home, SCOPE, ["nonsense"])
    with pytest.raises(undoing.UndoError, match="none was named"):
        undoing.effect(home, SCOPE, [])
    with pytest.raises(undoing.UndoError, match="takes a warrant"):
        list(undoing.undo(home, SCOPE, named(home, files["a"]), a_warrant(Ground.RETENTION)))
    folder = files["a"].parent
    (home.folder / "ringbook.toml").write_text(f'[sources.s]\nkind = "file"\npath = ["{folder}/*.csv"]\n')
    home.close()
    with Home.open(home.folder) as again, pytest.raises(undoing.UndoError, match="is followed"):
        undoing.effect(again, SCOPE, named(again, files["a"]))


def test_records_told_again_before_it_was_noted_by_whom_are_not_given_up(
    home: Home, files: dict[str, Path]
) -> None:
    take(home, files["b"])
    take(home, files["a"])
    home.ledger.engine.change("DELETE FROM retellings WHERE 1", {}, erasing.HIDING)
    home.ledger.engine.change(
        "ALTER TABLE migrations UPDATE applied_at = now64(3) + 60 WHERE number = 7", {}, {"mutations_sync": 2}
    )
    with pytest.raises(undoing.UndoError, match="kept note of"):
        undoing.effect(home, SCOPE, named(home, files["b"]))


def test_a_reject_that_is_understood_later_is_still_known_to_have_been_told_twice(
    home: Home, files: dict[str, Path]
) -> None:
    for name in ("a", "b"):
        with files[name].open("a") as sink:
            sink.write('"","5551","101",not a record\n')
        take(home, files[name])
    [reject] = home.ledger.rejects(SCOPE).rows
    mended = msgspec.structs.replace(
        reject, id=frame_id("s", reject.data, 1_772_359_200_000_000), kind=FrameKind.NOISE, reason="mended",
        stated_at=1_772_359_200_000_000,
    )  # fmt: skip
    portion = Portion(Understood(rows=[mended], statements=[]))
    home.intake.replace("main", "s", portion, [reject])
    assert undo(home, files["a"])["staying"] == 6
    [kept] = home.ledger.frames(SCOPE, [mended.id])
    assert kept.origin == str(files["b"])
