"""Who was missed and not called back: lost calls by caller, and what was said with each of them since.

A caller is **returned** once a person answered a call with them, in either direction, that began after their last lost
call; **tried** when we rang them since and nobody answered; else they are **waiting**: since the first lost call after the last
time that they were spoken to. Someone who was called back and missed again waits again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

import msgspec

from ringbook.analyse.statements import statement
from ringbook.ledger.ledger import Ledger
from ringbook.model.instant import Instant, iso
from ringbook.model.scope import Scope

LOST = ("missed", "abandoned", "voicemail")
"""Outcomes of inbound calls after which somebody may wait to be called."""

FORMULA = (
    "Inbound calls that were missed, abandoned or went to voicemail, by caller (all numbers of a contact together). Returned: a"
    " person answered a later call with the caller, in either direction. Tried: we rang since, nobody answered. Waiting: neither,"
    " counted from the first lost call since they were last spoken to."
)

MOST = 20_000
"""Callers that are looked at; of more, those who called last."""

_SPOKEN, _ATTEMPT = 1, 2


class Standing(StrEnum):
    """How it stands with somebody who was missed."""

    WAITING = "waiting"
    TRIED = "tried"
    RETURNED = "returned"


class Group(msgspec.Struct, frozen=True):
    """Numbers that are one caller's; ``key`` names the caller."""

    key: str
    numbers: tuple[str, ...]


Grouping = Callable[[Sequence[str]], Mapping[str, Group]]
"""Says for some numbers which of them belong to a caller with several; those left out stand for themselves."""


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who was missed. ``since_at`` is when the waiting began, ``back_at`` the answered call or else the attempt."""

    key: str  # the group's, the number, or "" for somebody who withheld it
    numbers: tuple[str, ...]  # those that the lost calls came from
    all_numbers: tuple[str, ...] = ()
    name: str = ""  # as the last lost call that had one
    tries: int
    outcomes: dict[str, int]
    first_at: Instant
    last_at: Instant
    since_at: Instant
    queues: tuple[str, ...] = ()
    dialled: tuple[str, ...] = ()
    longest_wait_s: float | None = None
    last_call: str = ""
    standing: Standing = Standing.WAITING
    back_at: Instant | None = None
    attempts: int = 0  # of ours since the last lost call, unanswered

    @property
    def withheld(self) -> bool:
        """Whether the caller cannot be called back, the number being unknown."""
        return not self.numbers

    def calls_query(self, kinds: Sequence[str], since: Instant, until: Instant) -> str:
        """The question that finds the lost calls; ``""`` where the language cannot tell them from others'."""
        if self.withheld:
            return ""
        period = f"after:{_minute(since)} before:{_minute(until + 60_000_000)}"
        return f"direction:inbound outcome:{','.join(kinds)} from:{','.join(self.numbers)} {period}"


class Back(msgspec.Struct, frozen=True, kw_only=True):
    """The call that answered somebody who was missed, or tried to."""

    call: str
    at: Instant
    direction: str
    by: str = ""
    extension: str = ""
    talk_s: float | None = None


class Missed(msgspec.Struct, frozen=True):
    """Everybody who was missed in a period: those who wait longest first, those returned last."""

    callers: list[Caller]
    more: bool


def missed(
    ledger: Ledger,
    scope: Scope,
    *,
    since: Instant,
    until: Instant,
    kinds: Iterable[str] = LOST,
    queue: str = "",
    grouping: Grouping | None = None,
) -> Missed:
    """Everybody who was missed between two instants, as it stands at the second."""
    asked = [kind for kind in kinds if kind in LOST]
    params: dict[str, object] = {"kinds": asked, "since": since, "until": until, "most": MOST + 1}
    lost = "direction = 'inbound' AND outcome IN {kinds:Array(String)}"
    if queue:
        lost += " AND queue = {queue:String}"
        params["queue"] = queue
    rows = ledger.query_rows(scope, statement("tried", "missed").replace("{lost}", lost), params)
    found = [_Row(*row) for row in rows[:MOST]]
    callers = _callers(ledger, scope, found, grouping, (since, until))
    return Missed(sorted(callers, key=_urgency), len(rows) > MOST)


class _Row(msgspec.Struct, frozen=True):
    """What the ledger tells of one number."""

    number: str
    tries: int
    events: list[int]
    missed: int
    abandoned: int
    voicemail: int
    queues: list[str]
    dialled: list[str]
    longest_wait_s: float | None
    last_call: str
    name: str


def _callers(
    ledger: Ledger,
    scope: Scope,
    rows: list[_Row],
    grouping: Grouping | None,
    period: tuple[Instant, Instant],
) -> list[Caller]:
    groups = dict(grouping([row.number for row in rows if row.number])) if grouping else {}
    parts: dict[str, list[_Row]] = {}
    alone: list[Caller] = []
    for row in rows:
        group = groups.get(row.number)
        if group is None:
            alone.append(_caller([row], row.number, (row.number,) if row.number else (), ()))
        else:
            parts.setdefault(group.key, []).append(row)
    by_key = {group.key: group for group in groups.values()}
    told = {row.number for row in rows}
    further = _spoken(
        ledger, scope, {number for group in by_key.values() for number in group.numbers} - told, period
    )
    return alone + [
        _caller(own, key, by_key[key].numbers, [further[n] for n in by_key[key].numbers if n in further])
        for key, own in parts.items()
    ]


def _spoken(
    ledger: Ledger, scope: Scope, numbers: set[str], period: tuple[Instant, Instant]
) -> dict[str, list[int]]:
    if not numbers:
        return {}
    params = {"numbers": sorted(numbers), "since": period[0], "until": period[1]}
    return dict(ledger.query_rows(scope, statement("spoken", "missed"), params))


def _caller(rows: list[_Row], key: str, numbers: tuple[str, ...], further: Iterable[list[int]]) -> Caller:
    events = rows[0].events
    more = [*(row.events for row in rows[1:]), *further]
    if more:
        events = sorted([*events, *(event for part in more for event in part)])
    last = max(rows, key=lambda row: row.last_call)
    story = _story(events)
    waits = [row.longest_wait_s for row in rows if row.longest_wait_s is not None]
    return Caller(
        key=key,
        numbers=tuple(row.number for row in rows if row.number),
        all_numbers=numbers,
        name=next((row.name for row in (last, *rows) if row.name), ""),
        tries=sum(row.tries for row in rows),
        outcomes={kind: n for kind in LOST if (n := sum(getattr(row, kind) for row in rows))},
        queues=tuple(sorted({name for row in rows for name in row.queues})),
        dialled=tuple(sorted({name for row in rows for name in row.dialled})),
        longest_wait_s=max(waits, default=None),
        last_call=last.last_call,
        **story,
    )


def _story(events: list[int]) -> dict[str, Any]:
    """How it went, from events in order of time."""
    first = last = since = back = 0
    attempts = 0
    spoken = True
    for event in events:
        at, kind = event >> 2, event & 3
        if kind == _SPOKEN:
            spoken, back = True, back or (at if at > last else 0)
        elif kind == _ATTEMPT:
            attempts += at > last
        else:
            first = first or at
            since = at if spoken else since
            last, spoken, back, attempts = at, False, 0, 0
    tried = next((e >> 2 for e in events if e & 3 == _ATTEMPT and e >> 2 > last), None) if attempts else None
    standing = Standing.RETURNED if back else Standing.TRIED if attempts else Standing.WAITING
    return {
        "first_at": first,
        "last_at": last,
        "since_at": since,
        "standing": standing,
        "back_at": back or tried,
        "attempts": attempts,
    }


_ORDER = {standing: place for place, standing in enumerate(Standing)}


def _urgency(caller: Caller) -> tuple[int, int, str]:
    order = _ORDER[caller.standing]
    at = -(caller.back_at or 0) if caller.standing is Standing.RETURNED else caller.since_at
    return order, at, caller.last_call


def backs(ledger: Ledger, scope: Scope, callers: Sequence[Caller]) -> dict[str, Back]:
    """The calls by which these callers were returned or tried, by the id of their last lost call."""
    wanted = {
        (number, caller.back_at): caller.last_call
        for caller in callers
        if caller.back_at
        for number in (caller.all_numbers or caller.numbers)
    }
    if not wanted:
        return {}
    instants = sorted({at for _, at in wanted if at})
    params = {
        "numbers": sorted({number for number, _ in wanted}),
        "instants": instants,
        "since": instants[0],
        "until": instants[-1],
    }
    found: dict[str, Back] = {}
    for number, at, call, direction, extensions, names, ours, our_name, talk_s in ledger.query_rows(
        scope, statement("returned", "missed"), params
    ):
        key = wanted.get((number, at))
        if key is None or key in found:
            continue
        spoke = bool(extensions or names)
        extension = (extensions or [""])[0] if spoke else (ours if direction == "outbound" else "")
        name = (names or [""])[0] if spoke else (our_name if direction == "outbound" else "")
        found[key] = Back(
            call=call, at=at, direction=direction, by=name or extension, extension=extension, talk_s=talk_s
        )
    return found


def _minute(at: Instant) -> str:
    return (iso(at - at % 60_000_000) or "")[:16] + "Z"
