"""Issuing warrants: the one place that makes them, so that whatever is removed for good was decided, by somebody, for a reason.

A warrant is written down, here and in the audit log, before anybody has it in hand.
"""

from __future__ import annotations

import time
import uuid

from django.db import transaction

from ringbook.desk.governance import audit
from ringbook.desk.governance.audit import Actor
from ringbook.desk.retention.models import WarrantIssued
from ringbook.model.errors import AskError
from ringbook.model.warrant import Ground, Warrant

LONGEST_REFERENCE = 200
LONGEST_REASON = 500


class WarrantError(AskError):
    """There is no such warrant, or none can be issued for that."""


def issue(
    tenant: str, ground: Ground, reference: str, reason: str, by: str, *, actor: Actor = audit.SYSTEM
) -> Warrant:
    """A new warrant, written down and audited as ``actor``'s doing. ``by`` is a person's id, or ``rule`` when nobody was asked.

    :raises WarrantError: it does not say what it rests on, or by whom.
    """
    if not reference or not by or len(reference) > LONGEST_REFERENCE:
        raise WarrantError(
            f"a warrant needs a reference of at most {LONGEST_REFERENCE} characters, and who decided"
        )
    with transaction.atomic():
        row = WarrantIssued.objects.create(
            tenant=tenant,
            ground=ground.value,
            reference=reference,
            reason=reason[:LONGEST_REASON],
            by=by,
            issued_at=time.time_ns() // 1000,
        )
        audit.record(
            actor, "warrant:issued", f"warrant:{row.pk}", ground=ground.value, reference=reference, by=by
        )
    return _warrant(row)


def again(tenant: str, warrant_id: str) -> Warrant:
    """The warrant that was issued under this id: for work that goes on after it was interrupted.

    :raises WarrantError: none was.
    """
    try:
        row = WarrantIssued.objects.filter(tenant=tenant, pk=uuid.UUID(warrant_id)).first()
    except ValueError:
        row = None
    if row is None:
        raise WarrantError(f"no warrant {warrant_id!r} was issued")
    return _warrant(row)


def _warrant(row: WarrantIssued) -> Warrant:
    return Warrant(
        id=str(row.pk),
        tenant=row.tenant,
        ground=Ground(row.ground),
        reference=row.reference,
        reason=row.reason,
        by=row.by,
        issued_at=row.issued_at,
    )
