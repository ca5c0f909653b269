"""Fields of what people added to calls: notes, tags, tasks, and whose the numbers are, from the copies in the ledger.

A condition names the calls it finds by a subquery over few rows; it is true or false for every call, as all conditions are. What
was added to a call that was since joined into another is found at the other. Copies are always read in their newest state
(``FINAL``), also where the calls around are read as they stand.
"""

from __future__ import annotations

import uuid
from datetime import timedelta

from ringbook.model.annotation import CONSENT
from ringbook.model.instant import to_datetime
from ringbook.search import values
from ringbook.search.errors import BadValueError
from ringbook.search.kinds import Build, Matcher, part_of, whole_of, wildcards
from ringbook.search.tree import Value

_OPENED = "fromUnixTimestamp64Milli(toInt64(bitShiftRight(toUInt128({id}), 80)), 'UTC')"
"""The instant that an id carries, which is where its call stands."""


PERIOD = "{period}"
"""Stands in a condition where the plan puts in which annotations can be of calls that the question is about."""

_JOINED = "call GLOBAL IN (SELECT id FROM aliases WHERE tenant = {tenant:String})"


def annotated(condition: str) -> str:
    """Calls whose annotation satisfies a condition; the few that were joined into another are looked for by themselves."""
    found = "FROM annotations FINAL WHERE tenant = {tenant:String}"
    return (
        f"(opened_at, id) GLOBAL IN (SELECT opened_at, call {found} AND {PERIOD} AND ({condition})"
        f" UNION ALL SELECT {_OPENED.format(id='leads_to')}, leads_to FROM aliases FINAL"
        f" WHERE tenant = {{tenant:String}} AND id GLOBAL IN (SELECT call {found} AND {_JOINED} AND ({condition})))"
    )


_LEADS = (
    "(SELECT id AS joined, leads_to FROM aliases FINAL WHERE tenant = {tenant:String} AND id != leads_to)"
)


def values_of(key: str) -> str:
    """The rows (id, score) of the calls that have a number in a field; ``key`` is bound. See :func:`annotated`."""
    found = (
        f"SELECT call AS id, toNullable(toFloat64(fields[{key}])) AS score FROM annotations FINAL"
        f" WHERE tenant = {{tenant:String}} AND notEmpty(fields[{key}])"
    )
    return (
        f"{found} AND {PERIOD} UNION ALL SELECT leads_to, score FROM {_LEADS} AS a"
        f" GLOBAL INNER JOIN ({found} AND {_JOINED}) AS b ON a.joined = b.id"
    )


_KEPT = "FROM recordings FINAL WHERE tenant = {tenant:String} AND destroyed = 0 AND notEmpty(call)"
_KEPT_ID = "toUUIDOrZero(call)"

KEPT = (
    f"(opened_at, id) GLOBAL IN (SELECT {_OPENED.format(id=_KEPT_ID)}, {_KEPT_ID} {_KEPT}"
    f" UNION ALL SELECT {_OPENED.format(id='leads_to')}, leads_to FROM aliases FINAL"
    f" WHERE tenant = {{tenant:String}} AND id GLOBAL IN (SELECT {_KEPT_ID} {_KEPT}))"
)
"""Calls of which the vault has a recording."""

_ALL = "FROM annotations FINAL WHERE tenant = {tenant:String}"

MARKED_IDS = (
    f"SELECT opened_at, call {_ALL} AND {PERIOD} UNION ALL SELECT {_OPENED.format(id='leads_to')}, leads_to FROM aliases FINAL"
    f" WHERE tenant = {{tenant:String}} AND id GLOBAL IN (SELECT call {_ALL} AND {_JOINED})"
)
"""The places and ids of all calls to which something was added."""


def marks(lists: list[str]) -> str:
    """The rows (id, mark_0, mark_1…): all values of some lists that each call has, those of joined calls at the other."""
    columns = ", ".join(f"{each} AS mark_{place}" for place, each in enumerate(lists))
    merged = ", ".join(f"groupUniqArrayArray(mark_{place}) AS mark_{place}" for place in range(len(lists)))
    own = f"SELECT call AS id, {columns} {_ALL}"
    return (
        f"SELECT id, {merged} FROM ({own} AND {PERIOD} UNION ALL SELECT leads_to, * EXCEPT (joined, leads_to, id) FROM"
        f" {_LEADS} AS a GLOBAL INNER JOIN ({own} AND {_JOINED}) AS b ON a.joined = b.id) GROUP BY id"
    )


def named(condition: str) -> str:
    """Calls with a number of somebody who satisfies a condition."""
    return (
        "arrayExists(x -> x GLOBAL IN (SELECT number FROM named_numbers FINAL"
        f" WHERE tenant = {{tenant:String}} AND notEmpty(contact) AND ({condition})), numbers)"
    )


def note(value: Value, build: Build) -> str:
    """Matches notes that have the text somewhere."""
    return annotated(f"notes LIKE {build.bind(part_of(value, build))}")


def one_of(column: str) -> Matcher:
    """Matches one whole value of a list."""
    return lambda value, build: annotated(
        f"arrayExists(x -> lowerUTF8(x) LIKE {build.bind(whole_of(value, build))}, {column})"
    )


def whole(column: str) -> Matcher:
    """Matches a whole value, in any case."""
    return lambda value, build: annotated(f"lowerUTF8({column}) LIKE {build.bind(whole_of(value, build))}")


def person(match: Matcher) -> Matcher:
    """The same for a column of handles, in which ``me`` is who asks."""

    def matched(value: Value, build: Build) -> str:
        if value.text.lower() != ME or value.quoted:
            return match(value, build)
        if not build.me:
            raise BadValueError(
                '"me" is nobody here.', "It stands for a person who signed in; write a handle instead."
            )
        return match(Value(build.me, quoted=True), build)

    return matched


ME = "me"
OVERDUE = "overdue"
_TOMORROW = "tomorrow"


def due(value: Value, build: Build) -> str:
    """Matches calls with an open task that is due then."""
    if value.text.lower() == OVERDUE:
        return annotated(f"arrayExists(x -> x < {build.instant(build.now)}, due_at)")
    text = value.text
    if text.lower() == _TOMORROW:
        text = (to_datetime(build.now).astimezone(build.zone) + timedelta(days=1)).date().isoformat()
    span = values.moments(text, build.zone, build.now)
    return annotated(
        f"arrayExists(x -> x >= {build.instant(span.since)} AND x < {build.instant(span.until)}, due_at)"
    )


def custom(value: Value, build: Build) -> str:
    """Matches a field of the organisation's own: ``name`` has a value, or ``name=value``, wildcards allowed."""
    name, given, wanted = value.text.partition("=")
    if not name.strip():
        raise BadValueError("field: lacks the name of a field.", 'Write it as in field:"budget=10k".')
    key = build.bind(wildcards(Value(name.strip(), quoted=value.quoted)))
    if not given:
        return annotated(
            f"arrayExists((k, v) -> lowerUTF8(k) LIKE {key} AND notEmpty(v), mapKeys(fields), mapValues(fields))"
        )
    # Quotes hold the space in a value together, as names with spaces need them; wildcards mean something all the same.
    part = build.bind(whole_of(Value(wanted.strip()), build))
    return annotated(
        f"arrayExists((k, v) -> lowerUTF8(k) LIKE {key} AND lowerUTF8(v) LIKE {part}, mapKeys(fields), mapValues(fields))"
    )


def consent(value: Value, build: Build) -> str:
    """Matches calls by what stands for them of consent to being recorded."""
    text, key = value.text.lower(), build.bind(CONSENT)
    if text == UNKNOWN:
        return f"NOT ({annotated(f'notEmpty(fields[{key}])')})"
    if text not in CONSENTS:
        raise BadValueError(
            f'Nobody can have said "{value.text}".', f"Write {', '.join(CONSENTS)} or {UNKNOWN}."
        )
    return annotated(f"fields[{key}] = {build.bind(text)}")


CONSENTS = ("announced", "opted_in", "refused")
UNKNOWN = "unknown"


def contact(value: Value, build: Build) -> str:
    """Matches calls with a contact's number, by a part of the name or by the contact's id."""
    if _is_id(value.text):
        return named(f"contact = {build.bind(value.text.lower())}")
    return named(f"lowerUTF8(name) LIKE {build.bind(part_of(value, build))}")


def company(value: Value, build: Build) -> str:
    """Matches calls with a number of a company, by its whole name."""
    return named(f"lowerUTF8(company) LIKE {build.bind(whole_of(value, build))}")


def _is_id(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def mentioned(part: str) -> tuple[str, ...]:
    """Conditions for a plain word: in a note, or in the name of a contact. ``part`` is bound for LIKE, in lower case.

    Most words are in none, which is found out first: the store then leaves the condition out of what it asks of each call.
    """
    in_notes = f"notes LIKE {part}"
    in_names = f"lowerUTF8(name) LIKE {part} OR lowerUTF8(company) LIKE {part}"
    return (
        f"({_any('annotations', in_notes)} AND {annotated(in_notes)})",
        f"({_any('named_numbers', in_names)} AND {named(in_names)})",
    )


def _any(table: str, condition: str) -> str:
    return f"(SELECT count() FROM (SELECT 1 FROM {table} FINAL WHERE tenant = {{tenant:String}} AND ({condition}) LIMIT 1)) > 0"


HAS: dict[str, str] = {
    "note": annotated("notEmpty(notes)"),
    "tag": annotated("notEmpty(tags)"),
    "task": annotated("open_tasks > 0"),
    "outcome-code": annotated("notEmpty(outcome_code)"),
    "field": annotated("arrayExists(x -> position(x, '.') = 0, mapKeys(fields))"),
    "contact": named("1"),
    "company": named("notEmpty(company)"),
}
