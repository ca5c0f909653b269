"""That the formats told by segments declare the facts they state, and state the facts they declare."""

from __future__ import annotations

import pytest

from ringbook.model.call import Call, CallQuality, Cause
from ringbook.parse.registry import named
from tests.fold import fold
from tests.formats.golden import fixtures

SLUGS = ("avaya_ipoffice_smdr", "cisco_cucm", "threecx_cdr", "threecx_cdr_v20")
RENAMED = {"caller": "from", "called": "to"}
NOT_FACTS = {"id", "tenant", "sources", "keys", "frames", "revision", "rules"}


def stated(call: Call) -> set[str]:
    """The names of the public fields that a call has a value for."""
    nothing = (None, "", (), Cause(), CallQuality(), "unknown")
    names = {
        name
        for name in call.__struct_fields__
        if name not in NOT_FACTS and getattr(call, name) not in nothing
    }
    for party in ("caller", "called"):
        if not (getattr(call, party).number or getattr(call, party).name):
            names.discard(party)
    return {RENAMED.get(name, name) for name in names}


@pytest.mark.parametrize("slug", SLUGS)
def test_declared_facts_are_those_that_are_stated(slug: str) -> None:
    found: set[str] = set()
    for fixture in fixtures(slug):
        for call in fold([(slug, fixture.data)], fixture.source()):
            found |= stated(call)
    assert found == named(slug).about.facts
