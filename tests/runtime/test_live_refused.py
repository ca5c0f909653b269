"""What comes live while the ledger refuses in the middle of a batch is counted once when it comes again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ringbook.capture.chunk import Chunk, Signal
from ringbook.ledger.errors import LedgerUnwritableError
from ringbook.ledger.ledger import Ledger
from ringbook.ledger.verify import verify
from ringbook.model.scope import Scope
from ringbook.runtime.home import Home
from ringbook.runtime.live import Live

from .crash import json_cdr

SETTINGS = '[sources.posted]\nkind = "http-post"\nformat = "freeswitch_json_cdr"\ntoken = "t"\n'
BODY = json.dumps(json_cdr(1)).encode()


def test_a_body_that_was_half_written_counts_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "ringbook.toml").write_text(SETTINGS)
    chunk = Chunk(
        source="posted",
        input="1",
        origin="http:a",
        offset=0,
        data=BODY,
        format="freeswitch_json_cdr",
        signal=Signal.END,
        seq=1,
        first=True,
    )
    with Home.open(tmp_path / "home") as home:
        insert = Ledger.insert

        def full(ledger: Ledger, table: str, *rest: Any) -> None:
            if table == "tallies":
                raise LedgerUnwritableError("no space left on device")
            insert(ledger, table, *rest)

        with monkeypatch.context() as patched:
            patched.setattr(Ledger, "insert", full)
            with pytest.raises(LedgerUnwritableError):
                Live(home).take([chunk])
        committed, result = Live(home).take(
            [chunk]
        )  # the run was given up; the spool hands the body over again
        assert [one.offset for one in committed] == [len(BODY)]
        assert result.frames == 0, "it was finished before it was looked at"
        assert [finding.text for finding in verify(home.ledger, Scope()) if finding.differs] == []
        assert home.ledger.count(Scope()) == 1
