"""Messages to people, when mail is set up."""

from __future__ import annotations

from smtplib import SMTPException

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import translation

from ringbook.desk.organisation.models import organisation
from ringbook.desk.people.models import Person

log = structlog.get_logger()


def send_link(person: Person, address: str) -> bool:
    """Whether a link to choose a password could be sent to somebody."""
    return _send(person, person.email, "link", address=address)


def send_confirmation(person: Person, email: str, address: str) -> bool:
    """Whether a link could be sent to an address that somebody wants to have from now on."""
    return _send(person, email, "address", address=address)


def tell_address_changed(person: Person, was: str) -> bool:
    """Whether the address that somebody had could be told that it is theirs no more; not where no mail is set up."""
    return settings.MAIL_IS_SET_UP and _send(person, was, "address_changed", was=was)


def _send(person: Person, email: str, name: str, **more: str) -> bool:
    house = organisation(person.tenant)
    with translation.override(person.language or house.language or "en"):
        told = {"person": person, "organisation": house.name or "Ringbook", **more}
        subject = " ".join(render_to_string(f"entrance/{name}_subject.txt", told).split())
        text = render_to_string(f"entrance/{name}_message.txt", told)
    try:
        send_mail(subject, text, None, [email])
    except (SMTPException, OSError) as error:
        log.warning("mail.failed", reason=type(error).__name__)
        return False
    return True
