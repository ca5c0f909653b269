"""Single facts of a call that CDR rows tell: waiting and ringing, the queue's name, recordings, and which frames say what."""

from __future__ import annotations

from collections.abc import Sequence

from ringbook.correlate.paths_rows import Cast, Row, is_full_number
from ringbook.correlate.paths_talk import Link
from ringbook.model.call import Outcome, Recording
from ringbook.model.dialplan import targets
from ringbook.model.instant import Instant, seconds
from ringbook.model.members import APP_DIAL, END_OUTSIDE, OUTCOME_ABANDONED, OUTCOME_UNKNOWN
from ringbook.model.party import trunk


def queue(row: Row) -> str:
    """The queue's name: the application's first argument."""
    return row.path.app_data.replace("|", ",").partition(",")[0].strip()


def lines(rows: Sequence[Row]) -> dict[str, bytes]:
    """The lines to those outside, in order, each with the frame that names it first.

    A line that was dialled without getting a channel on it counts where no other was called.
    """
    found: dict[str, bytes] = {}
    called = False
    for row in rows:
        if row.a.kind is END_OUTSIDE:
            found.setdefault(trunk(row.a), row.path.frame)
        if row.b.kind is END_OUTSIDE and row.b.channel:
            found.setdefault(trunk(row.b), row.path.frame)
            called = True
    if not called:
        for row in rows:
            if row.app is APP_DIAL and not row.b.channel:
                for device, number in targets(row.path.app_data).items():
                    if is_full_number(number):
                        found.setdefault(device, row.path.frame)
    found.pop("", None)
    return found


def waited(
    queued: Sequence[Row], first: Link | None, rows: Sequence[Row], outcome: Outcome, ended: Instant
) -> float | None:
    """Seconds from entering the queue to the answer or the end.

    Only known where the queue's row is not the call's first: that one begins with the call, menus and greetings included.
    """
    if not queued or queued[0].start == rows[0].start:
        return None
    if first is not None:
        late = first.start >= queued[0].start
        return seconds(first.start - queued[0].start) if first.known and late else None
    return seconds(ended - queued[0].start) if outcome is OUTCOME_ABANDONED else None


def rang(rows: Sequence[Row], first: Link | None, outcome: Outcome) -> float | None:
    """Seconds that phones rang before the answer, or in vain; only known where the caller was not up meanwhile."""
    if first is not None:
        row = first.inner
        if not first.known or row.app is not APP_DIAL or row.answered is None:
            return None
        for other in rows:  # picked up: it rang on another phone's row until the very moment
            if (
                other is not row
                and other.b.channel
                and other.start < other.end
                and other.answered == row.start
            ):
                return seconds(row.start - other.start)
        return seconds(row.answered - row.start)
    rung = [row for row in rows if row.b.channel]
    if outcome is OUTCOME_UNKNOWN or not rung or any(row.answered is not None for row in rung):
        return None
    return seconds(max(row.end - row.start for row in rung))


def recordings(rows: Sequence[Row]) -> tuple[Recording, ...]:
    """The recordings that the rows name, each once."""
    named = [row.path.recording for row in rows if row.path.recording]
    return tuple([Recording(name, evidence="cdr") for name in dict.fromkeys(named)]) if named else ()


def why(
    cast: Cast,
    decided: Row,
    first: Link | None,
    last: Row,
    did: Row | None,
    caused: Row | None,
    queued: Sequence[Row],
    trunks: dict[str, bytes],
) -> dict[str, bytes]:
    entry = cast.entry.path.frame
    deciding = decided.path.frame
    why = {
        "started_at": entry,
        "direction": entry,
        "caller": entry,
        "account": entry,
        "outcome": deciding,
        "called": deciding,
        "ended_at": last.path.frame,
    }
    if first is not None:
        answering = first.inner.path.frame
        why["answered_at"] = why["talk_s"] = why["agents"] = why["ring_s"] = answering
    if did is not None:
        why["dialled"] = did.path.frame
    if caused is not None:
        why["cause"] = caused.path.frame
    if queued:
        why |= dict.fromkeys(("queue", "wait_s"), queued[-1].path.frame)
    if trunks:
        why["trunks"] = next(iter(trunks.values()))
    return why
