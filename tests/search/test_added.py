"""What people added to calls is found, counted and hidden as the calls themselves are."""

from __future__ import annotations

import itertools
import uuid

import msgspec
import pytest

from ringbook.ledger.batch import Batch, Gone
from ringbook.ledger.ledger import Ledger
from ringbook.model.annotation import CONSENT, CallNotes, NamedNumber
from ringbook.model.call import CallId
from ringbook.model.instant import DAY, iso
from ringbook.model.scope import Reach, Scope
from ringbook.search.errors import QuestionError
from ringbook.search.pages import FacetCount, count_calls, facet, facets, iterate, list_calls

from .calls import HAND_MADE, NOW, ZONE

ANNA, CLEO = str(uuid.UUID(int=1)), str(uuid.UUID(int=2))
TENANT = "added"
_TENANTS = (Scope(f"added{number}") for number in itertools.count())

NOTES = [
    CallNotes(
        call=HAND_MADE["sales"].id,
        version=2,
        notes="Wants a REFUND of 100%\ncall back on Monday",
        tags=("VIP", "complaint"),
        outcome_code="sale",
        assigned=("bo", "anna"),
        due_at=(NOW - DAY, NOW + 3 * DAY),
        open_tasks=2,
        fields={"Budget": "10k", "City": "Bad Ems"},
    ),
    CallNotes(
        call=HAND_MADE["late"].id, version=1, tags=("vip",), open_tasks=1, due_at=(NOW,), outcome_code="SALE"
    ),
    CallNotes(
        call=HAND_MADE["transferred"].id,
        version=1,
        entered_by="anna",
        assigned=("anna",),
        open_tasks=1,
        fields={CONSENT: "refused"},
    ),
    CallNotes(call=HAND_MADE["odd"].id, version=7, fields={"Budget": ""}),
]
NUMBERS = [
    NamedNumber("+15125550101", ANNA, "Anna Berg-Example", "Example & Sons", 1),
    NamedNumber("+442079460101", CLEO, "Cléo", "Other Ltd", 1),
    NamedNumber("+442079460101", version=0),  # nobody's any more
    NamedNumber("+442079460101", CLEO, "Cléo", "Other Ltd", 2**62),
]


@pytest.fixture(scope="module")
def added(ledger: Ledger) -> Scope:
    """The hand-made calls with annotations and contacts; all of it is told twice, the older state last."""
    calls = [msgspec.structs.replace(call, tenant=TENANT) for call in HAND_MADE.values()]
    ledger.write(Batch(tenant=TENANT, calls=calls))
    for _ in range(2):
        ledger.annotate(TENANT, NOTES)
        ledger.name_numbers(TENANT, NUMBERS)
    ledger.annotate(TENANT, [CallNotes(call=HAND_MADE["sales"].id, version=1, tags=("old",), notes="oldish")])
    ledger.annotate("others", [CallNotes(call=HAND_MADE["sales"].id, tags=("theirs",), notes="theirs")])
    ledger.name_numbers("others", [NamedNumber("+15125550101", ANNA, "Theirs", "Theirs")])
    return Scope(TENANT)


def found(ledger: Ledger, scope: Scope, question: str, me: str = "") -> set[str]:
    names = {call.id: name for name, call in HAND_MADE.items()}
    return {names[call.id] for call in iterate(ledger, scope, question, zone=ZONE, now=NOW, me=me)}


OF_ANNA = {
    name
    for name, call in HAND_MADE.items()
    if any("15125550101" in n for n in (call.caller.number, call.called.number))
}

CASES = {
    "note:refund": {"sales"},
    "note:REFUND": {"sales"},
    'note:"100%"': {"sales"},
    "note:ref*monday": {"sales"},
    "note:oldish": set(),
    "refund": {"sales"},
    "tag:vip": {"sales", "late"},
    "tag:vi?": {"sales", "late"},
    "tag:vi": set(),
    "tag:old": set(),
    "tag:theirs": set(),
    "theirs": set(),
    "tag:vip -tag:complaint": {"late"},
    "outcome-code:sale": {"sales", "late"},
    "Outcome-Code:S*": {"sales", "late"},
    "assigned:me": {"sales", "transferred"},
    "assigned:bo": {"sales"},
    "due:overdue": {"sales"},
    "due:today": {"late"},
    "due:yesterday": {"sales"},
    "due:tomorrow": set(),
    "due:2026-11-24": {"sales"},
    "due:2026-11..2026-12": {"sales", "late"},
    "entered-by:anna": {"transferred"},
    "entered-by:me": {"transferred"},
    "contact:berg-ex": OF_ANNA,
    f"contact:{ANNA}": OF_ANNA,
    f"contact:{ANNA.upper()}": OF_ANNA,
    "contact:nobody": set(),
    'company:"example & sons"': OF_ANNA,
    "company:example": set(),
    "company:example*": OF_ANNA,
    "berg-example": OF_ANNA,
    'field:"budget=10K"': {"sales"},
    "field:budget=1*": {"sales"},
    'field:"city=bad ems"': {"sales"},
    "field:budget": {"sales"},
    "field:nothing": set(),
    "consent:refused": {"transferred"},
    "consent:opted_in": set(),
    "consent:unknown": set(HAND_MADE) - {"transferred"},
    "has:note": {"sales"},
    "has:tag": {"sales", "late"},
    "has:task": {"sales", "late", "transferred"},
    "has:outcome-code": {"sales", "late"},
    "has:field": {"sales", "odd"},
}


@pytest.mark.parametrize(("question", "expected"), CASES.items())
def test_calls_are_found_by_what_people_added(
    ledger: Ledger, added: Scope, question: str, expected: set[str]
):
    assert found(ledger, added, question, me="anna") == expected
    rest = found(ledger, added, f"-({question})", me="anna")
    assert rest == set(HAND_MADE) - expected


def test_calls_are_found_by_whose_numbers_are_on_them(ledger: Ledger, added: Scope):
    named = {name for name in HAND_MADE if {"+15125550101", "+442079460101"} & _numbers(name)}
    assert len(named) > len(OF_ANNA)
    assert found(ledger, added, "has:contact") == found(ledger, added, "has:company") == named


def _numbers(name: str) -> set[str]:
    call = HAND_MADE[name]
    found = {call.caller.number, call.called.number, call.dialled, *(leg.number for leg in call.legs)}
    return found | {t.to for t in call.transfers} | {t.by for t in call.transfers}


def test_me_is_nobody_without_a_person(ledger: Ledger, added: Scope):
    with pytest.raises(QuestionError, match='"me" is nobody here'):
        found(ledger, added, "assigned:me")
    assert found(ledger, added, 'assigned:"me"') == set()


def test_values_are_counted(ledger: Ledger, added: Scope):
    def counted(field: str, query: str = "", scope: Scope = added) -> dict[str, int]:
        return {one.value: one.calls for one in facet(ledger, scope, query, field, now=NOW)}

    assert counted("tag") == {"VIP": 1, "complaint": 1, "vip": 1}
    assert counted("tag", "queue:sales") == {"VIP": 1, "complaint": 1}
    assert counted("outcome-code") == {"sale": 1, "SALE": 1}
    assert counted("assigned") == {"anna": 2, "bo": 1}
    assert counted("company")["Example & Sons"] == len(OF_ANNA)
    only = Scope(TENANT, (Reach(queues=("Sales",)),))
    assert counted("tag", scope=only) == {"VIP": 1, "complaint": 1}
    assert counted("company", scope=only) == {"Example & Sons": 1}
    assert counted("tag", scope=Scope(TENANT, ())) == {}


def test_several_fields_are_counted_at_once_as_each_alone(ledger: Ledger, added: Scope):
    fields = (
        "outcome",
        "agent",
        "source",
        "tag",
        "queue",
        "hour",
        "company",
        "outcome-code",
        "assigned",
        "extension",
    )
    for query in ("", "direction:inbound", "tag:vip"):
        for scope in (added, Scope(TENANT, (Reach(extensions=("101", "102")),))):
            told = facets(ledger, scope, query, fields, zone=ZONE, now=NOW)
            assert told.since is None
            for field in fields:
                alone = facet(ledger, scope, query, field, limit=10, zone=ZONE, now=NOW)
                assert told.counts[field] == alone, field


def test_of_very_many_calls_the_newest_are_counted_and_it_is_said(
    ledger: Ledger, added: Scope, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("ringbook.search.facets.MANY", 5)
    told = facets(ledger, added, "", ("outcome",), now=NOW)
    assert told.since is not None
    text = f"last:{(NOW - told.since) // DAY}d"
    assert sum(one.calls for one in told.counts["outcome"]) == count_calls(ledger, added, text, now=NOW) <= 5
    assert facets(ledger, added, "last:1d", ("outcome",), now=NOW).since is None


def test_of_a_time_long_ago_its_newest_calls_are_counted(
    ledger: Ledger, added: Scope, monkeypatch: pytest.MonkeyPatch
):
    oldest = list_calls(ledger, added, "", limit=1000, now=NOW).items[-3]
    text = f"before:{iso(oldest.started_at)}"
    counted = count_calls(ledger, added, text, now=NOW)
    monkeypatch.setattr("ringbook.search.facets.MANY", 0)
    told = facets(ledger, added, text, ("outcome",), now=NOW)
    assert counted
    assert told.since is not None and told.since < oldest.started_at
    monkeypatch.setattr("ringbook.search.facets.MANY", 1_000)
    told = facets(ledger, added, text, ("outcome",), now=NOW)
    assert told.since is None and sum(one.calls for one in told.counts["outcome"]) == counted


def test_what_was_added_to_a_joined_call_is_found_at_the_other(ledger: Ledger):
    scope = next(_TENANTS)
    first, second = (
        msgspec.structs.replace(HAND_MADE[name], tenant=scope.tenant) for name in ("sales", "late")
    )
    ledger.write(Batch(tenant=scope.tenant, calls=[first, second]))
    ledger.annotate(scope.tenant, [CallNotes(call=second.id, tags=("vip",), notes="refund")])
    assert found(ledger, scope, "tag:vip note:refund") == {"late"}
    ledger.write(Batch(tenant=scope.tenant, gone=[Gone(second.id, second.started_at, 1, first.id)]))
    assert found(ledger, scope, "tag:vip note:refund") == found(ledger, scope, "refund") == {"sales"}
    assert found(ledger, scope, "-tag:vip") == set()
    assert facet(ledger, scope, "", "tag", now=NOW) == [FacetCount("vip", 1)]


def test_of_a_period_it_is_found_where_the_call_began_not_where_its_id_says(ledger: Ledger):
    scope = next(_TENANTS)
    early, other = (
        msgspec.structs.replace(HAND_MADE[name], tenant=scope.tenant) for name in ("sales", "late")
    )
    early = msgspec.structs.replace(early, started_at=early.started_at - 40 * DAY)
    ledger.write(Batch(tenant=scope.tenant, calls=[early, other]))
    ledger.annotate(scope.tenant, [CallNotes(call=early.id, tags=("vip",))])
    then = f"after:{iso(early.started_at - DAY)} before:{iso(early.started_at + DAY)}"
    since = f"after:{iso(early.started_at + DAY)}"
    assert found(ledger, scope, f"tag:vip {then}") == {"sales"}
    assert found(ledger, scope, f"-tag:vip {since}") == {"late"}
    assert found(ledger, scope, f"({then} tag:vip) or ({since} -tag:vip)") == {"sales", "late"}
    assert found(ledger, scope, "tag:vip on:2001-01-01") == found(ledger, scope, f"tag:vip {since}") == set()
    ledger.write(Batch(tenant=scope.tenant, gone=[Gone(early.id, early.started_at, 1, other.id)]))
    assert found(ledger, scope, f"tag:vip {since}") == {"late"}


def test_long_and_odd_text_is_kept(ledger: Ledger):
    scope = next(_TENANTS)
    call = msgspec.structs.replace(HAND_MADE["sales"], tenant=scope.tenant)
    ledger.write(Batch(tenant=scope.tenant, calls=[call]))
    text = "x" * 10_000_000 + " needle 'quoted\" \\ \0 \ud800 ÖÄ"
    ledger.annotate(scope.tenant, [CallNotes(call=CallId(call.id), notes=text, fields={"a'b": "c\\d"})])
    assert found(ledger, scope, "note:needle") == found(ledger, scope, "note:öä") == {"sales"}
    assert found(ledger, scope, 'field:"a\'b=c\\\\d"') == {"sales"}


@pytest.mark.parametrize(
    "question",
    [
        *(
            "from:5550101",
            "number:512555*",
            "5550101",
            "to:*0101",
            "number:+1512555010?",
            "name:5551*",
            "anna5",
            "from:x5*",
        ),
        *(
            "note:5550101",
            "contact:555",
            "agent:b1",
            "cause:busy1",
            "account:1*",
            "company:1*",
            "field:phone=5*",
        ),
    ],
)
def test_parts_of_numbers_cannot_be_looked_for_where_they_are_hidden(
    ledger: Ledger, added: Scope, question: str
):
    masked = msgspec.structs.replace(added, masked=True)
    with pytest.raises(QuestionError, match="hidden from you"):
        found(ledger, masked, question)


@pytest.mark.parametrize(
    "question",
    [
        "from:+15125550101",
        "15125550101",
        "number:5125550101",
        "extension:101",
        "agent:anna",
        "101",
        "cause:16",
        "from:*",
        "-from:*",
    ],
)
def test_whole_numbers_and_extensions_can_be_looked_for(ledger: Ledger, added: Scope, question: str):
    masked = msgspec.structs.replace(added, masked=True)
    assert found(ledger, masked, question) <= found(ledger, added, question)
    if not question.startswith("101"):
        assert found(ledger, masked, question) == found(ledger, added, question)
