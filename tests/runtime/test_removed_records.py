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
