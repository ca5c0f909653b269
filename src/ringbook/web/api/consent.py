"""Consent to recording, and marks on what may not be heard: as phone systems and other programs tell of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse
from ninja import Router

from ringbook.desk.people.roles import Right
from ringbook.desk.recording_policy import consent, marks, states
from ringbook.desk.recording_policy.models import Consent, ConsentEvidence, ConsentState, MaskMark
from ringbook.desk.wiring import operations
from ringbook.model.call import Call
from ringbook.model.instant import Instant, from_datetime, iso
from ringbook.model.masking import masked_text
from ringbook.web.api import schemas_consent as schemas
from ringbook.web.api.calls import found
from ringbook.web.api.operation import answered, operation
from ringbook.web.api.problems import invalid
from ringbook.web.pages.recording_policy.consent import withdraw
from ringbook.web.viewer import Asking, Viewer

router = Router(tags=["recordings"])


@operation(router, "GET", "/calls/{id}/consent", Right.SEE_CALLS, answer=schemas.CallConsent)
def get_consent(request: Asking, id: str) -> HttpResponse:  # noqa: A002  # the public name
    """What the parties of a call said to being recorded."""
    return answered(_consent(request.viewer, found(request.viewer, id)))


@operation(
    router,
    "POST",
    "/calls/{id}/consent",
    Right.SEE_CALLS,
    Right.ANNOTATE,
    answer=schemas.CallConsent,
    status=201,
    once=True,
)
def add_consent(request: Asking, id: str, word: schemas.NewConsent) -> HttpResponse:  # noqa: A002  # the public name
    """Tell what a party of a call said to being recorded.

    The last word of a party holds, and all of them stay on record. From a refusal on, nobody hears a recording of the call.
    """
    viewer = request.viewer
    call = found(viewer, id)
    try:
        consent.say(
            viewer.actor, call.id, word.party, word.state, ConsentEvidence(word.evidence), word.detail
        )
    except consent.ConsentError as error:
        raise invalid("body", "party", str(error)) from None
    if word.state == ConsentState.REFUSED.value:
        withdraw(viewer, call)
    return answered(_consent(viewer, call), 201)


@operation(router, "GET", "/calls/{id}/mask-marks", Right.SEE_CALLS, answer=schemas.MaskMarks)
def list_mask_marks(request: Asking, id: str) -> HttpResponse:  # noqa: A002  # the public name
    """The spans of a call that may not be heard."""
    viewer = request.viewer
    there = marks.of_call(viewer.scope, found(viewer, id).id)
    return answered({"items": [_mark(mark) for mark in there]})


@operation(
    router,
    "POST",
    "/calls/{id}/mask-marks",
    Right.SEE_CALLS,
    Right.MASK_RECORDINGS,
    answer=schemas.MaskMark,
    status=201,
    once=True,
)
def add_mask_mark(request: Asking, id: str, mark: schemas.NewMaskMark) -> HttpResponse:  # noqa: A002  # the public name
    """Mark a span of a call that may not be heard.

    From the answer on, nothing of the call's recordings is heard until the span is silent in them; one that arrives later is
    silenced at once. A second before and after the span is silent, too. The same mark again is the one that is there.
    """
    viewer = request.viewer
    call = found(viewer, id)
    begins_at = _instant(mark.begins_at, "begins_at")
    ends_at = None if mark.ends_at is None else _instant(mark.ends_at, "ends_at")
    try:
        made = marks.add(
            viewer.actor, call.id, begins_at, ends_at, mark.reason, f"api {mark.evidence}".strip()
        )
    except marks.MarkError as error:
        raise invalid("body", "ends_at", str(error)) from None
    next(operations().run("recordings.begin_marks", {"call": call.id}))
    made.refresh_from_db()
    return answered(_mark(made), 201)


def _consent(viewer: Viewer, call: Call) -> dict[str, Any]:
    words = consent.words(viewer.scope, call)
    return {
        "state": consent.state_of(words) or ConsentState.UNKNOWN.value,
        "parties": [
            _word(viewer, word.party, word.state, word.evidence, word.detail, word.at, word.by)
            for word in words
        ],
        "history": [_said(viewer, row) for row in states.history(viewer.scope, call.id)],
    }


def _said(viewer: Viewer, row: Consent) -> dict[str, Any]:
    return _word(viewer, row.party, row.state, row.evidence, row.detail, from_datetime(row.at), row.by_name)


def _word(  # one argument for each key
    viewer: Viewer, party: str, state: str, evidence: str, detail: str, at: Instant, by: str
) -> dict[str, Any]:
    def hidden(text: str) -> str:
        return masked_text(text) if viewer.scope.masked else text

    return {
        "party": hidden(party),
        "state": state,
        "evidence": evidence,
        "detail": hidden(detail) or None,
        "at": iso(at),
        "by": by or None,
    }


def _mark(mark: MaskMark) -> dict[str, Any]:
    return {
        "begins_at": iso(mark.begins_at),
        "ends_at": iso(mark.ends_at),
        "reason": mark.reason,
        "evidence": mark.evidence,
        "silenced": mark.done,
    }


def _instant(text: str, name: str) -> Instant:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise invalid("body", name, "write it as 2026-11-21T14:00:00Z") from None
    if at.tzinfo is None or not _EARLIEST <= at.year <= _LATEST:
        raise invalid("body", name, "write it with its offset from UTC, as 2026-11-21T14:00:00Z")
    return from_datetime(at.astimezone(UTC))


_EARLIEST, _LATEST = 1985, 2089
