"""The engine's answer to any question is that of a second, plain reading of the question over the same calls."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings

from ringbook.ledger.ledger import Ledger
from ringbook.model.scope import Scope
from ringbook.search.language import parse, text
from ringbook.search.pages import count_calls, iterate
from ringbook.search.tree import Node

from .calls import NOW, ZONE, random_calls
from .evaluate import matches
from .trees import sensible, single

CALLS = random_calls(500, 7, "random")
RANDOM = Scope("random")


def expected(tree: Node) -> list[str]:
    now = datetime.fromtimestamp(NOW / 1e6, UTC)
    found = [call for call in CALLS if matches(tree, call, ZoneInfo(ZONE), now)]
    return [call.id for call in sorted(found, key=lambda call: (call.started_at, call.id), reverse=True)]


@given(sensible)
@example(parse("from:02079460101 or from:+442079460101"))
@example(parse("-(name:anna*berg or -talk:60)"))
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_the_engine_finds_what_the_question_means_in_order(ledger: Ledger, tree: Node):
    question = text(tree)
    found = [call.id for call in iterate(ledger, RANDOM, question, zone=ZONE, now=NOW, chunk=400)]
    assert found == expected(parse(question))


@pytest.mark.parametrize("tree", single, ids=text)
def test_every_value_alone_counts_what_it_means(ledger: Ledger, tree: Node):
    question = text(tree)
    assert count_calls(ledger, RANDOM, question, zone=ZONE, now=NOW) == len(expected(tree))


def test_the_questions_are_worth_asking():
    """Nearly every value finds some calls and not all: otherwise the comparison would prove little."""
    sizes = [len(expected(tree)) for tree in single]
    assert sum(0 < size < len(CALLS) for size in sizes) > 0.85 * len(sizes)
