"""Plans: words and values that the language does not have are pointed at; values never become part of the statement."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings

from ringbook.model.scope import Scope
from ringbook.search.errors import QuestionError, SearchError
from ringbook.search.fields import FIELDS
from ringbook.search.language import text
from ringbook.search.plan import plan
from ringbook.search.tree import Node

from .calls import NOW, ZONE, at
from .trees import written


def said(question: str) -> str:
    with pytest.raises(QuestionError) as raised:
        plan(question, Scope(), zone=ZONE, now=NOW)
    return str(raised.value)


@pytest.mark.parametrize(
    ("question", "message"),
    [
        (
            "anna form:101",
            'There is no field "form".\n'
            "  anna form:101\n"
            "       ^^^^\n"
            "Did you mean from?\n"
            'To look for the text as it is, quote it: "form:…".',
        ),
        (
            "outcome:answered,mised",
            'outcome: knows no "mised".\n'
            "  outcome:answered,mised\n"
            "                   ^^^^^\n"
            "Did you mean missed?",
        ),
        (
            "direction:sideways",
            'direction: knows no "sideways".\n'
            "  direction:sideways\n"
            "            ^^^^^^^^\n"
            "Known: inbound, outbound, internal, unknown.",
        ),
        (
            "-has:recordings",
            'has: knows no "recordings".\n  -has:recordings\n       ^^^^^^^^^^\nDid you mean recording?',
        ),
        (
            "duration:>long",
            '"long" is not a length of time.\n'
            "  duration:>long\n"
            "           ^^^^^\n"
            "Write seconds or units, as in 90, 90s, 5m, 1h30m, 10..60 or >5m.",
        ),
        (
            "talk:60..10",
            'The range "60..10" ends before it begins.\n  talk:60..10\n       ^^^^^^\nDid you mean 10..60?',
        ),
        (
            "after:2026-02-30",
            '"2026-02-30" is not in the calendar.\n'
            "  after:2026-02-30\n"
            "        ^^^^^^^^^^\n"
            "Write a day, month, year or time: 2026-11-21, 2026-11, 2026, 2026-11-21T14:00, today, yesterday.",
        ),
        (
            "after:yesteday",
            '"yesteday" is not a time we understand.\n  after:yesteday\n        ^^^^^^^^\nDid you mean yesterday?',
        ),
        (
            "after:7d",
            '"7d" is not a time we understand.\n  after:7d\n        ^^\nTo count back from now, write last:7d',
        ),
        (
            "last:week",
            '"week" is not a length of time to look back.\n'
            "  last:week\n"
            "       ^^^^\n"
            "Write a number and m, h, d, w or y, as in last:30m, last:12h, last:7d, last:2w, last:1y.",
        ),
        (
            "weekday:mon-fry",
            '"fry" is not a day of the week.\n  weekday:mon-fry\n          ^^^^^^^\nDid you mean friday?',
        ),
        (
            "hour:25",
            '"25" is not an hour of the day, or hours.\n'
            "  hour:25\n"
            "       ^^\n"
            "Write hours of the day, as in 9, 9-17, 22-6 or 9:30-17:15; 9-17 is from 9:00 until 17:00.",
        ),
        (
            "number:anna",
            '"anna" is not a telephone number.\n'
            "  number:anna\n"
            "         ^^^^\n"
            "Write digits in any spelling, at least the last four, or * and ? for what you do not know: "
            '+1 (512) 555-0101, 5550101, 512555*. To look for a name, write name:"…".',
        ),
        (
            "queue:>sales",
            "queue: cannot be compared with >\n"
            "  queue:>sales\n"
            "        ^^^^^^\n"
            "Write queue: and the whole of it, in any case; * and ? are wildcards; after = exactly as it stands in the record.",
        ),
        (
            "id:xyz",
            '"xyz" is not the id of a call.\n'
            "  id:xyz\n"
            "     ^^^\n"
            "Write an id or its beginning, 8 hexadecimal digits at least.",
        ),
        (
            "cause:999",
            "cause: knows no code 999\n"
            "  cause:999\n"
            "        ^^^\n"
            "Q.850 causes are 1 to 127, SIP statuses 100 to 699; other text is looked for in the source's words.",
        ),
    ],
)
def test_unknown_words_and_values_are_pointed_at(question: str, message: str):
    assert said(question) == message


@pytest.mark.parametrize(
    "question",
    [
        "hour:9-9", "hour:24", "hour:9:60", "hour:-", "hour:9-", "weekday:-mon", "on:..", "on:2026-11..2026-10", "on:2026-13",
        "on:1900", "on:2200", "after:9999999999", "last:0x7d", "last:-7d", "duration:1..2..3", "duration:>1..2", "duration:..",
        "duration:99999999999", "duration:-5", 'queue:" "', "number:" + "1" * 40, "number:()", "id:1234567", "id:" + "a" * 33,
        "last:999999999y",
    ],
)  # fmt: skip
def test_values_out_of_reach_are_refused(question: str):
    said(question)


def test_an_unknown_zone_is_refused():
    for zone in ("Mars/Olympus", "../etc/passwd", "", "a\0b"):
        with pytest.raises(SearchError, match="not a time zone"):
            plan("", Scope(), zone=zone, now=NOW)


@given(written)
@settings(max_examples=200, deadline=None)
def test_any_question_is_a_plan_or_an_error_that_points_into_it(tree: Node):
    question = text(tree)
    try:
        plan(question, Scope(), zone=ZONE, now=NOW)
    except QuestionError as error:
        assert question[error.start : error.stop]


_SPOILS = ["'; DROP TABLE calls; --", "{p1:String}", "\\", "%'", "') OR 1=1 OR ('"]


@pytest.mark.parametrize("spoil", _SPOILS)
@pytest.mark.parametrize("name", [*FIELDS, None])
def test_values_are_bound_and_never_written_into_the_statement(name: str | None, spoil: str):
    quoted = '"xq' + spoil.replace("\\", "\\\\") + '"'
    question = f"{name}:{quoted}" if name else quoted
    try:
        made = plan(question, Scope("it's"), zone=ZONE, now=NOW)
    except QuestionError:
        return
    assert "xq" not in made.where
    assert "it's" not in made.where
    assert any("xq" in str(value) for value in made.params.values())
    assert set(re.findall(r"\{(\w+):", made.where)) <= {"tenant", *made.params}


def test_every_plan_is_restricted_to_its_scope():
    for question in ("", "a or b", "-a", "from:1 or -from:1"):
        made = plan(question, Scope("one"), now=NOW)
        assert made.where.startswith("({scope} AND ")


@pytest.mark.parametrize(
    ("question", "since", "until"),
    [
        ("", None, None),
        ("after:2026-11-01T00:00Z", "2026-11-01", None),
        ("on:2026-11-02T00Z", "2026-11-02", "2026-11-02T01:00"),
        ("on:2026-11-02T00Z,2026-11-04T00Z", "2026-11-02", "2026-11-04T01:00"),
        ("on:2026-11-02T00Z anna -outcome:missed", "2026-11-02", "2026-11-02T01:00"),
        ("on:2026-11-02T00Z or anna", None, None),
        ("on:2026-11-02T00Z or on:2026-11-03T00Z", "2026-11-02", "2026-11-03T01:00"),
        ("after:2026-11-02T00:00Z before:2026-11-03T00:00Z", "2026-11-02", "2026-11-03"),
        ("after:2026-11-02T00:00Z after:2026-11-03T00:00Z", "2026-11-03", None),
        ("-before:2026-11-02T00:00Z", None, None),
    ],
)
def test_the_time_that_a_question_is_about_is_known(question: str, since: str | None, until: str | None):
    made = plan(question, Scope(), zone=ZONE, now=NOW)
    assert made.since == (at(since) if since else None)
    assert made.until == (at(until) if until else None)


@pytest.mark.parametrize("question", ['from:="5550101"', "dialled:=555-0101"])
def test_a_number_written_exactly_is_no_way_around_its_being_hidden(question: str):
    with pytest.raises(QuestionError, match="hidden from you"):
        plan(question, Scope(masked=True), now=NOW)
    assert plan('from:="+15125550101"', Scope(masked=True), now=NOW).params
