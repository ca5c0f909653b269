"""Questions put together, and turned into conditions of one statement."""

from __future__ import annotations

import msgspec

from ringbook.model.instant import Instant
from ringbook.model.scope import Scope
from ringbook.search.language import parse, text
from ringbook.search.plan import UNBOUNDED, Bounds, Plan, check, plan, scores


class Asker(msgspec.Struct, frozen=True):
    """Who asks, from which time zone, when."""

    scope: Scope
    zone: str
    now: Instant
    me: str = ""


class Conditions:
    """Collects the conditions of one statement and their parameters, each question's under names of their own.

    They are right for calls that started within the ``bounds`` of what the statement is about.
    """

    def __init__(self, asker: Asker, about: str = "") -> None:
        self._asker = asker
        self._within = self._plan(about).bounds
        self._questions = 0
        self.params: dict[str, object] = {"zone": asker.zone, "now": asker.now}

    def of(self, question: str) -> str:
        """The condition that a question means; it always says ``{scope}``."""
        return self._named(self._plan(question, self._within))

    def scores(self, field: str) -> str:
        """A subquery with the rows (id, score) of those calls that have a number in a field."""
        return self._named(scores(field, self._within))

    def _named(self, asked: Plan) -> str:
        """The SQL with names of its own for its parameters."""
        self._questions += 1
        own = asked.beside(f"q{self._questions}_")
        self.params |= own.params
        return own.where

    def _plan(self, question: str, within: Bounds = UNBOUNDED) -> Plan:
        asker = self._asker
        return plan(question, asker.scope, zone=asker.zone, now=asker.now, me=asker.me, within=within)


def checked(question: str, asker: Asker) -> str:
    """The question as it is to be put beside others. Raises QuestionError, pointing into what the person wrote."""
    check(question, asker.scope, zone=asker.zone, now=asker.now, me=asker.me)
    return question.strip()


def together(*questions: str) -> str:
    """One question for the calls that all of these find."""
    asked = [question for question in questions if question.strip()]
    if not asked:
        return ""
    return text(parse(" and ".join(f"({question})" for question in asked)))
