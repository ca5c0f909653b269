"""Files that were read: what each brought, which of it others told again, and which calls rest on it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from ringbook.ledger import lookups
from ringbook.ledger.batch import Retelling, Tally
from ringbook.ledger.ledger import Ledger
from ringbook.ledger.statements import statement
from ringbook.model.call import CallId
from ringbook.model.instant import DAY, LATEST, Instant
from ringbook.model.scope import Scope

AT_ONCE = 2_000
"""Frames that are looked up together."""

AROUND_MS = 45 * DAY // 1000
"""How far from a record's time the calls are looked for that rest on it: much longer than any call."""


class FileRead(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was read for a source, with its accounts; ``mark`` recognises its content, should another have its name."""

    source: str
    origin: str
    mark: str
    frames: int
    stated: int
    rejected: int
    noise: int
    repeated: int
    size: int
    first_at: Instant  # of its batches
    last_at: Instant
    before: Instant = 0  # what the file of that name brought until then is of other content
    mixed: bool = False  # files of that name were read in turn: which brought what cannot be told
    unsure: bool = False  # others told records of this source again when nobody kept note of which

    @property
    def id(self) -> str:
        """A short name for it, always the same."""
        whole = "\0".join((self.source, self.origin, self.mark))
        return hashlib.blake2b(whole.encode(), digest_size=6).hexdigest()


def files_read(ledger: Ledger, scope: Scope) -> list[FileRead]:
    """All files that were read, the last read first."""
    found = []
    for row in ledger.query_rows(scope, statement("erasing", "imports")):
        source, origin, mark, *counts = row
        frames, stated, rejected, noise, repeated, size, first, last = map(int, counts)
        found.append(
            FileRead(
                source=source,
                origin=origin,
                mark=mark,
                frames=frames,
                stated=stated,
                rejected=rejected,
                noise=noise,
                repeated=repeated,
                size=size,
                first_at=first,
                last_at=last,
            )
        )
    since = max(int(answer.strip() or 0) for answer in ledger.engine.each(_NOTED_SINCE))
    vague = {tuple(row) for row in ledger.query_rows(scope, statement("erasing", "vague"), {"since": since})}
    told = [_apart(file, found) for file in found]
    return [
        msgspec.structs.replace(file, unsure=file.first_at < since and _others(file, vague)) for file in told
    ]


def _others(file: FileRead, vague: set[tuple[str, ...]]) -> bool:
    """Whether any but the file itself told records of its source again."""
    return any(place[0] == file.source and place != (file.source, file.origin, file.mark) for place in vague)


def _apart(file: FileRead, others: Sequence[FileRead]) -> FileRead:
    same = [o for o in others if (o.source, o.origin) == (file.source, file.origin) and o.mark != file.mark]
    before = max((o.last_at for o in same if o.last_at <= file.first_at), default=0)
    mixed = any(o.last_at > file.first_at and o.first_at < file.last_at for o in same)
    return msgspec.structs.replace(file, before=before, mixed=mixed)


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """What undoing files comes to: records that go and that stay, calls that vanish (with notes, too) and that change."""

    records: int
    staying: int
    vanishing: int
    annotated: int
    changing: int


def effect(ledger: Ledger, scope: Scope, files: Sequence[FileRead]) -> Effect:
    """What undoing some files would come to, counted by the engine."""

    def asked(name: str) -> list[int]:
        [row] = _asked(ledger, scope, name, files)
        return [int(value) for value in row]

    records, staying = asked("told_first")
    vanishing, annotated, changing = asked("resting_only")
    return Effect(
        records=records - staying,
        staying=staying,
        vanishing=vanishing,
        annotated=annotated,
        changing=changing,
    )


def touched(ledger: Ledger, scope: Scope, files: Sequence[FileRead]) -> list[CallId]:
    """The calls that would vanish or change if some files were undone."""
    return [CallId(row[0]) for row in _asked(ledger, scope, "resting_calls", files)]


def _asked(ledger: Ledger, scope: Scope, name: str, files: Sequence[FileRead]) -> list[tuple[Any, ...]]:
    params: dict[str, object] = {}
    theirs, others = [], []
    for number, file in enumerate(files):
        names = {"source": file.source, "origin": file.origin, "mark": file.mark}
        params |= {f"{name}_{number}": value for name, value in names.items()}
        params |= {f"since_{number}": file.before, f"until_{number}": file.last_at}
        theirs.append(_THEIRS.replace("#", str(number)))
        others.append(_OTHERS.replace("#", str(number)))
    sql = statement("erasing", name).replace("{of_files}", f"({' OR '.join(theirs)})")
    return ledger.query_rows(scope, sql.replace("{of_others}", f"({' AND '.join(others)})"), params)


_THEIRS = (
    "(source = {source_#:String} AND origin = {origin_#:String}"
    " AND received_at > fromUnixTimestamp64Micro({since_#:Int64}, 'UTC')"
    " AND received_at <= fromUnixTimestamp64Micro({until_#:Int64}, 'UTC'))"
)
_OTHERS = "NOT (source = {source_#:String} AND origin = {origin_#:String} AND mark = {mark_#:String})"


def brought(ledger: Ledger, scope: Scope, file: FileRead) -> Iterator[list[bytes]]:
    """The frames that a file was the first to bring, some at a time."""
    after = b"\0" * 16
    while True:
        params = {
            "source": file.source,
            "origin": file.origin,
            "since": file.before,
            "until": file.last_at,
            "after": after.hex(),
            "limit": AT_ONCE,
        }
        rows = ledger.query_rows(scope, statement("erasing", "brought"), params)
        some = [bytes.fromhex(row[0]) for row in rows]
        if some:
            yield some
        if len(some) < AT_ONCE:
            return
        after = some[-1]


def retold(ledger: Ledger, scope: Scope, source: str, frames: Sequence[bytes]) -> list[Retelling]:
    """Who told some frames again, the earliest first for each."""
    sql = statement("erasing", "retold").replace("{ids}", lookups.literals(frames))
    return [
        Retelling(source, bytes.fromhex(frame), origin, mark, int(start), int(offset), int(received))
        for frame, origin, mark, start, offset, received in ledger.query_rows(scope, sql, {"source": source})
    ]


def resting_on(ledger: Ledger, scope: Scope, frames: Sequence[bytes]) -> list[CallId]:
    """The calls that rest on any of some frames."""
    sql = statement("erasing", "resting_on")
    found: set[CallId] = set()
    for run in lookups.by_time(frames):
        place = lookups.span(run)
        timeless = not place["since"]  # a record without a time may be of a call at any
        params = {
            "since": 0 if timeless else max(0, place["since"] - AROUND_MS),
            "until": LATEST // 1000 if timeless else place["until"] + AROUND_MS,
        }
        rows = ledger.query_rows(scope, sql.replace("{ids}", lookups.literals(run)), params)
        found.update(CallId(row[0]) for row in rows)
    return sorted(found)


def tally_of(ledger: Ledger, scope: Scope, telling: Retelling) -> Tally | None:
    """The account that counts a frame as told again."""
    params = {
        "source": telling.source,
        "origin": telling.origin,
        "mark": telling.mark,
        "start": telling.start,
    }
    rows = ledger.query_rows(scope, statement("erasing", "tally"), params)
    return Tally(*rows[0]) if rows else None


_NOTED_SINCE = (
    "SELECT toUnixTimestamp64Micro(toDateTime64(max(applied_at), 6, 'UTC')) FROM migrations WHERE number = 7"
    " SETTINGS final = 0"
)
