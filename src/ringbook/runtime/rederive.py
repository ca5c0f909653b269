"""Rebuilding calls from their frames under today's rules, all of a period or none.

Days are rebuilt one after the other and put aside; only when the last is ready do the new revisions count. A call keeps its id
as long as the records that it is made of are still one call; the rest of a call that falls apart gets ids of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from ringbook.correlate.assemble import assemble
from ringbook.correlate.components import components
from ringbook.correlate.identity import call_id
from ringbook.ledger.batch import Batch, Gone, KeyRow
from ringbook.model.call import Call, CallId
from ringbook.model.errors import AskError
from ringbook.model.frame import FrameKind, FrameRow
from ringbook.model.instant import DAY, Instant, from_datetime
from ringbook.model.scope import Scope
from ringbook.model.statement import AnyStatement
from ringbook.normalise.clocks import zone
from ringbook.runtime.home import Home
from ringbook.runtime.result import key_hash
from ringbook.runtime.sources import region_of

_EVERYTHING = (0, 2**53)


class PeriodError(AskError):
    """A day that cannot be read."""


class UnknownSourceError(AskError):
    """No phone system of that name has brought anything, and none is configured."""


class Rebuilt(msgspec.Struct):
    """What rebuilding came to."""

    frames: int = 0
    calls: int = 0
    unchanged: int = 0
    updated: int = 0
    new: int = 0
    gone: int = 0


class Day(msgspec.Struct):
    """What a day's rebuilding changes: the batch to write, and for each changed call its fields that changed."""

    calls: list[Call] = []
    gone: list[Gone] = []
    keys: list[KeyRow] = []
    changes: list[tuple[CallId, list[str]]] = []


def rederive(
    home: Home,
    scope: Scope,
    since: str | None,
    until: str | None,
    source: str | None,
    timezone: str | None,
    region: str | None,
    zone_shown: str,
) -> Iterator[dict[str, Any]]:
    """Each call that changed, with the names of the fields that did, then what it came to in numbers."""
    period = (_instant(since, zone_shown, _EVERYTHING[0]), _instant(until, zone_shown, _EVERYTHING[1]))
    there = [status.source for status in home.ledger.source_status(scope)]
    if source is not None and source not in (known := sorted({*home.sources.names(), *there})):
        raise UnknownSourceError(f"there is no source {source!r}; sources are: {', '.join(known) or 'none'}")
    if timezone is not None or region is not None:
        if source is None or since or until:
            raise AskError(
                "a time zone or region is changed for all records of one source: give --source and no period"
            )
        _describe_anew(home, source, timezone, region)
    names = [source] if source else there
    total = Rebuilt()
    changes: list[dict[str, Any]] = []

    def batches() -> Iterator[Batch]:
        for name in names:
            for day in Rebuilder(home, scope, name, period, total).days():
                changes.extend({"changed": {"id": call, "fields": fields}} for call, fields in day.changes)
                yield Batch(tenant=scope.tenant, calls=day.calls, gone=day.gone, keys=day.keys)

    home.intake.write_all(batches())
    yield from changes
    yield msgspec.to_builtins(total)


class Rebuilder:
    """Rebuilds the calls of one source that began in a period."""

    def __init__(
        self, home: Home, scope: Scope, source: str, period: tuple[Instant, Instant], total: Rebuilt
    ) -> None:
        self._home = home
        self._scope = scope
        self._source = source
        self._period = period
        self._total = total
        self._rebuilt: set[CallId] = set()
        self._taken: set[bytes] = set()

    def days(self) -> Iterator[Day]:
        """What changes, a day of calls at a time; days on which nothing changes are left out."""
        for start in self._home.ledger.call_days(self._scope, self._source, *self._period):
            day = self._day(max(start, self._period[0]), min(start + DAY, self._period[1]))
            if day.calls or day.gone or day.keys:
                yield day

    def _day(self, start: Instant, stop: Instant) -> Day:
        near = self._home.ledger.calls_between(self._scope, self._source, start - 2 * DAY, stop + 2 * DAY)
        calls = {c.id: c for c in near if start <= c.started_at < stop and c.id not in self._rebuilt}
        owner = {frame: call.id for call in near for frame in call.frames}
        frames = [f for call in calls.values() for f in call.frames]
        rows = self._home.ledger.frames(self._scope, frames)
        calls, rows = _whole(calls, rows)
        rows += self._orphans(start, stop, owner)
        self._total.frames += len(rows)
        said = [s for s in self._home.readers.again(rows) if s.keys]
        self._rebuilt.update(calls)
        return self._compare(said, calls, {c.id: c for c in near}, owner)

    def _orphans(self, start: Instant, stop: Instant, owner: dict[bytes, CallId]) -> list[FrameRow]:
        """Frames stated about then that are in no call: today's rules may make one of them."""
        found = [
            row
            for row in self._home.ledger.frames_between(self._scope, self._source, start - DAY, stop + DAY)
            if row.kind is FrameKind.STATED and row.id not in owner and row.id not in self._taken
        ]
        self._taken.update(row.id for row in found)
        return found

    def _compare(
        self,
        said: list[AnyStatement],
        calls: dict[CallId, Call],
        near: dict[CallId, Call],
        owner: dict[bytes, CallId],
    ) -> Day:
        day = Day()
        kept: set[CallId] = set()
        groups = [[said[index] for index in group] for group in components([s.keys for s in said])]
        for group in sorted(groups, key=lambda g: min(s.at or 0 for s in g)):
            before = sorted({owner[s.frame] for s in group if s.frame in owner})
            name = next((call for call in before if call not in kept), None)
            self._one(day, group, near[name] if name else None)
            if name:
                kept.add(name)
            for other in before:
                if other != name and other not in kept:
                    kept.add(other)
                    self._join(day, near[other], near[name] if name else None)
        self._total.calls += len(groups)
        self._total.unchanged += len(calls.keys() - kept)
        return day

    def _one(self, day: Day, group: list[AnyStatement], before: Call | None) -> None:
        tenant, source = self._scope.tenant, self._source
        if before is None:
            call = assemble(tenant, source, call_id(tenant, source, group), group)
            self._total.new += 1
            day.changes.append((call.id, ["new"]))
        else:
            call = assemble(tenant, source, before.id, group, revision=before.revision + 1)
            fields = _differences(before, call)
            if not fields:
                self._total.unchanged += 1
                return
            self._total.updated += 1
            day.changes.append((call.id, fields))
        day.calls.append(call)
        old = set(before.keys) if before else set()
        day.keys += [
            KeyRow(key_hash(source, key), call.started_at, call.id) for key in call.keys if key not in old
        ]

    def _join(self, day: Day, other: Call, into: Call | None) -> None:
        if into is not None:
            day.gone.append(Gone(other.id, other.started_at, other.revision, into.id))
            day.changes.append((other.id, [f"joined into {into.id}"]))
            self._total.gone += 1


def _whole(calls: dict[CallId, Call], rows: list[FrameRow]) -> tuple[dict[CallId, Call], list[FrameRow]]:
    """The calls whose records are all there, and those records: one that lost some stays as it is told."""
    there = {row.id for row in rows}
    whole = {name: call for name, call in calls.items() if there.issuperset(call.frames)}
    kept = {frame for call in whole.values() for frame in call.frames}
    return whole, [row for row in rows if row.id in kept]


def _differences(before: Call, after: Call) -> list[str]:
    names = (f.name for f in msgspec.structs.fields(Call) if f.name not in ("revision", "rules"))
    return [name for name in names if getattr(before, name) != getattr(after, name)]


def _describe_anew(home: Home, source: str, timezone: str | None, region: str | None) -> None:
    known = home.sources.get(source)
    if timezone is not None:
        zone(timezone)
        known = msgspec.structs.replace(known, timezone=timezone, inferred=False)
    if region is not None:
        known = msgspec.structs.replace(known, region=region_of(region))
    home.sources.tell(known)
    home.readers.forget(source)


def _instant(text: str | None, zone_name: str, default: Instant) -> Instant:
    if text is None:
        return default
    try:
        day = datetime.fromisoformat(text)
        return from_datetime(day if day.tzinfo else day.replace(tzinfo=zone(zone_name)))
    except (ValueError, OverflowError):
        raise PeriodError(f"{text!r} is not a day; write it as 2026-11-21") from None
