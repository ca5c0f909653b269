"""What a pack holds about one call: its record, raw frames, notes, audio and who had to do with it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC
from typing import Any

import msgspec

from ringbook.desk.annotations import reading
from ringbook.desk.annotations.joined import origins
from ringbook.desk.annotations.models import Note
from ringbook.desk.evidence_pack.archive import Writing
from ringbook.desk.governance.models import AuditEntry
from ringbook.desk.insight.models import SurveyAnswer
from ringbook.desk.recording_policy.states import refused
from ringbook.desk.wiring import ledger, operations, vault
from ringbook.ledger.recordings import Catalogue
from ringbook.model.call import Call
from ringbook.model.frame import FrameRow
from ringbook.model.instant import iso
from ringbook.model.public import public
from ringbook.model.recording import KeptRecording, StoredForm
from ringbook.model.scope import Scope
from ringbook.recordings.audible import audio_form
from ringbook.recordings.errors import VaultKeyError, VaultUnwritableError
from ringbook.recordings.vault import ORIGINAL

_BEGINNINGS = {b"RIFF": "wav", b"OggS": "ogg", b"fLaC": "flac", b"ID3": "mp3", b"\xff\xfb": "mp3"}
_ENDING = re.compile(r"[A-Za-z0-9]{1,5}")


class Contents:
    """Puts calls into a pack, one after the other. Who asks was found to be allowed to see them."""

    def __init__(self, sink: Writing, scope: Scope, *, audio: bool) -> None:
        self._sink = sink
        self._scope = scope.whole()
        self._audio = audio
        self.recordings = 0

    def add(self, call: Call) -> None:
        """Everything about one call, in a folder of its own."""
        folder = f"calls/{call.id}"
        told = next(operations().run("calls.show", {"id": call.id}))
        self._sink.json(f"{folder}/call.json", public(call))
        self._sink.json(f"{folder}/decided-by.json", told["evidence"]["why"])
        self._frames(folder, call)
        ids = [call.id, *origins(self._scope, [call.id])]
        self._sink.json(f"{folder}/notes.json", added(self._scope, call.id, ids))
        kept = Catalogue(ledger()).of_calls(self._scope, [call.id]).get(call.id, [])
        told_of = [self._recording(folder, one) for one in kept]
        self._sink.json(f"{folder}/recordings.json", told_of)
        self._sink.json(f"{folder}/access.json", {"entries": looks(self._scope, ids, kept)})

    def _frames(self, folder: str, call: Call) -> None:
        """The raw records, byte for byte, and a list that says where each came from."""
        rows = ledger().frames(self._scope, list(call.frames))
        rows.sort(key=lambda row: (row.stated_at, row.origin, row.offset))
        listed = [self._frame(folder, number, row) for number, row in enumerate(rows, 1)]
        gone = sorted({frame.hex() for frame in call.frames} - {row.id.hex() for row in rows})
        self._sink.json(f"{folder}/frames.json", {"frames": listed, "no_longer_kept": gone})

    def _frame(self, folder: str, number: int, row: FrameRow) -> dict[str, Any]:
        file = self._sink.put(f"{folder}/frames/{number:04}.bin", [row.data])
        context = None
        if row.context:
            context = self._sink.put(f"{folder}/frames/{number:04}.context.bin", [row.context]).name
        return {
            "number": number,
            "id": row.id.hex(),
            "file": file.name,
            "size": file.size,
            "sha256": file.sha256,
            "context_file": context,
            "source": row.source,
            "format": row.format,
            "origin": row.origin,
            "offset": row.offset,
            "stated_at": iso(row.stated_at or None),
            "received_at": iso(row.received_at or None),
        }

    def _recording(self, folder: str, one: KeptRecording) -> dict[str, Any]:
        told: dict[str, Any] = {
            "id": one.id,
            "name": one.name,
            "source": one.source,
            "origin": one.origin or None,
            "started_at": iso(one.started_at),
            "received_at": iso(one.received_at),
            "duration_s": one.duration_s,
            "channels": one.channels,
            "codec": one.codec or None,
            "original_sha256": one.sha256 or None,
            "stored": [msgspec.to_builtins(form) for form in one.stored],
            "joined_by": one.joined.value or None,
            "confidence": one.confidence,
            "why": one.why or None,
            "silenced_s": [list(span) for span in one.silenced],
            "file": None,
        }
        if one.gone:
            return told | {"left_out": "it was removed; only this entry is left"}
        if not self._audio:
            return told | {"left_out": "the pack was made without audio"}
        found = audio_file(self._sink, f"{folder}/audio", one)
        self.recordings += "file" in found
        return told | found


def audio_file(sink: Writing, folder: str, one: KeptRecording) -> dict[str, Any]:
    """The audio of a recording put into a pack, and what is told of the file; or why it was ``left_out``.

    It is as it was received; of a recording with silenced spans, the copy in which they are silent. What somebody refused to
    have recorded stays out.
    """
    if one.call is not None and refused(Scope(one.tenant), [one.call]):
        return {"left_out": "somebody on the call refused to be recorded"}
    form = audio_form(one)
    stored = next((kept for kept in one.stored if kept.form == form), None)
    if stored is None:
        return {"left_out": "nothing of it may be heard at present, or its audio is not kept"}
    try:
        damage = vault().damage(one.tenant, one.id, stored)
        if damage is not None:
            return {"left_out": f"it is damaged in the vault: {damage.problem}"}
        name = f"{folder}/{one.id}.{_ending(one, stored)}"
        file = sink.put(name, _bytes(one, stored), packed=False)
    except (VaultKeyError, VaultUnwritableError) as error:
        return {"left_out": f"the vault cannot give it: {error}"}
    is_original = form == ORIGINAL
    return {"file": file.name, "size": file.size, "sha256": file.sha256, "is_original": is_original}


def _ending(one: KeptRecording, stored: StoredForm) -> str:
    """The ending that a file's name has: as its bytes begin, or else as it was called when it came."""
    beginning = b"".join(vault().open(one.tenant, one.id, stored.form).read(0, 4))
    known = next((ending for start, ending in _BEGINNINGS.items() if beginning.startswith(start)), "")
    called = one.name.rpartition(".")[2] if "." in one.name and stored.form == ORIGINAL else ""
    return known or (called if _ENDING.fullmatch(called) else "bin")


def _bytes(one: KeptRecording, stored: StoredForm) -> Iterator[bytes]:
    opened = vault().open(one.tenant, one.id, stored.form)
    return opened.read(0, opened.size)


def added(scope: Scope, call_id: str, ids: list[str]) -> dict[str, Any]:
    """What people added to a call: notes with every version, those that were removed included; tags, outcome, tasks, fields.

    And what the customer answered when asked how it was.
    """
    notes = Note.objects.within(scope).filter(call_id__in=ids).prefetch_related("versions")
    told = reading.of_calls(scope, [call_id])[call_id].plain()
    told["notes"] = [
        {
            "id": str(note.pk),
            "author": note.author_name,
            "text": note.text,
            "made_at": _at(note.made_at),
            "changed_at": _at(note.changed_at),
            "removed_at": _at(note.removed_at),
            "versions": [
                {"version": one.version, "text": one.text, "at": _at(one.at), "by": one.by_name}
                for one in note.versions.all()
            ],
        }
        for note in notes
    ]
    told["answers"] = [
        {
            "kind": answer.kind,
            "score": answer.score,
            "comment": answer.comment,
            "via": answer.via,
            "answered_at": _at(answer.answered_at),
        }
        for answer in SurveyAnswer.objects.within(scope).filter(call_id__in=ids)
    ]
    return told


def looks(scope: Scope, ids: list[str], recordings: list[KeptRecording]) -> list[dict[str, Any]]:
    """What the audit log says about a call and its recordings, with what is needed to compute each entry's hash."""
    subjects = [f"call:{one}" for one in ids] + [f"recording:{one.id}" for one in recordings]
    entries = AuditEntry.objects.filter(tenant=scope.tenant, subject__in=subjects).order_by("seq")
    return [_entry(entry) for entry in entries.iterator(chunk_size=1_000)]


def _entry(entry: AuditEntry) -> dict[str, Any]:
    return {
        "seq": entry.seq,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "tenant": entry.tenant,
        "actor": entry.actor,
        "actor_name": entry.actor_name,
        "action": entry.action,
        "subject": entry.subject,
        "address": entry.address,
        "detail": json.loads(entry.detail) if entry.detail else {},
        "detail_text": entry.detail,
        "salt": entry.salt,
        "detail_hash": entry.detail_hash,
        "previous": entry.previous,
        "hash": entry.hash,
    }


def _at(at: Any) -> str | None:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None
