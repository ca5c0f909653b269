"""A store that is down: said so, nothing acknowledged, and the same batch stands once when it is back."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringbook.ledger.errors import LedgerUnavailableError
from ringbook.ledger.ledger import open_ledger
from ringbook.ledger.verify import verify
from ringbook.model.scope import Scope

from .conftest import LOGIN, Node, free_ports
from .made import batch


@pytest.mark.slow
def test_a_server_that_goes_and_comes_back(tmp_path: Path) -> None:
    scope = Scope("main")
    http, tcp = free_ports(2)
    node = Node(tmp_path, http, tcp, "")
    node.start()
    try:
        node.wait()
        ledger = open_ledger(f"http://{LOGIN}@127.0.0.1:{http}/ringbook")
        ledger.write(batch("main", 0))
        node.kill()
        with pytest.raises(LedgerUnavailableError):
            ledger.write(batch("main", 1))
        with pytest.raises(LedgerUnavailableError):
            ledger.count(scope)
        node.start()
        node.wait()
        for _ in range(2):
            ledger.write(batch("main", 1))
        assert ledger.count(scope) == 40
        assert [finding.text for finding in verify(ledger, scope) if finding.differs] == []
        ledger.close()
    finally:
        node.kill()
