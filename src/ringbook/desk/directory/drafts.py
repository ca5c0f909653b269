"""What somebody typed about a contact, and the plain form in which a contact's whole state is kept for its history."""

from __future__ import annotations

import re
import uuid
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from ringbook.desk.directory.errors import DraftError
from ringbook.desk.directory.models import Company, Contact, NumberLabel
from ringbook.desk.directory.names import normalised

LONGEST_NAME = 200
LONGEST_TITLE = 120
LONGEST_NOTE = 20_000
MOST_NUMBERS = 50
_MAIL = re.compile(r"[^\s@<>,;\"]+@[^\s@<>,;\"]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


class NumberDraft(msgspec.Struct, frozen=True):
    """A number as it was typed."""

    raw: str
    label: str = NumberLabel.OTHER.value


class ContactDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A contact as it was typed. ``numbers`` None leaves the contact's numbers as they are."""

    name: str
    company: str = ""
    title: str = ""
    emails: tuple[str, ...] = ()
    note: str = ""
    labels: tuple[str, ...] = ()
    owner: str = ""  # a person's id
    numbers: tuple[NumberDraft, ...] | None = ()


class Line(msgspec.Struct, frozen=True):
    """A number as it is kept."""

    number: str
    raw: str
    label: str = NumberLabel.OTHER.value


class State(msgspec.Struct, frozen=True, kw_only=True):
    """All that a contact is, at one time: what its history keeps and what undoing puts back."""

    name: str
    company: str = ""
    title: str = ""
    emails: tuple[str, ...] = ()
    note: str = ""
    labels: tuple[str, ...] = ()
    owner: str = ""
    state: str = "active"
    merged_into: str = ""
    lines: tuple[Line, ...] = ()

    def plain(self) -> dict[str, Any]:
        """As JSON keeps it."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found


def state_of(contact: Contact) -> State:
    """All that the contact is now."""
    return State(
        name=contact.name,
        company=contact.company.name if contact.company else "",
        title=contact.title,
        emails=tuple(contact.emails),
        note=contact.note,
        labels=tuple(contact.labels),
        owner=str(contact.owner_id or ""),
        state=contact.state,
        merged_into=str(contact.merged_into_id or ""),
        lines=tuple(Line(one.number, one.raw, one.label) for one in contact.numbers.all()),
    )


def from_plain(kept: dict[str, Any]) -> State:
    """The state that ``plain`` gave."""
    return msgspec.convert(kept, State, strict=False)


def cleaned(text: str) -> str:
    """The text in one line, without control characters and such as turn the direction of writing."""
    return " ".join(_CONTROL.sub(" ", text).split())


def checked(draft: ContactDraft, country: str, before: State | None = None) -> State:
    """The state that a draft makes of a contact. Raises DraftError, which says what is wrong with which field."""
    wrong: dict[str, str] = {}
    name, company, title = cleaned(draft.name), cleaned(draft.company), cleaned(draft.title)
    if not (name or company):
        wrong["name"] = _("A contact needs a name, or a company.")
    for field, text, most in (
        ("name", name, LONGEST_NAME),
        ("company", company, LONGEST_NAME),
        ("title", title, LONGEST_TITLE),
        ("note", draft.note, LONGEST_NOTE),
    ):
        if len(text) > most:
            wrong[field] = _("This is %(length)s characters long; %(most)s fit.") % {
                "length": len(text),
                "most": most,
            }
    emails = tuple(dict.fromkeys(cleaned(mail).lower() for mail in draft.emails if mail.strip()))
    bad = [mail for mail in emails if not _MAIL.fullmatch(mail) or len(mail) > LONGEST_NAME]
    if bad:
        wrong["emails"] = _("“%(text)s” is no e-mail address.") % {"text": bad[0][:60]}
    if draft.owner and not _is_uuid(draft.owner):
        wrong["owner"] = _("There is no such person.")
    lines = before.lines if before else ()
    if draft.numbers is not None:
        lines = _lines(draft.numbers, country, wrong)
    if wrong:
        raise DraftError(wrong)
    return State(
        name=name or company,
        company=company,
        title=title,
        emails=emails,
        note=_CONTROL.sub("", draft.note.replace("\r\n", "\n")).strip(),
        labels=tuple(dict.fromkeys(cleaned(one)[:40] for one in draft.labels if one.strip()))[:20],
        owner=draft.owner,
        state=before.state if before else "active",
        merged_into=before.merged_into if before else "",
        lines=lines,
    )


def _lines(numbers: tuple[NumberDraft, ...], country: str, wrong: dict[str, str]) -> tuple[Line, ...]:
    found: dict[str, Line] = {}
    for one in numbers:
        raw = cleaned(one.raw)
        if not raw:
            continue
        number = normalised(country, raw) if len(raw) <= LONGEST_RAW else ""
        if not number:
            wrong["numbers"] = _(
                "“%(text)s” is no telephone number: write digits, best with + and the country."
            ) % {"text": raw[:40]}
            continue
        label = one.label if one.label in NumberLabel.values else NumberLabel.OTHER.value
        found.setdefault(number, Line(number, raw, label))
    if len(found) > MOST_NUMBERS:
        wrong["numbers"] = _("%(count)s numbers; a contact has %(most)s at most.") % {
            "count": len(found),
            "most": MOST_NUMBERS,
        }
    return tuple(found.values())


LONGEST_RAW = 80


def haystack(state: State) -> str:
    """What a search by part reads of a contact."""
    told = (state.name, state.company, state.title, *state.emails, *state.labels)
    return "\n".join(text for text in told if text).casefold()


def company_named(tenant: str, name: str) -> Company | None:
    """The company of that name, made if there is none; None for no name."""
    if not name:
        return None
    found = (
        Company.objects.filter(tenant=tenant, sort_name=name.casefold()[:LONGEST_NAME])
        .order_by("made_at")
        .first()
    )
    return found or Company.objects.create(tenant=tenant, name=name, sort_name=name.casefold()[:LONGEST_NAME])


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
