"""What people added to calls, read for many calls at a time; never more than a few questions, however many calls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.db.models import Count, F, QuerySet

from ringbook.desk.annotations import joined
from ringbook.desk.annotations.models import (
    CallOutcome,
    CallTag,
    Change,
    CustomField,
    FieldValue,
    LoggedCall,
    Mention,
    Note,
    NoteVersion,
    OutcomeCode,
    Tag,
    Task,
)
from ringbook.desk.people.access import scope_of
from ringbook.desk.people.models import Person
from ringbook.desk.wiring import ledger
from ringbook.model.call import Call, CallId
from ringbook.model.scope import Scope


class NoteShown(msgspec.Struct, frozen=True):
    """A note."""

    id: str
    text: str
    author: str
    author_handle: str
    author_actor: str
    at: datetime
    changed_at: datetime
    version: int

    @property
    def edited(self) -> bool:
        """Whether it once read otherwise."""
        return self.version > 1


class TagShown(msgspec.Struct, frozen=True):
    """A tag on a call."""

    id: str
    name: str
    colour: int


class OutcomeShown(msgspec.Struct, frozen=True):
    """The outcome code of a call; without a key, one was taken off."""

    key: str
    label: str
    group: str
    by: str
    at: datetime
    version: int


class TaskShown(msgspec.Struct, frozen=True):
    """A follow-up task."""

    id: str
    call_id: str
    text: str
    owner: str
    owner_handle: str
    due_at: datetime | None
    done_at: datetime | None
    done_by: str
    made_by: str
    version: int

    def overdue(self, now: datetime) -> bool:
        """Whether it should have been done."""
        return self.done_at is None and self.due_at is not None and self.due_at < now


class FieldShown(msgspec.Struct, frozen=True):
    """What a custom field holds on a call."""

    key: str
    label: str
    kind: str
    value: str
    version: int


class Annotations(msgspec.Struct, frozen=True, kw_only=True):
    """All that people added to a call."""

    notes: tuple[NoteShown, ...] = ()
    tags: tuple[TagShown, ...] = ()
    outcome: OutcomeShown | None = None
    outcome_version: int = 0
    tasks: tuple[TaskShown, ...] = ()
    fields: tuple[FieldShown, ...] = ()
    field_versions: dict[str, int] = {}

    @property
    def assigned(self) -> tuple[str, ...]:
        """The handles of those who have something to do."""
        open_ones = (one.owner_handle for one in self.tasks if one.done_at is None and one.owner_handle)
        return tuple(dict.fromkeys(open_ones))

    def plain(self) -> dict[str, Any]:
        """The same for JSON: the names of the API."""
        return {
            "notes": [
                {
                    "id": one.id,
                    "text": one.text,
                    "author": one.author,
                    "at": _iso(one.at),
                    "changed_at": _iso(one.changed_at),
                    "version": one.version,
                }
                for one in self.notes
            ],
            "tags": [one.name for one in self.tags],
            "outcome_code": self.outcome.key if self.outcome else None,
            "tasks": [
                {
                    "id": one.id,
                    "text": one.text,
                    "owner": one.owner_handle or None,
                    "due_at": _iso(one.due_at),
                    "done_at": _iso(one.done_at),
                    "version": one.version,
                }
                for one in self.tasks
            ],
            "fields": {one.key: one.value for one in self.fields},
        }


class ChangeShown(msgspec.Struct, frozen=True):
    """One thing that changed on a call: ``before`` and ``after`` in words, empty for nothing."""

    kind: str
    verb: str
    at: datetime
    by: str
    before: str
    after: str
    what: str = ""  # the label of the field


class MentionShown(msgspec.Struct, frozen=True):
    """A note that mentions somebody, on a call that they may see."""

    id: str
    call: Call
    note: Note


NOTHING = Annotations()


def of_calls(scope: Scope, ids: Iterable[str]) -> dict[str, Annotations]:
    """What people added to each of these calls, also under ids that were joined into them. Every id asked for is there."""
    asked = list(dict.fromkeys(ids))
    if not asked:
        return {}
    home = {**joined.origins(scope, asked), **{one: one for one in asked}}
    return _gathered(scope, asked, home)


def _gathered(scope: Scope, asked: list[str], home: dict[str, str]) -> dict[str, Annotations]:
    keys = list(home)
    notes, tags, tasks = (defaultdict[str, list[Any]](list) for _ in range(3))
    for note in _within(Note, scope, keys).filter(removed_at=None).select_related("author"):
        notes[home[note.call_id]].append(_note(note))
    for row in _within(CallTag, scope, keys).filter(removed_at=None).select_related("tag"):
        shown = TagShown(str(row.tag_id), row.tag.name, row.tag.colour)
        if shown not in tags[home[row.call_id]]:
            tags[home[row.call_id]].append(shown)
    for task in _within(Task, scope, keys).filter(removed_at=None).select_related("owner"):
        tasks[home[task.call_id]].append(_task(task))
    outcomes = _outcomes(scope, keys, home)
    fields = _fields(scope, keys, home)
    found: dict[str, Annotations] = {}
    for one in asked:
        outcome, values = outcomes.get(one), list(fields.get(one, {}).values())
        found[one] = Annotations(
            notes=tuple(notes[one]),
            tags=tuple(sorted(tags[one], key=lambda shown: shown.name.lower())),
            outcome=outcome if outcome and outcome.key else None,
            outcome_version=outcome.version if outcome else 0,
            tasks=tuple(tasks[one]),
            fields=tuple(held for held in values if held.value),
            field_versions={held.key: held.version for held in values},
        )
    return found


def _outcomes(scope: Scope, keys: list[str], home: dict[str, str]) -> dict[str, OutcomeShown]:
    """The outcome of each call; that of the call itself goes before those of calls joined into it."""
    found: dict[str, OutcomeShown] = {}
    for row in _within(CallOutcome, scope, keys).select_related("code").order_by("at"):
        call = home[row.call_id]
        if row.call_id != call and call in found:
            continue
        code = row.code
        found[call] = OutcomeShown(
            code.key if code else "",
            code.label if code else "",
            code.group if code else "",
            row.by_name,
            row.at,
            row.version if row.call_id == call else 0,
        )
    return found


def _fields(scope: Scope, keys: list[str], home: dict[str, str]) -> dict[str, dict[str, FieldShown]]:
    found: dict[str, dict[str, FieldShown]] = defaultdict(dict)
    rows = _within(FieldValue, scope, keys).select_related("field")
    for row in rows.order_by("field__position", "field__label", "at"):
        call, field = home[row.call_id], row.field
        own = row.call_id == call
        if own or field.key not in found[call]:
            found[call][field.key] = FieldShown(
                field.key, field.label, field.kind, row.value, row.version if own else 0
            )
    return found


def entered_by(scope: Scope, ids: Iterable[str]) -> dict[str, str]:
    """The handles of those who entered calls by hand, by call."""
    return {row.call_id: row.handle for row in _within(LoggedCall, scope, list(ids))}


def history(scope: Scope, call_id: str) -> list[ChangeShown]:
    """Everything that ever changed on a call, the last first."""
    ids = [call_id, *joined.origins(scope, [call_id])]
    rows = list(_within(Change, scope, ids).order_by("-at", "-id"))
    words = _Words(scope, rows)
    return [words.told(row) for row in rows]


class _Words:
    """What changes say, in words: names of tags and codes are looked up once for all."""

    def __init__(self, scope: Scope, rows: list[Change]) -> None:
        notes = {row.object_id for row in rows if row.kind == "note"}
        texts = NoteVersion.objects.within(scope).filter(note__in=notes)
        self._notes: dict[tuple[str, int], str] = {(str(one.note_id), one.version): one.text for one in texts}
        self._tags: dict[str, str] = {str(one.pk): one.name for one in Tag.objects.within(scope)}
        self._codes: dict[str, str] = {str(one.pk): one.label for one in OutcomeCode.objects.within(scope)}
        self._fields: dict[str, str] = {str(one.pk): one.label for one in CustomField.objects.within(scope)}

    def told(self, row: Change) -> ChangeShown:
        what = self._fields.get(str(row.object_id), "") if row.kind == "field" else ""
        return ChangeShown(
            row.kind, row.verb, row.at, row.by_name, self._of(row, row.before), self._of(row, row.after), what
        )

    def _of(self, row: Change, told: dict[str, Any] | None) -> str:
        if told is None:
            return ""
        match row.kind:
            case "note":
                return self._notes.get((str(row.object_id), told["version"]), "")
            case "tag":
                return self._tags.get(told["tag"], "")
            case "outcome":
                return self._codes.get(told["code"], "")
            case "field":
                return str(told["value"])
            case _:
                return str(told["text"])


def versions(scope: Scope, note_id: str) -> list[NoteVersion]:
    """All texts of a note, the last first."""
    return list(NoteVersion.objects.within(scope).filter(note=note_id).order_by("-version"))


def tags(scope: Scope) -> list[Tag]:
    """The tags that are offered."""
    return list(Tag.objects.within(scope).filter(archived=False))


def outcomes(scope: Scope) -> list[OutcomeCode]:
    """The outcome codes that are offered, in order."""
    return list(OutcomeCode.objects.within(scope).filter(archived=False))


def fields(scope: Scope) -> list[CustomField]:
    """The custom fields that are offered, in order."""
    return list(CustomField.objects.within(scope).filter(archived=False))


def tag_uses(scope: Scope) -> dict[str, int]:
    """How many calls have each tag, by its id."""
    rows = CallTag.objects.within(scope).filter(removed_at=None).values("tag_id").annotate(n=Count("id"))
    return {str(row["tag_id"]): row["n"] for row in rows}


def tasks_of(scope: Scope, person: Person, *, done: bool = False, limit: int = 200) -> list[TaskShown]:
    """The tasks of a person: those to be done, first what is due first; or those done, the last first."""
    rows = Task.objects.within(scope).filter(owner=person, removed_at=None).select_related("owner")
    if done:
        rows = rows.exclude(done_at=None).order_by("-done_at")
    else:
        rows = rows.filter(done_at=None).order_by(F("due_at").asc(nulls_last=True), "made_at")
    return [_task(row) for row in rows[:limit]]


def unread_mentions(person: Person, limit: int = 50) -> list[MentionShown]:
    """Notes that mention a person and that they have not read yet, on calls that they may see now."""
    scope = scope_of(person)
    rows = (
        Mention.objects.within(scope)
        .filter(person=person, read_at=None, note__removed_at=None)
        .exclude(note__author=person)
        .select_related("note")[:limit]
    )
    mentions = list(rows)
    ids = [CallId(one.note.call_id) for one in mentions]
    leads = joined.ends(scope, ids)
    there = {call.id: call for call in ledger().calls(scope, ids)} if ids else {}
    found: list[MentionShown] = []
    for one in mentions:
        call = there.get(CallId(leads.get(one.note.call_id, one.note.call_id)))
        if call is not None:
            found.append(MentionShown(str(one.pk), call, one.note))
    return found


def _within(kind: type[Any], scope: Scope, ids: list[str]) -> QuerySet[Any]:
    rows: QuerySet[Any] = kind.objects.within(scope).filter(call_id__in=ids)
    return rows


def _note(note: Note) -> NoteShown:
    return NoteShown(
        str(note.pk),
        note.text,
        note.author_name,
        note.author.handle if note.author else "",
        note.author_actor,
        note.made_at,
        note.changed_at,
        note.version,
    )


def _task(task: Task) -> TaskShown:
    owner = task.owner
    return TaskShown(
        str(task.pk),
        task.call_id,
        task.text,
        str(owner) if owner else "",
        owner.handle if owner else "",
        task.due_at,
        task.done_at,
        task.done_by_name,
        task.made_by_name,
        task.version,
    )


def _iso(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None
