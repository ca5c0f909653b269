"""The story of a call says what the sources say, in whole sentences, and makes nothing up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from ringbook.analyse.story import Telling, story
from ringbook.model.call import Call, CallId, HangupBy, Outcome, Transfer
from ringbook.model.public import public

from ..search.calls import HAND_MADE


def name(side: Mapping[str, Any]) -> str:
    return str(side.get("name") or side.get("number") or "")


def told(call: Call, say: Any = str) -> str:
    telling = Telling(say, name, lambda at: f"at {at[11:16]}", lambda span: f"{span:g} s")
    return " ".join(story(public(call), telling))


ANSWERED = HAND_MADE["answered"] if "answered" in HAND_MADE else next(iter(HAND_MADE.values()))


def test_an_answered_call() -> None:
    assert told(ANSWERED) == (
        "Anna Berg called Sales at 14:30. After 20 s Bo Dahl answered; they talked 300 s until Anna Berg hung up."
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"talk_s": None, "hangup_by": HangupBy.UNKNOWN}, "After 20 s Bo Dahl answered."),
        (
            {"wait_s": None, "ring_s": None, "hangup_by": HangupBy.CALLEE},
            "talked 300 s until Bo Dahl hung up.",
        ),
        ({"outcome": Outcome.ABANDONED}, "The caller gave up after waiting 20 s."),
        ({"outcome": Outcome.UNKNOWN}, "What became of it is not known."),
        ({"outcome": Outcome.MISSED, "wait_s": None, "ring_s": None}, "Nobody answered."),
    ],
)
def test_what_is_not_known_is_not_told(changes: dict[str, Any], expected: str) -> None:
    assert told(msgspec.structs.replace(ANSWERED, **changes)).endswith(expected)


def test_a_transfer_is_told_before_the_end() -> None:
    call = msgspec.structs.replace(ANSWERED, transfers=(Transfer("blind", "102", "+15125550199"),))
    assert told(call).endswith("transferred the call to +15125550199. Then Anna Berg hung up.")


def test_every_outcome_has_a_sentence_that_can_be_translated() -> None:
    for outcome in Outcome:
        call = Call(id=CallId("0" * 8), tenant="main", started_at=0, outcome=outcome)
        asked: list[str] = []

        def say(text: str, asked: list[str] = asked) -> str:
            asked.append(text)
            return text

        sentences = told(call, say)
        assert sentences.startswith("Somebody unknown called at 00:00. ")
        assert "%(" not in sentences
        assert len(asked) >= 3
