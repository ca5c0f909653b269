"""Changing what people have set: under a version, so that nobody overwrites another's work; removals can be taken back."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from django.apps import apps
from django.core import signing
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, models, transaction
from django.forms.models import model_to_dict
from django.utils.translation import gettext as _

from ringbook.desk.governance import audit
from ringbook.desk.governance.audit import Actor
from ringbook.model.errors import AskError

Record = TypeVar("Record", bound=models.Model)

UNDO_S = 3_600
"""How long a removal can be taken back."""

_SALT = "ringbook.organisation.undo"


class StaleError(AskError):
    """Somebody changed it meanwhile; ``current`` is how it is now, None when it was removed."""

    def __init__(self, current: models.Model | None) -> None:
        super().__init__("somebody changed this meanwhile; compare, then save again")
        self.current = current


class UndoError(AskError):
    """It cannot be taken back any more: too long ago, or something else took its place."""


def change(record: Record, version: int, actor: Actor, action: str, **fields: Any) -> Record:
    """The record with new values and the next version. Raises :class:`StaleError` unless it still has ``version``."""
    kind = type(record)
    with transaction.atomic():
        changed = kind._default_manager.filter(pk=record.pk, version=version).update(
            **fields, version=version + 1
        )
        if not changed:
            raise StaleError(kind._default_manager.filter(pk=record.pk).first())
        audit.record(actor, action, subject_of(record), fields=sorted(fields))
    record.refresh_from_db()
    return record


def add(record: Record, actor: Actor, action: str) -> Record:
    """The record, saved for the first time."""
    with transaction.atomic():
        record.save(force_insert=True)
        audit.record(actor, action, subject_of(record))
    return record


def remove(record: models.Model, actor: Actor, action: str) -> str:
    """Remove a record; what :func:`put_back` needs to take that back."""
    kept = {"model": record._meta.label_lower, "pk": str(record.pk), "fields": _fields(record)}
    token = signing.dumps(kept, salt=_SALT, serializer=_Serializer)
    with transaction.atomic():
        subject = subject_of(record)
        record.delete()
        audit.record(actor, action, subject)
    return token


def put_back(token: str, actor: Actor) -> models.Model:
    """The record that was removed, there again under its old id. Raises :class:`UndoError`."""
    try:
        kept = signing.loads(token, salt=_SALT, serializer=_Serializer, max_age=UNDO_S)
    except signing.BadSignature:
        raise UndoError(_("this can no longer be taken back; enter it again")) from None
    kind = apps.get_model(kept["model"])
    if kept["fields"].get("tenant", actor.tenant) != actor.tenant:
        raise UndoError(_("this can no longer be taken back; enter it again"))
    record: models.Model = kind(pk=kept["pk"])
    for name, value in kept["fields"].items():
        field = kind._meta.get_field(name)
        assert isinstance(field, models.Field)
        setattr(record, field.attname, field.to_python(value) if not field.is_relation else value)
    try:
        with transaction.atomic():
            record.save(force_insert=True)
            audit.record(actor, f"{record._meta.model_name}:put-back", subject_of(record))
    except IntegrityError:
        raise UndoError(_("something else has taken its place; enter it again")) from None
    return record


def subject_of(record: models.Model) -> str:
    """How the audit log names a record."""
    return f"{record._meta.model_name}:{record.pk}"


def _fields(record: models.Model) -> dict[str, Any]:
    told = model_to_dict(record)  # only what is editable
    told |= {"tenant": record.tenant} if hasattr(record, "tenant") else {}
    return {name: value for name, value in told.items() if name != "id"}


class _Serializer:
    """JSON with dates and ids, for the signed text."""

    def dumps(self, value: Any) -> bytes:
        """The text of a value."""
        return json.dumps(value, separators=(",", ":"), cls=DjangoJSONEncoder).encode()

    def loads(self, data: bytes) -> Any:
        """The value of a text."""
        return json.loads(data)
