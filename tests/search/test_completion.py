"""What is suggested while a question is typed: it can be asked, and tells of nothing that the reader may not see."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ringbook.ledger.batch import Batch
from ringbook.ledger.ledger import Ledger
from ringbook.model.annotation import CallNotes, NamedNumber
from ringbook.model.scope import Reach, Scope
from ringbook.search.completion import complete
from ringbook.search.language import parse

from .calls import HAND_MADE, NOW

TENANT = "completed"


@pytest.fixture(scope="module")
def scope(ledger: Ledger) -> Scope:
    """The hand-made calls with a tag, an assigned task and a contact."""
    calls = [msgspec.structs.replace(call, tenant=TENANT) for call in HAND_MADE.values()]
    ledger.write(Batch(tenant=TENANT, calls=calls))
    notes = CallNotes(
        call=HAND_MADE["sales"].id, tags=("VIP", "very late"), assigned=("bo",), outcome_code="sale"
    )
    ledger.annotate(TENANT, [notes])
    ledger.name_numbers(TENANT, [NamedNumber("+15125550101", "c1", "Anna Berg", "Example & Sons")])
    return Scope(TENANT)


def texts(ledger: Ledger, scope: Scope, question: str, caret: int | None = None, me: str = "") -> list[str]:
    at = len(question) if caret is None else caret
    found = complete(ledger, scope, question, at, now=NOW, me=me)
    return [question[: one.replace_from] + one.text + question[one.replace_to :] for one in found]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("outc", ["outcome:", "outcome-code:"]),
        ("anna -que", ["anna -queue:"]),
        ("outcome:mi", ["outcome:missed"]),
        ("outcome:missed,ab", ["outcome:missed,abandoned"]),
        ("-has:rec", ["-has:recording"]),
        ("queue:sal", ["queue:Sales", 'queue:"Sales West"']),
        ('queue:"sales w', ['queue:"Sales West"']),
        ("(tag:v", ["(tag:VIP", '(tag:"very late"']),
        ("tag:late", ['tag:"very late"']),
        ("outcome-code:", ["outcome-code:sale"]),
        ("contact:ber", ['contact:"Anna Berg"']),
        ("company:ex", ['company:"Example & Sons"']),
        ("assigned:", ["assigned:me", "assigned:bo"]),
        ("due:o", ["due:overdue"]),
        ("nothing:x", []),
        ("from:55", []),
        ("source:off", ["source:office"]),
    ],
)
def test_the_word_at_the_caret_is_completed(ledger: Ledger, scope: Scope, question: str, expected: list[str]):
    assert texts(ledger, scope, question, me="anna") == expected


def test_what_stands_behind_the_caret_is_kept(ledger: Ledger, scope: Scope):
    assert texts(ledger, scope, "queu anna", 4) == ["queue: anna"]


def test_values_come_from_the_readers_own_calls(ledger: Ledger, scope: Scope):
    nobody = Scope(TENANT, (Reach(extensions=("999",)),))
    for question in (
        "queue:",
        "tag:",
        "contact:",
        "company:",
        "agent:",
        "source:",
        "outcome-code:",
        "assigned:",
    ):
        assert texts(ledger, scope, question) != []
        assert texts(ledger, nobody, question) == []
    own = Scope(TENANT, (Reach(queues=("Sales",)),))
    assert texts(ledger, own, "queue:") == ["queue:Sales"]


def test_masked_readers_are_told_no_numbers(ledger: Ledger, scope: Scope):
    masked = msgspec.structs.replace(scope, masked=True)
    for question in ("from:", "to:", "number:", "dialled:", "contact:5"):
        assert texts(ledger, masked, question) == []
    assert texts(ledger, masked, "queue:sal") == ["queue:Sales", 'queue:"Sales West"']


@given(st.text("ab:-,()\"\\ \n'éoutcomequ<>*0159", max_size=12), st.integers(-2, 14))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_text_can_be_completed(ledger: Ledger, scope: Scope, question: str, caret: int):
    for one in complete(ledger, scope, question, caret, now=NOW):
        assert 0 <= one.replace_from <= one.replace_to <= len(question)
        if not one.text.endswith(":"):
            parse(f"x:{one.text}")
