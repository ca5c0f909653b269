"""Messages to people, when mail is set up."""

from __future__ import annotations

from smtplib import SMTPException

import structlog
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import translation

from ringbook.desk.organisation.models import organisation
from ringbook.desk.people.models import Person

log = structlog.get_logger()


def send_link(person: Person, address: str) -> bool:
    """Whether a link to choose a password could be sent to somebody."""
    house = organisation(person.tenant)
    with translation.override(person.language or house.language or "en"):
        told = {"person": person, "address": address, "organisation": house.name or "Ringbook"}
        subject = " ".join(render_to_string("entrance/link_subject.txt", told).split())
        text = render_to_string("entrance/link_message.txt", told)
    try:
        send_mail(subject, text, None, [person.email])
    except (SMTPException, OSError) as error:
        log.warning("mail.failed", reason=type(error).__name__)
        return False
    return True
