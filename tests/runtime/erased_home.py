"""Erases somebody from a home in which they left every kind of trace, with a hold on one of their calls for a while.

Run as ``python -m tests.runtime.erased_home FOLDER`` in a process of its own: Django is set up for one home a process. Prints
one line of JSON: what the steps came to. With a word behind it, only a part: ``ask`` has a request confirmed and its job wait,
``run`` does what ``serve`` does with it when it starts; ``run=PLACE`` is killed there. Numbers and names are those of the
published scenario, which are fictitious.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from datetime import date
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

from ringbook.model.instant import LATEST
from ringbook.model.scope import Scope
from ringbook.runtime import desk
from ringbook.runtime.home import Home
from ringbook.runtime.service import Service
from ringbook.search import pages

SCENARIOS = Path(__file__).parent.parent / "scenarios"
NUMBER, NAME, EMAIL = "+18005551000", "BIGCORP INC", "desk@bigcorp.example"
VICTIM, OTHER = "same_caller_five_calls", "blind_transfer_dtmf"


def main(folder: Path, word: str = "") -> None:
    """Everything, in order; or a part of it."""
    with Home.open(folder) as home:
        desk.start(home)
        act, _, place = word.partition("=")
        if act == "run":
            print(json.dumps(run(home, place)))
            return
        bring(home)
        told = Told(home)
        told.leave_traces()
        told.before = told.state()
        if act == "ask":
            told.ask()
        else:
            told.erase()
        print(json.dumps(told.results))


def run(home: Home, place: str) -> dict[str, Any]:
    """What came of it when the jobs that wait, or were interrupted, have been run; unless this dies at a place."""
    from ringbook.desk.requests import tending
    from ringbook.desk.requests.models import PersonRequest
    from ringbook.desk.workspace import runner

    import_module("ringbook.web.urls")  # the pages declare what can be run
    runner.mark_interrupted()
    tending.tend()
    if place:
        die_at(place)
    runner.run_waiting()
    row = PersonRequest.objects.get()
    told = Told(home, new=False)
    return {"report": row.report, "row": row.state, "subject": row.subject, **told.state()}


def die_at(place: str) -> None:
    """Have this process killed before, or after (``+``), some call: ``module:name:number``, ``module:Class.name:2+``."""
    module, name, number = place.split(":")
    owner: Any = import_module(f"ringbook.{module}")
    *path, last = name.split(".")
    for step in path:
        owner = getattr(owner, step)
    whole, times = getattr(owner, last), count(1)

    def dying(*args: Any, **words: Any) -> Any:
        due = next(times) == int(number.rstrip("+"))
        if due and not number.endswith("+"):
            os.kill(os.getpid(), signal.SIGKILL)
        found = whole(*args, **words)
        if due:
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    setattr(owner, last, dying)


def bring(home: Home) -> None:
    """The calls and recordings of the person and of somebody else; a record that nobody understands; an upload."""
    service = Service(home)
    for scene, source in ((VICTIM, "pbx"), (OTHER, "other")):
        paths = [str(SCENARIOS / "asterisk" / scene / name) for name in ("Master.csv", "cel.csv")]
        asked = {"paths": paths, "source": source, "timezone": "America/New_York", "region": "US"}
        list(service.run("import", asked))
        audio = [str(SCENARIOS / "recordings" / scene)]
        list(service.run("recordings.add", {"paths": audio, "source": source}))
    broken = home.folder.parent / "Broken.csv"
    broken.write_text(
        (SCENARIOS / "asterisk" / VICTIM / "Master.csv").read_text().splitlines()[0][:60] + "\n"
    )
    list(
        service.run(
            "import",
            {
                "paths": [str(broken)],
                "source": "pbx",
                "format": "asterisk_cdr_csv",
                "timezone": "America/New_York",
            },
        )
    )


class Told:
    """What was done, and what came of it."""

    def __init__(self, home: Home, *, new: bool = True) -> None:
        from tests.house import make_people

        self.home = home
        self.people: Any = make_people() if new else None
        self.results: dict[str, Any] = {}
        self.before: dict[str, Any] = {}

    def calls(self, source: str) -> list[str]:
        """The calls of a source, oldest first."""
        found = pages.iterate(self.home.ledger, Scope(), f"source:{source}", zone="UTC", now=LATEST)
        return sorted(call.id for call in found)

    def leave_traces(self) -> None:
        """Contact, notes, task, field, call-back, saved view, search, export, call logged by hand."""
        from django.db import connection

        from ringbook.desk.annotations import edit, vocabulary
        from ringbook.desk.directory import callbacks
        from ringbook.desk.directory import edit as directory
        from ringbook.desk.directory.drafts import ContactDraft, NumberDraft
        from ringbook.desk.governance import audit
        from ringbook.desk.governance.audit import Actor
        from ringbook.desk.workspace import jobs
        from ringbook.desk.workspace.models import Job, JobState, SavedView

        people = self.people
        actor, by = Actor(f"person:{people.owner.pk}", "Olga Orr"), edit.By.of(people.owner)
        mine, others = self.calls("pbx"), self.calls("other")
        draft = ContactDraft(
            name=NAME,
            emails=(EMAIL,),
            note=f"Ask {NAME}",
            numbers=(NumberDraft(NUMBER), NumberDraft("+18005551999")),
        )
        contact = directory.add_contact(actor, draft)
        first = edit.add_note(by, others[0], "Spoke of 800-555-1000 and Bigcorp  Inc")
        edit.edit_note(by, first.note.pk, "Spoke of nobody any more", 1)
        edit.add_note(by, others[0], "Has nothing to do with it")
        edit.add_note(by, mine[0], "Wants a refund")
        edit.add_task(by, others[0], "Ask desk@bigcorp.example", people.owner, None)
        edit.tag(by, [mine[0], others[0]], ["vip"], create=True)
        vocabulary.save_field(by, None, "ticket", "Ticket", "text", [], False, None)
        edit.set_field(by, [others[0]], "ticket", "of (800) 555 1000")
        callbacks.assign(actor, callbacks.contact_party(str(contact.pk)), mine[0], people.owner, 0)
        SavedView.objects.create(name="Bigcorp Inc", query="number:8005551000", owner=people.owner)
        audit.record(actor, "calls:searched", query="number:+1 (800) 555-1000")
        audit.record(actor, "calls:searched", query="queue:support")
        job = Job.objects.create(
            kind="export-calls", title="x", owner=people.owner, state=JobState.DONE, result_file="one"
        )
        (jobs.exports_folder() / "one").write_text(f"{NUMBER},{NAME}")
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # statistics quote what they were made from
        self.results["made"] = {"contact": str(contact.pk), "job": str(job.pk), "held": mine[1]}

    def state(self) -> dict[str, Any]:
        """How much of the person and of others there is."""
        from ringbook.desk.annotations.models import Note
        from ringbook.desk.governance import audit
        from ringbook.desk.governance.models import AuditEntry
        from ringbook.ledger.recordings import Catalogue

        verified = list(Service(self.home).run("verify", {}))
        return {
            "mine": self.calls("pbx"),
            "others": len(self.calls("other")),
            "kept": Catalogue(self.home.ledger).totals(Scope()).kept,
            "notes": sorted(Note.objects.values_list("text", flat=True)),
            "faults": [one.problem for one in audit.faults()],
            "entries": AuditEntry.objects.count(),
            "queries": AuditEntry.objects.filter(action="calls:searched").exclude(detail="").count(),
            "verify": verified,
        }

    def erase(self) -> None:
        """The request, interrupted once; a hold on one call, released later; and the rest."""
        from ringbook.desk.governance.audit import Actor
        from ringbook.desk.requests import flow
        from ringbook.desk.retention import holds

        people, scope, held = self.people, Scope(), self.results["made"]["held"]
        ada = Actor(f"person:{people.administrator.pk}", "Ada Alm")
        hold = holds.place(ada, scope, name="Case 7", reason="A suit", review_on=date(2027, 1, 1), ids=[held])
        row = self.confirmed()
        steps = Service(self.home).run("requests.erase", {"request": str(row.pk)})
        self.results["interrupted_after"] = next(steps)
        steps.close()
        self.results["held"] = self.carried_out(row)
        holds.release(ada, hold, "The suit is over")
        flow.again(ada, row)
        self.results["done"] = self.carried_out(row)
        self.results["before"] = self.before

    def ask(self) -> None:
        """The request, with a job that waits to carry it out."""
        from ringbook.desk.requests.models import PersonRequest
        from ringbook.desk.workspace.jobs import enqueue

        import_module("ringbook.web.urls")
        row = self.confirmed()
        job = enqueue(
            self.people.administrator,
            "person-erasure",
            {"request": str(row.pk)},
            title="Erasure",
            scope=Scope(),
        )
        PersonRequest.objects.filter(pk=row.pk).update(job=job.pk)
        self.results["before"] = self.before

    def confirmed(self) -> Any:
        """The request, made by one person and confirmed by another."""
        from ringbook.desk.governance.audit import Actor
        from ringbook.desk.requests import flow
        from ringbook.desk.requests.models import RequestKind

        people, scope = self.people, Scope()
        olga = Actor(f"person:{people.owner.pk}", "Olga Orr")
        ada = Actor(f"person:{people.administrator.pk}", "Ada Alm")
        row = flow.begin(
            olga, scope, people.owner, kind=RequestKind.ERASURE, subject=NAME, received_on=date(2026, 11, 1)
        )
        more = [("numbers", NUMBER), ("numbers", "+18005551999"), ("numbers", "8005551000"), ("names", NAME)]
        flow.identify(row, [*more, ("emails", EMAIL), ("contacts", self.results["made"]["contact"])])
        row = flow.count_names(row, by_name=True)
        self.results["preview"] = self.preview(row)
        row = flow.submit(olga, row, people.owner, basis="consent", reason=f"{NAME} wrote", preview={})
        return flow.confirm(ada, row, people.administrator, row.reference)

    def preview(self, row: Any) -> dict[str, Any]:
        """What the request would come to."""
        import msgspec

        from ringbook.desk.requests import previewing

        told: dict[str, Any] = msgspec.to_builtins(previewing.preview(row, Scope()))
        return told

    def carried_out(self, row: Any) -> dict[str, Any]:
        """What a run came to."""
        told = list(Service(self.home).run("requests.erase", {"request": str(row.pk)}))
        row.refresh_from_db()
        kept = {
            "state": row.state,
            "subject": row.subject,
            "identifiers": row.identifiers,
            "reason": row.reason,
        }
        return {"report": told[-1]["report"], "row": kept, **self.state()}


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
