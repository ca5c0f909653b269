"""Mentions: the people that a note names with ``@handle``."""

from __future__ import annotations

import re

from ringbook.desk.annotations.acting import now
from ringbook.desk.annotations.models import Mention, Note
from ringbook.desk.people.access import rights_of, scope_of
from ringbook.desk.people.models import Person
from ringbook.desk.people.roles import Right
from ringbook.desk.wiring import ledger
from ringbook.model.call import CallId

HANDLE = re.compile(r"(?<![\w.@/-])@([a-z0-9][a-z0-9._-]*[a-z0-9]|[a-z0-9])", re.IGNORECASE)
MOST = 50
"""People that one note can mention."""


def handles(text: str) -> tuple[str, ...]:
    """The handles that a text mentions, each once, in lower case."""
    return tuple(dict.fromkeys(found[1].lower() for found in HANDLE.finditer(text)))[:MOST]


def mention(note: Note) -> tuple[str, ...]:
    """Write down whom a note mentions anew; the handles of those who cannot be told, as they may not see the call."""
    named = Person.objects.filter(tenant=note.tenant, is_active=True, handle__in=handles(note.text))
    known = set(Mention.objects.filter(note=note).values_list("person_id", flat=True))
    unheard: list[str] = []
    for person in named:
        told = may_see(person, note.call_id)
        if not told:
            unheard.append(person.handle)
        if person.pk not in known:
            Mention.objects.create(tenant=note.tenant, note=note, person=person, at=now(), told=told)
    return tuple(sorted(unheard))


def may_see(person: Person, call_id: str) -> bool:
    """Whether the person may see that call."""
    return Right.SEE_CALLS in rights_of(person) and bool(ledger().calls(scope_of(person), [CallId(call_id)]))
