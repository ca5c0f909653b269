"""Taking what customers answered about a call, through a program, a page or by hand."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from enum import StrEnum

from django.db import transaction
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from ringbook.desk.annotations import sync
from ringbook.desk.governance import audit
from ringbook.desk.governance.audit import Actor
from ringbook.desk.insight.models import SurveyAnswer
from ringbook.model.errors import AskError
from ringbook.model.scope import Scope


class Kind(StrEnum):
    """What was asked."""

    CSAT = "csat"  # how satisfied: 1 to 5
    NPS = "nps"  # how likely to recommend: 0 to 10
    CES = "ces"  # how easy it was: 1 to 7


SCORES = {Kind.CSAT: (1, 5), Kind.NPS: (0, 10), Kind.CES: (1, 7)}
"""The lowest and the highest score of each kind."""

VIA = ("api", "ivr", "link", "hand")
"""The ways on which an answer comes."""

LONGEST_COMMENT = 4_000


class SurveyError(AskError):
    """No answer that can be taken; the text says what one is."""


def record(
    actor: Actor,
    call: str,
    kind: str,
    score: int,
    *,
    via: str,
    comment: str = "",
    answered_at: datetime | None = None,
) -> SurveyAnswer:
    """The answer about a call, kept and countable; one of the same kind that came before is replaced.

    Whether the call is there and the actor may see it is for the caller to know. Raises SurveyError.
    """
    asked, at = _checked(kind, score, via, comment), answered_at or datetime.now(UTC)
    call = _call(call)
    with transaction.atomic():
        found = (
            SurveyAnswer.objects.select_for_update()
            .filter(tenant=actor.tenant, call_id=call, kind=asked.value)
            .first()
        )
        answer = found or SurveyAnswer(tenant=actor.tenant, call_id=call, kind=asked.value, version=0)
        answer.score, answer.via, answer.comment = score, via, comment.strip()
        answer.answered_at, answer.by, answer.version = at, actor.id, answer.version + 1
        answer.save()
        audit.record(actor, "survey:answered", f"call:{call}", kind=asked.value, via=via)
        sync.mark(actor.tenant, [call])
    sync.put(actor.tenant, [call])
    return answer


def answers_of(scope: Scope, call: str) -> list[SurveyAnswer]:
    """What was answered about a call, by kind."""
    return list(SurveyAnswer.objects.within(scope).filter(call_id=call))


def _checked(kind: str, score: int, via: str, comment: str) -> Kind:
    if kind not in list(Kind):
        raise SurveyError(f'There is no survey of the kind "{kind[:20]}"; there are {", ".join(Kind)}.')
    asked = Kind(kind)
    lowest, highest = SCORES[asked]
    if isinstance(score, bool) or not isinstance(score, int) or not lowest <= score <= highest:
        raise SurveyError(
            _("A score of %(kind)s is a whole number from %(lowest)s to %(highest)s.")
            % {"kind": asked, "lowest": lowest, "highest": highest}
        )
    if via not in VIA:
        raise SurveyError(f'An answer cannot come by "{via[:20]}"; it comes by {", ".join(VIA)}.')
    if len(comment) > LONGEST_COMMENT:
        raise SurveyError(
            _("A comment has at most %(most)s characters.")
            % {"most": number_format(LONGEST_COMMENT, force_grouping=True)}
        )
    return asked


def _call(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise SurveyError("That is no call's id.") from None
