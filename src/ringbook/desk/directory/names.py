"""Reading the directory: whose number it is, which numbers somebody has, who fits what was typed."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec
from django.db.models import Q

from ringbook.desk.base import OfTenantQuerySet
from ringbook.desk.directory.models import Contact, ContactNumber, ContactState
from ringbook.desk.organisation.models import organisation
from ringbook.model.scope import Scope
from ringbook.normalise.numbers import e164

SHORTEST = 3
LONGEST = 20
_LETTERS = re.compile(r"[^\W\d_]")
_EXTENSION = re.compile(r"(?i)\s*(?:;ext=|ext\.?|extension|x|#)\s*\d{1,6}\s*$")
_PER_QUERY = 500


class Named(msgspec.Struct, frozen=True):
    """Who a number belongs to."""

    contact_id: str
    name: str
    company: str = ""
    company_id: str = ""


def normalised(country: str, text: str) -> str:
    """The number as the directory keeps it: E.164 where it can be, else its digits; ``""`` when the text is no number.

    ``country`` is the one whose dialling rules the writer used (ISO 3166), as the organisation has it.
    """
    plain = _EXTENSION.sub("", text.strip().removeprefix("tel:").strip())
    if _LETTERS.search(plain):
        return ""
    if plain.startswith("00") and not e164(plain, country):
        plain = "+" + plain[2:]
    found = e164(plain, country)
    if found:
        return found
    digits = re.sub(r"\D", "", plain)
    if not SHORTEST <= len(digits) <= LONGEST:
        return ""
    return f"+{digits}" if plain.startswith("+") else digits


def names_of(scope: Scope, numbers: Iterable[str]) -> dict[str, Named]:
    """Who each of these numbers belongs to, keyed by the number as asked; numbers that nobody has are left out."""
    country = organisation(scope.tenant).country
    asked = {number: normalised(country, number) or number for number in set(numbers) if number}
    wanted = sorted({*asked.values(), *asked})
    found: dict[str, Named] = {}
    for start in range(0, len(wanted), _PER_QUERY):
        rows = (
            ContactNumber.objects.within(scope)
            .filter(number__in=wanted[start : start + _PER_QUERY])
            .values_list(
                "number", "contact_id", "contact__name", "contact__company_id", "contact__company__name"
            )
        )
        for number, contact, name, company_id, company in rows:
            found[number] = Named(str(contact), name, company or "", str(company_id or ""))
    return {
        number: found.get(number) or found[key]
        for number, key in asked.items()
        if number in found or key in found
    }


def numbers_of(contact: Contact) -> list[str]:
    """All numbers of a contact, in their order."""
    return [one.number for one in contact.numbers.all()]


def contact_of(scope: Scope, number: str) -> Contact | None:
    """Whose number it is; None when nobody has it."""
    named = names_of(scope, [number]).get(number)
    return Contact.objects.within(scope).filter(pk=named.contact_id).first() if named else None


def calls_query(numbers: Iterable[str]) -> str:
    """The question that finds the calls with any of these numbers, for the page of calls; ``""`` without numbers."""
    told = [number for number in numbers if number]
    return f"number:{','.join(told)}" if told else ""


def matching(scope: Scope, text: str) -> OfTenantQuerySet:
    """The contacts in use whose name, company, e-mail, title, label or number has every word of the text.

    A masked reader finds none by digits of a number.
    """
    found = Contact.objects.within(scope).filter(state=ContactState.ACTIVE)
    for word in text.casefold().split()[:8]:
        fits = Q(haystack__contains=word)
        digits = re.sub(r"\D", "", word)
        if len(digits) >= SHORTEST and not scope.masked and not _LETTERS.search(word):
            having = ContactNumber.objects.within(scope).filter(number__contains=digits.lstrip("0") or digits)
            fits |= Q(pk__in=having.values("contact_id"))
        found = found.filter(fits)
    return found


def search_contacts(scope: Scope, text: str, limit: int = 8) -> list[Contact]:
    """The first few contacts that fit what was typed so far, by name."""
    return list(matching(scope, text).select_related("company").order_by("sort_name", "id")[:limit])
