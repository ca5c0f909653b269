"""The shapes of exports."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ringbook.web.api.schemas import Sent, Shape


class NewExport(Sent):
    """Which calls, as what; `bom` begins a CSV with the mark by which spreadsheets know UTF-8."""

    query: str = Field("", max_length=4_000)
    format: Literal["csv", "xlsx", "jsonl", "parquet"] = "csv"
    bom: bool = False


class Export(Shape):
    """An export: `state` is queued, running, done, failed or cancelled; `file` is where the file is, once it is done."""

    id: str
    state: str
    done: int
    total: int | None
    detail: str | None
    bytes: int | None
    file: str | None
    expires_at: str | None
