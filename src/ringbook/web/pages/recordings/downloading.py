"""Downloads of recordings, by right only: as they are kept, or made into WAV or MP3."""

from __future__ import annotations

import os
import re
import tempfile
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from ringbook.desk.people.roles import Right
from ringbook.desk.wiring import home_folder
from ringbook.model.recording import KeptRecording
from ringbook.recordings.audible import audio_form
from ringbook.recordings.decoder import Task, decode
from ringbook.recordings.errors import DamagedRecordingError, UndecodableError
from ringbook.recordings.seal import Sealed
from ringbook.web.guard import needs
from ringbook.web.pages.recordings.media import SilencingError, UnreadableError, open_form, record
from ringbook.web.pages.recordings.reach import name_of, recording_or_404
from ringbook.web.pages.recordings.streaming import ENDINGS, kind_of, streamed
from ringbook.web.viewer import Asking

STORED = "stored"
MADE = {"wav": "audio/wav", "mp3": "audio/mpeg"}
WORKPLACE = "recordings-at-work"
"""Where plain audio may lie while it is worked on: for its owner alone, emptied at every start."""

PART = 1 << 18
_at_work = threading.Semaphore(2)
"""Decoders that work for downloads at the same time; whoever comes later waits."""


@needs(Right.LISTEN, Right.DOWNLOAD_RECORDINGS)
@require_GET
def download(request: Asking, recording_id: uuid.UUID, form: str) -> HttpResponseBase:
    """The recording as a file. That it was downloaded is on record before the first byte leaves."""
    recording = recording_or_404(request, recording_id)
    if form != STORED and (form not in MADE or recording.problem):
        raise Http404
    return given(request, recording, form)


def given(
    request: Asking, recording: KeptRecording, form: str, cut: tuple[float, float] | None = None
) -> HttpResponseBase:
    """The answer that carries a recording, or the part of it between two seconds, in a form."""
    try:
        opened, _ = open_form(recording, audio_form(recording))
        kind = MADE.get(form) or kind_of(opened)
        file = _whole(opened, form, cut)
    except SilencingError:
        return _refused(request, recording, 423)
    except UnreadableError:
        return _refused(request, recording, 503)
    except (DamagedRecordingError, UndecodableError):
        return _refused(request, recording, 409)
    part = {"part": list(cut)} if cut else {}
    record(request.viewer, "recording:downloaded", recording, form=form, **part)
    headers = {
        "Content-Disposition": f'attachment; filename="{_name(request, recording, kind)}"',
        "Content-Length": str(os.fstat(file.fileno()).st_size),
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return streamed(request, _read(file), kind, headers)


def _whole(opened: Sealed, form: str, cut: tuple[float, float] | None) -> BinaryIO:
    """The whole recording, or the part between two seconds, in a form, in a file without a name: it is gone once it is let go of.

    :raises DamagedRecordingError: part of it is not as it was written.
    :raises UndecodableError: it cannot be made into that form.
    """
    folder = home_folder() / WORKPLACE
    folder.mkdir(mode=0o700, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as room:
        plain, made = Path(room) / "plain", Path(room) / "made"
        with plain.open("wb") as sink:
            for part in opened.read(0, opened.size):
                sink.write(part)
        if form == STORED:
            return plain.open("rb")
        with _at_work:
            decode(Task(do="write", file=str(plain), to=str(made), form=form, cut=cut), timeout_s=300)
        return made.open("rb")


def _read(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while part := file.read(PART):
            yield part


def _name(request: Asking, recording: KeptRecording, kind: str) -> str:
    """A name of harmless letters with the ending that its bytes have."""
    name = Path(name_of(request.viewer, recording).replace("\\", "/")).name
    stem = re.sub(r"[^A-Za-z0-9_+-]+", "_", name.rpartition(".")[0] or name).strip("_-")[:120]
    return f"{stem or recording.id}.{ENDINGS.get(kind, 'bin')}"


def _refused(request: Asking, recording: KeptRecording, status: int) -> HttpResponse:
    told = {"recording": recording, "name": name_of(request.viewer, recording), "status": status}
    return render(request, "recordings/refused.html", told, status=status)
