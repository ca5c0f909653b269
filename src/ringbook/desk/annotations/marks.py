"""Tags, outcome codes and fields of calls: each for one call or for any number of them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import TypeVar
from urllib.parse import urlsplit

from django.db.models import QuerySet
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from ringbook.desk.annotations import joined
from ringbook.desk.annotations.acting import (
    By,
    ConflictError,
    FieldValueError,
    Many,
    TooLongError,
    UnknownError,
    change,
    chunks,
    now,
)
from ringbook.desk.annotations.changing import changing
from ringbook.desk.annotations.models import (
    CallOutcome,
    CallTag,
    Change,
    CustomField,
    FieldKind,
    FieldValue,
    OutcomeCode,
    Tag,
)
from ringbook.desk.annotations.vocabulary import new_tag

MOST_VALUE = 2_000
"""Letters of the longest value of a field."""

Progress = Callable[[int], None]


def tag(
    by: By,
    call_ids: Iterable[str],
    tags: Sequence[str],
    *,
    create: bool = False,
    progress: Progress | None = None,
) -> Many:
    """Give calls tags, told by id or name; ``create`` makes those that there are not.

    :raises UnknownError: there is no such tag.
    """
    wanted, batch = [known_tag(by, one, create=create) for one in tags], uuid.uuid4()

    def each(calls: list[str]) -> list[Change]:
        inside: dict[str, str] = joined.origins(by.scope, calls)
        held = CallTag.objects.within(by.scope).filter(
            call_id__in=[*calls, *inside], tag__in=wanted, removed_at=None
        )
        there = {(inside.get(call, call), one) for call, one in held.values_list("call_id", "tag_id")}
        rows = [
            CallTag(tenant=by.scope.tenant, call_id=call, tag=one, added_at=now(), added_by_name=by.name)
            for call in calls
            for one in wanted
            if (call, one.pk) not in there
        ]
        CallTag.objects.bulk_create(rows, ignore_conflicts=True)
        return [
            change(by, row.call_id, "tag", row.tag_id, "added", None, {"tag": str(row.tag_id)}, batch)
            for row in rows
        ]

    return _many(by, "call:tagged", batch, call_ids, each, progress)


def untag(by: By, call_ids: Iterable[str], tags: Sequence[str], *, progress: Progress | None = None) -> Many:
    """Take tags off calls."""
    wanted, batch = [known_tag(by, one) for one in tags], uuid.uuid4()

    def each(calls: list[str]) -> list[Change]:
        ids = [*calls, *joined.origins(by.scope, calls)]
        rows = CallTag.objects.within(by.scope).filter(call_id__in=ids, tag__in=wanted, removed_at=None)
        changes = [
            change(by, row.call_id, "tag", row.tag_id, "removed", {"tag": str(row.tag_id)}, None, batch)
            for row in rows
        ]
        rows.update(removed_at=now(), removed_by_name=by.name)
        return changes

    return _many(by, "call:untagged", batch, call_ids, each, progress)


def set_outcome_code(
    by: By,
    call_ids: Iterable[str],
    key: str | None,
    *,
    version: int | None = None,
    progress: Progress | None = None,
) -> Many:
    """Say what came of calls; None takes it back. ``version`` is what one call's was when it was looked at (0: none yet).

    :raises UnknownError: there is no such code.
    :raises ConflictError: somebody has said otherwise meanwhile.
    """
    code, batch = _outcome(by, key) if key else None, uuid.uuid4()

    def each(calls: list[str]) -> list[Change]:
        there = _held(by, CallOutcome.objects.within(by.scope), calls)
        changes: list[Change] = []
        for call in calls:
            row = there.get(call) or CallOutcome(tenant=by.scope.tenant, call_id=call, version=0)
            if version is not None and row.version != version:
                other = row.code.label if row.code else ""
                raise ConflictError(code.label if code else "", other, row.by_name, row.version)
            if row.code_id == (code.pk if code else None):
                continue
            changes.append(set_code(by, row, code, batch))
        return changes

    return _many(by, "call:outcome-set", batch, call_ids, each, progress)


def set_code(by: By, row: CallOutcome, code: OutcomeCode | None, batch: uuid.UUID) -> Change:
    """The change of a call's outcome code, which is saved."""
    before, after = _code(row.code_id), _code(code.pk if code else None)
    row.code, row.at, row.by_name = code, now(), by.name
    row.version += 1
    row.save()
    return change(by, row.call_id, "outcome", row.pk, "set" if code else "removed", before, after, batch)


def set_field(
    by: By,
    call_ids: Iterable[str],
    key: str,
    value: str | None,
    *,
    version: int | None = None,
    progress: Progress | None = None,
) -> Many:
    """Fill a field of calls; None or nothing empties it.

    :raises UnknownError: there is no such field.
    :raises FieldValueError: the field cannot hold that.
    :raises ConflictError: somebody has filled it otherwise meanwhile.
    """
    field, batch = _field(by, key), uuid.uuid4()
    text = fitting(field, value or "")

    def each(calls: list[str]) -> list[Change]:
        there = _held(by, FieldValue.objects.within(by.scope).filter(field=field), calls)
        changes: list[Change] = []
        for call in calls:
            row = there.get(call) or FieldValue(
                tenant=by.scope.tenant, call_id=call, field=field, value="", version=0
            )
            if version is not None and row.version != version:
                raise ConflictError(text, row.value, row.by_name, row.version)
            if row.value != text:
                changes.append(set_value(by, row, text, batch))
        return changes

    return _many(by, "call:field-set", batch, call_ids, each, progress)


def set_value(by: By, row: FieldValue, text: str, batch: uuid.UUID) -> Change:
    """The change of what a field holds on a call, which is saved."""
    before, after = _value(row.value), _value(text)
    row.value, row.at, row.by_name = text, now(), by.name
    row.version += 1
    row.save()
    return change(by, row.call_id, "field", row.field_id, "set" if text else "removed", before, after, batch)


def fitting(field: CustomField, value: str) -> str:
    """The value as the field keeps it.

    :raises FieldValueError: it does not fit the field's kind, or is nothing and the field is required.
    """
    text = value.replace("\0", "").strip()
    if not text and field.required:
        raise FieldValueError(
            _("%(field)s is required: change what stands there instead of emptying it.")
            % {"field": field.label}
        )
    if not text:
        return ""
    if len(text) > MOST_VALUE:
        raise TooLongError(
            _("%(field)s holds at most %(most)s letters.")
            % {"field": field.label, "most": number_format(MOST_VALUE, force_grouping=True)}
        )
    if problem := _problem(field, text):
        raise FieldValueError(f"{field.label}: {problem}")
    if field.kind == FieldKind.YES_NO:
        return "yes" if text.lower() in _YES else "no"
    return text.replace(",", ".") if field.kind == FieldKind.NUMBER else text


def _problem(field: CustomField, text: str) -> str:
    """What is wrong with a value; nothing if it fits."""
    match FieldKind(field.kind):
        case FieldKind.NUMBER:
            return "" if _is_number(text) else _("“%(text)s” is no number.") % {"text": text[:40]}
        case FieldKind.CHOICE:
            return (
                ""
                if text in field.choices
                else _("choose one of %(choices)s.") % {"choices": ", ".join(field.choices)}
            )
        case FieldKind.DATE:
            return (
                ""
                if _is_date(text)
                else _("“%(text)s” is no date; write it as 2026-11-21.") % {"text": text[:40]}
            )
        case FieldKind.YES_NO:
            return "" if text.lower() in _YES | _NO else _("say yes or no.")
        case FieldKind.URL:
            return "" if _is_url(text) else _("an address begins with https:// or http://.")
        case FieldKind.TEXT:
            return ""


_YES = frozenset({"yes", "true", "1", "on"})
_NO = frozenset({"no", "false", "0", "off"})


def _is_number(text: str) -> bool:
    head, _, tail = text.replace(",", ".").lstrip("+-").partition(".")
    digits = head + tail
    return digits.isascii() and digits.isdigit() and len(text) - len(text.lstrip("+-")) <= 1


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and not any(map(str.isspace, text))


def _many(
    by: By,
    action: str,
    batch: uuid.UUID,
    call_ids: Iterable[str],
    each: Callable[[list[str]], list[Change]],
    progress: Progress | None,
) -> Many:
    changed = done = 0
    for some in chunks(call_ids):
        calls = list(dict.fromkeys(some))
        with changing(by, action, batch) as changes:
            changes += each(calls)
        changed += len({one.call_id for one in changes})
        done += len(calls)
        if progress:
            progress(done)
    return Many(changed, batch)


Row = TypeVar("Row", CallOutcome, FieldValue)


def _held(by: By, rows: QuerySet[Row], calls: list[str]) -> dict[str, Row]:
    """What each call has; what it has from a call that was joined into it, as a row of its own that is not saved yet."""
    inside: dict[str, str] = joined.origins(by.scope, calls)
    found: dict[str, Row] = {}
    for row in rows.filter(call_id__in=[*calls, *inside]).order_by("at").select_for_update(of=("self",)):
        call = inside.get(row.call_id, row.call_id)
        if row.call_id == call:
            found[call] = row
        elif call not in found or found[call].version == 0:
            row.pk, row.call_id, row.version = uuid.uuid4(), call, 0
            row._state.adding = True
            found[call] = row
    return found


def known_tag(by: By, told: str, *, create: bool = False) -> Tag:
    """The tag of that name or id; ``create`` makes one that there is not.

    :raises UnknownError: there is none.
    """
    name = told.strip()
    found: Tag | None = Tag.objects.within(by.scope).filter(name__iexact=name).first()
    if found is None and _is_uuid(name):
        found = Tag.objects.within(by.scope).filter(pk=name).first()
    if found is None and create:
        return new_tag(by, name)
    if found is None:
        raise UnknownError(_("There is no tag “%(name)s”.") % {"name": name[:60]})
    return found


def _outcome(by: By, key: str) -> OutcomeCode:
    found: OutcomeCode | None = OutcomeCode.objects.within(by.scope).filter(key=key).first()
    if found is None:
        raise UnknownError(_("There is no outcome code “%(key)s”.") % {"key": key[:60]})
    return found


def _field(by: By, key: str) -> CustomField:
    found: CustomField | None = CustomField.objects.within(by.scope).filter(key=key).first()
    if found is None:
        raise UnknownError(_("There is no field “%(key)s”.") % {"key": key[:60]})
    return found


def _code(pk: uuid.UUID | None) -> dict[str, str] | None:
    return {"code": str(pk)} if pk else None


def _value(text: str) -> dict[str, str] | None:
    return {"value": text} if text else None


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
