"""The shapes of the SQL door."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from ringbook.analyse.door.answer import LONGEST_S, MOST_ROWS, ROWS, TIME_S
from ringbook.analyse.door.errors import LONGEST
from ringbook.web.api.schemas import Sent, Shape


class SqlAsk(Sent):
    """A statement: one SELECT over the views calls, annotations, numbers and recordings."""

    statement: str = Field(min_length=1, max_length=LONGEST)
    rows: int = Field(ROWS, ge=1, le=MOST_ROWS, description="Rows at most.")
    time_s: float = Field(TIME_S, ge=1, le=LONGEST_S, description="Seconds after which it is stopped.")


class SqlColumn(Shape):
    """A column of the answer, with its type in Arrow's words."""

    name: str
    type: str


class SqlAnswer(Shape):
    """The rows of an answer; ``cut`` says that there are more."""

    columns: list[SqlColumn]
    rows: list[list[Any]]
    cut: bool
