"""Silencing: spans of a recording that nobody may hear, such as those in which somebody reads their card's number out.

First the row says so, and from then on nothing of the recording is heard; then a copy with silence is made of it, and heard
instead. The original stays sealed, so that a mistake can be taken back, or is destroyed, as the settings say. What a crash
interrupts is finished at the next start.
"""

from __future__ import annotations

import math
import shutil
import tempfile
import threading
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
import structlog

from ringbook.ledger.recordings import Catalogue
from ringbook.model.errors import AskError, RingbookError
from ringbook.model.recording import KeptRecording, RecordingId, Silence, StoredForm
from ringbook.model.scope import Scope
from ringbook.model.warrant import Ground
from ringbook.recordings.audible import has_original, newest_copy
from ringbook.recordings.decoder import Task, decode
from ringbook.recordings.errors import UnknownRecordingError, VaultFullError
from ringbook.recordings.places import MIB
from ringbook.recordings.vault import ABOUT, MASKED, ORIGINAL, PEAKS, Vault
from ringbook.runtime.home import Home
from ringbook.runtime.importing import now
from ringbook.runtime.recordings.opening import open_vault
from ringbook.runtime.recordings.taking import WORKPLACE

log = structlog.get_logger()

Spans = Sequence[tuple[float, float]]

MOST = 500
"""Spans in one recording; more are a mistake of whoever says so."""

SHORTEST_S = 0.02
LOSSY = ("OPUS", "VORBIS", "MPEG_LAYER_III")
"""Codecs after which lossless silence would only make the recording larger."""

_making = threading.Lock()
"""One copy is made at a time: it needs a core and as much of the disk as the recording is long."""


def silence(
    home: Home, recording: RecordingId, spans: Spans, *, by: str, reason: str, origin: str = "hand"
) -> KeptRecording:
    """The recording with these spans silent, besides those that were silent before.

    :raises AskError: there is no such recording, no audio in it, or these are no spans of it.
    :raises VaultFullError: there is no room for the copy; the recording is not heard until there is.
    """
    begin(home, recording, spans, by=by, reason=reason, origin=origin)
    return finish(home, recording)


def begin(
    home: Home, recording: RecordingId, spans: Spans, *, by: str, reason: str, origin: str = "hand"
) -> KeptRecording:
    """Say that spans must not be heard: from now on nothing of the recording is, until :func:`finish` has made the copy."""

    def changed(row: KeptRecording) -> KeptRecording | None:
        fresh = [one for one in _spans(row, spans) if not _within(one, row.silenced)]
        told = tuple(
            Silence(
                id=uuid.uuid4().hex[:12],
                start_s=start,
                stop_s=stop,
                by=by,
                reason=reason,
                origin=origin,
                at=now(),
            )
            for start, stop in fresh
        )
        if not told:
            return None
        if len(row.silences) + len(told) > MOST:
            raise AskError(f"more than {MOST} spans of one recording cannot be silenced apart")
        return _saying(row, (*row.silences, *told))

    return _change(home, recording, changed)


def unsilence(home: Home, recording: RecordingId, ids: Collection[str] | None = None) -> KeptRecording:
    """The recording with some silenced spans heard again, or all of them; ``ids`` are those of its ``silences``.

    :raises AskError: the original was destroyed, so nothing brings them back.
    """
    begin_unsilence(home, recording, ids)
    return finish(home, recording)


def begin_unsilence(home: Home, recording: RecordingId, ids: Collection[str] | None = None) -> KeptRecording:
    """Say that spans may be heard again; nothing of the recording is heard until :func:`finish` has made its audio."""

    def changed(row: KeptRecording) -> KeptRecording | None:
        if not has_original(row):
            raise AskError("the original of this recording was destroyed; what was silenced stays silent")
        left = tuple(one for one in row.silences if ids is not None and one.id not in ids)
        if len(left) == len(row.silences):
            raise AskError("these spans are not silenced, or somebody took that back already")
        return _saying(row, left)

    return _change(home, recording, changed)


def finish(home: Home, recording: RecordingId) -> KeptRecording:
    """The recording, once the copy in which its spans are silent is made; as it is if that was done."""
    catalogue, vault = Catalogue(home.ledger), open_vault(home)
    with _making:
        while (row := _row(catalogue, recording)).silencing:
            _made(home, catalogue, vault, row)
    return row


def pending(home: Home) -> Iterator[KeptRecording]:
    """Recordings whose copy is not made yet: somebody's request is at it, or a crash came in between."""
    yield from Catalogue(home.ledger).page(Scope(), silencing=True, limit=MOST).items


def finish_pending(home: Home) -> None:
    """Make the copies that a crash, or a disk without room, kept from being made."""
    for row in list(pending(home)):
        try:
            finish(home, row.id)
        except RingbookError as error:
            log.warning("recording.not_silenced", recording=row.id, reason=str(error))


def _made(home: Home, catalogue: Catalogue, vault: Vault, row: KeptRecording) -> None:
    """Make the copy of a recording as its row stands, then let the recording be heard, unless the row has changed again."""
    base = ORIGINAL if has_original(row) else newest_copy(row)
    if base is None:
        raise UnknownRecordingError("neither the original nor a copy of this recording is in the vault")
    fresh = _copied(home, vault, row, base) if row.silences else ()
    kept = tuple(one for one in row.stored if not one.form.startswith(MASKED))
    copy = fresh[0].form if fresh else ""

    def standing(now_there: KeptRecording) -> KeptRecording | None:
        if now_there.gone or now_there.silences != row.silences:
            return None
        return msgspec.structs.replace(now_there, stored=(*kept, *fresh))

    standing_row = catalogue.change(Scope(row.tenant), row.id, standing)
    if standing_row is None or standing_row.gone or standing_row.silences != row.silences:
        if copy:
            vault.drop_copy(row.tenant, row.id, copy)
        return
    lost = _destroyed(home, vault, row, copy)

    def heard(now_there: KeptRecording) -> KeptRecording | None:
        if now_there.gone:
            return None
        told = msgspec.structs.replace(
            now_there,
            stored=tuple(one for one in now_there.stored if one not in lost),
            lost=(*now_there.lost, *(one for one in lost if one not in now_there.lost)),
        )
        done = now_there.silences == row.silences
        return msgspec.structs.replace(told, silencing=not done)

    told = catalogue.change(Scope(row.tenant), row.id, heard)
    if told is not None and not told.gone:
        about = msgspec.json.encode(told)
        vault.keep(row.tenant, row.id, ABOUT, [about], len(about))  # what a lost row would be made of again
    vault.withdraw(row.id)


def _copied(home: Home, vault: Vault, row: KeptRecording, base: str) -> tuple[StoredForm, ...]:
    """The copy with silence and its outline, kept under a new name."""
    room = home.folder / WORKPLACE
    room.mkdir(mode=0o700, exist_ok=True)
    opened = vault.open(row.tenant, row.id, base)
    _has_room(room, home, opened.size)
    numbers = [int(one.removeprefix(MASKED)) for one in vault.copies(row.tenant, row.id)]
    copy = f"{MASKED}{max(numbers, default=0) + 1}"
    with tempfile.TemporaryDirectory(dir=room) as folder:
        plain, made, peaks = (Path(folder) / name for name in ("plain", "made", PEAKS))
        with plain.open("wb") as sink:
            for part in opened.read(0, opened.size):
                sink.write(part)
        form = "opus" if row.codec.rpartition("/")[2] in LOSSY else "flac"
        spans = list(row.silenced)
        decode(Task(do="write", file=str(plain), to=str(made), form=form, spans=spans))
        decode(Task(do="look", file=str(made), to=str(peaks)))
        return tuple(
            vault.keep(row.tenant, row.id, name, _parts(file), file.stat().st_size)
            for name, file in ((copy, made), (f"{copy}-{PEAKS}", peaks))
        )


def _destroyed(home: Home, vault: Vault, row: KeptRecording, copy: str) -> list[StoredForm]:
    """What was destroyed now that the copy stands: older copies, and the original if the settings say so."""
    older = [one for one in vault.copies(row.tenant, row.id) if one != copy]
    original = has_original(row)
    if original and not (row.silences and home.settings.recordings.destroy_original_when_masked):
        for one in older:  # the original is there: nothing is lost with them
            vault.drop_copy(row.tenant, row.id, one)
        return []
    if original or older:
        last = row.silences[-1]
        from ringbook.desk.retention.warrants import issue  # only once Django is set up

        warrant = issue(row.tenant, Ground.MASKING, f"recording:{row.id}", last.reason, last.by)
        for one in older:
            vault.drop_copy(row.tenant, row.id, one)
        if original:
            vault.destroy_original(warrant, row.tenant, row.id)
    return [one for one in row.stored if not one.form.startswith(MASKED)]


def _saying(row: KeptRecording, silences: tuple[Silence, ...]) -> KeptRecording:
    merged = tuple(_merged((one.start_s, one.stop_s) for one in silences))
    return msgspec.structs.replace(row, silences=silences, silenced=merged, silencing=True)


def _change(
    home: Home, recording: RecordingId, how: Callable[[KeptRecording], KeptRecording | None]
) -> KeptRecording:
    """The row changed, and whoever is hearing the recording cut off."""
    catalogue = Catalogue(home.ledger)
    _row(catalogue, recording)
    found = catalogue.change(Scope(), recording, how)
    if found is None:
        raise UnknownRecordingError(f"there is no recording {recording}")
    open_vault(home).withdraw(recording)
    return found


def _row(catalogue: Catalogue, recording: RecordingId) -> KeptRecording:
    found = catalogue.get(Scope(), [recording])
    if not found or found[0].gone:
        raise UnknownRecordingError(f"there is no recording {recording}")
    return found[0]


def _spans(row: KeptRecording, spans: Spans) -> list[tuple[float, float]]:
    """The spans as they lie in the recording, those that touch made one.

    :raises AskError: they are no spans of it, or there is no audio in it.
    """
    if row.problem or row.duration_s is None:
        raise AskError("this recording cannot be read as audio, so no part of it can be silenced")
    found = []
    for start, stop in spans:
        if not (math.isfinite(start) and math.isfinite(stop)) or start >= stop:
            raise AskError("a span begins at a second and ends at a later one")
        inside = (max(0.0, round(start, 3)), min(row.duration_s, round(stop, 3)))
        if inside[1] - inside[0] >= SHORTEST_S:
            found.append(inside)
    if not found:
        raise AskError(f"none of these spans is within the {row.duration_s:.1f} seconds of the recording")
    return _merged(found)


def _merged(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    for start, stop in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(stop, found[-1][1]))
        else:
            found.append((start, stop))
    return found


def _within(span: tuple[float, float], spans: Spans) -> bool:
    return any(start <= span[0] and span[1] <= stop for start, stop in spans)


def _has_room(room: Path, home: Home, size: int) -> None:
    """Whether the disk can hold the plain audio and what is made of it: at most some times as much as a packed one."""
    free = shutil.disk_usage(room).free
    spare = min(home.settings.recordings.keep_free_mb, 16) * MIB
    if free < 3 * size + spare:
        raise VaultFullError(
            f"there is no room to silence a recording of {size / MIB:.1f} MiB: the home's disk has {free / MIB:.0f} MiB"
        )


def _parts(file: Path) -> Iterator[bytes]:
    with file.open("rb") as source:
        while part := source.read(1 << 20):
            yield part
