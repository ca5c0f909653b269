"""Readers of the embedded store: a statement that fails takes none of their places away."""

from __future__ import annotations

from contextlib import ExitStack
from typing import NoReturn

import pytest

from ringbook.ledger.engines.embedded import READERS, EmbeddedEngine
from ringbook.ledger.errors import LedgerRefusedError, LedgerUnavailableError
from ringbook.ledger.ledger import Ledger
from ringbook.model.errors import RingbookError


@pytest.mark.parametrize("problem", [LedgerUnavailableError, LedgerRefusedError])
def test_statements_that_fail_while_nothing_can_be_opened_leave_their_places(
    embedded: Ledger, monkeypatch: pytest.MonkeyPatch, problem: type[RingbookError]
) -> None:
    engine = embedded.engine
    assert isinstance(engine, EmbeddedEngine)

    def refused(*_: object) -> NoReturn:
        raise problem("no more connections")

    with ExitStack() as busy:
        for _ in range(READERS):
            busy.enter_context(engine._borrow())
    places = engine._idle.qsize()
    assert places >= READERS
    with monkeypatch.context() as broken:
        broken.setattr(engine, "_connect", refused)
        for _ in range(READERS):
            with pytest.raises(RingbookError):
                engine.raw("SELECT nothing", {}, "TSV")
            assert engine._idle.qsize() == places
    for _ in range(2 * READERS):
        assert engine.raw("SELECT 7", {}, "TSV") == b"7\n"
