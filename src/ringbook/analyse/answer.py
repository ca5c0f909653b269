"""The answer to "what is this figure for these calls": its values with the definition that they come from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import msgspec

from ringbook.analyse.choices import NOTHING_CHOSEN, Choices
from ringbook.analyse.defined import Defined, defined, ms
from ringbook.analyse.definition import Column, Figure, Kind
from ringbook.analyse.dimensions import (
    DIMENSIONS,
    LONGER,
    NUMBERS,
    WAITS_S,
    Dimension,
    Key,
    between,
    columns_of,
    key_of,
    questions,
)
from ringbook.analyse.erlang import MAX_AGENTS, trunks_for_blocking
from ringbook.analyse.errors import FigureError
from ringbook.analyse.figures import FIGURES, UNTIMED
from ringbook.analyse.own_parts import OWN, told
from ringbook.analyse.question import Asker, Conditions, checked, together
from ringbook.analyse.statements import statement
from ringbook.ledger.ledger import Ledger
from ringbook.model.instant import Instant, iso
from ringbook.model.scope import Scope
from ringbook.search.errors import nearest

SMALL = 30
"""Calls below which a rate or a mean says little, and is marked."""

LINES_BLOCKED = 0.01
"""The share of calls that may find no free line."""

MOST_PARTS = 1_000
MOST_BUCKETS = 10_000

Row: TypeAlias = dict[str, Any]
_Period: TypeAlias = tuple[Instant | None, Instant | None]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A figure with its definition.

    ``rows`` has one row for each part, or the only one; ``total`` is the whole, which parts need not add up to. ``chosen`` is the
    version of the organisation's choices that decided the variant or a threshold, ``hours`` which of the business hours it is of.
    """

    figure: str
    title: str
    version: int
    formula: str
    variant: str | None
    threshold_s: float | None
    short_s: float | None
    chosen: int | None
    zone: str
    hours: str
    query: str
    by: str | None
    period: tuple[str | None, str | None]
    calls_query: str
    columns: list[Column]
    headline: str
    rows: list[Row]
    more: bool
    total: Row
    excluded: dict[str, int]
    sample: int
    small_sample: bool
    notes: list[str]


def figure(
    ledger: Ledger,
    scope: Scope,
    name: str,
    query: str = "",
    *,
    by: str | None = None,
    variant: str | None = None,
    threshold_s: float | None = None,
    short_s: float | None = None,
    zone: str = "UTC",
    now: Instant,
    me: str = "",
    account: bool = True,
    choices: Choices = NOTHING_CHOSEN,
    span: tuple[Instant, Instant] | None = None,
) -> Answer:
    """A figure for the calls that answer a question, in parts if ``by`` names a dimension.

    Stretches of time without calls are rows too, between the first and last one with calls or within the whole ``span``.
    Without ``account``, a figure that leaves nothing out may be told without when its calls began, where that takes another
    statement.

    :raises FigureError: there is no such figure, dimension or variant, or it cannot be combined so.
    :raises QuestionError: the question cannot be understood.
    """
    asker = Asker(scope, zone, now, me)
    asked = checked(query, asker)
    known = _figure(name)
    dimension = _dimension(known, by, asker.scope)
    how = defined(known, choices, variant, threshold_s, short_s)
    work = _Work(ledger, asker, known, how, asked, account, span)
    return msgspec.structs.replace(work.answer(dimension), chosen=choices.version if how.chosen else None)


def rows_of(
    ledger: Ledger,
    asker: Asker,
    name: str,
    query: str,
    *,
    by: str,
    choices: Choices = NOTHING_CHOSEN,
    span: tuple[Instant, Instant],
) -> list[Row]:
    """The rows of a figure alone, the largest first: neither the whole nor what is left out. Raises as :func:`figure`."""
    known = _figure(name)
    dimension = _dimension(known, by, asker.scope)
    work = _Work(ledger, asker, known, defined(known, choices), checked(query, asker), False, span)
    return [] if dimension is None else work.rows(dimension)


_NO_ACCOUNT: tuple[int, _Period, dict[str, int]] = (0, (None, None), {})
_PLAIN = re.compile(
    r"SELECT \{key\}, count\(\) AS calls(?:(?!\{condition\}|\{unsure|\{first|\{last|FROM ).)*"
    r"\nFROM calls WHERE \{scope\} AND \(\{condition\}\) \{grouped\}",
    re.DOTALL,
)
"""A statement that counts rows of calls as they are, and needs nothing that only another one tells."""

_APART = "{apart}"
_LEANS = re.compile(r"\{(?:first|last|unsure):")
"""What only the account tells."""

_KNOWN, *_BITS = (1 << bit for bit in range(16))
_BEGAN = "[min(toUnixTimestamp64Micro(started_at)), max(toUnixTimestamp64Micro(started_at))]"
_SCORES = "{scores}"
_EVENTS_WITH: dict[bool, dict[str, str]] = {
    False: {"{event}": "moment", "{by_moment}": "", "{moments}": "events", "{moment}": "event"},
    True: {
        "{event}": "(moment, {kept})",
        "{by_moment}": "each -> each.1,",
        "{moments}": "arrayMap(each -> each.1, events)",
        "{moment}": "event.1",
    },
}
"""How a statement that puts events in order writes them: with the columns that parts are told by, or as plain numbers, which
takes half the time."""
_ANSWERED = ", ".join(
    f"{end}OrNullIf(toUnixTimestamp64Micro(started_at), isNotNull(score))" for end in ("min", "max")
)


class _Work:
    """Computes one answer."""

    def __init__(
        self,
        ledger: Ledger,
        asker: Asker,
        about: Figure,
        defined: Defined,
        query: str,
        account: bool,
        span: tuple[Instant, Instant] | None,
    ) -> None:
        self._ledger = ledger
        self._asker = asker
        self._scope = asker.scope
        self._figure = about
        self._defined = defined
        self._query = query
        self._span = span
        self._behind = together(query, defined.of, defined.known)
        self._accounted = account or bool(defined.left_out or defined.known)
        self._at_once = bool(defined.scores) or _PLAIN.fullmatch(statement(defined.sql)) is not None
        self._sample, self._period, self._excluded = _NO_ACCOUNT
        self._more_notes: list[str] = []

    def answer(self, dimension: Dimension | None) -> Answer:
        """The figure, in parts if there is a dimension."""
        about, defined = self._figure, self._defined
        if self._accounted and not (self._at_once and dimension is None):
            self._sample, self._period, self._excluded = self._account()
        rows, total, more = self._values(dimension)
        sample = self._sample if self._accounted else int(total["calls"])
        rated = any(column.kind in (Kind.SHARE, Kind.SECONDS) for column in about.columns)
        for row in (*rows, total):
            row["small_sample"] = rated and (row["calls"] or 0) < SMALL
        return Answer(
            figure=about.name,
            title=about.title,
            version=about.version,
            formula=defined.formula,
            variant=defined.name or None,
            threshold_s=defined.threshold_s,
            short_s=defined.short_s,
            chosen=None,
            zone=self._asker.zone,
            hours="",
            query=self._query,
            by=dimension.name if dimension else OWN.get(about.name) or None,
            period=(iso(self._period[0]), iso(self._period[1])),
            calls_query=self._behind,
            columns=list(about.columns),
            headline=about.headline,
            rows=rows,
            more=more,
            total=total,
            excluded=self._excluded,
            sample=sample,
            small_sample=rated and sample < SMALL,
            notes=[*about.notes, *_several(about, dimension), *self._more_notes, *self._doubts()],
        )

    def rows(self, dimension: Dimension) -> list[Row]:
        """The parts as they are found."""
        if _LEANS.search(statement(self._defined.sql)):
            self._sample, self._period, self._excluded = self._account()
        parts, _, _ = self._found(dimension)
        return [{dimension.name: dimension.label(key), **part} for key, part in parts.items()]

    def _doubts(self) -> list[str]:
        """What to know before the value is trusted."""
        left_out = sum(self._excluded.values())
        if left_out > self._sample:
            return [DOUBT.format(left_out=left_out, sample=self._sample)]
        return []

    def _account(self) -> tuple[int, _Period, dict[str, int]]:
        """How many calls the figure rests on, when the first and last of them began, and how many are left out, why."""
        build = Conditions(self._asker, self._query)
        left_out = self._defined.left_out
        reasons = ", ".join(f"countIf({build.of(question)})" for question in left_out.values())
        sql = (
            statement("account")
            .replace("{condition}", build.of(together(self._query, self._defined.of)))
            .replace("{known}", build.of(self._defined.known))
            .replace("{reasons}", reasons or "toUInt64(0)")
        )
        [row] = self._ledger.query_rows(self._scope, sql, build.params)
        _, sample, first, last, counts = row
        return sample, (first, last), dict(zip(left_out, counts, strict=False))

    def _values(self, dimension: Dimension | None) -> tuple[list[Row], Row, bool]:
        """The rows, the whole, and whether there are more rows."""
        if self._figure.name in OWN:
            rows, total, notes = told(self._figure.name, self._run("", ""), self._sample, self._behind)
            self._more_notes += notes
            return rows, total, False
        if dimension is None:
            total = self._whole_with_account()
            return [{**total, "calls_query": self._behind}], total, False
        parts, total, more = self._parts(dimension)
        behind = questions(dimension, parts, cut=more)
        rows = []
        for key, part in _filled(parts, dimension, self._figure, self._reach(dimension)).items():
            own = behind[key] if key in behind else dimension.question(key)
            found = None if own is None else together(self._behind, own)
            rows.append({dimension.name: dimension.label(key), **part, "calls_query": found})
        return rows, total, more

    def _reach(self, dimension: Dimension) -> list[Key]:
        """The first and the last stretch of time that is to have a row, whether there are calls in it or not."""
        if self._span is None or not dimension.chronological:
            return []
        start, stop = (min(at, self._asker.now) for at in self._span)
        return [key_of(at, dimension.name, self._asker.zone) for at in (start, max(start, stop - 1))]

    def _parts(self, dimension: Dimension) -> tuple[dict[Key, Row], Row, bool]:
        """The rows by key, in order; the whole; and whether there are more."""
        parts, total, more = self._found(dimension)
        return parts, total or self._whole(), more

    def _found(self, dimension: Dimension) -> tuple[dict[Key, Row], Row | None, bool]:
        """The same, with the whole only where the same statement tells it."""
        about = self._figure
        in_order = dimension.ordered and not about.top
        most = about.top or (MOST_BUCKETS if dimension.chronological else MOST_PARTS)
        # A call that stands in several parts must be counted once in the whole, which is asked for apart.
        apart = dimension.several and not about.key
        found = self._run(
            f"{about.key or dimension.sql} AS key, {'0' if apart else 'grouping(key)'} AS whole",
            ("GROUP BY key" if apart else "GROUP BY GROUPING SETS ((key), ())")
            + f" ORDER BY whole DESC, {'key' if in_order else 'calls DESC, key'} LIMIT {most + 2}",
        )
        parts = {row[0]: self._row(row[2:]) for row in found if not row[1]}
        wholes = [self._row(row[2:]) for row in found if row[1]]
        total = wholes[0] if wholes else None
        return dict(list(parts.items())[:most]), total, len(parts) > most and not about.top

    def _whole(self) -> Row:
        [row] = self._run("'' AS key, 1 AS whole", "")
        return self._row(row[2:])

    def _whole_with_account(self) -> Row:
        """The whole; where one statement can tell both, with its account."""
        if self._defined.scores:
            return self._whole_of_scores()
        return self._whole_at_once() if self._at_once else self._whole()

    def _whole_at_once(self) -> Row:
        """The whole and its account from one statement, which tells apart the calls that it rests on and those left out."""
        found = {row[0]: row[1:] for row in self._run(f"{_APART} AS key, {_BEGAN} AS whole", "GROUP BY key")}
        self._excluded = {
            reason: sum(calls for apart, (_, calls, *_others) in found.items() if apart & bit)
            for reason, bit in zip(self._defined.left_out, _BITS, strict=False)
        }
        if _KNOWN not in found:
            return self._row(0 if column.kind is Kind.COUNT else None for column in self._figure.columns)
        (first, last), *values = found[_KNOWN]
        self._sample, self._period = values[0], (first, last)
        return self._row(values)

    def _whole_of_scores(self) -> Row:
        """The whole and its account from one statement, which counts those who were asked beside those who answered."""
        [(_, (first, last), *values)] = self._run(f"'' AS key, [{_ANSWERED}] AS whole", "")
        row = self._row(values)
        self._sample, self._period = row["calls"], (first, last)
        self._excluded = dict.fromkeys(self._defined.left_out, row["asked"] - row["calls"])
        return row

    def _run(self, key: str, grouped: str) -> list[tuple[Any, ...]]:
        params, sql = self._statement(key, grouped)
        return self._ledger.query_rows(self._scope, sql, params)

    def _statement(self, key: str, grouped: str) -> tuple[dict[str, object], str]:
        build = Conditions(self._asker, self._query)
        kept = columns_of(key)
        asked = together(self._query, self._defined.of)
        sql = (
            statement(self._defined.sql)
            .replace("{condition}", build.of(asked if _APART in key else self._behind))
            .replace("{asked}", build.of(asked))
            .replace("{key}", key)
            .replace("{grouped}", grouped)
            .replace("{by}", "".join(f", {column}" for column in kept))
            .replace("{told}", "".join(f", event.{n} AS {column}" for n, column in enumerate(kept, 2)))
        )
        for mark, text in _EVENTS_WITH[bool(kept)].items():
            sql = sql.replace(mark, text.replace("{kept}", ", ".join(kept)))
        if _APART in key:
            sql = sql.replace(_APART, self._apart(build))
        for mark, question in self._defined.counted.items():
            sql = sql.replace(f"{{{mark}}}", build.of(question))
        if _SCORES in sql:
            sql = sql.replace(_SCORES, build.scores(self._defined.scores))
        first, last = self._period
        since, until = self._span or (first or 0, 0)
        params = {
            "since": since,
            "until": min(until, self._asker.now),
            "threshold_ms": ms(self._defined.threshold_s or 0.0),
            "short_ms": ms(self._defined.short_s or 0.0),
            "unsure": int(self._excluded.get(UNTIMED, 0) > 0),
            "first": first or 0,
            "last": last or 0,
            "bounds": [*(each * 1000 for each in WAITS_S), LONGER * 1000],
        }
        return build.params | params, sql

    def _apart(self, build: Conditions) -> str:
        """A number that says of a call whether the figure rests on it, or else for which reasons it is left out."""
        if not (self._defined.left_out or self._defined.known):
            return str(_KNOWN)
        reasons = zip(self._defined.left_out.values(), _BITS, strict=False)
        left_out = " + ".join(f"{bit} * ({build.of(question)})" for question, bit in reasons)
        return f"toUInt16(if({build.of(self._defined.known)}, {_KNOWN}, {left_out or 0}))"

    def _row(self, values: Iterable[Any]) -> Row:
        row: Row = dict(zip((column.name for column in self._figure.columns), values, strict=True))
        for column in self._figure.columns:
            if column.kind is not Kind.COUNT and not row["calls"]:
                row[column.name] = None
            elif column.kind is Kind.INSTANT:
                row[column.name] = iso(row[column.name])
            elif column.kind is Kind.TEXT:
                row[column.name] = row[column.name] or None
        if self._figure.name == "lines":
            row["lines"] = _lines(row["busiest_erlang"])
        return row


def _filled(parts: dict[Key, Row], dimension: Dimension, about: Figure, reach: list[Key]) -> dict[Key, Row]:
    """The parts with those stretches of time between them that have no calls: zero, which is known."""
    keys: list[Any] = sorted({*parts, *reach}) if reach else list(parts)
    if not (dimension.chronological or dimension.parts) or about.top or not keys:
        return parts
    if dimension.parts:
        buckets = [*(key for key in keys if key not in dimension.parts), *dimension.parts]
    else:
        buckets = between(keys[0], keys[-1], dimension)
    if not set(keys) <= set(buckets) or len(buckets) > MOST_BUCKETS:
        return parts
    empty = {column.name: 0 if column.kind is Kind.COUNT else None for column in about.columns}
    return {key: parts.get(key) or dict(empty) for key in buckets}


def _figure(name: str) -> Figure:
    known = FIGURES.get(name.lower().replace("_", "-"))
    if known is None:
        meant = _meant(name, {each.name: each.title for each in FIGURES.values()})
        raise FigureError(f'There is no figure "{name}". {meant} All are in: ringbook report list')
    return known


def _meant(name: str, known: Mapping[str, str]) -> str:
    """What may have been meant: what is described by this very word, as "Talk (ACD, ALOC)" is, or else the nearest name."""
    said = [each for each, text in known.items() if name.lower() in re.findall(r"\w+", text.lower())]
    telling = 0 < len(said) <= _MOST_MEANT
    return f"Did you mean {' or '.join(said)}?" if telling else nearest(name, known)


_MOST_MEANT = 2
"""A word that describes more is too common to tell."""


def _dimension(about: Figure, by: str | None, scope: Scope) -> Dimension | None:
    name = by or about.usual_by
    if not name:
        return None
    allowed = list(DIMENSIONS) if about.by is None else list(about.by)
    if name not in DIMENSIONS:
        meant = _meant(name, {each.name: each.help for each in DIMENSIONS.values()})
        raise FigureError(f'Calls cannot be counted by "{name}". {meant}')
    if name not in allowed:
        can = f"it can be by {', '.join(allowed)}" if allowed else "it has its own parts: leave --by out"
        raise FigureError(f"{about.name} has no parts by {name}; {can}.")
    if scope.masked and name in NUMBERS:
        raise FigureError(f"Telephone numbers are hidden from you, so calls cannot be counted by {name}.")
    return DIMENSIONS[name]


def _lines(load_erlang: float | None) -> int | None:
    """The lines for a load; None where there is no load known, or none that a model fits."""
    if load_erlang is None or load_erlang > MAX_AGENTS:
        return None
    return trunks_for_blocking(load_erlang, LINES_BLOCKED)


def _several(about: Figure, dimension: Dimension | None) -> list[str]:
    if dimension is None or not dimension.several or about.by == (dimension.name,):
        return []
    return [SEVERAL.replace("{part}", dimension.name)]


SEVERAL = "A call counts for each {part}, so the parts may add up to more than the whole."
DOUBT = "More calls are left out ({left_out}) than it rests on ({sample})."
