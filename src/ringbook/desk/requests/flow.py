"""The steps of a request: prepared by one person, decided by another, carried out, and wiped of who it was about.

Each step looks at the state that stands in the database, not at what a page showed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from ringbook.desk.governance import audit
from ringbook.desk.governance.audit import Actor
from ringbook.desk.people.access import rights_of
from ringbook.desk.people.models import Person
from ringbook.desk.people.roles import Right
from ringbook.desk.requests.errors import RequestDraftError, RequestStateError
from ringbook.desk.requests.models import Basis, PersonRequest, RequestKind, RequestState
from ringbook.desk.requests.written import merged, of
from ringbook.model.scope import Scope

DUE_AFTER = timedelta(days=30)
"""A month, as most laws have it."""


def begin(
    actor: Actor,
    scope: Scope,
    person: Person | None,
    *,
    kind: RequestKind,
    subject: str,
    received_on: date,
    due_on: date | None = None,
) -> PersonRequest:
    """A new request, to be prepared.

    :raises RequestDraftError: it does not say who asked.
    """
    if not subject.strip():
        raise RequestDraftError(_("Say who asks: a name, a number or an address."))
    row = PersonRequest.objects.create(
        tenant=scope.tenant,
        kind=kind,
        subject=subject.strip()[:200],
        received_on=received_on,
        due_on=due_on or received_on + DUE_AFTER,
        basis=Basis.ACCESS if kind == RequestKind.ACCESS else "",
        made_by=person,
        made_by_name=actor.name[:120],
    )
    audit.record(actor, "request:begun", _subject(row), kind=row.kind, due_on=str(row.due_on))
    return row


def identify(row: PersonRequest, more: list[tuple[str, str]]) -> PersonRequest:
    """The request with more numbers, names, addresses or contacts of the person.

    :raises RequestStateError: it is not being prepared any more.
    """
    with _draft(row) as fresh:
        fresh.identifiers = msgspec.to_builtins(merged(of(fresh.identifiers), more))
        fresh.save(update_fields=["identifiers"])
        return fresh


def forget(row: PersonRequest, kind: str, text: str) -> PersonRequest:
    """The request without one of them."""
    with _draft(row) as fresh:
        told = msgspec.to_builtins(of(fresh.identifiers))
        if kind in told and isinstance(told[kind], list | tuple):
            told[kind] = [one for one in told[kind] if one != text]
        fresh.identifiers = told
        fresh.save(update_fields=["identifiers"])
        return fresh


def count_names(row: PersonRequest, *, by_name: bool) -> PersonRequest:
    """The request, with calls of the name alone being the person's, or not."""
    with _draft(row) as fresh:
        fresh.identifiers = {**msgspec.to_builtins(of(fresh.identifiers)), "by_name": by_name}
        fresh.save(update_fields=["identifiers"])
        return fresh


def submit(
    actor: Actor,
    row: PersonRequest,
    person: Person | None,
    *,
    basis: str,
    reason: str,
    preview: dict[str, Any],
) -> PersonRequest:
    """The request as it waits for a second person.

    :raises RequestDraftError: nobody is identified, or no basis is given.
    """
    with _draft(row) as fresh:
        if not of(fresh.identifiers):
            raise RequestDraftError(_("Add at least one number, name, address or contact of the person."))
        if basis not in Basis.values:
            raise RequestDraftError(_("Choose why the person may ask that."))
        if basis == Basis.OTHER and not reason.strip():
            raise RequestDraftError(_("Say what the other reason is."))
        fresh.state, fresh.basis, fresh.reason = RequestState.WAITING, basis, reason.strip()[:2_000]
        fresh.made_by, fresh.made_by_name = person, actor.name[:120]  # who submits is who must not decide
        fresh.submitted_at, fresh.preview = datetime.now(UTC), preview
        fresh.version += 1
        fresh.save()
        audit.record(actor, "request:submitted", _subject(fresh), kind=fresh.kind, basis=basis)
        return fresh


def may_decide(row: PersonRequest, person: Person | None) -> bool:
    """Whether somebody may say yes or no: another person than the one who asked, with the right to."""
    if person is None or row.state != RequestState.WAITING or row.made_by_id in (None, person.pk):
        return False
    needed = Right.ERASE if row.kind == RequestKind.ERASURE else Right.HANDLE_REQUESTS
    return needed in rights_of(person)


def confirm(actor: Actor, row: PersonRequest, person: Person, typed: str) -> PersonRequest:
    """The request as it runs.

    :raises RequestStateError: it does not wait, or this person may not decide.
    :raises RequestDraftError: what was typed is not its reference.
    """
    with _locked(row) as fresh:
        _decidable(fresh, person)
        if typed.strip().upper() != fresh.reference:
            raise RequestDraftError(
                _("Type the reference exactly: %(reference)s") % {"reference": fresh.reference}
            )
        _decide(actor, fresh, person, RequestState.RUNNING, "")
        audit.record(actor, "request:confirmed", _subject(fresh), kind=fresh.kind)
        return fresh


def decline(actor: Actor, row: PersonRequest, person: Person, reason: str) -> PersonRequest:
    """The request as it was declined; the person has to be told why.

    :raises RequestDraftError: no reason is given.
    """
    with _locked(row) as fresh:
        _decidable(fresh, person)
        if not reason.strip():
            raise RequestDraftError(_("Say why it is declined: the person has a right to know."))
        _decide(actor, fresh, person, RequestState.DECLINED, reason.strip()[:2_000])
        audit.record(actor, "request:declined", _subject(fresh), kind=fresh.kind)
        return fresh


def withdraw(actor: Actor, row: PersonRequest) -> PersonRequest:
    """The request as it was taken back before anybody decided."""
    with _locked(row) as fresh:
        if fresh.state not in (RequestState.DRAFT, RequestState.WAITING):
            raise RequestStateError(_("It was decided already."))
        fresh.state, fresh.finished_at = RequestState.WITHDRAWN, datetime.now(UTC)
        fresh.version += 1
        fresh.save()
        audit.record(actor, "request:withdrawn", _subject(fresh), kind=fresh.kind)
        return fresh


def again(actor: Actor, row: PersonRequest) -> PersonRequest:
    """A request that waited for a hold, as it runs again for what the hold kept."""
    with _locked(row) as fresh:
        if fresh.state != RequestState.HELD:
            raise RequestStateError(_("It does not wait for a hold."))
        fresh.state = RequestState.RUNNING
        fresh.save(update_fields=["state"])
        audit.record(actor, "request:resumed", _subject(fresh))
        return fresh


def _decidable(row: PersonRequest, person: Person) -> None:
    if row.state != RequestState.WAITING:
        raise RequestStateError(_("It does not wait for a decision any more."))
    if row.made_by_id == person.pk:
        raise RequestStateError(_("Whoever asked for it cannot decide: a second person has to."))
    if not may_decide(row, person):
        raise RequestStateError(_("Your role may not decide this."))


def _decide(actor: Actor, row: PersonRequest, person: Person, state: RequestState, reason: str) -> None:
    row.state, row.decision_reason = state, reason
    row.decided_by, row.decided_by_name, row.decided_at = person, actor.name[:120], datetime.now(UTC)
    if state == RequestState.DECLINED:
        row.finished_at = row.decided_at
    row.version += 1
    row.save()


@contextmanager
def _locked(row: PersonRequest) -> Iterator[PersonRequest]:
    """A request as it stands in the database, that nobody else changes meanwhile."""
    with transaction.atomic():
        yield PersonRequest.objects.select_for_update().get(pk=row.pk)


@contextmanager
def _draft(row: PersonRequest) -> Iterator[PersonRequest]:
    """The same, of a request that is being prepared."""
    with _locked(row) as fresh:
        if fresh.state != RequestState.DRAFT:
            raise RequestStateError(_("It was submitted already and cannot be changed."))
        yield fresh


def _subject(row: PersonRequest) -> str:
    return f"request:{row.pk}"
