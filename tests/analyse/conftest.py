"""One embedded ledger with the calls made by hand, a tenant each, and random ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ringbook.analyse.answer import Answer, figure
from ringbook.ledger.batch import Batch
from ringbook.ledger.ledger import Ledger, open_ledger
from ringbook.model.annotation import CallNotes
from ringbook.model.call import Call
from ringbook.model.scope import Scope
from tests.search.calls import random_calls

from .calls import NOW, OWNERS, SAID, TENANTS

Ask = Callable[..., Answer]


@pytest.fixture(scope="package")
def ledger(tmp_path_factory: Any) -> Iterator[Ledger]:
    """The ledger; the tenant ``random`` has 600 calls with any facts in any combination."""
    opened = open_ledger(f"chdb://{tmp_path_factory.mktemp('analyse')}/store")
    for tenant, calls in TENANTS.items():
        opened.write(Batch(tenant=tenant, calls=calls))
    anything = random_calls(600, 11, "random")
    opened.write(Batch(tenant="random", calls=anything))
    opened.name_numbers("again", OWNERS)
    opened.annotate("asked", SAID)
    opened.annotate("random", [_said(number, each) for number, each in enumerate(anything[:300])])
    yield opened
    opened.close()


def _said(number: int, about: Call) -> CallNotes:
    """Anything that people may have said, and a customer answered, about a call."""
    code = ("", "resolved", "sale", "not-resolvable")[number % 4]
    return CallNotes(
        call=about.id,
        outcome_code=code,
        fields={"survey.csat": str(number % 5 + 1), "survey.nps": str(number % 11)},
    )


@pytest.fixture
def ask(ledger: Ledger) -> Ask:
    """Asks for a figure of a tenant."""

    def asked(tenant: str, name: str, query: str = "", **more: Any) -> Answer:
        return figure(ledger, Scope(tenant), name, query, **{"now": NOW, **more})

    return asked
