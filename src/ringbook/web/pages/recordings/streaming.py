"""Audio as an answer: the part that was asked for, straight from the sealed chunks, without keeping others waiting."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from itertools import takewhile

import structlog
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from ringbook.recordings.errors import DamagedRecordingError
from ringbook.recordings.seal import CHUNK, Sealed
from ringbook.web.pages.recordings.ranges import Part, UnsatisfiableRangeError, wanted

log = structlog.get_logger()

_SIGNS = (
    *((b"RIFF", "audio/wav"), (b"fLaC", "audio/flac"), (b"OggS", "audio/ogg"), (b"ID3", "audio/mpeg")),
    (b"\x1aE\xdf\xa3", "audio/webm"),
)
ENDINGS = {
    "audio/wav": "wav",
    "audio/flac": "flac",
    "audio/ogg": "ogg",
    "audio/mpeg": "mp3",
    "audio/webm": "webm",
    "audio/mp4": "m4a",
}


def kind_of(opened: Sealed) -> str:
    """The media type of a recording, told from its first bytes; bytes of no kind that we know are only bytes."""
    head = b"".join(_parts(opened, "", 0, min(16, opened.size)))
    for sign, kind in _SIGNS:
        if head.startswith(sign):
            return kind
    if head[4:8] == b"ftyp":
        return "audio/mp4"
    is_mp3 = len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0
    return "audio/mpeg" if is_mp3 else "application/octet-stream"


def audio(
    request: HttpRequest,
    opened: Sealed,
    recording: str,
    kind: str,
    mark: str,
    still: Callable[[], bool] = lambda: True,
) -> HttpResponseBase:
    """The whole, or the part that the request asks for; ``mark`` is the hash of these very bytes.

    When ``still`` no longer holds, they may no longer be heard: the answer breaks off there.
    """
    tag = f'"{mark}"'
    headers = {
        "Accept-Ranges": "bytes",
        "ETag": tag,
        "Cache-Control": "private, no-store",
        "Content-Disposition": "inline",
        "X-Content-Type-Options": "nosniff",
    }
    asked = request.headers.get("Range", "")
    if asked and request.headers.get("If-Range", tag) != tag:
        asked = ""  # the bytes are others than those that it has a part of
    try:
        part = wanted(asked, opened.size)
    except UnsatisfiableRangeError:
        return HttpResponse(status=416, headers={**headers, "Content-Range": f"bytes */{opened.size}"})
    whole = part or Part(0, opened.size)
    if part:
        headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{opened.size}"
    headers["Content-Length"] = str(whole.stop - whole.start)
    status = 206 if part else 200
    if request.method == "HEAD":
        return HttpResponse(status=status, content_type=kind, headers=headers)
    parts = takewhile(lambda _: still(), _parts(opened, recording, whole.start, whole.stop))
    return streamed(request, parts, kind, headers, status)


def streamed(
    request: HttpRequest, parts: Iterable[bytes], kind: str, headers: dict[str, str], status: int = 200
) -> StreamingHttpResponse:
    """The parts as they are read, each in a thread: reading waits for a disk or for a store far away."""
    content = _aside(parts) if isinstance(request, ASGIRequest) else parts
    return StreamingHttpResponse(content, status=status, content_type=kind, headers=headers)


async def _aside(parts: Iterable[bytes]) -> AsyncIterator[bytes]:
    each = iter(parts)
    while part := await asyncio.to_thread(next, each, b""):
        yield part


def _parts(opened: Sealed, recording: str, start: int, stop: int) -> Iterator[bytes]:
    """The bytes, chunk by chunk; one that is damaged is silence or a gap, so that the rest is still heard."""
    at = start
    while at < stop:
        upto = min(stop, (at // CHUNK + 1) * CHUNK)
        try:
            yield b"".join(opened.read(at, upto))
        except DamagedRecordingError as error:
            log.warning("part of a recording is damaged", recording=recording, chunk=error.chunk)
            yield bytes(upto - at)
        at = upto
