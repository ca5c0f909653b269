"""A call whose raw records were removed stays as it is told, whatever comes later."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringbook.ledger.erasing import Removal
from ringbook.ledger.verify import verify
from ringbook.model.scope import Scope
from ringbook.runtime.home import Home
from ringbook.runtime.importing import Ask, Importer, now
from ringbook.runtime.rederive import rederive
from ringbook.search import pages

from ..warrants import a_warrant
from .conftest import SCENARIOS
from .crash import cdr
from .test_rederive import new_rules

SCOPE = Scope()
FOLDER = SCENARIOS / "asterisk" / "blind_transfer_refer"


def take(home: Home, file: Path) -> None:
    """Import a file."""
    list(Importer(home, Ask(paths=[str(file)], timezone="America/New_York", region="US")).run())


def test_late_records_and_new_rules_leave_it_as_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Home.open(tmp_path / "home") as home:
        take(home, FOLDER / "Master.csv")
        [before] = pages.iterate(home.ledger, SCOPE, "", now=now())
        home.intake.remove(a_warrant(), Removal(frames=list(before.frames)))
        take(home, FOLDER / "cel.csv")
        [late] = pages.iterate(home.ledger, SCOPE, "", now=now())
        assert late.id == before.id
        assert set(late.frames) > set(before.frames)
        assert (late.outcome, late.legs, late.talk_s) == (before.outcome, before.legs, before.talk_s)
        new_rules(monkeypatch)
        list(rederive(home, SCOPE, None, None, None, None, None, "UTC"))
        assert list(pages.iterate(home.ledger, SCOPE, "", now=now())) == [late]
        assert [finding.text for finding in verify(home.ledger, SCOPE) if finding.differs] == []


def linking(tmp_path: Path) -> tuple[Path, Path]:
    """Two records of calls of their own, and a late event that names both."""
    two, link = tmp_path / "two.csv", tmp_path / "late.csv"
    two.write_text(cdr(1) + cdr(2))
    event = (FOLDER / "cel.csv").read_text().splitlines()[0].split(",")
    event[1] = '"1772359202.000000"'
    event[14], event[15] = '"1772359202.2"', '"1772359201.1"'
    link.write_text(",".join(event) + "\n")
    return two, link


@pytest.mark.parametrize("removed", [(0,), (1,), (0, 1)])
def test_what_links_it_to_another_call_late_takes_nothing_from_either(
    tmp_path: Path, removed: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    two, link = linking(tmp_path)
    with Home.open(tmp_path / "home") as home:
        list(Importer(home, Ask(paths=[str(two)], timezone="UTC", region="US")).run())
        before = sorted(pages.iterate(home.ledger, SCOPE, "", now=now()), key=lambda call: call.id)
        frames = [frame for place in removed for frame in before[place].frames]
        home.intake.remove(a_warrant(), Removal(frames=frames))
        list(Importer(home, Ask(paths=[str(link)], timezone="UTC", region="US")).run())
        after = sorted(pages.iterate(home.ledger, SCOPE, "", now=now()), key=lambda call: call.id)
        assert [call.id for call in after] == [call.id for call in before]
        for place in removed:
            old, new = before[place], after[place]
            assert (new.caller, new.legs, new.talk_s) == (old.caller, old.legs, old.talk_s)
        # The event is the one's that can be told anew, or the older one's if none can.
        taker = 1 if removed == (0,) else 0
        assert len(after[taker].frames) == 2
        assert after[1 - taker] == before[1 - taker]
        new_rules(monkeypatch)
        list(rederive(home, SCOPE, None, None, None, None, None, "UTC"))
        again = sorted(pages.iterate(home.ledger, SCOPE, "", now=now()), key=lambda call: call.id)
        assert [(call.id, call.frames) for call in again] == [(call.id, call.frames) for call in after]
        assert [finding.text for finding in verify(home.ledger, SCOPE) if finding.differs] == []
