"""A mapping that cannot be used says where, what stands there, what may, and what is nearest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringbook.model.instant import iso
from ringbook.model.statement import PathResult, Segment
from ringbook.parse.format import Clock, FormatSettingError, Rejected, Stated
from ringbook.parse.mapped_values import span
from ringbook.parse.mapping import MappingError, read_mapping
from ringbook.parse.mapping_model import Unit
from ringbook.parse.registry import named
from tests.fold import pieces

START = '[fields]\nstart = "when"\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("layout = ", "no TOML"),
        ("", r"must say where 'start' stands"),
        ('[fields]\nstart = { value = "now" }', r"must say where 'start' stands"),
        ("delimeter = ';'\n" + START, r"delimeter is no setting.*Did you mean 'delimiter'\?"),
        (START + 'answred = "a"', r"fields.answred is no setting.*Did you mean 'answer'\?"),
        (
            'layout = "jsnol"\n' + START,
            r"layout is 'jsnol'; it may be: csv, jsonl, json. Did you mean 'jsonl'\?",
        ),
        ('delimiter = ";;"\n' + START, "delimiter is one character"),
        ('encoding = "utf8"\n' + START, r"encoding is 'utf8'.*Did you mean 'utf-8'\?"),
        ('header = "yes"\n' + START, "header is true or false, not 'yes'"),
        ('skip = ["("]\n' + START, r"skip: '\(' is no regular expression"),
        ('[time]\nzone = "Europe/Berlni"\n' + START, r"zone is 'Europe/Berlni'.*Did you mean"),
        ('[time]\nformats = ["ISO"]\n' + START, r"'ISO' is no time format.*Did you mean 'iso'\?"),
        ('[time]\nformats = ["%d.%m.%Q"]\n' + START, "'%Q', which stands for no part of a time"),
        ("[time]\nformats = []\n" + START, "is empty"),
        (
            START + 'talk = { column = "t", unit = "sec" }',
            r"fields.talk.unit is 'sec'; it may be: s, ms, min, h:m",
        ),
        (START + 'talk = { colunm = "t" }', r"fields.talk.colunm is no setting.*'column'"),
        (START + "talk = {}", "either 'column' or 'value'"),
        (START + 'talk = { column = "t", value = "5" }', "either 'column' or 'value'"),
        (START + "talk = true", "is a list of texts"),
        (START + "[direction]\nincoming = 'in'", r"\[direction\] incoming is 'incoming'.*inbound"),
        (START + "[result]\nanswered = 'ok'\nbusy = 'OK'", "cannot mean both"),
        (START + "[result]\nwithout_talk = 'mised'", "result.without_talk is 'mised'"),
        ('header = false\ncolumns = ["start", "to"]\n' + START, r"fields.start: there is no column 'when'"),
        ('fields = "x"', r"fields is a table: write \[fields\]"),
    ],
)
def test_a_bad_mapping_is_explained(text: str, says: str) -> None:
    with pytest.raises(MappingError, match=says):
        read_mapping(text)


@given(st.text(max_size=200))
def test_any_text_is_a_mapping_or_explained(text: str) -> None:
    try:
        read_mapping(text)
    except MappingError:
        return


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({}, "needs the setting 'mapping'"),
        ({"map": "x"}, "no setting 'map'; it has one: 'mapping'"),
        ({"mapping": "[fields]"}, "setting 'mapping' of format mapped: .*'start'"),
    ],
)
def test_the_format_passes_the_explanation_on(settings: dict[str, str], says: str) -> None:
    with pytest.raises(FormatSettingError, match=says):
        named("mapped").configure(settings)


@pytest.mark.parametrize(
    ("time", "clock"),
    [
        ('formats = ["%d.%m.%Y %H:%M"]', Clock.LOCAL),
        ('formats = ["%d.%m.%Y %H:%M"]\nzone = "Europe/Berlin"', Clock.ZONED),
        ('formats = ["%d.%m.%Y %H:%M"]\nzone = "UTC"', Clock.UTC),
        ('formats = ["epoch_ms"]', Clock.UTC),
        ('formats = ["rfc2822"]', Clock.ZONED),
        ('formats = ["iso"]\nzone = "written"', Clock.ZONED),
    ],
)
def test_the_mapping_decides_whose_clock_it_is(time: str, clock: Clock) -> None:
    form = named("mapped").configure({"mapping": f"[time]\n{time}\n{START}"})
    assert form.about.clock is clock


def told(mapping: str, data: str) -> list[Segment | Rejected]:
    """What a mapped file says: its segments and rejects in order."""
    form = named("mapped").configure({"mapping": mapping})
    found: list[Segment | Rejected] = []
    for piece in pieces(form, data.encode()):
        parsed = form.parse(piece)
        if isinstance(parsed, Stated):
            found += [s for s in parsed.statements if isinstance(s, Segment)]
        if isinstance(parsed, Rejected):
            found.append(parsed)
    return found


def at(mapping: str, text: str) -> str | None:
    """The start of a record with that text in its only column."""
    [only] = told(f"[time]\n{mapping}\n{START}", f"when\n{text}\n")
    return iso(only.at) if isinstance(only, Segment) else only.reason


@pytest.mark.parametrize(
    ("mapping", "text", "instant"),
    [
        ('formats = ["epoch"]', "1795252502", "2026-11-21T09:15:02Z"),
        ('formats = ["epoch"]', "1795252502.25", "2026-11-21T09:15:02.250Z"),
        ('formats = ["epoch_us"]', "1795252502000007", "2026-11-21T09:15:02.000007Z"),
        ('formats = ["iso"]\nzone = "written"', "2026-11-21T10:15:02+01:00", "2026-11-21T09:15:02Z"),
        ('formats = ["iso"]\nzone = "written"', "2026-11-21T10:15:02", "bad-time"),
        ('formats = ["iso"]', "2026-11-21T10:15:02+01:00", "bad-time"),
        ('formats = ["iso"]\nzone = "Europe/Berlin"', "2026-07-21 11:15:02", "2026-07-21T09:15:02Z"),
        ('formats = ["iso"]\nzone = "UTC-05:00"', "2026-11-21 04:15:02", "2026-11-21T09:15:02Z"),
        ('formats = ["iso"]', "1970-01-01 00:00:01", "implausible-time"),
        ('formats = ["iso"]', "2099-01-01 00:00:01", "implausible-time"),
        ('formats = ["iso"]', "0000-00-00 00:00:00", "bad-time"),
        ('formats = ["%H:%M"]', "11:15", "bad-time"),
        ('formats = ["%m/%d/%Y %I:%M %p", "iso"]', "11/21/2026 9:15 PM", "2026-11-21T21:15:00Z"),
    ],
)
def test_times(mapping: str, text: str, instant: str) -> None:
    assert at(mapping, text) == instant


@pytest.mark.parametrize(
    ("text", "unit", "seconds"),
    [
        ("65", Unit.SECONDS, 65.0),
        ("65,5", Unit.SECONDS, 65.5),
        ("1500", Unit.MILLISECONDS, 1.5),
        ("1.5", Unit.MINUTES, 90.0),
        ("2:05", Unit.SECONDS, 125.0),
        ("2:05", Unit.HOURS_MINUTES, 7500.0),
        ("01:02:03", Unit.SECONDS, 3723.0),
        ("01:02:03.5", Unit.SECONDS, 3723.5),
        ("1.02:03:04", Unit.SECONDS, 93784.0),
        ("2 min 5 s", Unit.SECONDS, 125.0),
        ("1h 2m 3s", Unit.SECONDS, 3723.0),
        ("45 Sekunden", Unit.SECONDS, 45.0),
        ("-5", Unit.SECONDS, -5.0),
        ("a while", Unit.SECONDS, None),
        ("", Unit.SECONDS, None),
        ("9" * 30, Unit.SECONDS, None),
        ("999999999", Unit.SECONDS, None),
    ],
)
def test_spans(text: str, unit: Unit, seconds: float | None) -> None:
    assert span(text, unit) == seconds


@given(st.text(max_size=60))
def test_any_text_is_a_span_or_none(text: str) -> None:
    found = span(text, Unit.SECONDS)
    assert found is None or abs(found) <= 366 * 86_400


def test_an_answer_without_words_is_told_by_the_talk() -> None:
    mapping = START + 'talk = "talk"\n'
    answered, silent = told(mapping, "when,talk\n2026-11-20 10:00:00,7\n2026-11-20 10:01:00,0\n")
    assert isinstance(answered, Segment)
    assert isinstance(silent, Segment)
    assert (answered.result, answered.talk_s) == (PathResult.ANSWERED, 7.0)
    assert (silent.result, silent.talk_s) == (PathResult.UNKNOWN, None)


def test_columns_may_change_places_under_a_new_header() -> None:
    one, two = told(
        START + 'to = "b"\n', "when,b\n2026-11-20 10:00:00,201\nb,when\n202,2026-11-20 11:00:00\n"
    )
    assert isinstance(one, Segment)
    assert isinstance(two, Segment)
    assert (one.reached.number.raw, two.reached.number.raw) == ("201", "202")


def test_a_line_cut_short_is_a_reject_unless_the_mapping_allows_it() -> None:
    data = "when,a,b\n2026-11-20 10:00:00,201\n"
    [strict] = told(START, data)
    [ragged] = told("ragged = true\n" + START, data)
    assert isinstance(strict, Rejected)
    assert strict.reason == "wrong-columns"
    assert isinstance(ragged, Segment)


def test_each_record_without_an_id_is_a_call_of_its_own() -> None:
    one, two = told(START, "when\n2026-11-20 10:00:00\n2026-11-20 11:00:00\n")
    assert isinstance(one, Segment)
    assert isinstance(two, Segment)
    assert one.keys != two.keys
