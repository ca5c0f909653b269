"""The overview: today against the same day of the week before, the busy hours of the last weeks, who called and who talked.

Every figure carries its formula and the question that finds exactly the calls behind it. Days and hours are the viewer's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import msgspec

from ringbook.analyse.answer import SMALL, Answer, figure
from ringbook.analyse.figures import FIGURES
from ringbook.analyse.question import Asker, Conditions, together
from ringbook.analyse.statements import statement
from ringbook.ledger.ledger import Ledger
from ringbook.model.instant import Instant, to_datetime
from ringbook.model.scope import Scope
from ringbook.search.plan import viewer_zone

HEAT_WEEKS = 6
TOP = 8
AT_ONCE = 3
"""Statements that run side by side: the page waits for the slowest, and leaves the engine room for other readers."""

_ANSWERED = "answered"
_LOST = ("missed", "abandoned", "voicemail")


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """One number of today, the same of the day a week ago up to the same time of day, and of that whole day.

    None: nothing is known. ``calls_query`` finds the calls it rests on, ``left_out`` how many it leaves out, and why.
    """

    name: str
    unit: str  # calls, share, seconds
    value: float | None
    before: float | None
    whole_before: float | None
    formula: str
    calls_query: str
    before_query: str
    sample: int
    small_sample: bool
    left_out: dict[str, int] = {}


class Hour(msgspec.Struct, frozen=True):
    """The calls that began in one hour of the day: today (None: not yet) and a week ago."""

    hour: int
    calls: int | None
    before: int
    calls_query: str


class Part(msgspec.Struct, frozen=True):
    """The calls of today of one outcome."""

    name: str
    calls: int
    before: int
    calls_query: str


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """All of it. ``callers`` is None for readers from whom numbers are hidden."""

    day: str
    before: str
    until: str  # the time of day up to which the days are compared
    zone: str
    figures: list[Compared]
    hours: list[Hour]
    outcomes: list[Part]
    heat: Answer
    callers: Answer | None
    agents: Answer
    queues: Answer


def overview(ledger: Ledger, scope: Scope, *, zone: str = "UTC", now: Instant, me: str = "") -> Overview:
    """The overview of what a reader may see."""
    days = _Days(zone, now)
    asker = Asker(scope, zone, now, me)

    def of(name: str, query: str, by: str | None = None) -> Answer:
        return figure(ledger, scope, name, query, by=by, zone=zone, now=now, me=me, account=False)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        both = pool.submit(_Told, ledger, asker, days)
        heat = pool.submit(of, "heat-map", days.weeks)
        agents = pool.submit(of, "agents", days.today)
        queues = pool.submit(of, "calls", f"{days.today} has:queue", "queue")
        callers = (
            None if scope.masked else pool.submit(of, "calls", f"{days.today} direction:inbound", "number")
        )
    told = both.result()
    return Overview(
        day=days.day,
        before=days.before,
        until=days.until,
        zone=zone,
        figures=[
            told.calls(),
            told.rate("answered-rate", _ANSWERED),
            told.lost(),
            *told.waits(),
        ],
        hours=told.hours(),
        outcomes=told.outcomes(),
        heat=heat.result(),
        callers=None if callers is None else callers.result(),
        agents=agents.result(),
        queues=queues.result(),
    )


class _Days:
    """The stretches of time that are compared, as questions."""

    def __init__(self, zone: str, now: Instant) -> None:
        local = to_datetime(now).astimezone(viewer_zone(zone))
        then = local.date() - timedelta(days=7)
        self.day, self.before = local.date().isoformat(), then.isoformat()
        self.hour = local.hour
        self.until = f"{local:%H:%M:%S}"
        self.today = f"on:{self.day} before:{self.day}T{self.until}"
        self.whole = f"on:{self.before}"
        self.so_far = f"{self.whole} before:{self.before}T{self.until}"
        self.weeks = (
            f"on:{(datetime.fromisoformat(self.day) - timedelta(weeks=HEAT_WEEKS)).date()}..{_eve(self.day)}"
        )


def _eve(day: str) -> str:
    return (datetime.fromisoformat(day) - timedelta(days=1)).date().isoformat()


LOST = "calls from outside that were missed, abandoned or went to voicemail"
"""The formula of those who did not get through."""

_TODAY, _THEN, _LATER = "today", "then", "later"


class _Told:
    """What two statements tell of both days."""

    def __init__(self, ledger: Ledger, asker: Asker, days: _Days) -> None:
        self._days = days
        build = Conditions(asker)
        parts = {
            "{today}": build.of(days.today),
            "{so_far}": build.of(days.so_far),
            "{whole}": build.of(days.whole),
        }
        self._counts: Counter[tuple[str, int, str]] = Counter()
        for part, hour, outcome, calls in ledger.query_rows(
            asker.scope, _filled("overview_days", parts), build.params
        ):
            self._counts[part, hour, outcome] += calls
        self._waits = {
            part: values
            for part, *values in ledger.query_rows(
                asker.scope, _filled("overview_waits", parts), build.params
            )
        }

    def _count(self, parts: Iterable[str], outcomes: Iterable[str] | None = None, *, but: str = "") -> int:
        wanted = set(parts)
        kinds = None if outcomes is None else set(outcomes)
        return sum(
            calls
            for (part, _, outcome), calls in self._counts.items()
            if part in wanted and (kinds is None or outcome in kinds) and outcome != but
        )

    def calls(self) -> Compared:
        """How many calls began."""
        return self._compared(
            "calls",
            "calls",
            [self._count(parts) for parts in _STRETCHES],
            FIGURES["calls"].variants[""].formula,
            "",
        )

    def lost(self) -> Compared:
        """How many callers did not get through."""
        query = f"direction:inbound,unknown outcome:{','.join(_LOST)}"
        counts = [self._count(parts, [f"lost {kind}" for kind in _LOST]) for parts in _STRETCHES]
        return self._compared(
            "lost",
            "calls",
            counts,
            LOST,
            query,
        )

    def rate(self, name: str, outcome: str) -> Compared:
        """The share of calls with an outcome, of those whose outcome is known."""
        known = FIGURES[name].variants[""]
        bases = [self._count(parts, but="unknown") for parts in _STRETCHES]
        values = [
            self._count(parts, [outcome]) / base if base else None
            for parts, base in zip(_STRETCHES, bases, strict=True)
        ]
        unknown = self._count([_TODAY], ["unknown"])
        return self._compared(
            name,
            "share",
            values,
            known.formula,
            known.known,
            bases[0],
            {"outcome not known": unknown} if unknown else {},
        )

    def waits(self) -> list[Compared]:
        """How long callers waited who were answered."""
        known = FIGURES["wait"].variants[""]
        query = together(known.of, known.known)
        found = []
        for place, name in enumerate(("wait-mean", "wait-p90"), start=1):
            values = [self._waits.get(part, [0, None, None, 0])[place] for part in (_TODAY, _THEN, "whole")]
            sample, unknown = (self._waits.get(_TODAY, [0, None, None, 0])[at] for at in (0, 3))
            left_out = {"wait not known": unknown} if unknown else {}
            found.append(self._compared(name, "seconds", values, _WAITS[name], query, sample, left_out))
        return found

    def _compared(
        self,
        name: str,
        unit: str,
        values: list[float | None] | list[int],
        formula: str,
        query: str,
        sample: int | None = None,
        left_out: dict[str, int] | None = None,
    ) -> Compared:
        now, before, whole = values
        rests_on = int(now or 0) if sample is None else sample
        return Compared(
            name=name,
            unit=unit,
            value=now,
            before=before,
            whole_before=whole,
            formula=formula,
            calls_query=together(self._days.today, query),
            before_query=together(self._days.so_far, query),
            sample=rests_on,
            small_sample=unit != "calls" and rests_on < SMALL,
            left_out=left_out or {},
        )

    def hours(self) -> list[Hour]:
        """By the hour of the day; later hours of today are not known yet."""
        now: Counter[int] = Counter()
        before: Counter[int] = Counter()
        for (part, hour, _), calls in self._counts.items():
            (now if part == _TODAY else before)[hour] += calls
        return [
            Hour(
                hour,
                now[hour] if hour <= self._days.hour else None,
                before[hour],
                f"{self._days.today} hour:{hour}",
            )
            for hour in range(24)
        ]

    def outcomes(self) -> list[Part]:
        """By outcome, the most frequent first."""
        names = {outcome.removeprefix("lost ") for _, _, outcome in self._counts}
        parts = [
            Part(
                name,
                self._count([_TODAY], [name, f"lost {name}"]),
                self._count([_THEN], [name, f"lost {name}"]),
                f"{self._days.today} outcome:{name}",
            )
            for name in sorted(names)
        ]
        return sorted(parts, key=lambda part: (-part.calls, part.name))


_STRETCHES = ((_TODAY,), (_THEN,), (_THEN, _LATER))
_WAITS = {
    "wait-mean": "sum of the waits of answered calls / answered calls whose wait is known",
    "wait-p90": "90th percentile (R-7) of the waits of answered calls whose wait is known",
}
TEXTS = (LOST, *_WAITS.values())
"""What it tells in words."""


def _filled(name: str, parts: dict[str, str]) -> str:
    sql = statement(name)
    for mark, condition in parts.items():
        sql = sql.replace(mark, condition)
    return sql
