"""Who takes care of somebody who was missed, and whether it is settled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction

from ringbook.analyse.missed import Group
from ringbook.desk.directory import edit
from ringbook.desk.directory.errors import StaleError
from ringbook.desk.directory.models import Callback, CallbackState, ContactNumber
from ringbook.desk.directory.names import names_of
from ringbook.desk.governance.audit import Actor, record
from ringbook.desk.people.models import Person
from ringbook.model.instant import Instant
from ringbook.model.scope import Scope

_PER_QUERY = 500


def contact_party(contact_id: str) -> str:
    """The party that a contact is."""
    return f"contact:{contact_id}"


def call_party(call_id: str) -> str:
    """The party that a caller without a number is: each call its own."""
    return f"call:{call_id}"


def party_of(scope: Scope, number: str, call_id: str) -> str:
    """The party that called from a number on a call: a contact, the number, or the call alone."""
    if not number:
        return call_party(call_id)
    named = names_of(scope, [number]).get(number)
    return contact_party(named.contact_id) if named else number


def groups_of(scope: Scope, numbers: Sequence[str]) -> Mapping[str, Group]:
    """Which of these numbers are a contact's, with all numbers that the contact has."""
    named = names_of(scope, numbers)
    contacts = sorted({who.contact_id for who in named.values()})
    every: dict[str, list[str]] = {contact: [] for contact in contacts}
    for start in range(0, len(contacts), _PER_QUERY):
        rows = ContactNumber.objects.within(scope).filter(contact__in=contacts[start : start + _PER_QUERY])
        for contact, number in rows.values_list("contact_id", "number"):
            every[str(contact)].append(number)
    for number, who in named.items():
        if number not in every[who.contact_id]:
            every[who.contact_id].append(number)  # as the source wrote it
    groups = {
        contact: Group(contact_party(contact), tuple(sorted(numbers))) for contact, numbers in every.items()
    }
    return {number: groups[who.contact_id] for number, who in named.items()}


def callbacks_of(scope: Scope, groups: Iterable[tuple[str, Sequence[str]]]) -> dict[str, Callback]:
    """What was decided about each party, by its key; what was decided when a contact was only a number still holds."""
    asked = {key: (key, *numbers) for key, numbers in groups}
    wanted = sorted({one for keys in asked.values() for one in keys})
    found: dict[str, Callback] = {}
    for start in range(0, len(wanted), _PER_QUERY):
        rows = Callback.objects.within(scope).filter(party__in=wanted[start : start + _PER_QUERY])
        found |= {row.party: row for row in rows.select_related("owner")}
    told = {}
    for key, keys in asked.items():
        decided = [found[one] for one in keys if one in found]
        if decided:
            told[key] = found.get(key) or max(decided, key=lambda row: row.at)
    return told


@transaction.atomic
def assign(actor: Actor, party: str, call_id: str, owner: Person | None, version: int) -> Callback:
    """Give somebody who was missed into a person's care, or into nobody's. Raises StaleError when it was changed since."""
    row = _locked(actor, party, version)
    row.owner = owner
    row.state = CallbackState.OPEN if row.pk is None else row.state
    return _saved(actor, row, "callback:assigned", call_id, owner=str(owner.pk) if owner else "")


@transaction.atomic
def settle(
    actor: Actor,
    party: str,
    call_id: str,
    state: CallbackState,
    until: Instant,
    version: int,
    reason: str = "",
) -> Callback:
    """Have it settled for calls up to an instant, or open again. Raises StaleError when it was changed since."""
    row = _locked(actor, party, version)
    row.state = state
    row.reason = reason[:300]
    row.settled_until = None if state == CallbackState.OPEN else until
    return _saved(actor, row, f"callback:{state.value}", call_id)


def put_back(actor: Actor, party: str, call_id: str, was: Mapping[str, object], version: int) -> Callback:
    """Make it what it was before a change. Raises StaleError when it was changed since."""
    with transaction.atomic():
        row = _locked(actor, party, version)
        row.owner = (
            Person.objects.filter(tenant=actor.tenant, pk=was["owner"]).first() if was["owner"] else None
        )
        row.state = str(was["state"])
        row.reason = str(was["reason"])
        row.settled_until = was["settled_until"]  # type: ignore[assignment]
        return _saved(actor, row, "callback:undone", call_id)


def kept(row: Callback | None) -> dict[str, object]:
    """What ``put_back`` needs to make it this again."""
    if row is None:
        return {"owner": "", "state": CallbackState.OPEN.value, "reason": "", "settled_until": None}
    return {
        "owner": str(row.owner_id or ""),
        "state": row.state,
        "reason": row.reason,
        "settled_until": row.settled_until,
    }


def _locked(actor: Actor, party: str, version: int) -> Callback:
    row: Callback | None = (
        Callback.objects.select_for_update().filter(tenant=actor.tenant, party=party).first()
    )
    if row is None:
        return Callback(tenant=actor.tenant, party=party, version=0)
    if row.version != version:
        raise StaleError(row.version)
    return row


def _saved(actor: Actor, row: Callback, action: str, call_id: str, **detail: str) -> Callback:
    row.by_id = edit.person_of(actor)
    row.by_name = actor.name
    row.version += 1
    row.save()
    record(actor, action, f"call:{call_id}", **detail)
    return row
