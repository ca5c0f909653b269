"""Which calls should have been recorded, which were, and why the others were not.

The first rule that speaks of a call decides: it wants a share of such calls recorded, and whether a call is within the share
follows from its id, so it is the same whenever it is asked. Only calls that a person answered are asked about.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

import msgspec

from ringbook.analyse.question import Asker, Conditions
from ringbook.analyse.statements import statement
from ringbook.ledger.ledger import Ledger
from ringbook.model.call import CallId
from ringbook.model.instant import DAY, LATEST, SECOND, Instant
from ringbook.model.scope import Scope

FORMULA = (
    "Of the answered calls that a rule wants recorded: those with a recording in the vault that can be played and lasts as long"
    " as the rules ask of the time talked. One that was removed later counts as recorded. Left out are calls on the do-not-record"
    " list, calls whose recording somebody refused, and calls that ended so recently that the file may still come."
)
GRACE_S = 900
LEAST_SHARE = 0.8
_AROUND = 32 * DAY


class Verdict(StrEnum):
    """What became of a call that should have been recorded."""

    RECORDED = "recorded"
    NO_FILE = "no_file"  # no recording came that is of it
    TOO_SHORT = "too_short"  # what came is much shorter than the talk
    UNMATCHED = "unmatched"  # a recording without a call began within its time, and may be of it
    DECODE_ERROR = "decode_error"  # what came cannot be played
    REFUSED = "refused"  # somebody on the call refused
    DO_NOT_RECORD = "do_not_record"  # it is on the list
    WAITING = "waiting"  # it ended a moment ago


MISSING = (Verdict.NO_FILE, Verdict.TOO_SHORT, Verdict.UNMATCHED, Verdict.DECODE_ERROR)
"""Verdicts on calls that should be in the vault and are not."""

EXCUSED = (Verdict.REFUSED, Verdict.DO_NOT_RECORD, Verdict.WAITING)
"""Verdicts on calls that are not held against anybody."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A rule: of the calls that answer ``query``, begun in its time, ``percent`` are to be recorded (0: none need be)."""

    id: str
    query: str
    percent: float = 100.0
    since: Instant | None = None
    until: Instant | None = None


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the do-not-record list: ``kind`` is number, extension or queue; a number may end in ``*``."""

    kind: str
    value: str
    since: Instant | None = None
    until: Instant | None = None


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be recorded and what not, in order; and how much of a talk a recording has to hold."""

    rules: tuple[Wanted, ...] = ()
    listed: tuple[Listed, ...] = ()
    refused: tuple[str, ...] = ()  # ids of calls
    least_share: float = LEAST_SHARE
    grace_s: float = GRACE_S


class Count(msgspec.Struct, frozen=True):
    """How many calls came out each way."""

    verdicts: dict[Verdict, int]

    @property
    def recorded(self) -> int:
        """Those that were recorded."""
        return self.verdicts.get(Verdict.RECORDED, 0)

    @property
    def missing(self) -> int:
        """Those that should be there and are not."""
        return sum(self.verdicts.get(one, 0) for one in MISSING)

    @property
    def expected(self) -> int:
        """Those that should be there."""
        return self.recorded + self.missing

    @property
    def rate(self) -> float | None:
        """The share of those expected that is there; None when none was expected."""
        return self.recorded / self.expected if self.expected else None


class Part(msgspec.Struct, frozen=True):
    """The calls of one day, queue, source, rule or person."""

    key: str
    count: Count
    name: str = ""


class Completeness(msgspec.Struct, frozen=True):
    """How complete the recordings of a period are."""

    total: Count
    days: list[Part]
    queues: list[Part]
    sources: list[Part]
    rules: list[Part]  # the key is the rule's id
    agents: list[Part]


class Judged(msgspec.Struct, frozen=True):
    """A call that should have been recorded, and what became of that; ``named`` says whether its records name a recording."""

    call: str
    verdict: Verdict
    rule: str
    kept_s: float | None
    named: bool
    started_at: Instant


def completeness(
    ledger: Ledger,
    scope: Scope,
    policy: Policy,
    *,
    since: Instant,
    until: Instant,
    zone: str,
    now: Instant,
    agents: bool = True,
) -> Completeness:
    """How complete the recordings of the calls are that began from ``since`` on, before ``until``."""
    if not policy.rules:
        return Completeness(Count({}), [], [], [], [], [])
    work = _Work(ledger, scope, policy, (since, until), zone, now)
    days, queues, sources, rules = (_Counted() for _ in range(4))
    for day, queue, source, place, verdict, n in work.rows("counts"):
        keys = (day, queue, source, policy.rules[place - 1].id)
        for counted, key in zip((days, queues, sources, rules), keys, strict=True):
            counted.add(key, Verdict(verdict), int(n))
    return Completeness(
        days.total(),
        days.parts(),
        _worst(queues.parts()),
        _worst(sources.parts()),
        [part for rule in policy.rules for part in rules.parts() if part.key == rule.id],
        _agents(work.rows("agents")) if agents else [],
    )


def missing(
    ledger: Ledger,
    scope: Scope,
    policy: Policy,
    *,
    since: Instant,
    until: Instant,
    zone: str,
    now: Instant,
    verdicts: Iterable[Verdict] = MISSING,
    day: str = "",
    queue: str | None = None,
    source: str = "",
    agent: str | None = None,
    rule: str = "",
    limit: int = 50,
    cursor: str = "",
) -> tuple[list[Judged], str]:
    """The calls of a period that came out some ways, the newest first, and the cursor to go on with.

    ``queue`` and ``agent`` may be empty, which is calls without one.
    """
    if not policy.rules:
        return [], ""
    work = _Work(ledger, scope, policy, (since, until), zone, now)
    parts: list[str] = []
    ids = [one.id for one in policy.rules]
    for given, name, value, condition in (
        (bool(day), "day", day, "toString(toDate(started_at, {zone:String})) = {day:String}"),
        (queue is not None, "queue", queue, "queue = {queue:String}"),
        (bool(source), "source", source, "arrayElement(sources, 1) = {source:String}"),
        (
            agent is not None,
            "agent",
            agent,
            "has(if(empty(agent_extensions), [''], agent_extensions), {agent:String})",
        ),
        (bool(rule), "place", ids.index(rule) + 1 if rule in ids else 0, "rule = {place:UInt32}"),
    ):
        if given:
            parts.append(condition)
            work.params[name] = value
    before, _, before_id = cursor.partition(".")
    work.params |= {
        "verdicts": [one.value for one in verdicts],
        "before": int(before) if before else LATEST,
        "before_id": before_id,
        "limit": limit,
    }
    found = [
        Judged(call, Verdict(verdict), policy.rules[place - 1].id, kept_s, bool(named), int(at))
        for call, verdict, place, kept_s, named, at in work.rows("calls", " AND ".join(parts) or "1")
    ]
    last = found[-1] if len(found) == limit else None
    return found, f"{last.started_at}.{last.call}" if last else ""


class Kept(msgspec.Struct, frozen=True):
    """A recording of a call that is on the list, by the places of its entries."""

    recording: str
    call: str
    received_at: Instant
    listed: list[int]


def kept_of_listed(
    ledger: Ledger, scope: Scope, listed: Sequence[Listed], call: CallId | None = None
) -> list[Kept]:
    """What the vault keeps of calls that are on the do-not-record list, or of one of them: the last received first."""
    if not listed:
        return []
    params: dict[str, Any] = {"first_id": "", "last_id": "g"}
    only = "1"
    if call is not None:
        [call] = [found.id for found in ledger.calls(scope.whole(), [call])] or [call]
        only = "id = {only:UUID} AND opened_at = fromUnixTimestamp64Milli({opened:Int64}, 'UTC')"
        params |= {"only": call, "opened": int(call.replace("-", "")[:12], 16)}
    of = _recorded_call(ledger, scope, params)
    places = ", ".join(
        f"if({on_list([one], params, f'entry_{place}')}, [{place}], [])" for place, one in enumerate(listed)
    )
    anywhere = on_list(listed, params)
    sql = (
        statement("listed", "completeness")
        .replace("{places}", f"arrayConcat(emptyArrayInt64(), {places})")
        .replace("{listed}", f"({anywhere}) AND {only}")
        .replace("{of}", of)
    )
    return [
        Kept(recording, call, int(received_at), [int(place) for place in found])
        for recording, call, received_at, found in ledger.query_rows(scope, sql, params)
    ]


def on_list(listed: Sequence[Listed], params: dict[str, Any], prefix: str = "listed") -> str:
    """The condition that a call is on the do-not-record list; its values are put into ``params``."""
    parts = []
    for place, one in enumerate(listed):
        name = f"{prefix}_{place}"
        params[name] = one.value.removesuffix("*") if one.kind == "number" else one.value
        bound = f"{{{name}:String}}"
        condition = {
            "number": f"arrayExists(x -> startsWith(x, {bound}), numbers)"
            if one.value.endswith("*")
            else f"has(numbers, {bound})",
            "extension": f"has(extensions, {bound})",
            "queue": f"queue = {bound}",
        }[one.kind]
        parts.append(_in_time(condition, one.since, one.until, name, params))
    return " OR ".join(f"({part})" for part in parts) or "0"


class _Work:
    """The statements about one policy and period, and their parameters."""

    def __init__(
        self,
        ledger: Ledger,
        scope: Scope,
        policy: Policy,
        period: tuple[Instant, Instant],
        zone: str,
        now: Instant,
    ) -> None:
        self._ledger = ledger
        self._scope = scope
        since, until = period
        # Rules are the organisation's: they are understood whole also where the viewer may not find numbers by their parts.
        conditions = Conditions(Asker(Scope(scope.tenant), zone, now))
        self.params: dict[str, Any] = {
            "since": since,
            "until": until,
            "settled": now - round(policy.grace_s * SECOND),
            "least": policy.least_share,
            "refused": list(policy.refused),
            "rule_ids": [rule.id for rule in policy.rules],
            "shares": [round(rule.percent * 100) for rule in policy.rules],
            "first_id": _id_at(since - _AROUND),
            "last_id": _id_at(until + _AROUND),
        }
        rules = self._rules(policy.rules, conditions)
        listed = on_list(policy.listed, self.params)
        self.params |= conditions.params
        self._judged = (
            statement("judged", "completeness")
            .replace("{rules}", rules)
            .replace("{listed}", listed)
            .replace("{asked}", "1")
            .replace("{of}", _recorded_call(ledger, scope, self.params))
            .replace("{fits}", self._fits())
        )

    def rows(self, name: str, within: str = "1") -> list[tuple[Any, ...]]:
        """What a statement over the judged calls gives."""
        sql = statement(name, "completeness").replace("{judged}", self._judged).replace("{within}", within)
        return self._ledger.query_rows(self._scope, sql, self.params)

    def _rules(self, rules: Sequence[Wanted], conditions: Conditions) -> str:
        cases = []
        for place, rule in enumerate(rules, 1):
            condition = _in_time(
                conditions.of(rule.query), rule.since, rule.until, f"rule_{place}", self.params
            )
            cases.append(f"({condition}), {place}")
        return f"multiIf({', '.join(cases)}, 0)"

    def _fits(self) -> str:
        """Whether a recording without a call may be of it; known without a look at any call while there is no such recording."""
        scope = self._scope.whole()
        [[count]] = self._ledger.query_rows(scope, statement("unmatched", "completeness"), self.params)
        return f"id GLOBAL IN ({statement('fitting', 'completeness')})" if count else "0"


def _recorded_call(ledger: Ledger, scope: Scope, params: dict[str, Any]) -> str:
    """The call that a recording is of; where its id was joined into another, that is followed to the end."""
    whole = scope.whole()
    rows = ledger.query_rows(whole, statement("joined_on", "completeness"), params)
    if not rows:
        return "call"
    leads = {one: found.id for one, _ in rows for found in ledger.calls(whole, [CallId(one)])}
    params |= {"joined": list(leads), "into": list(leads.values())}
    return "transform(call, {joined:Array(String)}, {into:Array(String)}, call)" if leads else "call"


def _in_time(
    condition: str, since: Instant | None, until: Instant | None, name: str, params: dict[str, Any]
) -> str:
    parts = [condition]
    for sign, word, at in ((">=", "since", since), ("<", "until", until)):
        if at is not None:
            params[f"{name}_{word}"] = at
            parts.append(f"started_at {sign} fromUnixTimestamp64Micro({{{name}_{word}:Int64}}, 'UTC')")
    return " AND ".join(parts)


def _id_at(at: Instant) -> str:
    """The beginning of the ids of calls that were opened at an instant: ids are in order of time."""
    text = f"{max(0, at) // 1000:012x}"
    return f"{text[:8]}-{text[8:]}"


class _Counted:
    """How many calls came out each way, by something of theirs."""

    def __init__(self) -> None:
        self._by: dict[str, dict[Verdict, int]] = {}

    def add(self, key: str, verdict: Verdict, n: int) -> None:
        """Count some more."""
        of = self._by.setdefault(key, {})
        of[verdict] = of.get(verdict, 0) + n

    def parts(self, names: Mapping[str, str] | None = None) -> list[Part]:
        """One part a key, in their order."""
        return [
            Part(key, Count(verdicts), (names or {}).get(key, ""))
            for key, verdicts in sorted(self._by.items())
        ]

    def total(self) -> Count:
        """All of them."""
        whole = _Counted()
        for verdicts in self._by.values():
            for verdict, n in verdicts.items():
                whole.add("", verdict, n)
        return Count(whole._by.get("", {}))


def _worst(parts: list[Part]) -> list[Part]:
    """Those that most is missing of first."""
    return sorted(parts, key=lambda part: (-part.count.missing, part.key))


def _agents(rows: Iterable[tuple[Any, ...]]) -> list[Part]:
    counted = _Counted()
    names: dict[str, str] = {}
    for extension, name, verdict, n in rows:
        counted.add(extension, Verdict(verdict), int(n))
        names[extension] = names.get(extension) or name
    return _worst(counted.parts(names))
