"""Telling people by mail that the rules of retention were not applied, when mail is set up."""

from __future__ import annotations

from smtplib import SMTPException

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.utils import translation
from django.utils.translation import gettext as _

from ringbook.desk.organisation.models import organisation
from ringbook.desk.people.access import rights_of
from ringbook.desk.people.models import Person
from ringbook.desk.people.roles import Right
from ringbook.desk.retention.standing import State

log = structlog.get_logger()


def tell(tenant: str, state: State) -> int:
    """How many people were told of an alarm: those who may change the rules."""
    if not settings.MAIL_IS_SET_UP or not state.alarm:
        return 0
    people = [
        one
        for one in Person.objects.filter(tenant=tenant, is_active=True)
        if Right.MANAGE_RETENTION in rights_of(one)
    ]
    return sum(_told(one, state) for one in people)


def _told(person: Person, state: State) -> bool:
    house = organisation(person.tenant)
    with translation.override(person.language or house.language or "en"):
        subject = _("%(name)s: the rules of retention were not applied") % {"name": house.name or "Ringbook"}
        lines = {
            "failed": _("The last run failed, so what should be gone by now is still here."),
            "overdue": _(
                "For more than 26 hours no run came to its end, so what should be gone is still here."
            ),
            "paused": _(
                "Somebody paused retention more than 26 hours ago, so what should be gone is still here."
            ),
        }
        text = "\n\n".join(
            filter(None, (lines[state.alarm], state.detail, f"{settings.PUBLIC_URL}/retention/"))
        )
    try:
        send_mail(subject, text, None, [person.email])
    except (SMTPException, OSError) as error:
        log.warning("mail.failed", reason=type(error).__name__)
        return False
    return True
