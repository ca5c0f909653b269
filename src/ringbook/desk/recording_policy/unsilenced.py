"""Marks that could not be made silent: of which calls, why, so that somebody can see to it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import StrEnum

import msgspec

from ringbook.desk.annotations import joined
from ringbook.desk.governance.models import AuditEntry
from ringbook.desk.recording_policy.marks import spans
from ringbook.desk.recording_policy.models import MaskMark
from ringbook.ledger.ledger import Ledger
from ringbook.ledger.recordings import Catalogue
from ringbook.model.call import Call, CallId
from ringbook.model.instant import DAY, SECOND, Instant, to_datetime
from ringbook.model.recording import KeptRecording
from ringbook.model.scope import Scope

MOST = 2_000
"""Marks that are looked at: the newest."""

STEP = 200


class Why(StrEnum):
    """Why a mark could not be made silent."""

    NO_RECORDING = "no_recording"  # none of the call came
    DESTROYED = "destroyed"  # the recording was, before it was silenced
    OUTSIDE = "outside"  # the span lies in no recording of the call
    FAILED = "failed"  # a recording cannot be silenced; ``detail`` says why


class Unsilenced(msgspec.Struct, frozen=True):
    """A mark that could not be made silent."""

    call: Call
    begins_at: Instant
    ends_at: Instant | None
    why: Why
    evidence: str
    detail: str = ""


def unsilenced(
    ledger: Ledger, scope: Scope, since: Instant, now: Instant, grace_s: float
) -> list[Unsilenced]:
    """The marks since then, newest first, for which nothing is silent; a call that has just ended may still get its recording."""
    marks = list(MaskMark.objects.within(scope).filter(begins_at__gte=since).order_by("-begins_at")[:MOST])
    leads = joined.ends(scope, [mark.call_id for mark in marks])
    ids = list(dict.fromkeys(CallId(leads.get(mark.call_id, mark.call_id)) for mark in marks))
    calls: dict[str, Call] = {}
    kept: dict[CallId, list[KeptRecording]] = {}
    destroyed = _destroyed(scope, since)
    for start in range(0, len(ids), STEP):
        seen = ledger.calls(scope, ids[start : start + STEP])
        calls |= {call.id: call for call in seen}
        kept |= Catalogue(ledger).of_calls(scope.whole(), [call.id for call in seen])
    found = []
    for mark in marks:
        call = calls.get(leads.get(mark.call_id, mark.call_id))
        if call is None:
            continue
        told = _why(mark, kept.get(call.id, []), destroyed=not destroyed.isdisjoint((mark.call_id, call.id)))
        if told is None or (told[0] is Why.NO_RECORDING and _may_come(call, now, grace_s)):
            continue
        why, detail = told
        found.append(Unsilenced(call, mark.begins_at, mark.ends_at, why, mark.evidence, detail))
    return found


def _destroyed(scope: Scope, since: Instant) -> set[str]:
    """The calls of which a recording was destroyed since then: the audit log says it, for of the recording nothing is left."""
    entries = AuditEntry.objects.filter(
        tenant=scope.tenant, action="recording:destroyed", at__gte=to_datetime(since)
    )
    return {json.loads(text).get("call", "") for text in entries.values_list("detail", flat=True) if text}


def _why(mark: MaskMark, there: Sequence[KeptRecording], *, destroyed: bool) -> tuple[Why, str] | None:
    if not there:
        silent = bool(mark.done)  # one was there, was silenced, and was removed later
        return None if silent else (Why.DESTROYED if destroyed else Why.NO_RECORDING, "")
    failed = [mark.problems[one.id] for one in there if one.id in mark.problems]
    if failed:
        return Why.FAILED, failed[0]
    if all(one.id in mark.done and not spans(mark, one) for one in there):
        return Why.OUTSIDE, ""
    return None


def _may_come(call: Call, now: Instant, grace_s: float) -> bool:
    """Whether a recording of the call is still to be waited for: it goes on, or has just ended."""
    if call.ended_at is None:
        return now < call.started_at + DAY
    return now < call.ended_at + int(grace_s * SECOND)
