"""The shapes of recordings."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ringbook.web.api.schemas import Sent, Shape


class KeptRecording(Shape):
    """A recording: `sha256` is that of the file as it came, `silenced` the spans (seconds) that nobody can hear."""

    id: str
    call: str | None
    name: str
    source: str
    started_at: str | None
    received_at: str
    duration_s: float | None
    channels: int | None
    codec: str | None
    size: int
    sha256: str
    evidence: Literal["record", "id", "overlap", "hand"] | None
    confidence: float | None
    state: Literal["playable", "silencing", "unplayable"]
    problem: str | None
    silenced: list[list[float]]
    audio: str | None = Field(description="Where its audio is, if it can be heard now.")


class RecordingList(Shape):
    """The recordings of a call, in the order of time."""

    items: list[KeptRecording]


class NewFetch(Sent):
    """A file to fetch: from where, of which phone system, and what it has to be if that is known."""

    url: str = Field(min_length=1, max_length=2_000)
    source: str = Field(min_length=1, max_length=100)
    name: str = Field("", max_length=200, description="The file's name, if the address does not tell it.")
    call: str = Field("", max_length=36, description="The id of the call that it is of, if that is known.")
    length: int | None = Field(None, ge=1)
    sha256: str = Field("", pattern="^([0-9a-fA-F]{64})?$")


class RecordingFetch(Shape):
    """A file that is being fetched: `state` is queued, running, done, failed or cancelled; `recording` is what it became."""

    id: str
    state: str
    detail: str | None
    recording: str | None
