"""Calls told by mapped files: sides by direction, one call for each id, unknown where nothing is said."""

from __future__ import annotations

from ringbook.model.call import Call, Direction, HangupBy, Outcome
from ringbook.model.instant import iso
from ringbook.model.party import EndpointKind
from tests.fold import fold
from tests.formats.golden import fixtures


def calls(number: str) -> list[Call]:
    [fixture] = [one for one in fixtures("mapped") if one.path.name.startswith(number)]
    return fold([("mapped", fixture.data)], fixture.source())


def test_local_times_are_placed_in_the_sources_zone() -> None:
    assert iso(calls("01")[0].started_at) == "2026-11-20T08:15:02Z"


def test_inbound_calls_credit_the_extension_and_keep_the_number_dialled() -> None:
    call = calls("01")[0]
    assert (call.direction, call.outcome, call.talk_s) == (Direction.INBOUND, Outcome.ANSWERED, 125.0)
    assert (call.caller.number, call.caller.name, call.dialled) == (
        "+442079460018",
        "Müller; Söhne",
        "+15125550100",
    )
    assert [(agent.extension, agent.name) for agent in call.agents] == [("201", "Anna")]


def test_a_missed_a_busy_and_an_unexplained_call() -> None:
    missed, busy, unexplained = calls("01")[1], calls("01")[4], calls("01")[5]
    assert missed.outcome is Outcome.MISSED
    assert not missed.agents
    assert (busy.outcome, busy.direction) == (Outcome.BUSY, Direction.OUTBOUND)
    assert (unexplained.outcome, unexplained.talk_s) == (Outcome.UNKNOWN, None)


def test_records_with_one_id_are_one_call() -> None:
    first, second = calls("02")
    assert len(first.frames) == 2
    assert [agent.extension for agent in first.agents] == ["201", "202"]
    assert (first.queue, first.talk_s, first.hangup_by) == ("Sales", 70.0, HangupBy.CALLEE)
    assert (second.direction, second.outcome, second.talk_s) == (Direction.UNKNOWN, Outcome.UNKNOWN, None)


def test_an_end_without_a_day_lies_after_its_start() -> None:
    spans = [call.duration_s for call in calls("04")]
    assert spans == [2400.0, 1200.0, 600.0]


def test_a_document_may_hold_several_calls() -> None:
    assert [(call.outcome, call.direction) for call in calls("05")] == [
        (Outcome.ANSWERED, Direction.OUTBOUND),
        (Outcome.BUSY, Direction.OUTBOUND),
    ]


def test_one_column_for_the_other_side_is_read_by_the_direction() -> None:
    unknown, outbound, missed, inbound = calls("06")
    assert (inbound.caller.number, inbound.caller.name, inbound.talk_s) == ("+442079460018", "José", 720.0)
    assert (outbound.called.number, outbound.talk_s) == ("+15125550116", 3720.0)
    assert (missed.outcome, missed.caller.kind) == (Outcome.MISSED, EndpointKind.OUTSIDE)
    assert unknown.direction is Direction.UNKNOWN


def test_a_file_without_its_header_tells_no_call() -> None:
    assert calls("07") == []
