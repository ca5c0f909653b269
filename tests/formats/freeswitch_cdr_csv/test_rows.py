"""Rows that belong together without naming each other, and templates as they are declared."""

from __future__ import annotations

import uuid

import pytest
from tests.fold import fold

from ringbook.model.call import Call, Outcome
from ringbook.model.source import Source
from ringbook.parse.format import FormatSettingError, Piece, Rejected, Stated
from ringbook.parse.formats._freeswitch_csv import SHIPPED, cells_of, template_of
from ringbook.parse.formats.freeswitch_cdr_csv import FORMAT

SOURCE = Source("rows", region="US")
ZOE, MAX = "2125550123", "2125550124"


def row(
    caller: str,
    called: str,
    start: int,
    stop: int,
    cause: str = "NO_ANSWER",
    *,
    name: str = "Zoe",
    answer: int | None = None,
    own: int = 0,
    other: int | None = None,
    context: str = "public",
) -> str:
    """A row of the shipped template; seconds count from noon, channels are numbered."""
    stamps = [
        f"2026-11-21 12:{s // 60:02}:{s % 60:02}" if s is not None else "" for s in (start, answer, stop)
    ]
    ids = [str(uuid.UUID(int=n + 1)) if n is not None else "" for n in (own, other)]
    billed = str(stop - answer) if answer is not None else "0"
    cells = [name, caller, called, context, *stamps, str(stop - start), billed, cause, *ids, "", "", ""]
    return ",".join(f'"{cell}"' for cell in cells) + "\n"


def calls(*rows: str) -> list[Call]:
    return fold([("freeswitch_cdr_csv", "".join(rows).encode())], SOURCE)


def test_phones_that_rang_in_vain_one_after_the_other_are_on_the_call() -> None:
    [call] = calls(
        row(ZOE, "201", 0, 5, own=1),
        row(ZOE, "202", 5, 10, own=2),
        row(ZOE, "3125550199", 0, 10, "NORMAL_CLEARING", own=3),
    )
    assert (call.outcome, call.dialled, len(call.legs)) == (Outcome.MISSED, "3125550199", 3)


def test_the_order_of_rows_written_together_does_not_matter() -> None:
    rows = [row(ZOE, "201", 0, 5, own=1), row(ZOE, "3125550199", 0, 5, "NORMAL_CLEARING", own=3)]
    assert len(calls(*rows)) == len(calls(*reversed(rows))) == 1


def test_one_number_calling_twice_at_once_are_two_calls() -> None:
    one = row(ZOE, "3125550199", 0, 12, own=3)
    two = row(ZOE, "3125550198", 0, 12, own=4)
    phones = [row(ZOE, "201", 0, 12, own=1), row(ZOE, "202", 0, 12, own=2)]
    for rows in (
        [*phones, one, two],
        [phones[0], one, phones[1], two],
        [one, two],
        [phones[0], one, two, phones[1]],
    ):
        found = calls(*rows)
        assert {call.dialled for call in found} >= {"3125550199", "3125550198"}


def test_probes_of_one_caller_for_one_number_stay_apart() -> None:
    probes = [
        row("9008", number, 0, 0, name="9008", own=n)
        for n, number in enumerate(("34688886392", "0034688886392"))
    ]
    assert len(calls(*probes)) == 2


@pytest.mark.parametrize("caller", ["anonymous", "", "0000000"])
def test_callers_without_a_number_are_not_one_caller(caller: str) -> None:
    assert len(calls(row(caller, "201", 0, 5, own=1), row(caller, "3125550199", 0, 5, own=3))) == 2


def test_another_callers_phone_is_not_on_the_call() -> None:
    assert len(calls(row(MAX, "201", 0, 5, own=1), row(ZOE, "3125550199", 0, 5, own=3))) == 2


def test_a_phone_that_began_to_ring_in_the_middle_of_a_call_is_not_joined_by_its_caller_alone() -> None:
    found = calls(row(ZOE, "201", 60, 70, own=1), row(ZOE, "3125550199", 0, 300, own=3, answer=2))
    assert len(found) == 2


def test_a_queue_that_answers_at_once_calls_its_agents_when_it_likes() -> None:
    [call] = calls(
        row(ZOE, "201", 30, 37, own=1, context="default"),
        row(ZOE, "202", 90, 95, "USER_BUSY", own=2, context="default"),
        row(ZOE, "203", 120, 300, "NORMAL_CLEARING", own=4, answer=125, context="default"),
        row(ZOE, "3125550199", 0, 300, "NORMAL_CLEARING", own=3, answer=0),
    )
    assert [(agent.extension, agent.talk_s) for agent in call.agents] == [("203", 175.0)]
    assert call.answered_at == call.started_at + 125_000_000


def test_an_outbound_leg_is_joined_by_the_number_it_was_for() -> None:
    [call] = calls(
        row("3125550100", "2065550138", 0, 20, own=1, name="Company", context="default"),
        row("203", "92065550138", 0, 20, "NORMAL_CLEARING", own=2, name="203", context="default"),
    )
    assert (call.direction.value, call.outcome, call.dialled) == ("outbound", Outcome.MISSED, "92065550138")


def test_rows_are_joined_across_a_restart() -> None:
    data = (row(ZOE, "201", 0, 5, own=1) + row(ZOE, "3125550199", 0, 5, own=3)).encode()
    whole = list(FORMAT.framer().feed(data))
    first = FORMAT.framer()
    cut = data.index(b"\n") + 1
    before = list(first.feed(data[:cut]))
    after = list(FORMAT.framer(first.context).feed(data[cut:]))
    assert before + after == whole
    assert whole[1].context


@pytest.mark.parametrize(
    ("declared", "columns", "delimiter"),
    [
        ("example", SHIPPED["example"].columns, ","),
        ('"${uuid}","${start_stamp}", "${end_stamp}","x"', ("uuid", "start_stamp", "end_stamp", ""), ","),
        ("${uuid};${start_epoch};${end_epoch}", ("uuid", "start_epoch", "end_epoch"), ";"),
        ("INSERT INTO cdr VALUES (\"${uuid}\",\"${start_stamp}\");", ("uuid", "start_stamp"), ","),
        ("uuid,start_stamp,end_stamp,duration", ("uuid", "start_stamp", "end_stamp", "duration"), ","),
    ],
)  # fmt: skip
def test_a_template_is_declared_by_name_text_or_list(
    declared: str, columns: tuple[str, ...], delimiter: str
) -> None:
    template = template_of(declared)
    assert template is not None
    assert (template.columns, template.delimiter) == (columns, delimiter)


@pytest.mark.parametrize("declared", ["exmaple", "one two", "${}", "a,b"])
def test_what_is_no_template_is_refused(declared: str) -> None:
    with pytest.raises(FormatSettingError, match="template"):
        FORMAT.configure({"template": declared})


def test_a_declared_template_judges_the_number_of_columns() -> None:
    form = FORMAT.configure({"template": "uuid,start_stamp,end_stamp,duration"})
    own = str(uuid.UUID(int=7))
    good = form.parse(Piece(f'"{own}","2026-11-21 12:00:00","2026-11-21 12:00:09","9"\n'.encode()))
    assert isinstance(good, Stated)
    bad = form.parse(Piece(f'"{own}","2026-11-21 12:00:00","2026-11-21 12:00:09"\n'.encode()))
    assert isinstance(bad, Rejected)
    assert (bad.reason, "4" in bad.detail) == ("wrong-columns", True)


def test_quotes_inside_values() -> None:
    assert cells_of('"JOHN \\"X\\" DOE","1", "2","a,b"\r\n') == ['JOHN "X" DOE', "1", "2", "a,b"]
