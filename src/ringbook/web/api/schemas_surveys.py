"""The shapes of surveys."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from ringbook.web.api.schemas import Sent, Shape

SurveyKind = Literal["csat", "nps", "ces"]


class SurveyAnswer(Shape):
    """What a customer answered: csat from 1 to 5, nps from 0 to 10, ces from 1 to 7. `via` is the way on which it came."""

    kind: str
    score: int
    comment: str | None
    via: str
    answered_at: str
    version: int


class SurveyAnswers(Shape):
    """The answers about a call, at most one of each kind. `asked` are the kinds that a link was made for."""

    items: list[SurveyAnswer]
    asked: list[str]


class NewSurveyAnswer(Sent):
    """An answer; one of the same kind that came before is replaced."""

    kind: SurveyKind
    score: int = Field(ge=0, le=10)
    comment: str = Field("", max_length=4_000)
    answered_at: datetime | None = Field(None, description="Now, if it is not said.")
    via: Literal["api", "ivr", "hand"] = "api"


class AskedCustomer(Shape):
    """That a customer was asked about a call, by whom, and when they answered: null while they did not."""

    id: str
    call: str
    kind: str
    asked_at: str
    asked_by: str | None
    expires_at: str
    answered_at: str | None


class AskedPage(Shape):
    """Customers who were asked, and the cursor of the next page."""

    items: list[AskedCustomer]
    next_cursor: str | None


class SurveyLink(Shape):
    """An address to send to the customer. It is told this once only."""

    url: str
    kind: str
    expires_at: str
