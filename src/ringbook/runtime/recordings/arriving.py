"""Recordings that programs bring: uploads that are complete, and files fetched from an address, become recordings."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import structlog

from ringbook.model.errors import AskError, RingbookError
from ringbook.recordings.names import harmless
from ringbook.recordings.uploads import FOLDER, About, Uploads
from ringbook.runtime.home import Home
from ringbook.runtime.recordings.fetching import Fetch, fetch
from ringbook.runtime.recordings.hand import join, shape
from ringbook.runtime.recordings.opening import open_vault
from ringbook.runtime.recordings.taking import WORKPLACE, Taker
from ringbook.runtime.sources import check_name

log = structlog.get_logger()

MIB = 1 << 20


def uploads_of(home: Home) -> Uploads:
    """The uploads of a home."""
    return Uploads(home.folder / FOLDER)


def take_complete(home: Home) -> Iterator[dict[str, Any]]:
    """Take uploads that are complete. One for which there is no room waits, and says why; one that cannot be taken is over."""
    uploads = uploads_of(home)
    for about in uploads.complete():
        try:
            done = _taken(home, uploads, about)
        except AskError as error:
            done = msgspec.structs.replace(about, problem=str(error))
            uploads.settle(done)
        except (RingbookError, OSError) as error:
            done = msgspec.structs.replace(about, problem=str(error))
            if done != about:
                log.warning("recordings.upload_waits", reason=str(error))
                uploads.note(done)
        yield msgspec.to_builtins(done)


def _taken(home: Home, uploads: Uploads, about: About) -> About:
    """The upload, taken. After a crash it is taken again, and found to be there."""
    taker = Taker(home, open_vault(home))
    taken = taker.take(uploads.data(about), about.source, name=about.name, origin=about.name)
    if about.call:
        with contextlib.suppress(AskError):  # the call is gone: it waits as others do
            join(home, taken.recording.id, about.call)
    done = msgspec.structs.replace(about, recording=taken.recording.id, new=taken.new, problem="")
    uploads.settle(done)
    return done


def fetched(
    home: Home,
    *,
    url: str,
    source: str,
    name: str = "",
    call: str = "",
    length: int | None = None,
    sha256: str = "",
) -> Iterator[dict[str, Any]]:
    """Fetch a file and take it: how many bytes there are now and then, then the recording."""
    check_name(source)
    settings = home.settings.recordings
    room = home.folder / WORKPLACE
    room.mkdir(mode=0o700, exist_ok=True)
    what = Fetch(
        url=url,
        most=settings.max_upload_mb * MIB,
        length=length,
        sha256=sha256,
        allowed=frozenset(settings.fetch_hosts),
    )
    with tempfile.TemporaryDirectory(dir=room) as folder:
        file = Path(folder) / "fetched"
        found = fetch(what, file)
        yield {"bytes": found.size}
        called = harmless(name) if name else found.name
        taken = Taker(home, open_vault(home)).take(file, source, name=called, origin=called)
    recording = shape(taken.recording)
    if call:
        recording = join(home, taken.recording.id, call)["recording"]
    yield {"recording": recording, "new": taken.new, "sha256": found.sha256}
