"""Calls told by a phone's own log: what it cannot say stays unknown."""

from __future__ import annotations

import pytest

from ringbook.model.call import Call, Direction, Outcome
from ringbook.model.source import Source
from ringbook.parse.format import FormatSettingError, Rejected, Stated
from ringbook.parse.registry import named
from tests.fold import fold, pieces

DATE = 1795284906092


def call(kind: int, duration: int, number: str = "+15125550115", **settings: str) -> Call:
    element = f'<calls count="1"><call number="{number}" duration="{duration}" date="{DATE}" type="{kind}" /></calls>'
    [found] = fold([("android_call_log", element.encode())], Source("phone", settings=settings))
    return found


@pytest.mark.parametrize(
    ("kind", "duration", "direction", "outcome", "talk_s"),
    [
        (1, 59, Direction.INBOUND, Outcome.ANSWERED, 59.0),
        (1, 0, Direction.INBOUND, Outcome.UNKNOWN, None),
        (2, 59, Direction.OUTBOUND, Outcome.ANSWERED, 59.0),
        (2, 0, Direction.OUTBOUND, Outcome.UNKNOWN, None),
        (3, 0, Direction.INBOUND, Outcome.MISSED, 0.0),
        (4, 30, Direction.INBOUND, Outcome.VOICEMAIL, 0.0),
        (5, 0, Direction.INBOUND, Outcome.REJECTED, 0.0),
        (6, 0, Direction.INBOUND, Outcome.REJECTED, 0.0),
        (7, 0, Direction.INBOUND, Outcome.ANSWERED, None),
        (10, 0, Direction.UNKNOWN, Outcome.UNKNOWN, None),
    ],
)
def test_each_type(
    kind: int, duration: int, direction: Direction, outcome: Outcome, talk_s: float | None
) -> None:
    found = call(kind, duration)
    assert (found.direction, found.outcome, found.talk_s) == (direction, outcome, talk_s)
    assert (found.answered_at, found.ended_at, found.ring_s, found.wait_s) == (None, None, None, None)


@pytest.mark.parametrize("number", ["", "-1", "-2", "-3"])
def test_a_withheld_number_is_no_number(number: str) -> None:
    found = call(1, 59, number)
    assert (found.caller.number, found.caller.raw) == ("", "")
    assert found.direction is Direction.INBOUND


def test_what_was_dialled_is_told_of_calls_that_we_made() -> None:
    assert (call(2, 59).dialled, call(1, 59).dialled) == ("+15125550115", "")


def test_the_owner_is_credited_where_the_setting_names_one() -> None:
    assert [agent.name for agent in call(1, 59, owner="Carla").agents] == ["Carla"]
    with pytest.raises(FormatSettingError, match="no setting 'ownr'"):
        named("android_call_log").configure({"ownr": "Carla"})


def test_the_same_call_in_two_backups_is_one_call() -> None:
    one = f'<call number="+15125550115" duration="9" date="{DATE}" type="1" contact_name="(Unknown)" />'
    two = f'<log number="+15125550115" time="x" date="{DATE}" type="1" name="Ada" new="1" dur="9" />'
    [found] = fold([("android_call_log", one.encode()), ("android_call_log", two.encode())], Source("phone"))
    assert found.caller.name == "Ada"
    assert found.talk_s == 9.0


def test_a_damaged_element_costs_only_itself() -> None:
    good = f'<call number="+15125550115" duration="9" date="{DATE}" type="1" />'
    form = named("android_call_log")
    for hurt in (
        good[:-2],
        good.replace('"9"', '"9'),
        good.replace("<", "", 1),
        good.replace(" date=", " date"),
        "\0" + good,
    ):
        told = [
            form.parse(piece) for piece in pieces(form, f"<calls>\n{good}\n{hurt}\n{good}\n</calls>".encode())
        ]
        assert sum(isinstance(one, Stated) for one in told) in (2, 3)
        assert any(isinstance(one, Rejected) for one in told), hurt
