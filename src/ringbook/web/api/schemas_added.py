"""The shapes of what is added to calls."""

from __future__ import annotations

from pydantic import Field

from ringbook.web.api.schemas import Sent, Shape


class Note(Shape):
    """A note, as it reads now. `version` is what If-Match names."""

    id: str
    text: str
    author: str
    at: str | None
    changed_at: str | None
    version: int


class Notes(Shape):
    """The notes on a call."""

    items: list[Note]


class NoteText(Sent):
    """What a note says; 100 000 bytes at most."""

    text: str = Field(min_length=1, max_length=100_000)


class Task(Shape):
    """A follow-up task; `owner` is the handle of who has it."""

    id: str
    text: str
    owner: str | None
    due_at: str | None
    done_at: str | None
    version: int


class NewTask(Sent):
    """A task to add."""

    text: str = Field("", max_length=2_000)
    owner: str | None = Field(None, description="The handle of who has it: anna.", max_length=60)
    due_at: str | None = Field(None, description="RFC 3339, such as 2026-11-21T14:00:00Z.", max_length=40)


class TaskChange(Sent):
    """What changes about a task; what is left out stays."""

    text: str | None = Field(None, max_length=2_000)
    owner: str | None = Field(None, max_length=60)
    due_at: str | None = Field(None, max_length=40)
    done: bool | None = None


class Annotations(Shape):
    """All that people added to a call; `fields` by their keys."""

    notes: list[Note]
    tags: list[str]
    outcome_code: str | None
    tasks: list[Task]
    fields: dict[str, str]


class CodeKey(Sent):
    """The key of an outcome code, or null for none."""

    key: str | None = Field(max_length=60)


class Value(Sent):
    """What a custom field holds, or null for nothing."""

    value: str | None = Field(max_length=4_000)


class Tag(Shape):
    """A tag."""

    name: str
    colour: int


class Tags(Shape):
    """All tags."""

    items: list[Tag]


class OutcomeCode(Shape):
    """What can come of a call for the business."""

    key: str
    label: str
    group: str | None


class Codes(Shape):
    """All outcome codes."""

    items: list[OutcomeCode]


class CustomField(Shape):
    """A field that the organisation wants on its calls."""

    key: str
    label: str
    kind: str
    choices: list[str]


class Fields(Shape):
    """All custom fields."""

    items: list[CustomField]
