"""Finding who a person is: from a number, a name, an address or a contact to all numbers and names that may be theirs.

Nothing is taken for granted: these are candidates, with where each comes from and how many calls it is on. A person decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from ringbook.desk.directory.models import Contact, ContactNumber
from ringbook.desk.directory.names import normalised
from ringbook.desk.organisation.models import OurNumber, organisation
from ringbook.desk.requests.written import SHORTEST, Finder, Identifiers, core
from ringbook.desk.wiring import ledger
from ringbook.model.scope import Scope

MOST = 60
"""Candidates of each kind that are offered."""

_NUMBERS = """
SELECT number, count() AS calls
FROM calls FINAL ARRAY JOIN numbers AS number
WHERE {scope} AND hasAny(tails, {tails:Array(String)}) AND endsWith(number, {core:String})
GROUP BY number ORDER BY calls DESC, number LIMIT {most:UInt32}
"""
_NUMBERS_OF_NAME = """
SELECT number, count() AS calls FROM
(
    SELECT from_number AS number FROM calls FINAL WHERE {scope} AND lower(from_name) = lower({name:String})
    UNION ALL
    SELECT to_number AS number FROM calls FINAL WHERE {scope} AND lower(to_name) = lower({name:String})
)
WHERE number != '' GROUP BY number ORDER BY calls DESC, number LIMIT {most:UInt32}
"""
_NAMES_OF_NUMBERS = """
SELECT name, count() AS calls FROM
(
    SELECT from_name AS name FROM calls FINAL WHERE {scope} AND from_number IN {numbers:Array(String)}
    UNION ALL
    SELECT to_name AS name FROM calls FINAL WHERE {scope} AND to_number IN {numbers:Array(String)}
)
WHERE name != '' GROUP BY name ORDER BY calls DESC, name LIMIT {most:UInt32}
"""


class Candidate(msgspec.Struct, frozen=True):
    """Something that may be the person's: ``kind`` is numbers, names, emails or contacts; ``text`` what is kept of it.

    ``sure`` when it follows from what was asked; else it has to be looked at.
    """

    kind: str
    text: str
    shown: str
    why: str  # asked, contact, directory, caller, ending
    calls: int | None = None
    sure: bool = True


def candidates(scope: Scope, asked: str) -> list[Candidate]:
    """What may be the person's, by a number, a name, an e-mail address or the id of a contact; the surest first."""
    told = asked.strip()
    if not told:
        return []
    whole = scope.whole()
    found: dict[tuple[str, str], Candidate] = {}

    def offer(some: Iterable[Candidate]) -> None:
        for one in some:
            before = found.setdefault((one.kind, one.text), one)
            if one.sure and not before.sure:
                found[one.kind, one.text] = msgspec.structs.replace(before, sure=True)

    number = normalised(organisation(scope.tenant).country, told)
    if number:
        offer(_by_number(whole, number))
    else:
        offer(_by_text(whole, told))
    for one in [one for one in found.values() if one.kind == "contacts"]:
        offer(_of_contact(whole, one.text, sure=one.sure))
    sure = [one.text for one in found.values() if one.kind == "numbers" and one.sure]
    offer(_names(whole, sure))
    ours = _ours(whole)
    return [one for one in found.values() if one.kind != "numbers" or one.text not in ours]


def _by_number(scope: Scope, number: str) -> Iterable[Candidate]:
    yield Candidate("numbers", number, number, "asked")
    digits = core(number)
    if len(digits) >= SHORTEST:
        params = {"tails": [digits[-7:]], "core": digits, "most": MOST}
        rows = ledger().query_rows(scope, _NUMBERS, params) if len(digits) >= 7 else []
        for text, calls in rows:
            yield Candidate("numbers", str(text), str(text), "ending", int(calls), _same(str(text), number))
    for one in ContactNumber.objects.within(scope).filter(number=number).select_related("contact"):
        yield Candidate("contacts", str(one.contact_id), one.contact.name, "directory")


def _same(text: str, number: str) -> bool:
    """Whether a number in a call is the one asked for, but for what is dialled before it: not another country's."""
    return text == number or not text.startswith("+") or not number.startswith("+")


def _by_text(scope: Scope, told: str) -> Iterable[Candidate]:
    if "@" in told and " " not in told:
        yield Candidate("emails", told, told, "asked")
        for contact in Contact.objects.within(scope).filter(haystack__contains=told.casefold())[:MOST]:
            sure = told.casefold() in (one.casefold() for one in contact.emails)
            yield Candidate("contacts", str(contact.pk), contact.name, "directory", None, sure)
        return
    yield Candidate("names", told, told, "asked")
    for contact in Contact.objects.within(scope).filter(sort_name__contains=told.casefold())[:MOST]:
        sure = contact.name.casefold() == told.casefold()
        yield Candidate("contacts", str(contact.pk), contact.name, "directory", None, sure)
    for text, calls in ledger().query_rows(scope, _NUMBERS_OF_NAME, {"name": told, "most": MOST}):
        yield Candidate("numbers", str(text), str(text), "caller", int(calls), False)


def _of_contact(scope: Scope, contact_id: str, *, sure: bool) -> Iterable[Candidate]:
    contact = Contact.objects.within(scope).filter(pk=contact_id).prefetch_related("numbers").first()
    if contact is None:
        return
    yield Candidate("names", contact.name, contact.name, "contact", None, sure)
    for email in contact.emails:
        yield Candidate("emails", email, email, "contact", None, sure)
    for number in contact.numbers.all():
        yield Candidate("numbers", number.number, number.number, "contact", None, sure)


def _names(scope: Scope, numbers: list[str]) -> Iterable[Candidate]:
    if not numbers:
        return
    for name, calls in ledger().query_rows(scope, _NAMES_OF_NUMBERS, {"numbers": numbers, "most": MOST}):
        if re.search(r"[^\W\d_]", str(name)):
            yield Candidate("names", str(name), str(name), "caller", int(calls), False)


def _ours(scope: Scope) -> set[str]:
    """Numbers of the organisation itself: nobody outside can ask to have them forgotten."""
    return set(OurNumber.objects.within(scope).values_list("number", flat=True))


class Calls(msgspec.Struct, frozen=True):
    """Whose calls they are: by a number of the person, by a name without a number, and by a raw record alone."""

    by_number: tuple[str, ...] = ()
    by_name: tuple[str, ...] = ()
    by_record: tuple[str, ...] = ()

    @property
    def all(self) -> list[str]:
        """All of them, each once."""
        return list(dict.fromkeys((*self.by_number, *self.by_name, *self.by_record)))


_BY_NUMBER = """
SELECT toString(id) FROM calls FINAL
WHERE {scope} AND (hasAny(numbers, {numbers:Array(String)}) OR multiSearchAny(detail, {ways:Array(String)}))
ORDER BY opened_at, id
"""
_BY_NAME = """
SELECT toString(id) FROM calls FINAL
WHERE {scope} AND multiSearchAnyCaseInsensitiveUTF8(detail, {names:Array(String)})
ORDER BY opened_at, id
"""
_FRAMES = """
SELECT hex(id) FROM frames FINAL
WHERE tenant = {tenant:String} AND multiSearchAnyCaseInsensitiveUTF8(data, {ways:Array(String)})
ORDER BY id
"""
_OF_FRAMES = """
SELECT toString(id), arrayMap(x -> hex(x), arrayFilter(x -> hex(x) IN {frames:Array(String)}, frames))
FROM calls FINAL
WHERE {scope} AND arrayExists(x -> hex(x) IN {frames:Array(String)}, frames)
"""


def calls_of(scope: Scope, who: Identifiers) -> Calls:
    """The calls of a person, and how it is known of each."""
    finder = Finder(who)
    ways = [way for way in finder.needles() if way not in finder.words]
    asked = {"numbers": list(who.numbers), "ways": ways or ["\0"]}
    by_number = (
        [row[0] for row in ledger().query_rows(scope.whole(), _BY_NUMBER, asked)] if who.numbers else []
    )
    by_name: list[str] = []
    if who.by_name and finder.words:
        rows = ledger().query_rows(scope.whole(), _BY_NAME, {"names": finder.words})
        by_name = [row[0] for row in rows]
    seen = {*by_number, *by_name}
    by_record = [call for call in frames_of(scope, who)[1] if call not in seen]
    return Calls(tuple(by_number), tuple(one for one in by_name if one not in by_number), tuple(by_record))


def frames_of(scope: Scope, who: Identifiers) -> tuple[list[str], list[str]]:
    """The raw records (ids in hexadecimal) that are of no call and have an identifier in them, and the calls of the others.

    A record that only has a name in it is the person's only when calls by name are.
    """
    finder = Finder(who)
    ways = finder.needles() if who.by_name else [way for way in finder.needles() if way not in finder.words]
    if not ways:
        return [], []
    found = [str(row[0]) for row in ledger().query_rows(scope.whole(), _FRAMES, {"ways": ways})]
    calls: list[str] = []
    of_calls: set[str] = set()
    for start in range(0, len(found), 2_000):
        some = found[start : start + 2_000]
        for call, frames in ledger().query_rows(scope.whole(), _OF_FRAMES, {"frames": some}):
            calls.append(str(call))
            of_calls.update(str(one) for one in frames)
    return [one for one in found if one not in of_calls], sorted(set(calls))
