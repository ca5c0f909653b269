"""After a removal and a purge nothing in the whole home says who called."""

from __future__ import annotations

from pathlib import Path

from ringbook.capture.entries import Done as Released
from ringbook.capture.entries import Entry
from ringbook.capture.spool import Spool
from ringbook.ledger.annotations import CallNotes, NamedNumber
from ringbook.ledger.erasing import Removal
from ringbook.ledger.verify import verify
from ringbook.model.call import CallId
from ringbook.model.scope import Scope
from ringbook.model.warrant import Ground
from ringbook.runtime.home import Home
from ringbook.runtime.importing import Ask, Importer, now
from ringbook.runtime.purging import SPOOL, purge_home
from ringbook.search import pages

from ..tombstones import state
from ..warrants import a_warrant
from .crash import cdr

NUMBER, NAME = "5125550142", "Wilhelmina Unforgettable"
SCOPE = Scope()


def record(number: int) -> str:
    """A line of a call from the one who is to be forgotten."""
    return cdr(number).replace('"101"', f'"{NUMBER}"').replace('""A"" <101>', f'""{NAME}"" <{NUMBER}>')


def holding(folder: Path) -> set[str]:
    """The files of a folder that hold the number or the name, in any encoding that a file might have them in."""
    texts = (NUMBER, NAME, NAME.lower())
    sought = [text.encode(code) for text in texts for code in ("utf-8", "utf-16-le", "utf-16-be")]
    files = [file for file in folder.rglob("*") if file.is_file()]
    return {
        str(file.relative_to(folder)) for file in files if any(some in file.read_bytes() for some in sought)
    }


def rows_holding(home: Home) -> set[str]:
    """The tables of which a row that the engine has, whatever its state, holds the number or the name."""
    engine = home.ledger.engine
    [names] = engine.each(
        "SELECT name FROM system.tables WHERE database = currentDatabase() SETTINGS final = 0"
    )
    found = set()
    for table in names.decode().split():
        # Rows that are hidden, too.
        settings = {"final": 0, "apply_deleted_mask": 0, "apply_patch_parts": 0}
        text = engine.raw(f"SELECT * FROM {table}", {}, "TSV", settings)
        if any(some.encode() in text for some in (NUMBER, NAME, NAME.lower())):
            found.add(table)
    return found


def test_nothing_in_the_home_says_who_called(tmp_path: Path) -> None:
    files = tmp_path / "records"
    files.mkdir()
    (files / "a.csv").write_text("".join(record(n) if n % 3 == 0 else cdr(n) for n in range(30)))
    (files / "b.csv").write_text('"","' + NUMBER + '",not a record\n')  # a reject that names the number
    with Home.open(tmp_path / "home") as home, Spool(home.folder / SPOOL) as spool:
        folder = home.folder
        list(
            Importer(
                home, Ask(paths=[str(files)], timezone="UTC", region="US", format="asterisk_cdr_csv")
            ).run()
        )
        chunk = Entry(source="pbx", input="x", origin="tcp:a", start=0, data=record(90).encode() * 50)
        row = spool.put([chunk]).result(30)
        spool.release([Released(origin="tcp:a", seq=row, offset=len(chunk.data))]).result(30)
        (folder / "journal" / "7.draft").write_text(record(91))
        theirs = [call for call in pages.iterate(home.ledger, SCOPE, "", now=now()) if NUMBER in repr(call)]
        assert len(theirs) == 10
        home.ledger.annotate("main", [CallNotes(call=theirs[0].id, notes=f"asked for {NAME}")])
        home.ledger.name_numbers("main", [NamedNumber(f"+1{NUMBER}", contact="c", name=NAME)])
        rejects = [one.id for one in home.ledger.rejects(SCOPE).rows]
        assert len(rejects) == 1
        assert rows_holding(home) == {"calls", "frames", "annotations", "named_numbers"}
        assert SPOOL in "".join(holding(folder))

        warrant = a_warrant(Ground.ERASURE, reference="request:1")
        ids = [CallId(call.id) for call in theirs]
        removed = home.intake.remove(warrant, Removal(calls=ids, frames=rejects, numbers=[f"+1{NUMBER}"]))
        assert (removed.calls, removed.frames, removed.notes, removed.numbers) == (10, 11, 1, 1)
        assert pages.count_calls(home.ledger, SCOPE, "", now=now()) == 20
        assert state(home.ledger, SCOPE, warrant.id) == "hidden"
        purged = purge_home(home, warrant)

        assert purged.state == state(home.ledger, SCOPE, warrant.id) == "gone"
        assert purged.files_removed == 1
        assert holding(folder) == set()
        assert rows_holding(home) == set()
        assert [finding.text for finding in verify(home.ledger, SCOPE) if finding.differs] == []
    assert holding(tmp_path / "home") == set()
