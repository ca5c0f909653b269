"""Uploading a recording piece by piece, so that a line that breaks costs nothing: tus 1.0.0 (https://tus.io/protocols/resumable-upload).

Core, creation, checksum and termination. Whoever created an upload goes on with it, within some days; all others are told
that there is none. When the last byte is there the file is taken as a recording by itself.
"""

from __future__ import annotations

import base64
import binascii
import re
import uuid
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from ringbook.desk.governance import audit
from ringbook.desk.people.roles import Right
from ringbook.desk.wiring import home_folder, operations
from ringbook.recordings.names import harmless
from ringbook.recordings.uploads import (
    FOLDER,
    About,
    BusyError,
    ChecksumError,
    OffsetError,
    TooLongError,
    UnknownUploadError,
    Uploads,
)
from ringbook.web.api import problems
from ringbook.web.api.credentials import viewer_asking
from ringbook.web.api.operation import answered, paces
from ringbook.web.api.problems import Problem, invalid
from ringbook.web.api.recordings import known_call, known_source
from ringbook.web.viewer import Asking

VERSION = "1.0.0"
EXTENSIONS = "creation,checksum,termination"
HASHES = ("sha1", "sha256")
PIECE = 1 << 18
MEDIA_TYPE = "application/offset+octet-stream"
_MISMATCH = 460  # what the protocol answers to bytes that are not those of their checksum

_PROBLEMS: dict[type[Exception], tuple[str, int]] = {
    OffsetError: ("conflict", 409),
    BusyError: ("conflict", 423),
    ChecksumError: ("request", _MISMATCH),
    TooLongError: ("too-large", 413),
    UnknownUploadError: ("not-found", 404),
}

View = Callable[..., HttpResponseBase]


def _tus(*methods: str) -> Callable[[View], View]:
    """A view of the protocol: who asks and in which version is looked at first, and every answer says the version."""

    def wrap(view: View) -> View:
        @wraps(view)
        def look(request: HttpRequest, **named: Any) -> HttpResponseBase:
            try:
                response = _answer(request, view, methods, named)
            except Exception as error:  # noqa: BLE001  # every error has its problem; unexpected ones are logged there
                response = _refusal(error)
            response.headers["Tus-Resumable"] = VERSION
            response.headers.setdefault("Cache-Control", "no-store")
            return response

        look.csrf_exempt = True  # type: ignore[attr-defined]  # sessions prove themselves in credentials
        look.needs = (Right.UPLOAD_RECORDINGS,)  # type: ignore[attr-defined]
        return look

    return wrap


def _answer(
    request: HttpRequest, view: View, methods: tuple[str, ...], named: dict[str, Any]
) -> HttpResponseBase:
    viewer = viewer_asking(request)
    left = paces.take(viewer.actor.id)
    if not left.allowed:
        raise Problem("rate", headers={**paces.headers(left), "Retry-After": str(left.wait_s)})
    if not viewer.may(Right.UPLOAD_RECORDINGS):
        raise Problem("right", right=Right.UPLOAD_RECORDINGS.value)
    if request.method not in methods:
        raise Problem("method", headers={"Allow": ", ".join(methods)})
    spoken = request.headers.get("Tus-Resumable")
    if request.method not in ("OPTIONS", "GET") and spoken != VERSION:
        return HttpResponse(status=412, headers={"Tus-Version": VERSION})
    request.viewer = viewer  # type: ignore[attr-defined]
    return view(request, **named)


def _refusal(error: Exception) -> HttpResponse:
    kind, status = next((told for one, told in _PROBLEMS.items() if isinstance(error, one)), ("", 0))
    if not kind:
        return problems.answer(problems.of(error))
    response = problems.answer(Problem(kind, str(error)))
    response.status_code = status
    return response


@_tus("OPTIONS", "POST")
def uploads(request: Asking) -> HttpResponseBase:
    """What the server can do; or a new upload."""
    most = int(next(operations().run("recordings.policy", {}))["max_upload_bytes"])
    if request.method == "OPTIONS":
        headers = {
            "Tus-Version": VERSION,
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": str(most),
            "Tus-Checksum-Algorithm": ",".join(HASHES),
        }
        return HttpResponse(status=204, headers=headers)
    length = _whole(request, "Upload-Length")
    if length > most:
        raise Problem("too-large", f"A recording may have {most:,} bytes.", most=most)
    if not length:
        raise invalid("header", "Upload-Length", "a recording has at least one byte")
    told = _metadata(request.headers.get("Upload-Metadata", ""))
    viewer = request.viewer
    known_source(told.get("source", ""))
    call = known_call(viewer, told.get("call", "")[:36])
    about = _uploads().begin(
        length, harmless(told.get("filename", "")), told["source"], viewer.actor.id, call
    )
    audit.record(viewer.actor, "recording:upload-begun", f"upload:{about.id}", source=about.source)
    there = f"/api/v1/recordings/uploads/{about.id}"
    return HttpResponse(status=201, headers={"Location": there, "Upload-Offset": "0"})


@_tus("HEAD", "PATCH", "DELETE", "GET")
def upload(request: Asking, upload_id: uuid.UUID) -> HttpResponseBase:
    """How far an upload is, more of it, or no more of it. With GET, what became of it."""
    place = _uploads()
    about = place.get(str(upload_id), request.viewer.actor.id)
    match request.method:
        case "PATCH":
            return _more(request, place, about)
        case "DELETE":
            place.end(about)
            audit.record(request.viewer.actor, "recording:upload-ended", f"upload:{about.id}")
            return HttpResponse(status=204)
        case "GET":
            return answered(_shape(place, about))
        case _:
            headers = {"Upload-Offset": str(place.offset(about)), "Upload-Length": str(about.length)}
            return HttpResponse(status=200, headers=headers)


def _more(request: Asking, place: Uploads, about: About) -> HttpResponse:
    if request.content_type != MEDIA_TYPE:
        raise Problem("media-type", f"Send Content-Type: {MEDIA_TYPE}.")
    offset = _whole(request, "Upload-Offset")
    stated = request.headers.get("Content-Length", "")
    if stated.isdecimal() and int(stated) > about.length - offset:
        raise TooLongError("these are more bytes than the upload has")
    now_at = place.append(about, offset, _pieces(request), _checksum(request))
    if now_at == about.length:
        audit.record(request.viewer.actor, "recording:uploaded", f"upload:{about.id}", bytes=about.length)
    return HttpResponse(status=204, headers={"Upload-Offset": str(now_at)})


def _pieces(request: HttpRequest) -> Iterator[bytes]:
    while piece := request.read(PIECE):
        yield piece


def _shape(place: Uploads, about: About) -> dict[str, Any]:
    state = "arriving" if place.offset(about) < about.length else "waiting"
    if about.over:
        state = "taken" if about.recording else "refused"
    return {
        "id": about.id,
        "offset": place.offset(about),
        "length": about.length,
        "state": state,
        "recording": about.recording or None,
        "new": about.new if about.recording else None,
        "problem": about.problem or None,
    }


def _whole(request: HttpRequest, name: str) -> int:
    text = request.headers.get(name, "")
    if not re.fullmatch(r"[0-9]{1,18}", text, re.ASCII):
        raise invalid("header", name, "a number of bytes is needed")
    return int(text)


def _metadata(header: str) -> dict[str, str]:
    """Keys and texts of ``Upload-Metadata``: ``key base64,key base64``."""
    found: dict[str, str] = {}
    for pair in header.split(",") if header else ():
        key, _, value = pair.strip().partition(" ")
        try:
            found[key] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise invalid("header", "Upload-Metadata", f"{key[:50]!r} is not a text in base64") from None
    return found


def _checksum(request: HttpRequest) -> tuple[str, bytes] | None:
    header = request.headers.get("Upload-Checksum")
    if header is None:
        return None
    name, _, value = header.partition(" ")
    if name not in HASHES:
        raise invalid("header", "Upload-Checksum", f"the hashes are {' and '.join(HASHES)}")
    try:
        return name, base64.b64decode(value, validate=True)
    except binascii.Error:
        raise invalid("header", "Upload-Checksum", "the hash has to be in base64") from None


def _uploads() -> Uploads:
    return Uploads(home_folder() / FOLDER)
