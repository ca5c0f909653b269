"""A recording goes to its call by the strongest evidence there is, and to none where two calls could be meant."""

from __future__ import annotations

import uuid
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ringbook.model.call import AgentTalk, Call, CallId, Recording
from ringbook.model.instant import SECOND
from ringbook.model.party import Party
from ringbook.model.recording import Joined
from ringbook.recordings.joining import Heard, join

BEGAN = 1_795_284_663 * SECOND
ANNA, DID = Party("+15125550101", "5125550101"), Party("+13125550101", "3125550101")


def call(at_s: float = 0, lasts_s: float = 60, **told: Any) -> Call:
    """A call that began so many seconds after BEGAN."""
    start = BEGAN + round(at_s * SECOND)
    return Call(
        id=CallId(str(uuid.uuid4())),
        tenant="main",
        started_at=start,
        answered_at=start + 5 * SECOND,
        ended_at=start + round(lasts_s * SECOND),
        **{"caller": ANNA, "called": DID, "agents": (AgentTalk("101"),), **told},
    )


def heard(name: str = "x.wav", at_s: float | None = 5, duration_s: float = 50, **told: Any) -> Heard:
    began = [] if at_s is None else [BEGAN + round(at_s * SECOND)]
    return Heard(name=name, began=began, duration_s=duration_s, **told)


def test_the_record_that_names_the_file_decides() -> None:
    mine = call(recordings=(Recording("2026/11/21/in-1.wav"),))
    other = call(keys=("u:1795284663.113",))
    found = join(heard("in-1.wav", ids=["1795284663.113"]), [other, mine])
    assert (found.call, found.joined, found.confidence) == (mine.id, Joined.RECORD, 1.0)


def test_the_ending_in_the_record_may_be_another_or_missing() -> None:
    mine = call(recordings=(Recording("in-1"),))
    assert join(heard("in-1.mp3"), [mine]).call == mine.id


def test_a_file_name_used_again_goes_to_the_call_that_was_going_on() -> None:
    first, second = (call(at, recordings=(Recording("rec.wav"),)) for at in (0, 3600))
    assert join(heard("rec.wav", 3605), [first, second]).call == second.id
    assert join(heard("rec.wav", 9000), [first, second]).call is None
    assert join(heard("rec.wav", None), [first, second]).call is None


def test_a_name_of_another_day_is_not_believed() -> None:
    yesterday = call(-86_400, recordings=(Recording("rec.wav"),))
    assert join(heard("rec.wav"), [yesterday]).call is None


def test_an_id_in_the_name_decides_where_no_record_names_the_file() -> None:
    mine, other = call(keys=("u:1795284663.113",)), call(keys=("u:1795284663.114",))
    found = join(heard(ids=["1795284663.113"]), [other, mine])
    assert (found.call, found.joined) == (mine.id, Joined.ID)


def test_an_id_decides_where_two_calls_name_the_file() -> None:
    one = call(recordings=(Recording("rec.wav"),), keys=("u:1795284663.113",))
    other = call(recordings=(Recording("rec.wav"),), keys=("u:1795284663.114",))
    assert join(heard("rec.wav", ids=["1795284663.114"]), [one, other]).call == other.id


def test_numbers_and_time_decide_last_and_say_how_surely() -> None:
    mine = call()
    other = call(caller=Party("+15125550199", "5125550199"), called=Party("+13125550102", "3125550102"))
    found = join(heard(numbers=["3125550101", "5125550101"]), [mine, other])
    assert (found.call, found.joined, found.confidence) == (mine.id, Joined.OVERLAP, 0.95)
    assert join(heard(numbers=["5125550101"], at_s=30, duration_s=20), [mine, other]).confidence == 0.65


def test_two_calls_that_fit_alike_get_nothing() -> None:
    found = join(heard(numbers=["3125550101", "5125550101"]), [call(), call()])
    assert found.call is None
    assert "equally" in found.why


def test_a_recording_of_other_numbers_is_not_of_this_call() -> None:
    assert join(heard(numbers=["2065550134"]), [call()]).call is None


def test_a_recording_longer_than_what_is_left_of_the_call_is_not_of_it() -> None:
    assert join(heard(at_s=5, duration_s=300, numbers=["5125550101"]), [call()]).call is None


def test_without_time_or_name_there_is_nothing_to_go_by() -> None:
    found = join(heard(at_s=None, numbers=["5125550101"]), [call()])
    assert (found.call, found.joined) == (None, Joined.NONE)
    assert found.why


@given(st.permutations(range(4)), st.floats(-100, 300), st.booleans())
def test_the_order_of_the_calls_decides_nothing(order: list[int], at_s: float, numbered: bool) -> None:
    calls = [call(at) for at in (0, 20, 90, 200)]
    numbers = ["5125550101"] if numbered else []
    told = [
        join(heard(at_s=at_s, duration_s=5, numbers=numbers), some)
        for some in (calls, [calls[i] for i in order])
    ]
    assert told[0].call == told[1].call
