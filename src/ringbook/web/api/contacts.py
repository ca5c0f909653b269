"""Contacts and companies: whose numbers they are."""

from __future__ import annotations

import re
import uuid
from typing import Any

import msgspec
from django.core import signing
from django.db.models import Count, Q
from django.http import HttpResponse
from ninja import Router
from ninja.params.functions import Query

from ringbook.desk.directory import edit
from ringbook.desk.directory.drafts import ContactDraft, NumberDraft
from ringbook.desk.directory.errors import DraftError, NumberTakenError, StaleError, UndoError
from ringbook.desk.directory.models import Company, Contact, ContactState
from ringbook.desk.directory.names import matching
from ringbook.desk.people.models import Person
from ringbook.desk.people.roles import Right
from ringbook.model.errors import AskError
from ringbook.web.api import schemas_contacts as schemas
from ringbook.web.api.masks import hidden
from ringbook.web.api.operation import answered, operation, sent_version
from ringbook.web.api.problems import Problem, invalid
from ringbook.web.viewer import Asking, Viewer

router = Router(tags=["contacts"])


@operation(router, "GET", "/contacts", Right.SEE_CONTACTS, answer=schemas.ContactPage)
def list_contacts(
    request: Asking,
    query: str = Query(
        "", description="Words of a name, company, e-mail, or digits of a number.", max_length=200
    ),
    limit: int = Query(50, ge=1, le=500),
    cursor: str = Query("", max_length=2_000),
) -> HttpResponse:
    """Contacts in use, by name."""
    viewer = request.viewer
    found = (
        matching(viewer.scope, query.replace("\0", ""))
        .select_related("company", "owner")
        .prefetch_related("numbers")
    )
    if cursor:
        name, key = _place(cursor)
        found = found.filter(Q(sort_name__gt=name) | Q(sort_name=name, id__gt=key))
    rows = list(found.order_by("sort_name", "id")[: limit + 1])
    more = len(rows) > limit
    last = rows[:limit][-1] if more else None
    return answered(
        {
            "items": [_shown(viewer, one) for one in rows[:limit]],
            "next_cursor": signing.dumps([last.sort_name, str(last.pk)], salt=_SALT) if last else None,
        }
    )


@operation(router, "POST", "/contacts", Right.EDIT_CONTACTS, answer=schemas.Contact, status=201, once=True)
def add_contact(request: Asking, contact: schemas.NewContact) -> HttpResponse:
    """Add a contact.

    A number belongs to one contact: `move` takes it from the one that has it.
    """
    viewer = request.viewer
    said = contact.model_dump()
    move = said.pop("move")
    with _told(viewer):
        made = edit.add_contact(viewer.actor, _draft(viewer, said), move=move)
    return _answer(viewer, made.pk, 201)


@operation(router, "GET", "/contacts/{id}", Right.SEE_CONTACTS, answer=schemas.Contact)
def get_contact(request: Asking, id: str) -> HttpResponse:  # noqa: A002  # the public name
    """One contact; `ETag` is the version to send with a change."""
    return _answer(request.viewer, _there(request.viewer, id).pk)


@operation(
    router, "PATCH", "/contacts/{id}", Right.EDIT_CONTACTS, answer=schemas.Contact, headers=("If-Match",)
)
def change_contact(request: Asking, id: str, contact: schemas.ContactChange) -> HttpResponse:  # noqa: A002  # the public name
    """Change a contact; what is left out stays as it is."""
    viewer = request.viewer
    there, version = _there(viewer, id), sent_version(request)
    said = contact.model_dump(exclude_unset=True)
    move = bool(said.pop("move", False))
    now = {
        "name": there.name,
        "company": there.company.name if there.company else "",
        "title": there.title,
        "emails": there.emails,
        "note": there.note,
        "labels": there.labels,
        "owner": there.owner.handle if there.owner else None,
        "numbers": None,
    }
    with _told(viewer, said):
        edit.change_contact(viewer.actor, there.pk, version, _draft(viewer, {**now, **said}), move=move)
    return _answer(viewer, there.pk)


@operation(
    router, "DELETE", "/contacts/{id}", Right.EDIT_CONTACTS, answer=None, status=204, headers=("If-Match",)
)
def remove_contact(request: Asking, id: str) -> HttpResponse:  # noqa: A002  # the public name
    """Take a contact away for good; calls with its numbers no longer have a name from it."""
    viewer = request.viewer
    there, version = _there(viewer, id), sent_version(request)
    with _told(viewer):
        if there.version != version:
            raise StaleError(there.version)
        edit.delete(viewer.actor, there.pk)
    return HttpResponse(status=204)


@operation(router, "GET", "/contacts/{id}/numbers", Right.SEE_CONTACTS, answer=schemas.Numbers)
def list_numbers(request: Asking, id: str) -> HttpResponse:  # noqa: A002  # the public name
    """The numbers of a contact."""
    return answered({"items": _shown(request.viewer, _there(request.viewer, id))["numbers"]})


@operation(
    router,
    "POST",
    "/contacts/{id}/numbers",
    Right.EDIT_CONTACTS,
    answer=schemas.Contact,
    status=201,
    once=True,
)
def add_number(request: Asking, id: str, number: schemas.NewNumber) -> HttpResponse:  # noqa: A002  # the public name
    """Add a number to a contact; all calls with it have the contact's name at once."""
    viewer = request.viewer
    there = _there(viewer, id)
    with _told(viewer):
        edit.add_number(viewer.actor, there.pk, number.number, number.label, move=number.move)
    return _answer(viewer, there.pk, 201)


@operation(router, "GET", "/companies", Right.SEE_CONTACTS, answer=schemas.CompanyPage)
def list_companies(
    request: Asking,
    query: str = Query("", description="A part of the name.", max_length=200),
    limit: int = Query(50, ge=1, le=500),
    cursor: str = Query("", max_length=2_000),
) -> HttpResponse:
    """Companies by name."""
    found = _companies(request.viewer)
    for word in query.replace("\0", "").casefold().split()[:8]:
        found = found.filter(sort_name__contains=word)
    if cursor:
        name, key = _place(cursor)
        found = found.filter(Q(sort_name__gt=name) | Q(sort_name=name, id__gt=key))
    rows = list(found.order_by("sort_name", "id")[: limit + 1])
    last = rows[limit - 1] if len(rows) > limit else None
    return answered(
        {
            "items": [_company(request.viewer, one) for one in rows[:limit]],
            "next_cursor": signing.dumps([last.sort_name, str(last.pk)], salt=_SALT) if last else None,
        }
    )


@operation(router, "GET", "/companies/{id}", Right.SEE_CONTACTS, answer=schemas.Company)
def get_company(request: Asking, id: str) -> HttpResponse:  # noqa: A002  # the public name
    """One company."""
    found = _companies(request.viewer).filter(pk=uuid.UUID(id)).first() if _UUID.fullmatch(id) else None
    if found is None:
        raise Problem("not-found", "There is no such company.")
    return answered(_company(request.viewer, found))


def _companies(viewer: Viewer) -> Any:
    active = Count("contacts", filter=Q(contacts__state=ContactState.ACTIVE))
    return Company.objects.within(viewer.scope).annotate(people=active)


def _company(viewer: Viewer, one: Any) -> dict[str, Any]:
    return hidden(
        viewer,
        {
            "id": str(one.pk),
            "name": one.name,
            "website": one.website or None,
            "note": one.note or None,
            "contacts": one.people,
        },
    )


def _draft(viewer: Viewer, said: dict[str, Any]) -> ContactDraft:
    """What was said of a contact, as the directory takes it."""
    handle = said.pop("owner", None)
    owner = Person.objects.filter(tenant=viewer.scope.tenant, handle=handle).first() if handle else None
    if handle and owner is None:
        raise invalid("body", "owner", "nobody has this handle")
    numbers = said.pop("numbers", None)
    lines = None if numbers is None else tuple(NumberDraft(one["number"], one["label"]) for one in numbers)
    plain = {name: tuple(value) if isinstance(value, list) else value or "" for name, value in said.items()}
    return msgspec.structs.replace(
        ContactDraft(name=""), **plain, owner=str(owner.pk) if owner else "", numbers=lines
    )


def _there(viewer: Viewer, contact_id: str) -> Contact:
    known = uuid.UUID(contact_id) if _UUID.fullmatch(contact_id) else None
    rows = Contact.objects.within(viewer.scope).select_related("company", "owner").prefetch_related("numbers")
    there: Contact | None = rows.filter(pk=known).first() if known else None
    if there is None:
        raise Problem("not-found", "There is no such contact.")
    return there


def _answer(viewer: Viewer, key: uuid.UUID, status: int = 200) -> HttpResponse:
    there = _there(viewer, str(key))
    return answered(_shown(viewer, there), status, ETag=f'"{there.version}"')


def _shown(viewer: Viewer, one: Contact) -> dict[str, Any]:
    shape = {
        "id": str(one.pk),
        "name": one.name,
        "company": {"id": str(one.company.pk), "name": one.company.name} if one.company else None,
        "title": one.title or None,
        "emails": list(one.emails),
        "numbers": [
            {"number": line.number, "raw": line.raw, "label": line.label} for line in one.numbers.all()
        ],
        "note": one.note or None,
        "labels": list(one.labels),
        "owner": one.owner.handle if one.owner else None,
        "state": str(one.state),
        "version": one.version,
    }
    return hidden(viewer, shape)


class _told:  # noqa: N801  # reads as a word
    """Has what cannot be done to a contact told as the problem that it is."""

    def __init__(self, viewer: Viewer, yours: dict[str, Any] | None = None) -> None:
        self._viewer = viewer
        self._yours = yours

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        match error:
            case StaleError():
                raise Problem("changed", str(error), version=error.version, yours=self._yours) from None
            case NumberTakenError():
                raise Problem(
                    "conflict",
                    hidden(self._viewer, {"detail": str(error)})["detail"],
                    contact=str(error.contact.pk),
                ) from None
            case DraftError():
                errors = [
                    {"where": "body", "name": name, "problem": text} for name, text in error.fields.items()
                ]
                raise Problem("invalid", errors=errors) from None
            case UndoError():
                raise Problem("not-found", str(error)) from None
            case AskError():
                raise Problem("request", str(error)) from None
            case _:
                return


def _place(cursor: str) -> tuple[str, str]:
    try:
        name, key = signing.loads(cursor, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        raise Problem(
            "cursor", "The cursor is damaged. Ask for the first page again, without a cursor."
        ) from None
    return str(name), str(key)


_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_SALT = "api-list"
