"""Marks: spans of a call that must not be heard, because somebody read a card out or recording was paused then."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from django.db import transaction
from django.utils import timezone

from ringbook.desk.annotations import joined
from ringbook.desk.governance import audit
from ringbook.desk.governance.audit import Actor
from ringbook.desk.recording_policy.models import MaskMark
from ringbook.model.errors import AskError
from ringbook.model.instant import DAY, SECOND, Instant
from ringbook.model.recording import KeptRecording
from ringbook.model.scope import Scope

PAD_S = 1.0
"""Silenced before and after a mark, too: the names of files tell when they began to the second only."""

LONGEST = DAY
FOREVER_S = 1e6
CARD = "card data"


class MarkError(AskError):
    """There can be no such span on the call."""


def add(
    actor: Actor,
    call_id: str,
    begins_at: Instant,
    ends_at: Instant | None,
    reason: str,
    evidence: str,
) -> MaskMark:
    """The mark, written down once: told again, it is the one that is there.

    :raises MarkError: it ends before it begins, or lasts longer than any call.
    """
    if ends_at is not None and not begins_at < ends_at <= begins_at + LONGEST:
        raise MarkError("a mark ends after it begins, and lasts a day at most")
    with transaction.atomic():
        mark, made = MaskMark.objects.get_or_create(
            tenant=actor.tenant,
            call_id=call_id,
            begins_at=begins_at,
            ends_at=ends_at,
            defaults={
                "reason": reason[:200],
                "evidence": evidence[:200],
                "at": timezone.now(),
                "by_actor": actor.id,
            },
        )
        if made:
            audit.record(actor, "recording:marked", f"call:{call_id}")
    return mark


def between(
    events: Iterable[tuple[Instant, str]], begins: Sequence[str], ends: Sequence[str]
) -> list[tuple[Instant, Instant | None]]:
    """The spans that a phone system's events tell of, by their names; one that nothing ends lasts as long as the call."""
    first, last = _lower(begins), _lower(ends)
    found: list[tuple[Instant, Instant | None]] = []
    began: Instant | None = None
    for at, name in sorted(events):
        if name.lower() in first:
            began = at if began is None else began
        elif name.lower() in last and began is not None:
            if at > began:
                found.append((began, at))
            began = None
    return found if began is None else [*found, (began, None)]


class Change(msgspec.Struct, frozen=True):
    """That from then on some parts of a call's recordings may not be heard, or may again."""

    at: Instant
    on: bool
    parts: frozenset[str]


def masked(changes: Iterable[Change]) -> list[tuple[Instant, Instant | None]]:
    """The spans in which at least one part may not be heard; one that nothing ends lasts as long as the call."""
    found: list[tuple[Instant, Instant | None]] = []
    held: frozenset[str] = frozenset()
    began: Instant | None = None
    for change in sorted(changes, key=lambda one: (one.at, one.on)):
        held = held | change.parts if change.on else held - change.parts
        if held and began is None:
            began = change.at
        elif not held and began is not None:
            found.append((began, change.at))
            began = None
    return found if began is None else [*found, (began, None)]


def take(tenant: str, call_id: str, spans: Iterable[tuple[Instant, Instant | None]], evidence: str) -> int:
    """Put the marks on a call that its records tell of; how many that are. One without an end gets the one that came later.

    An end that no call can have is a clock that jumped, and counts as none.
    """
    made = 0
    for begins_at, told_end in spans:
        ends_at = None if told_end is not None and told_end > begins_at + LONGEST else told_end
        if ends_at is not None and ends_at <= begins_at:
            continue
        there = MaskMark.objects.filter(tenant=tenant, call_id=call_id, begins_at=begins_at)
        if there.filter(ends_at=ends_at).exists():
            continue
        made += 1
        if there.filter(ends_at=None, by_actor=audit.SYSTEM.id).update(ends_at=ends_at, at=timezone.now()):
            continue
        add(msgspec.structs.replace(audit.SYSTEM, tenant=tenant), call_id, begins_at, ends_at, CARD, evidence)
    return made


def of_call(scope: Scope, call_id: str) -> list[MaskMark]:
    """The marks on a call and on those that were joined into it, in order of time."""
    ids = [call_id, *joined.origins(scope, [call_id])]
    return list(MaskMark.objects.within(scope).filter(call_id__in=ids))


def waiting(tenant: str, call_id: str, recording: str) -> list[MaskMark]:
    """The marks of a recording's call that it was not silenced for yet."""
    return [mark for mark in of_call(Scope(tenant), call_id) if recording not in mark.done] if call_id else []


def marked_calls(tenant: str) -> set[str]:
    """The calls with marks; of one that was joined into another, also the other."""
    calls = set(
        MaskMark.objects.filter(tenant=tenant).order_by().values_list("call_id", flat=True).distinct()
    )
    return {*calls, *joined.ends(Scope(tenant), calls).values()} if calls else calls


def spans(mark: MaskMark, recording: KeptRecording) -> list[tuple[float, float]]:
    """The seconds of a recording that a mark is about; all of it if nothing tells when it began."""
    end_s = recording.duration_s if recording.duration_s is not None else FOREVER_S
    if recording.started_at is None:
        return [(0.0, end_s)]
    start = (mark.begins_at - recording.started_at) / SECOND - PAD_S
    stop = end_s if mark.ends_at is None else (mark.ends_at - recording.started_at) / SECOND + PAD_S
    start, stop = max(0.0, start), min(end_s, stop)
    return [(start, stop)] if start < stop else []


def applied(mark: MaskMark, recording: str) -> None:
    """Remember that a recording has the mark's silence, or nothing in its span."""
    problems = {one: why for one, why in mark.problems.items() if one != recording}
    MaskMark.objects.filter(pk=mark.pk).update(done=[*mark.done, recording], problems=problems)


def failed(mark: MaskMark, recording: str, why: str) -> None:
    """Remember why a recording could not be silenced."""
    MaskMark.objects.filter(pk=mark.pk).update(problems={**mark.problems, recording: why[:300]})


def _lower(names: Sequence[str]) -> set[str]:
    return {name.strip().lower() for name in names if name.strip()}
