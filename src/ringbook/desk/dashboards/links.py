"""Links of wallboards: an address for a screen on a wall, where nobody signs in."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from datetime import UTC, datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from ringbook.desk.dashboards.errors import DashboardError
from ringbook.desk.dashboards.models import WallboardLink
from ringbook.desk.dashboards.service import LONGEST_QUERY, named
from ringbook.desk.people.access import rights_of
from ringbook.desk.people.models import Person
from ringbook.desk.people.roles import Right

MOST_LINKS = 50
"""Links of one person that are not withdrawn."""

_SECRET_BYTES = 24
_SEEN_EVERY = timedelta(minutes=5)


def links_of(person: Person) -> QuerySet[WallboardLink]:
    """The links that a person made and has not withdrawn; who manages people sees everybody's."""
    found = WallboardLink.objects.filter(tenant=person.tenant, withdrawn_at=None).select_related("owner")
    return found if Right.MANAGE_PEOPLE in rights_of(person) else found.filter(owner=person)


def make(person: Person, name: str, query: str) -> tuple[WallboardLink, str]:
    """A new link and its secret, which is told this once only.

    :raises DashboardError: it has no name, or the person has too many.
    """
    if WallboardLink.objects.filter(owner=person, withdrawn_at=None).count() >= MOST_LINKS:
        raise DashboardError(_("You have %(most)d such links; withdraw one first.") % {"most": MOST_LINKS})
    if len(query) > LONGEST_QUERY:
        raise DashboardError(_("A question has at most %(most)d characters.") % {"most": LONGEST_QUERY})
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    link = WallboardLink.objects.create(
        tenant=person.tenant, owner=person, name=named(name), query=query.strip(), secret_hash=_hashed(secret)
    )
    return link, secret


def withdraw(person: Person, link_id: uuid.UUID) -> WallboardLink:
    """The link, which no longer opens anything. Raises WallboardLink.DoesNotExist for one that the person does not see."""
    link: WallboardLink = links_of(person).get(pk=link_id)
    link.withdrawn_at = datetime.now(UTC)
    link.save(update_fields=["withdrawn_at"])
    return link


def opened(secret: str) -> WallboardLink | None:
    """The link that a secret opens; None for an unknown or withdrawn one, or one whose owner may no longer make it."""
    found: WallboardLink | None = (
        WallboardLink.objects.filter(secret_hash=_hashed(secret), withdrawn_at=None)
        .select_related("owner")
        .first()
    )
    if found is None or not found.owner.is_active:
        return None
    if not {Right.USE_PAGES, Right.SEE_OVERVIEW, Right.SHARE_VIEWS} <= rights_of(found.owner):
        return None
    now = datetime.now(UTC)
    if found.seen_at is None or now - found.seen_at > _SEEN_EVERY:
        WallboardLink.objects.filter(pk=found.pk).update(seen_at=now)
    return found


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
