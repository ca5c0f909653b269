"""The intake: what was understood becomes calls in the ledger, each once, whatever came before.

One intake writes to a ledger at a time. A batch is looked up, folded and written in this order:

1. frames whose bytes the ledger already has are put aside (told again, nothing to do);
2. statements of the others fall into components over shared keys, and components into those whose keys belong to calls that
   the ledger has and those that are new;
3. a call that the ledger has is folded again from all its frames and the new statements: same id, next revision; if several
   calls turn out to be one, the oldest stays and the others lead to it. One of which frames were removed keeps what it tells, and
   rests on what is new, too;
4. the batch is put into the journal, then into the ledger; only then is anything acknowledged. A batch that a crash leaves in the
   journal is written again when the home is next opened, before anything is read.
"""

from __future__ import annotations

import threading
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice

import msgspec

from ringbook.correlate.assemble import assemble
from ringbook.correlate.components import components
from ringbook.correlate.identity import call_id
from ringbook.ledger import erasing, imports
from ringbook.ledger.batch import Batch, Gone, KeyRow, Position, Retelling, Tally
from ringbook.ledger.erasing import Removal, Removed
from ringbook.ledger.ledger import Encoded, Ledger
from ringbook.model.call import Call, CallId
from ringbook.model.errors import StopError
from ringbook.model.frame import FrameKind, FrameRow
from ringbook.model.instant import DAY, Instant
from ringbook.model.scope import Scope
from ringbook.model.statement import AnyStatement
from ringbook.model.warrant import Warrant
from ringbook.runtime.bulk import Ready, but_for, concerned, pieces_of
from ringbook.runtime.journal import Entry, Journal
from ringbook.runtime.result import Result, key_hash
from ringbook.runtime.understand import Block, Readers, Understood

WINDOW = 7 * DAY
"""How far from a record's time the calls are looked for that share its keys: longer than any call."""


TOGETHER = 1_000
"""Calls whose frames are looked up at a time when they go on: bounds what is in memory."""


class Portion(msgspec.Struct, frozen=True):
    """What one origin gave: from ``start`` up to ``position``, if the origin is one whose positions are kept."""

    understood: Understood
    start: int = 0
    position: Position | None = None


class Owned(msgspec.Struct, frozen=True):
    """New statements, and the calls in the ledger that they turn out to belong to."""

    statements: list[AnyStatement]
    calls: list[Call]


class IntakeStoppedError(StopError):
    """The home cannot be written: the disk is full or its permissions are wrong."""


_NOTHING_ENCODED = Encoded()


class Intake:
    """Writes what was understood to a ledger, one batch at a time.

    ``writing`` is held from looking a batch up until it stands; who has to see the ledger at rest holds it too.
    """

    def __init__(self, ledger: Ledger, journal: Journal, readers: Readers) -> None:
        self._ledger = ledger
        self._journal = journal
        self._readers = readers
        self.writing = threading.RLock()
        self._unfinished = False  # a batch is in the journal that the ledger has refused so far

    def commit(self, tenant: str, source: str, portions: Sequence[Portion], at: Instant) -> Result:
        """Fold what some origins of one source gave into calls and write it; durable when this returns."""
        with self.writing:
            self._finish()
            ids = [row.id for portion in portions for row in portion.understood.rows]
            known = self._ledger.known_frames(Scope(tenant), source, ids)
            batch, result = self._batch(tenant, source, portions, known, at)
            self.write(batch)
            return result

    def commit_ready(
        self, tenant: str, block: Block, ready: Ready, position: Position, at: Instant
    ) -> Result:
        """Commit a block that a worker made ready; durable when this returns."""
        with self.writing:
            self._finish()
            scope, source = Scope(tenant), block.source.name
            if self._ledger.known_frames(scope, source, ready.ids):
                understood = self._readers.reader(source, block.format).block(block)
                return self.commit(tenant, source, [Portion(understood, block.start, position)], at)
            result = msgspec.structs.replace(ready.result)
            hashes = list(array("Q", ready.keys))
            owners = self._ledger.owners(scope, hashes, *_window(ready.earliest, ready.latest))
            known = concerned(ready, list(owners)) if owners else set()
            batch = Batch(tenant=tenant)
            if known:
                batch = self._fold(scope, source, self._statements(block, ready, known), result)
            result.calls_new += ready.calls - len(known)
            tally = _tally(position, result, block.start, at)
            whole = msgspec.structs.replace(batch, tallies=[tally], positions=[position])
            self.write(whole, but_for(ready, known))
            return result

    def _statements(self, block: Block, ready: Ready, calls: set[int]) -> list[AnyStatement]:
        """What the block's pieces about some of its calls say."""
        some = [block.pieces[index] for index in pieces_of(ready, calls)]
        part = msgspec.structs.replace(block, pieces=some)
        return [s for _, s in self._readers.reader(block.source.name, block.format).block(part).statements]

    def replace(self, tenant: str, source: str, portion: Portion, replaced: list[FrameRow]) -> Result:
        """Fold frames that are understood only now, in place of the rejects that they were.

        Frames whose id stayed the same are told anew under it.
        """
        with self.writing:
            self._finish()
            old = {row.id for row in replaced}
            ids = [row.id for row in portion.understood.rows]
            known = self._ledger.known_frames(Scope(tenant), source, ids)
            restated = [row for row in portion.understood.rows if row.id in known and row.id not in old]
            batch, result = self._batch(tenant, source, [portion], set(), 0)
            frames = [row for row in batch.frames if row.id not in known]
            retold = self._retold_anew(Scope(tenant), source, portion.understood.rows, replaced)
            self.write(
                msgspec.structs.replace(
                    batch, frames=frames, restated=restated, replaced=replaced, retold=retold
                )
            )
            return result

    def _retold_anew(
        self, scope: Scope, source: str, rows: Sequence[FrameRow], replaced: Sequence[FrameRow]
    ) -> list[Retelling]:
        """Who told again what stands under another id now."""
        now = {row.data: row.id for row in rows}
        names = {row.id: now[row.data] for row in replaced if row.data in now}
        if not names:
            return []
        told = imports.retold(self._ledger, scope, source, list(names))
        return [msgspec.structs.replace(one, frame=names[one.frame]) for one in told]

    def _batch(
        self, tenant: str, source: str, portions: Sequence[Portion], known: set[bytes], at: Instant
    ) -> tuple[Batch, Result]:
        result = Result()
        rows: list[FrameRow] = []
        said: list[AnyStatement] = []
        tallies: list[Tally] = []
        retold: list[Retelling] = []
        for portion in portions:
            fresh, counted = _count(portion.understood, known)
            retold += _retold(portion, fresh)
            result.add(counted)
            rows += [portion.understood.rows[index] for index in sorted(fresh)]
            said += [s for index, s in portion.understood.statements if index in fresh and s.keys]
            if portion.position is not None:
                tallies.append(_tally(portion.position, counted, portion.start, at))
        positions = [p.position for p in portions if p.position is not None]
        folded = self._fold(Scope(tenant), source, said, result)
        whole = msgspec.structs.replace(
            folded, frames=rows, tallies=tallies, positions=positions, retold=retold
        )
        return whole, result

    def write(self, batch: Batch, encoded: Encoded = _NOTHING_ENCODED) -> None:
        """Write a batch; all of it stands in the ledger when this returns, or will when the home is next opened.

        Raises :class:`IntakeStoppedError` if the home cannot be written; nothing of the batch counts then.
        """
        self._carry_out(Entry(batch, encoded))

    def remove(self, warrant: Warrant, removal: Removal) -> Removed:
        """Remove for good, and say how much went; all of it is gone when this returns, or will be when the home is next opened.

        Raises :class:`IntakeStoppedError` if the home cannot be written; nothing was removed then.
        """
        with self.writing:
            self._finish()
            plan = erasing.planned(self._ledger, warrant, removal)
            if plan.removed != Removed():
                self._carry_out(Entry(Batch(tenant=warrant.tenant), removing=plan))
            return plan.removed

    def _carry_out(self, entry: Entry) -> None:
        with _told():
            self._journal.put(entry)
        self._unfinished = True
        self._take(entry)
        with _told():
            self._cleared()

    def _take(self, entry: Entry) -> None:
        if entry.removing is not None:
            erasing.carry_out(self._ledger, entry.removing)
        self._ledger.write(entry.batch, entry.encoded)

    def recover(self) -> None:
        """Finish what a crash, or a ledger that refused, cut short."""
        with _told():
            for entry in self._journal.pending():
                self._take(entry)
            self._cleared()

    def settle(self) -> None:
        """Finish what the ledger refused before: until then it does not tell how far its streams have come."""
        with self.writing:
            self._finish()

    def _finish(self) -> None:
        """Write first what the ledger refused before: a part of it may stand there, and what stands there is looked up."""
        if self._unfinished:
            self.recover()

    def _cleared(self) -> None:
        self._journal.clear()
        self._unfinished = False

    def write_all(self, batches: Iterable[Batch]) -> None:
        """Write batches all or none: none counts before the last has been prepared, all do when this returns."""
        for _ in self.carry_out(map(Entry, batches)):
            pass

    def carry_out(self, entries: Iterable[Entry]) -> Iterator[None]:
        """Remove and write all or none of some entries, all when this ends; tells of each that has been prepared.

        Nothing happens before the last has been: whoever does not ask for it gives the whole up.
        """
        self._finish()
        with _told():
            self._journal.begin()
        for number, entry in enumerate(entries):
            with _told():
                self._journal.stage(number, entry)
            yield
        with _told():
            self._journal.seal()
        self._unfinished = True
        self.recover()

    def _fold(self, scope: Scope, source: str, said: Sequence[AnyStatement], result: Result) -> Batch:
        groups = [[said[index] for index in group] for group in components([s.keys for s in said])]
        owners = self._owners(scope, source, said)
        calls: list[Call] = []
        gone: list[Gone] = []
        keys: list[KeyRow] = []
        for owned, frames in self._with_frames(scope, self._owned(scope, source, groups, owners)):
            call, absorbed = self._call(scope, source, owned, frames)
            calls.append(call)
            gone += absorbed
            before = next((one for one in owned.calls if one.id == call.id), None)
            if before is None:
                result.calls_new += 1
            else:
                if _same(before, call):
                    result.calls_unchanged += 1
                else:
                    result.calls_updated += 1
            new_keys = {key for s in owned.statements for key in s.keys}
            hashes = sorted(key_hash(source, key) for key in new_keys)
            keys += [KeyRow(key, call.started_at, call.id) for key in hashes if key not in owners]
        return Batch(tenant=scope.tenant, calls=calls, gone=gone, keys=keys)

    def _owners(self, scope: Scope, source: str, said: Sequence[AnyStatement]) -> dict[int, CallId]:
        hashes = sorted({key_hash(source, key) for s in said for key in s.keys})
        if not hashes:
            return {}
        times = [s.at for s in said if s.at is not None]
        earliest = min(times) if len(times) == len(said) else None
        return self._ledger.owners(scope, hashes, *_window(earliest, max(times, default=0)))

    def _owned(
        self, scope: Scope, source: str, groups: list[list[AnyStatement]], owners: dict[int, CallId]
    ) -> Iterable[Owned]:
        """The components with the calls they belong to, those that share a call joined."""
        belongs = [
            sorted({owners[h] for s in group for key in s.keys if (h := key_hash(source, key)) in owners})
            if owners
            else []
            for group in groups
        ]
        known = {
            call.id: call for call in self._ledger.calls(scope, sorted({i for ids in belongs for i in ids}))
        }
        for index, ids in enumerate(belongs):
            if not ids:
                yield Owned(groups[index], [])
        shared = [index for index, ids in enumerate(belongs) if ids]
        for group in components([belongs[index] for index in shared]):
            statements = [s for member in group for s in groups[shared[member]]]
            ids = sorted({call for member in group for call in belongs[shared[member]]})
            yield Owned(statements, [known[call] for call in ids])

    def _with_frames(
        self, scope: Scope, all_owned: Iterable[Owned]
    ) -> Iterator[tuple[Owned, Sequence[FrameRow]]]:
        """Each with the frames of its calls, looked up for many at a time: a look-up costs the same for one as for a thousand."""
        waiting = iter(all_owned)
        while some := list(islice(waiting, TOGETHER)):
            wanted = {frame for owned in some for call in owned.calls for frame in call.frames}
            there = {row.id: row for row in self._ledger.frames(scope, wanted)} if wanted else {}
            for owned in some:
                frames = sorted({frame for call in owned.calls for frame in call.frames})
                yield owned, [there[frame] for frame in frames if frame in there]

    def _call(
        self, scope: Scope, source: str, owned: Owned, before: Sequence[FrameRow]
    ) -> tuple[Call, list[Gone]]:
        if not owned.calls:
            new = call_id(scope.tenant, source, owned.statements)
            return assemble(scope.tenant, source, new, owned.statements), []
        there = {row.id: row for row in before}
        whole = [call for call in owned.calls if there.keys() >= set(call.frames)]
        if not whole:
            return _as_told(min(owned.calls, key=lambda call: call.id), owned.statements), []
        oldest, *others = sorted(whole, key=lambda call: call.id)
        revision = max(call.revision for call in whole) + 1
        said = self._readers.again(there[f] for f in sorted({f for call in whole for f in call.frames}))
        call = assemble(scope.tenant, source, oldest.id, said + owned.statements, revision=revision)
        return call, [Gone(other.id, other.started_at, other.revision, oldest.id) for other in others]


def _as_told(call: Call, said: Sequence[AnyStatement]) -> Call:
    """A call of which records were removed, resting on new ones, too: it cannot be told anew, so it stays as it is told.

    For the same reason it is never joined with others: what comes late and is also about calls that can be told anew is theirs.
    """
    return msgspec.structs.replace(
        call,
        revision=call.revision + 1,
        frames=tuple(sorted({*call.frames, *(s.frame for s in said)})),
        keys=tuple(sorted({*call.keys, *(key for s in said for key in s.keys)})),
    )


@contextmanager
def _told() -> Iterator[None]:
    """Turns a journal that cannot be written into what the operator does about it."""
    try:
        yield
    except OSError as error:
        raise IntakeStoppedError(
            f"nothing more can be taken in: {error.strerror} in {error.filename or 'the home'}; "
            "make room or mend its permissions, then go on; nothing acknowledged is lost"
        ) from error


def _window(earliest: Instant | None, latest: Instant) -> tuple[Instant | None, Instant | None]:
    """Between which instants the calls began that statements of these times may belong to; no bounds if one has no time."""
    return (None, None) if earliest is None else (earliest - WINDOW, latest + WINDOW)


def _count(understood: Understood, known: set[bytes]) -> tuple[set[int], Result]:
    """The indexes of rows that the ledger does not have yet (now counted as known), and the tally of all."""
    fresh: set[int] = set()
    for index, row in enumerate(understood.rows):
        if row.id not in known:
            known.add(row.id)
            fresh.add(index)
    kinds = Counter(row.kind for row in understood.rows)
    reasons = Counter(row.reason for row in understood.rows if row.kind is FrameKind.REJECTED)
    return fresh, Result(
        frames=len(understood.rows),
        stated=kinds[FrameKind.STATED],
        noise=kinds[FrameKind.NOISE],
        repeated=len(understood.rows) - len(fresh),
        rejected=dict(reasons),
        size=sum(len(row.data) for row in understood.rows),
    )


def _retold(portion: Portion, fresh: set[int]) -> Iterator[Retelling]:
    """What the portion's origin told that was there already: not counting what it told twice itself."""
    at = portion.position
    rows = portion.understood.rows
    if at is None or len(fresh) == len(rows):
        return
    own = {rows[index].id for index in fresh}
    for row in rows:
        if row.id not in own:
            yield Retelling(
                row.source, row.id, at.origin, at.mark, portion.start, row.offset, row.received_at
            )


def _same(before: Call, after: Call) -> bool:
    """Whether two revisions tell the same, though the later one may rest on more records."""
    return before == msgspec.structs.replace(
        after, revision=before.revision, frames=before.frames, keys=before.keys, rules=before.rules
    )


def _tally(position: Position, result: Result, start: int, at: Instant) -> Tally:
    return Tally(
        source=position.source,
        origin=position.origin,
        mark=position.mark,
        start=start,
        stop=position.offset,
        size=result.size,
        frames=result.frames,
        stated=result.stated,
        rejected=sum(result.rejected.values()),
        noise=result.noise,
        repeated=result.repeated,
        at=at,
    )
