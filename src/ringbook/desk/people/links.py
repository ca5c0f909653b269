"""Links that let somebody in once: for the set-up of a new home, for somebody invited, for a look at a demonstration.

Whoever has the link has the key, so only a hash of its secret is kept, it ends by itself, and it works once.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from django.db import transaction

from ringbook.desk.governance import audit
from ringbook.desk.governance.audit import Actor
from ringbook.desk.people.models import EntryLink, Person
from ringbook.model.errors import AskError


class Purpose(StrEnum):
    """What a link is for."""

    SETUP = "setup"  # make the first owner
    INVITE = "invite"  # choose a password: for somebody new, or for somebody who lost theirs
    ENTER = "enter"  # sign in, without a password


LASTS = {
    Purpose.SETUP: timedelta(hours=24),
    Purpose.INVITE: timedelta(days=7),
    Purpose.ENTER: timedelta(hours=24),
}


class LinkError(AskError):
    """The link was used, has ended, or never was."""


def make(actor: Actor, purpose: Purpose, person: Person | None = None) -> str:
    """The secret of a new link, to be shown once. Earlier links for the same purpose and person end."""
    secret = secrets.token_urlsafe(32)
    now = datetime.now(UTC)
    with transaction.atomic():
        EntryLink.objects.filter(purpose=purpose, person=person, used_at=None).delete()
        EntryLink.objects.create(
            tenant=actor.tenant,
            purpose=purpose,
            person=person,
            secret_hash=_hash(secret),
            expires_at=now + LASTS[purpose],
        )
        subject = f"person:{person.pk}" if person else ""
        audit.record(actor, "entry-link:made", subject, purpose=purpose.value)
    return secret


def look(secret: str, *purposes: Purpose) -> EntryLink:
    """The link, unused so far. Raises :class:`LinkError`; it does not tell why, for that is nobody's business."""
    link: EntryLink | None = (
        EntryLink.objects.select_related("person")
        .filter(secret_hash=_hash(secret), purpose__in=purposes, used_at=None)
        .first()
    )
    if link is None or link.expires_at <= datetime.now(UTC) or (link.person and not link.person.is_active):
        raise LinkError("this link was used already, has ended, or is not complete")
    return link


def use(link: EntryLink, actor: Actor) -> None:
    """Use the link up; of two that try at once, the second gets a :class:`LinkError`."""
    with transaction.atomic():
        if not EntryLink.objects.filter(pk=link.pk, used_at=None).update(used_at=datetime.now(UTC)):
            raise LinkError("this link was used already")
        subject = f"person:{link.person_id}" if link.person_id else ""
        audit.record(actor, "entry-link:used", subject, purpose=link.purpose)


def end(person: Person) -> None:
    """End all links of somebody."""
    EntryLink.objects.filter(person=person, used_at=None).delete()


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
