"""Rebuilding calls under changed rules: whole or not at all, also when the process dies in the middle."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ringbook.correlate import assemble as fold
from ringbook.ledger.verify import verify
from ringbook.model.call import Call, Outcome
from ringbook.model.scope import Scope
from ringbook.runtime import rederive as module
from ringbook.runtime.home import Home
from ringbook.runtime.importing import Ask, Importer, now
from ringbook.runtime.understand import Readers
from ringbook.search import pages

from .conftest import SCENARIOS

NAMES = ("queue_rna_then_second_agent", "blind_transfer_refer", "inbound_answered", "park_retrieve")


class Killed(BaseException):
    """Stands for the process dying here."""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A home with a few calls of one source."""
    with Home.open(tmp_path / "home") as opened:
        for name in NAMES:
            files = [str(SCENARIOS / "asterisk" / name / file) for file in ("Master.csv", "cel.csv")]
            list(Importer(opened, Ask(paths=files, timezone="America/New_York", region="US")).run())
        yield opened


def calls(home: Home) -> dict[str, Call]:
    """All calls by id."""
    return {call.id: call for call in pages.iterate(home.ledger, Scope(), "", now=now())}


def rebuilt(home: Home, **asked: Any) -> list[dict[str, Any]]:
    """What a rederivation tells."""
    ask = {
        "since": None,
        "until": None,
        "source": None,
        "timezone": None,
        "region": None,
        "zone_shown": "UTC",
    } | asked
    return list(module.rederive(home, Scope(), **ask))


def new_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on every call is told to have failed."""

    def assemble(*given: Any, **named: Any) -> Call:
        return msgspec.structs.replace(fold.assemble(*given, **named), outcome=Outcome.FAILED)

    monkeypatch.setattr(module, "assemble", assemble)


def test_the_same_rules_change_nothing(home: Home) -> None:
    before = calls(home)
    [total] = rebuilt(home)
    assert (total["unchanged"], total["updated"], total["new"], total["gone"]) == (len(before), 0, 0, 0)
    assert calls(home) == before


def test_new_rules_change_what_they_change_and_keep_the_ids(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = calls(home)
    new_rules(monkeypatch)
    *changed, total = rebuilt(home)
    after = calls(home)
    assert total["updated"] == len(before) == len(changed)
    assert all(change["changed"]["fields"] == ["outcome"] for change in changed)
    assert after.keys() == before.keys()
    assert {call.outcome for call in after.values()} == {Outcome.FAILED}
    assert all(after[name].revision == call.revision + 1 for name, call in before.items())
    assert not [finding.text for finding in verify(home.ledger, Scope()) if finding.differs]


def test_a_period_is_all_that_is_touched(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    new_rules(monkeypatch)
    assert rebuilt(home, since="2026-11-22")[-1]["calls"] == 0
    assert rebuilt(home, until="2026-11-21")[-1]["calls"] == 0
    assert rebuilt(home, since="2026-11-21", until="2026-11-22")[-1]["updated"] == len(NAMES)


def test_dying_before_the_last_day_is_ready_leaves_everything_as_it_was(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = calls(home)
    new_rules(monkeypatch)

    def seal(journal: Any) -> None:
        raise Killed

    monkeypatch.setattr("ringbook.runtime.journal.Journal.seal", seal)
    with pytest.raises(Killed):
        rebuilt(home)
    monkeypatch.undo()
    assert again(home) == before


def test_dying_while_it_is_written_is_made_good_at_the_next_start(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_rules(monkeypatch)
    write = type(home.ledger).write
    written = 0

    def halting(*given: Any, **named: Any) -> None:
        nonlocal written
        if written:
            raise Killed
        written += 1
        write(*given, **named)

    monkeypatch.setattr(type(home.ledger), "write", halting)
    monkeypatch.setattr("ringbook.runtime.journal.Journal.clear", die)
    with pytest.raises(Killed):
        rebuilt(home)
    monkeypatch.undo()
    after = again(home)
    assert {call.outcome for call in after.values()} == {Outcome.FAILED}


def die(*_: Any) -> None:
    """Die here."""
    raise Killed


def again(home: Home) -> dict[str, Call]:
    """The calls that the home holds when it is opened anew."""
    folder = home.folder
    home.close()
    with Home.open(folder) as opened:
        assert not [finding.text for finding in verify(opened.ledger, Scope()) if finding.differs]
        return calls(opened)


def test_calls_that_fall_apart_and_come_together_again_lose_no_record(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = calls(home)
    frames = sorted(frame for call in before.values() for frame in call.frames)
    understood = Readers.again

    def each_channel_alone(readers: Readers, rows: Any) -> list[Any]:
        return [msgspec.structs.replace(s, keys=(f"only:{own(s)}",)) for s in understood(readers, rows)]

    monkeypatch.setattr(Readers, "again", each_channel_alone)
    apart = rebuilt(home)[-1]
    assert apart["new"] > len(before)
    assert not [finding.text for finding in verify(home.ledger, Scope()) if finding.differs]
    assert sorted(frame for call in calls(home).values() for frame in call.frames) == frames
    monkeypatch.undo()
    together = rebuilt(home)[-1]
    after = calls(home)
    assert together["gone"] == apart["new"]
    assert sorted(frame for call in after.values() for frame in call.frames) == frames
    assert sorted(call.outcome for call in after.values()) == sorted(call.outcome for call in before.values())
    assert not [finding.text for finding in verify(home.ledger, Scope()) if finding.differs]


def own(statement: Any) -> str:
    """The channel that a statement is about."""
    return getattr(statement, "uniqueid", "") or getattr(statement, "channel", "")
