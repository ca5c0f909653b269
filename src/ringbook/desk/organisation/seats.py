"""Who sits where: seats that never overlap for one extension."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from ringbook.desk.governance import audit
from ringbook.desk.governance.audit import Actor
from ringbook.desk.people.models import Person, Seat
from ringbook.model.errors import AskError


class SeatTakenError(AskError):
    """Somebody else sits at the extension at that time; ``seat`` is theirs."""

    def __init__(self, seat: Seat) -> None:
        super().__init__(
            f"{seat.person} sits at {seat.extension} {span_text(seat)}; end that seat first, or choose another day"
        )
        self.seat = seat


class SeatSpanError(AskError):
    """A seat ends before it begins."""


def span_text(seat: Seat) -> str:
    """From when until when somebody sits there, in words."""
    since = f"since {seat.since:%Y-%m-%d}" if seat.since else "from the beginning"
    return f"{since} until {seat.until:%Y-%m-%d}" if seat.until else since


def seat_person(
    actor: Actor, extension: str, person: Person, since: datetime | None, until: datetime | None
) -> Seat:
    """The new seat. Raises :class:`SeatTakenError` or :class:`SeatSpanError`."""
    with transaction.atomic():
        _check(actor.tenant, extension, since, until)
        seat = Seat.objects.create(
            tenant=actor.tenant, extension=extension, person=person, since=since, until=until
        )
        audit.record(actor, "seat:taken", f"person:{person.pk}", seat=str(seat.pk))
    return seat


def change_seat(actor: Actor, seat: Seat, since: datetime | None, until: datetime | None) -> Seat:
    """The seat with another beginning and end. Raises :class:`SeatTakenError` or :class:`SeatSpanError`."""
    with transaction.atomic():
        _check(seat.tenant, seat.extension, since, until, but=seat)
        seat.since, seat.until = since, until
        seat.save(update_fields=["since", "until"])
        audit.record(actor, "seat:changed", f"person:{seat.person_id}", seat=str(seat.pk))
    return seat


def _check(
    tenant: str, extension: str, since: datetime | None, until: datetime | None, but: Seat | None = None
) -> None:
    if since and until and until <= since:
        raise SeatSpanError(_("the seat ends before it begins; choose a later end"))
    others = Seat.objects.select_for_update().filter(tenant=tenant, extension=extension)
    if until:
        others = others.filter(Q(since=None) | Q(since__lt=until))
    if since:
        others = others.filter(Q(until=None) | Q(until__gt=since))
    if but:
        others = others.exclude(pk=but.pk)
    taken = others.select_related("person").first()
    if taken:
        raise SeatTakenError(taken)
