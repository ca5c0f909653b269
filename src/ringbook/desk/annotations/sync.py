"""The search copies: what people added to calls, put into the ledger so that it is found with the calls.

A change marks its calls in the same transaction (``Unsynced``). Right after it the copies are put into the ledger and the
marks go; while the ledger is down the marks stay, and ``sync_pending`` puts the copies there later.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction

from ringbook.desk.annotations import joined, reading
from ringbook.desk.annotations.acting import chunks
from ringbook.desk.annotations.models import (
    CallOutcome,
    CallTag,
    FieldValue,
    Joined,
    LoggedCall,
    Note,
    Task,
    Unsynced,
)
from ringbook.desk.annotations.reading import Annotations
from ringbook.desk.insight.models import SurveyAnswer, SurveyLink
from ringbook.desk.recording_policy import states as consent
from ringbook.desk.recording_policy.models import Consent
from ringbook.desk.wiring import ledger
from ringbook.model.annotation import CONSENT, CallNotes
from ringbook.model.call import CallId
from ringbook.model.errors import RingbookError
from ringbook.model.instant import from_datetime
from ringbook.model.scope import MAIN_TENANT, Scope

log = logging.getLogger(__name__)


def mark(tenant: str, call_ids: Iterable[str]) -> None:
    """Remember that these calls' copies are to be made: in the transaction of the change."""
    Unsynced.objects.bulk_create([Unsynced(tenant=tenant, call_id=call) for call in call_ids], batch_size=500)


def put(tenant: str, call_ids: Sequence[str]) -> bool:
    """Put the copies of marked calls into the ledger; whether they stand there now. They stay marked if not."""
    rows = Unsynced.objects.filter(tenant=tenant, call_id__in=call_ids)
    marks = list(rows.values_list("pk", flat=True))
    try:
        _copy(Scope(tenant), call_ids)
    except (RingbookError, OSError) as error:
        log.warning("annotations are searchable only later: the ledger says %s", error)
        return False
    for some in chunks(marks):
        Unsynced.objects.filter(pk__in=some).delete()
    return True


def sync_pending(limit: int = 1_000, tenant: str = MAIN_TENANT) -> int:
    """Put the copies of calls there whose turn never came, or that were joined since; how many calls that were."""
    done = 0
    try:
        _mark_joined(Scope(tenant))
    except (RingbookError, OSError) as error:
        log.warning("annotations are searchable only later: the ledger says %s", error)
        return 0
    while done < limit:
        waiting = Unsynced.objects.filter(tenant=tenant).order_by("pk").values_list("call_id", flat=True)
        calls = list(dict.fromkeys(waiting[: min(500, limit - done)]))
        if not calls or not put(tenant, calls):
            return done
        done += len(calls)
    return done


def mark_lost(tenant: str = MAIN_TENANT) -> int:
    """Mark all annotated calls if the ledger has no copy of any, as one that was made anew has none; how many."""
    sql = "SELECT count() FROM annotations WHERE tenant = {tenant:String}"
    if int(ledger().query_rows(Scope(tenant), sql)[0][0]):
        return 0
    calls = _annotated(Scope(tenant))
    mark(tenant, calls)
    return len(calls)


def _copy(scope: Scope, call_ids: Sequence[str]) -> None:
    """Make the copies of calls; what belongs to ids that were joined into them is part of theirs."""
    leads = joined.ends(scope, call_ids)
    calls = list(dict.fromkeys(leads.get(call, call) for call in call_ids))
    inside = joined.origins(scope, calls)
    found = reading.of_calls(scope, calls)
    entered = reading.entered_by(scope, [*calls, *inside])
    by = {inside.get(call, call): handle for call, handle in entered.items()}
    more = _scores(scope, calls, inside)
    for call, said in consent.said(scope, calls).items():
        more.setdefault(call, {})[CONSENT] = consent.of_call(said.values())
    copies = [copy_of(call, found[call], by.get(call, ""), more.get(call)) for call in calls]
    ledger().annotate(scope.tenant, [*copies, *(CallNotes(call=CallId(one)) for one in inside)])


def _scores(scope: Scope, calls: Sequence[str], inside: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """What customers were asked and answered about calls and those that were joined into them, as fields: the last answers."""
    found: dict[str, dict[str, str]] = {}
    for some in chunks([*calls, *inside]):
        for answer in SurveyAnswer.objects.within(scope).filter(call_id__in=some).order_by("answered_at"):
            fields = found.setdefault(inside.get(answer.call_id, answer.call_id), {})
            fields[SURVEYED + answer.kind] = str(answer.score)
        for link in SurveyLink.objects.within(scope).filter(call_id__in=some):
            fields = found.setdefault(inside.get(link.call_id, link.call_id), {})
            fields[f"{SURVEYED}asked.{link.kind}"] = "yes"
    return found


SURVEYED = "survey."
"""What the fields of answers to surveys begin with; no field of an organisation's own has a point in its key."""


def copy_of(
    call: str, shown: Annotations, entered_by: str = "", more: Mapping[str, str] | None = None
) -> CallNotes:
    """What is searched of the annotations of a call."""
    waiting = [task for task in shown.tasks if task.done_at is None]
    return CallNotes(
        call=CallId(call),
        notes="\n".join(
            [note.text for note in shown.notes] + [task.text for task in shown.tasks if task.text]
        ),
        tags=tuple(tag.name for tag in shown.tags),
        outcome_code=shown.outcome.key if shown.outcome else "",
        assigned=shown.assigned,
        due_at=tuple(from_datetime(task.due_at) for task in waiting if task.due_at),
        open_tasks=len(waiting),
        entered_by=entered_by,
        fields={field.key: field.value for field in shown.fields} | dict(more or {}),
    )


def _mark_joined(scope: Scope) -> None:
    """Mark the calls that people added something to and that lead elsewhere than when their copies were made."""
    seen = joined.how_many(scope)
    if _seen.get(scope.tenant) == seen:
        return
    before = dict(Joined.objects.filter(tenant=scope.tenant).values_list("call_id", "leads_to"))
    for some in chunks(_annotated(scope), 5_000):
        leads = joined.ends(scope, some)
        for call in some:
            then, today = before.get(call), leads.get(call)
            if then != today:
                _lead(scope.tenant, call, then, today)
    _seen[scope.tenant] = seen


def _lead(tenant: str, call: str, then: str | None, today: str | None) -> None:
    with transaction.atomic():
        mark(tenant, {call, then or call, today or call})
        if today is None:
            Joined.objects.filter(call_id=call).delete()
        else:
            Joined.objects.update_or_create(call_id=call, defaults={"tenant": tenant, "leads_to": today})


def _annotated(scope: Scope) -> list[str]:
    """All calls that people added something to."""
    found: set[str] = set()
    for kind in (Note, CallTag, CallOutcome, Task, FieldValue, LoggedCall, SurveyAnswer, SurveyLink, Consent):
        found |= set(kind.objects.within(scope).order_by().values_list("call_id", flat=True).distinct())
    return sorted(found)


_seen: dict[str, tuple[int, ...]] = {}
