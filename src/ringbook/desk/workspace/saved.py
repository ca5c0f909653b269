"""Saved views and chosen columns: what a person may see, keep, change and take back.

A view belongs to who made it. A shared one is seen by everybody of the tenant; its owner changes it, and who may share views
(``Right.SHARE_VIEWS``) changes every shared one.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Max, Q, QuerySet
from django.utils.translation import gettext as _

from ringbook.desk.people.access import rights_of
from ringbook.desk.people.models import Person
from ringbook.desk.people.roles import Right
from ringbook.desk.workspace.errors import ViewError
from ringbook.desk.workspace.models import ColumnChoice, SavedView

MOST_VIEWS = 100
"""Views of one person."""

LONGEST_NAME = 80
LONGEST_QUERY = 2_000


def views_of(person: Person) -> QuerySet[SavedView]:
    """The person's own views and those that others share, in their order."""
    seen = Q(owner=person) | Q(shared=True)
    return SavedView.objects.filter(seen, tenant=person.tenant, deleted_at=None).select_related("owner")


def may_change(person: Person, view: SavedView) -> bool:
    """Whether a person may rename, change or delete a view."""
    return view.owner_id == person.pk or (view.shared and Right.SHARE_VIEWS in rights_of(person))


def save(
    person: Person, name: str, query: str, *, columns: Sequence[str] = (), shared: bool = False
) -> SavedView:
    """A new view, after those there are.

    :raises ViewError: it has no name, one too long, or the person has too many or may not share.
    """
    own = SavedView.objects.filter(owner=person, deleted_at=None)
    if own.count() >= MOST_VIEWS:
        raise ViewError(_("You have %(most)d views; delete one first.") % {"most": MOST_VIEWS})
    last = own.aggregate(last=Max("position"))["last"]
    return SavedView.objects.create(
        tenant=person.tenant,
        owner=person,
        name=_name(name),
        query=_query(query),
        columns=list(columns),
        shared=_shared(person, shared),
        position=0 if last is None else last + 1,
    )


def change(person: Person, view_id: uuid.UUID, version: int, **told: Any) -> SavedView:
    """The view with another ``name``, ``query``, ``columns`` or ``shared``.

    :raises SavedView.DoesNotExist: there is none that the person may see.
    :raises ViewError: the person may not, somebody else changed it meanwhile, or the new values will not do.
    """
    view: SavedView = _changeable(person, view_id)
    fresh: dict[str, Any] = {}
    if "name" in told:
        fresh["name"] = _name(told["name"])
    if "query" in told:
        fresh["query"] = _query(told["query"])
    if "columns" in told:
        fresh["columns"] = list(told["columns"])
    if "shared" in told and told["shared"] != view.shared:
        fresh["shared"] = _shared(person, told["shared"])
    changed = SavedView.objects.filter(pk=view.pk, version=version, deleted_at=None)
    if not changed.update(version=F("version") + 1, **fresh):
        raise ViewError(
            _("“%(name)s” was changed meanwhile. Look at it again, then change it.") % {"name": view.name}
        )
    view.refresh_from_db()
    return view


def delete(person: Person, view_id: uuid.UUID) -> SavedView:
    """The view, deleted; :func:`restore` brings it back."""
    view = _changeable(person, view_id)
    view.deleted_at = datetime.now(UTC)
    view.save(update_fields=["deleted_at"])
    return view


def restore(person: Person, view_id: uuid.UUID) -> SavedView:
    """The view, undeleted. Raises SavedView.DoesNotExist for one that the person could not have deleted."""
    view: SavedView = SavedView.objects.filter(tenant=person.tenant, pk=view_id).select_related("owner").get()
    if not may_change(person, view):
        raise SavedView.DoesNotExist
    view.deleted_at = None
    view.save(update_fields=["deleted_at"])
    return view


def columns_of(person: Person, table: str) -> list[str]:
    """The columns that a person chose for a table; none if they never did."""
    found = ColumnChoice.objects.filter(person=person, table=table).first()
    return [str(name) for name in found.columns] if found else []


def choose_columns(person: Person, table: str, columns: Sequence[str]) -> None:
    """Keep the columns that a person chose for a table; none: forget the choice."""
    with transaction.atomic():
        if not columns:
            ColumnChoice.objects.filter(person=person, table=table).delete()
            return
        ColumnChoice.objects.update_or_create(
            person=person, table=table, defaults={"columns": list(columns), "tenant": person.tenant}
        )


def _changeable(person: Person, view_id: uuid.UUID) -> SavedView:
    view: SavedView = views_of(person).get(pk=view_id)
    if not may_change(person, view):
        raise ViewError(
            _("“%(name)s” belongs to %(owner)s. Save a view of your own instead.")
            % {"name": view.name, "owner": str(view.owner)}
        )
    return view


def _name(name: str) -> str:
    plain = " ".join(name.split())
    if not plain:
        raise ViewError(_("A view needs a name."))
    if len(plain) > LONGEST_NAME:
        raise ViewError(_("A name has at most %(most)d characters.") % {"most": LONGEST_NAME})
    return plain


def _query(query: str) -> str:
    if len(query) > LONGEST_QUERY:
        raise ViewError(_("A question has at most %(most)d characters.") % {"most": LONGEST_QUERY})
    return query.strip()


def _shared(person: Person, shared: bool) -> bool:
    if shared and Right.SHARE_VIEWS not in rights_of(person):
        raise ViewError(_("Your role may not share views. Save it for yourself."))
    return shared
