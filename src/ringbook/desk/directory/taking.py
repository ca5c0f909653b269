"""Taking in a file of contacts: looked through first, then written, and undone if need be.

What becomes of each row is decided against the directory as it is, by the same function for the preview and for the
writing: a second run after a crash finds the rows already there and leaves them.
"""

from __future__ import annotations

import unicodedata
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import msgspec
from django.db import transaction

from ringbook.desk.directory import edit, spreadsheets, vcards
from ringbook.desk.directory.drafts import ContactDraft, State, checked, company_named, haystack, state_of
from ringbook.desk.directory.errors import DirectoryError, DraftError
from ringbook.desk.directory.models import (
    Company,
    Contact,
    ContactChange,
    ContactNumber,
    ContactState,
    Import,
)
from ringbook.desk.directory.spreadsheets import Parsed, Problem
from ringbook.desk.directory.sync import queue
from ringbook.desk.governance.audit import Actor, record
from ringbook.desk.organisation.models import organisation

CHUNK = 250
_LINE = "line "  # begins the made-up id of a contact that a row of the file makes
CHOICES = ("merge", "replace", "skip", "new")
"""What can become of a row that the directory seems to have: fill in, overwrite, leave out, or add beside it."""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How a file is to be read and what becomes of what is there already."""

    encoding: str = ""
    mapping: tuple[str, ...] = ()
    known: str = "merge"  # same number or same e-mail
    similar: str = "new"  # same name only
    rows: dict[str, str] = {}  # line → choice, where it differs


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of one row. ``kind``: new, change, same, skip or problem; ``why``: number, email, name, file or a reason."""

    line: int
    kind: str
    why: str = ""
    choice: str = ""
    contact: str = ""  # the contact that is there
    contact_name: str = ""
    state: State | None = None  # what will be written
    text: str = ""


class Read(msgspec.Struct, frozen=True):
    """What a file holds."""

    kind: str  # csv or vcard
    header: list[str]
    mapping: list[str]
    items: list[Parsed | Problem]


def read(data: bytes, options: Options) -> Read:
    """The contacts of a file. Raises FileError when it is none of contacts."""
    text = spreadsheets.text_of(data, options.encoding)
    if vcards.looks_like(text):
        return Read("vcard", [], [], list(vcards.contacts_in(data, text)))
    sheet = spreadsheets.read_sheet(text, options.mapping)
    return Read("csv", sheet.header, sheet.mapping, list(spreadsheets.contacts_in(sheet)))


class _Known:
    """What the directory has, to tell whether a row is somebody already there."""

    def __init__(self, tenant: str) -> None:
        self.tenant = tenant
        self.country = organisation(tenant).country
        self.numbers: dict[str, str] = {
            number: str(contact)
            for number, contact in ContactNumber.objects.filter(tenant=tenant).values_list(
                "number", "contact_id"
            )
        }
        self.mails: dict[str, str] = {}
        self.likes: dict[str, str] = {}
        self.names: dict[str, str] = {}
        self.loaded: dict[str, State] = {}
        rows = Contact.objects.filter(tenant=tenant).exclude(state=ContactState.MERGED)
        for pk, name, mails in rows.values_list("id", "name", "emails").iterator(chunk_size=5_000):
            self.note(str(pk), name, mails)

    def note(self, pk: str, name: str, mails: Iterable[str], numbers: Iterable[str] = ()) -> None:
        """Know one contact more."""
        self.names[pk] = name
        self.likes.setdefault(alike(name), pk)
        for mail in mails:
            self.mails.setdefault(mail, pk)
        for number in numbers:
            self.numbers[number] = pk

    def load(self, states: Iterable[State]) -> None:
        """Have the contacts at hand that these rows seem to be, in one go."""
        there = {pk for state in states if (pk := self.match(state)[0]) and not pk.startswith(_LINE)}
        rows = Contact.objects.select_related("company").prefetch_related("numbers").in_bulk(list(there))
        self.loaded = {str(pk): state_of(contact) for pk, contact in rows.items()}

    def state(self, pk: str) -> State | None:
        """A contact as it is there; None if it went away."""
        if pk not in self.loaded:
            found = Contact.objects.select_related("company").prefetch_related("numbers").filter(pk=pk)
            self.loaded |= {str(contact.pk): state_of(contact) for contact in found}
        return self.loaded.get(pk)

    def match(self, state: State) -> tuple[str, str]:
        """Who the row seems to be, and by what: a number, an e-mail, a name; empty for nobody."""
        for line in state.lines:
            if line.number in self.numbers:
                return self.numbers[line.number], "number"
        for mail in state.emails:
            if mail in self.mails:
                return self.mails[mail], "email"
        like = self.likes.get(alike(state.name), "")
        return (like, "name") if like else ("", "")


def alike(name: str) -> str:
    """What names that mean the same have in common: no case, accents, order, commas."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(char if char.isalnum() else " " for char in plain if not unicodedata.combining(char))
    return " ".join(sorted(letters.split()))


def decided(tenant: str, items: Iterable[Parsed | Problem], options: Options) -> Iterator[Verdict]:
    """What becomes of each row, in order; a row that fits an earlier one of the same file is a change of that one."""
    known = _Known(tenant)
    fresh: dict[str, State] = {}  # rows of this file that will be new contacts, by a made-up id
    rest = iter(items)
    # As many at a time as are written at a time: what an earlier chunk wrote is there when the next is looked at.
    while some := list(islice(rest, CHUNK)):
        read_as = [_read_as(item, known.country) for item in some]
        known.load(state for state in read_as if isinstance(state, State))
        for item, state in zip(some, read_as, strict=True):
            if isinstance(state, State):
                yield _verdict(item.line, state, known, fresh, options)
            else:
                yield state


def _read_as(item: Parsed | Problem, country: str) -> State | Verdict:
    """What a row says, or why it cannot be taken."""
    if isinstance(item, Problem):
        return Verdict(line=item.line, kind="problem", why=item.reason, text=item.text)
    try:
        return checked(_lenient(item.draft), country)
    except DraftError as wrong:
        return Verdict(line=item.line, kind="problem", why=str(wrong), text=_begins(item.draft))


def _verdict(line: int, state: State, known: _Known, fresh: dict[str, State], options: Options) -> Verdict:
    there, why = known.match(state)
    usual = options.similar if why == "name" else options.known
    choice = options.rows.get(str(line), usual) if there else "new"
    if choice not in CHOICES:
        choice = usual
    told = {
        "line": line,
        "why": why,
        "choice": choice,
        "contact": there,
        "contact_name": known.names.get(there, ""),
    }
    if choice == "skip":
        return Verdict(kind="skip", state=state, **told)  # type: ignore[arg-type]
    if choice == "new":
        # A number stays with whom it is: the new contact comes without those that are taken.
        free = tuple(one for one in state.lines if one.number not in known.numbers)
        state = msgspec.structs.replace(state, lines=free)
        pk = f"{_LINE}{line}"
        fresh[pk] = state
        known.note(pk, state.name, state.emails, (one.number for one in free))
        return Verdict(kind="new", state=state, **told)  # type: ignore[arg-type]
    # Numbers that are a third one's stay there.
    lines = tuple(one for one in state.lines if known.numbers.get(one.number, there) == there)
    state = msgspec.structs.replace(state, lines=lines)
    if there in fresh:
        told |= {"why": "file"}
        before = fresh[there]
    else:
        before = known.state(there) or state
    after = edit.merged_state(before, state) if choice == "merge" else _replaced(before, state)
    if there in fresh:
        fresh[there] = after
    known.note(there, after.name, after.emails, (one.number for one in after.lines))
    return Verdict(kind="same" if after == before else "change", state=after, **told)  # type: ignore[arg-type]


def _replaced(before: State, state: State) -> State:
    """What the file says; what it is silent about stays."""
    said = {name: value for name in ("name", "company", "title", "note") if (value := getattr(state, name))}
    for name in ("emails", "labels", "lines"):
        if getattr(state, name):
            said[name] = getattr(state, name)
    return msgspec.structs.replace(before, **said)


def _lenient(draft: ContactDraft) -> ContactDraft:
    """The draft; what stands in the place of a number or an e-mail and is plainly none goes into the note."""
    numbers = tuple(one for one in draft.numbers or () if any(char.isdigit() for char in one.raw))
    mails = tuple(mail for mail in draft.emails if "@" in mail)
    other = [one.raw for one in draft.numbers or () if one not in numbers and one.raw.strip()]
    other += [mail for mail in draft.emails if mail not in mails and mail.strip()]
    note = "\n".join(part for part in (draft.note, *other) if part)
    return msgspec.structs.replace(draft, note=note, emails=mails, numbers=numbers)


def _begins(draft: ContactDraft) -> str:
    return " · ".join(text for text in (draft.name, draft.company) if text)[:80]


Progress = Callable[[int, int], None]


def take_in(
    actor: Actor, taken: Import, items: list[Parsed | Problem], options: Options, progress: Progress
) -> Counter[str]:
    """Write what was decided, a few hundred rows at a time; how many of each kind there were."""
    counts: Counter[str] = Counter()
    chunk: list[Verdict] = []
    made: dict[str, str] = {}
    companies: dict[str, Company | None] = {}
    done = 0
    for verdict in decided(actor.tenant, items, options):
        counts[verdict.kind] += 1
        done += 1
        chunk.append(verdict)
        if len(chunk) >= CHUNK:
            _write(actor, taken, chunk, made, companies)
            chunk = []
            progress(done, len(items))
    _write(actor, taken, chunk, made, companies)
    record(actor, "contacts:imported", f"import:{taken.pk}", **counts)
    progress(done, len(items))
    return counts


@transaction.atomic
def _write(
    actor: Actor,
    taken: Import,
    verdicts: list[Verdict],
    made: dict[str, str],
    companies: dict[str, Company | None],
) -> None:
    """Write a chunk; ``made`` and ``companies`` are what earlier chunks made, and grow."""
    by = edit.person_of(actor)
    contacts: list[Contact] = []
    numbers: list[ContactNumber] = []
    changes: list[ContactChange] = []
    later: list[Verdict] = []
    for verdict in verdicts:
        if verdict.kind == "change":
            later.append(verdict)
        if verdict.kind != "new" or verdict.state is None:
            continue
        state = verdict.state
        if state.company not in companies:
            companies[state.company] = company_named(actor.tenant, state.company)
        contact = Contact(
            tenant=actor.tenant,
            name=state.name,
            sort_name=state.name.casefold()[:200],
            company=companies[state.company],
            title=state.title,
            emails=list(state.emails),
            labels=list(state.labels),
            note=state.note,
            haystack=haystack(state),
        )
        made[f"{_LINE}{verdict.line}"] = str(contact.pk)
        contacts.append(contact)
        numbers += [
            ContactNumber(
                tenant=actor.tenant,
                contact=contact,
                number=one.number,
                raw=one.raw,
                label=one.label,
                place=place,
            )
            for place, one in enumerate(state.lines)
        ]
        after = {**state.plain(), "version": 1}
        changes.append(
            ContactChange(
                tenant=actor.tenant,
                contact=contact,
                by_id=by,
                by_name=actor.name,
                kind="imported",
                after=after,
                part_of=taken,
            )
        )
    Contact.objects.bulk_create(contacts, batch_size=200)
    ContactNumber.objects.bulk_create(numbers, batch_size=200)
    ContactChange.objects.bulk_create(changes, batch_size=200)
    queue(actor.tenant, [one.number for one in numbers])
    for verdict in later:
        edit.put_state(
            actor, made.get(verdict.contact, verdict.contact), verdict.state, "imported", part_of=taken
        )


def undo(actor: Actor, taken: Import, progress: Progress) -> Mapping[str, int]:
    """Take an import back, as far as nobody changed since what it made or changed; how many were, and were not."""
    untouched = taken.changes.filter(before__isnull=True, contact__version=1).order_by("pk")
    changes = taken.changes.filter(undone=False).exclude(before__isnull=True, contact__version=1)
    total = taken.changes.filter(undone=False).count()
    counts: Counter[str] = Counter()
    for pk in list(changes.order_by("-at", "-id").values_list("id", flat=True)):
        counts[_undo_one(actor, pk)] += 1
        if counts.total() % CHUNK == 0:
            progress(counts.total(), total)
    while found := list(untouched.values_list("contact_id", flat=True)[:CHUNK]):
        _take_away(actor.tenant, found)
        counts["undone"] += len(found)
        progress(counts.total(), total)
    record(actor, "contacts:import-undone", f"import:{taken.pk}", **counts)
    return counts


@transaction.atomic
def _take_away(tenant: str, contacts: list[uuid.UUID]) -> None:
    numbers = ContactNumber.objects.filter(contact__in=contacts).values_list("number", flat=True)
    queue(tenant, list(numbers))
    Contact.objects.filter(pk__in=contacts).delete()


def _undo_one(actor: Actor, pk: uuid.UUID) -> str:
    try:
        edit.undo(actor, pk, audited=False)
    except DirectoryError:
        return "kept"
    return "undone"


def preview(verdicts: Iterable[Verdict], show: int = 200) -> dict[str, Any]:
    """What the preview shows: how many of each kind, and the first of each."""
    counts: Counter[str] = Counter()
    shown: dict[str, list[Any]] = {}
    for verdict in verdicts:
        counts[verdict.kind] += 1
        if verdict.why in ("number", "email", "name"):
            counts[f"by_{verdict.why}"] += 1
        kept = shown.setdefault(verdict.kind, [])
        if len(kept) < show:
            kept.append(msgspec.to_builtins(verdict))
    return {"counts": dict(counts), "shown": shown}
