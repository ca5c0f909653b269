"""One embedded ledger for all tests of search; each test that writes has its own tenant in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ringbook.ledger.batch import Batch
from ringbook.ledger.ledger import Ledger, open_ledger
from ringbook.model.scope import Scope

from .calls import HAND_MADE, NOW, random_calls


@pytest.fixture(scope="package")
def ledger(tmp_path_factory: Any) -> Iterator[Ledger]:
    """A ledger with the hand-made calls (tenant ``hand``) and random ones (``random``)."""
    opened = open_ledger(f"chdb://{tmp_path_factory.mktemp('search')}/store")
    opened.write(Batch(tenant="hand", calls=list(HAND_MADE.values())))
    opened.write(Batch(tenant="random", calls=random_calls(500, 7, "random")))
    yield opened
    opened.close()


@pytest.fixture
def hand() -> Scope:
    """The reader of the hand-made calls."""
    return Scope("hand")


@pytest.fixture
def now() -> int:
    """The instant at which all questions are asked."""
    return NOW
