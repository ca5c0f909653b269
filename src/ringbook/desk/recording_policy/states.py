"""What the parties of calls said to being recorded, as it stands: the last word of each holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ringbook.desk.annotations import joined
from ringbook.desk.annotations.acting import chunks
from ringbook.desk.recording_policy.models import Consent, ConsentState
from ringbook.model.scope import Scope

STRONGEST = (ConsentState.REFUSED, ConsentState.OPTED_IN, ConsentState.ANNOUNCED)
"""What stands for a call as a whole: a refusal of one is one of the call's."""


def said(scope: Scope, call_ids: Iterable[str]) -> dict[str, dict[str, Consent]]:
    """The last word of each party, by call; that of calls joined into another is the other's."""
    wanted = list(call_ids)
    inside = joined.origins(scope, wanted)
    found: dict[str, dict[str, Consent]] = {}
    for some in chunks([*wanted, *inside]):
        for row in Consent.objects.within(scope).filter(call_id__in=some).order_by("at", "id"):
            of = found.setdefault(inside.get(row.call_id, row.call_id), {})
            before = of.get(row.party)
            if before is None or (before.at, before.pk) <= (row.at, row.pk):
                of[row.party] = row
    return found


def history(scope: Scope, call_id: str) -> Sequence[Consent]:
    """Everything that was said on a call, the last first."""
    ids = [call_id, *joined.origins(scope, [call_id])]
    return list(Consent.objects.within(scope).filter(call_id__in=ids).order_by("-at", "-id"))


def of_call(words: Iterable[Consent]) -> str:
    """What stands for a call as a whole; empty when nothing is known."""
    known = {word.state for word in words}
    return next((state.value for state in STRONGEST if state.value in known), "")


def refused(scope: Scope, call_ids: Iterable[str] | None = None) -> set[str]:
    """The calls that somebody on them refused to have recorded: all of them, or those among some."""
    rows = Consent.objects.within(scope).filter(state=ConsentState.REFUSED)
    if call_ids is None:
        calls = set(rows.order_by().values_list("call_id", flat=True).distinct())
        calls = {*calls, *joined.ends(scope, calls).values()} if calls else calls
    else:
        calls = set(call_ids)
        if not rows.exists():
            return set()
    states = said(scope, calls)
    return {call for call in calls if of_call(states.get(call, {}).values()) == ConsentState.REFUSED}
