"""Undoing imports: what a file brought goes, what others brought too stays, and calls are told anew from what is left.

A record that another file, or a connected phone system, told again stays and is theirs from now on. Calls that rest on nothing
else vanish, with everything that hangs on them but what people wrote: it comes back with the call. The accounts of the file go,
so that it can be imported again as if it never had been.

All of it is prepared first and then happens whole, also when the process dies in the middle: what is left is then done when the
home is next opened. Whole or not at all: a legal hold on a single one of the calls keeps it from happening. Recordings of calls
that vanish are of no call until theirs come back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import PurePath
from typing import Any

import msgspec

from ringbook.config.settings import Kind
from ringbook.correlate.assemble import assemble
from ringbook.correlate.components import components
from ringbook.correlate.identity import call_id
from ringbook.ledger import erasing, imports
from ringbook.ledger.batch import Batch, KeyRow, Retelling, Tally
from ringbook.ledger.erasing import OriginRead, Plan
from ringbook.ledger.imports import FileRead
from ringbook.model.call import Call, CallId
from ringbook.model.errors import AskError
from ringbook.model.frame import FrameRow
from ringbook.model.instant import iso
from ringbook.model.scope import Scope
from ringbook.model.statement import AnyStatement
from ringbook.model.warrant import Ground, Warrant
from ringbook.runtime.home import Home
from ringbook.runtime.journal import Entry
from ringbook.runtime.result import key_hash

Answer = dict[str, Any]

TOGETHER = 1_000
"""Calls that are told anew together: bounds what is in memory."""


HELD_SHOWN = 20
"""Calls under a hold that are named."""


class UndoError(AskError):
    """An import that is not there, or that cannot be undone."""


class Undone(msgspec.Struct):
    """What undoing comes to: records that go and stay, calls that vanish (people wrote on ``annotated`` of them) and change."""

    files: int = 0
    records: int = 0
    staying: int = 0
    vanishing: int = 0
    annotated: int = 0
    changing: int = 0


def listed(home: Home, scope: Scope) -> Iterator[Answer]:
    """The files that were imported, the last one first, each with why it cannot be undone, if so."""
    for file in imports.files_read(home.ledger, scope):
        yield {
            "import": {
                "id": file.id,
                "source": file.source,
                "file": file.origin,
                "imported_at": iso(file.last_at),
                "records": file.frames,
                "understood": file.stated,
                "rejected": file.rejected,
                "noise": file.noise,
                "repeated": file.repeated,
                "bytes": file.size,
                "why_not": (why := _why_not(home, file)),
                "problem": _PROBLEMS[why],
            }
        }


def previewed(home: Home, scope: Scope, ids: Sequence[str]) -> Answer:
    """What undoing some imports would come to, and the legal holds that keep them from it, each with calls that it is on.

    Nothing changes.
    """
    from ringbook.runtime import desk  # which imports the operations, and these

    told = effect(home, scope, ids)
    with desk.at_hand(home):
        return told | {"holds": _holds(home, scope, ids)}


def effect(home: Home, scope: Scope, ids: Sequence[str]) -> Answer:
    """What undoing some imports would come to, holds left aside; nothing changes."""
    files = _chosen(home, scope, ids)
    with home.intake.writing:
        found = imports.effect(home.ledger, scope, files)
    return {"files": len(files), **msgspec.structs.asdict(found)}


def undone(home: Home, scope: Scope, ids: Sequence[str], reason: str, by: str) -> Iterator[Answer]:
    """Undo some imports because somebody decided so: a warrant is issued for it first.

    No hold can be placed meanwhile. While one is on any of their calls, they are not undone.
    """
    from ringbook.desk.retention import holds, warrants  # only once Django is set up
    from ringbook.runtime import desk

    with desk.at_hand(home), holds.changing:
        files = _chosen(home, scope, ids)
        if _holds(home, scope, ids):
            raise UndoError("a legal hold keeps calls of it: it can be undone when the hold is released")
        reference = "import:" + ",".join(file.id for file in files)
        short = (
            reference if len(reference) <= warrants.LONGEST_REFERENCE else f"import:{files[0].id} and others"
        )
        warrant = warrants.issue(scope.tenant, Ground.UNDO, short, reason, by or "command line")
        yield from undo(home, scope, ids, warrant)


def _holds(home: Home, scope: Scope, ids: Sequence[str]) -> list[Answer]:
    """The holds on calls that some imports made or added to: id, name, reason, how many calls, and some of them."""
    from ringbook.desk.retention import holds  # only once Django is set up

    if not holds.standing(scope).exists():
        return []
    with home.intake.writing:
        touched = imports.touched(home.ledger, scope, _chosen(home, scope, ids))
    found: dict[str, Answer] = {}
    for call, rows in sorted(holds.held_by(scope, touched).items()):
        for row in rows:
            told = {"id": str(row.pk), "name": row.name, "reason": row.reason, "held": 0, "calls": []}
            one = found.setdefault(str(row.pk), told)
            one["held"] += 1
            if len(one["calls"]) < HELD_SHOWN:
                one["calls"].append(call)
    return list(found.values())


def undo(home: Home, scope: Scope, ids: Sequence[str], warrant: Warrant) -> Iterator[Answer]:
    """Undo some imports; gives how far it is, and at last what it came to."""
    if warrant.ground is not Ground.UNDO or warrant.tenant != scope.tenant:
        raise UndoError("undoing an import takes a warrant for it")
    with home.importing, home.intake.writing:
        files = _chosen(home, scope, ids)
        undoing = Undoing(home, scope, files, warrant)
        expected = imports.effect(home.ledger, scope, files).records
        for _ in home.intake.carry_out(undoing.entries()):
            yield {"type": "progress", "done": undoing.prepared, "total": expected}
    yield {"type": "done"} | msgspec.to_builtins(undoing.total)


class Undoing:
    """Prepares what undoing some imports removes and writes."""

    def __init__(self, home: Home, scope: Scope, files: Sequence[FileRead], warrant: Warrant) -> None:
        self._home = home
        self._scope = scope
        self._files = files
        self._warrant = warrant
        self._places = {(file.source, file.origin, file.mark) for file in files}
        self._going: dict[str, set[bytes]] = {}  # by source
        self._staying: dict[bytes, Retelling] = {}
        self._told: set[CallId] = set()
        self.total = Undone(files=len(files))
        self.prepared = 0  # records

    def entries(self) -> Iterator[Entry]:
        """What to remove and to write, a part at a time."""
        lost = [self._sort(file) for file in self._files]
        yield from self._stay()
        for source, going in self._going.items():
            frames = sorted(going)
            for start in range(0, len(frames), imports.AT_ONCE):
                yield from self._go(source, frames[start : start + imports.AT_ONCE])
        yield self._entry(
            origins=[
                OriginRead(f.source, f.origin, f.mark, f"{f.id}.{self._warrant.id}", gone)
                for f, gone in zip(self._files, lost, strict=True)
            ]
        )

    def _sort(self, file: FileRead) -> int:
        """Find what of a file goes and what stays; how many of its records had been removed before."""
        going = self._going.setdefault(file.source, set())
        count = 0
        for frames in imports.brought(self._home.ledger, self._scope, file):
            count += len(frames)
            others: dict[bytes, Retelling] = {}
            for told in imports.retold(self._home.ledger, self._scope, file.source, frames):
                if (told.source, told.origin, told.mark) not in self._places:
                    others.setdefault(told.frame, told)
            self._staying |= others
            going.update(frame for frame in frames if frame not in others)
        self.total.staying = len(self._staying)
        self.total.records = sum(map(len, self._going.values()))
        return file.frames - file.repeated - count

    def _stay(self) -> Iterator[Entry]:
        """Records that stay become those of who told them again; their accounts count them as new."""
        first = Counter((t.source, t.origin, t.mark, t.start) for t in self._staying.values())
        tallies: list[Tally] = []
        seen = set()
        for told in self._staying.values():
            place = (told.source, told.origin, told.mark, told.start)
            if place not in seen:
                seen.add(place)
                tally = imports.tally_of(self._home.ledger, self._scope, told)
                if tally is not None:
                    repeated = max(0, tally.repeated - first[place])
                    tallies.append(msgspec.structs.replace(tally, repeated=repeated, at=tally.at + 1))
        frames = sorted(self._staying)
        for start in range(0, len(frames), imports.AT_ONCE):
            some = frames[start : start + imports.AT_ONCE]
            rows = [self._moved(row) for row in self._home.ledger.frames(self._scope, some)]
            yield self._entry(Batch(tenant=self._scope.tenant, restated=rows), retold=some)
        if tallies:
            yield self._entry(Batch(tenant=self._scope.tenant, tallies=tallies))

    def _moved(self, row: FrameRow) -> FrameRow:
        told = self._staying[row.id]
        return msgspec.structs.replace(
            row, origin=told.origin, offset=told.offset, received_at=told.received_at
        )

    def _go(self, source: str, frames: list[bytes]) -> Iterator[Entry]:
        """Some records go, with the calls that rest on nothing else; other calls are told anew."""
        ledger = self._home.ledger
        resting = [c for c in imports.resting_on(ledger, self._scope, frames) if c not in self._told]
        self._told.update(resting)
        for start in range(0, len(resting), TOGETHER):
            calls = ledger.those(self._scope, resting[start : start + TOGETHER])
            vanishing = [c for c in calls if self._going[source].issuperset(c.frames)]
            gone = {c.id for c in vanishing}
            changing = [c for c in calls if c.id not in gone]
            yield self._calls(source, vanishing, changing)
        self.prepared += len(frames)
        yield self._entry(frames=[(frame, source) for frame in frames])

    def _calls(self, source: str, vanishing: list[Call], changing: list[Call]) -> Entry:
        ledger = self._home.ledger
        names = [call.id for call in vanishing]
        self.total.vanishing += len(vanishing)
        self.total.changing += len(changing)
        self.total.annotated += len(erasing.annotated(ledger, self._scope, names))
        batch = self._anew(source, changing)
        unkeyed = [call.id for call in changing]
        return self._entry(
            batch,
            calls=names,
            joined=erasing.leading_to(ledger, self._scope, names),
            unkeyed=[*unkeyed, *erasing.leading_to(ledger, self._scope, unkeyed)],
        )

    def _anew(self, source: str, calls: list[Call]) -> Batch:
        """The calls as what is left of their records tells them: one that was held together by what goes falls apart."""
        left = {call.id: [f for f in call.frames if f not in self._going[source]] for call in calls}
        rows = {
            r.id: r for r in self._home.ledger.frames(self._scope, (f for fs in left.values() for f in fs))
        }
        made: list[Call] = []
        for call in calls:
            there = [rows[frame] for frame in left[call.id] if frame in rows]
            if len(there) < len(left[call.id]):  # other records of it were removed: it stays as it is told
                frames = tuple(left[call.id])
                made.append(msgspec.structs.replace(call, frames=frames, revision=call.revision + 1))
                continue
            said = [s for s in self._home.readers.again(there) if s.keys]
            made += self._folded(source, call, said)
        keys = [KeyRow(key_hash(source, key), call.started_at, call.id) for call in made for key in call.keys]
        return Batch(tenant=self._scope.tenant, calls=made, keys=keys)

    def _folded(self, source: str, call: Call, said: list[AnyStatement]) -> Iterator[Call]:
        tenant = self._scope.tenant
        groups = [[said[index] for index in group] for group in components([s.keys for s in said])]
        groups.sort(key=lambda group: min(s.at or 0 for s in group))
        names = [call_id(tenant, source, group) for group in groups]
        keeps = names.index(call.id) if call.id in names else 0
        for index, group in enumerate(groups):
            if index == keeps:
                yield assemble(tenant, source, call.id, group, revision=call.revision + 1)
            else:
                yield assemble(tenant, source, names[index], group)

    def _entry(self, batch: Batch | None = None, **removed: Any) -> Entry:
        written = batch or Batch(tenant=self._scope.tenant)
        return Entry(written, removing=Plan(warrant=self._warrant, comes_back=True, **removed))


def _chosen(home: Home, scope: Scope, ids: Sequence[str]) -> list[FileRead]:
    there = {file.id: file for file in imports.files_read(home.ledger, scope)}
    unknown = [name for name in ids if name not in there]
    if unknown or not ids:
        raise UndoError(
            f"there is no import {', '.join(unknown) or '(none was named)'}; 'ringbook imports list' shows them"
        )
    files = [there[name] for name in dict.fromkeys(ids)]
    for file in files:
        problem = _PROBLEMS[_why_not(home, file)]
        if problem:
            raise UndoError(f"the import of {file.origin} cannot be undone: {problem}")
    return files


def _why_not(home: Home, file: FileRead) -> str:
    """Why an import cannot be undone, in a word; empty if it can."""
    source = home.settings.sources.get(file.source)
    for entry in source.inputs if source else ():
        if entry.kind is Kind.FILE and any(_matches(file.origin, str(path)) for path in entry.path):
            return "followed"
    return "mixed" if file.mixed else "unsure" if file.unsure else ""


_PROBLEMS = {
    "": "",
    "followed": "the file is followed: it would be read again; remove it from the source first",
    "mixed": "several files of that name were read in turn, and which brought what cannot be told",
    "unsure": "records were told again before Ringbook kept note of by which file: some of it may be theirs, too",
}


def _matches(origin: str, pattern: str) -> bool:
    return fnmatch(origin, pattern) or PurePath(pattern) in PurePath(origin).parents
