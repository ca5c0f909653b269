"""Changing contacts: every change is kept in the contact's history, audited, and queued for the ledger's search copy."""

from __future__ import annotations

import uuid

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from ringbook.desk.directory.drafts import (
    ContactDraft,
    Line,
    NumberDraft,
    State,
    checked,
    company_named,
    from_plain,
    haystack,
    state_of,
)
from ringbook.desk.directory.errors import DirectoryError, NumberTakenError, StaleError, UndoError
from ringbook.desk.directory.models import Contact, ContactChange, ContactNumber, ContactState, Import
from ringbook.desk.directory.sync import queue
from ringbook.desk.governance.audit import Actor, record
from ringbook.desk.organisation.models import organisation
from ringbook.desk.people.models import Person


@transaction.atomic
def add_contact(actor: Actor, draft: ContactDraft, *, move: bool = False) -> Contact:
    """The new contact.

    :raises DraftError: what was typed cannot be a contact.
    :raises NumberTakenError: one of the numbers is another contact's, and ``move`` does not say to take it from there.
    """
    state = checked(draft, organisation(actor.tenant).country)
    contact = Contact(tenant=actor.tenant)
    _claim(actor, contact, state.lines, move=move)
    _put(contact, state, new=True)
    _keep(actor, contact, "added", None)
    record(actor, "contact:added", f"contact:{contact.pk}")
    return contact


@transaction.atomic
def change_contact(
    actor: Actor, contact_id: uuid.UUID | str, version: int, draft: ContactDraft, *, move: bool = False
) -> Contact:
    """The contact as changed.

    :raises StaleError: somebody changed it since this version.
    :raises DraftError: what was typed cannot be a contact.
    :raises NumberTakenError: a number is another contact's, and ``move`` does not say to take it from there.
    """
    contact = _locked(actor, contact_id, version)
    before = state_of(contact)
    state = checked(draft, organisation(actor.tenant).country, before)
    if state == before:
        return contact
    _claim(actor, contact, state.lines, move=move)
    _put(contact, state)
    _keep(actor, contact, "changed", before)
    record(actor, "contact:changed", f"contact:{contact.pk}")
    return contact


@transaction.atomic
def add_number(
    actor: Actor, contact_id: uuid.UUID | str, raw: str, label: str = "other", *, move: bool = False
) -> Contact:
    """The contact with one number more; raises as ``change_contact`` does."""
    contact = _locked(actor, contact_id, None)
    before = state_of(contact)
    [line] = checked(
        ContactDraft(name="-", numbers=(NumberDraft(raw or "?", label),)), organisation(actor.tenant).country
    ).lines
    if line.number in {one.number for one in before.lines}:
        return contact
    _claim(actor, contact, (line,), move=move)
    _put(contact, _with(before, lines=(*before.lines, line)))
    _keep(actor, contact, "changed", before)
    record(actor, "contact:changed", f"contact:{contact.pk}")
    return contact


@transaction.atomic
def merge(actor: Actor, into_id: uuid.UUID | str, other_id: uuid.UUID | str) -> ContactChange:
    """The change by which one contact took over another's numbers and details; it can be undone.

    What both say differently stays as the first has it; the other's note goes below.
    """
    into, other = _locked(actor, into_id, None), _locked(actor, other_id, None)
    if into.pk == other.pk:
        raise DirectoryError(_("A contact cannot be merged with itself."))
    before, theirs = state_of(into), state_of(other)
    _put(other, _with(theirs, state=ContactState.MERGED.value, merged_into=str(into.pk), lines=()))
    _put(into, merged_state(before, theirs))
    _keep(actor, other, "merged", theirs, other=into.pk)
    change = _keep(actor, into, "merged", before, other=other.pk)
    record(actor, "contact:merged", f"contact:{into.pk}", other=str(other.pk))
    return change


def merged_state(ours: State, theirs: State) -> State:
    """What a contact is once it took over another."""
    known = {line.number for line in ours.lines}
    notes = [note for note in dict.fromkeys((ours.note, theirs.note)) if note]
    return _with(
        ours,
        company=ours.company or theirs.company,
        title=ours.title or theirs.title,
        owner=ours.owner or theirs.owner,
        emails=tuple(dict.fromkeys((*ours.emails, *theirs.emails))),
        labels=tuple(dict.fromkeys((*ours.labels, *theirs.labels))),
        note="\n\n".join(notes),
        lines=(*ours.lines, *(line for line in theirs.lines if line.number not in known)),
    )


@transaction.atomic
def set_archived(actor: Actor, contact_id: uuid.UUID | str, *, archived: bool) -> ContactChange:
    """The change by which a contact was put away, or taken out again; its numbers keep their name."""
    contact = _locked(actor, contact_id, None)
    before = state_of(contact)
    if contact.state == ContactState.MERGED:
        raise DirectoryError(_("This contact was merged into another: undo the merge in its history."))
    _put(contact, _with(before, state=(ContactState.ARCHIVED if archived else ContactState.ACTIVE).value))
    kind = "archived" if archived else "restored"
    change = _keep(actor, contact, kind, before)
    record(actor, f"contact:{kind}", f"contact:{contact.pk}")
    return change


@transaction.atomic
def delete(actor: Actor, contact_id: uuid.UUID | str, *, audited: bool = True) -> None:
    """Take a contact away for good, with its history; calls with its numbers no longer have a name from it."""
    contact = _locked(actor, contact_id, None)
    queue(contact.tenant, [line.number for line in state_of(contact).lines])
    pk = contact.pk
    contact.delete()
    if audited:
        record(actor, "contact:deleted", f"contact:{pk}")


@transaction.atomic
def undo(actor: Actor, change_id: uuid.UUID | str, *, audited: bool = True) -> Contact | None:
    """Put back what a change did; None when that takes the contact away, since the change had made it.

    ``audited`` False is for undoing many, which is audited as one.

    :raises UndoError: the contact was changed since.
    """
    change = ContactChange.objects.filter(tenant=actor.tenant, pk=change_id).select_related("contact").first()
    if change is None:
        raise UndoError(_("This change is no longer kept."))
    contact = _locked(actor, change.contact_id, None)
    if not _is_last(change):
        raise UndoError(
            _("%(name)s was changed since; undo that first, or edit it.") % {"name": contact.name}
        )
    if change.before is None:
        delete(actor, contact.pk, audited=audited)
        return None
    if change.kind == "merged":
        _unmerge(actor, contact, change)
    before = state_of(contact)
    _put_back(contact, from_plain(change.before))
    ContactChange.objects.filter(pk=change.pk).update(undone=True)
    _keep(actor, contact, "undone", before)
    if audited:
        record(actor, "contact:undone", f"contact:{contact.pk}", kind=change.kind)
    return contact


def put_state(
    actor: Actor,
    contact_id: uuid.UUID | str,
    state: State | None,
    kind: str,
    *,
    part_of: Import | None = None,
) -> None:
    """Make a contact what a state says, as part of an import that is audited as one; nothing if the contact is gone."""
    contact = Contact.objects.select_for_update().filter(tenant=actor.tenant, pk=contact_id).first()
    if contact is None or state is None:
        return
    before = state_of(contact)
    held = _takers(contact, state.lines)
    state = _with(state, lines=tuple(line for line in state.lines if line.number not in held))
    _put(contact, state)
    _keep(actor, contact, kind, before, part_of=part_of)


def _unmerge(actor: Actor, contact: Contact, change: ContactChange) -> None:
    """Give the other contact of a merge back what it had; the change may stand in either one's history."""
    mirror = (
        ContactChange.objects.filter(
            tenant=actor.tenant, contact_id=change.other, kind="merged", other=contact.pk
        )
        .order_by("-at")
        .first()
    )
    if mirror is None or mirror.before is None:
        raise UndoError(_("The other contact of this merge is gone."))
    other = _locked(actor, mirror.contact_id, None)
    if not _is_last(mirror):
        raise UndoError(_("%(name)s was changed since; undo that first, or edit it.") % {"name": other.name})
    was = state_of(other)
    ours = from_plain(change.before or {})
    # Numbers leave the one before the other takes them: a number is never two contacts'.
    ContactNumber.objects.filter(contact__in=(contact, other)).delete()
    _put_back(other, from_plain(mirror.before))
    _forget_numbers(contact)
    ContactChange.objects.filter(pk=mirror.pk).update(undone=True)
    _keep(actor, other, "undone", was)
    queue(actor.tenant, [line.number for line in ours.lines])


def _is_last(change: ContactChange) -> bool:
    """Whether nothing was changed after it that still stands."""
    standing = ContactChange.objects.filter(contact_id=change.contact_id, undone=False).exclude(kind="undone")
    return standing.order_by("-at", "-id").values_list("pk", flat=True).first() == change.pk


def _put_back(contact: Contact, state: State) -> None:
    taken = _takers(contact, state.lines)
    if taken:
        number, holder = next(iter(taken.items()))
        raise UndoError(_("%(number)s belongs to %(name)s by now.") % {"number": number, "name": holder.name})
    _put(contact, state)


def _with(state: State, /, **changes: object) -> State:
    return msgspec.structs.replace(state, **changes)


def _locked(actor: Actor, contact_id: uuid.UUID | str, version: int | None) -> Contact:
    contact: Contact | None = (
        Contact.objects.select_for_update().filter(tenant=actor.tenant, pk=contact_id).first()
    )
    if contact is None:
        raise UndoError(_("This contact is gone: somebody deleted it."))
    if version is not None and contact.version != version:
        raise StaleError(contact.version)
    return contact


def _takers(contact: Contact, lines: tuple[Line, ...]) -> dict[str, Contact]:
    """Which of the numbers are another contact's, and whose."""
    rows = (
        ContactNumber.objects.filter(tenant=contact.tenant, number__in=[line.number for line in lines])
        .exclude(contact_id=contact.pk)
        .select_related("contact")
    )
    return {row.number: row.contact for row in rows}


def _claim(actor: Actor, contact: Contact, lines: tuple[Line, ...], *, move: bool) -> None:
    """Make numbers free to be this contact's; raises NumberTakenError for one that is not to be moved."""
    for number, holder in _takers(contact, lines).items():
        if not move:
            raise NumberTakenError(number, holder)
        loser = _locked(actor, holder.pk, None)
        before = state_of(loser)
        _put(loser, _with(before, lines=tuple(line for line in before.lines if line.number != number)))
        _keep(actor, loser, "changed", before)
        record(actor, "contact:changed", f"contact:{loser.pk}")


def _put(contact: Contact, state: State, *, new: bool = False) -> None:
    """Make the contact what the state says, numbers included."""
    contact.name = state.name
    contact.sort_name = state.name.casefold()[:200]
    contact.company = company_named(contact.tenant, state.company)
    contact.title = state.title
    contact.emails = list(state.emails)
    contact.note = state.note
    contact.labels = list(state.labels)
    contact.owner = (
        Person.objects.filter(tenant=contact.tenant, pk=state.owner).first() if state.owner else None
    )
    contact.state = state.state
    contact.merged_into_id = uuid.UUID(state.merged_into) if state.merged_into else None
    contact.haystack = haystack(state)
    contact.version = 1 if new else contact.version + 1
    contact.save(force_insert=new)
    _put_numbers(contact, state.lines)


def _put_numbers(contact: Contact, lines: tuple[Line, ...]) -> None:
    had = (
        [] if contact.version == 1 else [one.number for one in ContactNumber.objects.filter(contact=contact)]
    )
    ContactNumber.objects.filter(contact=contact).delete()
    ContactNumber.objects.bulk_create(
        ContactNumber(
            tenant=contact.tenant,
            contact=contact,
            number=line.number,
            raw=line.raw,
            label=line.label,
            place=place,
        )
        for place, line in enumerate(lines)
    )
    _forget_numbers(contact)
    queue(contact.tenant, [*had, *(line.number for line in lines)])


def _forget_numbers(contact: Contact) -> None:
    getattr(contact, "_prefetched_objects_cache", {}).pop("numbers", None)


def _keep(
    actor: Actor,
    contact: Contact,
    kind: str,
    before: State | None,
    *,
    other: uuid.UUID | None = None,
    part_of: Import | None = None,
) -> ContactChange:
    """The entry of the contact's history about what it has become."""
    return ContactChange.objects.create(
        tenant=contact.tenant,
        contact=contact,
        by_id=person_of(actor),
        by_name=actor.name,
        kind=kind,
        before=before.plain() if before else None,
        after={**state_of(contact).plain(), "version": contact.version},
        other=other,
        part_of=part_of,
    )


def person_of(actor: Actor) -> uuid.UUID | None:
    """The id of the person who acts; None for a program."""
    kind, _, name = actor.id.partition(":")
    return uuid.UUID(name) if kind == "person" and name else None
