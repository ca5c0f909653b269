"""A figure of a period and of business hours, by itself or against another, under an organisation's customs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeAlias, TypeVar

import msgspec

from ringbook.analyse import answer
from ringbook.analyse.answer import Answer
from ringbook.analyse.choices import NOTHING_CHOSEN, Choices
from ringbook.analyse.compare import Comparison, compared
from ringbook.analyse.errors import FigureError
from ringbook.analyse.periods import BEFORE, Period, against
from ringbook.analyse.periods import period as period_of
from ringbook.analyse.question import Asker, checked, together
from ringbook.ledger.ledger import Ledger
from ringbook.model.instant import Instant


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """A figure for the calls that answer a question, of a ``period`` and of business ``hours`` (open, closed) if said."""

    name: str
    query: str = ""
    by: str | None = None
    variant: str | None = None
    threshold_s: float | None = None
    short_s: float | None = None
    hours: str = ""
    period: str = ""
    account: bool = True


class Other(msgspec.Struct, frozen=True, kw_only=True):
    """What it is compared with: another question, another period (``before``, ``year-before`` or one by name), or both."""

    query: str | None = None
    period: str | None = None


NO_HOURS = "No business hours are set, so open and closed cannot be told apart."
NO_CODES = "No outcome code says yet that a call was resolved: choose which do under Settings, How figures are counted."
TEXTS = (NO_HOURS, NO_CODES)
"""Why there is no answer until somebody sets something."""


def _never_set(which: str, period: Period | None) -> str:  # noqa: ARG001  # as others
    raise FigureError(NO_HOURS)


class Customs(msgspec.Struct, frozen=True):
    """How the organisation counts. ``opening`` turns open or closed into a question, by the clock of the asker's zone."""

    choices: Choices = NOTHING_CHOSEN
    opening: Callable[[str, Period | None], str] = _never_set


T = TypeVar("T")

Prepared: TypeAlias = Callable[[Ledger], T]
"""A question that is understood; what remains is to ask the ledger, from whatever thread."""

AT_ONCE = 3
"""Questions that are asked side by side, each maybe of two periods; an engine serves eight statements, and others read too."""


def side_by_side(ledger: Ledger, questions: Iterable[Prepared[T]]) -> list[T]:
    """The answers in order: who wants several waits for the slowest, not for all in turn. Raises what the first failed with."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda question: question(ledger), questions))


def told(ledger: Ledger, asker: Asker, ask: Ask, customs: Customs) -> Answer:
    """The answer.

    :raises FigureError: there is no such figure, dimension, variant or period, or it cannot be combined so.
    :raises QuestionError: the question cannot be understood; it is pointed at in what the person wrote.
    """
    return telling(asker, ask, customs)(ledger)


def telling(asker: Asker, ask: Ask, customs: Customs) -> Prepared[Answer]:
    """:func:`told`, still to be asked; it raises the same, now or then."""
    asked = _asked(asker, ask, customs, _period(asker, ask))
    return lambda ledger: _answer(ledger, asker, ask, customs.choices, asked)


def against_other(ledger: Ledger, asker: Asker, ask: Ask, other: Other, customs: Customs) -> Comparison:
    """The answer beside the other one; that of the period before if nothing else is said. Raises as :func:`told`."""
    return comparing(asker, ask, other, customs)(ledger)


def comparing(asker: Asker, ask: Ask, other: Other, customs: Customs) -> Prepared[Comparison]:
    """:func:`against_other`, still to be asked; it raises the same, now or then."""
    this, period = _period(asker, ask), other.period
    if other.query is None and period is None:
        period = BEFORE
    if period is not None and this is None:
        raise FigureError("To compare periods, say which period first.")
    that = this if this is None or period is None else against(this, period, asker.now)
    query = ask.query if other.query is None else other.query
    other_ask = msgspec.structs.replace(ask, query=query)
    sides = [(ask, _asked(asker, ask, customs, this)), (other_ask, _asked(asker, other_ask, customs, that))]
    labels = (ask.query or _ALL, query or _ALL) if this == that else (_label(this), _label(that))

    def compare(ledger: Ledger) -> Comparison:
        with ThreadPoolExecutor(len(sides)) as both:
            mine, its = both.map(
                lambda side: _answer(ledger, asker, side[0], customs.choices, side[1]), sides
            )
        return compared(mine, its, *labels)

    return compare


_ALL = "all calls"


def _label(period: Period | None) -> str:
    return "" if period is None else period.label


def _period(asker: Asker, ask: Ask) -> Period | None:
    return period_of(ask.period, zone=asker.zone, now=asker.now) if ask.period else None


class _Asked(msgspec.Struct, frozen=True):
    """The question with its period and hours put in; ``own`` is what the person wrote."""

    own: str
    whole: str
    span: tuple[Instant, Instant] | None


def _asked(asker: Asker, ask: Ask, customs: Customs, period: Period | None) -> _Asked:
    own = checked(ask.query, asker)
    if ask.name == "resolved" and not customs.choices.resolved:
        raise FigureError(NO_CODES)
    parts = [] if period is None else [period.question]
    if ask.hours:
        parts.append(customs.opening(ask.hours, period))
    return _Asked(own, together(own, *parts), None if period is None else period.span)


def _answer(ledger: Ledger, asker: Asker, ask: Ask, choices: Choices, asked: _Asked) -> Answer:
    """The answer from the ledger alone, so that two can be asked for at once."""
    found = answer.figure(
        ledger,
        asker.scope,
        ask.name,
        asked.whole,
        by=ask.by,
        variant=ask.variant,
        threshold_s=ask.threshold_s,
        short_s=ask.short_s,
        zone=asker.zone,
        now=asker.now,
        me=asker.me,
        account=ask.account,
        choices=choices,
        span=asked.span,
    )
    return msgspec.structs.replace(found, query=asked.own, hours=ask.hours)
