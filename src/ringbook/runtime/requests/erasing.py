"""Erasing a person: calls with records, recordings and notes, the directory's entries, what people wrote, copies, files.

Every step may be taken again: what is gone already is found no more. So a run that was interrupted goes on by beginning anew.
What a legal hold keeps stays, and the request with it, until the hold is released.
"""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import structlog

from ringbook.desk.annotations import sync
from ringbook.desk.annotations.acting import chunks
from ringbook.desk.listening import clips
from ringbook.ledger.erasing import Removal
from ringbook.ledger.recordings import Catalogue
from ringbook.model.call import CallId
from ringbook.model.recording import KeptRecording
from ringbook.model.scope import Scope
from ringbook.model.warrant import Ground, Warrant
from ringbook.runtime import desk
from ringbook.runtime.home import Home
from ringbook.runtime.purging import UPLOADS, Purged, purge_home
from ringbook.runtime.recordings.opening import open_vault
from ringbook.runtime.requests.searching import search

log = structlog.get_logger()

AT_WORK_S = 3_600.0
"""For how long after it came an upload is left alone: somebody may be about to import it."""

TRIES = 5
STEP = 100
"""Calls that are removed together."""


def erase(home: Home, request: str, job: str = "") -> Iterator[dict[str, Any]]:
    """Carry out a request that a second person confirmed; gives how far it is, and at last the report.

    ``job`` is the job that runs it: its row is kept.
    """
    with desk.at_hand(home):
        yield from _Erasing(home, request, job).run()


class _Erasing:
    def __init__(self, home: Home, request: str, job: str) -> None:
        from ringbook.desk.requests import written  # only once Django is set up
        from ringbook.desk.requests.models import PersonRequest

        self._home = home
        self._job = job
        self._row = PersonRequest.objects.get(pk=request)
        self._who = written.of(self._row.identifiers)
        self._finder = written.Finder(self._who)
        self._scope = Scope(self._row.tenant)
        self._done: Counter[str] = Counter(self._row.report.get("counts", {}))

    def run(self) -> Iterator[dict[str, Any]]:
        """Everything, in order; the report last."""
        from ringbook.desk.requests.models import RequestState

        if self._row.state != RequestState.RUNNING:
            if (
                self._row.warrant and "physical" not in self._row.report
            ):  # the end came between the last two steps
                yield {"step": "physical", "done": self._done["calls"], "total": None}
                yield {
                    "report": self._off_the_disk(purge_home(self._home, self._warrant()), self._row.report)
                }
            return
        warrant = self._warrant()
        kept: dict[str, tuple[str, ...]] = {}
        yield from self._calls(warrant, kept)
        self._beside_calls(warrant)
        yield {"step": "written", "done": self._done["calls"], "total": None}
        self._written(warrant)
        yield {"step": "physical", "done": self._done["calls"], "total": None}
        yield {"report": self._finish(warrant, kept)}

    def _warrant(self) -> Warrant:
        """The warrant of this request: issued once, whoever interrupts."""
        from ringbook.desk.retention import warrants

        row = self._row
        if row.warrant:
            return warrants.again(row.tenant, row.warrant)
        by = str(row.decided_by_id or row.decided_by_name)
        warrant = warrants.issue(row.tenant, Ground.ERASURE, f"request:{row.pk}", row.basis, by)
        row.warrant = warrant.id
        row.save(update_fields=["warrant"])
        return warrant

    def _calls(self, warrant: Warrant, kept: dict[str, tuple[str, ...]]) -> Iterator[dict[str, Any]]:
        """Remove the calls, some at a time; those that a hold is on are put into ``kept``."""
        from ringbook.desk.requests.finding import calls_of
        from ringbook.desk.retention import holds

        found = calls_of(self._scope, self._who).all
        for some in chunks(found, STEP):
            with holds.changing:
                held = holds.held(self._scope, some)
                kept |= held
                self._remove_calls(warrant, [CallId(one) for one in some if one not in held])
            yield {"step": "calls", "done": self._done["calls"], "total": len(found)}

    def _remove_calls(self, warrant: Warrant, calls: list[CallId]) -> None:
        from ringbook.desk.annotations.joined import origins
        from ringbook.desk.requests import scrubbing

        if not calls:
            return
        ids = [*calls, *origins(self._scope, calls)]
        catalogue = Catalogue(self._home.ledger).of_calls(self._scope, calls)
        recordings = [one for rows in catalogue.values() for one in rows if not one.gone]
        self._destroy(warrant, recordings)
        gone = [one.id for one in recordings]
        # Before the ledger forgets the calls: whoever begins anew finds them by it.
        self._done.update(scrubbing.of_calls(self._row.tenant, ids, gone))
        removed = self._home.intake.remove(warrant, Removal(calls=calls, recordings=gone))
        self._done["calls"] += removed.calls
        self._done["records"] += removed.frames
        self._keep()

    def _destroy(self, warrant: Warrant, recordings: list[KeptRecording]) -> None:
        """The keys first: without them the audio is noise, in every copy of it."""
        vault = open_vault(self._home)
        for one in recordings:
            vault.destroy(warrant, one.tenant, one.id)
        clips.forget(warrant, [one.id for one in recordings])
        self._done["recordings"] += len(recordings)

    def _beside_calls(self, warrant: Warrant) -> None:
        """Recordings of no call, and raw records of none."""
        from ringbook.desk.requests.finding import frames_of
        from ringbook.desk.requests.previewing import waiting_recordings

        recordings = waiting_recordings(self._scope, self._who)
        self._destroy(warrant, recordings)
        frames = [bytes.fromhex(one) for one in frames_of(self._scope, self._who)[0]]
        removal = Removal(frames=frames, recordings=[one.id for one in recordings])
        self._done["records"] += self._home.intake.remove(warrant, removal).frames
        self._keep()

    def _written(self, warrant: Warrant) -> None:
        """The directory, notes elsewhere, views, jobs, audit details; and the copies of them that searches go by."""
        from ringbook.desk.requests import scrubbing

        row = self._row
        gone, touched = scrubbing.of_person(row.tenant, self._who, str(row.pk))
        self._done.update(gone)
        self._done["files"] += scrubbing.results(row.tenant, self._job)
        removal = Removal(notes=[CallId(one) for one in touched], numbers=list(self._who.numbers))
        self._home.intake.remove(warrant, removal)
        sync.put(row.tenant, touched)
        self._keep()

    def _finish(self, warrant: Warrant, kept: dict[str, tuple[str, ...]]) -> dict[str, Any]:
        """Close the request or leave it to wait; then rewrite what holds removed rows, and look for what must not be there."""
        from django.db import transaction

        from ringbook.desk.governance import audit
        from ringbook.desk.requests.models import PersonRequest, RequestState

        row = self._row
        names = sorted({name for some in kept.values() for name in some})
        report: dict[str, Any] = {
            "counts": dict(self._done),
            "held_calls": len(kept),
            "held_ids": sorted(kept),
            "holds": [self._finder.without(name) for name in names],
            "finished_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        state = RequestState.HELD if kept else RequestState.DONE
        emptied = (
            {}
            if kept
            else {"identifiers": {}, "subject": "", "preview": {}, "finished_at": datetime.now(UTC)}
        )
        fresh = {
            **emptied,
            "state": state,
            "report": report,
            "reason": self._finder.without(row.reason),
            "version": row.version + 1,
        }
        actor = audit.Actor(f"person:{row.decided_by_id}", row.decided_by_name, row.tenant)
        self._uploads()
        purged = purge_home(self._home, warrant)
        done = "held" if kept else "done"
        with transaction.atomic():
            PersonRequest.objects.filter(pk=row.pk).update(**fresh)
            audit.record(actor, f"request:{done}", f"request:{row.pk}", **self._told(kept))
        return self._off_the_disk(purged, report)

    def _off_the_disk(self, purged: Purged, report: dict[str, Any]) -> dict[str, Any]:
        """Have the bytes go from the relational store, too, look for them everywhere, and write down what came of it.

        After a crash just before this, who it was about is wiped: nobody can look any more, and the report has no search.
        """
        from ringbook.desk.requests.models import PersonRequest

        clean = _compacted()
        on_disk = purged.state if clean else "hidden"
        report |= {"physical": {"state": on_disk, "hidden_rows": purged.ledger.hidden_rows}}
        if self._who:
            report |= {"search": self._search(held=bool(report["held_calls"]))}
        PersonRequest.objects.filter(pk=self._row.pk).update(report=report)
        return report

    def _uploads(self) -> None:
        """Files that were uploaded to be imported go, unless somebody is at it: they may hold anybody, and most are packed."""
        folder, before = self._home.folder / UPLOADS, time.time() - AT_WORK_S
        for one in folder.iterdir() if folder.is_dir() else ():
            if one.name != "arriving" and one.stat().st_mtime < before:
                shutil.rmtree(one, ignore_errors=True)
                self._done["uploads"] += 1

    def _told(self, kept: dict[str, tuple[str, ...]]) -> dict[str, Any]:
        return {**{name: count for name, count in self._done.items() if count}, "held_calls": len(kept)}

    def _search(self, *, held: bool) -> dict[str, Any]:
        """What a look at every byte of the home found. While a hold keeps calls, there is something to be found."""
        patterns, needles = self._finder.patterns(), self._finder.needles()
        found = search(self._home.folder, self._home.ledger, self._scope, patterns, needles)
        told: dict[str, Any] = msgspec.to_builtins(found)
        return told | {"clean": found.clean, "held": held}

    def _keep(self) -> None:
        """Write down what was done so far, so that a run that is interrupted loses none of its counts."""
        self._row.report = {"counts": dict(self._done)}
        self._row.save(update_fields=["report"])


def _compacted() -> bool:
    """Whether the relational store was rewritten; somebody who reads it all the while can keep it from that."""
    from ringbook.desk.requests import compacting  # only once Django is set up

    for _ in range(TRIES):
        try:
            compacting.compact()
        except compacting.NotCompactedError as error:
            log.warning("erasure.store_not_rewritten", reason=str(error))
            time.sleep(1.0)
        else:
            return True
    return False
