"""Notes: written, edited and removed; every earlier text is kept."""

from __future__ import annotations

import uuid

import msgspec
from django.core.exceptions import ValidationError
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from ringbook.desk.annotations.acting import (
    By,
    ConflictError,
    EmptyError,
    RefusedError,
    TooLongError,
    UnknownError,
    change,
    now,
)
from ringbook.desk.annotations.changing import changing
from ringbook.desk.annotations.mentions import mention
from ringbook.desk.annotations.models import Note, NoteVersion

MOST_BYTES = 100_000
"""Bytes of the longest note."""


class Noted(msgspec.Struct, frozen=True):
    """A note that was written; ``unheard`` are the handles it mentions of people who may not see the call."""

    note: Note
    batch: uuid.UUID
    unheard: tuple[str, ...] = ()


def add_note(by: By, call_id: str, text: str) -> Noted:
    """A new note on a call."""
    text, batch = checked(text), uuid.uuid4()
    with changing(by, "note:added", batch) as changes:
        at = now()
        note = Note.objects.create(
            tenant=by.scope.tenant,
            call_id=call_id,
            author=by.person,
            author_actor=by.actor.id,
            author_name=by.name,
            text=text,
            made_at=at,
            changed_at=at,
        )
        _keep(by, note)
        unheard = mention(note)
        changes.append(change(by, call_id, "note", note.pk, "added", None, {"version": 1}, batch))
    return Noted(note, batch, unheard)


def edit_note(by: By, note_id: uuid.UUID | str, text: str, version: int) -> Noted:
    """A note that reads otherwise from now on.

    :raises ConflictError: it is not the version any more that was edited.
    """
    text, batch = checked(text), uuid.uuid4()
    with changing(by, "note:edited", batch) as changes:
        note = _mine(by, note_id)
        if note.version != version or note.removed_at:
            last = note.versions.last()
            raise ConflictError(text, note.text, last.by_name if last else note.author_name, note.version)
        if note.text == text:
            return Noted(note, batch)
        rewrite(by, note, text)
        unheard = mention(note)
        changes.append(
            change(
                by,
                note.call_id,
                "note",
                note.pk,
                "edited",
                {"version": version},
                {"version": note.version},
                batch,
            )
        )
    return Noted(note, batch, unheard)


def remove_note(by: By, note_id: uuid.UUID | str, version: int) -> uuid.UUID:
    """Hide a note; the token to take that back with."""
    batch = uuid.uuid4()
    with changing(by, "note:removed", batch) as changes:
        note = _mine(by, note_id)
        if note.version != version:
            raise ConflictError("", note.text, note.author_name, note.version)
        if note.removed_at is None:
            note.removed_at = now()
            note.save(update_fields=["removed_at"])
            changes.append(
                change(by, note.call_id, "note", note.pk, "removed", {"version": version}, None, batch)
            )
    return batch


def rewrite(by: By, note: Note, text: str) -> None:
    """Have a note read otherwise, its earlier text kept."""
    note.text = text
    note.version += 1
    note.changed_at = now()
    note.save(update_fields=["text", "version", "changed_at"])
    _keep(by, note)


def checked(text: str) -> str:
    """The text of a note with line ends as we write them.

    :raises EmptyError: there is none.
    :raises TooLongError: it is longer than a note may be.
    """
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\N{REPLACEMENT CHARACTER}").strip()
    if not plain:
        raise EmptyError(_("The note is empty. Write something first."))
    size = len(plain.encode("utf-8", "surrogatepass"))
    if size > MOST_BYTES:
        raise TooLongError(
            _(
                "The note has %(size)s bytes and a note has at most %(most)s. Shorten it, or split it into several notes."
            )
            % {
                "size": number_format(size, force_grouping=True),
                "most": number_format(MOST_BYTES, force_grouping=True),
            }
        )
    return plain.encode("utf-8", "replace").decode()


def _keep(by: By, note: Note) -> None:
    NoteVersion.objects.create(
        tenant=note.tenant,
        note=note,
        version=note.version,
        text=note.text,
        at=note.changed_at,
        by_name=by.name,
    )


def _mine(by: By, note_id: uuid.UUID | str) -> Note:
    note = note_of(by, note_id)
    if note.author_actor != by.actor.id and not by.keeps_order:
        raise RefusedError(
            _("Only its author, an administrator or an owner changes a note. Add one of your own.")
        )
    return note


def note_of(by: By, note_id: uuid.UUID | str) -> Note:
    """The note of that id, held until the transaction ends.

    :raises UnknownError: there is none.
    """
    try:
        note: Note = Note.objects.within(by.scope).select_for_update(of=("self",)).get(pk=note_id)
    except (Note.DoesNotExist, ValidationError, ValueError, TypeError) as error:
        raise UnknownError(_("There is no such note.")) from error
    return note
