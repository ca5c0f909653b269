"""What may come next in a question: fields, their words, and values from the calls that the reader may see."""

from __future__ import annotations

import re

import msgspec

from ringbook.ledger.ledger import Ledger
from ringbook.model.instant import DAY, Instant
from ringbook.model.masking import masked_text
from ringbook.model.scope import Scope
from ringbook.search.added import ME, OVERDUE
from ringbook.search.facets import facet
from ringbook.search.fields import FIELDS
from ringbook.search.kinds import Field, NumberField, literal

MOST = 12
"""Suggestions of one answer."""

RECENT_DAYS = 30
"""Values are those of the calls of so many days."""

_VALUES_LOOKED_THROUGH = 400
_WORD = re.compile(r'(?:"(?:\\.|[^"\\])*"?|[^\s()"])*$', re.DOTALL)
_TERM = re.compile(
    r"(?P<field>[a-z_][a-z_-]*):(?P<before>(?:(?:\"(?:\\.|[^\"\\])*\"|[^\s,\"]*),)*)(?P<value>.*)",
    re.I | re.S,
)
_PLAIN = re.compile(r"[^\s(),\"<>=*?\\][^\s(),\"*?\\]*")
_USUAL: dict[str, tuple[tuple[str, str], ...]] = {
    "last": (
        ("1h", "the last hour"),
        ("24h", "the last day"),
        ("7d", "the last week"),
        ("30d", "the last 30 days"),
    ),
    "on": (("today", ""), ("yesterday", "")),
    "after": (("today", ""), ("yesterday", "")),
    "before": (("today", ""), ("yesterday", "")),
    "due": ((OVERDUE, "is past"), ("today", ""), ("tomorrow", "")),
    "assigned": ((ME, "has a task of mine"),),
    "entered-by": ((ME, "logged by me"),),
    "hour": (("9-17", "from 9:00 until 17:00"),),
    "duration": ((">60", "longer than a minute"), ("<10", "")),
    "talk": ((">5m", ""), ("<10", "")),
    "wait": ((">30", ""), (">2m", "")),
    "ring": ((">20", ""), ("<5", "")),
    "hold": ((">60", ""),),
}


class Suggestion(msgspec.Struct, frozen=True):
    """A text that may stand from ``replace_from`` to ``replace_to`` of the question instead of what is there."""

    text: str
    detail: str
    replace_from: int
    replace_to: int


def complete(
    ledger: Ledger,
    scope: Scope,
    question: str,
    caret: int,
    *,
    zone: str = "UTC",
    now: Instant,
    me: str = "",
) -> list[Suggestion]:
    """What the word at the caret may become, the likeliest first; without anything to suggest, nothing. Never raises a
    SearchError: a question is rarely whole while it is typed.
    """
    caret = min(max(0, caret), len(question))
    word = _WORD.search(question[:caret])
    typed = word[0] if word else ""
    start = caret - len(typed)
    minus = "-" if typed.startswith("-") else ""
    typed, start = typed[len(minus) :], start + len(minus)
    term = _TERM.fullmatch(typed)
    if term is None:
        found = [
            (f"{field.name}:", field.help)
            for field in FIELDS.values()
            if field.name.startswith(typed.lower())
        ]
        return _placed(found if typed else found[:MOST], start, start + len(typed))
    field = FIELDS.get(term["field"].lower())
    if field is None:
        return []
    start += term.start("value")
    begun = term["value"].lstrip('"').replace('\\"', '"').lower()
    values = _Values(ledger, scope, zone, now, me).of(field, begun)
    return _placed([(_written(value), detail) for value, detail in values], start, start + len(term["value"]))


def _placed(found: list[tuple[str, str]], start: int, stop: int) -> list[Suggestion]:
    return [Suggestion(text, detail, start, stop) for text, detail in found[:MOST]]


def _written(value: str) -> str:
    """The value as it stands in a question."""
    if _PLAIN.fullmatch(value) or re.fullmatch(r"[<>]=?\S+", value):
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


class _Values:
    """Values that a field may have, as (value, what to say of it)."""

    def __init__(self, ledger: Ledger, scope: Scope, zone: str, now: Instant, me: str) -> None:
        self._ledger = ledger
        self._scope = scope
        self._zone = zone
        self._now = now
        self._me = me

    def of(self, field: Field, begun: str) -> list[tuple[str, str]]:
        """Those that begin as typed, then those that have it in them."""
        known = [(value, detail) for value, detail in _USUAL.get(field.name, ()) if value != ME or self._me]
        known += [(choice, "") for choice in field.choices]
        known = [(value, detail) for value, detail in known if value.lower().startswith(begun)]
        if field.choices or isinstance(field, NumberField):
            return known
        seen = {value for value, _ in known}
        counted = self._contacts(begun) if field.name == "contact" else self._counted(field)
        within = [
            (value, detail) for value, detail in counted if begun in value.lower() and value not in seen
        ]
        return known + sorted(within, key=lambda item: not item[0].lower().startswith(begun))

    def _counted(self, field: Field) -> list[tuple[str, str]]:
        """The values of the calls of the last days, the most frequent first."""
        if not (field.facet or field.mark or field.owners) or field.name in _USUAL.keys() - {"assigned"}:
            return []
        found = facet(
            self._ledger,
            self._scope,
            f"last:{RECENT_DAYS}d",
            field.name,
            limit=_VALUES_LOOKED_THROUGH,
            zone=self._zone,
            now=self._now,
            me=self._me,
        )
        # What is shown in part only cannot be asked for.
        return [
            (one.value, f"{one.calls:,}")
            for one in found
            if one.value and not (self._scope.masked and "•" in one.value)
        ]

    def _contacts(self, begun: str) -> list[tuple[str, str]]:
        """Names of contacts with whom the reader's calls of the last days were."""
        if self._scope.masked and re.search(r"\d", begun):
            return []
        params = {"part": f"%{literal(begun)}%", "since": self._now - RECENT_DAYS * DAY, "most": MOST}
        rows = self._ledger.query_rows(self._scope, _CONTACTS, params)
        return [
            (name, company) for name, company in rows if masked_text(name) == name or not self._scope.masked
        ]


_CONTACTS = """
SELECT name, any(company) FROM
(
    SELECT id, arrayJoin(numbers) AS number FROM calls
    WHERE {scope} AND opened_at >= fromUnixTimestamp64Milli(intDiv({since:Int64}, 1000), 'UTC')
) AS found
GLOBAL INNER JOIN
(
    SELECT number, name, company FROM named_numbers FINAL
    WHERE tenant = {tenant:String} AND notEmpty(contact) AND notEmpty(name) AND lowerUTF8(name) LIKE {part:String}
) AS named ON found.number = named.number
GROUP BY name ORDER BY count() DESC, name LIMIT {most:UInt32}
"""
