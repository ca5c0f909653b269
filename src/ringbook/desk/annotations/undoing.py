"""Taking back what was done in one go, as far as nobody has changed it since."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from ringbook.desk.annotations import marks, notes, tasks
from ringbook.desk.annotations.acting import By, Many, RefusedError, UnknownError, change, chunks, now
from ringbook.desk.annotations.changing import changing
from ringbook.desk.annotations.models import (
    CallOutcome,
    CallTag,
    Change,
    FieldValue,
    NoteVersion,
    OutcomeCode,
)


def undo(by: By, batch: uuid.UUID | str) -> Many:
    """Take back what that batch did; what somebody changed since stays as it is. Undoing the answer's batch does it again.

    :raises UnknownError: there is nothing of that batch.
    :raises RefusedError: somebody else did it.
    """
    mine, changed = uuid.uuid4(), 0
    for some in chunks(_of(by, batch).values_list("pk", flat=True)):
        with changing(by, "calls:undone", mine, of=str(batch)) as changes:
            rows = list(Change.objects.filter(pk__in=some, undone_at=None).select_for_update(of=("self",)))
            for row in rows:
                back = _BACK[row.kind](by, row, mine)
                if back is not None:
                    changes.append(back)
            Change.objects.filter(pk__in=[row.pk for row in rows]).update(undone_at=now())
        changed += len({one.call_id for one in changes})
    return Many(changed, mine)


def _of(by: By, batch: uuid.UUID | str) -> QuerySet[Change]:
    try:
        token = uuid.UUID(str(batch))
    except ValueError:
        raise UnknownError(_("There is nothing to take back.")) from None
    rows = Change.objects.within(by.scope).filter(batch=token)
    first = rows.first()
    if first is None:
        raise UnknownError(_("There is nothing to take back."))
    if first.by_actor != by.actor.id:
        raise RefusedError(_("Somebody else did that; only they can take it back."))
    return rows


def _note(by: By, row: Change, batch: uuid.UUID) -> Change | None:
    note = notes.note_of(by, row.object_id)
    now_is = None if note.removed_at else {"version": note.version}
    if now_is != row.after:
        return None
    if row.before is None:
        note.removed_at = now()
        note.save(update_fields=["removed_at"])
    elif row.after is None:
        note.removed_at = None
        note.save(update_fields=["removed_at"])
    else:
        earlier = NoteVersion.objects.get(note=note, version=row.before["version"])
        notes.rewrite(by, note, earlier.text)
    then = None if note.removed_at else {"version": note.version}
    return change(by, row.call_id, "note", note.pk, "undone", now_is, then, batch)


def _tag(by: By, row: Change, batch: uuid.UUID) -> Change | None:
    there = CallTag.objects.within(by.scope).filter(
        call_id=row.call_id, tag_id=row.object_id, removed_at=None
    )
    if (row.after is not None) != there.exists():
        return None
    if row.after is not None:
        there.update(removed_at=now(), removed_by_name=by.name)
    else:
        CallTag.objects.create(
            tenant=by.scope.tenant,
            call_id=row.call_id,
            tag_id=row.object_id,
            added_at=now(),
            added_by_name=by.name,
        )
    return change(by, row.call_id, "tag", row.object_id, "undone", row.after, row.before, batch)


def _outcome(by: By, row: Change, batch: uuid.UUID) -> Change | None:
    held = CallOutcome.objects.within(by.scope).filter(call_id=row.call_id).first()
    expected = row.after["code"] if row.after else None
    if held is None or (str(held.code_id) if held.code_id else None) != expected:
        return None
    before = OutcomeCode.objects.filter(pk=row.before["code"]).first() if row.before else None
    return marks.set_code(by, held, before, batch)


def _field(by: By, row: Change, batch: uuid.UUID) -> Change | None:
    held = FieldValue.objects.within(by.scope).filter(call_id=row.call_id, field_id=row.object_id).first()
    if held is None or held.value != (row.after["value"] if row.after else ""):
        return None
    return marks.set_value(by, held, row.before["value"] if row.before else "", batch)


def _task(by: By, row: Change, batch: uuid.UUID) -> Change | None:
    task = tasks.task_of(by, row.object_id)
    if tasks.state(task) != row.after:
        return None
    return tasks.restore(by, task, row.before, "undone", batch)


_BACK: dict[str, Callable[[By, Change, uuid.UUID], Change | None]] = {
    "note": _note,
    "tag": _tag,
    "outcome": _outcome,
    "field": _field,
    "task": _task,
}
