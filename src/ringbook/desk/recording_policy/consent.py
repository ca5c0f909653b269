"""What people on a call say to being recorded: writing it down, and what the call itself shows."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from django.db import transaction
from django.utils import timezone

from ringbook.desk.annotations import sync
from ringbook.desk.governance import audit
from ringbook.desk.governance.audit import Actor
from ringbook.desk.recording_policy import states
from ringbook.desk.recording_policy.models import Consent, ConsentEvidence, ConsentState
from ringbook.desk.recording_policy.rules import standard
from ringbook.model.call import Call, StepKind
from ringbook.model.errors import AskError
from ringbook.model.instant import Instant, from_datetime
from ringbook.model.scope import Scope

CALLER, CALLED = "caller", "called"
LONGEST_PARTY = 60
LONGEST_DETAIL = 500


class ConsentError(AskError):
    """What was said cannot be kept like this."""


class Word(msgspec.Struct, frozen=True):
    """What one party said, or was told, and how that is known; ``frame`` is the record that shows it."""

    party: str
    state: str
    evidence: str
    at: Instant
    detail: str = ""
    by: str = ""
    frame: str = ""


def say(
    actor: Actor, call_id: str, party: str, state: str, evidence: ConsentEvidence, detail: str = ""
) -> Consent:
    """What a party of a call said, written down; the search copy follows.

    :raises ConsentError: there is no such state, or no party.
    """
    if state not in ConsentState.values:
        raise ConsentError(f"{state!r} is not one of {', '.join(ConsentState.values)}")
    if not 0 < len(party.strip()) <= LONGEST_PARTY or len(detail) > LONGEST_DETAIL:
        raise ConsentError(
            f"say which party it was, in at most {LONGEST_PARTY} characters; the detail has {LONGEST_DETAIL} at most"
        )
    with transaction.atomic():
        row = Consent.objects.create(
            tenant=actor.tenant,
            call_id=call_id,
            party=party.strip(),
            state=state,
            evidence=evidence,
            detail=detail.strip(),
            at=timezone.now(),
            by_actor=actor.id,
            by_name=actor.name,
        )
        sync.mark(actor.tenant, [call_id])
        audit.record(actor, "consent:said", f"call:{call_id}", state=state, evidence=evidence.value)
    sync.put(actor.tenant, [call_id])
    return row


def words(scope: Scope, call: Call) -> list[Word]:
    """What is known of each party of a call: what was said, and else what the call's own steps show."""
    said = [_word(row) for row in states.said(scope, [call.id]).get(call.id, {}).values()]
    shown = [word for word in heard(call, standard(scope.tenant).prompts) if word.party not in _parties(said)]
    return sorted([*said, *shown], key=lambda word: (word.at, word.party))


def heard(call: Call, prompts: Iterable[str]) -> list[Word]:
    """That the caller was told, if the call's steps show that one of the announcements was played: the first one counts."""
    names = [name.strip().lower() for name in prompts if name.strip()]
    for step in call.steps:
        if step.kind in (StepKind.ANNOUNCEMENT, StepKind.MENU):
            text = " ".join((step.who, step.name, step.detail)).lower()
            name = next((name for name in names if name in text), None)
            if name is not None:
                at = step.at if step.at is not None else call.started_at
                return [
                    Word(CALLER, ConsentState.ANNOUNCED, ConsentEvidence.PROMPT, at, name, "", step.frame)
                ]
    return []


def state_of(words: Iterable[Word]) -> str:
    """What stands for a call as a whole; empty when nothing is known."""
    known = {word.state for word in words}
    return next((state.value for state in states.STRONGEST if state.value in known), "")


def _parties(words: Iterable[Word]) -> set[str]:
    return {word.party for word in words if word.state != ConsentState.UNKNOWN}


def _word(row: Consent) -> Word:
    return Word(row.party, row.state, row.evidence, from_datetime(row.at), row.detail, row.by_name)
