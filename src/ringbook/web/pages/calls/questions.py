"""Changing a question by clicking: what facets and the date picker write into the search box.

Only what stands at the top of a question, joined by *and*, is changed; the rest stays as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from ringbook.search.fields import FIELDS
from ringbook.search.kinds import TimeField
from ringbook.search.language import parse, text
from ringbook.search.tree import EVERYTHING, And, Node, Not, Term, Value

TIME_FIELDS = frozenset(name for name, field in FIELDS.items() if isinstance(field, TimeField))
"""Fields that say when: the date picker replaces what they say."""

_PLAIN = re.compile(r"[\w.@+-]+")


class Chosen(msgspec.Struct, frozen=True):
    """Values of one field that a question asks for, or leaves out, in small letters."""

    included: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()


def chosen(question: str, field: str) -> Chosen:
    """The values of a field at the top of a question."""
    included: set[str] = set()
    excluded: set[str] = set()
    for part in _parts(parse(question)):
        match part:
            case Term(name, values) if name == field:
                included |= {value.text.lower() for value in values}
            case Not(Term(name, values)) if name == field:
                excluded |= {value.text.lower() for value in values}
    return Chosen(frozenset(included), frozenset(excluded))


def toggled(question: str, field: str, value: str) -> str:
    """The question with the value asked for, or no longer if it was; then it is not left out either."""
    parts = _dropped(_parts(parse(question)), field, value, negated=True)
    if value.lower() in chosen(question, field).included:
        return _joined(_dropped(parts, field, value, negated=False))
    return _joined(_added(parts, field, value))


def negated(question: str, field: str, value: str) -> str:
    """The question with the value left out, or no longer if it was; then it is not asked for either."""
    parts = _dropped(_parts(parse(question)), field, value, negated=False)
    if value.lower() in chosen(question, field).excluded:
        return _joined(_dropped(parts, field, value, negated=True))
    for place, part in enumerate(parts):
        match part:
            case Not(Term(name, values)) if name == field:
                parts[place] = Not(Term(field, (*values, written(value))))
                return _joined(parts)
    return _joined([*parts, Not(Term(field, (written(value),)))])


def without(question: str, *fields: str) -> str:
    """The question without what it asks of these fields at its top; what it leaves out stays left out."""
    kept = [part for part in _parts(parse(question)) if not (isinstance(part, Term) and part.field in fields)]
    return _joined(kept)


def dated(question: str, told: str) -> str:
    """The question about another time; empty ``told`` is any time."""
    rest = _parts(parse(without(question, *TIME_FIELDS)))
    return _joined([*rest, *_parts(parse(told))])


def time_told(question: str) -> str:
    """What the question says about the time, at its top."""
    return _joined(
        [part for part in _parts(parse(question)) if isinstance(part, Term) and part.field in TIME_FIELDS]
    )


def written(value: str) -> Value:
    """A value as it has to be written to mean itself."""
    return Value(value, quoted=not _PLAIN.fullmatch(value))


def same(one: str, other: str) -> bool:
    """Whether two questions are the same but for how they are spaced."""
    return text(parse(one)) == text(parse(other))


def _parts(tree: Node) -> list[Node]:
    return list(tree.parts) if isinstance(tree, And) else [tree]


def _joined(parts: list[Node]) -> str:
    return text(parts[0] if len(parts) == 1 else And(tuple(parts)) if parts else EVERYTHING)


def _added(parts: list[Node], field: str, value: str) -> list[Node]:
    for place, part in enumerate(parts):
        if isinstance(part, Term) and part.field == field:
            fresh = Term(field, (*part.values, written(value)))
            return [*parts[:place], fresh, *parts[place + 1 :]]
    return [*parts, Term(field, (written(value),))]


def _dropped(parts: list[Node], field: str, value: str, *, negated: bool) -> list[Node]:
    wrap: Callable[[Term], Node] = Not if negated else lambda term: term
    kept: list[Node] = []
    for part in parts:
        term = part.part if negated and isinstance(part, Not) else part if not negated else None
        if not isinstance(term, Term) or term.field != field:
            kept.append(part)
            continue
        values = tuple(one for one in term.values if one.text.lower() != value.lower())
        if values:
            kept.append(wrap(Term(field, values)))
    return kept
