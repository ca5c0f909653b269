"""The catalogue: what the vault keeps, and which call each recording is of. The audio itself is the vault's."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

import msgspec
import pyarrow as pa

from ringbook.ledger.ledger import Ledger, batched
from ringbook.ledger.rows import encoded
from ringbook.ledger.statements import statement
from ringbook.model.call import CallId
from ringbook.model.instant import LATEST, Instant
from ringbook.model.recording import Joined, KeptRecording, RecordingId
from ringbook.model.scope import Scope

_TEXT, _BYTE, _BIG, _US = pa.string(), pa.uint8(), pa.uint64(), pa.timestamp("us")
RECORDINGS = pa.schema(
    {
        "tenant": _TEXT,
        "id": _TEXT,
        "version": _BIG,
        "call": _TEXT,
        "source": _TEXT,
        "name": _TEXT,
        "sha256": _TEXT,
        "started_at": _US,
        "received_at": _US,
        "bytes": _BIG,
        "problem": _BYTE,
        "destroyed": _BYTE,
        "detail": _TEXT,
    }
)


class RecordingPage(msgspec.Struct, frozen=True):
    """Some recordings, the last received first, and the cursor to go on with; empty when there are no more."""

    items: list[KeptRecording]
    cursor: str = ""


class RecordingTotals(msgspec.Struct, frozen=True):
    """How many recordings there are, and the bytes that they take in the vault."""

    kept: int
    joined: int
    unplayable: int
    destroyed: int
    bytes: int


class DayOfRecordings(msgspec.Struct, frozen=True):
    """A day (counted in UTC since 1970), how many recordings came on it, and the bytes of those that are still there."""

    day: int
    recordings: int
    bytes: int


class Catalogue:
    """Reads and writes the catalogue of a ledger.

    Recordings are their calls': every read takes the scope of the whole tenant, after the reader was found to be allowed to see
    the call (or to see recordings without one).
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def keep(self, tenant: str, recordings: Iterable[KeptRecording]) -> None:
        """Put recordings in, or in the place of an older version of them; durable when this returns."""
        rows = [_row(recording) for recording in recordings]
        self._ledger.insert("recordings", RECORDINGS, encoded(RECORDINGS, [(tenant, *row) for row in rows]))

    def change(
        self, scope: Scope, recording: RecordingId, how: Callable[[KeptRecording], KeptRecording | None]
    ) -> KeptRecording | None:
        """The recording as ``how`` makes it of what it is now, with the next version; None if there is none of that id.

        Whoever changes a recording does it so: of two changes at the same time none is lost. ``how`` may give None for no change.
        """
        with _changing:
            for found in self.get(scope, [recording]):
                changed = how(found)
                if changed is None or changed == found:
                    return found
                changed = msgspec.structs.replace(changed, version=found.version + 1)
                self.keep(found.tenant, [changed])
                return changed
        return None

    def part(self, scope: Scope, calls: Iterable[CallId]) -> None:
        """Have the recordings of calls that vanish wait for them: they are of no call until one is found, or these come back."""
        for some in batched(calls, _AT_ONCE):
            for recordings in self.of_calls(scope, some).values():
                for one in recordings:
                    self.change(scope, one.id, _parted)

    def get(self, scope: Scope, ids: Iterable[RecordingId]) -> list[KeptRecording]:
        """The recordings of these ids, those that were destroyed included."""
        return self._read(scope, "by_id", {"ids": sorted(set(ids))})

    def of_calls(self, scope: Scope, calls: Iterable[CallId]) -> dict[CallId, list[KeptRecording]]:
        """The recordings of each call that has any, in order of time; those of calls joined into it are its own."""
        of: dict[str, CallId] = {call: call for call in calls}
        if not of or not self._ledger.query_rows(scope, statement("recordings", "any"), {}, _AS_THEY_STAND):
            return {}
        ahead = list(of)
        while ahead:
            step = self._ledger.query_rows(scope, statement("recordings", "joined_into"), {"calls": ahead})
            ahead = [start for start, _ in step if start not in of]
            of |= {start: of[into] for start, into in step if start not in of}
        sought: dict[str, Any] = {"calls": list(of)}
        ever = self._ledger.query_rows(
            scope, statement("recordings", "ever_of_calls"), sought, _AS_THEY_STAND
        )
        found: dict[CallId, list[KeptRecording]] = {}
        if not ever:
            return found
        sought["ids"] = [row[0] for row in ever]
        for call, detail in self._ledger.query_rows(
            scope, statement("recordings", "of_calls"), sought, _AS_THEY_STAND
        ):
            found.setdefault(of[call], []).append(_DETAIL.decode(detail))
        return found

    def same(self, scope: Scope, source: str, sha256: str) -> list[KeptRecording]:
        """The recordings of a source that have the same content as a file."""
        return self._read(scope, "same", {"source": source, "sha256": sha256})

    def page(
        self,
        scope: Scope,
        *,
        unmatched: bool = False,
        unsure_since: Instant | None = None,
        problems: bool = False,
        silencing: bool = False,
        source: str = "",
        limit: int = 50,
        cursor: str = "",
    ) -> RecordingPage:
        """Recordings, the last received first: all, those without a call, those that cannot be played, those of a source.

        ``silencing`` are those whose spans are not silenced yet, although somebody said that they must be.
        With ``unsure_since``, those without a call and those received since then that only time and numbers joined to theirs.
        """
        parts = ["empty(call)"] if unmatched else []
        parts += [_UNSURE] if unsure_since is not None else []
        parts += ["problem = 1"] if problems else []
        parts += ["position(detail, '\"silencing\":true') > 0"] if silencing else []
        parts += ["source = {source:String}"] if source else []
        before, _, before_id = cursor.partition(".")
        params: dict[str, Any] = {
            "source": source,
            "before": int(before) if before else LATEST,
            "before_id": before_id,
            "unsure_since": unsure_since or 0,
            "limit": limit,
        }
        sql = statement("recordings", "page").replace("{condition}", " AND ".join(parts) or "1")
        rows = self._ledger.query_rows(scope, sql, params)
        items = [_DETAIL.decode(row[0]) for row in rows]
        last = items[-1] if len(items) == limit else None
        return RecordingPage(items, f"{last.received_at}.{last.id}" if last else "")

    def totals(self, scope: Scope) -> RecordingTotals:
        """How many there are."""
        [row] = self._ledger.query_rows(scope, statement("recordings", "totals"), {})
        return RecordingTotals(*(int(value) for value in row))

    def growth(self, scope: Scope, since: Instant) -> list[DayOfRecordings]:
        """The days on which any came, from then on."""
        rows = self._ledger.query_rows(scope, statement("recordings", "growth"), {"since": since})
        first = date(1970, 1, 1)
        return [
            DayOfRecordings((date.fromisoformat(day) - first).days, int(count), int(size))
            for day, count, size in rows
        ]

    def _read(self, scope: Scope, name: str, params: dict[str, Any]) -> list[KeptRecording]:
        rows: Sequence[tuple[Any, ...]] = self._ledger.query_rows(
            scope, statement("recordings", name), params
        )
        return [_DETAIL.decode(row[0]) for row in rows]


def _parted(recording: KeptRecording) -> KeptRecording:
    return msgspec.structs.replace(
        recording,
        call=None,
        joined=Joined.NONE,
        confidence=None,
        why="the import that had brought its call was undone",
        awaits=recording.call if recording.joined is Joined.HAND else None,
    )


def _row(recording: KeptRecording) -> tuple[Any, ...]:
    return (
        recording.id,
        recording.version,
        recording.call or "",
        recording.source,
        recording.name,
        recording.sha256,
        recording.started_at,
        recording.received_at,
        sum(form.size for form in recording.stored),
        int(bool(recording.problem)),
        int(recording.gone),
        msgspec.json.encode(recording).decode(),
    )


_AT_ONCE = 1_000
"""Calls whose recordings are looked up together."""

_changing = threading.RLock()
"""Held while a recording is read, changed and written again: by this process alone, which is the only one that changes any."""

_AS_THEY_STAND = {"final": 0}
"""Old revisions among the rows: for finding those that are then read as they are now, because the index serves only this way."""

_UNSURE = (
    "(empty(call) OR (received_at >= fromUnixTimestamp64Micro({unsure_since:Int64}, 'UTC')"
    ' AND position(detail, \'"joined":"overlap"\') > 0))'
)
_DETAIL = msgspec.json.Decoder(KeptRecording)
