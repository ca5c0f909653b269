"""The vault: sealed objects of recordings, each in one or several forms (``original``, ``play``, ``peaks``, ``about``)."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterable, Iterator

import msgspec

from ringbook.model.recording import StoredForm as Stored
from ringbook.model.warrant import Ground, Warrant
from ringbook.recordings.errors import DamagedRecordingError, UnknownRecordingError, VaultKeyError
from ringbook.recordings.keys import Keys
from ringbook.recordings.places import Place
from ringbook.recordings.seal import CHUNK, TAG, Sealed, object_key, sealed

ORIGINAL = "original"
PLAY = "play"
PEAKS = "peaks"
ABOUT = "about"
FORMS = (ORIGINAL, PLAY, PEAKS, ABOUT)
MASKED = "masked-"
"""Copies with silence are ``masked-1``, ``masked-2`` …, their outlines ``masked-1-peaks``; each pair has a key of its own."""

_COPY = re.compile(rf"({MASKED}[0-9]+)(?:-{PEAKS})?")


class Damage(msgspec.Struct, frozen=True):
    """What is wrong with a form of a recording; ``chunks`` are those that cannot be read, the rest still can."""

    recording: str
    form: str
    problem: str
    chunks: list[int] = []


class Vault:
    """Keeps, reads, proves and destroys audio. Safe to use from several threads."""

    def __init__(self, place: Place, keys: Keys) -> None:
        self._place = place
        self._keys = keys
        self.at_work: set[str] = set()
        """Recordings that are being taken at this moment: what there is of them is not whole yet."""
        self.changing = threading.Lock()  # held to change it, and while what is not in it is removed
        self.withdrawn: dict[str, int] = {}
        """How often what may be heard of a recording changed: whoever is reading it then has to look again."""

    def room(self) -> int | None:
        """Bytes that may still be written; None where nobody can tell."""
        return self._place.room()

    def rewrap(self) -> Iterator[int]:
        """Wrap all keys by the newest master key, a step at a time; gives how many each step did."""
        return self._keys.rewrap()

    def close(self) -> None:
        """Let go of the keys."""
        self._keys.close()

    def keep(self, tenant: str, recording: str, form: str, parts: Iterable[bytes], expected: int) -> Stored:
        """Keep a form of a recording, of about so many bytes; durable when this returns. What was kept as it is replaced.

        :raises VaultFullError: there is no room; nothing was kept.
        """
        key = object_key(self._keys.make(_key_of(recording, form)), form)
        plain, stored = hashlib.sha256(), hashlib.sha256()
        size = 0

        def counted() -> Iterator[bytes]:
            nonlocal size
            for part in parts:
                size += len(part)
                plain.update(part)
                yield part

        def written() -> Iterator[bytes]:
            for piece in sealed(counted(), key):
                stored.update(piece)
                yield piece

        self._place.put(_name(tenant, recording, form), written(), expected + (expected // CHUNK + 1) * TAG)
        return Stored(form, size, plain.hexdigest(), stored.hexdigest())

    def open(self, tenant: str, recording: str, form: str = ORIGINAL) -> Sealed:
        """A form of a recording, to read parts of.

        :raises UnknownRecordingError: it was never kept, or it was destroyed.
        """
        key = object_key(self._keys.key(_key_of(recording, form)), form)
        name = _name(tenant, recording, form)
        return Sealed(lambda start, stop: self._place.part(name, start, stop), self._place.size(name), key)

    def knows(self, recording: str) -> bool:
        """Whether there is a key to that recording: without one it was destroyed, or is another vault's."""
        try:
            self._keys.key(recording)
        except UnknownRecordingError:
            return False
        return True

    def has(self, tenant: str, recording: str, form: str = ORIGINAL) -> bool:
        """Whether the vault has that form."""
        try:
            self._place.size(_name(tenant, recording, form))
        except UnknownRecordingError:
            return False
        return True

    def recordings(self, tenant: str) -> Iterator[str]:
        """The ids of all recordings of a tenant that there is audio of, each once."""
        before = ""
        for name in sorted(self._place.names(f"{tenant}/")):
            recording = name.split("/")[-2]
            if recording != before:
                yield recording
            before = recording

    def damage(self, tenant: str, recording: str, stored: Stored) -> Damage | None:
        """What is wrong with a form that was kept as ``stored`` says; None if every byte is as it was."""
        try:
            opened = self.open(tenant, recording, stored.form)
            chunks = opened.damaged()
            if chunks:
                return Damage(recording, stored.form, "not as it was written", chunks)
            digest = hashlib.sha256()
            for part in opened.read(0, opened.size):
                digest.update(part)
        except (UnknownRecordingError, VaultKeyError, DamagedRecordingError) as error:
            return Damage(recording, stored.form, str(error))
        if digest.hexdigest() != stored.sha256:
            return Damage(recording, stored.form, "another recording stands in its place")
        return None

    def destroy(self, warrant: Warrant, tenant: str, recording: str) -> bool:
        """Whether there was anything; now key and audio are gone. The key goes first: without it the audio is noise.

        :raises ValueError: the warrant is another tenant's.
        """
        if warrant.tenant != tenant:
            raise ValueError(f"warrant {warrant.id} is of tenant {warrant.tenant!r}, not {tenant!r}")
        return self._destroy(tenant, recording)

    def abandon(self, tenant: str, recording: str) -> bool:
        """Whether there was anything of a recording that was being taken and never was whole; now it is gone.

        :raises ValueError: it is whole: destroying it takes a warrant.
        """
        if self.is_whole(tenant, recording):
            raise ValueError(f"recording {recording} is whole: only a warrant destroys it")
        return self._destroy(tenant, recording)

    def is_whole(self, tenant: str, recording: str) -> bool:
        """Whether all of it was kept: what is told about it is kept last."""
        try:
            opened = self.open(tenant, recording, ABOUT)
            return bool(b"".join(opened.read(0, opened.size)))
        except (UnknownRecordingError, DamagedRecordingError):
            return False

    def _destroy(self, tenant: str, recording: str) -> bool:
        self.withdraw(recording)
        found = self._keys.destroy_all(recording)
        for name in sorted(
            {*self._names(tenant, recording), *(_name(tenant, recording, one) for one in FORMS)}
        ):
            found = self._place.remove(name) or found
        return found

    def withdraw(self, recording: str) -> None:
        """Have whoever is reading the recording look again at what of it may be heard."""
        self.withdrawn[recording] = self.withdrawn.get(recording, 0) + 1

    def destroy_original(self, warrant: Warrant, tenant: str, recording: str) -> bool:
        """Whether there was an original; now its key and all that was made of it but silenced copies are gone.

        :raises ValueError: the warrant does not allow it.
        """
        if warrant.ground is not Ground.MASKING or warrant.tenant != tenant:
            raise ValueError("a warrant for masking in this tenant is needed")
        self.withdraw(recording)
        found = self._keys.destroy(recording)
        for form in FORMS:
            found = self._place.remove(_name(tenant, recording, form)) or found
        return found

    def copies(self, tenant: str, recording: str) -> list[str]:
        """The copies with silence that there are, the oldest first: ``masked-1`` …"""
        found = {_COPY.fullmatch(name.rpartition("/")[2]) for name in self._names(tenant, recording)}
        return sorted({one[1] for one in found if one}, key=lambda name: int(name.removeprefix(MASKED)))

    def drop_copy(self, tenant: str, recording: str, copy: str) -> None:
        """Remove a copy with silence, which is made anew from what it was made of; its key goes with it."""
        if not _COPY.fullmatch(copy):
            raise ValueError(f"{copy} is no silenced copy")
        self.withdraw(recording)
        self._keys.destroy(_key_of(recording, copy))
        for form in (copy, f"{copy}-{PEAKS}"):
            self._place.remove(_name(tenant, recording, form))

    def _names(self, tenant: str, recording: str) -> list[str]:
        return list(self._place.names(_name(tenant, recording, "")))


def _key_of(recording: str, form: str) -> str:
    """Whose key seals a form: a silenced copy has its own, so that the original's can be destroyed."""
    found = _COPY.fullmatch(form)
    return f"{recording}/{found[1]}" if found else recording


def _name(tenant: str, recording: str, form: str) -> str:
    """Where a form lies: spread over folders by the beginning of the id, so that none grows without limit."""
    return f"{tenant}/{recording[:2]}/{recording[2:4]}/{recording}/{form}"
