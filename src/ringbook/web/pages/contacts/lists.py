"""The list of contacts, a page at a time: by name, or by the last call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from django.core import signing
from django.db.models import Q

from ringbook.analyse.contacts import FROM_THE_TOP, Recent, last_of, recent
from ringbook.desk.base import OfTenantQuerySet
from ringbook.desk.directory.models import Contact, ContactNumber, ContactState
from ringbook.desk.directory.names import matching
from ringbook.desk.wiring import ledger
from ringbook.model.instant import Instant
from ringbook.web.pages.contacts.numbers import contact_shown, number_shown
from ringbook.web.viewer import Viewer

PAGE = 50
_BATCH = 400
_MOST_BATCHES = 10


class Wanted(msgspec.Struct, frozen=True):
    """Which contacts a viewer asked for, in which order."""

    text: str = ""
    company: str = ""
    state: str = ContactState.ACTIVE.value
    sort: str = "name"
    cursor: str = ""


class Row(msgspec.Struct, frozen=True):
    """A contact as the list shows it."""

    contact: Contact
    numbers: list[dict[str, str]]
    last_at: Instant | None


class Listed(msgspec.Struct, frozen=True):
    """A page of contacts, and the place from which the next one goes on; empty at the end."""

    rows: list[Row]
    cursor: str = ""


def listed(viewer: Viewer, wanted: Wanted) -> Listed:
    """The page of contacts that a viewer asked for."""
    if wanted.sort == "-last":
        return _by_last_call(viewer, wanted)
    found, last = _by_name(viewer, wanted)
    return Listed(_rows(viewer, found), last)


def chosen(viewer: Viewer, wanted: Wanted) -> OfTenantQuerySet:
    """All contacts that fit what was asked for, in no order."""
    found = matching(viewer.scope, wanted.text)
    if wanted.state == ContactState.ARCHIVED.value:
        # The text is looked for among those put away: `matching` only knows those in use.
        kept = Contact.objects.within(viewer.scope).filter(state=ContactState.ARCHIVED)
        for word in wanted.text.casefold().split()[:8]:
            kept = kept.filter(haystack__contains=word)
        found = kept
    if wanted.company:
        found = found.filter(company_id=wanted.company)
    return found


def _by_name(viewer: Viewer, wanted: Wanted) -> tuple[list[Contact], str]:
    found = chosen(viewer, wanted).select_related("company", "owner").prefetch_related("numbers")
    backwards = wanted.sort == "-name"
    place = _opened(wanted.cursor)
    if place:
        name, key = place[0], place[1]
        beyond = Q(sort_name__lt=name) | Q(sort_name=name, id__lt=key)
        if not backwards:
            beyond = Q(sort_name__gt=name) | Q(sort_name=name, id__gt=key)
        found = found.filter(beyond)
    order = ("-sort_name", "-id") if backwards else ("sort_name", "id")
    page = list(found.order_by(*order)[: PAGE + 1])
    more = len(page) > PAGE
    page = page[:PAGE]
    return page, signing.dumps([page[-1].sort_name, str(page[-1].pk)]) if more else ""


def _by_last_call(viewer: Viewer, wanted: Wanted) -> Listed:
    """Those with calls that the viewer may see, the last first: walked along the ledger's numbers."""
    place = _opened(wanted.cursor)
    at = Recent(place[1], int(place[0])) if place else FROM_THE_TOP
    rows: list[Row] = []
    for _turn in range(_MOST_BATCHES):
        batch = recent(ledger(), viewer.scope, at, _BATCH)
        for row, own in _owners(viewer, wanted, batch):
            if len(rows) == PAGE:
                return Listed(rows, signing.dumps([str(at.last_at), at.number]))
            rows.append(row)
            at = own
        if len(batch) < _BATCH:
            return Listed(rows)
        at = batch[-1]
    return Listed(rows, signing.dumps([str(at.last_at), at.number]))


def _owners(viewer: Viewer, wanted: Wanted, batch: Sequence[Recent]) -> list[tuple[Row, Recent]]:
    """The contacts of a batch of numbers in its order, each where the last of its calls stands."""
    owner_of = dict(
        ContactNumber.objects.within(viewer.scope)
        .filter(number__in=[one.number for one in batch])
        .values_list("number", "contact_id")
    )
    found = chosen(viewer, wanted).filter(pk__in=set(owner_of.values()))
    rows = {
        row.contact.pk: row
        for row in _rows(viewer, found.select_related("company", "owner").prefetch_related("numbers"))
    }
    told = []
    seen = set()
    for one in batch:
        owner = owner_of.get(one.number)
        row = rows.get(owner) if owner and owner not in seen else None
        # A contact whose last call was with another of its numbers stands there, maybe on an earlier page.
        if row is not None and row.last_at == one.last_at:
            seen.add(owner)
            told.append((row, one))
    return told


def _rows(viewer: Viewer, contacts: Any) -> list[Row]:
    found = list(contacts)
    numbers = {contact.pk: [one.number for one in contact.numbers.all()] for contact in found}
    last = last_of(ledger(), viewer.scope, {one for own in numbers.values() for one in own})
    return [
        Row(
            contact_shown(viewer, contact),
            [
                {"number": number_shown(viewer, one.number), "label": one.label}
                for one in contact.numbers.all()
            ],
            max((last[one] for one in numbers[contact.pk] if one in last), default=None),
        )
        for contact in found
    ]


def _opened(cursor: str) -> list[str] | None:
    if not cursor:
        return None
    try:
        found = signing.loads(cursor)
    except signing.BadSignature:
        return None
    return found if isinstance(found, list) and len(found) == 2 else None
