"""The intake when the ledger refuses in the middle of a batch: what was half written is finished before anything is looked up."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from ringbook.ledger.batch import Batch, Position
from ringbook.ledger.errors import LedgerUnwritableError
from ringbook.ledger.ledger import Encoded
from ringbook.model.source import Source
from ringbook.parse.format import Piece
from ringbook.runtime.intake import Intake, IntakeStoppedError, Portion
from ringbook.runtime.journal import Journal
from ringbook.runtime.understand import Block, Readers

from .crash import cdr

SOURCE = Source("pbx", timezone="UTC")


class Refusing:
    """A ledger in memory whose disk fills up after a batch's frames, as often as told."""

    def __init__(self) -> None:
        self.frames: dict[bytes, Any] = {}
        self.stored: dict[str, Any] = {}
        self.tallies: list[Any] = []
        self.refusals = 0

    def write(self, batch: Batch, encoded: Encoded) -> None:
        self.frames.update({row.id: row for row in batch.frames})
        if self.refusals:
            self.refusals -= 1
            raise LedgerUnwritableError("writing keys the call store failed: no space left on device")
        self.stored.update({call.id: call for call in batch.calls})
        self.tallies = sorted({*self.tallies, *((t.start, t.stop) for t in batch.tallies)})

    def known_frames(self, scope: Any, source: str, ids: Iterable[bytes]) -> set[bytes]:
        return {frame for frame in ids if frame in self.frames}

    def owners(self, *asked: Any) -> dict[int, str]:
        return {}

    def calls(self, *asked: Any) -> list[Any]:
        return []


class Describes:
    """Knows one source."""

    def source(self, name: str, format_slug: str) -> Source:
        return SOURCE


def taken(folder: Path) -> tuple[Intake, Refusing, Readers]:
    """An intake into a ledger that can refuse."""
    ledger, readers = Refusing(), Readers(Describes())
    return Intake(ledger, Journal(folder / "journal"), readers), ledger, readers  # type: ignore[arg-type]


def portion(readers: Readers, start: int, *numbers: int) -> Portion:
    """A portion of CDR lines, each a call of its own."""
    pieces = [Piece(cdr(number).encode()) for number in numbers]
    stop = start + sum(len(piece.data) for piece in pieces)
    block = Block(
        source=SOURCE,
        format="asterisk_cdr_csv",
        origin="/x/Master.csv",
        start=start,
        pieces=pieces,
        received_at=1,
    )
    understood = readers.reader("pbx", "asterisk_cdr_csv").block(block)
    return Portion(understood, start, Position("pbx", "/x/Master.csv", "1:a", stop))


def test_the_same_batch_again_after_a_refusal_still_makes_its_calls(tmp_path: Path) -> None:
    intake, ledger, readers = taken(tmp_path)
    batch = portion(readers, 0, 1, 2, 3)
    ledger.refusals = 2
    for _ in range(2):
        with pytest.raises(LedgerUnwritableError):
            intake.commit("main", "pbx", [batch], 5)
    assert (len(ledger.frames), len(ledger.stored)) == (3, 0)
    intake.commit("main", "pbx", [batch], 5)
    assert len(ledger.stored) == 3


def test_another_batch_after_a_refusal_does_not_take_the_place_of_the_first(tmp_path: Path) -> None:
    intake, ledger, readers = taken(tmp_path)
    first = portion(readers, 0, 1, 2)
    ledger.refusals = 1
    with pytest.raises(LedgerUnwritableError):
        intake.commit("main", "pbx", [first], 5)
    assert first.position is not None
    intake.commit("main", "pbx", [portion(readers, first.position.offset, 3)], 6)
    assert len(ledger.stored) == 3
    assert len(ledger.tallies) == 2


def test_a_refused_batch_is_finished_by_the_next_process(tmp_path: Path) -> None:
    intake, ledger, readers = taken(tmp_path)
    ledger.refusals = 1
    with pytest.raises(LedgerUnwritableError):
        intake.commit("main", "pbx", [portion(readers, 0, 1, 2)], 5)
    Intake(ledger, Journal(tmp_path / "journal"), readers).recover()  # type: ignore[arg-type]
    assert len(ledger.stored) == 2
    assert list(Journal(tmp_path / "journal").pending()) == []


def test_a_journal_that_cannot_be_written_stops_the_intake_with_the_way_out(tmp_path: Path) -> None:
    intake, ledger, readers = taken(tmp_path)
    (tmp_path / "journal").rmdir()
    (tmp_path / "journal").write_text("in the way")
    with pytest.raises(
        IntakeStoppedError, match=r"nothing more can be taken in.*nothing acknowledged is lost"
    ):
        intake.commit("main", "pbx", [portion(readers, 0, 1)], 5)
    assert ledger.frames == {}
