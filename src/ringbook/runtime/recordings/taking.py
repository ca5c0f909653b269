"""Taking a recording: from a complete file to a sealed, playable recording that is joined to its call.

The order is what makes it safe: first the key and the audio are durable, then the catalogue's row; only a file whose row stands
was taken. The same file again, or the same audio under a name without ids, is the recording that is there already.
"""

from __future__ import annotations

import hashlib
import tempfile
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from ringbook.config.settings import KeepAs
from ringbook.ledger.recordings import Catalogue
from ringbook.model.instant import SECOND, Instant
from ringbook.model.recording import KeptRecording, RecordingId, StoredForm
from ringbook.model.scope import MAIN_TENANT, Scope
from ringbook.normalise.clocks import WallClock
from ringbook.recordings.decoder import Task, decode
from ringbook.recordings.errors import UndecodableError, VaultFullError
from ringbook.recordings.names import NameFacts, Template, facts
from ringbook.recordings.vault import ORIGINAL, PEAKS, PLAY, Vault
from ringbook.runtime.home import Home
from ringbook.runtime.importing import now
from ringbook.runtime.recordings.joining import Joiner

PART = 1 << 20
GIB = 1 << 30
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
        sha256, size = _hash(file)
        known = self._known(source, sha256, told)
        if known is not None:
            return Taken(known, new=False)
        self._within_quota(size)
        recording = self._described(file, source, name or file.name, origin, told, sha256, size)
        stored, problem = self._kept(recording, file)
        recording = msgspec.structs.replace(recording, stored=stored, problem=recording.problem or problem)
        recording = self._joiner.join(recording)
        self._catalogue.keep(recording.tenant, [recording])
        return Taken(recording, new=True)

    def _known(self, source: str, sha256: str, told: NameFacts) -> KeptRecording | None:
        """The recording of this very audio, unless both names carry ids and they differ."""
        for same in self._catalogue.same(Scope(MAIN_TENANT), source, sha256):
            if not same.gone and (not told.ids or not same.ids or set(told.ids) & set(same.ids)):
                return same
        return None

    def _within_quota(self, size: int) -> None:
        quota = self._home.settings.recordings.quota_gb * GIB
        taken = self._catalogue.totals(Scope(MAIN_TENANT)).bytes
        if quota and taken + size > quota:
            raise VaultFullError(
                f"recordings take {taken / GIB:.2f} GiB, and recordings.quota_gb allows {quota / GIB:g}; raise it, or let "
                "older ones go"
            )

    def _described(
        self, file: Path, source: str, name: str, origin: str, told: NameFacts, sha256: str, size: int
    ) -> KeptRecording:
        duration_s, channels, codec, problem = None, None, "", ""
        try:
            probe = decode(Task(do="probe", file=str(file)))
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

    def _kept(self, recording: KeptRecording, file: Path) -> tuple[tuple[StoredForm, ...], str]:
        """The forms in which the vault has it now, and what could not be made."""
        with tempfile.TemporaryDirectory(dir=self._workplace()) as folder:
            kept = self._to_keep(recording, file, Path(folder))
            forms = [self._put(recording, ORIGINAL, kept)]
            if recording.problem:
                return tuple(forms), ""
            try:
                if kept is file and tuple(recording.codec.split("/")) not in BROWSERS_PLAY:
                    play = Path(folder) / "play"
                    decode(Task(do="write", file=str(file), to=str(play), form="opus"))
                    forms.append(self._put(recording, PLAY, play))
                peaks = Path(folder) / "peaks"
                decode(Task(do="peaks", file=str(file), to=str(peaks)))
                forms.append(self._put(recording, PEAKS, peaks))
            except UndecodableError as error:
                return tuple(forms), str(error)
        return tuple(forms), ""

    def _to_keep(self, recording: KeptRecording, file: Path, folder: Path) -> Path:
        """The file, or what the policy makes of it; what cannot be decoded is kept as it is."""
        if recording.problem or self._keep_as is KeepAs.ORIGINAL:
            return file
        made = folder / "kept"
        decode(Task(do="write", file=str(file), to=str(made), form=self._keep_as.value))
        return made

    def _put(self, recording: KeptRecording, form: str, file: Path) -> StoredForm:
        stored = self._vault.keep(recording.tenant, recording.id, form, _parts(file), file.stat().st_size)
        return StoredForm(form, stored.size, stored.sha256, stored.stored_sha256)

    def _workplace(self) -> Path:
        """Where plain audio may lie while it is worked on: for its owner alone, emptied at every start."""
        folder = self._home.folder / "recordings-at-work"
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder


def _identity(source: str, sha256: str, told: NameFacts) -> RecordingId:
    """The id: the same for the same audio of a source, with the same ids in its name."""
    text = "\0".join([source, sha256, *sorted(told.ids)])
    raw = bytearray(hashlib.blake2b(text.encode(), digest_size=16).digest())
    raw[6] = raw[6] & 0x0F | 0x80  # version 8 of RFC 9562: made in a way of our own
    raw[8] = raw[8] & 0x3F | 0x80
    return RecordingId(str(uuid.UUID(bytes=bytes(raw))))


def _hash(file: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    for part in _parts(file):
        digest.update(part)
        size += len(part)
    return digest.hexdigest(), size


def _parts(file: Path) -> Iterator[bytes]:
    with file.open("rb") as source:
        while part := source.read(PART):
            yield part
