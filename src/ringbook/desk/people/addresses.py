"""Changing the e-mail address that somebody signs in with: by themselves, or by who manages people.

A person who asks for another address proves that it is theirs by a link sent there, where mail is set up. The link holds nothing
secret but its signature: it works for a day, for the person as they were when they asked, and so once.
"""

from __future__ import annotations

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.core import signing
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from ringbook.desk.governance import audit
from ringbook.desk.governance.audit import Actor
from ringbook.desk.people import links, mail
from ringbook.desk.people.models import Person
from ringbook.desk.people.staff import RefusedError, plain_email


class AddressError(RefusedError):
    """An address cannot be somebody's."""


LASTS = timedelta(hours=24)
_SALT = "ringbook.address"


def ask(actor: Actor, person: Person, email: str) -> str:
    """The secret of a link that makes an address the person's; nothing has changed yet. Raises :class:`RefusedError`."""
    wanted = _free(person, email)
    audit.record(actor, "person:email-asked", f"person:{person.pk}")
    return signing.dumps([str(person.pk), person.email, wanted], salt=_SALT, compress=True)


def asked(secret: str) -> tuple[Person, str]:
    """The person and the address that a link is about. Raises :class:`links.LinkError`; it does not tell why."""
    try:
        key, was, wanted = signing.loads(secret, salt=_SALT, max_age=LASTS)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise links.LinkError("this link has ended, or is not complete") from error
    person = Person.objects.filter(pk=key, email=was, is_active=True).first()
    if person is None:
        raise links.LinkError("this link was used already")
    return person, wanted


def change(actor: Actor, person: Person, email: str, *, via: str) -> None:
    """Another address from now on: links sent to the old one end, and it is told. ``via``: link, password, administrator.

    Raises :class:`RefusedError` when somebody has the address, or it is none.
    """
    wanted, was = _free(person, email), person.email
    try:
        with transaction.atomic():
            if not Person.objects.filter(pk=person.pk, email=was).update(
                email=wanted, version=person.version + 1
            ):
                raise AddressError(_("It was changed meanwhile."))
            EmailAddress.objects.filter(user_id=person.pk).delete()  # nobody signs in with what was theirs
            links.end(person)
            audit.record(actor, "person:email-changed", f"person:{person.pk}", via=via)
            transaction.on_commit(lambda: mail.tell_address_changed(person, was))
    except IntegrityError:
        raise AddressError(_taken(wanted)) from None
    person.refresh_from_db()


def _free(person: Person, email: str) -> str:
    wanted = plain_email(email)
    if wanted == person.email:
        raise AddressError(_("That is the address already."))
    if Person.objects.filter(email=wanted).exists():
        raise AddressError(_taken(wanted))
    return wanted


def _taken(email: str) -> str:
    return _("There is somebody with the address %(email)s already.") % {"email": email}
