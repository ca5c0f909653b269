"""Every field of the language asked of the engine, over calls whose answers are known."""

from __future__ import annotations

import pytest

from ringbook.ledger.ledger import Ledger
from ringbook.model.scope import Scope
from ringbook.search.fields import FIELDS
from ringbook.search.language import parse
from ringbook.search.pages import count_calls, list_calls
from ringbook.search.tree import And, Node, Not, Or, Term

from .calls import HAND_MADE, NOW, ZONE

ANSWERS: dict[str, str] = {
    "": " ".join(HAND_MADE),
    # numbers, in any spelling
    "from:+15125550101": "sales last-year unplaced",
    "from:(512) 555-0101": "sales last-year unplaced",
    "from:0015125550101": "sales last-year unplaced",
    "from:1-512-555-0101": "sales last-year unplaced",
    "from:5550101": "sales last-year unplaced",
    "from:0101": "sales last-year unplaced late",
    "from:020 7946 0101": "late",
    "from:+44 (20) 7946 0101": "late",
    "from:101": "long-ago",
    "from:512*": "sales last-year unplaced",
    "from:+512*": "unplaced",
    "from:020*": "late",
    "from:020 7946*": "late",
    "from:+1 512 555 ????": "sales last-year",
    "from:*512*": "sales last-year unplaced",
    "from:1512555010?": "sales last-year",
    "from:anonymous": "left-the-queue",
    "from:anna": "sales last-year",
    "from:ANNA": "sales last-year",
    'from:"anna b"': "sales",
    "from:bo": "",
    "to:101": "sales last-year",
    "to:1010": "unplaced",
    "to:bo": "sales",
    "to:5550199": "sales late",
    "to:anna": "long-ago",
    "number:101": "sales last-year long-ago",
    "number:5125550101": "sales last-year unplaced long-ago",
    "number:+1 (512) 555-0103": "transferred",
    "number:103": "late first-half-past-one second-half-past-one",
    "number:*555010?": "sales last-year unplaced long-ago transferred first-half-past-one second-half-past-one",
    "number:9999": "",
    "to:+15125550177": "odd",
    "to:5550177": "odd",
    "to:50177": "odd",
    "to:0177": "odd",
    "number:512-555-0177": "odd",
    "number:550177": "odd",
    "number:512555017*": "odd",
    "dialled:0177": "odd",
    "dialled:0199": "sales late",
    "dialled:+15125550199": "sales late",
    "dialled:95125550102": "first-half-past-one",
    'dialled:"*97"': "feature-code",
    "dialled:*97": "feature-code",
    "extension:103": "late first-half-past-one second-half-past-one",
    "extension:10?": "sales late first-half-past-one second-half-past-one transferred feature-code last-year long-ago odd",
    "country:+44": "late",
    "country:gb": "late",
    "country:us": "sales first-half-past-one second-half-past-one last-year long-ago",
    "country:de": "",
    "has:country": "sales late first-half-past-one second-half-past-one last-year long-ago",
    # names
    "name:anna": "sales last-year long-ago",
    "name:CLÉO": "late",
    "name:ömer": "late",
    "name:fay": "late first-half-past-one second-half-past-one",
    "name:s_h": "second-half-past-one",
    "name:anna*dahl": "",
    "name:a*berg": "sales long-ago",
    "agent:101": "sales",
    "agent:ida": "transferred",
    "agent:jon": "transferred",
    "agent:anna": "",
    "queue:sales": "sales",
    "queue:sales*": "sales left-the-queue",
    'queue:"sales west"': "left-the-queue",
    'queue:"sales*"': "",
    "trunk:pjsip/carrier-a": "sales",
    "trunk:*carrier*": "sales",
    "trunk:carrier": "",
    "account:acme": "second-half-past-one",
    "source:branch": "late unplaced odd nothing-known",
    "source:o*": "sales late first-half-past-one second-half-past-one transferred left-the-queue feature-code last-year long-ago",
    # words of a list
    "direction:internal": "transferred feature-code",
    "direction:unknown": "nothing-known",
    "outcome:missed,abandoned": "late left-the-queue",
    "outcome:Answered": "sales transferred",
    "hangup:system": "unplaced",
    "cause:16": "sales",
    "cause:17": "unplaced",
    "cause:486,503": "unplaced first-half-past-one",
    "cause:100%": "unplaced",
    "cause:normal": "sales",
    # lengths; unknown is never zero
    "duration:>60": "sales transferred",
    "duration:320": "sales",
    "duration:1": "unplaced",
    "duration:1.25..30s": "late unplaced",
    "duration:<=30": "late unplaced",
    "-duration:>60": (
        "late unplaced first-half-past-one second-half-past-one left-the-queue feature-code last-year long-ago nothing-known odd"
    ),
    "talk:>=1m": "sales transferred",
    "talk:..1m1s": "transferred",
    "wait:>2m": "left-the-queue",
    "ring:>5": "late",
    "ring:5": "sales",
    "hold:0": "sales",
    "hold:>0": "transferred",
    # times, in New York
    "after:2026-11-20": "left-the-queue feature-code",
    "after:2026-11-19 before:2026-11-20": "sales late",
    "on:2026-11-19": "sales late",
    "on:2026-11-20": "",
    "on:2026-11-20T03:15Z": "late",
    "on:2026-11-19T09": "sales",
    "on:2026-11-19T09:30": "sales",
    "on:2026-11-19T09:31": "",
    "on:2026-10": "transferred",
    "on:2026-10..2026-11-01": "transferred first-half-past-one second-half-past-one",
    "on:2026-11-01T01": "first-half-past-one second-half-past-one",
    "on:2019": "long-ago",
    "on:today": "left-the-queue feature-code",
    "after:yesterday": "left-the-queue feature-code",
    "before:2020": "long-ago",
    "before:2019-03-10T07:00Z": "",
    "last:1m": "left-the-queue",
    "last:7h": "left-the-queue feature-code",
    "last:2d": "left-the-queue feature-code late",
    "last:1y": (
        "sales late unplaced first-half-past-one second-half-past-one transferred left-the-queue feature-code nothing-known odd"
    ),
    "hour:9": "sales",
    "hour:1": "first-half-past-one second-half-past-one",
    "hour:22-6": "late first-half-past-one second-half-past-one feature-code long-ago",
    "hour:9-10:30": "sales unplaced last-year",
    "hour:11:59-12": "left-the-queue",
    "weekday:thu": "sales late last-year",
    "weekday:sat-sun": "first-half-past-one second-half-past-one transferred left-the-queue feature-code long-ago",
    "weekday:sunday,wed": "first-half-past-one second-half-past-one unplaced long-ago",
    # what a call has
    "has:recording": "sales",
    "has:transfer": "transferred",
    "has:voicemail": "second-half-past-one",
    "has:agent": "sales transferred",
    "has:answer": "sales transferred",
    "has:queue": "sales left-the-queue",
    "has:trunk": "sales",
    "has:account": "second-half-past-one",
    "has:cost": "second-half-past-one",
    "has:quality": "transferred",
    "has:cause": "sales unplaced first-half-past-one",
    "has:wait": "sales left-the-queue",
    "has:hold": "sales transferred",
    f"id:{HAND_MADE['sales'].id}": "sales",
    f"id:{HAND_MADE['sales'].id[:10]}": "sales",
    # words anywhere
    "anna": "sales last-year long-ago",
    "ANNA berg": "sales long-ago",
    '"berg anna"': "",
    "west": "left-the-queue",
    "acme": "second-half-past-one",
    "busy_here": "unplaced",
    "busyxhere": "",
    "5550102": "first-half-past-one second-half-past-one",
    "+1 (512) 555-0103": "transferred",
    "anonymous": "left-the-queue",
    # together
    "anna -outcome:answered": "last-year long-ago",
    "outcome:answered or outcome:busy": "sales transferred unplaced",
    "(from:103 or to:103) on:2026-11-01T05:30Z": "first-half-past-one",
    "-(direction:inbound or direction:outbound)": "transferred feature-code nothing-known",
    "-has:cause -has:name after:2026-11-21": "left-the-queue feature-code",
}


def names(calls: list[object]) -> set[str]:
    known = {call.id: name for name, call in HAND_MADE.items()}
    return {known[call.id] for call in calls}  # type: ignore[attr-defined]


@pytest.mark.parametrize(("question", "expected"), ANSWERS.items(), ids=ANSWERS)
def test_a_question_finds_exactly_its_calls(ledger: Ledger, hand: Scope, question: str, expected: str):
    page = list_calls(ledger, hand, question, zone=ZONE, now=NOW)
    assert names(list(page.items)) == set(expected.split())
    assert count_calls(ledger, hand, question, zone=ZONE, now=NOW) == len(expected.split())


def test_every_field_is_asked_above():
    def fields(node: Node) -> set[str]:
        match node:
            case And(parts) | Or(parts):
                return set().union(*map(fields, parts))
            case Not(part):
                return fields(part)
            case Term(name):
                return {name}
        return set()

    asked = set().union(*(fields(parse(question)) for question in ANSWERS))
    assert asked == set(FIELDS) - OF_PEOPLE


OF_PEOPLE = {
    *("note", "tag", "outcome-code", "assigned", "due", "entered-by", "contact", "company", "field"),
    "consent",
}
"""What people add is asked for in test_added.py."""


def test_every_example_can_be_asked(ledger: Ledger, hand: Scope):
    for field in FIELDS.values():
        for example in field.examples:
            count_calls(ledger, hand, example, zone=ZONE, now=NOW, me="anna")


def test_the_same_question_means_another_day_elsewhere(ledger: Ledger, hand: Scope):
    def found(zone: str) -> set[str]:
        return names(list(list_calls(ledger, hand, "on:2026-11-20", zone=zone, now=NOW).items))

    assert found("America/New_York") == set()
    assert found("Europe/London") == {"late"}
    assert found("Asia/Tokyo") == {"late"}
