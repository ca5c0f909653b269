"""The calls that a recording could be of, found in the ledger, and the one that it is of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from ringbook.ledger.ledger import Ledger
from ringbook.ledger.recordings import Catalogue
from ringbook.model.call import Call, CallId
from ringbook.model.instant import DAY, LATEST, SECOND, Instant
from ringbook.model.recording import Joined, KeptRecording
from ringbook.model.scope import Scope
from ringbook.normalise.clocks import WallClock
from ringbook.recordings.joining import Heard, Join, join
from ringbook.recordings.names import without_ending
from ringbook.runtime.home import Home
from ringbook.runtime.importing import now
from ringbook.runtime.result import key_hash

NAMESPACES = (
    "u",
    "l",
    "c",
    "ch",
    "cc",
    "id",
    "r",
    "m",
    "ipo",
    "cucm",
    "vcon",
    "ucid",
    "bridge",
    "conf",
    "row",
    "by-hand",
)
"""The words before ``:`` in keys of calls, under which an id of a file's name may stand."""

MOST = 200
"""Calls that are weighed against one another for one recording."""

STEP = 100
"""Recordings that are weighed together when calls have come."""

UNSURE = 7 * DAY
"""How long after its arrival a recording is weighed again that only time and numbers joined to its call."""

LONG_AGO = 400 * DAY
"""How far back a recording is looked for by its name alone, if nothing tells when it began: it may have been copied late."""

AROUND = DAY
"""How far from the time in a file's name a record may lie that names the file: time zones told wrongly included."""

BY_HAND = "somebody said so"

_NEAR = (
    "has(sources, {source:String})"
    " AND started_at >= fromUnixTimestamp64Micro({since:Int64}, 'UTC')"
    " AND started_at < fromUnixTimestamp64Micro({until:Int64}, 'UTC')"
)
_NAMES_IT = f"{_NEAR} AND recording_count > 0 AND position(detail, {{stem:String}}) > 0"


class Joiner:
    """Joins recordings to calls."""

    def __init__(self, home: Home) -> None:
        self._ledger: Ledger = home.ledger
        self._catalogue = Catalogue(home.ledger)
        self._sources = home.sources

    def join(self, recording: KeptRecording) -> KeptRecording:
        """The recording, joined to its call if there is one by now; a join that somebody made by hand stands."""
        if recording.joined is Joined.HAND or recording.gone:
            return recording
        found = self.told(recording)
        same = (found.call, found.joined, found.why) == (recording.call, recording.joined, recording.why)
        if same or (found.call is None and recording.joined not in (Joined.NONE, Joined.OVERLAP)):
            return recording
        return msgspec.structs.replace(
            recording,
            call=found.call,
            joined=found.joined,
            confidence=found.confidence,
            why=found.why,
            awaits=None if found.call else recording.awaits,
            version=recording.version + 1,
        )

    def told(self, recording: KeptRecording) -> Join:
        """The call that the recording is of, and how that is known."""
        if recording.awaits and self._ledger.calls(Scope(recording.tenant), [recording.awaits]):
            return Join(recording.awaits, Joined.HAND, 1.0, BY_HAND)
        heard = Heard(
            name=recording.name,
            ids=recording.ids,
            numbers=recording.numbers,
            began=self._began(recording),
            duration_s=recording.duration_s,
        )
        return join(heard, self._candidates(recording, heard))

    def again(self, tenant: str, source: str = "", most: int | None = None) -> Iterable[KeptRecording]:
        """Recordings that have another call now, joined and kept so: the last received first, ``most`` of them weighed.

        Weighed are those without a call, and for some days those that only time and numbers joined: the call whose id is in
        their name may come later.
        """
        scope, cursor, weighed = Scope(tenant), "", 0
        since = now() - UNSURE
        while most is None or weighed < most:
            limit = STEP if most is None else min(STEP, most - weighed)
            page = self._catalogue.page(scope, unsure_since=since, source=source, limit=limit, cursor=cursor)
            weighed += len(page.items)
            for before in page.items:
                if self.join(before) != before:  # weighed again under the lock: it may have changed meanwhile
                    after = self._catalogue.change(scope, before.id, self.join)
                    if after is not None and after.call != before.call:
                        yield after
            cursor = page.cursor
            if not cursor:
                return

    def _began(self, recording: KeptRecording) -> list[Instant]:
        """When it may have begun; the other of the two hours, too, in the night in which clocks are put back."""
        if recording.started_at is None:
            return []
        if not recording.wall_clock:
            return [recording.started_at]
        wall = datetime.fromisoformat(recording.wall_clock).replace(tzinfo=UTC)
        told = int(wall.timestamp()) * SECOND
        clock = WallClock(self._sources.get(recording.source).timezone or "UTC")
        first = clock.instant(told)
        return sorted({first, clock.instant(told, after=first + 2 * SECOND)})

    def _candidates(self, recording: KeptRecording, heard: Heard) -> list[Call]:
        scope = Scope(recording.tenant)
        middle = heard.began[0] if heard.began else recording.received_at
        before = AROUND if heard.began else LONG_AGO
        span = {"source": recording.source, "since": middle - before, "until": middle + AROUND}
        naming = self._ledger.select(
            scope, _NAMES_IT, {**span, "stem": without_ending(recording.name)}, limit=MOST
        )
        having = self._having(scope, recording)
        near: list[Call] = []
        if heard.began and not naming and not having:
            lasted = round((recording.duration_s or 0) * SECOND)
            window = {"since": heard.began[0] - DAY // 4, "until": heard.began[-1] + lasted + 60 * SECOND}
            near = self._ledger.select(scope, _NEAR, {**span, **window}, limit=5 * MOST)
        return list({call.id: call for call in (*naming, *having, *near)}.values())

    def _having(self, scope: Scope, recording: KeptRecording) -> list[Call]:
        """The calls that have an id of the name among their keys."""
        hashes = [
            key_hash(recording.source, f"{space}:{one}") for one in recording.ids for space in NAMESPACES
        ]
        if not hashes:
            return []
        owners: dict[int, CallId] = self._ledger.owners(scope, hashes, 0, LATEST)
        return self._ledger.calls(scope, set(owners.values()))
