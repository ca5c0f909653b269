"""Follow-up tasks: what is to be done because of a call, by whom and until when."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from django.core.exceptions import ValidationError
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from ringbook.desk.annotations.acting import (
    By,
    ConflictError,
    Many,
    TooLongError,
    UnknownError,
    change,
    chunks,
    now,
)
from ringbook.desk.annotations.changing import changing
from ringbook.desk.annotations.models import Change, Task
from ringbook.desk.people.models import Person

MOST = 2_000
"""Letters of the longest task."""


class Tasked(msgspec.Struct, frozen=True):
    """A task as it is now, and the token to take the change back with."""

    task: Task
    batch: uuid.UUID


def add_task(by: By, call_id: str, text: str, owner: Person | None, due_at: datetime | None) -> Tasked:
    """A new task; without an owner, whoever adds it has it."""
    batch = uuid.uuid4()
    with changing(by, "task:added", batch) as changes:
        task = _new(by, call_id, _checked(text), owner or by.person, due_at)
        task.save()
        changes.append(_added(by, task, batch))
    return Tasked(task, batch)


def assign(
    by: By, call_ids: Iterable[str], owner: Person, text: str = "", due_at: datetime | None = None
) -> Many:
    """A task for each of some calls, for one person."""
    batch, text, changed = uuid.uuid4(), _checked(text), 0
    for calls in chunks(call_ids):
        with changing(by, "task:added", batch) as changes:
            tasks = [_new(by, call, text, owner, due_at) for call in dict.fromkeys(calls)]
            Task.objects.bulk_create(tasks)
            changes += [_added(by, task, batch) for task in tasks]
        changed += len(tasks)
    return Many(changed, batch)


def change_task(
    by: By,
    task_id: uuid.UUID | str,
    version: int,
    *,
    text: str,
    owner: Person | None,
    due_at: datetime | None,
) -> Tasked:
    """A task that says something else from now on, or is somebody else's."""
    return _changed(by, task_id, version, "changed", text=_checked(text), owner=owner, due_at=due_at)


def complete(by: By, task_id: uuid.UUID | str, version: int) -> Tasked:
    """A task that is done."""
    return _changed(by, task_id, version, "done", done_at=now(), done_by_name=by.name)


def reopen(by: By, task_id: uuid.UUID | str, version: int) -> Tasked:
    """A task that is not done after all."""
    return _changed(by, task_id, version, "reopened", done_at=None, done_by_name="")


def remove_task(by: By, task_id: uuid.UUID | str, version: int) -> Tasked:
    """A task that is hidden."""
    return _changed(by, task_id, version, "removed", removed_at=now())


def state(task: Task) -> dict[str, Any] | None:
    """What a task says, as its changes keep it; None for one that was removed."""
    if task.removed_at:
        return None
    return {
        "text": task.text,
        "owner": str(task.owner_id) if task.owner_id else None,
        "due_at": task.due_at.isoformat() if task.due_at else None,
        "done_at": task.done_at.isoformat() if task.done_at else None,
        "done_by": task.done_by_name,
    }


def restore(by: By, task: Task, told: dict[str, Any] | None, verb: str, batch: uuid.UUID) -> Change:
    """The change of a task back to what it said before; it is saved."""
    before = state(task)
    if told is None:
        task.removed_at = now()
    else:
        task.removed_at = None
        task.text = told["text"]
        task.owner = Person.objects.filter(pk=told["owner"]).first() if told["owner"] else None
        task.due_at = datetime.fromisoformat(told["due_at"]) if told["due_at"] else None
        task.done_at = datetime.fromisoformat(told["done_at"]) if told["done_at"] else None
        task.done_by_name = told["done_by"]
    return _save(by, task, before, verb, batch)


def task_of(by: By, task_id: uuid.UUID | str) -> Task:
    """The task of that id, held until the transaction ends.

    :raises UnknownError: there is none.
    """
    try:
        task: Task = Task.objects.within(by.scope).select_for_update(of=("self",)).get(pk=task_id)
    except (Task.DoesNotExist, ValidationError, ValueError, TypeError) as error:
        raise UnknownError(_("There is no such task.")) from error
    return task


def _changed(by: By, task_id: uuid.UUID | str, version: int, verb: str, **values: Any) -> Tasked:
    batch = uuid.uuid4()
    with changing(by, f"task:{verb}", batch) as changes:
        task = task_of(by, task_id)
        if task.removed_at:
            raise UnknownError(_("There is no such task: somebody removed it."))
        if task.version != version:
            raise ConflictError(str(values.get("text", "")), task.text, "", task.version)
        before = state(task)
        for name, value in values.items():
            setattr(task, name, value)
        if state(task) != before:
            changes.append(_save(by, task, before, verb, batch))
    return Tasked(task, batch)


def _save(by: By, task: Task, before: dict[str, Any] | None, verb: str, batch: uuid.UUID) -> Change:
    task.version += 1
    task.save()
    return change(by, task.call_id, "task", task.pk, verb, before, state(task), batch)


def _new(by: By, call_id: str, text: str, owner: Person | None, due_at: datetime | None) -> Task:
    return Task(
        tenant=by.scope.tenant,
        call_id=call_id,
        text=text,
        owner=owner,
        due_at=due_at,
        made_at=now(),
        made_by_name=by.name,
    )


def _added(by: By, task: Task, batch: uuid.UUID) -> Change:
    return change(by, task.call_id, "task", task.pk, "added", None, state(task), batch)


def _checked(text: str) -> str:
    plain = text.replace("\0", "").strip()
    if len(plain) > MOST:
        raise TooLongError(
            _("A task has at most %(most)s letters. Put the rest into a note.")
            % {"most": number_format(MOST, force_grouping=True)}
        )
    return plain
