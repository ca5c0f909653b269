"""What entries of the audit log are about, by the names that people know it by, with a link for whoever may open it.

A page of entries asks once for each kind of thing, however many entries it has. The log itself keeps ids only: what a thing is
called now is looked up now, within what the viewer may know, and what was removed has no name any more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

import msgspec
from django.apps import apps
from django.db import models
from django.urls import NoReverseMatch, reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ringbook.desk.annotations import joined
from ringbook.desk.wiring import ledger, operations
from ringbook.ledger.erased import erased
from ringbook.ledger.recordings import Catalogue
from ringbook.model.call import CallId
from ringbook.model.errors import WaitError
from ringbook.model.masking import masked_text
from ringbook.model.recording import RecordingId
from ringbook.web.pages.audit.kinds import CALL, KINDS, RECORDING, Kind
from ringbook.web.shapes import shown_many
from ringbook.web.templatetags.calls import phone
from ringbook.web.viewer import Viewer


class Subject(msgspec.Struct, frozen=True):
    """One thing: its kind in words, its name (empty if it has none), where it is shown (empty: nowhere for this viewer)."""

    kind: str
    name: str = ""
    url: str = ""
    removed: bool = False
    shape: dict[str, Any] | None = None  # of a call, for the page to word


def subjects_of(viewer: Viewer, subjects: Iterable[str]) -> dict[str, Subject]:
    """What each of some subjects (``call:ID``, ``person:ID``…) is; those of no known kind are left out."""
    by_kind: dict[str, set[str]] = defaultdict(set)
    for subject in subjects:
        kind, _colon, key = subject.partition(":")
        if key:
            by_kind[kind].add(key)
    found: dict[str, Subject] = {}
    for kind, keys in by_kind.items():
        told = _named(viewer, kind, keys)
        found |= {f"{kind}:{key}": subject for key, subject in told.items()}
    return found


def _named(viewer: Viewer, kind: str, keys: set[str]) -> dict[str, Subject]:
    elsewhere = {"call": _calls, "recording": _recordings, "source": _sources}.get(kind)
    if elsewhere:
        try:
            return elsewhere(viewer, keys)
        except WaitError:
            return {}  # the log is read while the store of calls is away too, with ids
    known = KINDS.get(kind)
    return _records(viewer, known, keys) if known else {}


def _records(viewer: Viewer, kind: Kind, keys: set[str]) -> dict[str, Subject]:
    """Records of the desk, from one question."""
    word = str(kind.word)
    if not kind.model:
        return {key: Subject(word, key, _url(viewer, kind, key)) for key in keys}
    wanted = {key: uuid for key in keys if (uuid := _uuid(key))}
    model: Any = apps.get_model(kind.model)
    rows = model.objects.filter(tenant=viewer.scope.tenant, pk__in=wanted.values())
    there = {row.pk: row for row in rows.select_related(*kind.related)}
    found = {}
    for key in keys:
        row = there.get(wanted.get(key))
        if row is None:
            found[key] = Subject(word, removed=kind.lasts)
        else:
            found[key] = Subject(word, _shown(viewer, _name(row)), _url(viewer, kind, key))
    return found


def _name(row: models.Model) -> str:
    """What people call a record: as it calls itself, else the first of what may name it."""
    if type(row).__str__ is not models.Model.__str__:
        return str(row)
    for field in ("name", "title", "file_name", "reference"):
        if getattr(row, field, ""):
            return str(getattr(row, field))
    files: list[dict[str, Any]] = getattr(row, "files", [])
    if files:
        return str(files[0].get("name", ""))
    made = getattr(row, "made_at", None)
    return date_format(made, "DATETIME_FORMAT") if made else ""


def _calls(viewer: Viewer, keys: Collection[str]) -> dict[str, Subject]:
    """Calls, by who called whom as the viewer may know it."""
    ids = [CallId(key) for key in keys]
    leads = joined.ends(viewer.scope, ids)
    shapes = {shape["id"]: shape for shape in shown_many(viewer, ledger().calls(viewer.scope, ids))}
    gone = _gone(viewer, "call", [key for key in keys if leads.get(CallId(key), key) not in shapes])
    word = str(CALL.word)
    found = {}
    for key in keys:
        shape = shapes.get(leads.get(CallId(key), CallId(key)))
        if shape is None and key in gone:
            found[key] = Subject(word, removed=True, url=_url(viewer, CALL, key))
        elif shape is not None:
            found[key] = Subject(word, call_name(shape), _url(viewer, CALL, key), shape=shape)
    return found


def _recordings(viewer: Viewer, keys: Collection[str]) -> dict[str, Subject]:
    """Recordings, by the calls that they are of."""
    catalogue = Catalogue(ledger())
    kept = {
        str(one.id): one for one in catalogue.get(viewer.scope.whole(), [RecordingId(key) for key in keys])
    }
    calls = _calls(viewer, {one.call for one in kept.values() if one.call})
    gone = _gone(viewer, "recording", [key for key in keys if key not in kept])
    word = str(RECORDING.word)
    found = {}
    for key in keys:
        one = kept.get(key)
        call = calls.get(one.call) if one and one.call else None
        if call and call.shape:
            found[key] = Subject(word, call.name, call.url, shape=call.shape)
        elif one:
            found[key] = Subject(word, _("without a call"), _url(viewer, RECORDING, key))
        elif key in gone:
            found[key] = Subject(word, removed=True)
    return found


def _sources(viewer: Viewer, keys: Collection[str]) -> dict[str, Subject]:
    """Phone systems, by the names that they are removed under too."""
    *_inputs, whole = operations().run("sources.inputs", {})
    kind = KINDS["source"]
    return {
        key: Subject(str(kind.word), key, removed=True)
        if key in whole["removed"]
        else Subject(str(kind.word), key, _url(viewer, kind, key))
        for key in keys
    }


def _gone(viewer: Viewer, kind: str, keys: Collection[str]) -> Collection[str]:
    return erased(ledger(), viewer.scope, kind, keys) if keys else ()


def call_name(shape: Mapping[str, Any]) -> str:
    """Who called whom, in one line."""
    return _("%(caller)s to %(called)s") % {"caller": _side(shape["from"]), "called": _side(shape["to"])}


def _side(side: Mapping[str, Any]) -> str:
    contact = side.get("contact")
    name = contact["name"] if contact else side.get("name")
    return str(name or phone(side.get("number") or side.get("raw") or "") or _("unknown"))


def _shown(viewer: Viewer, name: str) -> str:
    return masked_text(name) if viewer.scope.masked else name


def _url(viewer: Viewer, kind: Kind, key: str) -> str:
    """The page of a thing, if the viewer may open it."""
    if not kind.page or not all(viewer.may(right) for right in kind.rights):
        return ""
    try:
        return reverse(kind.page, args=[] if kind.listed else [key])
    except NoReverseMatch:
        return ""


def _uuid(key: str) -> UUID | None:
    try:
        return UUID(key)
    except ValueError:
        return None


__all__ = ["Subject", "call_name", "subjects_of"]
