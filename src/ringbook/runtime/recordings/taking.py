"""Taking a recording: from a complete file to a sealed, playable recording that is joined to its call.

The order is what makes it safe: first the key and the audio are durable, then the catalogue's row; only a file whose row stands
was taken. The same file again, or the same audio under a name without ids, is the recording that is there already.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from ringbook.config.settings import KeepAs
from ringbook.ledger.recordings import Catalogue
from ringbook.model.instant import SECOND, Instant
from ringbook.model.recording import KeptRecording, Part, RecordingId, StoredForm
from ringbook.model.scope import MAIN_TENANT, Scope
from ringbook.normalise.clocks import WallClock
from ringbook.recordings.decoder import Task, decode
from ringbook.recordings.errors import StillWrittenError, UndecodableError, VaultFullError
from ringbook.recordings.names import NameFacts, Template, facts
from ringbook.recordings.places import MIB
from ringbook.recordings.sidecars import Note, beside
from ringbook.recordings.vault import ABOUT, ORIGINAL, PEAKS, PLAY, Vault
from ringbook.runtime.home import Home
from ringbook.runtime.importing import now
from ringbook.runtime.recordings.joining import Joiner
from ringbook.runtime.recordings.policy import settle

PIECE = 1 << 20
GIB = 1 << 30
WORKPLACE = "recordings-at-work"
BROWSERS_PLAY = {
    *(
        ("WAV", "PCM_16"),
        ("WAV", "PCM_U8"),
        ("WAV", "ULAW"),
        ("WAV", "ALAW"),
        ("FLAC", "PCM_16"),
        ("OGG", "OPUS"),
    ),
    *(("OGG", "VORBIS"), ("MP3", "MPEG_LAYER_III")),
}
"""Container and codec of files that browsers play as they are (measured in Chromium; RFC 7845, RFC 9639)."""

REWRAPPED = ("WEBM/", "MATROSKA/")
"""Containers whose sound is played out of another one: where a recorder left out the length, browsers could not seek."""


class Taken(msgspec.Struct, frozen=True):
    """A recording, and whether it is new or was there before."""

    recording: KeptRecording
    new: bool


class Taker:
    """Takes recordings into the vault of a home."""

    def __init__(self, home: Home, vault: Vault) -> None:
        self._home = home
        self._vault = vault
        self._catalogue = Catalogue(home.ledger)
        self._joiner = Joiner(home)
        self._keep_as = home.settings.recordings.keep_as

    def take(
        self, file: Path, source: str, *, name: str = "", origin: str = "", template: Template | None = None
    ) -> Taken:
        """The recording that a complete file has become; its row stands when this returns.

        :raises VaultFullError: there is no room, or the quota is reached; nothing was kept.
        """
        told = facts(origin or name or str(file), template)
        sha256, size = _hash([file])
        known = self._known(source, sha256, told)
        if known is not None:
            return Taken(known, new=False)
        self._has_room(size)
        with tempfile.TemporaryDirectory(dir=self._workplace()) as folder:
            peaks = Path(folder) / PEAKS
            recording = self._described(file, peaks, source, name or file.name, origin, told, sha256, size)
            return self._taken(_noted(recording, beside(file)), file, peaks)

    def take_pair(
        self, sides: Sequence[Path], source: str, *, origin: str = "", template: Template | None = None
    ) -> Taken:
        """The stereo recording that two complete files have become: what was received left, what was sent right.

        :raises UndecodableError: they cannot be put together; each may still be taken alone.
        """
        told = facts(origin or str(sides[0]), template)
        sha256, size = _hash(sides)
        known = self._known(source, sha256, told)
        if known is not None:
            return Taken(known, new=False)
        self._has_room(2 * size)
        with tempfile.TemporaryDirectory(dir=self._workplace()) as folder:
            both = Path(folder) / "both.flac"
            self._decoded(
                Task(do="together", file=str(sides[0]), second=str(sides[1]), to=str(both), form="flac")
            )
            name, peaks = f"{told.stem}{sides[0].suffix}", Path(folder) / PEAKS
            recording = self._described(both, peaks, source, name, origin, told, sha256, size)
            parts = tuple(Part(side.name, _hash([side])[0]) for side in sides)
            return self._taken(msgspec.structs.replace(recording, parts=parts), both, peaks)

    def _taken(self, recording: KeptRecording, file: Path, peaks: Path) -> Taken:
        """Keep the audio, then what is known of it, then the row: a crash between two of them is found at the next start."""
        with self._vault.changing:
            self._vault.at_work.add(recording.id)
        try:
            stored, problem = self._kept(recording, file, peaks)
            recording = msgspec.structs.replace(
                recording, stored=stored, problem=recording.problem or problem
            )
            recording = self._joiner.join(recording)
            about = msgspec.json.encode(recording)
            self._vault.keep(recording.tenant, recording.id, ABOUT, [about], len(about))
            self._catalogue.keep(recording.tenant, [recording])
        finally:
            self._vault.at_work.discard(recording.id)
        return Taken(settle(self._home, recording), new=True)

    def _known(self, source: str, sha256: str, told: NameFacts) -> KeptRecording | None:
        """The recording of this very audio, unless both names carry ids and they differ. One that was destroyed stays so."""
        for same in self._catalogue.same(Scope(MAIN_TENANT), source, sha256):
            if not same.gone and (not told.ids or not same.ids or set(told.ids) & set(same.ids)):
                return same
        destroyed = self._catalogue.get(Scope(MAIN_TENANT), [_identity(source, sha256, told)])
        return next((one for one in destroyed if one.gone), None)

    def _has_room(self, size: int) -> None:
        """Whether the disk and the quota allow a recording of that size, its other forms and what is worked on included."""
        free = shutil.disk_usage(self._workplace()).free
        spare = min(self._home.settings.recordings.keep_free_mb, 16) * MIB
        if free < 2 * size + spare:
            raise VaultFullError(
                f"there is no room to work on a recording of {size / MIB:.1f} MiB: the home's disk has {free / MIB:.0f} MiB"
            )
        self._within_quota(size)

    def _within_quota(self, size: int) -> None:
        quota = self._home.settings.recordings.quota_gb * GIB
        taken = self._catalogue.totals(Scope(MAIN_TENANT)).bytes
        if quota and taken + size > quota:
            raise VaultFullError(
                f"recordings take {taken / GIB:.2f} GiB, and recordings.quota_gb allows {quota / GIB:g}; raise it, or let "
                "older ones go"
            )

    def _described(
        self,
        file: Path,
        peaks: Path,
        source: str,
        name: str,
        origin: str,
        told: NameFacts,
        sha256: str,
        size: int,
    ) -> KeptRecording:
        """What there is to know of a file; its outline goes to ``peaks``."""
        duration_s, channels, codec, problem = None, None, "", ""
        try:
            probe = self._decoded(Task(do="look", file=str(file), to=str(peaks)))
            duration_s, channels = probe["duration_s"], probe["channels"]
            codec = f"{probe['container']}/{probe['codec']}"
        except UndecodableError as error:
            problem = str(error)
        started_at, wall = self._started(source, told)
        return KeptRecording(
            id=_identity(source, sha256, told),
            tenant=MAIN_TENANT,
            source=source,
            name=name,
            origin=origin,
            received_at=now(),
            started_at=started_at,
            wall_clock=wall,
            duration_s=duration_s,
            channels=channels,
            codec=codec,
            size=size,
            sha256=sha256,
            ids=told.ids,
            numbers=told.numbers,
            problem=problem,
        )

    def _started(self, source: str, told: NameFacts) -> tuple[Instant | None, str]:
        """When it began, and what the clock showed that said so; an id that carries an epoch tells which of two hours."""
        if told.began is None:
            return None, ""
        wall = int(told.began.replace(tzinfo=UTC).timestamp()) * SECOND
        clock = WallClock(self._home.sources.get(source).timezone or "UTC")
        hints = [int(float(one) * SECOND) for one in told.ids if one.replace(".", "", 1).isdigit()]
        return clock.instant(wall, hint=hints[0] if hints else None), datetime.isoformat(told.began)

    def _kept(self, recording: KeptRecording, file: Path, peaks: Path) -> tuple[tuple[StoredForm, ...], str]:
        """The forms in which the vault has it now, and what could not be made."""
        with tempfile.TemporaryDirectory(dir=self._workplace()) as folder:
            kept, problem = file, recording.problem
            if not problem and self._keep_as is not KeepAs.ORIGINAL:
                made = Path(folder) / "kept"
                problem = self._written(file, made, self._keep_as.value)
                kept = file if problem else made
            forms = [self._put(recording, ORIGINAL, kept)]
            if kept is file and not recording.parts and forms[0].sha256 != recording.sha256:
                self._vault.abandon(recording.tenant, recording.id)
                raise StillWrittenError(f"{file.name} was written to while it was read; it is taken later")
            if not problem and kept is file and tuple(recording.codec.split("/")) not in BROWSERS_PLAY:
                play = Path(folder) / PLAY
                problem = self._written(
                    file, play, "ogg" if recording.codec.startswith(REWRAPPED) else "opus"
                )
                forms += [] if problem else [self._put(recording, PLAY, play)]
        if peaks.exists():
            forms.append(self._put(recording, PEAKS, peaks))
        return tuple(forms), problem

    def _written(self, file: Path, to: Path, form: str) -> str:
        """Why a copy in another form could not be written; empty if it was."""
        try:
            self._decoded(Task(do="write", file=str(file), to=str(to), form=form))
        except UndecodableError as error:
            return str(error)
        return ""

    def _decoded(self, task: Task) -> dict[str, Any]:
        """What the decoder says.

        :raises VaultFullError: the disk is full, which is not the audio's fault.
        """
        try:
            return decode(task)
        except UndecodableError:
            if shutil.disk_usage(self._workplace()).free < MIB:
                raise VaultFullError("the disk of the home became full while a recording was read") from None
            raise

    def _put(self, recording: KeptRecording, form: str, file: Path) -> StoredForm:
        return self._vault.keep(recording.tenant, recording.id, form, _parts(file), file.stat().st_size)

    def _workplace(self) -> Path:
        """Where plain audio may lie while it is worked on: for its owner alone, emptied at every start."""
        folder = self._home.folder / WORKPLACE
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder


def _identity(source: str, sha256: str, told: NameFacts) -> RecordingId:
    """The id: the same for the same audio of a source, with the same ids in its name."""
    text = "\0".join([source, sha256, *sorted(told.ids)])
    raw = bytearray(hashlib.blake2b(text.encode(), digest_size=16).digest())
    raw[6] = raw[6] & 0x0F | 0x80  # version 8 of RFC 9562: made in a way of our own
    raw[8] = raw[8] & 0x3F | 0x80
    return RecordingId(str(uuid.UUID(bytes=bytes(raw))))


def _noted(recording: KeptRecording, note: Note | None) -> KeptRecording:
    """The recording with what a file beside it says of it."""
    if note is None:
        return recording
    numbers = tuple(dict.fromkeys((*recording.numbers, *note.numbers)))
    return msgspec.structs.replace(
        recording, numbers=numbers, started_at=recording.started_at or note.began_at
    )


def _hash(files: Sequence[Path]) -> tuple[str, int]:
    """The hash and the size of some files, one after the other."""
    digest, size = hashlib.sha256(), 0
    for part in (part for file in files for part in _parts(file)):
        digest.update(part)
        size += len(part)
    return digest.hexdigest(), size


def _parts(file: Path) -> Iterator[bytes]:
    with file.open("rb") as source:
        while part := source.read(PIECE):
            yield part
