"""What people and programs add to calls: notes, tags, outcome codes, tasks and fields. Nothing is overwritten unseen."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse
from ninja import Router
from ninja.params.functions import Path, Query

from ringbook.desk.annotations import edit, joined, reading
from ringbook.desk.annotations.models import Note, Task
from ringbook.desk.annotations.reading import NoteShown, TaskShown
from ringbook.desk.people.models import Person
from ringbook.desk.people.roles import Right
from ringbook.web.annotating import by
from ringbook.web.api import schemas_added as schemas
from ringbook.web.api.calls import found
from ringbook.web.api.masks import hidden
from ringbook.web.api.operation import answered, operation, sent_version, tagged
from ringbook.web.api.problems import Problem, invalid
from ringbook.web.viewer import Asking, Viewer

router = Router(tags=["annotations"])

_TAG = Path(..., description="The name of the tag.", max_length=60)


@operation(
    router,
    "GET",
    "/calls/{id}/annotations",
    Right.SEE_CALLS,
    answer=schemas.Annotations,
    headers=("If-None-Match",),
    also={304: None},
)
def get_annotations(request: Asking, id: str) -> HttpResponse:  # noqa: A002  # the public name
    """Everything that people added to a call."""
    return tagged(request, _all(request.viewer, found(request.viewer, id).id))


@operation(router, "GET", "/calls/{id}/notes", Right.SEE_CALLS, answer=schemas.Notes)
def list_notes(request: Asking, id: str) -> HttpResponse:  # noqa: A002  # the public name
    """The notes on a call, the first one first."""
    return answered({"items": _all(request.viewer, found(request.viewer, id).id)["notes"]})


@operation(
    router,
    "POST",
    "/calls/{id}/notes",
    Right.SEE_CALLS,
    Right.ANNOTATE,
    answer=schemas.Note,
    status=201,
    once=True,
)
def add_note(request: Asking, id: str, note: schemas.NoteText) -> HttpResponse:  # noqa: A002  # the public name
    """Add a note to a call.

    `@handle` in the text mentions somebody. `ETag` is the version to send with a change.
    """
    call = found(request.viewer, id)
    with _told():
        noted = edit.add_note(by(request.viewer), call.id, note.text)
    return _note(request.viewer, call.id, noted.note, 201)


@operation(
    router,
    "PATCH",
    "/calls/{id}/notes/{note_id}",
    Right.SEE_CALLS,
    Right.ANNOTATE,
    answer=schemas.Note,
    headers=("If-Match",),
)
def change_note(
    request: Asking,
    id: str,  # noqa: A002  # the public name
    note_id: str,
    note: schemas.NoteText,
) -> HttpResponse:
    """Change a note of one's own.

    What it said before is kept. `If-Match` has to be the ETag that was read; if somebody changed it since, the problem
    has both texts.
    """
    call = found(request.viewer, id)
    _there(Note, request.viewer, call.id, note_id)
    version = sent_version(request)
    with _told(note.text):
        noted = edit.edit_note(by(request.viewer), note_id, note.text, version)
    return _note(request.viewer, call.id, noted.note, 200)


@operation(
    router,
    "DELETE",
    "/calls/{id}/notes/{note_id}",
    Right.SEE_CALLS,
    Right.ANNOTATE,
    answer=None,
    status=204,
    headers=("If-Match",),
)
def remove_note(request: Asking, id: str, note_id: str) -> HttpResponse:  # noqa: A002  # the public name
    """Remove a note of one's own; the history of the call keeps it."""
    call = found(request.viewer, id)
    _there(Note, request.viewer, call.id, note_id)
    version = sent_version(request)
    with _told():
        edit.remove_note(by(request.viewer), note_id, version)
    return HttpResponse(status=204)


@operation(
    router, "PUT", "/calls/{id}/tags/{path:tag}", Right.SEE_CALLS, Right.ANNOTATE, answer=schemas.Annotations
)
def add_tag(
    request: Asking,
    id: str,  # noqa: A002  # the public name
    tag: str = _TAG,
    create: bool = Query(False, description="Whether to make a tag that there is none of yet."),
) -> HttpResponse:
    """Tag a call."""
    call = found(request.viewer, id)
    with _told():
        edit.tag(by(request.viewer), [call.id], [tag], create=create)
    return tagged(request, _all(request.viewer, call.id))


@operation(
    router,
    "DELETE",
    "/calls/{id}/tags/{path:tag}",
    Right.SEE_CALLS,
    Right.ANNOTATE,
    answer=schemas.Annotations,
)
def remove_tag(request: Asking, id: str, tag: str = _TAG) -> HttpResponse:  # noqa: A002  # the public name
    """Take a tag off a call."""
    call = found(request.viewer, id)
    with _told():
        edit.untag(by(request.viewer), [call.id], [tag])
    return tagged(request, _all(request.viewer, call.id))


@operation(
    router, "PUT", "/calls/{id}/outcome-code", Right.SEE_CALLS, Right.ANNOTATE, answer=schemas.Annotations
)
def set_outcome_code(request: Asking, id: str, code: schemas.CodeKey) -> HttpResponse:  # noqa: A002  # the public name
    """Say what came of a call, by the key of an outcome code; null takes it off."""
    call = found(request.viewer, id)
    with _told():
        edit.set_outcome_code(by(request.viewer), [call.id], code.key)
    return tagged(request, _all(request.viewer, call.id))


@operation(
    router, "PUT", "/calls/{id}/fields/{key}", Right.SEE_CALLS, Right.ANNOTATE, answer=schemas.Annotations
)
def set_field(request: Asking, id: str, key: str, field: schemas.Value) -> HttpResponse:  # noqa: A002  # the public name
    """Fill a custom field of a call; null empties it."""
    call = found(request.viewer, id)
    with _told():
        edit.set_field(by(request.viewer), [call.id], key, field.value)
    return tagged(request, _all(request.viewer, call.id))


@operation(
    router,
    "POST",
    "/calls/{id}/tasks",
    Right.SEE_CALLS,
    Right.ANNOTATE,
    answer=schemas.Task,
    status=201,
    once=True,
)
def add_task(request: Asking, id: str, task: schemas.NewTask) -> HttpResponse:  # noqa: A002  # the public name
    """Add a follow-up task to a call."""
    call, viewer = found(request.viewer, id), request.viewer
    owner, due_at = _owner(viewer, task.owner), _due(task.due_at)
    with _told():
        made = edit.add_task(by(viewer), call.id, task.text, owner, due_at)
    return _task(viewer, call.id, made.task, 201)


@operation(
    router,
    "PATCH",
    "/calls/{id}/tasks/{task_id}",
    Right.SEE_CALLS,
    Right.ANNOTATE,
    answer=schemas.Task,
    headers=("If-Match",),
)
def change_task(
    request: Asking,
    id: str,  # noqa: A002  # the public name
    task_id: str,
    task: schemas.TaskChange,
) -> HttpResponse:
    """Change a task, or say that it is done; what is left out stays as it is."""
    call, viewer = found(request.viewer, id), request.viewer
    there, version = _there(Task, viewer, call.id, task_id), sent_version(request)
    said = task.model_dump(exclude_unset=True)
    with _told(task.text or ""):
        if {"text", "owner", "due_at"} & set(said):
            there = edit.change_task(
                by(viewer),
                task_id,
                version,
                text=said.get("text") or there.text,
                owner=_owner(viewer, said["owner"]) if "owner" in said else there.owner,
                due_at=_due(said["due_at"]) if "due_at" in said else there.due_at,
            ).task
            version = there.version
        if said.get("done") is not None and said["done"] is not (there.done_at is not None):
            turn = edit.complete if said["done"] else edit.reopen
            there = turn(by(viewer), task_id, version).task
    return _task(viewer, call.id, there, 200)


@operation(router, "GET", "/tags", Right.SEE_CALLS, answer=schemas.Tags)
def list_tags(request: Asking) -> HttpResponse:
    """The tags that calls can have."""
    return answered(
        {"items": [{"name": one.name, "colour": one.colour} for one in reading.tags(request.viewer.scope)]}
    )


@operation(router, "GET", "/outcome-codes", Right.SEE_CALLS, answer=schemas.Codes)
def list_outcome_codes(request: Asking) -> HttpResponse:
    """The outcome codes that calls can have."""
    codes = reading.outcomes(request.viewer.scope)
    return answered(
        {"items": [{"key": one.key, "label": one.label, "group": one.group or None} for one in codes]}
    )


@operation(router, "GET", "/fields", Right.SEE_CALLS, answer=schemas.Fields)
def list_fields(request: Asking) -> HttpResponse:
    """The custom fields that calls can have."""
    fields = reading.fields(request.viewer.scope)
    return answered(
        {
            "items": [
                {"key": one.key, "label": one.label, "kind": one.kind, "choices": list(one.choices)}
                for one in fields
            ]
        }
    )


class _told:  # noqa: N801  # reads as a word
    """Has what cannot be done to a call told as the problem that it is."""

    def __init__(self, yours: str = "") -> None:
        self._yours = yours

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        match error:
            case edit.ConflictError():
                raise Problem(
                    "changed",
                    str(error),
                    current=error.theirs,
                    yours=error.mine or self._yours,
                    version=error.version,
                ) from None
            case edit.UnknownError():
                raise Problem("not-found", str(error)) from None
            case edit.RefusedError():
                raise Problem("right", str(error), right=Right.ANNOTATE.value) from None
            case edit.EmptyError() | edit.TooLongError() | edit.FieldValueError():
                raise invalid(
                    "body", "text" if not isinstance(error, edit.FieldValueError) else "value", str(error)
                ) from None
            case _:
                return


def _all(viewer: Viewer, call_id: str) -> dict[str, Any]:
    plain: dict[str, Any] = hidden(viewer, reading.of_calls(viewer.scope, [call_id])[call_id].plain())
    return plain


def _there(kind: type[Any], viewer: Viewer, call_id: str, object_id: str) -> Any:
    """The note or task of this very call; one of another call is answered as one that does not exist."""
    if not _UUID.fullmatch(object_id):
        raise Problem("not-found", "There is no such thing on this call.")
    ids = [call_id, *joined.origins(viewer.scope, [call_id])]
    there = (
        kind.objects.within(viewer.scope)
        .filter(pk=uuid.UUID(object_id), call_id__in=ids, removed_at=None)
        .first()
    )
    if there is None:
        raise Problem("not-found", "There is no such thing on this call.")
    return there


def _note(viewer: Viewer, call_id: str, note: Note, status: int) -> HttpResponse:
    shown: NoteShown = next(
        one for one in reading.of_calls(viewer.scope, [call_id])[call_id].notes if one.id == str(note.pk)
    )
    value = next(one for one in _all(viewer, call_id)["notes"] if one["id"] == shown.id)
    return answered(value, status, ETag=f'"{shown.version}"')


def _task(viewer: Viewer, call_id: str, task: Task, status: int) -> HttpResponse:
    shown: TaskShown = next(
        one for one in reading.of_calls(viewer.scope, [call_id])[call_id].tasks if one.id == str(task.pk)
    )
    value = next(one for one in _all(viewer, call_id)["tasks"] if one["id"] == shown.id)
    return answered(value, status, ETag=f'"{shown.version}"')


def _owner(viewer: Viewer, handle: str | None) -> Person | None:
    if not handle:
        return None
    person: Person | None = Person.objects.filter(
        tenant=viewer.scope.tenant, is_active=True, handle=handle.removeprefix("@")
    ).first()
    if person is None:
        raise invalid("body", "owner", "nobody has this handle")
    return person


def _due(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise invalid("body", "due_at", "write it as 2026-11-21T14:00:00Z") from None
    if at.tzinfo is None or not _EARLIEST <= at.year <= _LATEST:
        raise invalid("body", "due_at", "write it with its offset from UTC, as 2026-11-21T14:00:00Z")
    return at.astimezone(UTC)


_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_EARLIEST, _LATEST = 1985, 2089
