"""What an access request gets: one archive with the person's calls, notes, audio and who looked, and a page that shows them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.template.loader import render_to_string

from ringbook import __version__
from ringbook.desk.annotations.joined import origins
from ringbook.desk.annotations.models import Note
from ringbook.desk.directory.models import Contact
from ringbook.desk.evidence_pack.archive import Writing
from ringbook.desk.evidence_pack.contents import added, audio_file, looks
from ringbook.desk.evidence_pack.key import SigningKey
from ringbook.desk.governance import audit
from ringbook.desk.organisation.models import organisation
from ringbook.desk.requests.finding import calls_of
from ringbook.desk.requests.models import PersonRequest
from ringbook.desk.requests.previewing import waiting_recordings
from ringbook.desk.requests.written import Finder, Identifiers, of
from ringbook.desk.wiring import home_folder, ledger
from ringbook.ledger.recordings import Catalogue
from ringbook.model.call import Call, CallId
from ringbook.model.public import FLAT_COLUMNS, flat, public
from ringbook.model.scope import Scope
from ringbook.search import pages

STEP = 200


class Archived(msgspec.Struct, frozen=True):
    """What the archive holds."""

    calls: int
    recordings: int
    notes: int
    files: int
    manifest_sha256: str


def write(
    place: Path,
    row: PersonRequest,
    scope: Scope,
    actor: audit.Actor,
    zone: str,
    progress: Callable[[int, int], None],
) -> Archived:
    """Write the archive of a request to a file. Who looked is in it with names and times, not with addresses of machines."""
    who, whole, at = of(row.identifiers), scope.whole(), datetime.now(UTC)
    ids = calls_of(whole, who).all
    audit.record(actor, "request:archive-made", f"request:{row.pk}", calls=len(ids))
    with Writing(place, at) as sink:
        making = _Making(sink, whole, who, zone)
        for call in _calls(whole, ids):
            progress(len(making.calls), len(ids))
            making.add(call)
        making.finish(row, at)
        about = {
            "format": "Ringbook archive of what is kept about a person",
            "version": 1,
            "request": row.reference,
            "organisation": organisation(row.tenant).name,
            "made_at": at.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "made_by": actor.name or actor.id,
            "made_with": f"Ringbook {__version__}",
        }
        digest = sink.sign(SigningKey(home_folder()), about)
    return Archived(len(making.calls), making.recordings, making.notes, len(sink.files), digest)


def _calls(scope: Scope, ids: list[str]) -> Iterator[Call]:
    """The calls with their recordings, oldest first."""
    ahead = iter(ids)
    while some := list(islice(ahead, STEP)):
        for one in sorted(ledger().calls(scope, map(CallId, some)), key=lambda call: call.started_at):
            yield pages.show_call(ledger(), scope, one.id)


class _Making:
    """Puts calls into the archive, and remembers what the page has to show of them."""

    def __init__(self, sink: Writing, scope: Scope, who: Identifiers, zone: str) -> None:
        self._sink = sink
        self._scope = scope
        self._who = who
        self._zone = ZoneInfo(zone)
        self._table = io.StringIO()
        self._rows = csv.DictWriter(self._table, FLAT_COLUMNS, lineterminator="\r\n")
        self._rows.writeheader()
        self._lines: list[dict[str, Any]] = []
        self._looks: list[dict[str, Any]] = []
        self.calls: list[dict[str, Any]] = []
        self.recordings = 0
        self.notes = 0

    def add(self, call: Call) -> None:
        """One call."""
        ids = [call.id, *origins(self._scope, [call.id])]
        kept = Catalogue(ledger()).of_calls(self._scope, [call.id]).get(call.id, [])
        audio = [audio_file(self._sink, f"audio/{call.id}", one) for one in kept if not one.gone]
        self.recordings += sum("file" in one for one in audio)
        notes = added(self._scope, call.id, ids)
        self.notes += len(notes["notes"])
        seen = [_look(entry) for entry in looks(self._scope, ids, kept)]
        self._looks += seen
        shape = public(call)
        self._rows.writerow({name: _harmless(text) for name, text in flat(call).items()})
        self.calls.append({**shape, "notes": notes, "audio": audio})
        self._lines.append(
            {
                "at": datetime.fromtimestamp(call.started_at / 1e6, self._zone).strftime("%Y-%m-%d %H:%M:%S"),
                "shape": shape,
                "notes": [note for note in notes["notes"] if not note["removed_at"]],
                "answers": notes["answers"],
                "audio": audio,
                "looks": seen,
            }
        )

    def finish(self, row: PersonRequest, at: datetime) -> None:
        """The files about all of it."""
        about = self._about()
        self._sink.json("calls.json", self.calls)
        self._sink.text("calls.csv", "\ufeff" + self._table.getvalue())
        self._sink.json("who-looked.json", self._looks)
        self._sink.json("about-you.json", about)
        told = {
            "row": row,
            "house": organisation(row.tenant).name,
            "made": at.astimezone(self._zone).strftime("%Y-%m-%d %H:%M"),
            "zone": str(self._zone),
            "about": about,
            "lines": self._lines,
            "recordings": self.recordings,
        }
        self._sink.put("style.css", [(files(__package__) / "archive.css").read_bytes()])
        self._sink.text("index.html", render_to_string("requests/archive.html", told))

    def _about(self) -> dict[str, Any]:
        """What is kept beside calls: the directory's entry, notes elsewhere that name the person, recordings of no call."""
        contacts = Contact.objects.filter(tenant=self._scope.tenant, pk__in=self._who.contacts)
        finder, known = Finder(self._who), {one["id"] for one in self.calls}
        elsewhere = [
            {
                "call": note.call_id,
                "author": note.author_name,
                "text": note.text,
                "at": note.made_at.isoformat(),
            }
            for note in Note.objects.filter(tenant=self._scope.tenant, removed_at=None).iterator(
                chunk_size=2_000
            )
            if note.call_id not in known and finder.mentions(note.text)
        ]
        waiting = [
            {"name": one.name, **audio_file(self._sink, "audio/without-call", one)}
            for one in waiting_recordings(self._scope, self._who)
        ]
        self.recordings += sum("file" in one for one in waiting)
        return {
            "numbers": list(self._who.numbers),
            "names": list(self._who.names),
            "emails": list(self._who.emails),
            "contacts": [
                {
                    "name": contact.name,
                    "company": contact.company.name if contact.company else None,
                    "title": contact.title,
                    "emails": contact.emails,
                    "numbers": [number.number for number in contact.numbers.all()],
                    "note": contact.note,
                    "labels": contact.labels,
                }
                for contact in contacts.select_related("company").prefetch_related("numbers")
            ],
            "notes_elsewhere": elsewhere,
            "recordings_without_call": waiting,
        }


def _look(entry: dict[str, Any]) -> dict[str, Any]:
    return {
        "at": entry["at"],
        "who": entry["actor_name"] or entry["actor"],
        "what": entry["action"],
        "of": entry["subject"],
        "hash": entry["hash"],
    }


def _harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula; plain numbers, those in E.164 among them, compute nothing."""
    return f"'{text}" if text[:1] in _FORMULA and not _PLAIN.fullmatch(text) else text


_FORMULA = ("=", "@", "+", "-", "\t", "\r")
_PLAIN = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
