"""Answers that customers gave by keypad, read off the records of a call by the organisation's rules."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache

import msgspec
from django.utils.translation import gettext as _

from ringbook.desk.governance.audit import SYSTEM
from ringbook.desk.insight import surveys
from ringbook.desk.insight.models import DigitRule, SurveyAnswer
from ringbook.desk.insight.surveys import SCORES, Kind, SurveyError

MOST_RULES = 50
_LONGEST_VALUE = 64
"""Characters of a field that tells a keypad answer; one that is longer is something else."""

_LITERAL = re.compile(r"\\.|\[\^?(?:\\.|[^\\])(?:\\.|[^\]\\])*\]", re.DOTALL)
_OPEN = re.compile(r"(?P<group>\)[*+{])|(?P<repeat>[*+]|\{\d*,)[\d}]*[?+]?|(?P<choice>(?<!\()\?|\|)")
_OPEN_BITS = {"repeat": 6, "choice": 1}
_MOST_BITS = 20
"""How many ways through a value a pattern may leave open, as a power of two: so none takes a pattern long to refuse."""


def rules_of(tenant: str) -> list[DigitRule]:
    """The rules, the first made first."""
    return list(DigitRule.objects.filter(tenant=tenant))


def check(pattern: str, kind: str, score: int | None) -> None:
    """Raise SurveyError for a rule that can never give an answer."""
    try:
        groups = re.compile(pattern).groups
    except (re.error, OverflowError, RecursionError) as error:
        text = _("The pattern is no regular expression: %(problem)s.")
        raise SurveyError(text % {"problem": str(error)}) from None
    found = [match.lastgroup or "" for match in _OPEN.finditer(_LITERAL.sub("x", pattern))]
    if "group" in found or sum(_OPEN_BITS[one] for one in found) > _MOST_BITS:
        raise SurveyError(
            _(
                "The pattern leaves too much open: use fewer of * + ? { } and |, "
                "and behind brackets none of them but ?."
            )
        )
    if score is None and groups != 1:
        raise SurveyError(
            _(
                "Say which score it is, or put the digits in brackets once: csat=([0-9]) takes the 5 of csat=5."
            )
        )
    lowest, highest = SCORES[Kind(kind)]
    if score is not None and not lowest <= score <= highest:
        raise SurveyError(
            _("A score of this kind is from %(lowest)d to %(highest)d.")
            % {"lowest": lowest, "highest": highest}
        )


def scores(rules: Iterable[DigitRule], fields: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """The scores by kind that the fields of a call's records say; of a field written several times, the last one.

    ``fields`` are by name in lower case. A value that gives no possible score says nothing.
    """
    found: dict[str, int] = {}
    for rule in rules:
        lowest, highest = SCORES[Kind(rule.kind)]
        for value in fields.get(rule.field.lower(), ()):
            said = value.strip()
            match = _compiled(rule.pattern).fullmatch(said) if len(said) <= _LONGEST_VALUE else None
            if match is None:
                continue
            text = str(rule.score) if rule.score is not None else (match[1] or "").strip()
            if text.isascii() and text.isdecimal() and len(text) < 3 and lowest <= int(text) <= highest:
                found[rule.kind] = int(text)
    return found


def take(tenant: str, call: str, found: Mapping[str, int], answered_at: datetime) -> int:
    """How many answers were new or another than before. What was answered on another way stays as it is."""
    there = {one.kind: one for one in SurveyAnswer.objects.filter(tenant=tenant, call_id=call)}
    taken = 0
    for kind, score in found.items():
        before = there.get(kind)
        if before is not None and (before.via != "ivr" or before.score == score):
            continue
        actor = msgspec.structs.replace(SYSTEM, tenant=tenant)
        surveys.record(actor, call, kind, score, via="ivr", answered_at=answered_at)
        taken += 1
    return taken


@lru_cache(maxsize=128)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
