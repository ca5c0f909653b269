"""Walks over what may be old enough: the things of a kind, oldest first, with the rules and the holds that each falls under.

A preview and a run take the same walk; only the size of a page differs. A cursor says where a walk goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from ringbook.desk.annotations import joined
from ringbook.desk.annotations.models import Note, Task
from ringbook.desk.retention import frames
from ringbook.desk.retention.asking import Asked, Questions
from ringbook.desk.retention.deciding import Candidate, youngest_cut
from ringbook.desk.retention.holds import Standing, standing
from ringbook.desk.retention.policy import Policy, Rule
from ringbook.desk.retention.records import Hold, Kept
from ringbook.desk.wiring import ledger
from ringbook.model.instant import Instant, from_datetime, to_datetime
from ringbook.model.scope import Scope

FIRST = "00000000-0000-0000-0000-000000000000"


class Page(msgspec.Struct, frozen=True):
    """Some things, the oldest first, and where the walk goes on; empty when it is over."""

    things: list[Candidate]
    after: str


class Walk:
    """The walk over one kind of thing of a tenant, as it is judged at an instant."""

    def __init__(self, tenant: str, policy: Policy, kind: str, as_of: Instant) -> None:
        self._scope = Scope(tenant)
        self._kind = kind
        self._as_of = as_of
        self._policy = policy
        self._rules = policy.of(kind)
        asked = [Asked(rule.key, rule.query, policy.zone) for rule in self._rules if rule.query.strip()]
        self._questions = Questions(self._scope, asked, as_of)
        self._everything = frozenset(rule.key for rule in self._rules if not rule.query.strip())
        self._holds = Standing(self._scope, standing(self._scope), as_of)

    def pages(self, after: str, size: int) -> Iterator[Page]:
        """The things from a cursor on, so many looked at together. The last page has no cursor."""
        if not self._rules:
            return
        page = _PAGES[self._kind]
        while True:
            found = page(self, after, size)
            yield found
            after = found.after
            if not after:
                return

    def totals(self, but: Container[str] = ()) -> dict[str, int]:
        """The bytes there are of what each rule about size is about, but for those of some calls."""
        sized = [rule.key for rule in self._rules if rule.most_bytes is not None]
        found = dict.fromkeys(sized, 0)
        if sized:
            for page in self.pages("", 20_000):
                for thing in page.things:
                    if thing.call in but:
                        continue
                    for key in thing.rules & found.keys():
                        found[key] += thing.size
        return found

    # The kinds

    def _calls(self, after: str, size: int) -> Page:
        """Calls by their places; each falls under the rules whose questions it answers."""
        rows, following = self._old_calls(after, size)
        calls = [row[0] for row in rows]
        holds = self._holds.of_calls(calls)
        young = self._with_young_parts(calls)
        things = [
            Candidate(
                id=call,
                call=call,
                at=at,
                rules=rules,
                holds=_names(holds, call),
                young=call in young,
            )
            for call, at, rules in rows
        ]
        return Page(things, following)

    def _frames(self, after: str, size: int) -> Page:
        """The raw records of calls, then those that are about no call."""
        if not after.startswith("-"):
            rows, following = self._old_calls(after, size)
            holds = self._holds.of_calls([row[0] for row in rows])
            of = frames.of_calls(self._scope, [row[0] for row in rows])
            things = [
                Candidate(id=frame, call=call, at=at, rules=rules, holds=_names(holds, call))
                for call, at, rules in rows
                for frame in of.get(call, ())
            ]
            return Page(things, following or "-")
        before = youngest_cut(self._whole_rules(), self._as_of)
        if not self._everything or before is None:
            return Page([], "")
        loose, following = frames.of_no_call(self._scope, before, after[1:], size)
        things = [Candidate(id=frame, call="", at=at, rules=self._everything) for frame, at in loose]
        return Page(things, f"-{following}" if following else "")

    def _recordings(self, after: str, size: int) -> Page:
        cut = youngest_cut(self._rules, self._as_of)
        at, _, last = after.partition("/")
        params = {
            "at": int(at or 0),
            "id": last or FIRST,
            "cut": self._as_of if cut is None else cut,
            "most": size,
        }
        rows = ledger().query_rows(self._scope, _RECORDINGS, params)
        calls = self._ends(row[1] for row in rows)
        judged = self._judge(calls.values())
        things = [
            self._thing(recording, calls.get(call, call), int(began), int(stored), judged)
            for recording, call, began, stored in rows
        ]
        return Page(things, f"{rows[-1][2]}/{rows[-1][0]}" if len(rows) == size else "")

    def _notes(self, after: str, size: int) -> Page:
        """Notes, by when they last changed, then tasks that are done."""
        tasks = after.startswith("tasks/")
        cut = youngest_cut(self._rules, self._as_of)
        before = to_datetime(self._as_of if cut is None else cut)
        at, _, last = after.removeprefix("tasks/").partition("/")
        found = _tasks(self._scope, before) if tasks else _written(self._scope, before)
        if at:
            then = to_datetime(int(at))
            found = found.filter(Q(written_at__gt=then) | Q(written_at=then, pk__gt=last))
        rows = [
            (str(pk), call, from_datetime(written))
            for pk, call, written in found.order_by("written_at", "pk").values_list(
                "pk", "call_id", "written_at"
            )[:size]
        ]
        calls = self._ends(row[1] for row in rows)
        judged = self._judge(calls.values())
        prefix = "task" if tasks else "note"
        things = [
            self._thing(f"{prefix}:{pk}", calls.get(call, call), written, 0, judged)
            for pk, call, written in rows
        ]
        following = f"{rows[-1][2]}/{rows[-1][0]}" if len(rows) == size else ""
        if tasks:
            return Page(things, f"tasks/{following}" if following else "")
        return Page(things, following or "tasks/")

    # Shared

    def _old_calls(self, after: str, size: int) -> tuple[list[tuple[str, Instant, frozenset[str]]], str]:
        """Calls older than some rule says, that answer its question: id, beginning and rules; and where to go on."""
        ways = []
        params: dict[str, object] = {"most": size}
        for place, rule in enumerate(self._rules):
            if rule.days is None:
                continue
            params[f"cut{place}"] = youngest_cut([rule], self._as_of)
            old = f"started_at <= fromUnixTimestamp64Micro({{cut{place}:Int64}}, 'UTC')"
            ways.append(f"({old} AND ({self._questions.conditions.get(rule.key, '1')}))")
        opened, _, last = after.partition("/")
        params |= {"opened": int(opened or 0), "id": last or FIRST}
        sql = _OLD_CALLS.replace("{ways}", " OR ".join(ways) or "0")
        rows = self._questions.rows(sql, params)
        found = [
            (call, int(at), self._everything | self._questions.answered(values))
            for call, _, at, *values in rows
        ]
        return found, f"{rows[-1][1]}/{rows[-1][0]}" if len(rows) == size else ""

    def _whole_rules(self) -> list[Rule]:
        return [rule for rule in self._rules if rule.key in self._everything]

    def _thing(
        self,
        thing: str,
        call: str,
        at: Instant,
        size: int,
        judged: dict[str, tuple[frozenset[str], tuple[str, ...]]],
    ) -> Candidate:
        rules, holds = judged.get(call, (frozenset(), ()))
        return Candidate(id=thing, call=call, at=at, size=size, rules=self._everything | rules, holds=holds)

    def _judge(self, calls: Iterable[str]) -> dict[str, tuple[frozenset[str], tuple[str, ...]]]:
        """The rules and holds of calls."""
        wanted = sorted({call for call in calls if call})
        answers = self._questions.of_calls(wanted) if self._questions.keys else {}
        holds = self._holds.of_calls(wanted)
        return {call: (answers.get(call, frozenset()), _names(holds, call)) for call in wanted}

    def _ends(self, calls: Iterable[str]) -> dict[str, str]:
        wanted = {call for call in calls if call}
        ends = joined.ends(self._scope, wanted)
        return {call: ends.get(call, call) for call in wanted}

    def _with_young_parts(self, calls: list[str]) -> set[str]:
        """Those of the calls with a note or recording that is younger than its kind's least time."""
        found: set[str] = set()
        floor = self._policy.floor(Kept.NOTES)
        if floor and calls:
            found |= self._noted_since(calls, to_datetime(self._as_of - floor))
        floor = self._policy.floor(Kept.RECORDINGS)
        if floor and calls:
            params = {"since": self._as_of - floor}
            rows = ledger().query_rows(self._scope, _YOUNG_RECORDINGS, params)
            ends = self._ends(row[0] for row in rows)
            found |= set(ends.values()).intersection(calls)
        return found

    def _noted_since(self, calls: list[str], since: datetime) -> set[str]:
        noted: set[str] = set()
        for model in (Note, Task):
            column = "changed_at" if model is Note else "made_at"
            rows = model.objects.within(self._scope).filter(**{f"{column}__gt": since})
            noted |= set(rows.order_by().values_list("call_id", flat=True).distinct())
        return set(self._ends(noted).values()).intersection(calls)


def _written(scope: Scope, before: datetime) -> QuerySet[Any]:
    notes: QuerySet[Any] = Note.objects.within(scope).annotate(written_at=F("changed_at"))
    return notes.filter(written_at__lte=before)


def _tasks(scope: Scope, before: datetime) -> QuerySet[Any]:
    over: QuerySet[Any] = Task.objects.within(scope).exclude(done_at=None, removed_at=None)
    tasks: QuerySet[Any] = over.annotate(written_at=Coalesce("done_at", "removed_at"))
    return tasks.filter(written_at__lte=before)


def _names(holds: Mapping[str, Sequence[Hold]], call: str) -> tuple[str, ...]:
    return tuple(hold.name for hold in holds.get(call, ()))


_PAGES: dict[str, Callable[[Walk, str, int], Page]] = {
    Kept.CALLS: Walk._calls,
    Kept.FRAMES: Walk._frames,
    Kept.RECORDINGS: Walk._recordings,
    Kept.NOTES: Walk._notes,
}
_OLD_CALLS = """
SELECT toString(id), toUnixTimestamp64Milli(opened_at), toUnixTimestamp64Micro(started_at){columns} FROM calls
WHERE {scope} AND (opened_at, id) > (fromUnixTimestamp64Milli({opened:Int64}, 'UTC'), {id:UUID}) AND ({ways})
ORDER BY opened_at, id LIMIT {most:UInt32}
"""
_BEGAN = (
    "coalesce(toUnixTimestamp64Micro(started_at),"
    " if(notEmpty(call), toInt64(bitShiftRight(toUInt128(toUUIDOrZero(call)), 80)) * 1000, NULL),"
    " toUnixTimestamp64Micro(received_at))"
)
"""When a recording began, as far as that is known: else when its call was opened, which its id carries, or when it came."""

_RECORDINGS = f"""
SELECT toString(id), call, {_BEGAN} AS began, bytes FROM recordings
WHERE tenant = {{tenant:String}} AND destroyed = 0 AND (began, id) > ({{at:Int64}}, {{id:UUID}}) AND began <= {{cut:Int64}}
ORDER BY began, id LIMIT {{most:UInt32}}
"""
_YOUNG_RECORDINGS = f"""
SELECT DISTINCT call FROM recordings
WHERE tenant = {{tenant:String}} AND destroyed = 0 AND notEmpty(call) AND {_BEGAN} > {{since:Int64}}
"""
