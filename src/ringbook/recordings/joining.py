"""Which call a recording is of: by what names it, then by ids, then by numbers and times. Never by a guess between two.

The evidence in its order, and the confidence that goes with it:

- ``record`` (1.0): a record of the call names the file. If several calls name it (a file name used again, a recording that
  runs on through a transfer), the one it overlaps in time; if it overlaps none or several alike, weaker evidence decides.
- ``id`` (0.98): an id in the file's name is a key of the call.
- ``overlap`` (0.5 to 0.95): the call was going on when the recording began, and the numbers in the name are numbers on the call.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import PurePosixPath

import msgspec

from ringbook.model.call import Call, CallId
from ringbook.model.instant import SECOND, Instant
from ringbook.model.recording import Joined
from ringbook.recordings.names import without_ending

EARLY_S = 5.0
"""Seconds by which a recording may seem to begin before its call, or end after it: clocks differ, names have whole seconds."""

CLOSE_S = 3.0
"""Seconds between the beginning of a recording and of a call, or of the talk on it, that speak for one another."""

_TAIL = 7
"""Digits from the end by which numbers are compared: with and without country code they are the same number."""


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a recording. ``began`` are the instants at which it may have begun: two in a night with two 2:30s."""

    name: str
    ids: Collection[str] = ()
    numbers: Collection[str] = ()
    began: Sequence[Instant] = ()
    duration_s: float | None = None


class Join(msgspec.Struct, frozen=True):
    """The call that a recording is of, or None; how that is known, how surely, and why in words."""

    call: CallId | None
    joined: Joined
    confidence: float | None
    why: str


def join(heard: Heard, calls: Sequence[Call]) -> Join:
    """What the recording is of, among these calls of its source: all that name it, have one of its ids, or overlap it."""
    doubt = "no call of its source names it, has an id of its name, or fits its time and numbers"
    told = [decide(heard, calls) for decide in (_by_record, _by_id, _by_overlap)]
    for found in told:
        if found is not None and found.call is not None:
            return found
    return next((found for found in told if found), Join(None, Joined.NONE, None, doubt))


def _by_record(heard: Heard, calls: Sequence[Call]) -> Join | None:
    stem = without_ending(heard.name)
    naming = [
        call for call in calls if any(_same_file(stem, recording.name) for recording in call.recordings)
    ]
    return _only(heard, naming, Joined.RECORD, 1.0, "a record of the call names the file")


def _by_id(heard: Heard, calls: Sequence[Call]) -> Join | None:
    ids = set(heard.ids)
    having = [call for call in calls if ids & {key.partition(":")[2] for key in call.keys}]
    return _only(heard, having, Joined.ID, 0.98, "an id in the file's name is the call's")


def _only(heard: Heard, calls: Sequence[Call], joined: Joined, confidence: float, why: str) -> Join | None:
    """The one call that this evidence speaks for; of several, the one that was going on."""
    if not calls:
        return None
    going = [call for call in calls if _overlaps(heard, call)] if heard.began else []
    told = calls if len(calls) == 1 else going
    if len(told) == 1:
        if heard.began and not going and joined is Joined.RECORD and not set(heard.ids) & _ids(calls[0]):
            return Join(
                None,
                Joined.NONE,
                None,
                "a record of a call names such a file, but the call was at another time",
            )
        return Join(told[0].id, joined, confidence, why)
    return Join(None, Joined.NONE, None, f"{len(calls)} calls have the same claim to it ({joined.value})")


def _ids(call: Call) -> set[str]:
    return {key.partition(":")[2] for key in call.keys}


def _by_overlap(heard: Heard, calls: Sequence[Call]) -> Join | None:
    scored = sorted(((_score(heard, call), call.id) for call in calls), reverse=True)
    scored = [(score, call) for score, call in scored if score > 0]
    if not scored:
        return None
    best, call = scored[0]
    if len(scored) > 1 and best - scored[1][0] < _MARGIN:
        return Join(None, Joined.NONE, None, f"{len(scored)} calls fit its time and numbers equally well")
    return Join(call, Joined.OVERLAP, best, "the call was going on then, between these numbers")


def _score(heard: Heard, call: Call) -> float:
    """How surely the times and numbers say that the recording is of this call; 0 if they do not."""
    if not heard.began or not _overlaps(heard, call):
        return 0.0
    there = numbers_of(call)
    known = [number for number in heard.numbers if _is_telephone(number)]
    here = sum(_tail(number) in there for number in known)
    moments = [at for at in (call.started_at, call.answered_at) if at is not None]
    close = any(abs(began - at) <= CLOSE_S * SECOND for began in heard.began for at in moments)
    if known and not here:
        return 0.0
    if here >= 2:
        return 0.95 if close else 0.85
    if here:
        return 0.8 if close else 0.65
    return 0.5 if close else 0.0


def _overlaps(heard: Heard, call: Call) -> bool:
    slack = round(EARLY_S * SECOND)
    ended = call.ended_at
    if ended is None:
        ended = call.started_at + round((call.duration_s or 0.0) * SECOND)
    lasted = round((heard.duration_s or 0.0) * SECOND)
    return any(
        began >= call.started_at - slack
        and began <= ended + slack
        and began + lasted <= ended + slack + lasted // 50
        for began in heard.began
    )


def numbers_of(call: Call) -> set[str]:
    """The tails of all numbers on a call."""
    sides = (call.caller.number, call.caller.raw, call.called.number, call.called.raw, call.dialled)
    others = [leg.number for leg in call.legs] + [agent.extension for agent in call.agents]
    others += [end for transfer in call.transfers for end in (transfer.by, transfer.to)]
    return {_tail(number) for number in (*sides, *others) if number}


def _tail(number: str) -> str:
    return re.sub(r"\D", "", number)[-_TAIL:]


def _is_telephone(number: str) -> bool:
    return len(re.sub(r"\D", "", number)) >= 3


def _same_file(stem: str, named: str) -> bool:
    """Whether the name in a record (with folders or without, with an ending or without) is that of the file."""
    return without_ending(PurePosixPath(named.replace("\\", "/")).name) == stem


_MARGIN = 0.1
