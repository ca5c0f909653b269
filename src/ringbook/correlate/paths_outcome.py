"""What became of a call that nobody answered, and why it ended, as CDR rows tell it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ringbook.correlate.paths_rows import Cast, Row
from ringbook.model.call import Cause, Outcome
from ringbook.model.instant import SECOND
from ringbook.model.members import (
    APP_CALLED,
    APP_DIAL,
    APP_QUEUE,
    APP_VOICEMAIL,
    DIRECTION_INBOUND,
    DIRECTION_OUTBOUND,
    END_IVR,
    END_PLUMBING,
    END_UNKNOWN,
    OUTCOME_ABANDONED,
    OUTCOME_BUSY,
    OUTCOME_CANCELLED,
    OUTCOME_FAILED,
    OUTCOME_MACHINE,
    OUTCOME_MISSED,
    OUTCOME_REJECTED,
    OUTCOME_UNKNOWN,
    OUTCOME_VOICEMAIL,
    RESULT_ANSWERED,
    RESULT_BUSY,
    RESULT_CANCELLED,
    RESULT_CONGESTION,
    RESULT_FAILED,
    RESULT_NO_ANSWER,
)
from ringbook.model.statement import PathResult


def unanswered(rows: Sequence[Row], cast: Cast) -> tuple[Outcome, Row]:
    """The outcome of a call on which no person was reached, and the row that says so."""
    mine = [row for row in rows if row.a.channel == cast.entry.a.channel] or [cast.entry]
    for row in mine:
        if row.app is APP_VOICEMAIL and row.answered is not None:
            return OUTCOME_VOICEMAIL, row
    rung = [row for row in rows if _rings(row)]
    behind = _behind_local(rows, rung)
    if behind is not None:
        return behind
    hidden = _machine_after(mine, rung)
    if hidden is not None:
        return OUTCOME_VOICEMAIL, hidden
    queued = [row for row in mine if row.app is APP_QUEUE]
    if queued:
        return _queued(mine, queued, rung)
    if rung:
        return _rung(rows, mine, rung, cast)
    return _only_the_switch(mine, cast)


def cause_of(rows: Sequence[Row]) -> tuple[Cause, Row | None]:
    """The Q.850 cause that the dialplan handed to Hangup, where it did and it tells something."""
    for row in reversed(rows):
        if row.path.app == "Hangup" and row.path.app_data.isdecimal():
            value = int(row.path.app_data)
            if value not in _SILENT and value <= _HIGHEST:
                return Cause(q850=value), row
    return _NO_CAUSE, None


def _rings(row: Row) -> bool:
    """Whether the row says that a phone or line was tried."""
    return bool(row.b.channel) or (row.app is APP_DIAL and row.path.result is not RESULT_ANSWERED)


def _behind_local(rows: Sequence[Row], rung: Sequence[Row]) -> tuple[Outcome, Row] | None:
    """What a Local channel led to that answered and is no person: a mailbox, a menu, or something that no row names."""
    answered = [row for row in rung if row.up and row.app is not APP_QUEUE]
    if not answered:
        return None
    for row in rows:
        if row.a.kind is END_PLUMBING and not row.b.channel and row.answered is not None:
            if row.app is APP_VOICEMAIL:
                return OUTCOME_VOICEMAIL, row
            if row.b.kind is not END_UNKNOWN:
                return OUTCOME_MACHINE, row
    return OUTCOME_UNKNOWN, answered[0]


def _machine_after(mine: Sequence[Row], rung: Sequence[Row]) -> Row | None:
    """The row of something that the switch itself did with the caller after phones had rung in vain.

    Its application is hidden by the hangup extension that ran last; what answers after nobody did is a mailbox.
    """
    if not rung:
        return None
    last = max(row.end for row in rung)
    for row in mine:
        if row.path.dst == "h" and not row.b.channel and row.start >= last - SECOND and _lasted(row):
            return row
    return None


def _lasted(row: Row) -> bool:
    """Whether the caller was up on the row for a time, rather than only passing through it."""
    billed = row.path.billed_s
    whole = row.start % SECOND == 0
    return row.answered is not None and billed is not None and billed >= (1 if whole else 0.3)


def _queued(mine: Sequence[Row], queued: Sequence[Row], rung: Sequence[Row]) -> tuple[Outcome, Row]:
    """Left waiting: abandoned, unless the dialplan went on after the queue had given up."""
    last = max(queued, key=lambda row: row.end)
    on = [row for row in mine if row.start >= last.end - SECOND and row not in queued and row.path.dst != "h"]
    if on and rung:
        return OUTCOME_MISSED, last
    return OUTCOME_ABANDONED, last


def _rung(rows: Sequence[Row], mine: Sequence[Row], rung: Sequence[Row], cast: Cast) -> tuple[Outcome, Row]:
    """By how the phones or lines that were tried took it; the last attempt stands for an outbound call."""
    if cast.direction is DIRECTION_INBOUND:
        told = mine[-1]
        if not told.b.channel and told.path.result is RESULT_BUSY:
            return (
                OUTCOME_BUSY,
                told,
            )  # what the caller was told in the end, though one of several phones rang
        return _by_results(rung)
    last_start = max(row.start for row in rung)
    tried = [row for row in rung if row.start >= last_start - SECOND]
    outcome, row = _by_results(tried)
    if outcome is not OUTCOME_MISSED:
        return outcome, row
    if row.path.result is RESULT_CANCELLED:
        return OUTCOME_CANCELLED, row
    cause, said = cause_of(rows)
    lasted = (row.end - row.start) / SECOND
    if cause.q850 is not None and said is not None:
        by_carrier = cause.q850 == _REJECTED and cast.direction is DIRECTION_OUTBOUND and lasted < 1
        return OUTCOME_FAILED if by_carrier else _by_cause(cause.q850), said
    went_on = any(
        other.start >= row.end - SECOND and other.path.dst != "h" and other not in rung for other in mine
    )
    limit = _limit_s(row)
    if went_on or limit is None or lasted >= limit - 1:
        return OUTCOME_MISSED, row
    if lasted < 1 and cast.direction is DIRECTION_OUTBOUND:
        return OUTCOME_FAILED, row
    # Before the Dial's own time was up, and nothing came after it: the caller hung up.
    return OUTCOME_CANCELLED, row


def _by_results(rung: Sequence[Row]) -> tuple[Outcome, Row]:
    for row in rung:
        if row.path.result in (RESULT_NO_ANSWER, RESULT_CANCELLED) and row.b.channel:
            return OUTCOME_MISSED, row
    for result, outcome in _RESULTS:
        for row in rung:
            if row.path.result is result:
                return outcome, row
    return OUTCOME_FAILED, rung[-1]


def _by_cause(q850: int) -> Outcome:
    return _CAUSES.get(q850, OUTCOME_FAILED)


def _limit_s(row: Row) -> float | None:
    """How long the Dial was to ring, in seconds; None where it does not say."""
    parts = re.split(r"[,|]", row.path.app_data)
    return float(parts[1]) if row.app is APP_DIAL and len(parts) > 1 and parts[1].isdecimal() else None


def _only_the_switch(mine: Sequence[Row], cast: Cast) -> tuple[Outcome, Row]:
    """No phone was tried: a menu that was left, an announcement, a feature code, or a call turned away."""
    answered = [row for row in mine if row.answered is not None]
    if cast.direction is not DIRECTION_INBOUND:
        for row in mine:
            if row.path.app in _TONES:
                return _TONES[row.path.app], row
    for row in answered:
        if row.b.kind is END_IVR or row.path.dst in ("t", "i"):
            return OUTCOME_ABANDONED, row
    if answered:
        row = answered[0]
        late = row.answered is not None and row.answered - row.start >= 2 * SECOND
        if (late and row.path.dst == "h") or row.app is APP_DIAL:
            return OUTCOME_UNKNOWN, row  # it rang first; the record no longer says who or what answered
        return OUTCOME_MACHINE, row
    row = mine[-1]
    if not row.a.channel:
        return OUTCOME_UNKNOWN, row
    if row.app is APP_CALLED:
        return _by_results_alone(row), row
    if row.path.result is RESULT_BUSY:
        return OUTCOME_BUSY, row
    if row.path.result in (RESULT_FAILED, RESULT_CONGESTION):
        return OUTCOME_FAILED, row
    if row.end - row.start >= _AT_ONCE:
        return OUTCOME_MISSED, row  # it was let ring, though the record does not say where
    return (OUTCOME_REJECTED if cast.direction is DIRECTION_INBOUND else OUTCOME_FAILED), row


def _by_results_alone(row: Row) -> Outcome:
    """Of a phone that the switch itself rang, to connect it with somebody once it answered."""
    found = {
        RESULT_BUSY: OUTCOME_BUSY,
        RESULT_CONGESTION: OUTCOME_FAILED,
        RESULT_FAILED: OUTCOME_FAILED,
    }
    return found.get(row.path.result, OUTCOME_MISSED)


_RESULTS = (
    (PathResult.BUSY, Outcome.BUSY),
    (PathResult.REJECTED, Outcome.REJECTED),
    (PathResult.CONGESTION, Outcome.FAILED),
    (PathResult.FAILED, Outcome.FAILED),
)
_CAUSES = {17: Outcome.BUSY, 18: Outcome.MISSED, 19: Outcome.MISSED, 21: Outcome.REJECTED}
"""Q.850: user busy; no user responding; no answer; call rejected. Others: it never got through."""

_REJECTED = 21
"""Q.850: call rejected. A person takes a second to decline; a carrier's refusal comes at once."""

_TONES = {"Busy": Outcome.BUSY, "Congestion": Outcome.FAILED}
"""Applications that let our own caller hear that the call could not be placed, even if they answer to do so."""

_AT_ONCE = 3 * SECOND
"""Within which a caller that no phone rang for was turned away rather than left ringing."""

_NO_CAUSE = Cause()
_SILENT = (0, 16)
_HIGHEST = 127
