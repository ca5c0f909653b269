"""A person's traces in the relational store: what goes with their calls, what names them elsewhere, and what is left of it.

Every model of the desk is looked through, so that one that is added later is not forgotten. Rows that are about a removed call or
recording go. Of the others, those that are about the person go (contacts, call-backs, saved questions, notes that mention
them); in everything else a mark takes the place of what named them. Details of the audit log are emptied, which its chain allows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import apps
from django.db import models, transaction

from ringbook.desk.annotations.acting import chunks
from ringbook.desk.annotations.models import Change, FieldValue, LoggedCall, Note, NoteVersion, Task
from ringbook.desk.directory.models import Callback, Contact, ContactNumber, PendingName
from ringbook.desk.governance.models import AuditEntry
from ringbook.desk.requests.models import PersonRequest
from ringbook.desk.requests.written import Finder, Identifiers
from ringbook.desk.settings import APPS
from ringbook.desk.workspace.jobs import exports_folder
from ringbook.desk.workspace.models import Job, SavedView

_STAFF = ("people", "tokens", "governance")
"""Apps that are about the organisation's own people."""

_ABOUT_THE_PERSON = (Note, Task, FieldValue, Change, LoggedCall, ContactNumber, SavedView, Callback)
"""Rows of these go as a whole when they mention the person."""

_KEPT = ("retention.HeldCall", "retention.WarrantIssued")
"""Ids of calls that were removed stay in these: they say nothing about anybody."""

_CALL = ("call_id", "call")
_RECORDING = ("recording_id", "recording")
STEP = 500


def of_calls(tenant: str, calls: Iterable[str], recordings: Iterable[str] = ()) -> Counter[str]:
    """What was removed because it was about these calls or recordings, by model."""
    gone: Counter[str] = Counter()
    for names, ids in ((_CALL, list(calls)), (_RECORDING, list(recordings))):
        for model, name in _about(names):
            for some in chunks(ids, STEP):
                rows = model._default_manager.filter(**{f"{name}__in": some}, tenant=tenant)
                gone[_label(model)] += _deleted(rows, model)
    for some in chunks(list(calls), STEP):
        parties = Callback.objects.filter(tenant=tenant, party__in=[f"call:{one}" for one in some])
        gone["callback"] += _deleted(parties, Callback)
    return +gone


def _about(names: tuple[str, ...]) -> Iterator[tuple[type[models.Model], str]]:
    for model in _models():
        fields = {field.name: field for field in model._meta.get_fields() if isinstance(field, models.Field)}
        for name in names:
            if isinstance(fields.get(name), models.CharField | models.UUIDField) and "tenant" in fields:
                yield model, name


def of_person(tenant: str, who: Identifiers, own: str) -> tuple[Counter[str], list[str]]:
    """What was removed or rewritten because it named the person, by model, and the calls whose notes changed by it.

    ``own`` is the request that is carried out: it keeps who the person is until it is done.
    """
    finder, gone = Finder(who), Counter[str]()
    touched: set[str] = set()
    contacts = Contact.objects.filter(tenant=tenant, pk__in=who.contacts)
    gone["contact"] += contacts.count()
    callbacks = [f"contact:{one}" for one in who.contacts] + list(who.numbers)
    gone["callback"] += _deleted(Callback.objects.filter(tenant=tenant, party__in=callbacks), Callback)
    ContactNumber.objects.filter(tenant=tenant, number__in=who.numbers).delete()
    contacts.delete()
    PendingName.objects.filter(tenant=tenant, number__in=who.numbers).delete()
    for model, pk, call in list(_naming(tenant, finder, own)):
        gone[_label(model)] += 1
        touched |= {call} - {""}
        _remove_or_rewrite(model, pk, finder)
    gone["audit-detail"] += _audit_details(tenant, finder)
    return +gone, sorted(touched)


def _naming(tenant: str, finder: Finder, own: str) -> Iterator[tuple[type[models.Model], Any, str]]:
    """Each row that names the person, and the call that it is about."""
    for model in _models():
        texts = _texts(model)
        known = {field.name for field in model._meta.get_fields()}
        if not texts:
            continue
        rows = model._default_manager.all()
        rows = rows.filter(tenant=tenant) if "tenant" in known else rows
        call = "call_id" if "call_id" in known else ""
        asked = ["pk", *texts, *([call] if call else [])]
        for row in rows.values(*asked).iterator(chunk_size=2_000):
            if model is PersonRequest and str(row["pk"]) == own:
                continue
            if any(_names_it(row[name], finder) for name in texts):
                yield model, row["pk"], str(row[call]) if call else _call_of(model, row["pk"])


def _call_of(model: type[models.Model], pk: Any) -> str:
    if model is NoteVersion:
        return str(NoteVersion.objects.values_list("note__call_id", flat=True).get(pk=pk))
    return ""


def _names_it(value: Any, finder: Finder) -> bool:
    if isinstance(value, str):
        return finder.mentions(value)
    if isinstance(value, dict):
        return any(finder.mentions(str(key)) or _names_it(one, finder) for key, one in value.items())
    return isinstance(value, list) and any(_names_it(one, finder) for one in value)


def _remove_or_rewrite(model: type[models.Model], pk: Any, finder: Finder) -> None:
    with transaction.atomic():
        row = model._default_manager.filter(pk=pk).first()
        if row is None:
            return
        if isinstance(row, NoteVersion):
            row.note.delete()
        elif isinstance(row, _ABOUT_THE_PERSON) or (isinstance(row, Job) and row.over):
            row.delete()
        else:
            fresh = {name: finder.clean(getattr(row, name)) for name in _texts(model)}
            model._default_manager.filter(pk=pk).update(**fresh)


def _audit_details(tenant: str, finder: Finder) -> int:
    """How many details of the audit log named the person; they are empty now. The chain of hashes does not cover them."""
    rows = AuditEntry.objects.filter(tenant=tenant).exclude(detail="").values_list("seq", "detail")
    named = [seq for seq, detail in rows.iterator(chunk_size=2_000) if finder.mentions(detail)]
    for some in chunks(named, STEP):
        AuditEntry.objects.filter(seq__in=some).update(detail="", salt="")
    return len(named)


def results(tenant: str, keep: str = "") -> int:
    """How many files that people had made were removed: an export may hold anybody, and most cannot be looked into.

    The row of job ``keep`` stays as it is.
    """
    count = 0
    for row in Job.objects.filter(tenant=tenant).exclude(result_file=""):
        if str(row.pk) == keep:
            continue
        (exports_folder() / row.result_file).unlink(missing_ok=True)
        Job.objects.filter(pk=row.pk).update(result_file="")
        count += 1
    return count


def counts(tenant: str, who: Identifiers, calls: Iterable[str], own: str) -> dict[str, int]:
    """How many rows would go or be rewritten, by model; nothing is changed."""
    found: Counter[str] = Counter()
    finder, ids = Finder(who), list(calls)
    for model, name in _about(_CALL):
        for some in chunks(ids, STEP):
            found[_label(model)] += model._default_manager.filter(
                **{f"{name}__in": some}, tenant=tenant
            ).count()
    about = set(ids)
    for model, _pk, call in _naming(tenant, finder, own):
        found[_label(model)] += call not in about
    found["contact"] = Contact.objects.filter(tenant=tenant, pk__in=who.contacts).count()
    parties = [f"contact:{one}" for one in who.contacts] + list(who.numbers)
    found["callback"] = Callback.objects.filter(tenant=tenant, party__in=parties).count()
    details = AuditEntry.objects.filter(tenant=tenant).exclude(detail="").values_list("detail", flat=True)
    found["audit-detail"] = sum(finder.mentions(detail) for detail in details.iterator(chunk_size=2_000))
    found["file"] = Job.objects.filter(tenant=tenant).exclude(result_file="").count()
    return dict(+found)


def _models() -> list[type[models.Model]]:
    return [
        model
        for app in APPS
        if app not in _STAFF and apps.is_installed(f"ringbook.desk.{app}")
        for model in apps.get_app_config(app).get_models()
        if model._meta.label not in _KEPT
    ]


def _texts(model: type[models.Model]) -> list[str]:
    kinds = (models.CharField, models.TextField, models.JSONField)
    skipped = (
        "tenant",
        "state",
        "kind",
        "actor",
        "by_name",
        "made_by_name",
        "decided_by_name",
        "author_name",
    )
    return [
        field.name
        for field in model._meta.fields
        if isinstance(field, kinds)
        and field.name not in skipped
        and not field.choices
        and not field.primary_key
    ]


def _deleted(rows: models.QuerySet[Any], model: type[models.Model]) -> int:
    return rows.delete()[1].get(model._meta.label, 0)


def _label(model: type[models.Model]) -> str:
    return model._meta.model_name or ""
