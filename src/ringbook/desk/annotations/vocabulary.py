"""The words that an organisation annotates its calls with: tags, outcome codes, custom fields."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from ringbook.desk.annotations import sync
from ringbook.desk.annotations.acting import (
    By,
    ConflictError,
    EmptyError,
    FieldValueError,
    TakenError,
    UnknownError,
    chunks,
)
from ringbook.desk.annotations.models import (
    COLOURS,
    CallOutcome,
    CallTag,
    CustomField,
    FieldKind,
    OutcomeCode,
    Tag,
)
from ringbook.desk.governance import audit

KEY = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")

Word = TypeVar("Word", Tag, OutcomeCode, CustomField)


def new_tag(by: By, name: str, colour: int | None = None) -> Tag:
    """A new tag; without a colour, the next one of the palette."""
    if colour is None:
        colour = Tag.objects.within(by.scope).count() % COLOURS + 1
    return save_tag(by, None, name, colour)


def save_tag(
    by: By, tag_id: uuid.UUID | str | None, name: str, colour: int, version: int | None = None
) -> Tag:
    """A tag, made or changed. Calls that have it are found by its new name at once."""
    tag = _held(by, Tag, tag_id, version)
    renamed = not tag._state.adding and tag.name != name.strip()
    tag.name = _named(name, 60)
    if not 1 <= colour <= COLOURS:
        raise FieldValueError(f"A tag's colour is 1 to {COLOURS}.")
    tag.colour = colour
    _save(by, tag, "tag")
    if renamed:
        _again(by, [str(one) for one in CallTag.objects.filter(tag=tag).values_list("call_id", flat=True)])
    return tag


def archive_tag(by: By, tag_id: uuid.UUID | str, archived: bool) -> Tag:
    """A tag that is no longer offered, or is again."""
    return _archive(by, Tag, tag_id, archived, "tag")


def save_outcome(  # one argument for each of its columns
    by: By,
    outcome_id: uuid.UUID | str | None,
    key: str,
    label: str,
    group: str = "",
    position: int | None = None,
    version: int | None = None,
) -> OutcomeCode:
    """An outcome code, made or changed."""
    code = _held(by, OutcomeCode, outcome_id, version)
    rekeyed = not code._state.adding and code.key != key
    code.key, code.label, code.group = _keyed(key), _named(label, 120), group.strip()[:60]
    if position is None and code._state.adding:
        position = OutcomeCode.objects.within(by.scope).count()
    code.position = code.position if position is None else position
    _save(by, code, "outcome-code")
    if rekeyed:
        rows = CallOutcome.objects.filter(code=code).values_list("call_id", flat=True)
        _again(by, [str(one) for one in rows])
    return code


def archive_outcome(by: By, outcome_id: uuid.UUID | str, archived: bool) -> OutcomeCode:
    """An outcome code that is no longer offered, or is again."""
    return _archive(by, OutcomeCode, outcome_id, archived, "outcome-code")


def order_outcomes(by: By, ids: Sequence[uuid.UUID | str]) -> None:
    """Put outcome codes into this order."""
    _order(by, OutcomeCode, ids, "outcome-codes")


def save_field(  # one argument for each of its columns
    by: By,
    field_id: uuid.UUID | str | None,
    key: str,
    label: str,
    kind: str,
    choices: Sequence[str] = (),
    required: bool = False,
    position: int | None = None,
    version: int | None = None,
) -> CustomField:
    """A custom field, made or changed. The kind of one that exists stays: what calls hold was checked against it."""
    field = _held(by, CustomField, field_id, version)
    if kind not in list(FieldKind):
        raise FieldValueError(f"A field is one of {', '.join(FieldKind)}.")
    if not field._state.adding and field.kind != kind:
        raise FieldValueError(_("The kind of a field stays as it is. Archive it and make another one."))
    plain = [one.strip()[:200] for one in choices if one.strip()]
    if kind == FieldKind.CHOICE and not plain:
        raise EmptyError(_("Give at least one choice."))
    field.key, field.label, field.kind = _keyed(key), _named(label, 120), kind
    field.choices, field.required = list(dict.fromkeys(plain)), required
    if position is None and field._state.adding:
        position = CustomField.objects.within(by.scope).count()
    field.position = field.position if position is None else position
    _save(by, field, "field")
    return field


def archive_field(by: By, field_id: uuid.UUID | str, archived: bool) -> CustomField:
    """A field that is no longer offered, or is again."""
    return _archive(by, CustomField, field_id, archived, "field")


def order_fields(by: By, ids: Sequence[uuid.UUID | str]) -> None:
    """Put fields into this order."""
    _order(by, CustomField, ids, "fields")


def _held(by: By, kind: type[Word], given: uuid.UUID | str | None, version: int | None) -> Word:
    if given is None:
        return kind(tenant=by.scope.tenant, version=0)
    try:
        held: Word = kind.objects.within(by.scope).get(pk=given)
    except (kind.DoesNotExist, ValidationError, ValueError, TypeError) as error:
        raise UnknownError(_("There is no such entry.")) from error
    if version is not None and held.version != version:
        raise ConflictError("", str(held), "", held.version)
    return held


def _save(by: By, word: Word, kind: str) -> None:
    verb = "added" if word._state.adding else "changed"
    word.version += 1
    try:
        with transaction.atomic():
            word.save()
            audit.record(by.actor, f"{kind}:{verb}", f"{kind}:{word.pk}")
    except IntegrityError as error:
        raise TakenError(
            _("There is one of that name already (%(name)s); it may be archived.") % {"name": word}
        ) from error


def _archive(by: By, kind: type[Word], given: uuid.UUID | str, archived: bool, name: str) -> Word:
    held = _held(by, kind, given, None)
    if held.archived != archived:
        held.archived = archived
        held.version += 1
        with transaction.atomic():
            held.save()
            audit.record(by.actor, f"{name}:{'archived' if archived else 'restored'}", f"{name}:{held.pk}")
    return held


def _order(
    by: By, kind: type[OutcomeCode] | type[CustomField], ids: Sequence[uuid.UUID | str], name: str
) -> None:
    with transaction.atomic():
        for position, one in enumerate(ids):
            kind.objects.within(by.scope).filter(pk=one).update(position=position)
        audit.record(by.actor, f"{name}:ordered")


def _again(by: By, calls: list[str]) -> None:
    """Have the search copies of calls made anew."""
    for some in chunks(dict.fromkeys(calls)):
        sync.mark(by.scope.tenant, some)
        sync.put(by.scope.tenant, some)


def _named(text: str, most: int) -> str:
    plain = " ".join(text.replace("\0", "").split())
    if not plain:
        raise EmptyError(_("Give it a name."))
    if len(plain) > most:
        raise FieldValueError(_("A name has at most %(most)s letters.") % {"most": most})
    return plain


def _keyed(text: str) -> str:
    key = text.strip().lower()
    if not KEY.fullmatch(key) or len(key) > 60:
        raise FieldValueError("A key is up to 60 small letters, digits and hyphens, such as call-back.")
    return key
