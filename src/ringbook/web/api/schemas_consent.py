"""The shapes of consent to recording, and of marks on what may not be heard."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ringbook.web.api.schemas import Sent, Shape

State = Literal["announced", "opted_in", "refused", "unknown"]


class ConsentWord(Shape):
    """What one party said to being recorded, and how that is known."""

    party: str
    state: State
    evidence: Literal["prompt", "menu", "api", "hand"]
    detail: str | None
    at: str | None
    by: str | None


class CallConsent(Shape):
    """What is known of a call: `state` is that of all; a refusal of one is the call's. `history` has the last word first."""

    state: State
    parties: list[ConsentWord]
    history: list[ConsentWord]


class NewConsent(Sent):
    """What a party said."""

    party: str = Field(description="`caller`, `called`, or somebody's number or extension.", max_length=60)
    state: State
    evidence: Literal["prompt", "menu", "api"] = "api"
    detail: str = Field("", description="Such as the prompt that was played, or the key.", max_length=500)


class MaskMark(Shape):
    """A span of a call that may not be heard; `silenced` has the recordings in which it is silent by now."""

    begins_at: str | None
    ends_at: str | None
    reason: str
    evidence: str
    silenced: list[str]


class MaskMarks(Shape):
    """The marks on a call, in order of time."""

    items: list[MaskMark]


class NewMaskMark(Sent):
    """A span that may not be heard: recording was paused, or somebody's card was read out."""

    begins_at: str = Field(description="RFC 3339, such as 2026-11-21T14:00:00.250Z.", max_length=40)
    ends_at: str | None = Field(None, description="Null: until the end of the call.", max_length=40)
    reason: str = Field("card data", max_length=200)
    evidence: str = Field(
        "", description="What says so, such as the event of the phone system.", max_length=200
    )
