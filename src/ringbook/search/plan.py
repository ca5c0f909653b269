"""A question becomes a plan: one condition on the rows of ``calls`` with bound parameters, and the time it is about."""

from __future__ import annotations

import re
from typing import TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from ringbook.ledger.scoping import MARK
from ringbook.model.instant import Instant
from ringbook.model.scope import Scope
from ringbook.search import added, kinds, values
from ringbook.search.errors import BadValueError, QuestionError, SearchError, nearest
from ringbook.search.fields import FIELDS
from ringbook.search.kinds import Build, TimeField, all_of, any_of
from ringbook.search.language import parse
from ringbook.search.tree import And, Node, Not, Or, Term, Value, Word

Bounds: TypeAlias = tuple[Instant | None, Instant | None]
UNBOUNDED: Bounds = (None, None)


NOBODY_SPECIAL = Scope()
_PARAM = re.compile(r"\{(p\d+):")


class Plan(msgspec.Struct, frozen=True):
    """What to ask the ledger: rows for which ``where`` holds. It always says ``{scope}``, which the ledger fills in.

    No call that matches started before ``since`` or at ``until`` or later; None is no limit.
    """

    where: str
    params: dict[str, object]
    since: Instant | None = None
    until: Instant | None = None

    @property
    def bounds(self) -> Bounds:
        """Between which instants calls that match started."""
        return self.since, self.until

    def beside(self, prefix: str) -> Plan:
        """The same with names of its own for its parameters, to stand beside others in one statement."""
        where = _PARAM.sub(lambda found: f"{{{prefix}{found[1]}:", self.where)
        params = {prefix + name: value for name, value in self.params.items()}
        return Plan(where, params, self.since, self.until)


def plan(
    question: str, scope: Scope, *, zone: str = "UTC", now: Instant, me: str = "", within: Bounds = UNBOUNDED
) -> Plan:
    """The plan of a question, asked by a viewer in a zone at an instant; ``me`` is the viewer's handle.

    It is right for calls that started ``within`` some bounds, from the first on and before the second: whoever asks for no
    others has less to wait for.

    :raises QuestionError: for a word or value that the language does not have, pointing at it.
    """
    build = Build(viewer_zone(zone), now, me, masked=scope.masked)
    tree = parse(question)
    meaning = _Meaning(question, build)
    where = all_of([MARK, meaning.condition(tree)])
    since, until = meaning.bounds(tree)
    return Plan(_placed(where, _meet([(since, until), within]), build), build.params, since, until)


def added_to(rows: str, bounds: Bounds) -> Plan:
    """Rows of what people added, as ``added`` gives them; right for calls that started within bounds."""
    build = Build(ZoneInfo("UTC"), 0)
    return Plan(_placed(rows, bounds, build), build.params, *bounds)


def scores(field: str, bounds: Bounds) -> Plan:
    """The rows (id, score) of the calls that have a number in a field; right for calls that started within bounds."""
    build = Build(ZoneInfo("UTC"), 0)
    return Plan(_placed(added.values_of(build.bind(field)), bounds, build), build.params, *bounds)


def _placed(sql: str, bounds: Bounds, build: Build) -> str:
    return sql.replace(added.PERIOD, _annotations_of(bounds, build)) if added.PERIOD in sql else sql


def _annotations_of(bounds: Bounds, build: Build) -> str:
    """Those annotations that may be of calls which started within bounds: they stand where such calls opened."""
    signs = zip((">=", "<"), bounds, strict=True)
    started = [f"started_at {sign} {build.instant(at)}" for sign, at in signs if at is not None]
    if not started:
        return "1"
    opened = f"(SELECT (min(opened_at), max(opened_at)) FROM calls WHERE {all_of([MARK, *started])})"
    return f"(opened_at >= tupleElement({opened}, 1) AND opened_at <= tupleElement({opened}, 2))"


def check(
    question: str, scope: Scope = NOBODY_SPECIAL, *, zone: str = "UTC", now: Instant, me: str = ""
) -> None:
    """Nothing, if the question can be asked.

    :raises QuestionError: as :func:`plan` does.
    """
    plan(question, scope, zone=zone, now=now, me=me)


def viewer_zone(name: str) -> ZoneInfo:
    """The time zone of that IANA name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SearchError(f'"{name}" is not a time zone; write an IANA name such as Europe/Berlin.') from None


class _Meaning:
    """Walks a tree, turning the readers' complaints into errors that point at the place."""

    def __init__(self, question: str, build: Build) -> None:
        self.question = question
        self.build = build

    def condition(self, node: Node) -> str:
        match node:
            case And(parts):
                return all_of([self.condition(part) for part in parts])
            case Or(parts):
                return any_of([self.condition(part) for part in parts])
            case Not(part):
                return f"NOT ({self.condition(part)})"
            case Word():
                return self._word(node)
            case Term():
                return self._term(node)

    def bounds(self, node: Node) -> Bounds:
        """The instants that no matching call started outside of, as far as the tree tells easily."""
        match node:
            case And(parts):
                return _meet([self.bounds(part) for part in parts])
            case Or(parts):
                return _hull([self.bounds(part) for part in parts])
            case Term(name, written):
                field = FIELDS[name]
                if isinstance(field, TimeField):
                    return _hull([field.bounds(value, self.build) for value in written])
        return UNBOUNDED

    def _word(self, word: Word) -> str:
        try:
            return _mentions(word, self.build)
        except BadValueError as error:
            raise QuestionError(error.problem, self.question, word.at, word.end, error.hint) from None

    def _term(self, term: Term) -> str:
        field = FIELDS.get(term.field)
        if field is None:
            raise QuestionError(
                f'There is no field "{term.field}".',
                self.question,
                term.at,
                term.at + len(term.field),
                nearest(term.field, FIELDS, f"Fields: {', '.join(FIELDS)}.")
                + f'\nTo look for the text as it is, quote it: "{term.field}:…".',
            )
        parts = []
        for value in term.values:
            try:
                parts.append(field.condition(value, self.build))
            except BadValueError as error:
                raise QuestionError(error.problem, self.question, value.at, value.end, error.hint) from None
        return any_of(parts)


def _meet(bounds: list[Bounds]) -> Bounds:
    """The latest beginning and the earliest end."""
    since = [first for first, _ in bounds if first is not None]
    until = [last for _, last in bounds if last is not None]
    return max(since, default=None), min(until, default=None)


def _hull(bounds: list[Bounds]) -> Bounds:
    """The earliest beginning and the latest end; no limit where one has none."""
    since = [first for first, _ in bounds]
    until = [last for _, last in bounds]
    return (
        None if None in since else min(since),  # type: ignore[type-var]
        None if None in until else max(until),  # type: ignore[type-var]
    )


def _mentions(word: Word, build: Build) -> str:
    """A word anywhere in what can be read on a call: names, numbers, queue, account, cause, notes, contacts."""
    value = Value(word.text, quoted=True)
    number = values.is_number(word.text) and not re.search(r"[*?]", word.text)
    if build.masked and number:
        return kinds.anybody(value, build)
    part = build.bind(kinds.part_of(value, build))
    parts = [f"names LIKE {part}"]
    parts += [f"lowerUTF8({column}) LIKE {part}" for column in ("queue", "account", "cause_text")]
    parts += added.mentioned(part)
    if number:
        parts.append(kinds.anybody(value, build))
    elif not build.masked:
        parts += [f"lowerUTF8({column}) LIKE {part}" for column in ("from_number", "to_number", "dialled")]
    return any_of(parts)
