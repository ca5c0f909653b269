"""What a request comes to, before anybody submits it: counted by the same code that carries it out."""

from __future__ import annotations

import msgspec

from ringbook.desk.annotations.acting import chunks
from ringbook.desk.requests import scrubbing
from ringbook.desk.requests.finding import Calls, calls_of, frames_of
from ringbook.desk.requests.models import PersonRequest, RequestKind
from ringbook.desk.requests.written import Finder, Identifiers, of
from ringbook.desk.retention import holds
from ringbook.desk.wiring import ledger
from ringbook.ledger.recordings import Catalogue
from ringbook.model.call import CallId
from ringbook.model.recording import KeptRecording, RecordingId
from ringbook.model.scope import Scope

EXAMPLES = 10

_WAITING = """
SELECT toString(id) FROM recordings FINAL
WHERE tenant = {tenant:String} AND destroyed = 0 AND empty(call)
AND multiSearchAnyCaseInsensitiveUTF8(detail, {ways:Array(String)})
"""


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What there is of a person. ``held`` counts calls by the name of the hold that keeps them; ``rows`` what people wrote, by
    model: all of it for an erasure, only what lies on the calls for an access request.
    """

    calls: int = 0
    by_number: int = 0
    by_name: int = 0
    by_record: int = 0
    first_at: int | None = None
    last_at: int | None = None
    recordings: int = 0
    recorded_s: float = 0.0
    frames_alone: int = 0
    held_calls: int = 0
    held: dict[str, int] = {}
    rows: dict[str, int] = {}
    short: list[str] = []
    examples: list[str] = []


def preview(row: PersonRequest, scope: Scope) -> Preview:
    """What a request comes to now."""
    who, whole = of(row.identifiers), scope.whole()
    found = calls_of(whole, who)
    kept = recordings_of(whole, found.all, who)
    held = holds.held(whole, found.all) if row.kind == RequestKind.ERASURE else {}
    first, last = _span(whole, found)
    by_hold: dict[str, int] = {}
    for names in held.values():
        for name in names:
            by_hold[name] = by_hold.get(name, 0) + 1
    erasing = row.kind == RequestKind.ERASURE
    return Preview(
        calls=len(found.all),
        by_number=len(found.by_number),
        by_name=len(found.by_name),
        by_record=len(found.by_record),
        first_at=first,
        last_at=last,
        recordings=len(kept),
        recorded_s=sum(one.duration_s or 0.0 for one in kept),
        frames_alone=len(frames_of(whole, who)[0]) if erasing else 0,
        held_calls=len(held),
        held=by_hold,
        rows=scrubbing.counts(row.tenant, who, found.all, str(row.pk)) if erasing else {},
        short=Finder(who).short,
        examples=found.all[-EXAMPLES:],
    )


def recordings_of(scope: Scope, calls: list[str], who: Identifiers) -> list[KeptRecording]:
    """The recordings of calls, and those without a call whose name has an identifier in it; those that are gone left out."""
    catalogue, kept = Catalogue(ledger()), list[KeptRecording]()
    for some in chunks([CallId(one) for one in calls], 500):
        for rows in catalogue.of_calls(scope, some).values():
            kept += [one for one in rows if not one.gone]
    return kept + waiting_recordings(scope, who)


def waiting_recordings(scope: Scope, who: Identifiers) -> list[KeptRecording]:
    """Recordings of no call yet that have an identifier of the person in their name, path or numbers."""
    ways = Finder(who).needles()
    if not ways:
        return []
    ids = [RecordingId(row[0]) for row in ledger().query_rows(scope, _WAITING, {"ways": ways})]
    return [one for one in Catalogue(ledger()).get(scope, ids) if not one.gone]


def _span(scope: Scope, found: Calls) -> tuple[int | None, int | None]:
    """When the first and the last of the calls began: ids are in order of time."""
    if not found.all:
        return None, None
    ends = [CallId(min(found.all)), CallId(max(found.all))]
    begun = sorted(call.started_at for call in ledger().calls(scope, ends))
    return (begun[0], begun[-1]) if begun else (None, None)
