"""Every figure of a reader of some calls is that of those calls: none rests on a call outside."""

from __future__ import annotations

import msgspec
import pytest

from ringbook.analyse.answer import figure, rows_of
from ringbook.analyse.errors import FigureError
from ringbook.analyse.figures import FIGURES
from ringbook.analyse.question import Asker
from ringbook.ledger.batch import Batch
from ringbook.ledger.ledger import Ledger
from ringbook.model.instant import DAY
from ringbook.model.scope import Reach, Scope
from tests.search.scopes import World, write_world

from .calls import NOW

SCOPES = {
    "none": (),
    "phones": (Reach(extensions=("101", "102"), since=NOW - 300 * DAY), Reach(extensions=("104",))),
    "queue": (Reach(queues=("Sales", "Support")),),
}


@pytest.fixture(scope="module")
def world(ledger: Ledger) -> World:
    """The calls that everybody sees some of, and those of each scope in a tenant of their own."""
    made = write_world(ledger, "world", 240)
    for name, reaches in SCOPES.items():
        calls = [
            msgspec.structs.replace(call, tenant=f"only {name}")
            for call in made.seen(Scope("world", reaches))
        ]
        ledger.write(Batch(tenant=f"only {name}", calls=calls))
    return made


@pytest.mark.parametrize("name", SCOPES)
@pytest.mark.parametrize("asked", FIGURES)
def test_a_figure_rests_on_the_calls_inside(ledger: Ledger, world: World, asked: str, name: str):
    inside = figure(ledger, Scope("world", SCOPES[name]), asked, now=NOW)
    only = figure(ledger, Scope(f"only {name}"), asked, now=NOW)
    if asked == "agents":  # which of somebody's names is shown is the engine's choice
        for row in (*inside.rows, *only.rows):
            del row["name"]
    assert inside == only
    assert inside.sample <= len(world.seen(Scope("world", SCOPES[name])))


def test_parts_are_those_of_the_calls_inside(ledger: Ledger, world: World):
    assert len(world.seen(Scope("world", SCOPES["phones"]))) > 20
    for by in ("agent", "queue", "number", "dialled", "source", "day"):
        inside = figure(ledger, Scope("world", SCOPES["phones"]), "calls", by=by, now=NOW)
        assert inside == figure(ledger, Scope("only phones"), "calls", by=by, now=NOW)


def test_whoever_sees_numbers_masked_counts_by_none(ledger: Ledger, world: World):
    masked = Scope("world", masked=True)
    with pytest.raises(FigureError, match="hidden"):
        figure(ledger, masked, "calls", by="number", now=NOW)
    with pytest.raises(FigureError, match="hidden"):
        rows_of(ledger, Asker(masked, "UTC", NOW), "calls", "", by="number", span=(NOW - DAY, NOW))
    assert figure(ledger, masked, "calls", by="queue", now=NOW).rows
